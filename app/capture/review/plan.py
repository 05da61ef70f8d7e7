"""Corrections in the making: events added to a log until it means what somebody wished. Pure.

A plan is what is previewed *and* what is stored: its events have their ids, numbers and stamps from the beginning, so
the timeline of the log with them is exactly the one that was shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from app.capture.items import MOST
from app.capture.review.trace import Step, trace
from app.errors import BadRequest
from app.i18n import _
from app.timeline import Timeline, timeline
from app.timeline.corrections import CORRECTIONS, Event

FIRST_FACT = 500_000_000  # of facts that come after everything at their instant: beyond what any phone has counted
FIRST_CORRECTION = 1_000_000_000  # numbers of voids and amendments: they decide nothing, and stay out of the way
MOST_TURNS = 60


class Refused(BadRequest):
    """A wish that cannot be fulfilled as it stands; the sentence says why, or what to do instead."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="cannot_be")


@dataclass(frozen=True, slots=True)
class Coding:
    """What was said of a stretch of the primary track; `paused`: nobody watched."""

    task: str | None
    occurrence: str | None
    interruption: str | None
    depth: int
    paused: bool = False


PAUSED = Coding(None, None, None, 0, paused=True)


@dataclass(frozen=True, slots=True)
class Stretch:
    start: int
    end: int
    coding: Coding


def stretches(t: Timeline) -> list[Stretch]:
    """The session from begin to end without holes, pauses included; equal neighbours are one."""
    watched = [Stretch(s.start, s.end, Coding(s.task, s.occurrence, s.interruption, s.depth)) for s in t.segments]
    return joined([*watched, *(Stretch(start, end, PAUSED) for start, end in t.pauses)])


def joined(parts: Iterable[Stretch]) -> list[Stretch]:
    """In order, without those of no length, equal neighbours as one."""
    whole: list[Stretch] = []
    for part in sorted(parts, key=lambda part: (part.start, part.end)):
        if part.end <= part.start:
            continue
        last = whole[-1] if whole else None
        if last and last.end == part.start and last.coding == part.coding:
            whole[-1] = Stretch(last.start, part.end, part.coding)
        else:
            whole.append(part)
    return whole


Beside = tuple[int, int, str, str]


def beside(t: Timeline) -> list[Beside]:
    """What ran beside the primary track: (start, end, parallel_start, task), whole again where a pause cut it."""
    pauses = dict(t.pauses)
    whole: list[Beside] = []
    for one in t.parallel:
        held = next((n for n, (_s, end, event, _t) in enumerate(whole)
                     if event == one.event and pauses.get(end) == one.start), None)  # fmt: skip
        if held is None:
            whole.append((one.start, one.end, one.event, one.task))
        else:
            whole[held] = (whole[held][0], one.end, one.event, one.task)
    return sorted(whole)


class Plan:
    """A log with the corrections made so far.

    `change` names them all (a UUID); `now` is the server's clock. `drafts` are the new events, wire-shaped, in the
    order in which they count.
    """

    def __init__(self, events: Sequence[Event], change: str, now: int) -> None:
        self.events = list(events)
        self.change = change
        self.drafts: list[dict[str, Any]] = []
        # after every correction there is, also one of a phone whose clock is ahead
        self._stamp = max([now, *(1 + _recorded_at(e) for e in events if e["kind"] in CORRECTIONS)])
        # a phone whose clock is ahead and was never put right may have been there already
        self._latest = max([now, *(event["at"] for event in events)])
        self._numbers: set[int] = set()
        self._seen: tuple[list[Step], dict[str, Step], Timeline] | None = None
        self._end = self.t.end

    def _look(self) -> tuple[list[Step], dict[str, Step], Timeline]:
        """What the log means by now: worked out when it is asked for, not after each of a hundred corrections."""
        if self._seen is None:
            steps = trace(self.events)
            self._seen = steps, {step.id: step for step in steps}, timeline(self.events)
        return self._seen

    @property
    def steps(self) -> list[Step]:
        return self._look()[0]

    @property
    def by_id(self) -> dict[str, Step]:
        return self._look()[1]

    @property
    def t(self) -> Timeline:
        return self._look()[2]

    def fork(self) -> "Plan":
        """A copy to try something on."""
        other = Plan.__new__(Plan)
        other.events, other.change, other.drafts = list(self.events), self.change, list(self.drafts)
        other._stamp, other._latest, other._numbers = self._stamp, self._latest, set(self._numbers)
        other._end = self._end
        other._seen = self._seen
        return other

    def take_over(self, other: "Plan") -> None:
        self.__dict__.update(other.__dict__)

    # -- what corrections are made of

    def void(self, *targets: str) -> None:
        for target in targets:
            self._correct({"kind": "void", "target": target})

    def amend(self, target: str, **changes: Any) -> None:
        self._correct({"kind": "amend", "target": target, "changes": changes})

    def _correct(self, fields: dict[str, Any]) -> None:
        number = FIRST_CORRECTION + len(self.drafts)
        self._keep({"at": self._stamp, "seq": number, "id": self._new_id(), **fields})

    def add(self, kind: str, at: int, *, before: str | None = None, after: str | None = None, **fields: Any) -> str:
        """A fact entered afterwards: after everything at its instant, or next to the event named. Answers its id."""
        seq, id = self._seat(at, before, after)
        self._keep({"at": at, "seq": seq, "id": id, "kind": kind, **fields})
        return id

    def _keep(self, event: dict[str, Any]) -> None:
        meant = event.get("changes", {}).get("at") if event["kind"] in CORRECTIONS else event["at"]
        if meant is not None and meant > self._latest:
            raise Refused(_("That time has not come yet."))
        whole = {**event, "recorded_at": self._stamp + len(self.drafts)}
        self._numbers.add(whole["seq"])
        self.drafts.append(whole)
        self.events.append(whole)
        self._seen = None

    def _new_id(self) -> str:
        return str(uuid5(UUID(self.change), str(len(self.drafts))))

    def _seat(self, at: int, before: str | None, after: str | None) -> tuple[int, str]:
        """(seq, id) that put an event where it is meant among those of the same ms: ordered by (seq, id)."""
        there = [(step.event["seq"], step.id) for step in self.steps if step.at == at]
        named = [id for _seq, id in there]
        place = named.index(before) if before in named else named.index(after) + 1 if after in named else len(there)
        low = there[place - 1] if place else (0, "")
        high = there[place] if place < len(there) else (MOST, "g")
        id = self._new_id()
        first = max(low[0] + 1, FIRST_FACT) if high[0] > FIRST_CORRECTION else low[0] + 1
        free = (n for n in range(first, min(high[0], first + 1 + len(self._numbers))) if n not in self._numbers)
        seq = next(free, None)
        if seq is not None:
            return seq, id
        for tied in ((low[0], "ffffffff" + id[8:]), (high[0], "00000000" + id[8:])):
            if 0 < tied[0] < MOST and tied[0] not in self._numbers and low < tied < high:
                return tied
        raise Refused(_("Too much happened in the same thousandth of a second to put something between."))

    def erase(self, step: Step) -> None:
        """Takes an event away, but not what it did besides: if it ended a pause, the pause ends all the same."""
        if step.woke:
            self.add("continue", step.at, after=step.id)
        self.void(step.id)

    # -- does it come out as it was meant?

    def settle(self, was: Sequence[Step]) -> None:
        """Other taps act as they did: one that would come alive, or that has nothing left to do, goes too."""
        acted = {step.id: step.acts for step in was}
        for _turn in range(MOST_TURNS):
            turned = next((s for s in self.steps if s.id in acted and acted[s.id] != s.acts), None)
            if turned is None:
                return
            if acted[turned.id] and turned.kind in ("parallel_start", "pause"):
                break  # it would be lost without a word
            self.void(turned.id)
        raise Refused(_("Another tap stands in the way. Correct that one first."))

    def check(self, wanted: Iterable[Stretch], wanted_beside: Iterable[Beside]) -> None:
        """Raises Refused if the log means something else by now."""
        if self.t.open and self.t.end != self._end:
            raise Refused(_("The session is still open, and this is its last tap. End the session first."))
        if stretches(self.t) != joined(wanted) or beside(self.t) != sorted(wanted_beside):
            raise Refused(_("Other taps of this moment stand in the way. Try it in smaller steps."))


def _recorded_at(event: Event) -> int:
    recorded_at: int | None = event.get("recorded_at")
    return event["at"] if recorded_at is None else recorded_at
