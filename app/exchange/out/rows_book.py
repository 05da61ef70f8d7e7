"""Rows as a workbook, with their definitions on a sheet of their own; written row by row, so of any length."""

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from app.exchange.out.book import MOST_ROWS, open_book, styles, write
from app.exchange.out.definitions import define, of_rows
from app.exchange.out.rows import Row, Rows
from app.i18n import _

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WIDTHS = {"session": 38, "observer": 38, "occurrence": 38, "interruption": 38, "start": 30, "end": 30, "label": 30}


def write_rows(file: IO[bytes], kind: Rows, rows: Iterable[Row], most: int = MOST_ROWS) -> None:
    """The definitions first, then the rows: as many sheets of `most` rows as it takes, each with the header."""
    book = open_book(file, streamed=True)
    looks = styles(book)
    define(book, looks, of_rows(kind))
    sheet, below, n = None, most, 0
    for row in rows:
        if below == most:
            n, below = n + 1, 0
            sheet = _sheet(book, looks, kind, n)
        assert sheet is not None
        below += 1
        for column, value in enumerate(row):
            write(sheet, below, column, value)
    if sheet is None:
        _sheet(book, looks, kind, 1)
    book.close()


def _sheet(book: "Workbook", looks: dict[str, Any], kind: Rows, n: int) -> "Worksheet":
    name = _("Segments") if kind.name == "segments" else kind.name
    sheet = book.add_worksheet(name if n == 1 else f"{name} {n}")
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    for column, title in enumerate(kind.columns):
        sheet.set_column(column, column, WIDTHS.get(title, 14))
        write(sheet, 0, column, title, looks["head"])
    return sheet
