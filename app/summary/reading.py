"""What the page reads out of a summary: first things first, in hours of a day instead of shares. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.summary.charts import Bar, Bars, Cell, Heat, bars, heat
from app.summary.intervals import FEWEST_SESSIONS
from app.summary.matrix import COLUMNS, Matrix, matrix
from app.summary.pairs import Pair, Pairs, pairs
from app.summary.ranges import NEAR_RATE, NEAR_SHARE, Range
from app.summary.stacks import Stacks, stacks
from app.summary.suggestions import can_wait

HOUR_MS = 3_600_000
TOP = 5
IN_TABLE = 12
IN_PAIRS = 7
MOST_TIES_NAMED = 3
DAYS_OF_A_WEEK = 5

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sink:
    """`share` of observed time; `tied`: names of the first few it cannot be told apart from, `more`: how many else.

    `is_vague`: its interval says nothing.
    """

    rank: int
    ranks: tuple[int, int]  # the best and the worst it may have, where order may be chance
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
class Reading:
    """`hours_a_day`, `hours_a_week`: unscheduled work of one full-time MA; None while nothing was observed.

    `is_too_little`: below three sessions or an hour nothing is to be concluded, however it looks. `share_is_vague`,
    `rate_is_vague`: the interval of the unscheduled hours, or of the interruptions, says nothing.
    """

    hours_a_day: Range | None
    hours_a_week: Range | None
    day_hours: float
    unscheduled_share: float | None
    unsaid_share: float  # of observed time in tasks of which nobody has said whether they are on the template
    per_hour: Range | None
    is_too_little: bool
    share_is_vague: bool
    rate_is_vague: bool
    sinks: list[Sink]
    unscheduled: list[Sink]
    chart: Bars | None  # of the first five of all work; `chart_unscheduled`: of the work nobody scheduled
    chart_unscheduled: Bars | None
    all_sinks: list[Sink]  # for the table below the first five
    heat_unscheduled: Heat | None  # percent of the observed time of an hour
    heat_interruptions: Heat | None  # per observed hour
    matrix: Matrix | None
    next: Matrix | None
    days: Stacks | None
    high_low: Pairs | None  # percent of observed time on high days (a) and low ones (b)
    reported: Pairs | None  # percent of what was reported (a) and of what was observed of the same tasks (b)
    can_wait: list[tuple[str, float]]
    missing: dict[str, int]  # days that the protocol still wants, by volume (below 1: none); empty once it is done
    idle_share: float | None
    withheld: bool


def read(figures: Figures, weekly_hours: int, categories: Sequence[str] = ()) -> Reading:
    """Of the summary of one clinic, whose full-time MA works `weekly_hours`; `categories`: in the order of its list."""
    share = _range(figures, "unscheduled_share")
    sinks = _sinks(figures, figures["sinks"], weekly_hours)
    observed_ms, rate = figures["observed_ms"], figures["interruptions"]
    per_hour = _range(rate, "per_hour")
    unscheduled = _sinks(figures, figures["sinks_unscheduled"], weekly_hours)
    day_minutes = weekly_hours / DAYS_OF_A_WEEK * 60
    return Reading(
        hours_a_day=share and share.times(weekly_hours / DAYS_OF_A_WEEK),
        hours_a_week=share and share.times(weekly_hours),
        day_hours=weekly_hours / DAYS_OF_A_WEEK,
        unscheduled_share=share.value if share else None,
        unsaid_share=sum(task["share"] or 0 for task in figures["tasks"] if task["scheduled"] is None),
        per_hour=per_hour,
        is_too_little=(figures["sessions"] or 0) < FEWEST_SESSIONS or (observed_ms or 0) < HOUR_MS,
        share_is_vague=share is not None and share.says_nothing(NEAR_SHARE, 1),
        rate_is_vague=per_hour is not None and per_hour.says_nothing(NEAR_RATE),
        sinks=sinks[:TOP],
        unscheduled=unscheduled[:TOP],
        chart=_chart(sinks[:TOP], day_minutes),
        chart_unscheduled=_chart(unscheduled[:TOP], day_minutes),
        all_sinks=sinks[:IN_TABLE],
        heat_unscheduled=heat(_cells(figures, "unscheduled_ms", 100)),
        heat_interruptions=heat(_cells(figures, "interruptions", HOUR_MS)),
        matrix=matrix([(row["trigger"], row["task"], row["count"]) for row in rate["by_task"]]),
        next=matrix([(row["from"], row["to"], row["count"]) for row in figures["transitions"]], rows=COLUMNS),
        days=stacks(figures["by_day"], categories),
        high_low=compared_shares(figures["high_low"]["rows"]),
        reported=_reported(figures["reported_observed"]),
        can_wait=can_wait(figures),
        missing=_missing(figures["protocol"]),
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
    for place, entry in enumerate(entries):
        share = _range(entry, "share")
        if share is None:
            continue
        tied = [by_code[code] for code in entry["tied_with"] if code in by_code]
        found.append(
            Sink(
                rank=entry["rank"],
                ranks=_ranks(place, entry, entries),
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


def _ranks(place: int, entry: Figures, entries: list[dict[str, Any]]) -> tuple[int, int]:
    """Those it cannot be told apart from may each as well stand before or behind it."""
    tied = set(entry["tied_with"])
    before = sum(other["code"] in tied for other in entries[:place])
    behind = sum(other["code"] in tied for other in entries[place + 1 :])
    return place + 1 - before, place + 1 + behind


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


def compared_shares(rows: list[dict[str, Any]]) -> Pairs | None:
    """Of the rows of a comparison those shares that differ most; unscheduled work as a whole first."""
    shares = [row for row in rows if row["figure"].endswith("_share") and row["low"] is not None]
    whole = [row for row in shares if row["figure"] == "unscheduled_share"]
    parts = sorted((row for row in shares if row not in whole), key=lambda row: (-abs(row["difference"]), row["code"]))
    return pairs([_percent_pair(row) for row in (*whole, *parts[: IN_PAIRS - len(whole)])], most=100)


def _percent_pair(row: Figures) -> Pair:
    return Pair(row["label"], *(row[name] * 100 for name in ("a", "b", "difference", "low", "high")))


def _reported(rows: list[dict[str, Any]]) -> Pairs | None:
    drawn = [
        Pair(row["label"], row["reported_share"] * 100, row["observed_share"] * 100, row["gap"] * 100) for row in rows
    ]
    return pairs(drawn, most=100)


def _missing(protocol: Figures) -> dict[str, int]:
    lacking = {kind: (planned["wanted"] or 0) - (planned["done"] or 0) for kind, planned in protocol.items()}
    return lacking if any(n > 0 for n in lacking.values()) else {}
