"""Stale sessions are cut anew, once; a rebuild finds nothing to change."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.capture.models import ClockSample, ObservationSession
from app.db import Database
from app.slices.freshen import freshen, rebuild
from app.slices.models import PointSlice, Slice
from app.slices.refresh import TABLES, cut_anew, keep, stale
from tests.slices.logs import Event, at, event_id, log, logs
from tests.slices.stored import add, clinic, observe, person, refresh

MORNING = log(
    ("09:50", "begin"),
    ("09:50", "start", {"task": "rooming"}),
    ("10:10", "interrupt", {"trigger": "phone"}),
    ("10:20", "resume"),
    ("10:25", "count", {"counter": "visits"}),
    ("10:40", "end"),
)
MINUTE = 60_000


def rows_of(session: Session, session_id: str) -> list[list[tuple[Any, ...]]]:
    """All rows of the session, table by table, without their numbers."""
    found = []
    for table in TABLES:
        columns = [column for column in table.c if column.name != "id"]
        rows = session.execute(select(*columns).where(table.c.session_id == session_id))
        found.append(sorted((tuple(row) for row in rows), key=repr))
    return found


def header(session: Session, session_id: str) -> ObservationSession:
    session.expire_all()
    return session.get_one(ObservationSession, session_id)


def test_a_session_is_cut_when_it_is_stale_and_only_then(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observe(session, north, MORNING)
        assert stale(session, north.id)
        assert refresh(session, north.id) == 1
        assert not stale(session, north.id)
        assert refresh(session, north.id) == 0
        rows = session.execute(select(Slice.hour, Slice.task, Slice.trigger, Slice.primary_ms).order_by(Slice.id)).all()
    assert [tuple(row) for row in rows] == [
        (9, "rooming", None, 10 * MINUTE),
        (10, None, "phone", 10 * MINUTE),
        (10, "rooming", None, 10 * MINUTE),  # still settling in, until half an hour after its begin
        (10, "rooming", None, 20 * MINUTE),
    ]


def test_every_row_knows_its_session_clinic_mode_and_hour(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        again = log(("10:40", "start", {"task": "vitals"}), ("10:50", "end"))
        again = [event | {"id": event_id(n), "seq": n} for n, event in enumerate(again, len(MORNING))]
        session_id = observe(session, north, [*MORNING[:-1], *again], mode="self")
        refresh(session)
        for table in TABLES:
            found = session.execute(select(table)).all()
            assert found
            for row in found:
                assert (row.session_id, row.clinic_id, row.mode) == (session_id, north.id, "self")
                if table.name == "occurrence_lengths":
                    continue  # what is usual knows no hours
                assert (row.day, row.weekday) == ("2026-11-02", 1)
                assert row.hour_at == at(f"{row.hour:02d}:00")


def test_the_sessions_own_row_tells_when_it_was_and_how_long(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
        refresh(session)
        row = header(session, session_id)
        assert (row.begin_at, row.end_at, row.open) == (at("09:50"), at("10:40"), False)
        assert (row.observed_ms, row.day) == (50 * MINUTE, "2026-11-02")
        assert row.sliced_revision == row.revision


def test_an_open_session_counts_up_to_its_last_event(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING[:-1])
        refresh(session)
        row = header(session, session_id)
        assert (row.open, row.end_at, row.observed_ms) == (True, at("10:25"), 35 * MINUTE)


def test_without_a_begin_the_day_is_that_of_the_header(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), [], at=at("23:59", "2026-11-05"))
        refresh(session)
        row = header(session, session_id)
        assert (row.begin_at, row.end_at, row.open, row.observed_ms) == (None, None, True, 0)
        assert row.day == "2026-11-05"


def test_a_tap_that_comes_later_changes_the_rows(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
        refresh(session)
        late = log(*[("09:50", "note", {"text": "x"})] * 6, ("10:30", "start", {"task": "vitals"}))[-1:]
        add(session, session_id, late)
        assert refresh(session) == 1
        ms = session.execute(select(Slice.primary_ms).where(Slice.task == "vitals")).scalar_one()
        assert ms == 10 * MINUTE


def test_another_clinics_sessions_are_left_alone(database: Database) -> None:
    with database.write() as session:
        north, south = clinic(session), clinic(session, slug="south")
        observe(session, north, MORNING)
        observe(session, south, MORNING)
        assert refresh(session, north.id) == 1
        assert not stale(session, north.id)
        assert stale(session, south.id)
        assert stale(session)


def test_what_somebody_else_has_cut_meanwhile_is_not_written_again(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
    with database.read() as session:
        early = cut_anew(session, session_id)
    assert early is not None
    assert freshen(database) == 1
    with database.write() as session:
        assert not keep(session, early)
        before = rows_of(session, session_id)
        add(
            session,
            session_id,
            log(*[("09:50", "note", {"text": "x"})] * 6, ("10:30", "start", {"task": "vitals"}))[-1:],
        )
    assert freshen(database) == 1
    with database.write() as session:
        assert not keep(session, early)
        assert rows_of(session, session_id) != before
    assert freshen(database) == 0


def test_the_hours_are_those_of_the_clinics_own_zone(database: Database) -> None:
    with database.write() as session:
        observe(session, clinic(session, timezone="Asia/Kolkata"), MORNING)
        refresh(session)
        # 09:50 in Chicago (UTC-6) is 15:50 UTC, 21:20 in Kolkata (UTC+5:30)
        found = session.execute(select(Slice.hour, Slice.primary_ms).order_by(Slice.id)).all()
    assert {row.hour for row in found} == {21, 22}
    assert sum(row.primary_ms for row in found if row.hour == 21) == 40 * MINUTE


def test_times_are_those_of_the_server_where_the_phone_was_an_hour_off(database: Database) -> None:
    stamped: list[Event] = [e | {"load": "l", "mono": float(e["at"] - MORNING[0]["at"])} for e in MORNING]
    with database.write() as session:
        session_id = observe(session, clinic(session), stamped)
        sample = {"device": "phone", "load": "l", "mono": 1000.0, "wall": MORNING[0]["at"] + 1000}
        session.add(ClockSample(**sample, offset_ms=3_600_000, rtt_ms=80))
        session.flush()
        refresh(session)
        assert header(session, session_id).begin_at == at("10:50")


def test_a_rebuild_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
        refresh(session)
        before = rows_of(session, session_id)
    assert rebuild(database) == 0
    with database.read() as session:
        assert rows_of(session, session_id) == before


def test_a_rebuild_mends_what_was_lost_or_bent(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        one, other, third = (observe(session, north, MORNING) for _ in range(3))
        refresh(session)
        before = [rows_of(session, id) for id in (one, other, third)]
        session.execute(delete(PointSlice).where(PointSlice.session_id == one))
        session.execute(update(Slice).where(Slice.session_id == other).values(primary_ms=1))
    assert rebuild(database) == 2
    with database.write() as session:
        assert [rows_of(session, id) for id in (one, other, third)] == before
        session.execute(update(ObservationSession).where(ObservationSession.id == third).values(observed_ms=1))
    assert rebuild(database) == 1
    assert rebuild(database) == 0


def test_a_rebuild_does_not_count_what_was_only_stale(database: Database) -> None:
    with database.write() as session:
        observe(session, clinic(session), MORNING)
    assert rebuild(database) == 0
    with database.read() as session:
        assert not stale(session)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=logs())
def test_any_log_rebuilds_to_the_same_rows(database: Database, events: list[Event]) -> None:
    with database.write() as session:
        slug = f"c{len(session.execute(select(ObservationSession.id)).all())}"
        session_id = observe(session, clinic(session, slug=slug), events)
        refresh(session)
        before = rows_of(session, session_id)
    assert rebuild(database) == 0
    with database.read() as session:
        assert rows_of(session, session_id) == before


def test_a_correction_leaves_its_mark_on_the_rows(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
        undo = {"id": event_id(7), "seq": 7, "at": at("10:41"), "recorded_at": at("10:41"), "kind": "void"}
        add(session, session_id, [undo | {"target": event_id(3)}])
        refresh(session)
        edited = session.execute(select(Slice.hour, Slice.edited_ms).where(Slice.edited_ms > 0)).all()
        assert [tuple(row) for row in edited] == [(10, 10 * MINUTE)]


def test_a_tap_undone_in_the_moment_is_no_correction(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
        tap = next(event for event in MORNING if event["id"] == event_id(3))
        at_once = tap["at"] + 60_000
        undo = {"id": event_id(7), "seq": 7, "at": at_once, "recorded_at": at_once, "kind": "void"}
        add(session, session_id, [undo | {"target": event_id(3)}])
        refresh(session)
        assert not session.execute(select(Slice.hour).where(Slice.edited_ms > 0)).all()
        # taken back again, the tap stands as it was made
        redo = {"id": event_id(8), "seq": 8, "at": at_once, "recorded_at": at_once, "kind": "void"}
        add(session, session_id, [redo | {"target": event_id(7)}])
        refresh(session)
        assert not session.execute(select(Slice.hour).where(Slice.edited_ms > 0)).all()


def test_what_somebody_else_voids_within_the_minute_is_a_correction(database: Database) -> None:
    with database.write() as session:
        session_id = observe(session, clinic(session), MORNING)
        tap = next(event for event in MORNING if event["id"] == event_id(3))
        soon = tap["at"] + 30_000
        void = {"id": event_id(7), "seq": 7, "at": soon, "recorded_at": soon, "kind": "void", "target": event_id(3)}
        add(session, session_id, [void], person(session, "mia"))
        refresh(session)
        assert session.execute(select(Slice.hour).where(Slice.edited_ms > 0)).all()
