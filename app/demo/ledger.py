"""What really happened in one MA's day, kept by the simulation itself while it happens.

The ledger is not made from events and never goes through the app's timeline: it is the other side that tests hold the
app's figures against. All times are ms since the epoch.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Beside(NamedTuple):
    """A second task beside the work in hand; `trigger` brought it, or None."""

    task: str
    trigger: str | None
    end: int


class Stretch(NamedTuple):
    """A time in which nothing changed. `triggers`: of the interruptions it lies in, the innermost last.

    `occurrence` numbers the pieces of work: the same task begun anew has another number, one gone back to its old one.
    """

    start: int
    end: int
    task: str | None
    occurrence: int
    beside: tuple[Beside, ...]
    triggers: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """One thing in hand at most, and nothing broken off: where a watcher can come in or turn away."""
        return not self.beside and not self.triggers


class Act(NamedTuple):
    """What an observer can see and tap: `kind` and `fields` are an event's (TIMELINE.md)."""

    at: int
    kind: str
    fields: dict[str, Any]


@dataclass(slots=True)
class Episode:
    """An interruption: what broke in, into which task, and what became of it by `end` (open: the day was over)."""

    trigger: str
    task: str | None
    start: int
    end: int
    outcome: str = "open"


@dataclass(slots=True)
class DayOfBreaks:
    """Breaks (or lunches) of one MA's day."""

    due: int = 0
    late: int = 0
    missed: int = 0


@dataclass(slots=True)
class Ledger:
    """One MA's day from `opening` to `closing`, which the stretches fill without a gap."""

    subject: str
    day_type: str
    opening: int
    closing: int
    stretches: list[Stretch] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    rests: dict[str, DayOfBreaks] = field(default_factory=lambda: {"break": DayOfBreaks(), "lunch": DayOfBreaks()})
    no_shows: int = 0
    left_ms: int = 0  # patients' work still to be done at closing time
