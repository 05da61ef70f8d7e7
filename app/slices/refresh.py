"""Brings the slices up to their sessions: of stale ones after taps, of all of them for `timesink rebuild`."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, delete, insert, select
from sqlalchemy.orm import Session

from app.capture.log import corrected_events, samples_of, shift_of
from app.capture.models import ObservationSession, SessionItem
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.slices.cut import Cut, Row, cut
from app.slices.models import InterruptionSlice, OccurrenceSlice, PointSlice, Slice
from app.timeline import hour_start, local_hour

# the tables themselves: rows go in and out by the hundred, and the ORM would only weigh them down
TABLES = tuple(cast(Table, model.__table__) for model in (Slice, OccurrenceSlice, InterruptionSlice, PointSlice))

is_stale = ObservationSession.sliced_revision < ObservationSession.revision


def has_stale(session: Session, clinic_id: int | None = None) -> bool:
    """Whether `refresh_stale` would find anything to do: a look, so that most summaries need not write."""
    return session.execute(_stale(clinic_id).order_by(None).limit(1)).first() is not None


def refresh_stale(session: Session, clinic_id: int | None = None, limit: int | None = None) -> int:
    """Cuts anew every session that changed since it was last cut (of one clinic, or of all). Returns how many it found.

    Writes: give it a writing session; the caller commits. `limit` bounds the sessions done, for whoever must not hold
    the one writer for long: call it until it finds none. On PostgreSQL each session's row is locked first, so that two
    processes never cut the same one side by side; whoever waited finds it done, and counts it all the same.
    """
    ids = session.execute(_stale(clinic_id).limit(limit)).scalars().all()
    for id in ids:
        _refresh(session, id)
    return len(ids)


def rebuild(session: Session) -> int:
    """Cuts every session anew, writes those whose rows come out different and returns how many did: 0 if all is well.

    What was stale is refreshed first and does not count. Writes, as `refresh_stale` does.
    """
    refresh_stale(session)
    ids = session.execute(select(ObservationSession.id).order_by(ObservationSession.id)).scalars().all()
    return sum(_rebuild(session, id) for id in ids)


def _stale(clinic_id: int | None) -> Select[str]:
    # in one order, so that two processes lock alike; by clinic first, or SQLite would walk all sessions by id
    wanted = select(ObservationSession.id).where(is_stale)
    wanted = wanted.order_by(ObservationSession.clinic_id, ObservationSession.id)
    return wanted if clinic_id is None else wanted.where(ObservationSession.clinic_id == clinic_id)


def _locked(session: Session, id: str, *conditions: ColumnElement[bool]) -> ObservationSession | None:
    wanted = select(ObservationSession).where(ObservationSession.id == id, *conditions).with_for_update()
    # what this session object may hold from before the lock is out of date
    return session.execute(wanted, execution_options={"populate_existing": True}).scalar_one_or_none()


def _refresh(session: Session, id: str) -> None:
    observed = _locked(session, id, is_stale)
    if observed is not None:
        _write(session, observed, *_cut(session, observed))


def _rebuild(session: Session, id: str) -> bool:
    observed = _locked(session, id)
    if observed is None:
        return False
    columns, rows = _cut(session, observed)
    if _held(session, observed, columns) == (columns, [_as_a_set(table_rows) for table_rows in rows]):
        return False
    _write(session, observed, columns, rows)
    return True


def _cut(session: Session, observed: ObservationSession) -> tuple[Row, list[list[Row]]]:
    """The derived columns of the session's own row, and its rows of each table in the order of TABLES."""
    zone = session.get_one(Clinic, observed.clinic_id).timezone
    version = session.get_one(TaskListVersion, observed.task_list_version_id)
    logged = corrected_events(session, observed)
    uncertain = {event.wire["id"] for event in logged if event.uncertain}
    found = cut([event.wire for event in logged], uncertain, zone, parsed(version.body).task_by_code)
    its = {"session_id": observed.id, "clinic_id": observed.clinic_id, "mode": observed.mode}
    tables = (found.slices, found.occurrences, found.interruptions, found.points)
    return _columns(session, observed, found, zone), [[its | row for row in rows] for rows in tables]


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
    return observed.at + shift_of(fields, samples_of(session, first.device)).ms


def _write(session: Session, observed: ObservationSession, columns: Row, rows: list[list[Row]]) -> None:
    for table, table_rows in zip(TABLES, rows, strict=True):
        session.execute(delete(table).where(table.c.session_id == observed.id))
        if table_rows:
            session.execute(insert(table), table_rows)
    for name, value in columns.items():
        setattr(observed, name, value)
    session.flush()


def _held(session: Session, observed: ObservationSession, columns: Row) -> tuple[Row, list[Counter[Any]]]:
    """What the database holds of what `_cut` gives."""
    rows = [session.execute(select(table).where(table.c.session_id == observed.id)).mappings() for table in TABLES]
    return {name: getattr(observed, name) for name in columns}, [_as_a_set(map(dict, found)) for found in rows]


def _as_a_set(rows: Iterable[Mapping[str, Any]]) -> Counter[Any]:
    """Rows without their numbers, which each insert gives anew, and in no order."""
    return Counter(frozenset((name, value) for name, value in row.items() if name != "id") for row in rows)
