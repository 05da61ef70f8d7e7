"""Format `boris`: the tabular event export of the BORIS tool (CONTRACT.md, Imports).

Above the header stand the observation's name and date, one a line. Below it every line is a START or STOP of a state,
or a POINT, in seconds from the observation's begin. A state is a START and the STOP that follows it, of the same
subject, behaviour and modifiers. One observation of one subject is a session.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from app.exchange.faults import BadLine, Fault, Reason
from app.exchange.formats.neutral import UNDATED
from app.exchange.formats.shape import LABEL_LIMIT, WORD_LIMIT, Terms, content, cut, needed, plain_format, word
from app.exchange.ids import Repeats, session_id
from app.exchange.lines import DELIMITERS, Line, Table, lines
from app.exchange.records import About, Item, Point, Row, Said
from app.exchange.times import check_range, local, seconds, stamp

NEEDED = ("time", "subject", "behavior", "status")
OPTIONAL = ("total length", "observation id", "observation date")
START, STOP, POINT = STATUSES = ("start", "stop", "point")
NO_SUBJECT = "No focal subject"  # as BORIS calls it where no subject was chosen
LONGEST_PREAMBLE = 500  # lines; independent variables and media files stand in it, one a line
HOURS = re.compile(r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9](?:\.[0-9]{1,9})?)")

Code = tuple[str, ...]


def header_at(text: str) -> tuple[str, int] | None:
    """(delimiter, offset in `text`) of the first line that holds the columns this format needs; None if none does."""
    begin = 0
    for number, line in enumerate(text.splitlines(keepends=True)):
        if number == LONGEST_PREAMBLE:
            return None
        for delimiter in DELIMITERS:
            if {column.casefold() for column in _cells(line, delimiter)} >= set(NEEDED):
                return delimiter, begin
        begin += len(line)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])]
    except csv.Error:
        return []


@dataclass(frozen=True, slots=True)
class Preamble:
    """What a file says of all its lines: the observation's name and its date as written, and its length in ms."""

    observation: str | None
    date: str | None
    length: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, understood. `at` is ms from the observation's begin; `code` is what a STOP must repeat of its START."""

    line: Line
    subject: str
    code: Code
    status: str
    at: int

    @property
    def behavior(self) -> str:
        return self.code[0]

    @property
    def modifiers(self) -> str:
        return "|".join(self.code[1:])


def read(source: Table, terms: Terms) -> Iterator[Said | Fault]:
    faults: list[Fault] = []
    entries = list(_entries(source, faults))
    yield from faults
    preamble = _preamble(source, entries)
    by_subject = groupby(sorted(entries, key=lambda entry: entry.subject), key=lambda entry: entry.subject)
    for subject, of_subject in by_subject:
        yield from _session(subject, list(of_subject), preamble, source, terms)


def _entries(source: Table, faults: list[Fault]) -> Iterator[Entry]:
    modifiers = [column for column in source.columns if column.startswith("modifier")]
    for line in lines(source):
        if isinstance(line, Fault):
            faults.append(line)
            continue
        try:
            yield _entry(line, modifiers)
        except BadLine as bad:
            faults.append(Fault(line.file, line.number, bad.reason))


def _entry(line: Line, modifiers: Iterable[str]) -> Entry:
    needed(line, "status")
    said = [line.values[column] for column in modifiers if column in line.values]
    return Entry(
        line=line,
        subject=line.values.get("subject", NO_SUBJECT)[:WORD_LIMIT],
        code=(needed(line, "behavior"), *said),
        status=word(line, "status", STATUSES) or "",
        at=_since_begin(needed(line, "time")),
    )


def _since_begin(text: str) -> int:
    """Seconds, or hours, minutes and seconds, as the person who exported chose. Raises BadLine."""
    parts = HOURS.fullmatch(text)
    if parts is None:
        return seconds("time", text)
    return (int(parts[1]) * 60 + int(parts[2])) * 60_000 + seconds("time", parts[3])


def _preamble(source: Table, entries: list[Entry]) -> Preamble:
    """From above the header; some versions of the tool write it into columns instead."""
    said: dict[str, str] = {}
    for line in source.above.splitlines():
        name, value, *_rest = [*_cells(line, source.delimiter), "", ""]
        said.setdefault(name.casefold(), value)
    first = entries[0].line.values if entries else {}
    lengths = [entry.line.values.get("total length", "") for entry in entries]
    return Preamble(
        observation=said.get("observation id") or first.get("observation id"),
        date=said.get("observation date") or first.get("observation date"),
        length=max((_since_begin(text) for text in lengths if _is_time(text)), default=None),
    )


def _is_time(text: str) -> bool:
    try:
        return _since_begin(text) >= 0
    except BadLine:
        return False


def _session(
    subject: str, entries: list[Entry], preamble: Preamble, source: Table, terms: Terms
) -> Iterator[Said | Fault]:
    """What the lines of one subject say. A date that is none spoils them all."""
    try:
        about = _about(subject, entries, preamble, source, terms)
    except BadLine as bad:
        yield Fault(source.name, 1, bad.reason)
        return
    session, repeats = session_id(terms.clinic, "boris", about.key), Repeats()
    for found in _in_pairs(entries):
        if isinstance(found, Fault):
            yield found
            continue
        start, stop = found
        try:
            yield Said(about, _item(start, stop, about, repeats.line_id(session, _content(start, stop)), terms))
        except BadLine as bad:
            yield Fault(start.line.file, start.line.number, bad.reason, about.label)


def _about(subject: str, entries: list[Entry], preamble: Preamble, source: Table, terms: Terms) -> About:
    label = _cut_to(preamble.observation or source.name, LABEL_LIMIT - WORD_LIMIT - 3)
    if preamble.date:
        begin = stamp("Observation date", preamble.date, terms.zone)
        check_range("Observation date", preamble.date, begin, terms.latest)
        anchor = ""
    else:
        begin = local("Observation date", UNDATED, terms.zone)
        anchor = repr(sorted(_content(min(entries, key=lambda entry: (entry.at, entry.code)), None).items()))
    return About(
        key=(label, subject, preamble.date or "", anchor),
        label=f"{label} ({subject})",
        subject=subject,
        observed_from=begin,
        observed_to=None if preamble.length is None else begin + preamble.length,
        elastic=True,
        undated=not preamble.date,
    )


def _cut_to(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _content(start: Entry, stop: Entry | None) -> dict[str, str]:
    """What the id is made of: the line that starts it, and when it stopped."""
    read = {"time", "subject", "behavior", "status", *(c for c in start.line.values if c.startswith("modifier"))}
    stopped = {} if stop is None else {"stop": stop.line.values["time"]}
    return {**content(start.line, read), **stopped}


def _in_pairs(entries: list[Entry]) -> Iterator[tuple[Entry, Entry | None] | Fault]:
    """Each START with its STOP (None: it never stopped), each POINT alone; by code, then time."""
    for _, of_code in groupby(sorted(entries, key=lambda entry: (entry.code, entry.at)), key=lambda entry: entry.code):
        running: Entry | None = None
        for entry in _in_turn(of_code):
            if entry.status == POINT:
                yield entry, None
            elif entry.status == STOP and running is not None:
                yield running, entry
                running = None
            elif entry.status == STOP:
                yield _fault(entry, "stop_without_start")
            elif running is not None:
                yield _fault(entry, "starts_again", line=running.line.number)
            else:
                running = entry
        if running is not None:
            yield running, None


def _in_turn(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries of one code in order of time; what happens in one millisecond so that starts and stops take turns.

    The file's order decides nothing: a state may stop when the next of its code starts, or in the moment it started.
    """
    is_running = False
    for _, at_once in groupby(entries, key=lambda entry: entry.at):
        waiting: dict[str, list[Entry]] = defaultdict(list)
        for entry in sorted(at_once, key=lambda entry: entry.line.place):
            waiting[entry.status].append(entry)
        yield from waiting[POINT]
        while waiting[START] or waiting[STOP]:
            turn = STOP if (is_running and waiting[STOP]) or not waiting[START] else START
            yield waiting[turn].pop(0)
            is_running = turn == START


def _fault(entry: Entry, code: str, **values: object) -> Fault:
    reason = Reason(code, {"task": entry.behavior, "subject": entry.subject, **values})
    return Fault(entry.line.file, entry.line.number, reason)


def _item(start: Entry, stop: Entry | None, about: About, id: str, terms: Terms) -> Item:
    begin = about.observed_from or 0
    at = check_range("time", start.line.values["time"], begin + start.at, terms.latest)
    if start.status == POINT:
        return Point(id, start.line, at, None, start.behavior, detail=bool(start.modifiers))
    end = None
    if stop is not None:
        end = check_range("time", stop.line.values["time"], begin + stop.at, terms.latest)
    context = {"detail": cut(start.modifiers)} if start.modifiers else {}
    return Row(id, start.line, start.behavior, at, end, context=context)


def _unused(columns: Iterable[str]) -> list[str]:
    """Its comments: free text in which anything may stand. What else is left out follows from the rest."""
    return [column for column in columns if column == "comment"]


BORIS = replace(plain_format("boris", NEEDED, OPTIONAL, read), unused=_unused)
