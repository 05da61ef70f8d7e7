"""Sessions as a Data Package (datapackage.org): a zip of CSV tables, described by datapackage.json.

Raw and corrected stream, the sessions, occurrences and interruptions, the task lists they were coded with, and how it
all came about. Each table has a Table Schema, its length and its SHA-256. No licence is named: that is the clinic's.

All tables are written in one pass over the sessions, so that they tell of the same log; until the archive is whole it
lies in temporary files that have no name.
"""

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from app.clinics.models import Clinic
from app.clinics.tasklist import TaskList
from app.exchange.out.columns import said_of, type_of
from app.exchange.out.events import EVENTS
from app.exchange.out.method import read_me
from app.exchange.out.more_rows import INTERRUPTIONS, OCCURRENCES, SESSIONS, TASK_COLUMNS, tasks
from app.exchange.out.rows import Logged, Row
from app.exchange.out.segments import SEGMENTS
from app.exchange.out.texts import csv_cell
from app.i18n import _
from app.summary.window import Window

PIECE = 1 << 16
KINDS = (SESSIONS, EVENTS, SEGMENTS, OCCURRENCES, INTERRUPTIONS)
KEYS = {
    "sessions": ["session"],
    "events": ["event"],
    "occurrences": ["occurrence"],
    "interruptions": ["interruption"],
    "tasks": ["task_list", "version", "task"],
}
FORMATS = {"datetime": "%Y-%m-%dT%H:%M:%S.%f%z"}
CHOICES = {
    "track": ["primary", "parallel"],
    "outcome": ["resumed", "abandoned", "open"],
    "needs_ma": ["yes", "no", "training"],
}

Described = dict[str, Any]


@dataclass(slots=True)
class Table:
    """A CSV file that grows, without a byte order mark, which readers of data take for a part of the first name."""

    name: str
    columns: Sequence[str]
    file: IO[bytes]
    length: int = 0
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._write([self.columns])

    def add(self, rows: Iterable[Row]) -> None:
        found = [[csv_cell(value) for value in row] for row in rows]
        self.rows += len(found)
        self._write(found)

    def _write(self, rows: Iterable[Sequence[Any]]) -> None:
        held = io.StringIO()
        csv.writer(held, lineterminator="\r\n").writerows(rows)
        written = held.getvalue().encode(errors="replace")
        self.file.write(written)
        self.digest.update(written)
        self.length += len(written)

    def described(self) -> Described:
        """Its resource of datapackage.json."""
        schema: Described = {
            "fields": [_field(self.name, column) for column in self.columns],
            "missingValues": [""],
        }
        if self.name in KEYS:
            schema["primaryKey"] = KEYS[self.name]
        if "session" in self.columns and self.name != "sessions":
            of_sessions = {"resource": "sessions", "fields": ["session"]}
            schema["foreignKeys"] = [{"fields": ["session"], "reference": of_sessions}]
        return {
            "name": self.name,
            "type": "table",
            "profile": "tabular-data-resource",
            "path": f"data/{self.name}.csv",
            "scheme": "file",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": self.length,
            "hash": f"sha256:{self.digest.hexdigest()}",
            "schema": schema,
        }


def package(clinic: Clinic, window: Window, sessions: Iterable[Logged], now: int) -> Iterator[bytes]:
    """The archive in pieces. `now`: the server's clock, ms."""
    with ExitStack() as open_files:

        def table(name: str, columns: Sequence[str]) -> Table:
            return Table(name, columns, open_files.enter_context(tempfile.TemporaryFile()))

        by_kind = [(kind, table(kind.name, kind.columns)) for kind in KINDS]
        lists: dict[tuple[str, int], TaskList] = {}
        for logged in sessions:
            for kind, into in by_kind:
                into.add(kind.of_session(logged))
            lists.setdefault((logged.version.code, logged.version.version), logged.task_list)
        coded = table("tasks", TASK_COLUMNS)
        for (_code, version), task_list in sorted(lists.items()):
            coded.add(tasks(task_list, version))
        archive = open_files.enter_context(tempfile.TemporaryFile())
        _write_archive(archive, clinic, window, [*(into for _kind, into in by_kind), coded], lists, now)
        archive.seek(0)
        while piece := archive.read(PIECE):
            yield piece


def _write_archive(
    file: IO[bytes],
    clinic: Clinic,
    window: Window,
    tables: Sequence[Table],
    lists: dict[tuple[str, int], TaskList],
    now: int,
) -> None:
    documents = {
        f"task-lists/{code}-{version}.json": json.dumps(
            {"version": version, "task_list": task_list.model_dump()}, ensure_ascii=False, indent=1
        ).encode(errors="replace")
        for (code, version), task_list in sorted(lists.items())
    }
    resources = [*(one.described() for one in tables), *(_document(*one) for one in documents.items())]
    about = json.dumps(_about(clinic, window, resources, now), ensure_ascii=False, indent=1)
    texts = {"datapackage.json": about.encode(), "README.md": read_me(clinic, window).encode(), **documents}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(_entry(name, now), text)
        for one in tables:
            one.file.seek(0)
            with archive.open(_entry(f"data/{one.name}.csv", now), "w", force_zip64=True) as entry:
                while piece := one.file.read(PIECE):
                    entry.write(piece)


def _entry(name: str, now: int) -> zipfile.ZipInfo:
    moment = datetime.fromtimestamp(now / 1000, UTC)
    entry = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _about(clinic: Clinic, window: Window, resources: list[Described], now: int) -> Described:
    first, last = window.first.isoformat(), window.last.isoformat()
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "profile": "data-package",
        "name": f"timesink-{clinic.slug}-{first}-{last}",
        "title": _("Observations in {clinic}, {from_} to {to}").format(clinic=clinic.name, from_=first, to=last),
        "description": _(
            "Time-and-motion observations of medical assistants' work, recorded with Timesink: README.md tells the "
            "method and what the words mean. The clinic has named no licence."
        ),
        "version": "1.0.0",
        "created": datetime.fromtimestamp(now // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "keywords": ["time-and-motion", "workload", "interruptions"],
        "timezone": clinic.timezone,
        "from": first,
        "to": last,
        "resources": resources,
    }


def _document(path: str, content: bytes) -> Described:
    return {
        "name": path.removesuffix(".json").replace("/", "-"),
        "profile": "data-resource",
        "path": path,
        "format": "json",
        "mediatype": "application/json",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _field(table: str, column: str) -> Described:
    type = type_of(column)
    described = {"name": column, "type": type, "description": said_of(table, column)}
    if type in FORMATS:
        described["format"] = FORMATS[type]
    constraints: Described = {}
    if column in KEYS.get(table, []):
        constraints["required"] = True
    if column in CHOICES:
        constraints["enum"] = CHOICES[column]
    return described | ({"constraints": constraints} if constraints else {})
