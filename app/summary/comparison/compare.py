"""Two groups of sessions beside each other: every figure of both, the difference, and its interval. Pure.

Shares, the share of unscheduled work, interruptions an hour and unit times (CONTRACT.md, comparison). The interval is
that of `intervals.difference`: jackknife over both groups, Welch's degrees of freedom.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.i18n import _
from app.summary.figures import Figures, Observed, observed_time
from app.summary.intervals import difference
from app.summary.labels import Labels
from app.summary.rows import EpisodeRow, PointRow, TimeRow, TriggerRow
from app.summary.unit_times import MINUTE_TICKS
from app.summary.units import Unit, counted_work
from app.timeline import TICKS

HOUR_MS = 3_600_000
Sessions = Mapping[str, int]
Ratio = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two groups. By session: ticks of person time, counts of interruptions."""

    observed: Observed
    days: int
    unscheduled: Sessions
    interruptions: Sessions
    tasks: Mapping[str, Sessions]
    triggers: Mapping[str, Sessions]
    units: Mapping[str, Unit]

    def share(self, ticks: Sessions) -> Ratio:
        return [ticks.get(id, 0) for id in self.observed.by_session], self.observed.ticks

    def rate(self) -> Ratio:
        by_session = self.observed.by_session
        return [self.interruptions.get(id, 0) for id in by_session], list(by_session.values())

    def size(self) -> Figures:
        """How much this side stands on."""
        return {
            "sessions": len(self.observed.by_session),
            "days": self.days,
            "observed_ms": self.observed.total_ms,
        }


def side(
    times: Iterable[TimeRow],
    triggers: Iterable[TriggerRow],
    episodes: Iterable[EpisodeRow],
    points: Iterable[PointRow],
    days: Callable[[str], bool] = lambda day: True,
) -> Side:
    """Of the rows of these days."""
    rows = [row for row in times if days(row.day)]
    unscheduled: dict[str, int] = defaultdict(int)
    tasks: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        unscheduled[row.session_id] += row.unscheduled_ticks
        if row.task is not None and row.kind != "break":
            tasks[row.task][row.session_id] += row.person_ticks
    by_trigger: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for trigger in triggers:
        if days(trigger.day):
            by_trigger[trigger.trigger][trigger.session_id] += trigger.own_ms * TICKS + trigger.prompted_ticks
    interruptions: dict[str, int] = defaultdict(int)
    for episode in episodes:
        if days(episode.day):
            interruptions[episode.session_id] += episode.n
    return Side(
        observed=observed_time(rows),
        days=len({row.day for row in rows if row.primary_ms}),
        unscheduled=unscheduled,
        interruptions=interruptions,
        tasks=tasks,
        triggers=by_trigger,
        units={unit.counter: unit for unit in counted_work(rows, [point for point in points if days(point.day)])},
    )


def compared(a: Side, b: Side, labels: Labels) -> list[Figures]:
    """The whole first, then unit times, then tasks and triggers, the largest on either side first.

    `a`, `b` and `difference` (a minus b) in the unit of the figure: shares from 0 to 1, interruptions an observed
    hour, minutes per unit. Nothing where one side has no observed time.
    """
    if not a.observed.total_ms or not b.observed.total_ms:
        return []

    def both(ratio: Callable[[Side], Ratio]) -> tuple[Ratio, Ratio]:
        return ratio(a), ratio(b)

    whole = [
        _row(
            "unscheduled_share",
            "unscheduled",
            _("Work nobody scheduled"),
            *both(lambda one: one.share(one.unscheduled)),
        ),
        _row("per_hour", "interruptions", _("Interruptions an hour"), *both(Side.rate)),
    ]
    units = [
        _row("minutes_per_unit", code, labels.counters.get(code, code), a.units[code].lists(), b.units[code].lists())
        for code in a.units
        if code in b.units
    ]
    parts = [("task_share", code, labels.task(code), a.tasks, b.tasks) for code in a.tasks.keys() | b.tasks.keys()]
    for code in a.triggers.keys() | b.triggers.keys():
        parts.append(("trigger_share", code, labels.trigger(code), a.triggers, b.triggers))
    shares = [
        _row(figure, code, label, a.share(of_a.get(code, {})), b.share(of_b.get(code, {})))
        for figure, code, label, of_a, of_b in parts
    ]
    return [*whole, *units, *sorted(shares, key=lambda row: (-max(row["a"], row["b"]), row["figure"], row["code"]))]


IN_UNIT = {"per_hour": HOUR_MS, "minutes_per_unit": 1 / MINUTE_TICKS}


def _row(figure: str, code: str, label: str, a: Ratio, b: Ratio) -> Figures:
    unit, found = IN_UNIT.get(figure, 1), difference(a, b)
    return {
        "figure": figure,
        "code": code,
        "label": label,
        "a": unit * sum(a[0]) / sum(a[1]),
        "b": unit * sum(b[0]) / sum(b[1]),
        "difference": None if found is None else unit * found.value,
        "low": None if found is None or found.low is None else unit * found.low,
        "high": None if found is None or found.high is None else unit * found.high,
    }
