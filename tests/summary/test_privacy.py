"""What people say or time themselves: pooled, and no cell of fewer than k, nor one from which it can be derived."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import Database
from app.summary.privacy import Cell, are_enough, cells_to_hide, smallest_cell
from app.summary.rows import ReportRow
from app.summary.summary import summary
from app.summary.window import Filters, Window
from tests.builders import day
from tests.slices.stored import clinic, observed, report
from tests.summary.clinic import MONDAY, TUESDAY, worked_clinic

WEEK = Window(date(2026, 11, 2), date(2026, 11, 8))
MINUTE = 60_000
Figures = dict[str, Any]


# -- reports


def reported(database: Database, *said: tuple[str, float | None], k: int = 5, **filters: Any) -> Figures:
    """A clinic in which each (stealer, minutes) was reported by another person."""
    with database.write() as session:
        north = clinic(session, smallest_cell=k)
        for n, (stealer, minutes) in enumerate(said):
            report(session, north, f"ma-{n}", MONDAY, stealer, minutes)
        return summary(session, north, WEEK, Filters(**filters))


def test_what_enough_people_report_is_shown(database: Database) -> None:
    found = reported(database, *[("searching", 5.0)] * 4, ("searching", 2.5))
    week = {"first_day": MONDAY, "last_day": "2026-11-08"}
    assert found["reports"] == [{"stealer": "searching", "count": 5, "minutes": 22.5, **week}]
    assert found["withheld"] == []


def test_what_fewer_than_k_people_report_is_withheld_by_name(database: Database) -> None:
    found = reported(database, *[("searching", 5.0)] * 5, *[("forms", 5.0)] * 4)
    assert found["reports"] == [
        {"stealer": "forms", "count": None, "minutes": None, "first_day": None, "last_day": None},
        {"stealer": "searching", "count": 5, "minutes": 25.0, "first_day": MONDAY, "last_day": "2026-11-08"},
    ]
    assert found["withheld"] == ["reports.forms"]


def test_a_clinic_may_ask_for_larger_cells_and_never_for_ones_below_three(database: Database) -> None:
    assert [smallest_cell(k) for k in (1, 3, 5, 8)] == [3, 3, 5, 8]
    found = reported(database, *[("searching", 5.0)] * 3, *[("forms", 5.0)] * 2, k=1)
    assert found["withheld"] == ["reports.forms"]


def test_one_person_who_reports_often_is_one_person(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        for n in range(9):
            report(session, north, "ma-1", f"2026-11-0{2 + n % 5}", "searching", 5)
        assert summary(session, north, WEEK)["withheld"] == ["reports.searching"]


def test_minutes_that_too_few_gave_are_withheld_beside_a_count_that_is_shown(database: Database) -> None:
    found = reported(database, *[("searching", None)] * 4, ("searching", 30.0))
    assert [(row["count"], row["minutes"]) for row in found["reports"]] == [(5, None)]
    assert found["withheld"] == ["reports.searching.minutes"]


def test_weeks_of_few_people_are_joined_until_they_are_enough_and_shown_together_or_not_at_all(
    database: Database,
) -> None:
    with database.write() as session:
        north = clinic(session, smallest_cell=3)
        said = {"2026-11-03": "ab", "2026-11-11": "c", "2026-11-17": "abc", "2026-11-25": "ab"}
        for on, people in said.items():
            for who in people:
                report(session, north, who, on, "searching", 5)

        def shown(first: str, last: str) -> tuple[int | None, str | None, str | None]:
            (row,) = summary(session, north, Window(date.fromisoformat(first), date.fromisoformat(last)))["reports"]
            return row["count"], row["first_day"], row["last_day"]

        # the first two weeks are one period, the third is one, the fourth is not enough yet
        assert shown("2026-11-02", "2026-11-29") == (6, "2026-11-02", "2026-11-22")
        assert shown("2026-11-02", "2026-11-15") == (3, "2026-11-02", "2026-11-15")
        assert shown("2026-11-02", "2026-11-14") == (None, None, None)
        assert shown("2026-11-09", "2026-11-22") == (3, "2026-11-16", "2026-11-22")
        assert shown("2026-11-23", "2026-11-29") == (None, None, None)


def test_reports_from_posters_are_enough_when_k_came_on_three_days() -> None:
    def row(on: int, n: int = 1) -> ReportRow:
        return ReportRow("searching", f"2026-11-0{on}", None, n, n, 5.0 * n)

    assert not are_enough([row(2, 5)], 5)
    assert not are_enough([row(2), row(3), row(4)], 5)
    assert are_enough([row(2, 3), row(3), row(4)], 5)
    # somebody with an account may stand before a poster too
    assert not are_enough([row(2), row(3), row(4), row(5)._replace(person_id="a"), row(6)._replace(person_id="b")], 5)


def test_of_a_week_that_is_not_over_not_even_the_stealer_is_named(database: Database) -> None:
    """Who looks before and after somebody has tapped would know what it was."""
    with database.write() as session:
        north = clinic(session, smallest_cell=3)
        report(session, north, "ma-1", MONDAY, "forms", 5.0)
        told = {
            today.day: summary(session, north, Window(date(2026, 11, 2), date(2026, 11, 15), today))
            for today in (date(2026, 11, 8), date(2026, 11, 9))
        }
    assert (told[8]["reports"], told[8]["withheld"]) == ([], [])
    assert told[9]["withheld"] == ["reports.forms"]


def test_what_was_taken_back_counts_nowhere(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        for n in range(5):
            report(session, north, f"ma-{n}", MONDAY, "searching", 5, withdrawn=n == 0)
        assert summary(session, north, WEEK)["withheld"] == ["reports.searching"]


def test_reports_of_other_days_count_nowhere(database: Database) -> None:
    assert reported(database, *[("searching", 5.0)] * 5, day_type="high")["reports"] == []
    with database.write() as session:
        north = clinic(session, slug="south")
        report(session, north, "ma-1", "2026-11-09", "searching", 5)
        assert summary(session, north, WEEK)["reports"] == []


# -- self-timed days


def timed(session: Session, north: Clinic, who: str, *lines: str, on: str = MONDAY) -> None:
    observed(session, north, day(*lines, on=on), mode="self", observer=who, subject=None)


def own(session: Session, north: Clinic) -> Figures:
    return summary(session, north, WEEK, Filters(mode="self"))


def everybody(session: Session, north: Clinic, *lines: str, people: int = 5) -> None:
    for n in range(people):
        timed(session, north, f"ma-{n}", *lines, on=(MONDAY, TUESDAY)[n % 2])


def figures_in(value: Any) -> list[Any]:
    """Every number in it, at any depth."""
    if isinstance(value, dict):
        return [figure for part in value.values() for figure in figures_in(part)]
    if isinstance(value, list):
        return [figure for part in value for figure in figures_in(part)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_without_k_people_nothing_of_what_they_timed_is_shown(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        everybody(session, north, "09:00 rooming", "09:30 phone!", "09:40 back", "10:00 end", people=4)
        timed(session, north, "ma-0", "11:00 rooming", "11:30 end")  # a fifth session is no fifth person
        found = own(session, north)
    clinics_own = {
        "volumes",
        "breaks",
        "reports",
        "clinic",
        "from",
        "to",
        "timezone",
        "mode",
        "pooled",
        "withheld",
        "filters",
    }
    assert figures_in({name: value for name, value in found.items() if name not in clinics_own}) == []
    assert set(found["withheld"]) == found.keys() - clinics_own
    assert found["tasks"] == found["hours"] == []
    assert found["interruptions"]["by_trigger"] == []
    # the clinic's day log is nobody's own day
    assert found["volumes"] == {"vaccines": 3, "visits": 50}


def test_an_empty_window_looks_the_same_as_one_of_few_people(database: Database) -> None:
    with database.write() as session:
        found = own(session, clinic(session))
    assert (found["sessions"], found["observed_ms"]) == (None, None)
    assert "sessions" in found["withheld"]


def test_with_k_people_totals_tasks_and_categories_are_shown(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "09:30 vitals", "09:50 stop", "10:00 end")
        found = own(session, north)
    assert [found[k] for k in ("sessions", "people", "observers", "days")] == [5, 5, 5, 2]
    assert (found["observed_ms"], found["idle_ms"]) == (300 * MINUTE, 50 * MINUTE)
    assert [(row["task"], row["person_ms"] / MINUTE) for row in found["tasks"]] == [("rooming", 150), ("vitals", 100)]
    assert [row["person_ms"] / MINUTE for row in found["categories"]] == [250]
    assert [(row["code"], row["rank"]) for row in found["sinks"]] == [("rooming", 1), ("vitals", 2)]
    assert found["unscheduled_ms"] == 0


def test_details_by_hour_day_role_or_trigger_are_never_shown(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "09:30 phone!", "09:40 back", "09:41 #visits", "10:00 end")
        found = own(session, north)
    assert found["hours"] == found["by_day"] == found["by_staff_role"] == found["sinks_unscheduled"] == []
    assert found["counts"] == {"visits": None}
    interruptions = found["interruptions"]
    assert (interruptions["count"], interruptions["per_hour"]) == (5, 1)
    assert (interruptions["by_trigger"], interruptions["by_task"], interruptions["resume_ms_median"]) == ([], [], None)
    assert interruptions["outcomes"] == {"resumed": None, "abandoned": None, "open": None}
    assert [row["source"] for row in found["sinks"]] == ["task"]
    assert found["tasks"][0]["occurrences"] is None
    for name in ("hours", "by_day", "interruptions.by_trigger", "tasks.occurrences", "sinks.trigger", "counts"):
        assert name in found["withheld"]


def test_a_task_of_fewer_than_k_people_is_withheld_with_whatever_would_give_it_away(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "09:30 vitals", "09:50 waiting", "10:00 end")
        timed(session, north, "ma-0", "11:00 callbacks", "11:07 end")
        found = own(session, north)
    shown = {row["task"]: row["person_ms"] for row in found["tasks"]}
    # callbacks alone would be the whole less the rest: a second task goes with it, so that two are unknown
    assert shown["callbacks"] is None
    assert sorted(ms is None for ms in shown.values()) == [False, False, True, True]
    assert "tasks.callbacks" in found["withheld"]
    assert found["categories"] == []
    # less the interruptions it would be the time of the unscheduled tasks, callbacks among them
    assert found["unscheduled_ms"] is None
    assert {"categories", "unscheduled_ms"} <= set(found["withheld"])
    assert "callbacks" not in [row["code"] for row in found["sinks"]]


def test_a_total_that_fewer_than_k_people_make_up_is_withheld(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "10:00 end")
        timed(session, north, "ma-0", "11:00 rooming", "11:10 pause", "11:20 on", "11:30 phone! rooming", "11:40 end")
        found = own(session, north)
    assert (found["paused_ms"], found["interruption_ms"], found["multitask_ms"]) == (None, None, 0)
    assert {"paused_ms", "interruption_ms", "interruptions.count"} <= set(found["withheld"])
    assert found["interruptions"]["count"] is None


def test_unscheduled_time_is_withheld_where_it_would_tell_of_one_persons_interruptions(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "10:00 end")
        timed(session, north, "ma-0", "11:00 rooming", "11:30 phone! rooming", "11:40 back", "11:45 end")
        found = own(session, north)
    # nobody did anything unscheduled but for this interruption: both figures would be its ten minutes
    assert (found["interruption_ms"], found["unscheduled_ms"], found["unscheduled_share"]) == (None, None, None)
    assert {"interruption_ms", "unscheduled_ms", "unscheduled_share"} <= set(found["withheld"])


def test_unscheduled_time_is_withheld_where_all_were_interrupted_and_one_did_more(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 vitals", "09:10 phone! vitals", "09:20 back", "09:30 searching", "10:00 end")
        assert own(session, north)["unscheduled_ms"] == 5 * 40 * MINUTE
        timed(session, north, "ma-0", "11:00 vitals", "11:10 +vitals phone?", "11:20 end")
        found = own(session, north)
    # what vitals were prompted is still the searching of five people and more
    assert found["unscheduled_ms"] == (5 * 40 + 10) * MINUTE


def test_task_time_is_withheld_where_it_would_tell_who_did_two_things_at_once(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "09:30 vitals", "10:00 end")
        timed(session, north, "ma-0", "11:00 rooming", "11:00 +vitals", "11:10 end")
        found = own(session, north)
    assert found["multitask_ms"] is None
    assert [(row["task_ms"], row["person_ms"] / MINUTE) for row in found["tasks"]] == [(None, 155), (None, 155)]
    assert [row["task_ms"] for row in found["categories"]] == [None]
    assert {"tasks.task_ms", "categories.task_ms", "multitask_ms"} <= set(found["withheld"])


def test_everything_withheld_is_named_and_everything_else_is_a_figure(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        everybody(session, north, "09:00 rooming", "09:30 vitals", "10:00 end")
        found = own(session, north)
    # no interval: all sessions are alike
    without_data = {name for name in found if name.endswith(("_low", "_high"))}
    assert {name for name, value in found.items() if value is None} - without_data <= set(found["withheld"])
    assert all(figures_in(found[name]) == [] for name in found["withheld"] if "." not in name and name != "counts")


# -- what to hide


PEOPLE = st.sets(st.sampled_from("abcdefgh"))
CELLS = st.dictionaries(st.tuples(st.just("task"), st.text("xyz", min_size=1, max_size=3)), PEOPLE, max_size=8)


@given(CELLS, st.integers(3, 6))
def test_hidden_cells_never_stand_for_fewer_than_k_people_while_there_are_others(
    people: dict[Cell, set[str]], k: int
) -> None:
    hidden = cells_to_hide(people, k)
    shown = {cell for cell, who in people.items() if who} - hidden
    assert all(len(people[cell]) >= k for cell in shown)
    if hidden and shown:
        assert len(hidden) >= 2
        assert len(set().union(*(people[cell] for cell in hidden))) >= k
    if not any(0 < len(who) < k for who in people.values()):
        assert not hidden


def test_the_cell_of_the_fewest_people_is_hidden_first() -> None:
    people = {("task", "one"): {"a"}, ("task", "five"): set("abcde"), ("task", "six"): set("abcdef")}
    assert cells_to_hide(people, 5) == {("task", "one"), ("task", "five")}
