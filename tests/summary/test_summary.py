"""The figures of the worked clinic (clinic.py), each by hand; then the rules one by one."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import Database
from app.summary.intervals import rate_interval, share_interval
from app.summary.summary import summary
from app.summary.window import Filters, Window
from tests.builders import at, day
from tests.slices.logs import Event, logs, task
from tests.slices.stored import clinic, day_log, new_id, observe, observed, publish, refresh, task_list
from tests.summary.clinic import MONDAY, TUESDAY, WEDNESDAY, worked_clinic

MINUTE = 60_000
WEEK = Window(date(2026, 11, 2), date(2026, 11, 8))
Figures = dict[str, Any]
END = {"kind": "end"}


@pytest.fixture
def worked(database: Database) -> Figures:
    with database.write() as session:
        return summary(session, worked_clinic(session), WEEK)


def asked(database: Database, window: Window = WEEK, **filters: Any) -> Figures:
    with database.write() as session:
        return summary(session, worked_clinic(session), window, Filters(**filters))


def minutes(rows: list[Figures], *key: str, measure: str = "person_ms") -> dict[Any, float]:
    return {row[key[0]] if len(key) == 1 else tuple(row[k] for k in key): row[measure] / MINUTE for row in rows}


def close(low_high: tuple[float, float] | None) -> Any:
    assert low_high is not None
    return pytest.approx(low_high, rel=1e-9)


# -- the worked clinic


def test_every_key_of_the_contract_is_there_and_no_other(worked: Figures) -> None:
    assert " ".join(worked) == (
        "clinic from to timezone mode filters pooled sessions open_sessions people observers days day_types protocol "
        "observed_ms paused_ms idle_ms multitask_ms interruption_ms unscheduled_ms edited_ms uncertain_ms edited_share "
        "uncertain_share unscheduled_share unscheduled_share_low unscheduled_share_high tasks categories by_staff_role "
        "sinks sinks_unscheduled interruptions hours by_day counts volumes breaks reports "
        "reported_observed reported_interruptions units transitions on_few high_low withheld"
    )
    assert " ".join(worked["tasks"][0]) == (
        "task label category kind scheduled task_ms person_ms share share_low share_high hours_per_week "
        "occurrences completed mean_active_ms interruptions"
    )
    assert " ".join(worked["categories"][0]) == "category label task_ms person_ms share share_low share_high"
    assert " ".join(worked["by_staff_role"][0]) == "staff_role sessions observed_ms unscheduled_ms interruptions"
    for name in ("sinks", "sinks_unscheduled"):
        sink = " ".join(worked[name][0])
        assert sink == "source code label rank person_ms share share_low share_high tied_with"
    assert " ".join(worked["interruptions"]) == (
        "count prompts both per_hour per_hour_low per_hour_high outcomes resume_ms_median by_trigger by_task"
    )
    cell, one_day = " ".join(worked["hours"][0]), " ".join(worked["by_day"][0])
    assert cell == "weekday hour days observed_ms unscheduled_ms idle_ms interruptions categories"
    assert one_day == "day day_type observed_ms unscheduled_ms interruptions categories counts volumes log"
    assert " ".join(worked["breaks"]) == "days_logged due taken late missed"


def test_the_window_and_who_took_part(worked: Figures) -> None:
    assert [worked[k] for k in ("clinic", "from", "to", "timezone", "mode")] == [
        "north",
        "2026-11-02",
        "2026-11-08",
        "America/Chicago",
        "observed",
    ]
    # MA-01 was observed twice; Wednesday's session is still open
    assert [worked[k] for k in ("sessions", "open_sessions", "people", "observers", "days")] == [3, 1, 2, 2, 3]


def test_a_days_type_is_the_logs_else_that_of_its_sessions_else_unknown(worked: Figures) -> None:
    # Monday's session says high; Tuesday's says typical, but the log says low; nobody says anything of Wednesday
    assert worked["day_types"] == {"high": 1, "typical": 0, "low": 1, "unknown": 1}
    assert minutes(worked["by_day"], "day", "day_type", measure="observed_ms") == {
        (MONDAY, "high"): 90,
        (TUESDAY, "low"): 90,
        (WEDNESDAY, "unknown"): 60,
    }


def test_the_share_of_unscheduled_work_has_an_interval_over_the_sessions(worked: Figures) -> None:
    low_high = (worked["unscheduled_share_low"], worked["unscheduled_share_high"])
    assert worked["unscheduled_share"] == 55 / 240
    assert low_high == close(share_interval([25, 25, 5], [90, 90, 60]))


def test_the_totals(worked: Figures) -> None:
    # observed 90 + 90 + 60; both parallel tasks 10 each; supplies 10 and phone 10;
    # unscheduled: Monday searching 15 + supplies 10, Tuesday phone 10 + searching 10 + half of callbacks' 10,
    # Wednesday half of the prompted 10 of vitals
    assert {name: worked[name] / MINUTE for name in worked if name.endswith("_ms")} == {
        "observed_ms": 240,
        "paused_ms": 0,
        "idle_ms": 10,
        "multitask_ms": 20,
        "interruption_ms": 20,
        "unscheduled_ms": 15 + 10 + 10 + 10 + 5 + 5,
        "edited_ms": 0,
        "uncertain_ms": 0,
    }


def test_the_tasks_by_person_time(worked: Figures) -> None:
    # rooming 65 + 50 + 10/2, vitals 30 + 10/2 + 10/2, searching 15 + 10 + 10, lunch 20, callbacks 10/2
    assert list(minutes(worked["tasks"], "task").items()) == [
        ("rooming", 120),
        ("vitals", 40),
        ("searching", 35),
        ("lunch", 20),
        ("callbacks", 5),
    ]
    # task time is all the time each ran
    assert minutes(worked["tasks"], "task", measure="task_ms") == {
        "rooming": 65 + 60,
        "vitals": 40 + 10,
        "searching": 35,
        "lunch": 20,
        "callbacks": 10,
    }


def test_the_share_of_a_task_with_its_interval(worked: Figures) -> None:
    rooming = worked["tasks"][0]
    assert rooming["share"] == 120 / 240
    # of 40 hours a week
    assert rooming["hours_per_week"] == 20
    # per session: 65 of 90, 0 of 90, 55 of 60
    assert (rooming["share_low"], rooming["share_high"]) == close(share_interval([65, 0, 55], [90, 90, 60]))


def test_a_task_done_in_one_session_alone_has_no_interval(worked: Figures) -> None:
    lunch = next(row for row in worked["tasks"] if row["task"] == "lunch")
    assert (lunch["share"], lunch["share_low"], lunch["share_high"]) == (20 / 240, None, None)


def test_occurrences_with_their_mean_and_how_often_they_were_broken_into(worked: Figures) -> None:
    names = ("task", "occurrences", "completed", "mean_active_ms", "interruptions")
    assert [tuple(row[name] for name in names) for row in worked["tasks"]] == [
        # 30, then 15 + 20 around the interruption; Wednesday's is not completed yet
        ("rooming", 3, 2, 32.5 * MINUTE, 1),
        # abandoned, so it ends incomplete; a parallel task has no occurrence
        ("vitals", 1, 0, None, 1),
        ("searching", 2, 2, 17.5 * MINUTE, 0),
        ("lunch", 1, 1, 20 * MINUTE, 0),
        ("callbacks", 0, 0, None, 0),
    ]


def test_what_a_task_is(worked: Figures) -> None:
    names = ("label", "category", "kind", "scheduled")
    assert {row["task"]: tuple(row[name] for name in names) for row in worked["tasks"]} == {
        "rooming": ("Rooming", "flow", "work", True),
        "vitals": ("Vitals", "flow", "work", True),
        "searching": ("Searching", "support", "work", False),
        "lunch": ("Lunch", "recovery", "break", False),
        "callbacks": ("Callbacks", "care", "work", False),
    }


def test_the_categories(worked: Figures) -> None:
    assert list(minutes(worked["categories"], "category", "label").items()) == [
        (("flow", "Flow"), 160),
        (("support", "Support"), 35),
        (("recovery", "Recovery"), 20),
        (("care", "Care"), 5),
    ]
    flow = worked["categories"][0]
    assert flow["task_ms"] == 175 * MINUTE
    assert (flow["share_low"], flow["share_high"]) == close(share_interval([65, 35, 60], [90, 90, 60]))


def test_by_staff_role(worked: Figures) -> None:
    assert worked["by_staff_role"] == [
        {"staff_role": "MA", "sessions": 2, "observed_ms": 180 * MINUTE, "unscheduled_ms": 50 * MINUTE}
        | {"interruptions": 2},
        {"staff_role": "RN", "sessions": 1, "observed_ms": 60 * MINUTE, "unscheduled_ms": 5 * MINUTE}
        | {"interruptions": 0},
    ]


def test_the_sinks_are_all_work_and_uncoded_interruptions_but_no_breaks(worked: Figures) -> None:
    # supplies brought no task with it; the phone's interruption was all searching
    assert list(minutes(worked["sinks"], "rank", "source", "code").items()) == [
        ((1, "task", "rooming"), 120),
        ((2, "task", "vitals"), 40),
        ((3, "task", "searching"), 35),
        ((4, "trigger", "supplies"), 10),
        ((5, "task", "callbacks"), 5),
    ]


def test_the_unscheduled_sinks_add_up_to_the_unscheduled_time(worked: Figures) -> None:
    # searching outside interruptions 15 + 10; the phone 10 of its own + 5 of the vitals it prompted; callbacks are
    # unscheduled by themselves, so they count as a task although the phone prompted them
    assert list(minutes(worked["sinks_unscheduled"], "rank", "source", "code").items()) == [
        ((1, "task", "searching"), 25),
        ((2, "trigger", "phone"), 15),
        ((3, "trigger", "supplies"), 10),
        ((4, "task", "callbacks"), 5),
    ]
    assert sum(row["person_ms"] for row in worked["sinks_unscheduled"]) == worked["unscheduled_ms"]


def test_the_interruptions(worked: Figures) -> None:
    found = worked["interruptions"]
    assert (found["count"], found["prompts"], found["both"]) == (2, 1, 2)
    # two in four observed hours
    assert found["per_hour"] == 0.5
    # one in 1.5 hours, one in 1.5, none in 1: per half hour, so twice as many per hour
    low, high = rate_interval([1, 1, 0], [3, 3, 2]) or (0, 0)
    assert (found["per_hour_low"], found["per_hour_high"]) == close((low * 2, high * 2))
    assert found["outcomes"] == {"resumed": 1, "abandoned": 1, "open": 0}
    assert found["resume_ms_median"] == 10 * MINUTE
    assert found["by_trigger"] == [
        {"trigger": "phone", "count": 1, "prompts": 1, "both": 2, "ms": 10 * MINUTE},
        {"trigger": "supplies", "count": 1, "prompts": 0, "both": 0, "ms": 10 * MINUTE},
    ]
    assert found["by_task"] == [
        {"task": "rooming", "trigger": "supplies", "count": 1},
        {"task": "vitals", "trigger": "phone", "count": 1},
    ]


def test_the_hours_of_the_week(worked: Figures) -> None:
    def hour(weekday: int, hour: int, observed: int, unscheduled: int, idle: int, n: int, **by: int) -> Figures:
        return {
            "weekday": weekday,
            "hour": hour,
            "days": 1,
            "observed_ms": observed * MINUTE,
            "unscheduled_ms": unscheduled * MINUTE,
            "idle_ms": idle * MINUTE,
            "interruptions": n,
            "categories": {code: ms * MINUTE for code, ms in sorted(by.items())},
        }

    assert worked["hours"] == [
        hour(1, 9, 60, 15, 0, 0, flow=45, support=15),
        hour(1, 10, 30, 10, 0, 1, flow=20),
        hour(2, 9, 60, 25, 0, 1, flow=35, care=5, support=20),
        hour(2, 10, 30, 0, 10, 0, recovery=20),
        hour(3, 9, 60, 5, 0, 0, flow=60),
    ]


def test_the_days(worked: Figures) -> None:
    names = ("day", "unscheduled_ms", "interruptions", "counts", "volumes")
    assert [tuple(row[name] for name in names) for row in worked["by_day"]] == [
        (MONDAY, 25 * MINUTE, 1, {}, {}),
        (TUESDAY, 25 * MINUTE, 1, {}, {"visits": 41}),
        (WEDNESDAY, 5 * MINUTE, 0, {"visits": 3}, {}),
    ]
    assert worked["by_day"][0]["log"] is None


def test_taps_and_the_clinics_own_totals_stand_beside_each_other(worked: Figures) -> None:
    assert worked["counts"] == {"visits": 3}
    # 41 on Tuesday, 9 on Thursday, when nobody observed
    assert worked["volumes"] == {"vaccines": 3, "visits": 50}


def test_breaks_and_lunches_together(worked: Figures) -> None:
    # Thursday's log says nothing of breaks
    assert worked["breaks"] == {"days_logged": 1, "due": 12, "taken": 10, "late": 3, "missed": 2}


def test_the_days_log_does_not_say_who_was_asked_to_flex(worked: Figures) -> None:
    log = worked["by_day"][1]["log"]
    assert log["backlog"] == 12
    assert "flex_asks" not in log
    assert "MA-0" not in str(worked)


# -- the window


def test_time_is_cut_by_its_own_hour_and_occurrences_belong_where_they_began(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        # over midnight: 30 minutes on Monday, 60 on Tuesday
        evening = day("23:30 rooming", "23:50 phone!", on=MONDAY)
        observed(session, north, [*evening, evening[0] | {"id": new_id(), "seq": 9, "at": at("01:00", TUESDAY), **END}])
        monday = summary(session, north, Window(date(2026, 11, 2), date(2026, 11, 2)))
        tuesday = summary(session, north, Window(date(2026, 11, 3), date(2026, 11, 3)))
    assert [(s["observed_ms"] / MINUTE, s["sessions"], s["days"]) for s in (monday, tuesday)] == [
        (30, 1, 1),
        (60, 1, 1),
    ]
    assert [s["interruptions"]["count"] for s in (monday, tuesday)] == [1, 0]
    # the interruption was never resumed: its time is cut, its outcome stays with its beginning
    assert [s["interruption_ms"] / MINUTE for s in (monday, tuesday)] == [10, 60]
    assert [[(t["task"], t["occurrences"]) for t in s["tasks"]] for s in (monday, tuesday)] == [[("rooming", 1)], []]


def test_nothing_observed_is_no_figure_at_all(database: Database) -> None:
    with database.write() as session:
        found = summary(session, clinic(session), WEEK)
    assert (found["sessions"], found["observed_ms"], found["days"], found["tasks"], found["hours"]) == (0, 0, 0, [], [])
    assert found["interruptions"]["per_hour"] is None
    assert found["interruptions"]["resume_ms_median"] is None
    assert found["withheld"] == []


def test_a_session_outside_the_window_counts_nowhere(database: Database) -> None:
    found = asked(database, Window(date(2026, 11, 3), date(2026, 11, 3)))
    assert (found["sessions"], found["people"], found["observed_ms"] / MINUTE) == (1, 1, 90)
    assert found["volumes"] == {"visits": 41}
    assert [row["day"] for row in found["by_day"]] == [TUESDAY]


def test_another_clinics_sessions_count_nowhere(database: Database) -> None:
    with database.write() as session:
        worked_clinic(session)
        assert summary(session, clinic(session, slug="south"), WEEK)["sessions"] == 0


# -- filters


def test_the_day_type_selects_days(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        found = {
            day_type: summary(session, north, WEEK, Filters(day_type=day_type))
            for day_type in ("high", "typical", "low", "unknown")
        }
    assert {k: v["observed_ms"] / MINUTE for k, v in found.items()} == {"high": 90, "typical": 0, "low": 90} | {
        "unknown": 60
    }
    # Thursday was logged without a type
    assert {k: v["volumes"].get("visits", 0) for k, v in found.items()} == {"high": 0, "typical": 0} | {
        "low": 41,
        "unknown": 9,
    }
    assert found["low"]["day_types"] == {"high": 0, "typical": 0, "low": 1, "unknown": 0}


def test_sessions_that_disagree_leave_their_day_unknown(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        for day_type in ("high", "low"):
            observed(session, north, day("09:00 rooming", "09:30 end", on=MONDAY), day_type=day_type)
        for said in ("high", None, "high"):
            observed(session, north, day("09:00 rooming", "09:30 end", on=TUESDAY), day_type=said)
        found = summary(session, north, WEEK)
    assert [row["day_type"] for row in found["by_day"]] == ["unknown", "high"]


def test_a_staff_role_can_be_asked_for_alone(database: Database) -> None:
    found = asked(database, staff_role="RN")
    assert (found["sessions"], found["observed_ms"] / MINUTE) == (1, 60)
    assert [row["staff_role"] for row in found["by_staff_role"]] == ["RN"]
    assert found["interruptions"]["count"] == 0
    # the day is the clinic's: Monday's type does not hang on who is asked for
    assert found["day_types"] == {"high": 0, "typical": 0, "low": 0, "unknown": 1}


def test_a_task_list_can_be_asked_for_alone(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        night = publish(session, north, task_list(code="night"))
        observed(session, north, day("21:00 rooming", "21:30 end"), version=night.id)
        assert summary(session, north, WEEK, Filters(task_list="night"))["observed_ms"] == 30 * MINUTE
        assert summary(session, north, WEEK, Filters(task_list="small"))["observed_ms"] == 240 * MINUTE
        assert summary(session, north, WEEK, Filters(task_list="none"))["sessions"] == 0


def test_self_timed_sessions_are_apart_from_observed_ones(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        observed(session, north, day("21:00 rooming", "21:30 end"), mode="self")
        assert summary(session, north, WEEK)["observed_ms"] == 240 * MINUTE


# -- versions of the list


def test_a_label_is_the_newest_versions_and_a_lost_code_keeps_its_last_one(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        renamed = task("rooming", "flow").model_copy(update={"label": "Bring to the room"})
        publish(session, north, task_list([renamed]), version=2)
        found = {row["task"]: row["label"] for row in summary(session, north, WEEK)["tasks"]}
    assert (found["rooming"], found["vitals"]) == ("Bring to the room", "Vitals")


def test_a_task_is_unscheduled_as_its_sessions_own_version_says(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("09:00 rooming", "09:30 end"))
        newer = publish(session, north, task_list([task("rooming", "flow", scheduled=False)]), version=2)
        observed(session, north, day("10:00 rooming", "10:20 end"), version=newer.id)
        found = summary(session, north, WEEK)
    assert found["unscheduled_ms"] == 20 * MINUTE
    assert found["tasks"][0]["person_ms"] == 50 * MINUTE
    assert found["tasks"][0]["scheduled"] is False


def test_what_nobody_has_marked_is_in_neither_sum(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("09:00 imported", "09:30 end"))
        found = summary(session, north, WEEK)
    assert (found["unscheduled_ms"], found["sinks_unscheduled"]) == (0, [])
    assert found["tasks"][0]["scheduled"] is None


# -- sinks


def test_equal_times_share_a_rank_and_the_next_one_is_skipped(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("09:00 vitals", "09:10 rooming", "09:20 searching", "09:25 end"))
        found = summary(session, north, WEEK)["sinks"]
    assert [(row["rank"], row["code"]) for row in found] == [(1, "rooming"), (1, "vitals"), (3, "searching")]


def test_entries_are_tied_where_their_intervals_overlap(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        for on, rooming, vitals in (
            (MONDAY, "09:40", "09:50"),
            (TUESDAY, "09:42", "09:52"),
            (WEDNESDAY, "09:38", "09:49"),
        ):
            observed(
                session, north, day("09:00 rooming", f"{rooming} vitals", f"{vitals} searching", "10:00 end", on=on)
            )
        observed(
            session, north, day("11:00 rooming", "11:40 vitals", "11:51 searching", "11:59 callbacks", "12:00 end")
        )
        found = {row["code"]: row for row in summary(session, north, WEEK)["sinks"]}
    # about 40, 11, 9 minutes of each hour; callbacks in one session only, so without an interval
    assert found["rooming"]["tied_with"] == []
    assert found["vitals"]["tied_with"] == ["searching"]
    assert found["searching"]["tied_with"] == ["vitals"]
    assert (found["callbacks"]["share_low"], found["callbacks"]["tied_with"]) == (None, [])


def test_a_break_is_no_sink_but_an_interruption_of_it_is(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("12:00 lunch", "12:20 phone!", "12:25 back", "12:30 end"))
        found = summary(session, north, WEEK)
    assert minutes(found["sinks"], "source", "code") == {("trigger", "phone"): 5}
    assert minutes(found["sinks_unscheduled"], "source", "code") == {("trigger", "phone"): 5}


# -- interruptions


def test_the_median_is_over_resumed_interruptions_alone(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        lines = ["09:00 rooming", "09:10 phone!", "09:11 back", "09:20 phone!", "09:24 back", "09:30 phone!"]
        observed(session, north, day(*lines, "09:37 back", "09:40 phone!", "09:59 left", "10:00 end"))
        assert summary(session, north, WEEK)["interruptions"]["resume_ms_median"] == 4 * MINUTE
        observed(session, north, day("11:00 rooming", "11:10 phone!", "11:15 back", "11:20 end"))
        # of 1, 4, 5 and 7 minutes
        assert summary(session, north, WEEK)["interruptions"]["resume_ms_median"] == 4.5 * MINUTE


def test_the_rate_has_the_interval_of_its_sessions(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("09:00 rooming", "09:10 phone!", "09:11 back", "10:00 end"))
        observed(session, north, day("09:00 rooming", "09:10 phone!", "09:20 self!", "11:00 end", on=TUESDAY))
        observed(session, north, day("09:00 rooming", "09:10 phone!", "09:11 back", "09:30 end", on=WEDNESDAY))
        observed(session, north, day("13:00 rooming", "14:00 end", on=WEDNESDAY))
        found = summary(session, north, WEEK)["interruptions"]
    # 4 in 4.5 hours, every depth and the own breaking off included
    assert (found["count"], found["per_hour"]) == (4, pytest.approx(4 / 4.5))
    expected = rate_interval([1, 2, 1, 0], [2, 4, 1, 2])
    assert expected is not None
    assert (found["per_hour_low"], found["per_hour_high"]) == close((expected[0] * 2, expected[1] * 2))


def test_an_interruption_of_idleness_has_no_task(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("09:00 stop", "09:10 phone!", "09:20 end"))
        found = summary(session, north, WEEK)["interruptions"]["by_task"]
    assert found == [{"task": None, "trigger": "phone", "count": 1}]


# -- days and hours


def test_an_hour_counts_its_days_and_adds_them_up(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        for on in (MONDAY, MONDAY, "2026-11-09"):
            observed(session, north, day("09:00 rooming", "09:30 end", on=on))
        (cell,) = summary(session, north, Window(date(2026, 11, 2), date(2026, 11, 15)))["hours"]
    assert (cell["weekday"], cell["hour"], cell["days"], cell["observed_ms"] / MINUTE) == (1, 9, 2, 90)


def test_both_hours_of_the_autumn_night_fall_on_one_cell(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        begin = at("00:30", "2026-11-01")
        night = [
            {"id": "00000000-0000-7000-8000-000000000001", "seq": 1, "at": begin, "kind": "begin"},
            {"id": "00000000-0000-7000-8000-000000000002", "seq": 2, "at": begin, "kind": "start", "task": "rooming"},
            {"id": "00000000-0000-7000-8000-000000000003", "seq": 3, "at": begin + 180 * MINUTE, "kind": "end"},
        ]
        observed(session, north, night)
        found = summary(session, north, Window(date(2026, 11, 1), date(2026, 11, 1)))["hours"]
    assert minutes(found, "hour", measure="observed_ms") == {0: 30, 1: 120, 2: 30}


def test_a_paused_hour_is_left_out(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("08:30 rooming", "08:50 pause", "10:10 on", "10:20 end"))
        found = summary(session, north, WEEK)
    assert minutes(found["hours"], "hour", measure="observed_ms") == {8: 20, 10: 10}
    assert found["paused_ms"] == 80 * MINUTE


def test_a_later_day_item_replaces_the_log_field_by_field(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        day_log(session, north, TUESDAY, volumes={"visits": 50})
        found = summary(session, north, WEEK)
    assert found["volumes"]["visits"] == 59
    assert found["by_day"][1]["day_type"] == "low"


# -- any logs


def sums_are_exact(found: Figures) -> None:
    observed_ms = found["observed_ms"]
    uncoded = sum(row["person_ms"] for row in found["sinks"] if row["source"] == "trigger")
    tasks = sum(row["person_ms"] for row in found["tasks"])
    assert tasks + found["idle_ms"] + uncoded == observed_ms
    assert sum(row["person_ms"] for row in found["categories"]) == tasks
    assert sum(row["person_ms"] for row in found["sinks_unscheduled"]) == found["unscheduled_ms"]
    for cells in ("by_day", "hours", "by_staff_role"):
        assert sum(row["observed_ms"] for row in found[cells]) == observed_ms
        assert sum(row["unscheduled_ms"] for row in found[cells]) == found["unscheduled_ms"]
    assert sum(row["idle_ms"] for row in found["hours"]) == found["idle_ms"]
    for cell in found["hours"]:
        assert 0 <= sum(cell["categories"].values()) + cell["idle_ms"] <= cell["observed_ms"]
    interruptions = found["interruptions"]
    assert sum(row["ms"] for row in interruptions["by_trigger"]) == found["interruption_ms"]
    for rows in ("by_trigger", "by_task"):
        assert sum(row["count"] for row in interruptions[rows]) == interruptions["count"]
    assert sum(interruptions["outcomes"].values()) == interruptions["count"]
    assert 0 <= found["unscheduled_ms"] <= observed_ms


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(logs(most=20), max_size=4))
def test_the_parts_add_up_to_the_whole_for_any_logs(database: Database, sessions: list[list[Event]]) -> None:
    with database.write() as session:
        north = clinic(session, slug=f"c{_clinics(session)}")
        for n, events in enumerate(sessions):
            observe(session, north, events, staff_role=("MA", "RN")[n % 2])
        refresh(session, north.id)
        sums_are_exact(summary(session, north, Window(date(2026, 1, 1), date(2026, 12, 31))))


def _clinics(session: Session) -> int:
    return session.query(Clinic).count()
