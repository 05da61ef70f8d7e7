"""Which files there are, and each of them as bytes: what the API sends and what the command writes."""

import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from app.clinics.models import Clinic
from app.db import Database
from app.exchange.out.events import EVENTS
from app.exchange.out.rows import Rows, rows
from app.exchange.out.rows_book import write_rows
from app.exchange.out.segments import SEGMENTS
from app.exchange.out.summary_book import write_summary
from app.exchange.out.tables import CSV_COLUMNS, csv_rows
from app.exchange.out.texts import csv_pieces, json_pieces
from app.summary.window import Window

Format = Literal["csv", "json", "xlsx"]

FORMATS: Mapping[str, tuple[Format, ...]] = {
    "events": ("csv", "json"),
    "segments": ("csv", "json", "xlsx"),
    "summary": ("csv", "json", "xlsx"),
}
ROWS: Mapping[str, Rows] = {kind.name: kind for kind in (EVENTS, SEGMENTS)}
MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PIECE = 1 << 16


def file_name(what: str, clinic: str, window: Window, format: str) -> str:
    """Such as timesink-north-summary-2026-11-02-2026-11-15.xlsx."""
    return f"timesink-{clinic}-{what}-{window.first}-{window.last}.{format}"


def summary_file(figures: Mapping[str, Any], weekly_hours: int, format: Format) -> bytes:
    """`figures`: what GET /api/v1/summary answers; as JSON they are the same."""
    if format == "json":
        return json.dumps(figures, ensure_ascii=False, indent=1).encode()
    if format == "csv":
        return b"".join(csv_pieces(CSV_COLUMNS, csv_rows(figures)))
    file = io.BytesIO()
    write_summary(file, figures, weekly_hours)
    return file.getvalue()


def row_file(
    database: Database,
    clinic: Clinic,
    window: Window,
    ids: Sequence[str],
    kind: Rows,
    format: Format,
    tell: Callable[[], object] = lambda: None,
) -> Iterator[bytes]:
    """The rows of these sessions, in pieces of some 64 KB, made while they are taken. `tell`: after each session.

    A workbook can only be begun when it is whole: until then it lies in a temporary file that has no name.
    """
    found = rows(database, clinic, ids, kind, tell)
    if format == "csv":
        yield from csv_pieces(kind.columns, found)
    elif format == "json":
        about = {"clinic": clinic.slug, "from": window.first.isoformat(), "to": window.last.isoformat()}
        yield from json_pieces({**about, "timezone": clinic.timezone}, kind.columns, found)
    else:
        with tempfile.TemporaryFile() as file:
            write_rows(file, kind, found)
            file.seek(0)
            while piece := file.read(PIECE):
                yield piece
