"""Required against scheduled hours in the summary's workbook: the figures of GET /api/v1/workload, a sheet a list."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.exchange.out.book import LONGEST_WIDTH, write, write_heads
from app.i18n import _

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Figures = Mapping[str, Any]
Said = Callable[[], str]
Column = tuple[str, Said, Said, str]  # of the JSON, head, meaning, look
TEXT, RATE, FINE, SHARE, WHOLE = "plain", "rate", "fine_rate", "share", "whole"


def _low() -> str:
    return _("Lower end of its interval.")


def _high() -> str:
    return _("Upper end of its interval.")


HOURS: tuple[Column, ...] = (
    (
        "required_hours",
        lambda: _("Required (h)"),
        lambda: _("Volumes times minutes, over what allowances leave."),
        FINE,
    ),
    ("required_low", lambda: _("Required, low"), _low, FINE),
    ("required_high", lambda: _("Required, high"), _high, FINE),
    ("scheduled_hours", lambda: _("Scheduled (h)"), lambda: _("MA hours of the roster; empty: none is known."), FINE),
    ("gap_hours", lambda: _("Missing (h)"), lambda: _("Required less scheduled; below zero: to spare."), FINE),
)
SOURCE: Column = ("source", lambda: _("Source"), lambda: _("observed, set by a person, or preset."), TEXT)


@dataclass(frozen=True, slots=True)
class HoursSheet:
    """A list of the JSON on its sheet."""

    path: str
    name: Said
    columns: tuple[Column, ...]


LISTS = (
    HoursSheet(
        "rows",
        lambda: _("Required by half-day"),
        (
            ("day", lambda: _("Day"), lambda: _("Local day."), TEXT),
            ("half", lambda: _("Half"), lambda: _("am: before noon; pm: after it."), TEXT),
            *HOURS,
            ("volumes", lambda: _("Volumes"), lambda: _("logged, or usual on such a weekday."), TEXT),
        ),
    ),
    HoursSheet(
        "by_hour",
        lambda: _("Required by hour"),
        (
            ("hour", lambda: _("Hour"), lambda: _("Of the clinic's clock, 0 to 23, on an average day."), WHOLE),
            ("days", lambda: _("Days"), lambda: _("Over so many days."), WHOLE),
            *HOURS,
        ),
    ),
    HoursSheet(
        "standards",
        lambda: _("Activity standards"),
        (
            ("task", lambda: _("Task code"), lambda: _("Code of the task."), TEXT),
            ("counter", lambda: _("Counter"), lambda: _("Code of what is counted."), TEXT),
            ("minutes_per_unit", lambda: _("Minutes each"), lambda: _("That one takes."), FINE),
            ("low", lambda: _("Minutes each, low"), _low, FINE),
            ("high", lambda: _("Minutes each, high"), _high, FINE),
            SOURCE,
        ),
    ),
    HoursSheet(
        "allowances",
        lambda: _("Allowances"),
        (
            ("allowance", lambda: _("Allowance"), lambda: _("Code of the work without a volume."), TEXT),
            ("of", lambda: _("Of"), lambda: _("category: of everybody; individual: of some."), TEXT),
            ("kind", lambda: _("Kind"), lambda: _("work, between, break or protected; or interruption."), TEXT),
            ("share", lambda: _("Share of working time"), lambda: _("Of everybody's working time."), SHARE),
            ("low", lambda: _("Share, low"), _low, SHARE),
            ("high", lambda: _("Share, high"), _high, SHARE),
            ("hours_per_week", lambda: _("Hours a week"), lambda: _("Of some together."), RATE),
            SOURCE,
        ),
    ),
)
WHOLES = ("ratio", "gap_fte", "gap_fte_low", "gap_fte_high", "sessions", "observed_from", "observed_to")


def hours_sheets(book: "Workbook", looks: Mapping[str, Any], hours: Figures) -> list[tuple[str, ...]]:
    """`hours`: what GET /api/v1/workload answers. The columns with what they mean, for the definitions."""
    told = []
    for one in LISTS:
        if hours[one.path]:
            _sheet(book, looks, one, hours[one.path])
            told += [
                (head(), meaning(), f"workload.{one.path}.{of}", one.name()) for of, head, meaning, _l in one.columns
            ]
    return [*told, *_whole_sheet(book, looks, hours)]


def _sheet(book: "Workbook", looks: Mapping[str, Any], one: HoursSheet, rows: Sequence[Figures]) -> None:
    sheet = book.add_worksheet(one.name())
    write_heads(sheet, 0, [(head(), look != TEXT) for _of, head, _meaning, look in one.columns], looks)
    for column, (of, head, _meaning, look) in enumerate(one.columns):
        longest = max(len(str(row[of] or "")) for row in rows) if look == TEXT else 0
        sheet.set_column(column, column, min(LONGEST_WIDTH, max(10, longest + 2, len(head()) // 2 + 3)))
        for line, row in enumerate(rows, 1):
            write(sheet, line, column, row[of], looks[look])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(one.columns) - 1)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _whole_sheet(book: "Workbook", looks: Mapping[str, Any], hours: Figures) -> Iterator[tuple[str, ...]]:
    """Every figure that is in no list, under its name in the JSON."""
    name = _("Required, whole")
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 16)
    sheet.set_paper(9)
    write_heads(sheet, 0, [(_("Figure"), False), (_("Value"), True)], looks)
    for line, figure in enumerate(WHOLES, 1):
        write(sheet, line, 0, f"workload.{figure}")
        write(sheet, line, 1, hours[figure], looks[FINE if isinstance(hours[figure], float) else TEXT])
    said = _("ratio: scheduled by required (WISN); gap_fte: missing, in full-time MAs, as if every week were so.")
    yield _("Value"), said, "workload", name
