"""Which sessions are stale, what their slices should be, and putting that in place: one session at a time."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from app.capture.log import LoggedEvent, corrected_events, is_from_page, shift_of
from app.capture.models import ObservationSession, SessionItem
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.slices.cut import Cut, Row, cut
from app.slices.models import (
    InterruptionSlice,
    OccurrenceLength,
    OccurrenceSlice,
    PointSlice,
    Slice,
    TransitionSlice,
)
from app.timeline import hour_start, local_hour

# the tables themselves: rows go in and out by the hundred, and the ORM would only weigh them down
DERIVED = (Slice, OccurrenceSlice, InterruptionSlice, PointSlice, TransitionSlice, OccurrenceLength)
TABLES = tuple(cast(Table, model.__table__) for model in DERIVED)

UNDO_MS = 60_000  # a tap taken back within this is undone; later it is corrected

is_stale = ObservationSession.sliced_revision < ObservationSession.revision


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a session's derived columns and slices should be, as of one revision of it."""

    session_id: str
    columns: Row  # `sliced_revision`, the revision this was cut from, is one of them
    rows: list[list[Row]]  # of each table, in the order of TABLES


def stale(session: Session, clinic_id: int | None = None) -> Sequence[str]:
    """Ids of the sessions (of one clinic, or of all) that changed since they were last cut. Mostly none."""
    # in one order, so that two processes lock alike; by clinic first, or SQLite would walk all sessions by id
    wanted = select(ObservationSession.id).where(is_stale)
    wanted = wanted.order_by(ObservationSession.clinic_id, ObservationSession.id)
    wanted = wanted if clinic_id is None else wanted.where(ObservationSession.clinic_id == clinic_id)
    return session.execute(wanted).scalars().all()


def cut_anew(session: Session, session_id: str) -> Fresh | None:
    """Reads and computes, writes nothing: so it can be done while others write. None if the session is gone."""
    # the revision is read before the events: what comes in between is cut again, never missed
    wanted = select(ObservationSession).where(ObservationSession.id == session_id)
    observed = session.execute(wanted, execution_options={"populate_existing": True}).scalar_one_or_none()
    if observed is None:
        return None
    zone = session.get_one(Clinic, observed.clinic_id).timezone
    version = session.get_one(TaskListVersion, observed.task_list_version_id)
    logged = corrected_events(session, observed)
    uncertain = {event.wire["id"] for event in logged if event.uncertain}
    tasks = parsed(version.body).task_by_code
    found = cut([event.wire for event in logged], uncertain, zone, tasks, _taken_back_at_once(logged), _entered(logged))
    its = {"session_id": observed.id, "clinic_id": observed.clinic_id, "mode": observed.mode}
    tables = (
        found.slices,
        found.occurrences,
        found.interruptions,
        found.points,
        found.transitions,
        found.lengths,
    )
    return Fresh(session_id, _columns(session, observed, found, zone), [[its | row for row in rows] for rows in tables])


def _taken_back_at_once(logged: Sequence[LoggedEvent]) -> set[str]:
    """Taps that their own person voided on the same device within a minute: slips of the finger, put right by undo."""
    by_id = {event.wire["id"]: event for event in logged}
    found = set()
    for void in logged:
        tap = by_id.get(void.wire.get("target")) if void.wire["kind"] == "void" else None
        if tap is None or (tap.person_id, tap.device) != (void.person_id, void.device):
            continue
        if 0 <= _recorded_at(void) - _recorded_at(tap) <= UNDO_MS:
            found.add(tap.wire["id"])
    return found


def _entered(logged: Sequence[LoggedEvent]) -> set[str]:
    """Facts that come from the server's own pages: corrections, though they are neither void nor amendment."""
    return {event.wire["id"] for event in logged if is_from_page(event.device)}


def _recorded_at(event: LoggedEvent) -> int:
    at: int | None = event.wire.get("recorded_at")
    return at if at is not None else event.wire["at"]


def keep(session: Session, fresh: Fresh) -> bool:
    """Writes it, unless somebody has meanwhile written the same or a later revision; then answers False."""
    later = ObservationSession.sliced_revision < fresh.columns["sliced_revision"]
    return _replace(session, fresh, later)


def mend(session: Session, session_id: str) -> bool:
    """Cuts a session again, and writes only what comes out different from what is there: that answers True."""
    fresh = cut_anew(session, session_id)
    if fresh is None or _held(session, fresh) == (fresh.columns, [_as_a_set(rows) for rows in fresh.rows]):
        return False
    return _replace(session, fresh)


def _columns(session: Session, observed: ObservationSession, found: Cut, zone: str) -> Row:
    t = found.timeline
    at = _header_at(session, observed) if t.begin is None else t.begin
    return {
        "begin_at": t.begin,
        "end_at": t.end,
        "open": t.open,
        "observed_ms": t.observed_ms,
        "day": local_hour(hour_start(at, zone), zone).day.isoformat(),
        "sliced_revision": observed.revision,
    }


def _header_at(session: Session, observed: ObservationSession) -> int:
    """When the session was opened, on corrected time."""
    first = session.get(SessionItem, observed.id)
    if first is None:
        return observed.at
    fields = json.loads(first.raw)
    return observed.at + shift_of(session, first.device, fields).ms


def _replace(session: Session, fresh: Fresh, *conditions: ColumnElement[bool]) -> bool:
    wanted = update(ObservationSession).where(ObservationSession.id == fresh.session_id, *conditions)
    # the session's row first: of two processes the second waits here, and then finds it done
    changed = session.execute(wanted.values(fresh.columns).returning(ObservationSession.id)).first()
    if changed is None:
        return False
    for table, rows in zip(TABLES, fresh.rows, strict=True):
        session.execute(delete(table).where(table.c.session_id == fresh.session_id))
        if rows:
            session.execute(insert(table), rows)
    return True


def _held(session: Session, fresh: Fresh) -> tuple[Row, list[Counter[Any]]]:
    """What the database holds of what was cut."""
    id = fresh.session_id
    columns = [getattr(ObservationSession, name) for name in fresh.columns]
    held = session.execute(select(*columns).where(ObservationSession.id == id)).one()._asdict()
    rows = [session.execute(select(table).where(table.c.session_id == id)).mappings() for table in TABLES]
    return held, [_as_a_set(map(dict, found)) for found in rows]


def _as_a_set(rows: Iterable[Mapping[str, Any]]) -> Counter[Any]:
    """Rows without their numbers, which each insert gives anew, and in no order."""
    return Counter(frozenset((name, value) for name, value in row.items() if name != "id") for row in rows)
