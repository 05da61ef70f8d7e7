"""What the page reads out of a summary: first things first, in hours of a day instead of shares. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.summary.charts import HEAT_STEPS, Bar, Bars, Cell, Heat, bars, heat, heat_step
from app.summary.intervals import FEWEST_SESSIONS

HOUR_MS = 3_600_000
TOP = 5
IN_CHART = 12
IN_MATRIX = 6
MOST_TIES_NAMED = 3
DAYS_OF_A_WEEK = 5
# An interval that says nothing: over more than half of all there is, or to more than so many times the figure itself,
# unless both ends lie so near each other that it is small whichever holds.
MOST_OF_ALL = 0.5
MOST_TIMES = 4
NEAR_SHARE, NEAR_RATE = 0.05, 1.0  # of observed time; an hour

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its 95 % interval, both ends None where there is too little data for one."""

    value: float
    low: float | None
    high: float | None

    def times(self, factor: float) -> "Range":
        return Range(self.value * factor, *(None if end is None else end * factor for end in (self.low, self.high)))

    def says_nothing(self, near: float, whole: float | None = None) -> bool:
        """Too wide to conclude from. `near`: a width that is always narrow; `whole`: the most that is possible."""
        if self.low is None or self.high is None or self.high - self.low <= near:
            return False
        return self.high > MOST_TIMES * self.value or (whole is not None and self.high - self.low > MOST_OF_ALL * whole)


@dataclass(frozen=True, slots=True)
class Sink:
    """`share` of observed time; `tied`: names of the first few it cannot be told apart from, `more`: how many else.

    `is_vague`: its interval says nothing.
    """

    rank: int
    label: str
    source: str
    unscheduled: bool
    share: Range
    hours_a_week: Range
    minutes_a_day: Range
    is_vague: bool
    tied: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which trigger broke into which task: rows by trigger, columns by task, the last column all other tasks."""

    tasks: list[str | None]  # codes; None: broke into idleness
    others: int  # how many further tasks the last column holds
    rows: list[tuple[str, list[tuple[int, int | None]], int]]  # trigger; by column count and heat step; sum


@dataclass(frozen=True, slots=True)
class Reading:
    """`hours_a_day`, `hours_a_week`: unscheduled work of one full-time MA; None while nothing was observed.

    `is_too_little`: below three sessions or an hour nothing is to be concluded, however it looks. `share_is_vague`,
    `rate_is_vague`: the interval of the unscheduled hours, or of the interruptions, says nothing.
    """

    hours_a_day: Range | None
    hours_a_week: Range | None
    day_hours: float
    unscheduled_share: float | None
    per_hour: Range | None
    is_too_little: bool
    share_is_vague: bool
    rate_is_vague: bool
    sinks: list[Sink]
    unscheduled: list[Sink]
    chart: Bars | None
    heat_unscheduled: Heat | None  # percent of the observed time of an hour
    heat_interruptions: Heat | None  # per observed hour
    matrix: Matrix | None
    idle_share: float | None
    withheld: bool


def read(figures: Figures, weekly_hours: int) -> Reading:
    """Of the summary of one clinic, whose full-time MA works `weekly_hours`."""
    share = _range(figures, "unscheduled_share")
    sinks = _sinks(figures, figures["sinks"], weekly_hours)
    observed_ms, rate = figures["observed_ms"], figures["interruptions"]
    per_hour = _range(rate, "per_hour")
    return Reading(
        hours_a_day=share and share.times(weekly_hours / DAYS_OF_A_WEEK),
        hours_a_week=share and share.times(weekly_hours),
        day_hours=weekly_hours / DAYS_OF_A_WEEK,
        unscheduled_share=share.value if share else None,
        per_hour=per_hour,
        is_too_little=(figures["sessions"] or 0) < FEWEST_SESSIONS or (observed_ms or 0) < HOUR_MS,
        share_is_vague=share is not None and share.says_nothing(NEAR_SHARE, 1),
        rate_is_vague=per_hour is not None and per_hour.says_nothing(NEAR_RATE),
        sinks=sinks[:TOP],
        unscheduled=_sinks(figures, figures["sinks_unscheduled"], weekly_hours)[:TOP],
        chart=_chart(sinks[:IN_CHART], weekly_hours / DAYS_OF_A_WEEK * 60),
        heat_unscheduled=heat(_cells(figures, "unscheduled_ms", 100)),
        heat_interruptions=heat(_cells(figures, "interruptions", HOUR_MS)),
        matrix=_matrix(rate["by_task"]),
        idle_share=figures["idle_ms"] / observed_ms if observed_ms and figures["idle_ms"] is not None else None,
        withheld=figures["sessions"] is None,
    )


def _range(figures: Figures, name: str) -> Range | None:
    value = figures[name]
    return None if value is None else Range(value, figures[f"{name}_low"], figures[f"{name}_high"])


def _sinks(figures: Figures, entries: list[dict[str, Any]], weekly_hours: int) -> list[Sink]:
    labels = {(entry["source"], entry["code"]): entry["label"] for entry in entries}
    by_code = {code: label for (_source, code), label in labels.items()}
    not_scheduled = {task["task"] for task in figures["tasks"] if task["scheduled"] is False}
    found = []
    for entry in entries:
        share = _range(entry, "share")
        if share is None:
            continue
        tied = [by_code[code] for code in entry["tied_with"] if code in by_code]
        found.append(
            Sink(
                rank=entry["rank"],
                label=entry["label"],
                source=entry["source"],
                unscheduled=entry["source"] == "trigger" or entry["code"] in not_scheduled,
                share=share,
                hours_a_week=share.times(weekly_hours),
                minutes_a_day=share.times(weekly_hours / DAYS_OF_A_WEEK * 60),
                is_vague=share.says_nothing(NEAR_SHARE, 1),
                tied=tied[:MOST_TIES_NAMED],
                more=len(tied[MOST_TIES_NAMED:]),
            )
        )
    return found


def _chart(sinks: list[Sink], day_minutes: float) -> Bars | None:
    if not sinks:
        return None
    minutes = [(sink, sink.minutes_a_day) for sink in sinks]
    drawn = [Bar(sink.label, m.value, m.low, m.high, mark=sink.unscheduled) for sink, m in minutes]
    return bars(drawn, most=day_minutes)


def _cells(figures: Figures, name: str, unit: float) -> list[Cell]:
    return [
        Cell(hour["weekday"], hour["hour"], hour[name] * unit / hour["observed_ms"], hour["days"], hour["observed_ms"])
        for hour in figures["hours"]
    ]


def _matrix(by_task: list[dict[str, Any]]) -> Matrix | None:
    if not by_task:
        return None
    of_task: dict[str | None, int] = defaultdict(int)
    of_trigger: dict[str, int] = defaultdict(int)
    counts: dict[tuple[str, str | None], int] = defaultdict(int)
    for row in by_task:
        of_task[row["task"]] += row["count"]
        of_trigger[row["trigger"]] += row["count"]
        counts[row["trigger"], row["task"]] += row["count"]
    most = sorted(of_task, key=lambda task: (-of_task[task], task or ""))
    shown, rest = most[:IN_MATRIX], most[IN_MATRIX:]
    # at least as high as there are steps: among a handful of single cases none is darker than the others
    highest = max(HEAT_STEPS, *(counts[trigger, task] for trigger in of_trigger for task in shown))

    def stepped(trigger: str) -> list[tuple[int, int | None]]:
        cells: list[tuple[int, int | None]] = [
            (counts[trigger, task], heat_step(counts[trigger, task], highest)) for task in shown
        ]
        # what several tasks add up to is not to be compared with one
        return [*cells, (sum(counts[trigger, task] for task in rest), None)] if rest else cells

    most_first = sorted(of_trigger, key=lambda trigger: (-of_trigger[trigger], trigger))
    return Matrix(shown, len(rest), [(trigger, stepped(trigger), of_trigger[trigger]) for trigger in most_first])
