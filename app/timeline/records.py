"""The records a timeline is made of, field for field as on the wire (TIMELINE.md, What comes out).

Instants are ms since the epoch, UTC; `_ms` is a duration in ms; ids are those of the events behind them.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the primary track in which nothing changed; never of no length."""

    start: int
    end: int
    task: str | None
    occurrence: str | None
    interruption: str | None
    trigger: str | None
    depth: int
    context: dict[str, str]


@dataclass(frozen=True, slots=True)
class Parallel:
    """An observed stretch of a task that ran beside the primary track; `event` is its parallel_start."""

    start: int
    end: int
    task: str
    event: str
    trigger: str | None


@dataclass(frozen=True, slots=True)
class Interruption:
    """An episode from its interrupt to the resume or abandon that ended it, or to the session's end.

    `outcome`: resumed, abandoned or open. `gross_ms`: start to end less pauses. `own_ms`: its own segments,
    without the interruptions inside it.
    """

    id: str
    trigger: str
    start: int
    end: int
    depth: int
    outcome: str
    interrupted_task: str | None
    interrupted_occurrence: str | None
    gross_ms: int
    own_ms: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """Someone asked and the person did not switch; `task` is the one in hand at that moment."""

    at: int
    trigger: str
    task: str | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a task was done, however often it was suspended.

    `active_ms`: its segments. `elapsed_ms`: start to end less pauses.
    """

    id: str
    task: str
    start: int
    end: int
    interruptions: int
    completed: bool
    active_ms: int
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class Note:
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An event that made no sense where it stands, with the code that TIMELINE.md gives it."""

    code: str
    event: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What one session's log means. `begin` and `end` are None together: a log without a begin.

    `pauses` are the unobserved gaps as (start, end), none of no length: with the segments they fill the
    session exactly. They are not part of the wire form.
    """

    begin: int | None
    end: int | None
    open: bool
    observed_ms: int
    paused_ms: int
    segments: list[Segment]
    parallel: list[Parallel]
    interruptions: list[Interruption]
    prompts: list[Prompt]
    occurrences: list[Occurrence]
    counts: dict[str, int]
    notes: list[Note]
    problems: list[Problem]
    pauses: list[tuple[int, int]]

    def as_dict(self) -> dict[str, Any]:
        """The wire form: exactly the shape of the vectors' `timeline`. Shares nothing with this timeline."""
        return {
            "begin": self.begin,
            "end": self.end,
            "open": self.open,
            "observed_ms": self.observed_ms,
            "paused_ms": self.paused_ms,
            "segments": [{**_fields(s), "context": dict(s.context)} for s in self.segments],
            "parallel": [_fields(p) for p in self.parallel],
            "interruptions": [_fields(i) for i in self.interruptions],
            "prompts": [_fields(p) for p in self.prompts],
            "occurrences": [_fields(o) for o in self.occurrences],
            "counts": dict(self.counts),
            "notes": [_fields(n) for n in self.notes],
            "problems": [_fields(p) for p in self.problems],
        }


def _fields(record: Segment | Parallel | Interruption | Prompt | Occurrence | Note | Problem) -> dict[str, Any]:
    # dataclasses.asdict copies every value deeply: ten times the time for the same flat dict
    return {name: getattr(record, name) for name in record.__slots__}
