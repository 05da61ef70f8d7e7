"""Required and scheduled hours against a calculation of their own, straight from what was watched."""

import math
from collections.abc import Sequence
from statistics import fmean

import pytest
from scipy.stats import t as student

from app.db import Database
from app.slices.refresh import cut_anew, keep
from app.summary.window import Window
from app.workload.basis import Basis
from app.workload.queries import gather
from app.workload.reckon import Workload, reckon
from tests.slices.stored import observe
from tests.workload.made import FIRST, LAST, MORNINGS, VISITS, WEEK, Morning, log_of, made_clinic

BREAKS = 50 / 480  # of a day, as preset


@pytest.fixture
def basis(database: Database) -> Basis:
    with database.write() as session:
        return gather(session, made_clinic(session), Window(FIRST, LAST)).basis


@pytest.fixture
def found(basis: Basis) -> Workload:
    return reckon(basis)


def required(mornings: Sequence[Morning], visits: float) -> float:
    """Hours of a day with so many visits, by WISN from sums of minutes; rooming and vitals go by visits."""
    observed, counted = sum(m.observed for m in mornings), sum(m.visits for m in mornings)
    activities = sum(m.rooming + m.vitals for m in mornings) / counted * visits / 60
    beside = sum(m.searching + m.uncoded for m in mornings) / observed
    return activities / (1 - beside - BREAKS)


def jackknife(mornings: Sequence[Morning], visits: float) -> tuple[float, float]:
    """The range by leaving out each session and reckoning all of it again."""
    n = len(mornings)
    logs = [math.log(required([*mornings[:place], *mornings[place + 1 :]], visits)) for place in range(n)]
    error = math.sqrt((n - 1) / n * sum((log - fmean(logs)) ** 2 for log in logs))
    reach, centre = student.ppf(0.975, n - 1) * error, math.log(required(mornings, visits))
    return math.exp(centre - reach), math.exp(centre + reach)


def hours(value: float | None) -> float:
    assert value is not None
    return value


def of_day(found: Workload, day: str) -> dict[str, float]:
    """Both halves together."""
    rows = [row for row in found.rows if row.day.day == day]
    return {
        "required": sum(row.cell.required or 0 for row in rows),
        "scheduled": sum(row.cell.scheduled or 0 for row in rows),
    }


def test_a_days_hours_are_volumes_times_unit_times_with_the_work_beside_and_breaks(found: Workload) -> None:
    for day, visits in VISITS.items():
        assert of_day(found, day) == {"required": pytest.approx(required(MORNINGS, visits)), "scheduled": 20.0}


def test_a_day_without_a_log_is_reckoned_with_usual_volumes_and_says_so(found: Workload) -> None:
    friday = [row for row in found.rows if row.day.day == WEEK[4]]
    assert [row.day.is_logged for row in friday] == [False, False]
    assert of_day(found, WEEK[4])["required"] == pytest.approx(required(MORNINGS, fmean(VISITS.values())))
    assert all(row.day.is_logged for row in found.rows if row.day.day != WEEK[4])


def test_the_range_is_that_of_the_unit_times_and_shares_together(found: Workload) -> None:
    """To first order the same as leaving out each session and reckoning everything anew."""
    week = sum(VISITS.values()) + fmean(VISITS.values())
    low, high = jackknife(MORNINGS, week)
    assert found.total.required == pytest.approx(required(MORNINGS, week))
    assert found.total.low == pytest.approx(low, rel=0.01)
    assert found.total.high == pytest.approx(high, rel=0.01)
    assert high - low > 0.1 * required(MORNINGS, week)  # a range that could be told from none


def test_halves_hours_and_weekdays_add_up_to_the_same(found: Workload) -> None:
    for total in ("required", "scheduled"):
        rows = sum(getattr(row.cell, total) for row in found.rows)
        hours = sum(getattr(cell, total) * days for _hour, days, cell in found.by_hour)
        weekdays = sum(getattr(cell, total) * n for _weekday, _half, n, cell in found.by_weekday)
        assert rows == pytest.approx(hours) == pytest.approx(weekdays) == pytest.approx(getattr(found.total, total))


def test_work_falls_on_the_hours_in_which_it_was_seen_and_on_those_unseen_as_on_the_whole_day(found: Workload) -> None:
    """Vitals were seen from 9 on only; the afternoon nobody watched: there a third more MAs have a third more of it."""
    by_hour = {hour: cell for hour, _days, cell in found.by_hour}
    assert list(by_hour) == [8, 9, 10, 11, 13, 14, 15, 16]
    assert by_hour[13].required == pytest.approx(by_hour[16].required)
    assert hours(by_hour[8].required) > 1.5 * hours(
        by_hour[11].required
    )  # rooming is done early, the rest of the hour is idle
    assert [cell.scheduled for cell in by_hour.values()] == [2.0] * 4 + [3.0] * 4


def test_the_ratio_and_the_gap_are_of_the_whole(found: Workload) -> None:
    needed = hours(found.total.required)
    assert found.ratio == pytest.approx(100 / needed)
    assert found.gap_fte == pytest.approx((needed - 100) / 40)  # these five days are a week of the roster
    assert found.total.gap == pytest.approx(needed - 100)


def test_a_single_standard_without_allowances_has_the_range_of_its_unit_time(basis: Basis) -> None:
    alone = basis.model_copy(update={"allowances": [], "standards": basis.standards[:1], "spread": [basis.spread[0]]})
    standard, found = alone.standards[0], reckon(alone)
    volume = (sum(VISITS.values()) + fmean(VISITS.values())) / 60
    assert found.total.required == pytest.approx(volume * standard.minutes)
    assert standard.low is not None
    assert standard.high is not None
    # six digits of the covariance are kept
    assert found.total.low == pytest.approx(volume * standard.low, rel=1e-5)
    assert found.total.high == pytest.approx(volume * standard.high, rel=1e-5)


def test_below_three_sessions_there_is_no_range(database: Database) -> None:
    with database.write() as session:
        found = reckon(gather(session, made_clinic(session, MORNINGS[:2]), Window(FIRST, LAST)).basis)
    assert found.total.required == pytest.approx(required(MORNINGS[:2], sum(VISITS.values()) + fmean(VISITS.values())))
    assert (found.total.low, found.total.high) == (None, None)
    assert {row.cell.verdict for row in found.rows} == {"unsure"}


def test_without_any_observation_nothing_is_required_that_nobody_set(database: Database) -> None:
    with database.write() as session:
        found = reckon(gather(session, made_clinic(session, ()), Window(FIRST, LAST)).basis)
    assert {row.cell.required for row in found.rows} == {None}
    assert found.total.scheduled is None
    assert (found.ratio, found.gap_fte) == (None, None)
    assert sum(row.cell.scheduled or 0 for row in found.rows) == 100


def test_a_week_to_come_is_reckoned_from_what_was_watched_before_and_usual_volumes(database: Database) -> None:
    with database.write() as session:
        north = made_clinic(session)
        week = Window(FIRST.replace(day=9), LAST.replace(day=13))
        found = reckon(gather(session, north, week).basis)
    assert {row.day.is_logged for row in found.rows} == {False}
    assert of_day(found, "2026-11-09")["required"] == pytest.approx(required(MORNINGS, VISITS[WEEK[0]]))
    assert of_day(found, "2026-11-09")["scheduled"] == 20
    assert found.total.low is not None


def test_only_mas_are_reckoned_with_where_any_was_watched(database: Database) -> None:
    with database.write() as session:
        north = made_clinic(session)
        rn = Morning(200, 10, 5, 5, 5, 2)
        cut = cut_anew(session, observe(session, north, log_of(rn, WEEK[1]), staff_role="RN"))
        assert cut is not None
        keep(session, cut)
        found = reckon(gather(session, north, Window(FIRST, LAST)).basis)
    assert of_day(found, WEEK[0])["required"] == pytest.approx(required(MORNINGS, VISITS[WEEK[0]]))


def test_where_much_stands_on_a_figure_without_an_interval_the_sum_has_none_either(basis: Basis) -> None:
    rooming, vitals = basis.standards
    assert (rooming.task, vitals.task) == ("rooming", "vitals")
    loose = vitals.model_copy(update={"low": None, "high": None})
    assert reckon(basis.model_copy(update={"standards": [rooming, loose]})).total.low is None
    little = loose.model_copy(update={"minutes": rooming.minutes / 20})
    assert reckon(basis.model_copy(update={"standards": [rooming, little]})).total.low is not None
