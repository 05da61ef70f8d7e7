"""The formats that can be imported, and how a header shows which one a file is in."""

from app.exchange.faults import BadLine
from app.exchange.formats.boris import BORIS, header_at
from app.exchange.formats.events import EVENTS
from app.exchange.formats.intervals import INTERVALS
from app.exchange.formats.neutral import NEUTRAL
from app.exchange.formats.shape import Format
from app.exchange.formats.wombat import WOMBAT
from app.exchange.lines import DELIMITERS, Table, Upload, decoded, headings, table

FORMATS: dict[str, Format] = {format.name: format for format in (EVENTS, INTERVALS, NEUTRAL, WOMBAT, BORIS)}


def recognise(upload: Upload, nth: int, name: str | None = None) -> tuple[Table, Format]:
    """The file as a table, and its format: `name`, or the one whose columns its header has.

    The delimiter is the one with which the header makes sense. Raises BadLine.
    """
    text = decoded(upload)
    candidates = FORMATS.values() if name is None else [FORMATS[name]]
    for delimiter in DELIMITERS:
        columns = {heading.casefold() for heading in headings(text, delimiter)}
        for format in candidates:
            if not format.missing(columns):
                return table(upload, nth, text, delimiter), format
    if BORIS in candidates and (found := header_at(text)) is not None:
        delimiter, begin = found
        return table(upload, nth, text[begin:], delimiter, above=text[:begin]), BORIS
    raise _unrecognised(text, name)


def _unrecognised(text: str, name: str | None) -> BadLine:
    if name is None:
        return BadLine("unknown_header", known="; ".join(format.shown for format in FORMATS.values()))
    format = FORMATS[name]
    attempts = [format.missing({h.casefold() for h in headings(text, delimiter)}) for delimiter in DELIMITERS]
    return BadLine("missing_columns", format=name, columns=", ".join(sorted(attempts, key=len)[0]))
