"""Figures that stand beside each other: high and low volume, reported and observed, minutes a unit, what comes next."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.tasklist import Stealer
from app.db import Database
from app.summary.summary import summary
from app.summary.window import Filters, Window
from tests.builders import day
from tests.slices.stored import clinic, day_log, observed, report, task_list
from tests.summary.clinic import MONDAY, TUESDAY, WEDNESDAY, worked_clinic

MINUTE = 60_000
WEEK = Window(date(2026, 11, 2), date(2026, 11, 8))
Figures = dict[str, Any]


def row_of(rows: list[Figures], **wanted: str) -> Figures:
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


# -- high against low volume


SEARCHED = {"high": (30, 24, 36, 18), "low": (6, 12, 3)}  # minutes of an hour, session by session


def busy_and_quiet(session: Session) -> Clinic:
    """Four sessions of an hour on a high-volume Monday, three on a low-volume Tuesday."""
    north = clinic(session)
    for (day_type, lengths), on in zip(SEARCHED.items(), (MONDAY, TUESDAY), strict=True):
        day_log(session, north, on, day_type=day_type)
        for n, length in enumerate(lengths):
            lines = (
                "09:00 searching",
                f"09:{length:02} rooming",
                *(f"09:5{m} {w}" for m, w in ((0, "phone!"), (1, "back"))),
            )
            observed(session, north, day(*lines[: 4 if n % 2 else 2], "10:00 end", on=on), subject=f"MA-0{n}")
    return north


def test_high_against_low_volume_is_welchs_difference_over_sessions(database: Database) -> None:
    with database.write() as session:
        found = summary(session, busy_and_quiet(session), WEEK)["high_low"]
    assert found["a"] == {"day_type": "high", "sessions": 4, "days": 1, "observed_ms": 240 * MINUTE}
    assert found["b"] == {"day_type": "low", "sessions": 3, "days": 1, "observed_ms": 180 * MINUTE}
    searching = row_of(found["rows"], figure="task_share", code="searching")
    high, low = (np.array(SEARCHED[kind]) / 60 for kind in ("high", "low"))
    # sessions of one length: the difference of two ratios is that of two means, which scipy knows
    interval = stats.ttest_ind(high, low, equal_var=False).confidence_interval(0.95)
    assert (searching["a"], searching["b"]) == pytest.approx((high.mean(), low.mean()))
    assert searching["difference"] == pytest.approx(high.mean() - low.mean())
    assert (searching["low"], searching["high"]) == pytest.approx((interval.low, interval.high))
    rate = row_of(found["rows"], figure="per_hour")
    assert (rate["a"], rate["b"], rate["difference"]) == pytest.approx((2 / 4, 1 / 3, 1 / 6))


def test_the_whole_comes_first_and_then_the_largest(database: Database) -> None:
    with database.write() as session:
        rows = summary(session, busy_and_quiet(session), WEEK)["high_low"]["rows"]
    assert [row["code"] for row in rows] == ["unscheduled", "interruptions", "rooming", "searching", "phone"]


@pytest.mark.parametrize("filters", [{"day_type": "high"}, {"day_type": "typical"}])
def test_where_one_side_was_not_seen_nothing_is_compared(database: Database, filters: dict[str, Any]) -> None:
    with database.write() as session:
        found = summary(session, busy_and_quiet(session), WEEK, Filters(**filters))["high_low"]
    assert found["rows"] == []
    assert found["b"]["sessions"] == 0


# -- minutes a unit, transitions, the study's protocol


def test_minutes_a_visit_are_those_of_the_work_it_counts(database: Database) -> None:
    lengths, visits = (30, 20, 40), (2, 1, 5)
    with database.write() as session:
        north = clinic(session)
        for n, (length, counted) in enumerate(zip(lengths, visits, strict=True)):
            lines = ("09:00 room-turnover", f"09:{length} #rooms {counted}", f"09:{length} searching", "10:00 end")
            observed(session, north, day(*lines), subject=f"MA-0{n}")
        (rooms,) = summary(session, north, WEEK)["units"]
    assert (rooms["counter"], rooms["tasks"], rooms["count"]) == ("rooms", ["room-turnover"], 8)
    assert rooms["person_ms"] == 90 * MINUTE
    assert rooms["minutes_per_unit"] == pytest.approx(90 / 8)
    deleted = np.log([(20 + 40) / (1 + 5), (30 + 40) / (2 + 5), (30 + 20) / (2 + 1)])
    reach = stats.t.ppf(0.975, 2) * np.sqrt(2 / 3 * ((deleted - deleted.mean()) ** 2).sum())
    expected = np.exp(np.log(90 / 8) + np.array([-reach, reach]))
    assert (rooms["minutes_per_unit_low"], rooms["minutes_per_unit_high"]) == pytest.approx(tuple(expected))
    assert rooms["uncounted_sessions"] == 0


def test_sessions_in_which_nobody_counted_are_told_beside_the_minutes_they_lengthen(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        for counted in ("#rooms 2", "searching", "#visits"):
            observed(session, north, day("09:00 room-turnover", f"09:20 {counted}", "09:30 searching", "10:00 end"))
        observed(session, north, day("09:00 searching", "10:00 end"))
        (rooms,) = summary(session, north, WEEK)["units"]
    assert rooms["uncounted_sessions"] == 2


def test_work_that_nobody_counted_has_no_minutes_each(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observed(session, north, day("09:00 room-turnover", "09:10 #visits", "10:00 end"))
        assert summary(session, north, WEEK)["units"] == []


def test_what_came_next_is_counted_over_all_sessions(database: Database) -> None:
    with database.write() as session:
        found = summary(session, worked_clinic(session), WEEK)["transitions"]
    assert [(row["from"], row["to"], row["count"]) for row in found] == [
        ("rooming", "searching", 1),
        ("searching", "lunch", 1),
        ("searching", "rooming", 1),
        ("vitals", "searching", 1),
    ]


def test_the_protocol_counts_days_that_were_seen(database: Database) -> None:
    with database.write() as session:
        found = summary(session, worked_clinic(session), WEEK)
    # Tuesday's log says low; Monday's session says high; Wednesday's nothing
    assert found["protocol"] == {"high": {"wanted": 2, "done": 1}, "low": {"wanted": 1, "done": 1}}


def test_a_days_categories_add_up_to_its_tasks(database: Database) -> None:
    with database.write() as session:
        found = summary(session, worked_clinic(session), WEEK)
    assert {row["day"]: row["categories"] for row in found["by_day"]} == {
        MONDAY: {"flow": 65 * MINUTE, "support": 15 * MINUTE},
        TUESDAY: {"care": 5 * MINUTE, "flow": 35 * MINUTE, "recovery": 20 * MINUTE, "support": 20 * MINUTE},
        WEDNESDAY: {"flow": 60 * MINUTE},
    }


# -- filters that leave out


def test_what_settles_in_is_left_out_when_asked(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        whole, settled = (summary(session, north, WEEK, Filters(settling=asked)) for asked in (None, "left_out"))
    assert whole["observed_ms"] - settled["observed_ms"] == 3 * 30 * MINUTE
    assert (settled["sessions"], whole["sessions"]) == (3, 3)
    assert whole["interruptions"]["prompts"] - settled["interruptions"]["prompts"] == 1  # 09:10 on Monday
    assert whole["tasks"][0]["occurrences"] > settled["tasks"][0]["occurrences"]


# -- reported beside observed


def reported_observed(session: Session, *said: tuple[str, float | None], people: int = 5) -> list[Figures]:
    tasks = task_list().model_copy(update={"stealers": (Stealer(code="looking", label="Looking", task="searching"),)})
    north = clinic(session, tasks)
    observed(session, north, day("09:00 searching", "09:10 rooming", "09:40 vitals", "10:00 end"))
    for stealer, minutes in said:
        for n in range(people):
            report(session, north, f"ma-{n}", MONDAY, stealer, minutes)
    found: list[Figures] = summary(session, north, WEEK)["reported_observed"]
    return found


def test_reports_stand_beside_the_tasks_they_speak_of_with_the_gap(database: Database) -> None:
    with database.write() as session:
        rows = reported_observed(session, ("looking", 6.0), ("vitals", 2.0), ("weather", 50.0))
    # of 40 minutes reported of the two tasks, 30 were searching; of 30 observed minutes, 10 were
    assert [(row["task"], row["reported_minutes"], row["observed_ms"]) for row in rows] == [
        ("searching", 30.0, 10 * MINUTE),
        ("vitals", 10.0, 20 * MINUTE),
    ]
    assert [row["reported_share"] for row in rows] == [0.75, 0.25]
    assert [row["gap"] for row in rows] == pytest.approx([0.75 - 1 / 3, 0.25 - 2 / 3])


def test_reports_of_what_breaks_in_stand_beside_the_interruptions_seen(database: Database) -> None:
    speaks_of = {"looking": "supplies", "calls": "phone", "busy": "phone"}
    tiles = tuple(Stealer(code=code, label=code, trigger=trigger) for code, trigger in speaks_of.items())
    with database.write() as session:
        north = clinic(session, task_list().model_copy(update={"stealers": tiles}))
        observed(session, north, day("09:00 rooming", "09:10 phone!", "09:15 back", "10:00 end"))
        for stealer, people in (("looking", 5), ("calls", 5), ("busy", 6), ("other", 5)):
            for n in range(people):
                report(session, north, f"ma-{n}", MONDAY, stealer, None)
        rows = summary(session, north, WEEK)["reported_interruptions"]
    assert [(row["trigger"], row["reports"], row["interruptions"], row["ms"]) for row in rows] == [
        ("phone", 11, 1, 5 * MINUTE),
        ("supplies", 5, 0, 0),
    ]


def test_what_is_withheld_of_the_reports_is_in_no_gap(database: Database) -> None:
    with database.write() as session:
        assert reported_observed(session, ("looking", 6.0), ("vitals", 2.0), people=4) == []


def test_one_task_alone_has_nothing_to_be_a_share_of(database: Database) -> None:
    with database.write() as session:
        assert reported_observed(session, ("looking", 6.0), ("vitals", None)) == []


# -- heavy duties on few


def four_people(session: Session, searching: tuple[int, ...]) -> list[str]:
    north = clinic(session)
    for n, minutes in enumerate(searching):
        events = day("09:00 vitals", f"09:{minutes:02} rooming", "10:00 end")
        observed(session, north, events, subject=f"MA-0{n}")
    found: list[str] = summary(session, north, WEEK)["on_few"]
    return found


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        ((40, 10, 10, 10), ["vitals"]),
        ((20, 20, 20, 20), []),
        ((40, 20, 20, 20), []),
        ((50, 0, 1), []),
        ((3, 0, 0, 0), []),
    ],
)
def test_a_heavy_duty_that_one_of_four_does_half_of_is_told_without_a_name(
    database: Database, minutes: tuple[int, ...], found: list[str]
) -> None:
    with database.write() as session:
        assert four_people(session, tuple(max(1, m) for m in minutes)) == found
