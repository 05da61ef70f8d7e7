"""A session told from top to bottom, for people to read: one row for each stretch of time and each point. Pure."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from app.clinics.tasklist import TaskList
from app.timeline import Parallel, Segment, Timeline

COLOURS = 7  # categories beyond the seventh share colour and shape with an earlier one
DECIDED_MS = 30_000  # what became of a trigger is chosen within the pad's 20 seconds (outcome.js), and some to spare
# a row's bar grows in steps: durations differ by a factor of a thousand, and a short one must stay visible
STEPS_MS = (15_000, 30_000, 60_000, 120_000, 300_000, 600_000)


@dataclass(frozen=True, slots=True)
class Words:
    """What the codes of one session's own task-list version are called; an unknown code is its own label."""

    tasks: dict[str, str]
    triggers: dict[str, str]
    counters: dict[str, str]
    colours: dict[str, int]  # by task: the place of its category in the list

    def task(self, code: str | None) -> str | None:
        return None if code is None else self.tasks.get(code, code)

    def trigger(self, code: str | None) -> str | None:
        return None if code is None else self.triggers.get(code, code)

    def colour(self, code: str | None) -> int | None:
        return None if code is None else self.colours.get(code, COLOURS - 1)


def words_of(task_list: TaskList) -> Words:
    places = {category.code: place % COLOURS for place, category in enumerate(task_list.categories)}
    return Words(
        tasks={task.code: task.label for task in task_list.tasks},
        triggers={trigger.code: trigger.label for trigger in task_list.triggers},
        counters={counter.code: counter.label for counter in task_list.counters},
        colours={task.code: places[task.category] for task in task_list.tasks},
    )


@dataclass(frozen=True, slots=True)
class Row:
    """`at` an instant; `ms` None for a point. `again`: the task goes on after an interruption.

    `beside`: no first task, but a second one ran on. `later`: was entered afterwards.
    """

    kind: Literal["segment", "parallel", "pause", "prompt", "note"]
    at: int
    ms: int | None = None
    task: str | None = None
    colour: int | None = None
    trigger: str | None = None
    depth: int = 0
    again: bool = False
    beside: bool = False
    later: bool = False
    text: str = ""

    @property
    def step(self) -> int:
        return 0 if self.ms is None else sum(self.ms >= limit for limit in STEPS_MS)


def entered_later(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of the starts that were tapped after they happened, however soon after.

    Not what became of a trigger: that is chosen in the seconds after its tap and takes the tap's own moment. Such a
    start names the trigger ("did both"), or comes in one tap with it ("switched after all").
    """
    told = list(events)
    triggers = {_tap(one) for one in told if one["kind"] == "interrupt"}

    def is_later(one: Mapping[str, Any]) -> bool:
        ms: int = (one.get("recorded_at") or one["at"]) - one["at"]
        is_choice = bool(one.get("trigger")) if one["kind"] == "parallel_start" else _tap(one) in triggers
        return ms > (DECIDED_MS if is_choice else 0)

    return {one["id"] for one in told if one["kind"] in ("start", "parallel_start") and is_later(one)}


def _tap(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """What all events of one tap have in common, and no other tap has (undo.js)."""
    return event.get("load"), event.get("mono"), event.get("recorded_at")


def rows(t: Timeline, words: Words, later: Set[str] = frozenset()) -> list[Row]:
    """Everything in order of time; at one instant stretches first, the primary track before what ran beside it.

    `later`: ids of the events that were entered afterwards.
    """
    told = [
        *_segments(t, words, later),
        *(Row("pause", start, end - start) for start, end in t.pauses),
        *(_parallel(one, words, later) for one in t.parallel),
        *(Row("prompt", p.at, task=words.task(p.task), trigger=words.trigger(p.trigger)) for p in t.prompts),
        *(Row("note", note.at, text=note.text) for note in t.notes),
    ]
    return sorted(told, key=lambda row: row.at)  # stable: the order above decides at one instant


def _segments(t: Timeline, words: Words, later: Set[str]) -> Iterable[Row]:
    begun: set[str] = set()
    for one in t.segments:
        if one.task is None and one.depth == 0:
            yield from _without_task(one, t.parallel)
            continue
        again = one.occurrence in begun
        if one.occurrence is not None:
            begun.add(one.occurrence)
        yield Row(
            "segment",
            one.start,
            one.end - one.start,
            words.task(one.task),
            words.colour(one.task),
            words.trigger(one.trigger),
            one.depth,
            again,
            later=one.occurrence in later,
        )


def _without_task(gap: Segment, parallel: Iterable[Parallel]) -> Iterable[Row]:
    """Time without a first task, cut where second tasks begin and cease to fill it."""
    at = gap.start
    for start, end in filled(gap, parallel):
        if start > at:
            yield Row("segment", at, start - at)
        yield Row("segment", start, end - start, beside=True)
        at = end
    if at < gap.end:
        yield Row("segment", at, gap.end - at)


def filled(gap: Segment, parallel: Iterable[Parallel]) -> list[tuple[int, int]]:
    """Where at least one second task ran: stretches that do not touch."""
    stretches: list[tuple[int, int]] = []
    for one in sorted(parallel, key=lambda one: one.start):
        start, end = max(one.start, gap.start), min(one.end, gap.end)
        if start >= end:
            continue
        if stretches and start <= stretches[-1][1]:
            start, before = stretches.pop()
            end = max(end, before)
        stretches.append((start, end))
    return stretches


def _parallel(one: Parallel, words: Words, later: Set[str]) -> Row:
    return Row(
        "parallel",
        one.start,
        one.end - one.start,
        words.task(one.task),
        words.colour(one.task),
        words.trigger(one.trigger),
        later=one.event in later,
    )
