"""What people may wish of a session, and the corrections that each wish becomes. Pure.

Every wish says what the timeline should be afterwards, from the timeline before and nothing else; the corrections are
then held against that. One that cannot be had exactly is refused, and nothing of it is kept. Wishes about
interruptions are in interruptions.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from app.capture.review.plan import Coding, Plan, Refused, Stretch, beside, stretches
from app.capture.review.trace import Step
from app.i18n import _
from app.timeline import Segment
from app.timeline.corrections import Event


class Wish(Protocol):
    def into(self, plan: Plan) -> None:
        """Adds the corrections to the plan. Raises Refused."""


def planned(events: Iterable[Event], change: str, now: int, *wishes: Wish) -> Plan:
    """The wishes one after the other, all of them or none."""
    plan = Plan(list(events), change, now)
    for wish in wishes:
        wish.into(plan)
    return plan


def gone() -> Refused:
    return Refused(_("That is not there any more."))


def segment_at(plan: Plan, at: int) -> Segment:
    """The segment that begins at this instant."""
    found = next((segment for segment in plan.t.segments if segment.start == at), None)
    if found is None:
        raise gone()
    return found


def step_of(plan: Plan, event: str) -> Step:
    found = plan.by_id.get(event)
    if found is None:
        raise gone()
    return found


def edges_at(plan: Plan, at: int) -> list[Step]:
    return [step for step in plan.steps if step.at == at and step.is_edge]


def recoded(before: list[Stretch], change: Callable[[Stretch], Coding]) -> list[Stretch]:
    return [replace(one, coding=change(one)) for one in before]


def cut_at(parts: Iterable[Stretch], *instants: int) -> list[Stretch]:
    """The same stretches, with a cut at each instant that lies within one."""
    for at in instants:
        parts = [
            piece
            for one in parts
            for piece in (
                [Stretch(one.start, at, one.coding), Stretch(at, one.end, one.coding)]
                if one.start < at < one.end
                else [one]
            )
        ]
    return list(parts)


@dataclass(frozen=True, slots=True)
class Retask:
    """Another task for the occurrence that this event began, all its stretches; also for one that ran beside."""

    event: str
    task: str

    def into(self, plan: Plan) -> None:
        step, before, besides = step_of(plan, self.event), stretches(plan.t), beside(plan.t)
        if step.event.get("task") is None:
            raise gone()
        was = plan.steps
        if step.event["task"] == self.task:
            return
        plan.amend(self.event, task=self.task)
        for stop in was:
            if stop.stops == self.event and stop.event.get("of") is None:
                plan.amend(stop.id, task=self.task)
        plan.settle(was)
        plan.check(
            recoded(before, lambda one: _with_task(one.coding, self.event, self.task)),
            [(s, e, id, self.task if id == self.event else task) for s, e, id, task in besides],
        )


def _with_task(coding: Coding, occurrence: str, task: str | None, by: str | None = None) -> Coding:
    """`by`: the occurrence it becomes part of, if not its own."""
    return replace(coding, task=task, occurrence=by or occurrence) if coding.occurrence == occurrence else coding


@dataclass(frozen=True, slots=True)
class Retrigger:
    """Another trigger for an interruption, a prompt, or a prompted task beside."""

    event: str
    trigger: str

    def into(self, plan: Plan) -> None:
        if step_of(plan, self.event).event.get("trigger") != self.trigger:
            plan.amend(self.event, trigger=self.trigger)


def room_around(plan: Plan, at: int) -> tuple[int | None, int | None]:
    """Between which instants the edge at `at` may be moved, both excluded; None where nothing bounds it."""
    parts = stretches(plan.t)
    cuts = sorted(
        {edge for s in plan.t.segments for edge in (s.start, s.end)} | {e for p in parts for e in (p.start, p.end)}
    )
    if at not in cuts:
        raise gone()
    place = cuts.index(at)
    return cuts[place - 1] if place else None, cuts[place + 1] if place + 1 < len(cuts) else None


@dataclass(frozen=True, slots=True)
class Shift:
    """The edge between two stretches, or an end of the session, to another instant: both neighbours change."""

    at: int
    to: int

    def into(self, plan: Plan) -> None:
        if self.to == self.at:
            return
        low, high = room_around(plan, self.at)
        if (low is not None and self.to <= low) or (high is not None and self.to >= high):
            raise Refused(_("That would swallow a neighbour whole. Merge the two, or delete one of them."))
        moved, was = edges_at(plan, self.at), plan.steps
        before, besides, cut = stretches(plan.t), beside(plan.t), {edge for pause in plan.t.pauses for edge in pause}
        if not moved:
            raise Refused(_("This is as far as the taps go: the session is still open."))
        for step in moved:
            plan.amend(step.id, at=self.to)
        if {step.kind for step in moved} & {"begin", "end"}:
            return  # what lies outside the session comes in, or falls out: that is what is meant
        plan.settle(was)
        plan.check(
            [Stretch(self._put(one.start), self._put(one.end), one.coding) for one in before],
            # a pause cuts what runs beside it: its pieces are whole again in `beside`
            beside(plan.t) if self.at in cut and _same_but_pauses(besides, beside(plan.t)) else besides,
        )

    def _put(self, edge: int) -> int:
        return self.to if edge == self.at else edge


def _same_but_pauses(one: list[tuple[int, int, str, str]], other: list[tuple[int, int, str, str]]) -> bool:
    return [(id, task) for _s, _e, id, task in one] == [(id, task) for _s, _e, id, task in other]


@dataclass(frozen=True, slots=True)
class Fill:
    """A task where none was coded, for all of a gap or for a part of it."""

    start: int
    end: int
    task: str

    def into(self, plan: Plan) -> None:
        gap = next((s for s in plan.t.segments if s.start <= self.start < self.end <= s.end), None)
        if gap is None or gap.task is not None:
            raise gone()
        was, before, besides = plan.steps, stretches(plan.t), beside(plan.t)

        def attempt(*, stopped: bool) -> Plan:
            trial = plan.fork()
            begun = trial.add("start", self.start, task=self.task)
            if stopped:
                following = edges_at(plan, self.end)
                trial.add("stop", self.end, before=following[0].id if following else None)
            trial.settle(was)
            wanted = cut_at(before, self.start, self.end)
            filled = Coding(self.task, begun, gap.interruption, gap.depth)
            trial.check(
                recoded(wanted, lambda one: filled if self.start <= one.start < self.end else one.coding), besides
            )
            return trial

        # what ends the gap mostly ends the task too; where it does not, the task is stopped first
        plan.take_over(first_that_works(lambda: attempt(stopped=False), lambda: attempt(stopped=True)))


def first_that_works(*attempts: Callable[[], Plan]) -> Plan:
    """Raises the last refusal if none does."""
    for attempt in attempts[:-1]:
        try:
            return attempt()
        except Refused:
            continue
    return attempts[-1]()


@dataclass(frozen=True, slots=True)
class Divide:
    """A stretch in two: from this instant on it is another occurrence, of the same task or of another."""

    at: int
    task: str

    def into(self, plan: Plan) -> None:
        segment = next((s for s in plan.t.segments if s.start < self.at < s.end), None)
        if segment is None:
            raise Refused(_("Choose a time within the stretch that is to be divided."))
        if segment.occurrence is None:
            Fill(self.at, segment.end, self.task).into(plan)
            return
        was, before, besides, occurrence = plan.steps, stretches(plan.t), beside(plan.t), segment.occurrence
        begun = plan.add("start", self.at, task=self.task)
        plan.settle(was)
        plan.check(
            recoded(
                cut_at(before, self.at),
                lambda one: (
                    _with_task(one.coding, occurrence, self.task, begun) if one.start >= self.at else one.coding
                ),
            ),
            besides,
        )


@dataclass(frozen=True, slots=True)
class Delete:
    """The occurrence in this stretch was not: nothing was coded then. With all its stretches."""

    at: int

    def into(self, plan: Plan) -> None:
        occurrence = segment_at(plan, self.at).occurrence
        if occurrence is None:
            raise Refused(_("There is no task in this stretch that could be deleted."))
        was, before, besides, begun = plan.steps, stretches(plan.t), beside(plan.t), plan.by_id[occurrence]
        if begun.kind == "interrupt":
            plan.add("stop", begun.at, after=begun.id)
        else:
            if begun.hand is not None:
                plan.add("stop", begun.at, after=begun.id)
            plan.erase(begun)
        plan.settle(was)
        plan.check(
            recoded(before, lambda one: replace(one.coding, task=None, occurrence=None)
                    if one.coding.occurrence == occurrence else one.coding),
            besides,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeleteBeside:
    """The task that ran beside was not."""

    event: str

    def into(self, plan: Plan) -> None:
        begun, was = step_of(plan, self.event), plan.steps
        before, besides = stretches(plan.t), beside(plan.t)
        for stop in was:
            if stop.stops == self.event:
                plan.erase(stop)
        plan.erase(begun)
        plan.settle(was)
        plan.check(before, [one for one in besides if one[2] != self.event])


@dataclass(frozen=True, slots=True)
class ShiftBeside:
    """The begin (or the end) of what ran beside, to another instant."""

    event: str
    end: bool
    to: int

    def into(self, plan: Plan) -> None:
        begun, was = step_of(plan, self.event), plan.steps
        before, besides = stretches(plan.t), beside(plan.t)
        its = next((one for one in besides if one[2] == self.event), None)
        if its is None or plan.t.begin is None or plan.t.end is None:
            raise gone()
        start, end = (its[0], self.to) if self.end else (self.to, its[1])
        if not plan.t.begin <= start < end <= plan.t.end:
            raise Refused(_("It must begin before it ends, and within the session."))
        if (start, end) == its[:2]:
            return
        stop = next((step for step in was if step.stops == self.event), None)
        if not self.end:
            plan.amend(begun.id, at=start)
        elif stop is not None:
            plan.amend(stop.id, at=end)
        else:
            plan.add("parallel_stop", end, task=its[3], of=self.event)
        plan.settle(was)
        plan.check(before, [(start, end, *its[2:]) if one is its else one for one in besides])


@dataclass(frozen=True, slots=True)
class Unpause:
    """The pause that begins at this instant was not: what was in hand went on."""

    at: int

    def into(self, plan: Plan) -> None:
        over = dict(plan.t.pauses).get(self.at)
        if over is None:
            raise gone()
        was, before = plan.steps, stretches(plan.t)
        going_on = next((s.coding for s in before if s.end == self.at), None)
        begun = next(s for s in reversed(was) if s.acts and s.kind == "pause" and s.at == self.at)
        after = was[was.index(begun) + 1 :]
        ended = next((s for s in after if s.acts and (s.kind == "continue" or s.woke)), None)
        plan.void(begun.id, *([ended.id] if ended and ended.kind == "continue" else []))
        plan.settle(was)
        if going_on is not None and not going_on.paused:
            plan.check([replace(s, coding=going_on) if s.start == self.at else s for s in before], beside(plan.t))


@dataclass(frozen=True, slots=True)
class Move:
    """A point (something only asked, a flag, a count) to another instant."""

    event: str
    to: int

    def into(self, plan: Plan) -> None:
        step = step_of(plan, self.event)
        if step.kind not in ("prompt", "note", "count"):
            raise gone()
        if plan.t.begin is None or plan.t.end is None or not plan.t.begin <= self.to <= plan.t.end:
            raise Refused(_("Choose a time within the session."))
        if step.at != self.to:
            before, besides = stretches(plan.t), beside(plan.t)
            plan.amend(self.event, at=self.to)
            plan.check(before, besides)


@dataclass(frozen=True, slots=True)
class TakeAway:
    """A point, or a tap that changes nothing where it stands."""

    event: str

    def into(self, plan: Plan) -> None:
        """A correction that cannot be made out is taken away like any other tap."""
        step, broken = plan.by_id.get(self.event), {problem.event for problem in plan.t.problems}
        if step is None and self.event not in broken:
            raise gone()
        if step is not None and step.acts and step.kind not in ("prompt", "note", "count"):
            raise Refused(_("This tap changes the session. Correct the stretch that it began or ended."))
        plan.void(self.event)


@dataclass(frozen=True, slots=True)
class Recount:
    """What is missing in a counter (or too much), at the last of its taps, else at the end of the session."""

    counter: str
    n: int

    def into(self, plan: Plan) -> None:
        if self.n == 0:
            return
        if plan.t.end is None:
            raise gone()
        taps = [step.at for step in plan.steps if step.kind == "count" and step.event["counter"] == self.counter]
        plan.add("count", max(taps, default=plan.t.end), counter=self.counter, n=self.n)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """All events of an earlier change, whatever they were: corrections and what was entered."""

    events: tuple[str, ...]

    def into(self, plan: Plan) -> None:
        plan.void(*self.events)
