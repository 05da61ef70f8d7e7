"""Values as CSV and JSON text, in pieces of some 64 KB, so that a file of any length passes through a small memory.

CSV is UTF-8 with a byte order mark: without it spreadsheets take the file for the code page of their machine and spoil
every accent, while readers of data (pandas, R, our own import) skip it. Lines end as RFC 4180 has it.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from app.exchange.lines import FORMULA_STARTS
from app.exchange.out.rows import Row, Value

MARK = b"\xef\xbb\xbf"
PIECE = 1 << 16  # characters


def csv_pieces(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The header, then a line for each row."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(columns)
    yield MARK
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        if held.tell() >= PIECE:
            yield _taken(held)
    yield _taken(held)


def json_pieces(about: dict[str, Value], columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """An object with what `about` says and all rows as `items`, one a line, each an object of its own."""
    held = io.StringIO()
    held.write(json.dumps(about)[:-1] + ', "items": [')
    between = "\n"
    for row in rows:
        held.write(between + json.dumps(dict(zip(columns, row, strict=True))))
        between = ",\n"
        if held.tell() >= PIECE:
            yield _taken(held)
    held.write("\n]}\n")
    yield _taken(held)


def _taken(held: io.StringIO) -> bytes:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text.encode(errors="replace")  # whatever was stored: one odd letter must not end a long file in the middle


def csv_cell(value: Value) -> str | int | float:
    """Numbers as they are, at full precision; nothing as an empty cell; what has parts as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return inert(value)


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a leading apostrophe before what would be one.

    A text that has such an apostrophe of its own gets another, so that the import, which takes one off, gives every
    text back as it was.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text
