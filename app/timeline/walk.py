"""The walk from the first begin to the end, event by event (TIMELINE.md, From log to timeline, 3 to 6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.timeline.corrections import Event, corrected
from app.timeline.records import (
    Interruption,
    Note,
    Occurrence,
    Parallel,
    Problem,
    Prompt,
    Segment,
    Timeline,
)

ENDS_A_PAUSE = {"start", "stop", "interrupt", "resume", "abandon", "parallel_start", "parallel_stop"}
LISTED_IN_A_PAUSE = ENDS_A_PAUSE | {"prompt", "context"}
CUTS_THE_SEGMENT = {"start", "stop", "interrupt", "resume", "abandon", "context"}


def timeline(events: Iterable[Event], as_of: int | None = None) -> Timeline:
    """What the log of one session means (TIMELINE.md).

    `events`: wire-shaped mappings of one session, in any order, exact copies allowed, all well-formed; None in
    an optional field is as if it were missing. They are never changed. `as_of` (ms since the epoch): an open
    session is seen at that moment, if it is later than its last event.
    """
    log, problems = corrected(events)
    walk = Walk(problems)
    for event in log:
        walk.take(event)
    if walk.begin is not None and walk.open:
        last: int = log[-1]["at"]
        walk.close(last if as_of is None else max(last, as_of))
    return walk.result()


@dataclass(slots=True)
class _Work:
    """An occurrence that the walk may still change. `begun_ms` is the observed time before its start."""

    id: str
    task: str
    start: int
    begun_ms: int
    end: int
    elapsed_ms: int = 0
    active_ms: int = 0
    interruptions: int = 0
    completed: bool = False


@dataclass(slots=True)
class _Episode:
    """An interruption that the walk may still change, with what its resume goes back to."""

    id: str
    trigger: str
    start: int
    begun_ms: int
    depth: int
    suspended: _Work | None
    context: dict[str, str]
    end: int
    outcome: str = "open"
    gross_ms: int = 0
    own_ms: int = 0


@dataclass(slots=True)
class _Beside:
    """A parallel task that runs now. `since`: where its open piece begins; `nth`: its place in the walk."""

    event: str
    task: str
    trigger: str | None
    since: int
    nth: int


class Walk:
    """The state of one session while its events are taken in order.

    `hand` is the work in hand, `stack` the interruptions around it (innermost last), `beside` what runs in
    parallel, by task. `cut_at` is where the open segment begins; during a pause no segment is open, and
    `paused_at` is set.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.begin: int | None = None
        self.end: int | None = None
        self.open = True
        self.hand: _Work | None = None
        self.stack: list[_Episode] = []
        self.beside: dict[str, _Beside] = {}
        self.context: dict[str, str] = {}
        self.cut_at = 0
        self.paused_at: int | None = None
        self.paused_ms = 0

        self.segments: list[Segment] = []
        self.pauses: list[tuple[int, int]] = []
        self.parallel: list[tuple[int, int, Parallel]] = []
        self.parallel_starts = 0
        self.episodes: list[_Episode] = []
        self.works: list[_Work] = []
        self.prompts: list[Prompt] = []
        self.counts: dict[str, int] = {}
        self.notes: list[Note] = []
        self.problems = problems

    def take(self, event: Event) -> None:
        """One event: list it if it makes no sense, else end a pause, cut the segment, and let it act."""
        kind = event["kind"]
        code = self._nonsense(kind, event)
        if code is not None:
            self._list(code, event)
            return
        if self.paused_at is not None and kind in LISTED_IN_A_PAUSE:
            self._list("event_while_paused", event)
            if kind in ENDS_A_PAUSE:
                self._end_pause(event["at"])
        if kind in CUTS_THE_SEGMENT:
            self._cut(event["at"])
        STEPS[kind](self, event)

    def _nonsense(self, kind: str, event: Event) -> str | None:
        """The code of rule 4 if the event makes no sense where it stands."""
        if kind in ("count", "note"):
            return None
        if kind == "begin":
            return None if self.begin is None else "duplicate_begin"
        if self.begin is None:
            return "outside_session"
        if not self.open:
            return "duplicate_end" if kind == "end" else "outside_session"
        return self._nonsense_inside(kind, event)

    def _nonsense_inside(self, kind: str, event: Event) -> str | None:
        if kind == "stop" and self.hand is None:
            return "stop_while_idle"
        if kind in ("resume", "abandon") and not self.stack:
            return f"{kind}_without_interruption"
        if kind == "parallel_start" and event["task"] in self.beside:
            return "repeated_parallel"
        if kind == "parallel_stop" and self._stopped_by(event) is None:
            return "parallel_stop_without_start"
        if kind == "pause" and self.paused_at is not None:
            return "repeated_pause"
        if kind == "continue" and self.paused_at is None:
            return "continue_without_pause"
        return None

    # -- the session

    def begin_session(self, event: Event) -> None:
        self.begin = self.cut_at = event["at"]

    def end_session(self, event: Event) -> None:
        self.open = False
        self.close(event["at"])

    def close(self, at: int) -> None:
        """What still runs ends with the session; what is suspended has ended with its suspension."""
        if self.paused_at is not None:
            self._end_pause(at)
        self._cut(at)
        self._cut_parallel(at)
        for episode in self.stack:
            self._end_episode(episode, at, "open")
        self._put_down(at, completed=not self.open)
        self.end = at

    # -- the primary track

    def start(self, event: Event) -> None:
        self._put_down(event["at"], completed=True)
        self._take_up(event)
        if event.get("context"):
            self.context = {**self.context, **event["context"]}

    def stop(self, event: Event) -> None:
        self._put_down(event["at"], completed=True)
        self.hand = None

    def interrupt(self, event: Event) -> None:
        at = event["at"]
        self._put_down(at, completed=False)
        if self.hand is not None:
            self.hand.interruptions += 1
        episode = _Episode(
            id=event["id"],
            trigger=event["trigger"],
            start=at,
            begun_ms=self._observed_ms(at),
            depth=len(self.stack) + 1,
            suspended=self.hand,
            context=self.context,
            end=at,
        )
        self.stack.append(episode)
        self.episodes.append(episode)
        self.hand = None
        if event.get("task") is not None:
            self._take_up(event)

    def resume(self, event: Event) -> None:
        self._put_down(event["at"], completed=True)
        episode = self.stack.pop()
        self._end_episode(episode, event["at"], "resumed")
        self.hand, self.context = episode.suspended, episode.context

    def abandon(self, event: Event) -> None:
        """What is in hand goes on one level out; the suspended work keeps the end its suspension gave it."""
        self._end_episode(self.stack.pop(), event["at"], "abandoned")

    def change_context(self, event: Event) -> None:
        # a new dict: the segments and interruptions before keep the one they were given
        self.context = {**self.context, event["dimension"]: event["value"]}

    # -- beside the primary track

    def start_parallel(self, event: Event) -> None:
        self.parallel_starts += 1
        self.beside[event["task"]] = _Beside(
            event["id"], event["task"], event.get("trigger"), event["at"], self.parallel_starts
        )

    def stop_parallel(self, event: Event) -> None:
        beside = self._stopped_by(event)
        if beside is not None:
            self._cut_beside(beside, event["at"])
            del self.beside[beside.task]

    def _stopped_by(self, event: Event) -> _Beside | None:
        of = event.get("of")
        if of is None:
            return self.beside.get(event["task"])
        return next((beside for beside in self.beside.values() if beside.event == of), None)

    def prompt(self, event: Event) -> None:
        self.prompts.append(Prompt(event["at"], event["trigger"], self.hand.task if self.hand else None))

    def count(self, event: Event) -> None:
        counter, n = event["counter"], event.get("n")
        self.counts[counter] = self.counts.get(counter, 0) + (1 if n is None else n)

    def note(self, event: Event) -> None:
        self.notes.append(Note(event["at"], event["text"]))

    # -- the observer's pauses

    def pause(self, event: Event) -> None:
        self._cut(event["at"])
        self._cut_parallel(event["at"])
        self.paused_at = event["at"]

    def go_on(self, event: Event) -> None:
        self._end_pause(event["at"])

    def _end_pause(self, at: int) -> None:
        if self.paused_at is not None and at > self.paused_at:
            self.pauses.append((self.paused_at, at))
            self.paused_ms += at - self.paused_at
        self.paused_at = None
        self.cut_at = at
        for beside in self.beside.values():
            beside.since = at

    # -- what the steps are made of

    def _list(self, code: str, event: Event) -> None:
        self.problems.append(Problem(code, event["id"]))

    def _observed_ms(self, at: int) -> int:
        """The observed time from the begin to `at`, which stands in no pause."""
        return at - (self.begin or 0) - self.paused_ms

    def _take_up(self, event: Event) -> None:
        at = event["at"]
        self.hand = _Work(event["id"], event["task"], at, self._observed_ms(at), at)
        self.works.append(self.hand)

    def _put_down(self, at: int, *, completed: bool) -> None:
        """The work in hand ends here, or is suspended: a later end overwrites this one if it is resumed."""
        if self.hand is not None:
            self.hand.end = at
            self.hand.elapsed_ms = self._observed_ms(at) - self.hand.begun_ms
            self.hand.completed = completed

    def _end_episode(self, episode: _Episode, at: int, outcome: str) -> None:
        episode.end = at
        episode.gross_ms = self._observed_ms(at) - episode.begun_ms
        episode.outcome = outcome

    def _cut(self, at: int) -> None:
        """The open segment ends at `at`, the next begins there. In a pause none is open."""
        if self.paused_at is not None:
            return
        if at > self.cut_at:
            self._write_segment(self.cut_at, at)
        self.cut_at = at

    def _write_segment(self, start: int, end: int) -> None:
        hand = self.hand
        episode = self.stack[-1] if self.stack else None
        self.segments.append(
            Segment(
                start,
                end,
                hand.task if hand else None,
                hand.id if hand else None,
                episode.id if episode else None,
                episode.trigger if episode else None,
                len(self.stack),
                self.context,
            )
        )
        if hand:
            hand.active_ms += end - start
        if episode:
            episode.own_ms += end - start

    def _cut_parallel(self, at: int) -> None:
        for beside in self.beside.values():
            self._cut_beside(beside, at)

    def _cut_beside(self, beside: _Beside, at: int) -> None:
        if at > beside.since:
            piece = Parallel(beside.since, at, beside.task, beside.event, beside.trigger)
            self.parallel.append((beside.since, beside.nth, piece))

    # -- the result

    def result(self) -> Timeline:
        return Timeline(
            begin=self.begin,
            end=self.end,
            open=self.open,
            observed_ms=sum(segment.end - segment.start for segment in self.segments),
            paused_ms=self.paused_ms,
            segments=self.segments,
            parallel=[piece for _, _, piece in sorted(self.parallel, key=lambda p: p[:2])],
            interruptions=[_interruption(episode) for episode in self.episodes],
            prompts=self.prompts,
            occurrences=[_occurrence(work) for work in self.works],
            counts=self.counts,
            notes=self.notes,
            problems=self.problems,
            pauses=self.pauses,
        )


def _interruption(episode: _Episode) -> Interruption:
    suspended = episode.suspended
    return Interruption(
        id=episode.id,
        trigger=episode.trigger,
        start=episode.start,
        end=episode.end,
        depth=episode.depth,
        outcome=episode.outcome,
        interrupted_task=suspended.task if suspended else None,
        interrupted_occurrence=suspended.id if suspended else None,
        gross_ms=episode.gross_ms,
        own_ms=episode.own_ms,
    )


def _occurrence(work: _Work) -> Occurrence:
    return Occurrence(
        id=work.id,
        task=work.task,
        start=work.start,
        end=work.end,
        interruptions=work.interruptions,
        completed=work.completed,
        active_ms=work.active_ms,
        elapsed_ms=work.elapsed_ms,
    )


STEPS: dict[str, Callable[[Walk, Event], None]] = {
    "begin": Walk.begin_session,
    "end": Walk.end_session,
    "start": Walk.start,
    "stop": Walk.stop,
    "interrupt": Walk.interrupt,
    "resume": Walk.resume,
    "abandon": Walk.abandon,
    "prompt": Walk.prompt,
    "parallel_start": Walk.start_parallel,
    "parallel_stop": Walk.stop_parallel,
    "pause": Walk.pause,
    "continue": Walk.go_on,
    "context": Walk.change_context,
    "count": Walk.count,
    "note": Walk.note,
}
