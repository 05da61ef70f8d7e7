"""What the server holds of a device's taps, so that the phone can send again what is missing."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, func, select, union_all

from app.capture.intake import Intake, session_of
from app.capture.items import Item
from app.capture.models import Event, PendingItem, QuarantinedItem
from app.db import Prepared

_quarantined = select(func.count()).where(QuarantinedItem.session_id == bindparam("session_id")).scalar_subquery()
HELD = Prepared(
    select(func.count(), func.max(Event.seq), _quarantined).where(
        Event.session_id == bindparam("session_id"), Event.device == bindparam("device")
    )
)


def holdings(intake: Intake, items: Iterable[Item]) -> list[dict[str, Any]]:
    """Per session named in the batch: how many numbers of this device are held, which are missing below the last."""
    named = dict.fromkeys(
        session_id for item in items if item.type in ("event", "session") and (session_id := session_of(item))
    )
    return [_holding(intake, session_id) for session_id in named]


def _holding(intake: Intake, session_id: str) -> dict[str, Any]:
    ((count, last, quarantined),) = HELD.rows(intake.connection, session_id=session_id, device=intake.device)
    missing: list[list[int]] = []
    if quarantined or not count or count != last:  # none at all: they may be waiting for their session
        held = [
            select(table.seq).where(table.session_id == session_id, table.device == intake.device)
            for table in (Event, PendingItem, QuarantinedItem)
        ]
        seqs = sorted({seq for seq in intake.session.execute(union_all(*held)).scalars() if seq is not None})
        count = len(seqs)
        missing = [[low + 1, high - 1] for low, high in pairwise([0, *seqs]) if high - low > 1]
    return {"session": session_id, "have": count, "missing": missing, "quarantined": quarantined}
