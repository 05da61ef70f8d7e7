"""A CSV file as lines with named values: encoding, delimiter, quotes, and nothing of what the columns mean."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.exchange.faults import BadLine, Fault, Reason

DELIMITERS = ",;\t"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# with what Asian keyboards write for them; exports put an apostrophe before a text that begins like that
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FREE_TEXT = "text"  # the one column in which line breaks and the like may stand


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was given: its name for messages, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One record. `nth` is the file's place among those given, `number` the physical line it begins on (header 1).

    `values`: column to value, stripped, without the empty ones.
    """

    file: str
    nth: int
    number: int
    values: dict[str, str]

    @property
    def place(self) -> tuple[int, int]:
        return self.nth, self.number


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its header. `columns` are lower case and stripped; `headings` are as written.

    `above`: what stands before the header line, for the formats that say something there; `text` is the rest.
    """

    name: str
    nth: int
    text: str
    delimiter: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    above: str = ""


def decoded(upload: Upload) -> str:
    """The file's text. Bytes that are no UTF-8 become lone surrogates, so that only their lines are bad.

    Raises BadLine for an empty or a UTF-16 file.
    """
    if upload.data.startswith(UTF16_MARKS):
        raise BadLine("utf16")
    text = upload.data.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    if not text.strip():
        raise BadLine("empty_file")
    return text


def headings(text: str, delimiter: str) -> tuple[str, ...]:
    """The names in the header line (the first that is not blank), were it written with this delimiter.

    Raises BadLine for one that cannot be read: no later message can then name a column that no answer could spell.
    """
    first = next((line for line in text.splitlines() if line.strip(f' "{DELIMITERS}')), "")
    if not _is_utf8(first):
        raise BadLine("not_utf8")
    try:
        return tuple(name.strip() for name in next(csv.reader([first], delimiter=delimiter), []))
    except csv.Error as error:
        reason = _unreadable(error)
        raise BadLine(reason.code, **reason.values) from None


def table(upload: Upload, nth: int, text: str, delimiter: str, above: str = "") -> Table:
    """Raises BadLine for a header that names a column twice."""
    names = headings(text, delimiter)
    columns = tuple(name.casefold() for name in names)
    for column in columns:
        if column and columns.count(column) > 1:
            raise BadLine("repeated_column", column=column)
    return Table(upload.name, nth, text, delimiter, columns, names, above)


def lines(source: Table) -> Iterator[Line | Fault]:
    """Every record below the header; blank ones are passed over."""
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=source.delimiter, strict=True)
    header_seen = False
    before = source.above.count("\n")
    while True:
        number = before + reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            header_seen = True  # what follows a header that cannot be read is no header
            yield Fault(source.name, number, _why(error, number, before + reader.line_num))
            continue
        if not any(value.strip() for value in record):
            continue
        if not header_seen:
            header_seen = True
            continue
        try:
            yield Line(source.name, source.nth, number, _values(source.columns, record))
        except BadLine as bad:
            yield Fault(source.name, number, bad.reason)


def _why(error: csv.Error, first: int, last: int) -> Reason:
    """What is wrong with the physical lines from `first` to `last`, which the reader took for one record."""
    reason = _unreadable(error)
    return Reason(reason.code, {**reason.values, "first": first, "last": last}) if last > first else reason


def _unreadable(error: csv.Error) -> Reason:
    if "field limit" in str(error):
        return Reason("field_too_long", {"limit": csv.field_size_limit()})
    return Reason("broken_quotes", {"detail": str(error)})


def _values(columns: Sequence[str], record: Sequence[str]) -> dict[str, str]:
    if len(record) != len(columns):
        raise BadLine("wrong_width", found=len(record), wanted=len(columns))
    values = {}
    for column, value in zip(columns, record, strict=True):
        plain = _plain(value.strip(), column)
        if column and plain:
            values[column] = plain
    return values


def _plain(value: str, column: str) -> str:
    """The value with ordinary spaces, and without the quote that exports put before what a spreadsheet would take for
    a formula."""
    if not value.isprintable():
        value = value.replace("\N{NO-BREAK SPACE}", " ")
        _refuse_unreadable(value, column)
    if value.startswith("'") and value.lstrip("'").startswith(FORMULA_STARTS):
        return value[1:]
    return value


def _refuse_unreadable(value: str, column: str) -> None:
    if not _is_utf8(value):
        raise BadLine("not_utf8")
    if "\0" in value or (column != FREE_TEXT and not value.isprintable()):
        raise BadLine("control_character", column=column)


def _is_utf8(text: str) -> bool:
    """Whether it was, in the file (see `decoded`)."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
