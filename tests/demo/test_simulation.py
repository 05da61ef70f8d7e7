"""The simulated clinic itself: the same for the same seed, a day without gaps, and days that differ as they should."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from app.clinics.tasklist import default_list
from app.demo import parameters as p
from app.demo.clinic import ClinicDay, simulate
from app.demo.truth import Truth, truth, whole_days
from tests.demo.week import LAST

TASKS = default_list().tasks
UNSCHEDULED = [task.code for task in TASKS if task.scheduled is False]
BREAKS = [task.code for task in TASKS if task.kind == "break"]


@pytest.fixture(scope="module")
def quarter() -> list[ClinicDay]:
    """Thirteen weeks: long enough that chance does not decide."""
    return list(simulate(7, 13, LAST))


def of_type(days: list[ClinicDay], day_type: str) -> list[ClinicDay]:
    return [day for day in days if day.day_type == day_type]


def really(days: list[ClinicDay]) -> Truth:
    return truth(whole_days(ledger for day in days for ledger in day.ledgers), UNSCHEDULED, BREAKS)


def test_the_same_seed_is_the_same_clinic_and_another_seed_is_not() -> None:
    assert list(simulate(1, 1, LAST)) == list(simulate(1, 1, LAST))
    assert list(simulate(1, 1, LAST)) != list(simulate(2, 1, LAST))


def test_a_longer_simulation_holds_the_shorter_ones_days_unchanged() -> None:
    assert list(simulate(1, 2, LAST))[5:] == list(simulate(1, 1, LAST))


@pytest.mark.parametrize("last", [date(2026, 11, 18), LAST, date(2026, 11, 22)])
def test_two_weeks_are_the_ten_weekdays_that_end_with_the_last_day(last: date) -> None:
    days = [day.day for day in simulate(1, 2, last)]
    assert len(days) == 10
    assert all(day.weekday() < 5 for day in days)
    assert 0 <= (last - days[-1]).days <= 2
    assert (last - days[0]).days < 14


def test_every_week_has_high_typical_and_low_days(quarter: list[ClinicDay]) -> None:
    weeks = Counter((day.day.isocalendar().week, day.day_type) for day in quarter)
    assert set(weeks.values()) == set(p.WEEK.values())
    assert all(weeks[week, day_type] == n for week, _t in weeks for day_type, n in p.WEEK.items())


def test_stretches_fill_every_day_without_a_gap(quarter: list[ClinicDay]) -> None:
    for ledger in (ledger for day in quarter for ledger in day.ledgers):
        assert ledger.stretches[0].start == ledger.opening
        assert ledger.stretches[-1].end == ledger.closing
        assert all(one.end == next_one.start for one, next_one in pairwise(ledger.stretches))
        assert ledger.closing - ledger.opening == 9 * 3_600_000


def test_every_word_is_on_the_default_task_list(quarter: list[ClinicDay]) -> None:
    task_list = default_list()
    for act in (act for day in quarter for ledger in day.ledgers for act in ledger.acts):
        assert act.fields.get("task") in (None, *task_list.task_by_code)
        assert act.fields.get("trigger") in (None, *task_list.trigger_codes)
        assert act.fields.get("counter") in (None, *task_list.counter_codes)
    assert {counter for day in quarter for counter in day.volumes()} <= task_list.counter_codes


def test_high_days_bring_more_visits_interruptions_and_unscheduled_work(quarter: list[ClinicDay]) -> None:
    high, typical, low = (of_type(quarter, day_type) for day_type in p.DAY_TYPES)
    visits = [sum(day.volumes()["visits"] for day in days) / len(days) for days in (high, typical, low)]
    assert visits[0] > 1.1 * visits[1] > 1.4 * visits[2]
    rates = [really(days).interruptions_per_hour for days in (high, typical, low)]
    assert rates[0] > rates[1] > rates[2]
    shares = [really(days).unscheduled_share for days in (high, typical, low)]
    assert shares[0] > shares[1] > shares[2]


def test_breaks_slip_on_high_days(quarter: list[ClinicDay]) -> None:
    def late_or_missed(day_type: str) -> float:
        rests = [
            rest
            for day in of_type(quarter, day_type)
            for ledger in day.ledgers
            for rest in ledger.rests.values()
        ]  # fmt: skip
        return sum(rest.late + rest.missed for rest in rests) / sum(rest.due for rest in rests)

    assert late_or_missed("high") > 1.3 * late_or_missed("typical") > 1.3 * late_or_missed("low")
    assert sum(ledger.rests["break"].missed for day in of_type(quarter, "high") for ledger in day.ledgers)


def test_interruptions_depend_on_the_hour_and_on_the_task(quarter: list[ClinicDay]) -> None:
    ledgers = [ledger for day in quarter for ledger in day.ledgers]
    by_hour = Counter(
        (episode.start - ledger.opening) // 3_600_000 + p.OPENING for ledger in ledgers for episode in ledger.episodes
    )
    assert min(by_hour[9], by_hour[10], by_hour[14]) > 1.2 * max(by_hour[8], by_hour[12], by_hour[16])
    whole = really(quarter)
    by_task = Counter(task for _trigger, task, _outcome in whole.interruptions.elements())
    assert by_task["documentation"] / whole.task_ms["documentation"] > 3 * by_task["lunch"] / whole.task_ms["lunch"]


def test_the_figures_are_of_the_size_that_studies_report(quarter: list[ClinicDay]) -> None:
    """DOMAIN.md and parameters.py name the studies; a clinic far beyond all of them would teach nobody anything."""
    whole = really(quarter)
    hours = whole.observed_ms / 3_600_000
    assert 2 < whole.interruptions_per_hour < 7
    assert 20 < whole.occurrences.total() / hours < 60
    assert 0.06 < whole.multitask_ms / whole.observed_ms < 0.2
    assert 0.2 < whole.unscheduled_share < 0.4
    outcomes = Counter(outcome for _trigger, _task, outcome in whole.interruptions.elements())
    assert outcomes["resumed"] > 8 * outcomes["abandoned"] > 0
    assert len(quarter[0].sittings) in (3, 4)
    assert all(12 < day.volumes()["visits"] < 110 for day in quarter)


def test_shares_of_the_truth_sum_to_the_whole(quarter: list[ClinicDay]) -> None:
    whole = really(quarter)
    without_a_task = sum(
        stretch.end - stretch.start
        for day in quarter
        for ledger in day.ledgers
        for stretch in ledger.stretches
        if stretch.task is None and stretch.triggers and not stretch.beside
    )
    assert whole.person.total() == 60 * (whole.observed_ms - whole.idle_ms - without_a_task)
    assert sum(whole.trigger_ms.values()) == whole.interruption_ms
