"""The walk of TIMELINE.md once more, taking down what each event did: whom a correction has to aim at. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.timeline.corrections import Event, corrected
from app.timeline.walk import Walk

PRIMARY = frozenset(("start", "stop", "interrupt", "resume", "abandon"))
EDGES = PRIMARY | {"begin", "end", "pause", "continue", "context"}


@dataclass(frozen=True, slots=True)
class Step:
    """One surviving event. `stack`: the interruptions around it, innermost last; `hand`: the occurrence in hand.

    `acts`: it changed something where it stands. `woke`: it ended a pause. `closes`: the interruption that it ended;
    `stops`: the parallel_start that it ended. `paused`: it came while nobody watched.
    """

    event: Event
    acts: bool
    hand: str | None
    hand_after: str | None
    stack: tuple[str, ...]
    stack_after: tuple[str, ...]
    paused: bool
    woke: bool
    closes: str | None = None
    stops: str | None = None

    @property
    def id(self) -> str:
        return str(self.event["id"])

    @property
    def at(self) -> int:
        return int(self.event["at"])

    @property
    def kind(self) -> str:
        return str(self.event["kind"])

    @property
    def is_edge(self) -> bool:
        """Whether a stretch of the primary track, or a pause, begins or ends with it."""
        return self.acts and (self.kind in EDGES or self.woke)


class _Noting(Walk):
    def __init__(self) -> None:
        super().__init__([])
        self.steps: list[Step] = []

    def take(self, event: Event) -> None:
        listed = len(self.problems)
        hand, stack, paused = self._held(), self._around(), self.paused_at is not None
        beside = {one.event for one in self.beside.values()}
        super().take(event)
        codes = {problem.code for problem in self.problems[listed:]}
        closes = stack[-1] if event["kind"] in ("resume", "abandon") and len(self.stack) < len(stack) else None
        gone = beside - {one.event for one in self.beside.values()}
        self.steps.append(
            Step(
                event=event,
                acts=not codes - {"event_while_paused"},
                hand=hand,
                hand_after=self._held(),
                stack=stack,
                stack_after=self._around(),
                paused=paused,
                woke=paused and self.paused_at is None and event["kind"] not in ("continue", "end"),
                closes=closes,
                stops=next(iter(gone), None) if event["kind"] == "parallel_stop" else None,
            )
        )

    def _held(self) -> str | None:
        return self.hand.id if self.hand else None

    def _around(self) -> tuple[str, ...]:
        return tuple(episode.id for episode in self.stack)


def trace(events: Iterable[Event]) -> list[Step]:
    """Every surviving event in the order of the walk."""
    standing, _problems = corrected(events)
    walk = _Noting()
    for event in standing:
        walk.take(event)
    return walk.steps
