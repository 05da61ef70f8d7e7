"""Format `wombat`: the task export of the WOMBAT tool (CONTRACT.md, Imports).

One row a task. Its clock times have no date and no zone: they count from the session's date, in the clinic's zone. A
row that was interrupted says when ("int start 1", "int end 1", ...) and by which row ("int task id 1").
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from app.exchange.faults import BadLine, Fault
from app.exchange.formats.shape import (
    LABEL_LIMIT,
    WORD_LIMIT,
    Format,
    Terms,
    content,
    cut,
    each,
    needed,
)
from app.exchange.ids import Repeats, session_id
from app.exchange.lines import Line, Table
from app.exchange.records import About, Break, Row, Said
from app.exchange.times import MILLISECOND, at_or_after, check_range, clock, day, local, local_day

NEEDED = ("session date", "session id", "session start", "session end", "start time", "end time")
OPTIONAL = ("observer/session/task id", "participant id", "where", "is interrupting task?")
TASK = re.compile(r"what \(.*\)(?<!\(subcategories\))")
SUBCATEGORY = re.compile(r"what \(.*\) \(subcategories\)")
WITH_WHOM, TOOL = "[with whom] ", "[how] "
INTERRUPTION = re.compile(r"int (task id|start|end) ([0-9]{1,4})")
NOTHING = ("", "0")
TICKED = ("1", "true", "yes")
NEXT_DAY = timedelta(hours=1)  # a start earlier than the session's by more than this is one after midnight
ALLOWED_MS = NEXT_DAY // MILLISECOND  # by which a row may go beyond what is stated, where it goes through midnight
ELAPSED = "elapsed time"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which of the columns that every template names in its own way stand for what."""

    tasks: tuple[str, ...]
    details: tuple[str, ...]
    with_whom: dict[str, str]  # column to heading as written, likewise for tools
    tools: dict[str, str]
    interruptions: tuple[int, ...]

    @classmethod
    def of(cls, source: Table) -> "Columns":
        pairs = list(zip(source.columns, source.headings, strict=True))
        numbers = {int(match[2]) for column in source.columns if (match := INTERRUPTION.fullmatch(column))}
        return cls(
            tasks=tuple(column for column, _ in pairs if TASK.fullmatch(column)),
            details=tuple(column for column, _ in pairs if SUBCATEGORY.fullmatch(column)),
            with_whom={c: h[len(WITH_WHOM) :].strip() for c, h in pairs if c.startswith(WITH_WHOM)},
            tools={c: h[len(TOOL) :].strip() for c, h in pairs if c.startswith(TOOL)},
            interruptions=tuple(sorted(numbers)),
        )


def read(source: Table, terms: Terms) -> Iterator[Said | Fault]:
    repeats = Repeats()
    columns = Columns.of(source)
    of_use = [column for column in source.columns if _is_used(column)]

    def read_line(line: Line) -> Said:
        sitting = _sitting(line, terms)
        header = _about(line, sitting)
        row = _row(line, sitting, columns)
        key = session_id(terms.clinic, "wombat", header.key)
        return Said(header, replace(row, id=repeats.line_id(key, content(line, of_use))))

    return each(source, "session id", read_line)


@dataclass(frozen=True, slots=True)
class Sitting:
    """The stated begin and end of a row's session: all its clock times count from its day. Instants in ms."""

    wall: datetime  # of its begin
    begin: int
    end: int
    terms: Terms

    def start(self, line: Line, column: str) -> int:
        """On the session's day, or on the next if it is earlier than its begin by over an hour.

        Raises BadLine for a next day on which the session was over.
        """
        on, at = self._day_and_time(line, column)
        found = local(column, datetime.combine(on, at), self.terms.zone, self.begin)
        if on > self.wall.date() and found > self.end + ALLOWED_MS:
            raise _beyond(line, column, "session start", "session end")
        return found

    def end_of_row(self, line: Line, start: int) -> int:
        """Not before its start: through midnight only as the session's end and, if stated, its elapsed time allow.

        Otherwise a row whose two times were swapped would last nearly a day. Raises BadLine.
        """
        on, at = self._day_and_time(line, "end time")
        end = at_or_after("end time", on, at, self.terms.zone, start)
        if local_day(end, self.terms.zone) > self.wall.date():
            if ELAPSED in line.values and end > start + _elapsed_ms(line) + ALLOWED_MS:
                raise _beyond(line, "end time", "start time", ELAPSED)
            if end > self.end + ALLOWED_MS:
                raise _beyond(line, "end time", "start time", "session end")
        return end

    def within_row(self, line: Line, column: str, not_before: int) -> int:
        """A clock time that cannot lie before `not_before`; that it lies in its row is for the caller to check."""
        on, at = self._day_and_time(line, column)
        return at_or_after(column, on, at, self.terms.zone, not_before)

    def _day_and_time(self, line: Line, column: str) -> tuple[date, time]:
        at = clock(column, needed(line, column))
        on = self.wall.date()
        if datetime.combine(on, at) < self.wall - NEXT_DAY:
            on += timedelta(days=1)
        return on, at


def _elapsed_ms(line: Line) -> int:
    stated = clock(ELAPSED, line.values[ELAPSED])
    return (stated.hour * 3600 + stated.minute * 60 + stated.second) * 1000


def _beyond(line: Line, column: str, earlier_than: str, stated: str) -> BadLine:
    code = "not_so_long" if stated == ELAPSED else "not_next_day"
    values = {"value": line.values[column], "earlier_than": line.values[earlier_than], "stated": line.values[stated]}
    return BadLine(code, column=column, **values)


def _sitting(line: Line, terms: Terms) -> Sitting:
    written = needed(line, "session date")
    wall = datetime.combine(day("session date", written), clock("session start", needed(line, "session start")))
    begin = check_range("session date", written, local("session start", wall, terms.zone), terms.latest)
    until = clock("session end", needed(line, "session end"))
    end = at_or_after("session end", wall.date(), until, terms.zone, begin)
    if local_day(end, terms.zone) > wall.date() and datetime.combine(wall.date(), until) >= wall - NEXT_DAY:
        raise BadLine("session_backwards", start=line.values["session start"], end=line.values["session end"])
    return Sitting(wall, begin, check_range("session end", line.values["session end"], end, terms.latest), terms)


def _about(line: Line, sitting: Sitting) -> About:
    label = needed(line, "session id", LABEL_LIMIT)
    return About(
        key=(label,),
        label=label,
        subject=line.values.get("participant id", "unknown")[:WORD_LIMIT],
        observed_from=sitting.begin,
        observed_to=sitting.end,
        elastic=True,
    )


def _row(line: Line, sitting: Sitting, columns: Columns) -> Row:
    start = sitting.start(line, "start time")
    end = sitting.end_of_row(line, start)
    return Row(
        id="",
        line=line,
        task=_task(line, columns),
        start=start,
        end=end,
        context=_context(line, columns),
        breaks=tuple(_breaks(line, sitting, columns, start, end)),
        ref=line.values.get("observer/session/task id"),
    )


def _first(line: Line, columns: Collection[str]) -> str | None:
    values = (line.values.get(column, "") for column in columns)
    return next((value for value in values if value not in NOTHING), None)


def _task(line: Line, columns: Columns) -> str:
    return needed(line, next((c for c in columns.tasks if c in line.values), columns.tasks[0]))


def _context(line: Line, columns: Columns) -> dict[str, str]:
    ticked = {
        "with-whom": "+".join(h for c, h in columns.with_whom.items() if line.values.get(c, "").casefold() in TICKED),
        "tool": "+".join(h for c, h in columns.tools.items() if line.values.get(c, "").casefold() in TICKED),
    }
    single = {"detail": _first(line, columns.details), "location": _first(line, ["where"])}
    return {dimension: cut(value) for dimension, value in {**single, **ticked}.items() if value}


def _breaks(line: Line, sitting: Sitting, columns: Columns, start: int, end: int) -> Iterator[Break]:
    """Its interruptions in order. Raises BadLine for one outside the row or inside another of its own."""
    since = start
    for n in columns.interruptions:
        if f"int start {n}" not in line.values and f"int end {n}" not in line.values:
            continue
        began = sitting.within_row(line, f"int start {n}", since)
        ended = sitting.within_row(line, f"int end {n}", began)
        if ended > end:
            raise BadLine("bad_interruption", n=n)
        yield Break(began, ended, line.values.get(f"int task id {n}"))
        since = ended


def _missing(columns: Collection[str]) -> list[str]:
    lacking = [column for column in NEEDED if column not in columns]
    return lacking if any(TASK.fullmatch(column) for column in columns) else [*lacking, "What (...)"]


def _is_used(column: str) -> bool:
    return (
        column in NEEDED + OPTIONAL
        or column.startswith((WITH_WHOM, TOOL))
        or any(pattern.fullmatch(column) for pattern in (TASK, SUBCATEGORY, INTERRUPTION))
    )


def _unused(columns: Sequence[str]) -> list[str]:
    """None to speak of: the tool exports many columns that follow from others."""
    return []


WOMBAT = Format(
    name="wombat",
    shown=f"wombat ({', '.join(NEEDED)}, What (...))",
    missing=_missing,
    unused=_unused,
    read=read,
)
