"""What the server holds of a device's taps, so that the phone can send again what is missing."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, case, func, select, union_all, update

from app.capture.intake import Intake, session_of
from app.capture.items import Item
from app.capture.models import Event, Holding, PendingItem, QuarantinedItem
from app.db import Prepared, insert_unless_there

_last: Any = bindparam("its_last_seq")  # SQLAlchemy keeps the columns' own names in an UPDATE for itself
MORE = Prepared(
    update(Holding)
    .where(
        Holding.session_id == bindparam("its_session_id"),
        Holding.device == bindparam("its_device"),
        Holding.load == bindparam("its_load"),
    )
    .values(
        events=Holding.events + bindparam("its_events"),
        last_seq=case((Holding.last_seq < _last, _last), else_=Holding.last_seq),
    )
)
_quarantined = select(func.count()).where(QuarantinedItem.session_id == bindparam("session_id")).scalar_subquery()
_asking = Holding.device == bindparam("device")
HELD = Prepared(
    select(
        func.sum(case((_asking, Holding.events), else_=0)),
        func.max(case((_asking, Holding.last_seq))),
        _quarantined,
        func.sum(case((_asking, 0), else_=Holding.events)),
    ).where(Holding.session_id == bindparam("session_id"))
)


def hold(intake: Intake, device: str, events: Iterable[Item]) -> None:
    """Counts events of a device that were just stored."""
    seqs: dict[tuple[str, str], list[int]] = {}
    for event in events:
        seqs.setdefault((event.fields["session"].lower(), event.fields.get("load") or ""), []).append(
            event.fields["seq"]
        )
    for (session_id, load), its in seqs.items():
        row = {"session_id": session_id, "device": device, "load": load, "events": len(its), "last_seq": max(its)}
        if not MORE.changed(intake.connection, **{f"its_{name}": value for name, value in row.items()}):
            insert_unless_there(intake.connection, Holding, [row], "load")


def holdings(intake: Intake, items: Iterable[Item]) -> list[dict[str, Any]]:
    """Per session named in the batch: how many numbers of this device are held, which are missing below the last.

    `elsewhere`: how many events other devices have added, so that a phone hears of a session that goes on there.
    """
    named = dict.fromkeys(
        session_id for item in items if item.type in ("event", "session") and (session_id := session_of(item))
    )
    return [_holding(intake, session_id) for session_id in named]


def _holding(intake: Intake, session_id: str) -> dict[str, Any]:
    ((count, last, quarantined, elsewhere),) = HELD.rows(intake.connection, session_id=session_id, device=intake.device)
    missing: list[list[int]] = []
    if quarantined or not count or count != last:  # none at all: they may be waiting for their session
        held = [
            select(table.seq).where(table.session_id == session_id, table.device == intake.device)
            for table in (Event, PendingItem, QuarantinedItem)
        ]
        seqs = sorted({seq for seq in intake.session.execute(union_all(*held)).scalars() if seq is not None})
        count = len(seqs)
        missing = [[low + 1, high - 1] for low, high in pairwise([0, *seqs]) if high - low > 1]
    return {
        "session": session_id,
        "have": count,
        "missing": missing,
        "quarantined": quarantined,
        "elsewhere": elsewhere or 0,
    }
