"""What one visit, vaccine or test takes: observed person time of the work it stands for, over observed counts. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.summary.figures import Figures, together
from app.summary.labels import Labels
from app.summary.rows import PointRow, TimeRow
from app.summary.unit_times import side_by_side, unit_time
from app.timeline import TICKS

# which work a counter counts: tasks, or whole categories; of the default list, and of any that keeps its codes
WORK: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "visits": (frozenset(), frozenset({"patient-flow"})),
    "rooms": (frozenset({"room-turnover"}), frozenset()),
    "vaccines": (frozenset({"vaccines"}), frozenset()),
    "tests": (frozenset({"poc-testing", "specimens"}), frozenset()),
    "messages": (frozenset({"callbacks"}), frozenset()),
    "refills-forms": (frozenset({"forms", "prior-auth"}), frozenset()),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """`ticks` of person time and `counts` by session; a session without one of them may be left out of it."""

    counter: str
    tasks: tuple[str, ...]  # what was done of the work it counts
    ticks: dict[str, int]
    counts: dict[str, int]

    def lists(self) -> tuple[list[int], list[int]]:
        return side_by_side(self.ticks, self.counts)


def counted_work(rows: Iterable[TimeRow], points: Iterable[PointRow]) -> list[Unit]:
    """Of every counter whose work was seen and which was tapped at all, in the order of WORK."""
    by_task: dict[tuple[str, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.task is not None:
            by_task[row.task, row.category][row.session_id] += row.person_ticks
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for point in points:
        if point.kind == "count":
            counts[point.code][point.session_id] += point.n
    found = []
    for counter, (tasks, categories) in WORK.items():
        held = {task: by_task[task, of] for task, of in by_task if task in tasks or of in categories}
        ticks = together(held.values())
        if sum(ticks.values()) and sum(counts[counter].values()) > 0:
            found.append(Unit(counter, tuple(sorted(held)), ticks, dict(counts[counter])))
    return found


def units(found: Iterable[Unit], labels: Labels) -> list[Figures]:
    return [_unit(unit, labels) for unit in found]


def _unit(unit: Unit, labels: Labels) -> Figures:
    ticks, counts = unit.lists()
    found = unit_time(unit.ticks, unit.counts)
    return {
        "counter": unit.counter,
        "label": labels.counters.get(unit.counter, unit.counter),
        "tasks": list(unit.tasks),
        "count": sum(counts),
        "person_ms": sum(ticks) // TICKS,
        "minutes_per_unit": found and found.minutes,
        "minutes_per_unit_low": found and found.low,
        "minutes_per_unit_high": found and found.high,
        "uncounted_sessions": sum(n > 0 and not counted for n, counted in zip(ticks, counts, strict=True)),
    }
