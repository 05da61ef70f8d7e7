"""Format `neutral`: states and points in seconds from the start of an observation (CONTRACT.md, Imports).

One observation of one subject is a session; second 0 is its begin. An observation without a date is set on
`UNDATED`, where it stands in nobody's way: no window reaches back to it unless somebody asks for the year 2000.
Several of those often bear the same label ("video"), in this file or another: their first line tells them apart.
"""

from collections.abc import Iterator
from datetime import datetime

from app.exchange.faults import BadLine, Fault
from app.exchange.formats.shape import (
    LABEL_LIMIT,
    WORD_LIMIT,
    Terms,
    content,
    cut,
    each,
    needed,
    plain_format,
    word,
)
from app.exchange.ids import Repeats, session_id
from app.exchange.lines import Line, Table, lines
from app.exchange.records import About, Item, Point, Row, Said
from app.exchange.times import check_range, local, seconds, stamp

NEEDED = ("observation", "subject", "behavior", "type", "start_s", "stop_s")
OPTIONAL = ("modifier", "observation_start", "observation_length_s")
TYPES = ("state", "point")
# a Monday, and after 2000-01-01T00:00Z in every zone: what is before is refused as absurd (CONTRACT.md, Outbox)
UNDATED = datetime(2000, 1, 3)

Anchors = dict[tuple[str, str], str]


def read(source: Table, terms: Terms) -> Iterator[Said | Fault]:
    repeats = Repeats()
    anchors = _anchors(source)

    def read_line(line: Line) -> Said:
        header = _about(line, terms, anchors)
        begin = header.observed_from or 0
        start = check_range("start_s", line.values["start_s"], begin + _start(line), terms.latest)
        id = repeats.line_id(session_id(terms.clinic, "neutral", header.key), content(line, NEEDED + OPTIONAL))
        if word(line, "type", TYPES) == "point":
            item: Item = _point(line, id, start, begin)
        else:
            item = _row(line, id, start, begin, terms)
        return Said(header, item)

    return each(source, "observation", read_line)


def _anchors(source: Table) -> Anchors:
    """Of each undated observation and subject, the first line in time: what tells it from others of its name."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for line in lines(source):
        if isinstance(line, Fault) or "observation_start" in line.values:
            continue
        whose = line.values.get("observation", ""), line.values.get("subject", "")
        try:
            candidate = _start(line), repr(sorted(content(line, NEEDED + OPTIONAL).items()))
        except BadLine:
            continue
        first[whose] = min(candidate, first.get(whose, candidate))
    return {whose: text for whose, (_, text) in first.items()}


def _start(line: Line) -> int:
    return seconds("start_s", needed(line, "start_s"))


def _about(line: Line, terms: Terms, anchors: Anchors) -> About:
    label, subject = needed(line, "observation", LABEL_LIMIT), needed(line, "subject", WORD_LIMIT)
    _start(line)  # a line without one has no anchor either
    written = line.values.get("observation_start")
    if written is None:
        begin = local("observation_start", UNDATED, terms.zone)
        anchor = anchors[label, subject]
    else:
        begin = check_range("observation_start", written, stamp("observation_start", written, terms.zone), terms.latest)
        anchor = ""
    length = line.values.get("observation_length_s")
    return About(
        key=(label, subject, written or "", anchor),
        label=f"{label} ({subject})",
        subject=subject,
        observed_from=begin,
        observed_to=None if length is None else begin + seconds("observation_length_s", length),
        elastic=True,
        undated=written is None,
    )


def _row(line: Line, id: str, start: int, begin: int, terms: Terms) -> Row:
    """An empty stop_s: it never stopped, and runs to the session's end."""
    end = None
    if "stop_s" in line.values:
        end = begin + seconds("stop_s", line.values["stop_s"])
        if end < start:
            raise BadLine("ends_before_start", start=line.values["start_s"], end=line.values["stop_s"])
        check_range("stop_s", line.values["stop_s"], end, terms.latest)
    context = {"detail": cut(line.values["modifier"])} if "modifier" in line.values else {}
    return Row(id, line, needed(line, "behavior"), start, end, context=context)


def _point(line: Line, id: str, start: int, begin: int) -> Point:
    if "stop_s" in line.values and begin + seconds("stop_s", line.values["stop_s"]) != start:
        raise BadLine("point_with_length", start=line.values["start_s"], end=line.values["stop_s"])
    return Point(id, line, start, None, needed(line, "behavior"), detail="modifier" in line.values)


NEUTRAL = plain_format("neutral", NEEDED, OPTIONAL, read)
