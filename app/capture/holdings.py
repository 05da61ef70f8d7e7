"""What the server holds of a device's taps, so that the phone can send again what is missing."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select, union_all

from app.capture.intake import Intake, session_of
from app.capture.items import Item
from app.capture.models import Event, PendingItem, QuarantinedItem


def holdings(intake: Intake, items: Iterable[Item]) -> list[dict[str, Any]]:
    """Per session named in the batch: how many numbers of this device are held, which are missing below the last."""
    named = dict.fromkeys(
        session_id for item in items if item.type in ("event", "session") and (session_id := session_of(item))
    )
    return [_holding(intake, session_id) for session_id in named]


def _holding(intake: Intake, session_id: str) -> dict[str, Any]:
    mine = (Event.session_id == session_id, Event.device == intake.device)
    count, last = intake.session.execute(select(func.count(), func.max(Event.seq)).where(*mine)).one()
    quarantined = intake.session.execute(
        select(func.count()).where(QuarantinedItem.session_id == session_id)
    ).scalar_one()
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
