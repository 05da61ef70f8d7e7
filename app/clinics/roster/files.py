"""A roster from a file: CSV, or a calendar. What it would become, and every line that does not fit. Pure.

CSV with a header, divided by commas, semicolons or tabs: `weekday,from,to,mas` is a repeating week, `day,from,to,mas`
single days in its place. A weekday is 1 (Monday) to 7 or its English name; lines of one day add up; `mas` 0 on a day
says that nobody works.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.clinics.roster.week import Shift, shift
from app.errors import BadRequest
from app.i18n import _

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_LINES = 5_000
COLUMNS = ("from", "to", "mas")


@dataclass(slots=True)
class Found:
    """What a file holds: shifts of a repeating week, or shifts of single days. `faults`: (line, sentence).

    `passed_over`: what was left out on purpose, as sentences.
    """

    shifts: list[Shift] = field(default_factory=list)
    days: dict[str, list[Shift]] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    lines: int = 0


def text_of(content: bytes) -> str:
    """Raises BadRequest for what is no text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(_("This file is no text in UTF-8: save it as CSV (UTF-8)."), code="bad_file") from None


def read_csv(text: str) -> Found:
    """Raises BadRequest where the header is not one of the two, or the file is too long."""
    lines = text.splitlines()
    header = next((line for line in lines if line.strip()), "")
    divider = max(",;\t", key=header.count)
    names = [name.strip().strip('"').lower() for name in header.split(divider)]
    kind = next((name for name in ("weekday", "day") if name in names), None)
    if kind is None or any(column not in names for column in COLUMNS):
        sentence = _("The first line must name the columns: weekday,from,to,mas or day,from,to,mas.")
        raise BadRequest(sentence, code="bad_header")
    if len(lines) > MOST_LINES:
        raise BadRequest(_("At most {n} lines at once.").format(n=MOST_LINES), code="too_long")
    found = Found()
    for number, row in _rows(lines, divider):
        if number == lines.index(header) + 1 or not any(cell.strip() for cell in row):
            continue
        found.lines += 1
        try:
            _take(found, kind, dict(zip(names, row, strict=False)))
        except BadRequest as fault:
            found.faults.append((number, fault.detail))
    return found


def _rows(lines: Sequence[str], divider: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, its cells). Line by line: no cell of a roster holds a line break."""
    for number, line in enumerate(lines, 1):
        yield number, next(csv.reader([line], delimiter=divider), [])


def _take(found: Found, kind: str, row: dict[str, str]) -> None:
    begin, end, mas = (row.get(column, "").strip() for column in COLUMNS)
    if kind == "weekday":
        found.shifts.append(shift((_weekday(row.get(kind, "")),), begin, end, mas))
        return
    day = _day(row.get(kind, ""))
    if mas == "0":
        found.days.setdefault(day, [])
    else:
        one = shift((), begin, end, mas)
        found.days.setdefault(day, []).append(one)


def _weekday(typed: str) -> int:
    word = typed.strip().lower()
    if word in {str(n) for n in range(1, 8)}:
        return int(word)
    for n, name in enumerate(WEEKDAYS, 1):
        if len(word) >= 2 and name.startswith(word):
            return n
    raise BadRequest(_("“{day}” is no weekday: write Monday or 1, to 7 for Sunday.").format(day=typed), code="bad_day")


def _day(typed: str) -> str:
    word = typed.strip()
    try:
        if date.fromisoformat(word).isoformat() == word:
            return word
    except ValueError:
        pass
    raise BadRequest(_("“{day}” is no day: write it as 2026-11-02.").format(day=typed), code="bad_day")


def hours_of(shifts: Iterable[Shift]) -> float:
    """MA hours of one day's shifts, or of a week's on each of their days."""
    return sum((one.end - one.begin) / 60 * one.mas * max(1, len(one.days)) for one in shifts)
