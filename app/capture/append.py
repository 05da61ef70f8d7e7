"""Every write of items goes through `append`: exactly once, each item on its own, nothing lost for being wrong.

The order of things: the receipts claim the ids (their unique index decides what is a duplicate), then sessions, then
what belongs to them, then what could not be accepted goes to quarantine. The caller commits, and answers only then.
"""

from dataclasses import replace
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.holdings import holdings
from app.capture.intake import (
    DUPLICATE,
    PENDING,
    STORED,
    AtPoster,
    Batch,
    Intake,
    Outcome,
    Sender,
    refuse,
    refuse_reused,
    refused,
    reports_only,
    session_of,
)
from app.capture.items import Fault, Item, check_shape, meant, nameless
from app.capture.models import ClockSample, Holding, ObservationSession
from app.capture.receipts import claim, settle
from app.capture.take_events import take_events
from app.capture.take_reports import take_day, take_report
from app.capture.take_sessions import take_sessions
from app.capture.turns import of_day, take_turns
from app.db import Prepared, insert_unless_there
from app.failpoints import failpoint
from app.i18n import _


def append(session: Session, caller: Sender, batch: Batch, now: int) -> dict[str, Any]:
    """Stores a batch and answers `results` (one per item, in order) and `sessions` (CONTRACT.md, Outbox).

    `now`: the server's clock at receipt, ms. Writes in the caller's transaction.
    """
    if isinstance(caller, AtPoster):  # nobody is known there, and no phone
        batch = replace(batch, device="", items=[nameless(item) for item in batch.items])
    _one_at_a_time(session, batch)
    failpoint("before_insert")
    intake = Intake(session, caller, batch.device, now, batch.samples)
    if not isinstance(caller, AtPoster):
        _keep_samples(intake)
    unreadable = {item.digest: refuse(intake, item, Fault("malformed", _("The item has no id that is a UUID.")))
                  for item in batch.items if item.id is None}  # fmt: skip
    first = {item.id: item for item in reversed(batch.items) if item.id is not None}
    fresh = claim(intake, list(reversed(first.values())))
    well_formed = [meant(item) for item in fresh if not refused(intake, item, _unfit(caller, item))]
    take_sessions(intake, [item for item in well_formed if item.type == "session"])
    failpoint("mid_batch")
    take_events(intake, [item for item in well_formed if item.type == "event"], intake.author)
    for item in well_formed:
        if item.type == "report":
            take_report(intake, item)
        elif item.type == "day":
            take_day(intake, item)
    settle(intake, fresh)
    _mark_stale(intake)
    _tell_audit(intake)
    results = [
        (unreadable[item.digest] if item.id is None else _told(intake, item, first[item.id])).as_dict(item.sent_id)
        for item in batch.items
    ]
    named = () if isinstance(caller, AtPoster) else batch.items  # a poster's code reads nothing of any session
    return {"results": results, "sessions": holdings(intake, named)}


def _unfit(caller: Sender, item: Item) -> Fault | None:
    fault = check_shape(item)
    return reports_only() if fault is None and isinstance(caller, AtPoster) and item.type != "report" else fault


def _one_at_a_time(session: Session, batch: Batch) -> None:
    """Batches that name the same session, report or day wait for each other.

    Otherwise an event could find no session yet and wait, while the session, just being stored by another process,
    does not see the event that waits for it; and a day's log would be folded without an item just being stored.
    """
    sessions = (session_id for item in batch.items if (session_id := session_of(item)))
    days = (of_day(item.fields.get("clinic"), item.fields.get("day")) for item in batch.items if item.type == "day")
    reports = (str(item.fields.get("amends") or item.id).lower() for item in batch.items if item.type == "report")
    take_turns(session, chain(sessions, days, reports))


def _told(intake: Intake, item: Item, first: Item) -> Outcome:
    """An id that stands twice in one batch: the first decides, a copy is a duplicate, another content is refused."""
    if item is first:
        outcome = intake.outcomes[first.fields["id"].lower()]
        return STORED if outcome is PENDING else outcome
    return DUPLICATE if item.digest == first.digest else refuse_reused(intake, item)


_moved = {"revision": ObservationSession.revision + 1}
HELD_SAMPLES = Prepared(
    select(func.count(), func.max(ClockSample.mono)).where(
        ClockSample.device == bindparam("device"),
        ClockSample.load == bindparam("load"),
        ClockSample.mono.between(bindparam("first"), bindparam("last")),
    )
)
# of the page loads that a sample was taken in, and of those that have none and borrow their neighbours'
MARK_LOAD = Prepared(
    update(ObservationSession)
    .where(
        ObservationSession.id.in_(
            select(Holding.session_id).where(Holding.device == bindparam("device"), Holding.load == bindparam("load"))
        )
    )
    .values(_moved)
)
MARK_BORROWERS = Prepared(
    update(ObservationSession)
    .where(
        ObservationSession.id.in_(
            select(Holding.session_id).where(
                Holding.device == bindparam("device"),
                Holding.load != "",
                ~select(ClockSample.load)
                .where(ClockSample.device == Holding.device, ClockSample.load == Holding.load)
                .exists(),
            )
        )
    )
    .values(_moved)
)
MARK = Prepared(update(ObservationSession).where(ObservationSession.id == bindparam("session_id")).values(_moved))


def _keep_samples(intake: Intake) -> None:
    """A new sample may move what was stamped before it: those sessions are cut anew.

    A phone sends its newest with every batch, and before it all that it has not been told are held. So where the
    newest is held and there are as many, all are.
    """
    fresh: list[dict[str, Any]] = []
    for load in {sample.load for sample in intake.samples}:
        its = [sample for sample in intake.samples if sample.load == load]
        monos = {sample.mono for sample in its}
        first, last = min(monos), max(monos)
        ((held, newest),) = HELD_SAMPLES.rows(
            intake.connection, device=intake.device, load=load, first=first, last=last
        )
        if held < len(monos) or newest != last:
            fresh += [
                {
                    "device": intake.device,
                    "load": load,
                    "mono": sample.mono,
                    "wall": sample.wall,
                    "offset_ms": sample.offset_ms,
                    "rtt_ms": sample.rtt_ms,
                }
                for sample in its
            ]
    if insert_unless_there(intake.connection, ClockSample, fresh, "mono"):
        for load in {row["load"] for row in fresh}:
            MARK_LOAD.changed(intake.connection, device=intake.device, load=load)
        MARK_BORROWERS.changed(intake.connection, device=intake.device)


def _mark_stale(intake: Intake) -> None:
    for session_id in sorted(intake.touched):
        MARK.changed(intake.connection, session_id=session_id)


def _tell_audit(intake: Intake) -> None:
    """That somebody has corrected another's session. What was corrected stands in the session's own log."""
    for (session_id, person_id), items in sorted(intake.corrected.items()):
        home = intake.homes[session_id]
        assert home is not None
        about = {"session": session_id, "person": home.owner, "items": items}
        record(
            intake.session,
            at=intake.now,
            action=Action.CORRECTED,
            person_id=person_id,
            clinic_id=home.clinic_id,
            about=about,
        )
