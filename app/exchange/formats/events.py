"""Format `events`: a log of our own event kinds, one a line (CONTRACT.md, Imports; TIMELINE.md, Events)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.exchange.faults import BadLine, Fault
from app.exchange.formats.shape import (
    HEADER_COLUMNS,
    NAME_LIMIT,
    TEXT_LIMIT,
    WORD_LIMIT,
    Terms,
    about,
    content,
    each,
    needed,
    optional,
    plain_format,
)
from app.exchange.ids import Repeats, session_id
from app.exchange.lines import Line, Table
from app.exchange.records import Logged, Said
from app.exchange.times import check_range, stamp

NEEDED = ("session", "subject", "at", "kind")
VALUES = ("task", "trigger", "counter", "n", "text", "dimension", "value")
OPTIONAL = (*VALUES, *HEADER_COLUMNS)
WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
CORRECTIONS = ("void", "amend")


@dataclass(frozen=True, slots=True)
class Kind:
    """Which columns an event of this kind must fill, may fill."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KINDS = {
    "begin": Kind(),
    "end": Kind(),
    "start": Kind(must=("task",), may=("dimension", "value")),
    "stop": Kind(),
    "interrupt": Kind(must=("trigger",), may=("task",)),
    "resume": Kind(),
    "abandon": Kind(),
    "prompt": Kind(must=("trigger",)),
    "parallel_start": Kind(must=("task",), may=("trigger",)),
    "parallel_stop": Kind(must=("task",)),
    "pause": Kind(may=("text",)),
    "continue": Kind(may=("text",)),
    "context": Kind(must=("dimension", "value")),
    "count": Kind(must=("counter",), may=("n",)),
    "note": Kind(must=("text",)),
}
LIMITS = {"text": TEXT_LIMIT, "dimension": WORD_LIMIT, "value": WORD_LIMIT}


def read(source: Table, terms: Terms) -> Iterator[Said | Fault]:
    repeats = Repeats()
    last: dict[str, int] = {}  # of each session: decides in which of two repeated autumn hours a local time lies

    def read_line(line: Line) -> Said:
        header = about(line)
        kind = _kind(line)
        text = needed(line, "at")
        at = check_range("at", text, stamp("at", text, terms.zone, last.get(header.label)), terms.latest)
        fields = _fields(line, kind)
        last[header.label] = at
        id = repeats.line_id(session_id(terms.clinic, "events", header.key), content(line, NEEDED + OPTIONAL))
        return Said(header, Logged(id, line, at, kind, fields, _unused(line, kind)))

    return each(source, "session", read_line)


def _kind(line: Line) -> str:
    kind = needed(line, "kind").casefold()
    if kind in CORRECTIONS:
        raise BadLine("correction", value=kind)
    if kind not in KINDS:
        raise BadLine("unknown_kind", value=kind, known=", ".join(KINDS))
    return kind


def _fields(line: Line, kind: str) -> dict[str, object]:
    """The wire fields of this kind. A start with a dimension and its value is a start in that context."""
    wanted = KINDS[kind]
    fields: dict[str, object] = {column: needed(line, column, LIMITS.get(column, NAME_LIMIT)) for column in wanted.must}
    for column in wanted.may:
        value = optional(line, column, LIMITS.get(column, NAME_LIMIT))
        if value is not None:
            fields[column] = value
    return _shaped(kind, fields)


def _shaped(kind: str, fields: dict[str, object]) -> dict[str, object]:
    if "n" in fields:
        fields["n"] = _whole(str(fields["n"]))
    if kind in ("pause", "continue") and "text" in fields:
        fields["reason"] = fields.pop("text")
    if kind == "start" and fields.keys() & {"dimension", "value"}:
        if not {"dimension", "value"} <= fields.keys():
            raise BadLine("missing_value", column="value" if "dimension" in fields else "dimension")
        fields["context"] = {fields.pop("dimension"): fields.pop("value")}
    return fields


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise BadLine("bad_number", column="n", value=text)
    return int(text)


def _unused(line: Line, kind: str) -> int:
    of_use = KINDS[kind].must + KINDS[kind].may
    return sum(1 for column in VALUES if column in line.values and column not in of_use)


EVENTS = plain_format("events", NEEDED, OPTIONAL, read)
