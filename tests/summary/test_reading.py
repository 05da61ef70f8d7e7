"""What the page reads out of a summary: hours of a day, ties, the matrix; honest where there is too little."""

from dataclasses import astuple
from typing import Any

import pytest

from app.summary.matrix import COLUMNS
from app.summary.ranges import Range
from app.summary.reading import read

HOUR = 3_600_000


def sink(code: str, share: float, low: float | None = None, high: float | None = None, **more: Any) -> dict[str, Any]:
    entry = {"source": "task", "code": code, "label": code.title(), "rank": 1, "person_ms": 1, "share": share}
    return entry | {"share_low": low, "share_high": high, "tied_with": []} | more


def figures(**changed: Any) -> dict[str, Any]:
    rate = {"per_hour": 4.0, "per_hour_low": 3.0, "per_hour_high": 5.0, "by_task": []}
    return {
        "sessions": 12,
        "observed_ms": 40 * HOUR,
        "idle_ms": 4 * HOUR,
        "unscheduled_share": 0.25,
        "unscheduled_share_low": 0.2,
        "unscheduled_share_high": 0.3,
        "tasks": [],
        "sinks": [],
        "sinks_unscheduled": [],
        "hours": [],
        "interruptions": rate,
        "transitions": [],
        "by_day": [],
        "high_low": {"rows": []},
        "reported_observed": [],
        "reported_interruptions": [],
        "protocol": {"high": {"wanted": 2, "done": 2}, "low": {"wanted": 1, "done": 1}},
    } | changed


def about(value: float, low: float, high: float) -> Any:
    return pytest.approx((value, low, high))


def test_the_share_is_told_in_hours_of_a_day_and_of_a_week() -> None:
    told = read(figures(), weekly_hours=40)
    assert told.hours_a_day is not None
    assert astuple(told.hours_a_day) == about(2.0, 1.6, 2.4)
    assert told.hours_a_week == Range(10.0, 8.0, 12.0)
    assert (told.day_hours, told.is_too_little, told.idle_share) == (8.0, False, 0.1)
    assert read(figures(), weekly_hours=36).day_hours == 7.2


@pytest.mark.parametrize(
    ("sessions", "observed_ms", "is_too_little"),
    [(1, 90_000_000, True), (2, 90_000_000, True), (3, 3_599_999, True), (3, 3_600_000, False)],
)
def test_below_three_sessions_or_an_hour_there_is_too_little(
    sessions: int, observed_ms: int, is_too_little: bool
) -> None:
    without_range: dict[str, Any] = {"unscheduled_share_low": None, "unscheduled_share_high": None}
    told = read(figures(sessions=sessions, observed_ms=observed_ms, **without_range), 40)
    assert told.is_too_little is is_too_little
    assert told.hours_a_day == Range(2.0, None, None)


@pytest.mark.parametrize(
    ("share", "is_vague"),
    [
        ((0.25, 0.2, 0.3), False),
        ((0.1, 0.02, 0.41), True),  # more than four times what was seen
        ((0.1, 0.02, 0.4), False),
        ((0.5, 0.2, 0.75), True),  # more than half of all there is
        ((0.001, 0.0001, 0.04), False),  # little, whichever end holds
        ((0.1, None, None), False),
    ],
)
def test_an_interval_that_says_nothing_is_told_apart(
    share: tuple[float, float | None, float | None], is_vague: bool
) -> None:
    ends = dict(zip(("unscheduled_share", "unscheduled_share_low", "unscheduled_share_high"), share, strict=True))
    told = read(figures(**ends, sinks=[sink("vitals", *share)]), 40)
    assert (told.share_is_vague, told.sinks[0].is_vague, told.rate_is_vague) == (is_vague, is_vague, False)


@pytest.mark.parametrize(("high", "is_vague"), [(17_180.9, True), (6.1, True), (6.0, False), (None, False)])
def test_a_rate_has_no_most_but_can_be_too_far_from_what_was_seen(high: float | None, is_vague: bool) -> None:
    rate: dict[str, Any] = {
        "per_hour": 1.5,
        "per_hour_low": None if high is None else 0.0,
        "per_hour_high": high,
        "by_task": [],
    }
    assert read(figures(interruptions=rate), 40).rate_is_vague is is_vague
    rare: dict[str, Any] = {"per_hour": 0.1, "per_hour_low": 0.01, "per_hour_high": 1.0, "by_task": []}
    assert not read(figures(interruptions=rare), 40).rate_is_vague


def test_nothing_observed_is_no_figure() -> None:
    nothing = {"unscheduled_share": None, "unscheduled_share_low": None, "unscheduled_share_high": None}
    rate: dict[str, Any] = {"per_hour": None, "per_hour_low": None, "per_hour_high": None, "by_task": []}
    told = read(figures(sessions=0, observed_ms=0, idle_ms=0, interruptions=rate, **nothing), 40)
    assert (told.hours_a_day, told.per_hour, told.chart, told.heat_unscheduled, told.matrix) == (None,) * 5
    assert not told.withheld


def test_what_is_withheld_is_not_taken_for_nothing() -> None:
    assert read(figures(sessions=None, observed_ms=None, idle_ms=None, unscheduled_share=None), 40).withheld


def test_five_come_first_with_their_ties_in_words() -> None:
    codes = [f"task-{n}" for n in range(7)]
    entries = [sink(code, 0.1, 0.05, 0.15, tied_with=[other for other in codes if other != code]) for code in codes]
    first, *_rest = told = read(figures(sinks=entries), 40).sinks
    assert len(told) == 5
    assert (first.tied, first.more) == (["Task-1", "Task-2", "Task-3"], 3)
    assert astuple(first.hours_a_week) == about(4, 2, 6)
    assert first.minutes_a_day.value == pytest.approx(48)


def test_a_sink_is_unscheduled_by_its_list_or_because_it_is_an_interruption() -> None:
    tasks = [{"task": "searching", "scheduled": False}, {"task": "odd", "scheduled": None, "share": 0.2}]
    entries = [sink("searching", 0.3), sink("odd", 0.2), sink("phone", 0.1, source="trigger")]
    told = read(figures(tasks=tasks, sinks=entries), 40)
    assert [one.unscheduled for one in told.sinks] == [True, False, True]
    assert told.chart is not None
    assert [row.bar.mark for row in told.chart.rows] == [True, False, True]


def test_heat_is_percent_of_the_hour_and_interruptions_an_hour() -> None:
    cell = {"weekday": 1, "hour": 9, "days": 2, "observed_ms": HOUR // 2, "unscheduled_ms": HOUR // 8}
    told = read(figures(hours=[cell | {"interruptions": 3}]), 40)
    assert told.heat_unscheduled is not None
    assert told.heat_interruptions is not None
    assert told.heat_unscheduled.cells[0].cell.value == 25
    assert told.heat_interruptions.cells[0].cell.value == 6


def test_the_matrix_holds_every_interruption_once() -> None:
    by_task = [{"task": f"t{n}", "trigger": "phone", "count": 20 - n} for n in range(9)]
    by_task += [{"task": None, "trigger": "supplies", "count": 2}, {"task": "t0", "trigger": "supplies", "count": 1}]
    rate = figures()["interruptions"] | {"by_task": by_task}
    matrix = read(figures(interruptions=rate), 40).matrix
    assert matrix is not None
    assert matrix.tasks == [f"t{n}" for n in range(COLUMNS)]
    assert matrix.others == 4
    assert [(trigger, total) for trigger, _cells, total in matrix.rows] == [
        ("phone", sum(20 - n for n in range(9))),
        ("supplies", 3),
    ]
    for _trigger, cells, total in matrix.rows:
        assert sum(n for n, _step in cells) == total
        assert cells[-1][1] is None  # several tasks together are not compared with one
    assert matrix.rows[0][1][0] == (20, 6)


def test_single_cases_are_not_painted_as_peaks() -> None:
    rate = figures()["interruptions"] | {"by_task": [{"task": "t0", "trigger": "phone", "count": 1}]}
    matrix = read(figures(interruptions=rate), 40).matrix
    assert matrix is not None
    assert matrix.rows == [("phone", [(1, 1)], 1)]


def test_a_rank_is_all_those_it_may_have() -> None:
    ties = {"a": ["b"], "b": ["a", "d"], "c": [], "d": ["b"]}
    entries = [sink(code, 0.1, 0.05, 0.15, tied_with=tied) for code, tied in ties.items()]
    assert [one.ranks for one in read(figures(sinks=entries), 40).sinks] == [(1, 2), (1, 3), (3, 3), (3, 4)]


def test_the_first_five_are_drawn_and_the_first_twelve_are_listed() -> None:
    told = read(figures(sinks=[sink(f"task-{n}", 0.05) for n in range(14)]), 40)
    assert told.chart is not None
    assert (len(told.chart.rows), len(told.all_sinks)) == (5, 12)


def compared(code: str, difference: float, low: float | None, figure: str = "task_share") -> dict[str, Any]:
    row = {"figure": figure, "code": code, "label": code.title(), "a": 0.2, "b": 0.2 - difference}
    return row | {"difference": difference, "low": low, "high": None if low is None else 2 * difference - low}


def test_high_and_low_volume_are_drawn_in_points_what_differs_most_first() -> None:
    rows = [
        compared("forms", 0.01, 0.005),
        compared("rooming", -0.1, -0.15),
        compared("unscheduled", 0.05, -0.01, "unscheduled_share"),
        compared("vitals", 0.15, None),  # without a range nothing is drawn
        compared("interruptions", 0.9, 0.1, "per_hour"),
    ]
    drawn = read(figures(high_low={"rows": rows}), 40).high_low
    assert drawn is not None
    assert [row.pair.label for row in drawn.rows] == ["Unscheduled", "Rooming", "Forms"]
    assert [row.pair.sure for row in drawn.rows] == [False, True, True]
    assert astuple(drawn.rows[1].pair)[1:] == pytest.approx((20, 30, -10, -15, -5))


@pytest.mark.parametrize(
    ("high", "low", "missing"), [(2, 1, {}), (5, 1, {}), (1, 1, {"high": 1, "low": 0}), (9, 0, {"high": -7, "low": 1})]
)
def test_the_protocol_is_done_or_says_what_is_missing(high: int, low: int, missing: dict[str, int]) -> None:
    protocol = {"high": {"wanted": 2, "done": high}, "low": {"wanted": 1, "done": low}}
    assert read(figures(protocol=protocol), 40).missing == missing


def test_time_of_which_nobody_said_whether_it_is_scheduled_is_told() -> None:
    tasks = [{"task": code, "scheduled": said, "share": 0.3} for code, said in (("a", None), ("b", False), ("c", None))]
    assert read(figures(tasks=tasks), 40).unsaid_share == pytest.approx(0.6)
