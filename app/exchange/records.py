"""What the lines of a file say, in our terms, before it is laid out as events. Instants are ms since the epoch, UTC."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.exchange.lines import Line


@dataclass(frozen=True, slots=True)
class About:
    """What one line says of its session. Equal `key`s are one session; `label` names it to people.

    `observed_from`, `observed_to`: its stated begin and end. `elastic`: lines may go beyond them, and stretch it.
    `undated`: the file gives no date, so that the instants stand on a made-up one.
    """

    key: tuple[str, ...]
    label: str
    subject: str | None = None
    mode: str | None = None
    day_type: str | None = None
    staff_role: str | None = None
    observed_from: int | None = None
    observed_to: int | None = None
    elastic: bool = False
    undated: bool = False


@dataclass(frozen=True, slots=True)
class Break:
    """A time within a row in which it was interrupted; `by` names the row that broke in (its `ref`), if known."""

    start: int
    end: int
    by: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A task with a begin and an end (None: never stopped). `task` and `trigger` are as written."""

    id: str
    line: Line
    task: str
    start: int
    end: int | None
    trigger: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """An instant: a prompt if `trigger` is set, else a count of `counter`. `detail`: it had more to say."""

    id: str
    line: Line
    at: int
    trigger: str | None
    counter: str | None
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as such. `fields` are those of its kind on the wire, with names as written."""

    id: str
    line: Line
    at: int
    kind: str
    fields: Mapping[str, object]
    unused: int = 0


Item = Row | Point | Logged


@dataclass(frozen=True, slots=True)
class Said:
    """One good line: what it says, and what it says of its session."""

    about: About
    item: Item


# the fields of About that all lines of a session must agree on, with the columns they may come from
AGREED = {
    "subject": ("subject", "participant id"),
    "mode": ("mode",),
    "day_type": ("day_type",),
    "staff_role": ("staff_role",),
    "observed_from": ("observed_from", "observation_start", "session start"),
    "observed_to": ("observed_to", "observation_length_s", "session end"),
}


@dataclass(slots=True)
class Draft:
    """A session while its lines are gathered: the header they agree on, and the lines' items by kind.

    `damaged`: a line of it could not be imported.
    """

    id: str
    about: About
    rows: list[Row] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    log: list[Logged] = field(default_factory=list)
    damaged: bool = False

    def items(self) -> Iterator[Item]:
        yield from self.rows
        yield from self.points
        yield from self.log

    def line_ids(self) -> frozenset[str]:
        return frozenset(item.id for item in self.items())
