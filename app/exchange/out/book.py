"""A workbook with nothing in it that could run or lead elsewhere, and how each kind of value is written into a cell.

Text is written as text, whatever it begins with: a spreadsheet never takes it for a formula or a link. XlsxWriter is
loaded when a workbook is asked for: a server that makes none does not hold it in memory.
"""

from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from app.exchange.out.rows import Value
from app.exchange.out.texts import csv_cell

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_000_000  # of a sheet, below the 1,048,576 that the format allows
LONGEST_CELL = 32_767  # characters; XlsxWriter would leave a longer one out without a word
LONGEST_WIDTH = 44
HEAD_HEIGHT = 32  # points: two lines
HEAD = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "bg_color": "#eef1f5"}


class Exact(float):
    """A number that is written with all its digits: XlsxWriter writes 16, which is not always the same number."""

    def __format__(self, _spec: str) -> str:
        return repr(float(self))


def open_book(file: IO[bytes], *, streamed: bool = False) -> "Workbook":
    """`streamed`: rows must be written in order, and only one of them is in memory; the rest waits on the disk."""
    from xlsxwriter import Workbook

    return Workbook(
        file,
        {
            "constant_memory": streamed,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )


def write(sheet: "Worksheet", row: int, column: int, value: Value, style: "Format | None" = None) -> None:
    """One cell. Nothing is an empty cell with its style; what has parts becomes JSON, as in CSV."""
    if value is None or value == "" or value == {}:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, float):
        sheet.write_number(row, column, Exact(value), style)
    else:
        text = value if isinstance(value, str) else str(csv_cell(value))
        sheet.write_string(row, column, text[:LONGEST_CELL], style)


def styles(book: "Workbook") -> dict[str, Any]:
    """The few looks that all sheets share, by name."""
    looks = {
        "title": {"bold": True, "font_size": 16},
        "quiet": {"font_color": "#5b6472"},
        "wrapped": {"text_wrap": True, "valign": "top"},
        "strong": {"bold": True, "valign": "top"},
        "head": HEAD,
        "head_of_numbers": {**HEAD, "align": "right"},
        "upright": {**HEAD, "rotation": 90, "text_wrap": False, "align": "center"},
        "plain": {},
        "word": {"num_format": '"true";"true";"false"'},  # LibreOffice shows a truth as 1 or 0 otherwise
        "exact": {"num_format": "#,##0", "font_color": "#5b6472"},
        "whole": {"num_format": "#,##0"},
        "hours": {"num_format": "#,##0.00"},
        "rate": {"num_format": "0.0"},
        "fine_rate": {"num_format": "0.00"},
        "share": {"num_format": "0.0%"},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


def write_heads(
    sheet: "Worksheet", row: int, heads: Sequence[tuple[str, bool]], looks: Mapping[str, Any], first: int = 0
) -> None:
    """A header from column `first` on; each head says whether numbers stand below it: aligned to the right."""
    sheet.set_row(row, HEAD_HEIGHT)
    for column, (head, over_numbers) in enumerate(heads, first):
        write(sheet, row, column, head, looks["head_of_numbers" if over_numbers else "head"])
