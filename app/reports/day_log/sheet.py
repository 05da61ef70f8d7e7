"""Day logs from a CSV file: a line a day. What each line would change is shown before anything is kept."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.capture.items import is_day
from app.clinics.tasklist import TaskList
from app.errors import BadRequest
from app.exchange import lines
from app.exchange.faults import BadLine, sentence
from app.exchange.lines import DELIMITERS, Line, Table, Upload
from app.i18n import _
from app.reports.day_log.fields import ASKED, VOLUME, WHOLE, Log, changed, contradictions, labels, read

MOST_LINES = 3700  # ten years


@dataclass(frozen=True, slots=True)
class Row:
    """A readable line. `before`: what the log says of the fields that the line changes."""

    line: int
    day: str
    fields: Log
    fresh: Log
    before: Log


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be kept as it stands, and why."""

    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class Sheet:
    rows: list[Row]
    bad: list[Bad]

    @property
    def coming(self) -> list[Row]:
        return [row for row in self.rows if row.fresh]


def digest(upload: Upload) -> str:
    """Of the very bytes that were looked at."""
    return hashlib.sha256(upload.data).hexdigest()


def days_in(upload: Upload, task_list: TaskList) -> list[str]:
    """The days that the file names, to fetch their logs by."""
    return sorted({line.values.get("day", "") for line in _lines(upload, task_list) if isinstance(line, Line)} - {""})


def read_sheet(upload: Upload, task_list: TaskList, logs: Mapping[str, Log], today: date) -> Sheet:
    """`logs`: what is known of the file's days. Raises BadRequest for a file whose header cannot be used."""
    names = _names(task_list)
    rows: list[Row] = []
    bad: list[Bad] = []
    seen: dict[str, int] = {}
    for count, line in enumerate(_lines(upload, task_list)):
        if count >= MOST_LINES:
            raise BadRequest(_("A file may have {most} lines.").format(most=MOST_LINES), code="bad_file")
        if isinstance(line, Bad):
            bad.append(line)
            continue
        day = line.values.get("day", "")
        typed = {names[column]: value for column, value in line.values.items() if column in names}
        fields, faults = read(typed, task_list)
        before = logs.get(day, {})
        faults = faults or contradictions(before | fields)
        if why := _of_its_day(day, today, seen) or _told(faults, labels(task_list)):
            bad.append(Bad(line.number, why))
            continue
        seen[day] = line.number
        fresh = changed(before, fields)
        rows.append(Row(line.number, day, fields, fresh, {name: before[name] for name in fresh if name in before}))
    return Sheet(rows, bad)


def _of_its_day(day: str, today: date, seen: Mapping[str, int]) -> str:
    if not is_day(day):
        return _("The day should be written YYYY-MM-DD, such as 2026-11-02.")
    if day > today.isoformat():
        return _("That day has not come yet.")
    if day in seen:
        return _("The same day stands in line {line}.").format(line=seen[day])
    return ""


def _told(faults: Mapping[str, str], shown: Mapping[str, str]) -> str:
    return " ".join(f"{shown[name]}: {fault}" for name, fault in faults.items())


def _names(task_list: TaskList) -> dict[str, str]:
    """Column, in small letters, to the field it holds. Counters go by their code or their label."""
    counters = {name.casefold(): VOLUME + one.code for one in task_list.counters for name in (one.label, one.code)}
    return counters | {name: name for name in ("day_type", *WHOLE, ASKED)}


def columns(task_list: TaskList) -> list[str]:
    """What the header may name, for people to read."""
    return ["day", "day_type", *(counter.code for counter in task_list.counters), *WHOLE, ASKED]


def _lines(upload: Upload, task_list: TaskList) -> Iterator[Line | Bad]:
    known = {"day", *_names(task_list)}
    try:
        table = _table(upload, known)
    except BadLine as bad:
        raise BadRequest(sentence(bad.reason), code="bad_file") from None
    unknown = [name for name in table.headings if name and name.casefold() not in known]
    if "day" not in table.columns or unknown:
        told = _("The header should name “day” and any of: {columns}.").format(columns=", ".join(columns(task_list)))
        named = ", ".join(name[:40] for name in unknown[:10])
        lacking = _("Not a field of the day log: {names}.").format(names=named) if unknown else ""
        raise BadRequest(f"{lacking} {told}".strip(), code="bad_file")
    for line in lines.lines(table):
        yield line if isinstance(line, Line) else Bad(line.line, sentence(line.reason))


def _table(upload: Upload, known: set[str]) -> Table:
    """With the delimiter under which most of the header's names are known."""
    text = lines.decoded(upload)

    def fitting(delimiter: str) -> int:
        return sum(heading.casefold() in known for heading in lines.headings(text, delimiter))

    return lines.table(upload, 0, text, max(DELIMITERS, key=fitting))
