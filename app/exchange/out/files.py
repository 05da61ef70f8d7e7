"""Which files there are, and each of them as bytes: what the API sends and what the command writes."""

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import Database
from app.exchange.out.events import EVENTS
from app.exchange.out.package import package
from app.exchange.out.rows import Logged, Rows, logged_sessions
from app.exchange.out.rows_book import write_rows
from app.exchange.out.segments import SEGMENTS
from app.exchange.out.summary_book import write_summary
from app.exchange.out.tables import CSV_COLUMNS, csv_rows
from app.exchange.out.texts import csv_pieces, json_pieces
from app.exchange.out.xes import xes_pieces
from app.summary.labels import labels
from app.summary.window import Filters, Window
from app.workload.answer import answer
from app.workload.queries import are_few, gather
from app.workload.reckon import reckon

TableFormat = Literal["csv", "json", "xlsx"]
Format = Literal[TableFormat, "xes", "zip"]

FORMATS: Mapping[str, tuple[Format, ...]] = {
    "events": ("csv", "json"),
    "segments": ("csv", "json", "xlsx"),
    "summary": ("csv", "json", "xlsx"),
    "sessions": ("xes",),
    "package": ("zip",),
    "charts": ("zip",),
}
ROWS: Mapping[str, Rows] = {kind.name: kind for kind in (EVENTS, SEGMENTS)}
MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xes": "application/xml",
    "zip": "application/zip",
    "svg": "image/svg+xml",
}
PIECE = 1 << 16


def file_name(what: str, clinic: str, window: Window, format: str) -> str:
    """Such as timesink-north-summary-2026-11-02-2026-11-15.xlsx."""
    return f"timesink-{clinic}-{what}-{window.first}-{window.last}.{format}"


def summary_file(
    figures: Mapping[str, Any], weekly_hours: int, format: Format, hours: Mapping[str, Any] | None = None
) -> bytes:
    """`figures`: what GET /api/v1/summary answers; as JSON they are the same. `hours`: what GET /api/v1/workload does,
    which only a workbook has room for.
    """
    if format == "json":
        return json.dumps(figures, ensure_ascii=False, indent=1).encode()
    if format == "csv":
        return b"".join(csv_pieces(CSV_COLUMNS, csv_rows(figures)))
    file = io.BytesIO()
    write_summary(file, figures, weekly_hours, hours)
    return file.getvalue()


def hours_of(session: Session, clinic: Clinic, days: Window, filters: Filters) -> Mapping[str, Any] | None:
    """Required against scheduled hours of these days. They know no filter: of a part of the sessions there are none."""
    if filters != Filters() or not are_few(days):
        return None
    basis = gather(session, clinic, days).basis
    return answer(basis, reckon(basis)) if basis.days else None


def session_file(
    database: Database,
    clinic: Clinic,
    window: Window,
    ids: Sequence[str],
    what: str,
    format: Format,
    now: int,
    tell: Callable[[], object] = lambda: None,
) -> Iterator[bytes]:
    """These sessions as one of FORMATS, in pieces of some 64 KB, made while they are taken.

    `now`: the server's clock, ms. `tell`: after each session. A workbook or an archive can only be begun when it is
    whole: until then it lies in a temporary file that has no name.
    """
    sessions = logged_sessions(database, clinic, ids, tell)
    if format == "xes":
        with database.read() as session:
            named = labels(session, clinic)
        return xes_pieces(clinic, window, named, sessions)
    if format == "zip":
        return package(clinic, window, sessions, now)
    return _row_file(clinic, window, sessions, ROWS[what], format)


def _row_file(
    clinic: Clinic, window: Window, sessions: Iterable[Logged], kind: Rows, format: TableFormat
) -> Iterator[bytes]:
    found = (row for logged in sessions for row in kind.of_session(logged))
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
