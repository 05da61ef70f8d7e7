"""What the page reads out of a summary: what comes first, in hours of a day instead of shares, and what is tied. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.summary.charts import Bar, Bars, Cell, Heat, bars, heat
from app.summary.intervals import FEWEST_SESSIONS

HOUR_MS = 3_600_000
TOP = 5
IN_CHART = 12
IN_MATRIX = 6
MOST_TIES_NAMED = 3
DAYS_OF_A_WEEK = 5

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its 95 % interval, both ends None where there is too little data for one."""

    value: float
    low: float | None
    high: float | None

    def times(self, factor: float) -> "Range":
        return Range(self.value * factor, *(None if end is None else end * factor for end in (self.low, self.high)))


@dataclass(frozen=True, slots=True)
class Sink:
    """`share` of observed time; `tied`: names of the first few it cannot be told apart from, `more`: how many else."""

    rank: int
    label: str
    source: str
    unscheduled: bool
    share: Range
    hours_a_week: Range
    minutes_a_day: Range
    tied: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which trigger broke into which task: rows by trigger, columns by task, the last column all other tasks."""

    tasks: list[str | None]  # codes; None: broke into idleness
    others: int  # how many further tasks the last column holds
    rows: list[tuple[str, list[int], int]]  # trigger, count by column, sum
    highest: int


@dataclass(frozen=True, slots=True)
class Reading:
    """`hours_a_day`, `hours_a_week`: unscheduled work of one full-time MA; None while nothing was observed."""

    hours_a_day: Range | None
    hours_a_week: Range | None
    day_hours: float
    per_hour: Range | None
    sessions_missing: int
    sinks: list[Sink]
    unscheduled: list[Sink]
    chart: Bars | None
    heat_unscheduled: Heat | None
    heat_interruptions: Heat | None
    matrix: Matrix | None
    idle_share: float | None
    withheld: bool


def read(figures: Figures, weekly_hours: int) -> Reading:
    """Of the summary of one clinic, whose full-time MA works `weekly_hours`."""
    share = _range(figures, "unscheduled_share")
    sinks = _sinks(figures, figures["sinks"], weekly_hours)
    observed_ms, rate = figures["observed_ms"], figures["interruptions"]
    return Reading(
        hours_a_day=share and share.times(weekly_hours / DAYS_OF_A_WEEK),
        hours_a_week=share and share.times(weekly_hours),
        day_hours=weekly_hours / DAYS_OF_A_WEEK,
        per_hour=_range(rate, "per_hour"),
        sessions_missing=max(0, FEWEST_SESSIONS - (figures["sessions"] or 0)),
        sinks=sinks[:TOP],
        unscheduled=_sinks(figures, figures["sinks_unscheduled"], weekly_hours)[:TOP],
        chart=_chart(sinks[:IN_CHART]),
        heat_unscheduled=heat(_cells(figures, lambda hour: hour["unscheduled_ms"] / hour["observed_ms"])),
        heat_interruptions=heat(_cells(figures, lambda hour: hour["interruptions"] * HOUR_MS / hour["observed_ms"])),
        matrix=_matrix(rate["by_task"]),
        idle_share=figures["idle_ms"] / observed_ms if observed_ms and figures["idle_ms"] is not None else None,
        withheld=figures["sessions"] is None,
    )
