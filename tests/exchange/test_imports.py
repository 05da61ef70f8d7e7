"""Files into the database: all or nothing, once and for ever, on the right list, as the right person."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.capture.models import Erasure, Event, ObservationSession, QuarantinedItem
from app.clinics.models import Clinic
from app.clinics.publish import publish
from app.clinics.queries import newest_version, parsed
from app.db import Database, now_ms
from app.errors import AppError
from app.exchange import outcome
from app.exchange.imports import Order, Prepared, carry_out, prepare
from app.exchange.layout import Choices
from app.exchange.lines import Upload
from app.exchange.owner import owner_of
from tests.builders import at
from tests.exchange.files import upload
from tests.people import Town

INTERVALS = "session,subject,task,start,end"
EVENTS = "session,subject,at,kind,task,trigger,counter,n,text"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def row(task: str, start: str, end: str, session: str = "A") -> str:
    return f"{session},MA-01,{task},2026-11-02T{start},2026-11-02T{end}"


MORNING = (row("rooming", "09:00", "09:10"), row("Vitals", "09:10", "09:15"), row("documentation", "09:12", "09:20"))


def ready(town: Town, *uploads: Upload, who: str | None = None, clinic: Clinic | None = None, **order: Any) -> Prepared:
    home = clinic or town.north
    with town.database.read() as session:
        owner = owner_of(session, home, town[who].email if who else None)
        return prepare(session, home, owner, Order(uploads, **order), now_ms())


def run(town: Town, *uploads: Upload, who: str | None = None, **order: Any) -> Prepared:
    """Imports into clinic north, as the command does."""
    prepared = ready(town, *uploads, who=who, **order)
    if not prepared.is_refused:
        with town.database.read() as session:
            owner = owner_of(session, town.north, town[who].email if who else None)
        carry_out(town.database, town.north, owner, prepared, now_ms(), by=None)
    return prepared


def statuses(prepared: Prepared) -> list[tuple[str, str]]:
    return [(step.session.label, step.status) for step in prepared.steps]


def counted(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (ObservationSession, Event, QuarantinedItem)
        }


def versions(town: Town) -> int:
    with town.database.read() as session:
        return newest_version(session, town.north).version


def test_a_file_becomes_sessions_with_a_timeline(town: Town, client: TestClient) -> None:
    prepared = run(town, upload(INTERVALS, *MORNING))
    assert statuses(prepared) == [("A", "new")]
    ana = town["ana"].program(client)
    (told,) = ana.get("/api/v1/sessions", params={"clinic": "north"}).json()["items"]
    wanted = {"subject": "MA-01", "staff_role": "MA", "mode": "observed", "version": 1, "open": False, "quarantined": 0}
    assert told | wanted == told
    assert told["begin"] == at("09:00")
    assert told["observer"] == town["ana"].id
    assert not told["incomplete"]
    meant = ana.get(f"/api/v1/sessions/{told['id']}/timeline").json()
    assert meant["totals"]["task_ms"] == {"rooming": 600_000, "vitals": 300_000, "documentation": 480_000}
    assert meant["problems"] == []


def test_a_file_twice_adds_nothing(town: Town) -> None:
    run(town, upload(INTERVALS, *MORNING))
    before = counted(town.database)
    assert statuses(run(town, upload(INTERVALS, *MORNING))) == [("A", "there")]
    assert counted(town.database) == before


def test_a_file_in_another_order_adds_nothing_even_where_the_order_decides(town: Town) -> None:
    together = [row("rooming", "09:00", "09:10"), row("vitals", "09:00", "09:10"), row("forms", "09:20", "09:30")]
    taps = [f"B,MA-01,2026-11-02T10:00,{kind},{task},,,," for kind, task in
            [("begin", ""), ("start", "forms"), ("start", "vitals"), ("end", "")]]  # fmt: skip
    run(town, upload(INTERVALS, *together), upload(EVENTS, *taps))
    before = counted(town.database)
    again = run(town, upload(EVENTS, *reversed(taps)), upload(INTERVALS, *reversed(together)))
    assert statuses(again) == [("A", "there"), ("B", "there")]
    assert counted(town.database) == before
    assert before["quarantine"] == 0


def test_a_bad_line_keeps_everything_out_and_is_told(town: Town) -> None:
    prepared = run(town, upload(INTERVALS, *MORNING, row("forms", "25:00", "09:40"), row("forms", "09:50", "09:40")))
    assert prepared.is_refused
    assert list(outcome.bad_lines(prepared)) == [
        "log.csv:5: “2026-11-02T25:00” in column start is no date and time: write it like 2026-11-02T09:15:00, "
        "with a zone (Z, +01:00) or without one for the clinic's.",
        "log.csv:6: It ends (2026-11-02T09:40) before it starts (2026-11-02T09:50).",
    ]
    assert counted(town.database) == {"sessions": 0, "events": 0, "quarantine": 0}


def test_good_lines_are_stored_if_the_bad_are_skipped_and_the_session_is_flagged(town: Town) -> None:
    other = row("forms", "10:00", "10:10", session="B")
    run(town, upload(INTERVALS, *MORNING, other, row("forms", "09:50", "09:40")), skip_bad=True)
    with town.database.read() as session:
        flagged = {row.at: row.incomplete for row in session.execute(select(ObservationSession)).scalars()}
    assert flagged == {at("09:00"): True, at("10:00"): False}


def test_a_repaired_file_adds_what_was_left_out(town: Town) -> None:
    bad, mended = "A,MA-01,2026-11-02T9h10,count,,,visits,,", "A,MA-01,2026-11-02T09:10,count,,,visits,,"
    lines = [f"A,MA-01,2026-11-02T09:{minute},{kind},,,,," for minute, kind in (("00", "begin"), ("30", "end"))]
    run(town, upload(EVENTS, *lines, bad), skip_bad=True)
    assert counted(town.database)["events"] == 2
    assert statuses(run(town, upload(EVENTS, *lines, mended))) == [("A", "longer")]
    assert counted(town.database) == {"sessions": 1, "events": 3, "quarantine": 0}
    with town.database.read() as session:
        assert not session.execute(select(ObservationSession.incomplete)).scalar_one()
    assert statuses(run(town, upload(EVENTS, mended, *lines))) == [("A", "there")]


def test_a_file_repaired_by_leaving_the_bad_line_out_makes_the_session_whole(town: Town) -> None:
    def is_flagged() -> bool:
        with town.database.read() as session:
            return session.execute(select(ObservationSession.incomplete)).scalar_one()

    broken, whole = upload(INTERVALS, *MORNING, row("forms", "09:50", "09:40")), upload(INTERVALS, *MORNING)
    run(town, broken, skip_bad=True)
    before = counted(town.database)
    by_another = run(town, whole, who="otto")
    assert (statuses(by_another), by_another.steps[0].session.incomplete, is_flagged()) == (
        [("A", "there")],
        True,
        True,
    )
    by_owner = run(town, whole)
    assert (statuses(by_owner), by_owner.steps[0].session.incomplete, is_flagged()) == ([("A", "there")], False, False)
    run(town, broken, skip_bad=True)
    assert is_flagged()
    assert counted(town.database) == before


def test_a_session_of_that_name_with_other_lines_is_refused(town: Town) -> None:
    run(town, upload(INTERVALS, *MORNING))
    prepared = run(town, upload(INTERVALS, row("forms", "11:00", "11:10")))
    assert prepared.is_refused
    assert list(outcome.bad_lines(prepared)) == [
        "log.csv: Session “A” was imported before from other lines than these: give the whole file of then with "
        "what is new, or another session name."
    ]
    assert outcome.summary(prepared, written=False) == (
        "Nothing was written. 1 session cannot be stored: see above, or import the others with --skip-bad."
    )


TWICE = row("rooming", "09:00", "09:10"), row("rooming", "09:05", "09:20")


@pytest.mark.parametrize(
    ("lines", "then", "now"),
    [
        pytest.param(TWICE, {"skip_bad": True}, {"choices": Choices(merge=True)}, id="a row joined stops later"),
        pytest.param(
            (*TWICE, row("vitals", "09:20", "09:30")),
            {"skip_bad": True},
            {"choices": Choices(merge=True)},
            id="a row joined needs no stop",
        ),
        pytest.param(TWICE, {"choices": Choices(merge=True)}, {"skip_bad": True}, id="joined rows come apart"),
        pytest.param(MORNING[:2], {}, {"choices": Choices(unobserved="vitals")}, id="a row becomes a pause"),
    ],
)
def test_lines_that_would_make_another_session_of_the_one_that_is_there_are_refused(
    town: Town, lines: tuple[str, ...], then: dict[str, Any], now: dict[str, Any]
) -> None:
    """Else the session would count as whole, and what the option changes would be lost without a word."""

    def is_flagged() -> bool:
        with town.database.read() as session:
            return session.execute(select(ObservationSession.incomplete)).scalar_one()

    run(town, upload(INTERVALS, *lines), **then)
    before = is_flagged()
    again = run(town, upload(INTERVALS, *lines), **now)
    assert list(outcome.bad_lines(again))[-1] == (
        "log.csv: Session “A” is there, but these lines would make another one of it, because a line was left out "
        "then or an option was another: correct it on its page, or erase it and give these lines another session name."
    )
    assert not [step for step in again.steps if step.items or step.flags]
    assert is_flagged() is before


def test_a_line_spoilt_since_is_told_alone_and_not_as_a_session_of_other_lines(town: Town) -> None:
    run(town, upload(INTERVALS, *MORNING))
    lines = MORNING[0], MORNING[1].replace("09:15", "9h15"), MORNING[2], row("forms", "09:30", "09:40")
    spoilt = upload(INTERVALS, *lines)
    refused = run(town, spoilt)
    assert [(fault.line, fault.reason.code, fault.lines) for fault in refused.faults] == [(3, "bad_time", 1)]
    assert outcome.told(refused, written=False)["bad_line_count"] == 1
    skipped = run(town, spoilt, skip_bad=True)  # now the session cannot get fewer lines than it has
    assert outcome.told(skipped, written=True)["bad_line_count"] == 1
    assert [one["code"] for one in outcome.told(skipped, written=True)["bad_sessions"]] == ["other_lines"]
    assert outcome.summary(skipped, written=True).endswith("already there: 0. Skipped: 1 line. Not stored: 1 session.")


def test_unknown_names_are_an_error_that_names_them(town: Town) -> None:
    taps = ["A,MA-01,2026-11-02T09:00,prompt,,Pager,,,", "A,MA-01,2026-11-02T09:01,count,,,Faxes,,"]
    prepared = run(town, upload(INTERVALS, row("Faxing", "09:00", "09:10")), upload(EVENTS, *taps))
    assert prepared.is_refused
    assert list(outcome.unknown_names(prepared.lacking)) == [
        "Not on the clinic's list, tasks: Faxing. Rename them, or add them with --add-tasks.",
        "Not on the clinic's list, triggers: Pager. Rename them, or add them with --add-tasks.",
        "Not on the clinic's list, counters: Faxes. Rename them, or add them with --add-tasks.",
    ]
    assert counted(town.database)["sessions"] == 0


def test_of_hundreds_of_unknown_names_the_first_twenty_are_named_and_the_others_counted(town: Town) -> None:
    rows = [row(f"Chore {n}", f"{9 + n // 60:02}:{n % 60:02}", f"{9 + (n + 1) // 60:02}:{(n + 1) % 60:02}")
            for n in range(390)]  # fmt: skip
    prepared = run(town, upload(INTERVALS, *rows))
    named = ", ".join(f"Chore {n}" for n in range(20))
    assert list(outcome.unknown_names(prepared.lacking)) == [
        f"Not on the clinic's list, tasks: {named} and 370 more. Rename them, or add them with --add-tasks."
    ]
    assert len(outcome.told(prepared, written=False)["unknown"]["tasks"]) == 390
    twenty = run(town, upload(INTERVALS, *rows[:20]))
    assert outcome.listed(twenty.lacking) == [("tasks", named)]


def test_unknown_names_become_the_next_version_of_the_list(town: Town) -> None:
    file = upload(INTERVALS, row("Faxing & Filing", "09:00", "09:10"), row("ROOMING", "09:10", "09:20"))
    taps = upload(EVENTS, "B,MA-01,2026-11-02T09:00,prompt,,Pager,,,", "B,MA-01,2026-11-02T09:01,count,,,Faxes,,")
    run(town, file, taps, add_tasks=True)
    with town.database.read() as session:
        version = newest_version(session, town.north)
        coded_with = session.execute(select(ObservationSession.task_list_version_id)).scalars().all()
    assert (version.code, version.version) == ("back-of-house", 2)
    assert coded_with == [version.id, version.id]
    task = parsed(version.body).task_by_code["faxing-and-filing"]
    assert (task.label, task.short, task.kind, task.scheduled) == ("Faxing & Filing", "Faxing & Filing", "work", None)
    assert "pager" in parsed(version.body).trigger_codes
    assert "faxes" in parsed(version.body).counter_codes
    assert statuses(run(town, file, taps, add_tasks=True)) == [("A", "there"), ("B", "there")]
    assert versions(town) == 2
    assert counted(town.database)["quarantine"] == 0


def test_a_task_renamed_since_does_not_come_back(town: Town) -> None:
    file = upload(INTERVALS, row("Faxing", "09:00", "09:10"))
    run(town, file, add_tasks=True)
    with town.database.write() as session:
        old = parsed(newest_version(session, town.north).body)
        tasks = tuple(
            task.model_copy(update={"code": "fax", "label": "Fax"}) if task.code == "faxing" else task
            for task in old.tasks
        )
        publish(session, town.north, old.model_copy(update={"tasks": tasks}), now_ms())
    assert statuses(run(town, file)) == [("A", "there")]
    assert versions(town) == 3


def test_sessions_are_the_first_admins_or_those_of_whom_is_named(town: Town) -> None:
    run(town, upload(INTERVALS, *MORNING))
    run(town, upload(INTERVALS, row("forms", "10:00", "10:10", session="B")), who="otto")
    with town.database.read() as session:
        owners = session.execute(select(ObservationSession.person_id).order_by(ObservationSession.at)).scalars().all()
    assert owners == [town["ana"].id, town["otto"].id]


@pytest.mark.parametrize("who", ["ada", "stella"])
def test_nobody_owns_sessions_who_may_not_observe_there(town: Town, who: str) -> None:
    with pytest.raises(AppError, match="cannot own sessions of clinic “north”"):
        run(town, upload(INTERVALS, *MORNING), who=who)


def test_only_its_owner_adds_lines_to_a_session(town: Town) -> None:
    lines = [f"A,MA-01,2026-11-02T09:{minute},{kind},,,,," for minute, kind in (("00", "begin"), ("30", "end"))]
    run(town, upload(EVENTS, *lines), who="otto")
    prepared = run(town, upload(EVENTS, *lines, "A,MA-01,2026-11-02T09:10,count,,,visits,,"), who="olga")
    assert [fault.reason.code for fault in prepared.faults] == ["not_owner"]
    assert statuses(run(town, upload(EVENTS, *lines), who="olga")) == [("A", "there")]


def test_what_was_erased_is_not_brought_back(town: Town) -> None:
    prepared = ready(town, upload(INTERVALS, *MORNING))
    with town.database.write() as session:
        one = prepared.steps[0].session
        session.add(Erasure(session_id=one.id, clinic_id=town.north.id, person_id=town["ana"].id, at=now_ms()))
    assert statuses(run(town, upload(INTERVALS, *MORNING))) == [("A", "erased")]
    assert counted(town.database)["sessions"] == 0


def test_what_the_outbox_would_refuse_is_known_before_anything_is_written(town: Town) -> None:
    """A later version of the list has the task; the session is coded with an earlier one."""
    lines = [f"A,MA-01,2026-11-02T09:{minute},{kind},,,,," for minute, kind in (("00", "begin"), ("30", "end"))]
    run(town, upload(EVENTS, *lines))
    prepared = run(town, upload(EVENTS, *lines, "A,MA-01,2026-11-02T09:10,start,Faxing,,,,"), add_tasks=True)
    assert list(outcome.bad_lines(prepared)) == [
        "log.csv: Session “A” cannot be stored: The session's task list has no task “faxing”."
    ]
    assert versions(town) == 1


def test_a_list_published_meanwhile_stops_the_import(town: Town) -> None:
    prepared = ready(town, upload(INTERVALS, row("Faxing", "09:00", "09:10")), add_tasks=True)
    with town.database.write() as session:
        publish(session, town.north, parsed(newest_version(session, town.north).body), now_ms())
    with town.database.read() as session:
        ana = owner_of(session, town.north, None)
    with pytest.raises(AppError, match="Import the same files again"):
        carry_out(town.database, town.north, ana, prepared, now_ms(), by=None)
    assert counted(town.database)["sessions"] == 0


def test_of_imports_at_once_that_add_to_the_list_the_later_ones_are_told_to_try_again(town: Town) -> None:
    prepared = [
        ready(town, upload(INTERVALS, row(f"Faxing {n}", "09:00", "09:10", session=f"S{n}")), add_tasks=True)
        for n in range(6)
    ]
    with town.database.read() as session:
        ana = owner_of(session, town.north, None)

    def status(one: Prepared) -> int:
        try:
            carry_out(town.database, town.north, ana, one, now_ms(), by=None)
        except AppError as error:
            return error.status
        return 200

    with ThreadPoolExecutor(6) as burst:
        assert sorted(burst.map(status, prepared)) == [200, 409, 409, 409, 409, 409]
    assert versions(town) == 2


def test_one_clinics_sessions_are_not_anothers(town: Town) -> None:
    run(town, upload(INTERVALS, *MORNING))
    assert statuses(ready(town, upload(INTERVALS, *MORNING), clinic=town.south)) == [("A", "new")]


def test_times_of_the_future_are_bad_lines(town: Town) -> None:
    prepared = run(town, upload(INTERVALS, row("forms", "09:00", "09:10").replace("2026-11-02T", "2099-11-02T")))
    assert [fault.reason.code for fault in prepared.faults] == ["too_late"]


def test_a_summary_counts_what_was_imported_at_once(town: Town, client: TestClient) -> None:
    run(town, upload(INTERVALS, *MORNING))
    told = town["ana"].program(client).get("/api/v1/sessions", params={"clinic": "north"}).json()["items"]
    assert [session["observed_ms"] for session in told] == [1_200_000]


@pytest.mark.skipif(not (DATA / "cases").is_dir(), reason="the folder of real logs is not there")
def test_all_real_logs_are_kept_and_come_only_once(town: Town, client: TestClient) -> None:
    uploads = [Upload(path.name, path.read_bytes()) for path in sorted((DATA / "cases").glob("*.csv"))]
    uploads.append(Upload("raw.csv", (DATA / "original" / "wombat_raw_10388.csv").read_bytes()))
    first = run(town, *uploads, add_tasks=True, choices=Choices(merge=True))
    assert not first.is_refused
    before = counted(town.database)
    assert before["quarantine"] == 0
    assert before["sessions"] == len(first.steps)
    assert before["events"] == sum(len(step.session.events) for step in first.steps)
    again = run(town, *reversed(uploads), add_tasks=True, choices=Choices(merge=True))
    assert {status for _, status in statuses(again)} == {"there"}
    assert counted(town.database) == before
    ana = town["ana"].program(client)
    for step in first.steps[:: len(first.steps) // 10]:
        meant = ana.get(f"/api/v1/sessions/{step.session.id}/timeline").json()
        assert meant["problems"] == []
        assert not meant["open"]
