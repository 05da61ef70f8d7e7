"""A session as a list of rows that can be corrected, each with a key to ask for it by. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from app.capture.review.plan import beside
from app.capture.review.trace import Step
from app.capture.story import STEPS_MS, filled
from app.timeline import Segment, Timeline
from app.timeline.certainty import NO_DOUBT, Doubt

LONG_GAP_MS = 120_000

Kind = Literal["segment", "pause", "parallel", "prompt", "note"]


@dataclass(frozen=True, slots=True)
class Row:
    """Codes, not words. `end` None: a point. `event`: what began it, where one event did.

    `again`: the task goes on after an interruption. `beside`: no first task, but a second one ran on. `uncertain`: it
    begins or ends at a time that could not be measured.
    """

    key: str
    kind: Kind
    at: int
    end: int | None = None
    task: str | None = None
    trigger: str | None = None
    depth: int = 0
    event: str | None = None
    interruption: str | None = None
    again: bool = False
    beside: bool = False
    text: str = ""
    uncertain: bool = False

    @property
    def ms(self) -> int:
        return 0 if self.end is None else self.end - self.at

    @property
    def step(self) -> int:
        return 0 if self.end is None else sum(self.ms >= limit for limit in STEPS_MS)

    @property
    def is_gap(self) -> bool:
        """Whether nothing at all was coded in it."""
        return self.kind == "segment" and self.task is None and self.depth == 0 and not self.beside

    @property
    def is_long_gap(self) -> bool:
        return self.is_gap and self.ms > LONG_GAP_MS


def rows(t: Timeline, steps: Iterable[Step], doubts: Doubt = NO_DOUBT) -> list[Row]:
    """Everything in order of time; at one instant stretches first, the primary track before what ran beside it."""
    points = [
        Row(f"{step.kind[0]}{step.id}", "prompt" if step.kind == "prompt" else "note", step.at,
            trigger=step.event.get("trigger"), event=step.id, text=step.event.get("text", ""))
        for step in steps
        if step.acts and step.kind in ("prompt", "note")
    ]  # fmt: skip
    triggers = {one.event: one.trigger for one in t.parallel}
    told = [
        *_segments(t),
        *(Row(f"w{start}", "pause", start, end) for start, end in t.pauses),
        *(Row(f"b{event}", "parallel", s, e, task, triggers[event], event=event) for s, e, event, task in beside(t)),
        *points,
    ]
    if doubts is not NO_DOUBT:
        told = [replace(row, uncertain=_is_uncertain(row, doubts)) for row in told]
    return sorted(told, key=lambda row: row.at)  # stable: the order above decides at one instant


def _is_uncertain(row: Row, doubts: Doubt) -> bool:
    if row.end is None:
        return row.event in doubts.events
    if row.kind == "pause":
        return row.at in doubts.moments or row.end in doubts.moments
    return doubts.touches(row.at, row.end)


def _segments(t: Timeline) -> Iterable[Row]:
    begun: set[str] = set()
    for one in t.segments:
        if one.task is None and one.depth == 0:
            yield from _without_task(one, t)
            continue
        again = one.occurrence in begun
        if one.occurrence is not None:
            begun.add(one.occurrence)
        yield Row(
            f"s{one.start}", "segment", one.start, one.end, one.task, one.trigger, one.depth,
            event=one.occurrence, interruption=one.interruption, again=again,
        )  # fmt: skip


def _without_task(gap: Segment, t: Timeline) -> Iterable[Row]:
    """Time without a first task, cut where second tasks begin and cease to fill it."""
    at = gap.start
    for start, end in [*filled(gap, t.parallel), (gap.end, gap.end)]:
        if start > at:
            yield Row(f"s{at}", "segment", at, start)
        if end > start:
            yield Row(f"s{start}", "segment", start, end, beside=True)
        at = end


def row_at(found: Iterable[Row], key: str) -> Row | None:
    """The row with this key; of a stretch that begins elsewhere by now, the one that it lies in."""
    listed = list(found)
    exact = next((row for row in listed if row.key == key), None)
    if exact is not None or key[:1] not in ("s", "w") or not key[1:].isdecimal() or len(key) > 16:
        return exact
    at = int(key[1:])
    return next((row for row in listed if row.kind in ("segment", "pause") and row.at <= at < (row.end or 0)), None)


def around(found: list[Row], start: int, end: int) -> list[Row]:
    """The rows of time that [start, end] touches: what changed, with its neighbours."""
    return [row for row in found if row.end is not None and row.at <= end and row.end >= start]
