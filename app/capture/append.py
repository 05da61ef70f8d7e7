"""Every write of items goes through `append`: exactly once, each item on its own, nothing lost for being wrong.

The order of things: the receipts claim the ids (their unique index decides what is a duplicate), then sessions, then
what belongs to them, then what could not be accepted goes to quarantine. The caller commits, and answers only then.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.capture.clock import Sample
from app.capture.holdings import holdings
from app.capture.intake import (
    DUPLICATE,
    PENDING,
    STORED,
    Batch,
    Intake,
    Outcome,
    refuse,
    refuse_reused,
    refused,
    session_of,
)
from app.capture.items import Fault, Item, check_shape
from app.capture.log import samples_of
from app.capture.models import ClockSample, ObservationSession
from app.capture.receipts import claim, settle
from app.capture.take_events import take_events
from app.capture.take_reports import take_day, take_report
from app.capture.take_sessions import take_sessions
from app.db import insert_unless_there
from app.i18n import _
from app.people.access import Caller


def append(session: Session, caller: Caller, batch: Batch, now: int) -> dict[str, Any]:
    """Stores a batch and answers `results` (one per item, in order) and `sessions` (CONTRACT.md, Outbox).

    `now`: the server's clock at receipt, ms. Writes in the caller's transaction.
    """
    _one_at_a_time(session, batch)
    intake = Intake(session, caller, batch.device, now, _keep_samples(session, batch, caller, now))
    unreadable = {item.digest: refuse(intake, item, Fault("malformed", _("The item has no id that is a UUID.")))
                  for item in batch.items if item.id is None}  # fmt: skip
    first = {item.id: item for item in reversed(batch.items) if item.id is not None}
    fresh = claim(intake, list(reversed(first.values())))
    well_formed = [item for item in fresh if not refused(intake, item, check_shape(item))]
    take_sessions(intake, [item for item in well_formed if item.type == "session"])
    take_events(intake, [item for item in well_formed if item.type == "event"], intake.author)
    for item in well_formed:
        if item.type == "report":
            take_report(intake, item)
        elif item.type == "day":
            take_day(intake, item)
    settle(intake, fresh)
    _mark_stale(intake)
    results = [
        (unreadable[item.digest] if item.id is None else _told(intake, item, first[item.id])).as_dict(item.sent_id)
        for item in batch.items
    ]
    return {"results": results, "sessions": holdings(intake, batch.items)}


def _one_at_a_time(session: Session, batch: Batch) -> None:
    """On PostgreSQL, batches that name the same session wait for each other (SQLite has one writer anyway).

    Otherwise an event could find no session yet and wait, while the session, just being stored by another process,
    does not see the event that waits for it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for session_id in sorted({named for item in batch.items if (named := session_of(item))}):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(session_id, 0))))


def _told(intake: Intake, item: Item, first: Item) -> Outcome:
    """An id that stands twice in one batch: the first decides, a copy is a duplicate, another content is refused."""
    if item is first:
        outcome = intake.outcomes[first.fields["id"].lower()]
        return STORED if outcome is PENDING else outcome
    return DUPLICATE if item.digest == first.digest else refuse_reused(intake, item)


def _keep_samples(session: Session, batch: Batch, caller: Caller, now: int) -> Sequence[Sample]:
    """All samples of the device. A new one may move what was stamped before it: those sessions are cut anew."""
    if not batch.samples:
        return samples_of(session, batch.device) if any("load" in item.fields for item in batch.items) else ()
    rows = [
        {
            "device": batch.device,
            "load": sample.load,
            "mono": sample.mono,
            "wall": sample.wall,
            "offset_ms": sample.offset_ms,
            "rtt_ms": sample.rtt_ms,
        }
        for sample in batch.samples
    ]
    if insert_unless_there(session.connection(), ClockSample, rows, "mono"):
        recent = (datetime.fromtimestamp(now // 1000, UTC) - timedelta(days=3)).date().isoformat()
        session.connection().execute(
            update(ObservationSession)
            .where(ObservationSession.person_id == caller.id, ObservationSession.day >= recent)
            .values(revision=ObservationSession.revision + 1)
        )
    return samples_of(session, batch.device)


def _mark_stale(intake: Intake) -> None:
    if intake.touched:
        intake.session.connection().execute(
            update(ObservationSession)
            .where(ObservationSession.id.in_(sorted(intake.touched)))
            .values(revision=ObservationSession.revision + 1)
        )
