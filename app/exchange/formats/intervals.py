"""Format `intervals`: one task a line, with its start and end in clock time (CONTRACT.md, Imports)."""

from collections.abc import Iterator

from app.exchange.faults import BadLine, Fault
from app.exchange.formats.shape import (
    HEADER_COLUMNS,
    Terms,
    about,
    content,
    each,
    needed,
    optional,
    plain_format,
    word,
)
from app.exchange.ids import Repeats, session_id
from app.exchange.lines import Line, Table
from app.exchange.records import About, Item, Point, Row, Said
from app.exchange.times import check_range, stamp

NEEDED = ("session", "subject", "task", "start", "end")
OPTIONAL = ("type", "trigger", "observed_from", "observed_to", *HEADER_COLUMNS)
TYPES = ("state", "point")


def read(source: Table, terms: Terms) -> Iterator[Said | Fault]:
    repeats = Repeats()
    last: dict[str, int] = {}  # of each session: decides in which of two repeated autumn hours a local time lies

    def read_line(line: Line) -> Said:
        label = line.values.get("session", "")
        start = _instant(line, "start", terms, last.get(label))
        header = _about(line, terms)
        id = repeats.line_id(session_id(terms.clinic, "intervals", header.key), content(line, NEEDED + OPTIONAL))
        if word(line, "type", TYPES) == "point":
            item: Item = _point(line, id, start, terms)
        else:
            item = _row(line, id, start, terms)
        last[label] = start
        return Said(header, item)

    return each(source, "session", read_line)


def _instant(line: Line, column: str, terms: Terms, not_before: int | None = None) -> int:
    text = needed(line, column)
    return check_range(column, text, stamp(column, text, terms.zone, not_before), terms.latest)


def _about(line: Line, terms: Terms) -> About:
    observed_from = _instant(line, "observed_from", terms) if "observed_from" in line.values else None
    observed_to = _instant(line, "observed_to", terms, observed_from) if "observed_to" in line.values else None
    if observed_from is not None and observed_to is not None and observed_to < observed_from:
        raise BadLine("observed_backwards", session=line.values.get("session"))
    return about(line, observed_from, observed_to)


def _row(line: Line, id: str, start: int, terms: Terms) -> Row:
    end = _instant(line, "end", terms, start)
    if end < start:
        raise BadLine("ends_before_start", start=line.values["start"], end=line.values["end"])
    return Row(id, line, needed(line, "task"), start, end, trigger=optional(line, "trigger"))


def _point(line: Line, id: str, start: int, terms: Terms) -> Point:
    """A prompt where a trigger is set (its task, if any, is the one in hand anyway), else a count."""
    if "end" in line.values and _instant(line, "end", terms, start) != start:
        raise BadLine("point_with_length", start=line.values["start"], end=line.values["end"])
    trigger = optional(line, "trigger")
    return Point(id, line, start, trigger, None if trigger is not None else needed(line, "task"))


INTERVALS = plain_format("intervals", NEEDED, OPTIONAL, read)
