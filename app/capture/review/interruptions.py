"""Wishes about interruptions: how one ended, or that it was none; and two stretches as one. Pure."""

from dataclasses import dataclass, replace
from typing import Literal

from app.capture.review.plan import Coding, Plan, Refused, beside, stretches
from app.capture.review.trace import PRIMARY, Step
from app.capture.review.wishes import cut_at, edges_at, first_that_works, gone, recoded, segment_at, step_of
from app.i18n import _
from app.timeline import Interruption

How = Literal["resumed", "abandoned", "prompt", "both"]
CLOSING = {"resumed": "resume", "abandoned": "abandon"}


def interruption_of(plan: Plan, id: str) -> Interruption:
    found = next((one for one in plan.t.interruptions if one.id == id), None)
    if found is None:
        raise gone()
    return found


def closer_of(plan: Plan, id: str) -> Step | None:
    return next((step for step in plan.steps if step.closes == id), None)


@dataclass(frozen=True, slots=True)
class Uninterrupt:
    """There was no interruption: what it broke into went on, and what was done in it was not done."""

    interruption: str

    def into(self, plan: Plan) -> None:
        one, opened = interruption_of(plan, self.interruption), step_of(plan, self.interruption)
        was, before, besides = plan.steps, stretches(plan.t), beside(plan.t)
        inside = [step for step in was if one.id in step.stack and step.acts]
        restored = closer_of(plan, one.id) is not None and one.outcome == "resumed"
        for step in inside:
            if step.kind in PRIMARY or (step.kind == "context" and restored):
                plan.erase(step)
        plan.erase(opened)
        plan.settle(was)
        within = {one.id, *(step.id for step in inside if step.kind == "interrupt")}
        works = {step.hand_after for step in (opened, *inside) if step.kind in ("start", "interrupt")} - {None}
        around = opened.stack[-1] if opened.stack else None
        plain = Coding(one.interrupted_task, one.interrupted_occurrence, around, len(opened.stack))

        def wanted(coding: Coding) -> Coding:
            if coding.interruption in within:
                return plain
            if coding.occurrence in works:  # its work, carried on outside
                return replace(coding, task=plain.task, occurrence=plain.occurrence)
            return coding

        plan.check(recoded(before, lambda part: wanted(part.coding)), besides)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an interruption ended: gone back to, not gone back to; or it was none: only asked, or dealt with beside."""

    interruption: str
    how: How
    task: str | None = None  # for both: what ran beside

    def into(self, plan: Plan) -> None:
        one = interruption_of(plan, self.interruption)
        if one.outcome == self.how:
            return
        if self.how in CLOSING:
            self._close(plan, one, CLOSING[self.how])
        else:
            self._as_none(plan, one)

    def _close(self, plan: Plan, one: Interruption, kind: str) -> None:
        closer, was = closer_of(plan, one.id), plan.steps
        spans = [(i.id, i.start, i.end) for i in plan.t.interruptions if i.start <= one.start]
        if closer is not None:
            plan.add(kind, closer.at, after=closer.id)
            plan.void(closer.id)
        else:
            if any(one.id in step.stack and step.stack[-1] != one.id for step in was[-1:]):
                raise Refused(_("The interruption inside this one is still open. Say first how that one ended."))
            end = next((step for step in was if step.kind == "end" and step.acts), None)
            plan.add(kind, one.end, before=end.id if end else None)
        plan.settle(was)
        now = {i.id: i for i in plan.t.interruptions}
        kept = [(id, now[id].start, now[id].end) for id, _start, _end in spans if id in now]
        if kept != spans or now[one.id].outcome != self.how:
            raise Refused(_("Other taps of this moment stand in the way. Try it in smaller steps."))

    def _as_none(self, plan: Plan, one: Interruption) -> None:
        closer = closer_of(plan, one.id)
        if self.how == "prompt":
            plan.add("prompt", one.start, after=one.id, trigger=one.trigger)
        else:
            task = self.task or next((s.task for s in plan.t.segments if s.interruption == one.id and s.task), None)
            if task is None:
                raise Refused(_("Choose the task that ran beside."))
            begun = plan.add("parallel_start", one.start, after=one.id, task=task, trigger=one.trigger)
            end = next((step for step in plan.steps if step.kind == "end" and step.acts), None)
            spot = {"after": closer.id} if closer else {"before": end.id if end else None}
            plan.add("parallel_stop", one.end, task=task, of=begun, **spot)
            if begun not in {step.id for step in plan.steps if step.acts}:
                raise Refused(_("This task runs beside already at that time."))
        Uninterrupt(one.id).into(plan)


@dataclass(frozen=True, slots=True)
class Merge:
    """The stretch that begins at this instant becomes part of the one before it."""

    at: int

    def into(self, plan: Plan) -> None:
        segment = segment_at(plan, self.at)
        before = next((s for s in plan.t.segments if s.end == self.at), None)
        edges = edges_at(plan, self.at)
        if before is None or any(step.woke or step.kind in ("begin", "end", "pause", "continue") for step in edges):
            raise Refused(_("There is no stretch right before this one to merge it with."))
        begun = [s.id for s in edges if s.kind == "interrupt" and closer_of_later(plan, s)]
        if begun:
            Uninterrupt(begun[0]).into(plan)
            if any(one.start == self.at for one in plan.t.segments):
                Merge(self.at).into(plan)  # it broke into something else, that began in the same ms
            return
        was, parts, besides = plan.steps, stretches(plan.t), beside(plan.t)
        voided = [s.id for s in edges if s.kind in ("start", "stop", "context")]
        moved = [s.id for s in edges if s.closes and plan.by_id[s.closes].at < self.at]
        joins = Coding(before.task, before.occurrence, before.interruption, before.depth)

        def wanted(start: int, end: int, coding: Coding) -> Coding:
            if start >= self.at and end <= segment.end:
                return joins
            if coding.occurrence in voided:
                return replace(coding, task=joins.task, occurrence=joins.occurrence)
            return coding

        def attempt(*, stopped: bool) -> Plan:
            trial = plan.fork()
            trial.void(*voided)
            for id in moved:
                trial.amend(id, at=segment.end)
            if stopped:
                following = edges_at(plan, segment.end)
                trial.add("stop", segment.end, before=following[0].id if following else None)
            trial.settle(was)
            whole = cut_at(parts, self.at, segment.end)
            trial.check([replace(p, coding=wanted(p.start, p.end, p.coding)) for p in whole], besides)
            return trial

        plan.take_over(first_that_works(lambda: attempt(stopped=False), lambda: attempt(stopped=True)))


def closer_of_later(plan: Plan, opened: Step) -> bool:
    """Whether the interruption takes any time: one that ended in the same ms begins no stretch."""
    return interruption_of(plan, opened.id).end > opened.at
