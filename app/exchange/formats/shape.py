"""What every import format has, and how each reads a value of a line."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.exchange.faults import BadLine, Fault
from app.exchange.lines import Line, Table, lines
from app.exchange.records import About, Said

# letters; what is sent to the outbox may be no longer (capture/items.py), and a name no longer than a label
NAME_LIMIT = 80
WORD_LIMIT = 64
TEXT_LIMIT = 140
LABEL_LIMIT = 200  # of a session: never sent

MODES = ("observed", "self")
DAY_TYPES = ("high", "typical", "low", "unknown")


@dataclass(frozen=True, slots=True)
class Terms:
    """Where a file is imported to: the clinic's slug and zone, and the last instant (ms) that is believed."""

    clinic: str
    zone: ZoneInfo
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """`shown` describes its header to people. `missing(columns)`: the needed columns that are not there.
    `unused(columns)`: those that it does not read."""

    name: str
    shown: str
    missing: Callable[[Collection[str]], list[str]]
    unused: Callable[[Sequence[str]], list[str]]
    read: Callable[[Table, Terms], Iterator[Said | Fault]]


def plain_format(
    name: str,
    needed: tuple[str, ...],
    optional: tuple[str, ...],
    read: Callable[[Table, Terms], Iterator[Said | Fault]],
) -> Format:
    """A format whose columns have fixed names."""
    return Format(
        name=name,
        shown=f"{name} ({', '.join(needed)})",
        missing=lambda columns: [column for column in needed if column not in columns],
        unused=lambda columns: [c for c in columns if c and c not in needed and c not in optional],
        read=read,
    )


def each(source: Table, label: str, read_line: Callable[[Line], Said]) -> Iterator[Said | Fault]:
    """Every line as `read_line` understands it; what it raises becomes the line's fault. `label`: the column that
    names the session."""
    for line in lines(source):
        if isinstance(line, Fault):
            yield line
            continue
        try:
            yield read_line(line)
        except BadLine as bad:
            yield Fault(line.file, line.number, bad.reason, line.values.get(label))


def needed(line: Line, column: str, limit: int = NAME_LIMIT) -> str:
    """Raises BadLine where the column is empty or too long."""
    value = optional(line, column, limit)
    if value is None:
        raise BadLine("missing_value", column=column)
    return value


def optional(line: Line, column: str, limit: int = NAME_LIMIT) -> str | None:
    value = line.values.get(column)
    if value is not None and len(value) > limit:
        raise BadLine("too_long", column=column, found=len(value), limit=limit)
    return value


def cut(value: str) -> str:
    """A value of a dimension, as long as one may be. It only describes: better shortened than refused."""
    return value if len(value) <= WORD_LIMIT else value[: WORD_LIMIT - 1] + "…"


def word(line: Line, column: str, known: tuple[str, ...]) -> str | None:
    """One of `known`, whatever its case. Raises BadLine for another."""
    value = line.values.get(column)
    if value is not None and value.casefold() not in known:
        raise BadLine("unknown_word", column=column, value=value, known=", ".join(known))
    return value.casefold() if value is not None else None


HEADER_COLUMNS = ("mode", "day_type", "staff_role")


def about(line: Line, observed_from: int | None = None, observed_to: int | None = None) -> About:
    """Of the formats that have the columns session and subject, and perhaps mode, day_type and staff_role."""
    if line.values.get("mode", "").casefold() == "practice":
        raise BadLine("practice")
    label = needed(line, "session", LABEL_LIMIT)
    return About(
        key=(label,),
        label=label,
        subject=optional(line, "subject", WORD_LIMIT),
        mode=word(line, "mode", MODES),
        day_type=word(line, "day_type", DAY_TYPES),
        staff_role=optional(line, "staff_role", WORD_LIMIT),
        observed_from=observed_from,
        observed_to=observed_to,
    )


def content(line: Line, columns: Collection[str]) -> dict[str, str]:
    """What the line's id is made of: the columns the format reads, and no others."""
    return {column: value for column, value in line.values.items() if column in columns}
