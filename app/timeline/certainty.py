"""Which stretches and points of a session stand on a time that could not be measured.

A phone's clock is put right by what it measured with the server's answers; where it measured nothing, the time is
carried over and called uncertain (capture/clock.py). Here that is followed from the events into the timeline.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from app.timeline.corrections import Event
from app.timeline.records import Timeline

# events that bound a segment; a parallel one does so only where it ends a pause
BOUNDING = frozenset(
    ("begin", "end", "start", "stop", "interrupt", "resume", "abandon", "pause", "continue", "context")
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """`events`: ids of the standing events of uncertain time; `moments`: where such a one bounds a stretch.

    `stretches`: the segments that begin or end at such a moment, in order and disjoint.
    """

    events: Set[str]
    moments: Set[int]
    stretches: Sequence[tuple[int, int]]

    def touches(self, start: int, end: int) -> bool:
        """Whether a stretch of these bounds is uncertain, be it one of no length."""
        return start in self.moments or any(begun < end and start < over for begun, over in self.stretches)


NO_DOUBT = Doubt(frozenset(), frozenset(), ())


def doubt(t: Timeline, events: Sequence[Event], standing: Iterable[Event], uncertain: Set[str]) -> Doubt:
    """`events`: the log that `t` is of, corrections included; `uncertain`: ids of those whose time was not measured."""
    if not uncertain:
        return NO_DOUBT
    tapped = {event["id"]: event["at"] for event in events}
    # a time given by a correction is as certain as the correction
    movers = {(e["target"], e["changes"]["at"]): e["id"] for e in events if "at" in (e.get("changes") or {})}
    idle = without_effect(t)
    woke = {problem.event for problem in t.problems if problem.code == "event_while_paused"}
    doubtful, moments = set(), set()
    for event in standing:
        id, at = event["id"], event["at"]
        giver = id if at == tapped[id] else movers.get((id, at), id)
        if giver not in uncertain:
            continue
        doubtful.add(id)
        bounds = event["kind"] in BOUNDING or id in woke or (t.open and at == t.end)
        if bounds and id not in idle:
            moments.add(at)
    stretches = [(s.start, s.end) for s in t.segments if s.start in moments or s.end in moments]
    return Doubt(doubtful, moments, stretches)


def without_effect(t: Timeline) -> set[str]:
    """The events that made no sense where they stand; one that ended a pause did have its effect."""
    return {problem.event for problem in t.problems if problem.code != "event_while_paused"}
