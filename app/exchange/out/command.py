"""`timesink export`: a clinic's sessions or its summary into a file, or to standard output."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.clinics.models import Clinic
from app.config import load_settings
from app.db import Database, now_ms
from app.errors import BadRequest
from app.exchange.command import clinic_named
from app.exchange.out.drawings import charts_file
from app.exchange.out.files import FORMATS, MEDIA, Format, hours_of, session_file, summary_file
from app.exchange.out.order import order_sessions
from app.i18n import SOURCE_LANGUAGE, _
from app.migrate import migrate
from app.slices.freshen import freshen
from app.summary.labels import labels
from app.summary.summary import ALL, summary
from app.summary.window import Window, today, window


class What(StrEnum):
    EVENTS = "events"
    SEGMENTS = "segments"
    SUMMARY = "summary"
    XES = "xes"
    PACKAGE = "package"
    CHARTS = "charts"

    @property
    def name_of_file(self) -> str:
        """What the API and the file call it: an XES file holds sessions."""
        return "sessions" if self is What.XES else self.value


class FormatName(StrEnum):
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


def export_command(
    what: What,
    clinic: Annotated[str, typer.Option(help="The clinic's short name.")],
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First local day; else 14 days up to the last.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last local day; else today.")] = None,
    format: Annotated[
        FormatName | None, typer.Option(help="Of events, segments and summary; else by the file's name, else csv.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", dir_okay=False, help="Else standard output.")
    ] = None,
) -> None:
    """Exports a clinic's data. xes: for process mining; package: all sessions as a Data Package; charts: SVG files.

    All but the summary and its charts tell of single sessions: their exports are audited.
    """
    wished = _format(what, format, output)
    if output is None and wished in ("xlsx", "zip") and sys.stdout.isatty():
        raise BadRequest(_("That is nothing to read on a terminal: name a file with -o."), code="needs_file")
    database = Database(load_settings().database_url)
    try:
        migrate(database)
        now = now_ms()
        with database.read() as session:
            home = clinic_named(session, clinic)
        days = window(from_, to, today(now, home.timezone))
        with _into(output) as file:
            if what in (What.SUMMARY, What.CHARTS):
                file.write(_summary(database, home, days, what, wished, now))
            else:
                _write_sessions(database, home, days, what.name_of_file, wished, now, file)
    finally:
        database.close()


def _format(what: What, asked: FormatName | None, output: Path | None) -> Format:
    """Raises BadRequest for one that there is not of these."""
    formats = FORMATS[what.name_of_file]
    suffix = output.suffix[1:].lower() if output is not None else ""
    wished = asked.value if asked is not None else suffix if suffix in MEDIA else formats[0]
    for format in formats:
        if format == wished:
            return format
    raise BadRequest(
        _("There is no {format} of {what}: choose one of {formats}.").format(
            format=wished, what=what.value, formats=", ".join(formats)
        ),
        code="no_such_format",
    )


def _summary(database: Database, clinic: Clinic, days: Window, what: What, format: Format, now: int) -> bytes:
    freshen(database, clinic.id)
    with database.read() as session:
        figures, named = summary(session, clinic, days), labels(session, clinic)
        hours = hours_of(session, clinic, days, ALL) if format == "xlsx" else None
    if what == What.CHARTS:
        return charts_file(clinic, figures, named, SOURCE_LANGUAGE, now)
    return summary_file(figures, clinic.weekly_hours, format, hours)


def _write_sessions(
    database: Database, clinic: Clinic, days: Window, what: str, format: Format, now: int, file: IO[bytes]
) -> None:
    ids = order_sessions(database, clinic, days, what, format, None, now)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("Exporting sessions"), total=len(ids))
        pieces = session_file(database, clinic, days, ids, what, format, now, tell=lambda: bar.advance(task))
        for piece in pieces:
            file.write(piece)


@contextmanager
def _into(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file beside `path` that takes its name when it is whole: never half an export."""
    if path is None:
        out = typer.get_binary_stream("stdout")
        yield out
        out.flush()
        return
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        file = part.open("xb")
    except OSError as error:
        raise BadRequest(_("{path} cannot be written: {why}.").format(path=path, why=error.strerror)) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
