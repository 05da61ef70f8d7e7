"""The two-week summary over HTTP, against its own SELECTs on a bare connection, with short and with long history.

The two weeks: 5 observers x 14 days, a session of 400 segments each, taken in by `append` and cut by `freshen` like any
other. Ten years: 40 such studies, one a quarter, made by copying the derived rows with their days moved by 13 weeks at
a time; the SELECTs of a summary read nothing else. No ANALYZE: a clinic's database never sees one.
"""

import http.client
import json
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.clinics.queries import clinic_by_slug
from app.db import Database, new_id, now_ms
from app.people.access import DAY_MS, Caller, find_caller
from app.people.accounts import add_person, give_role, make_token
from app.people.models import Role
from app.slices.freshen import freshen
from app.slices.refresh import TABLES
from app.summary.summary import summary
from app.summary.window import Window
from bench import servers
from bench.phones import CLINIC, Phone, settle, tasks, triggers
from bench.report import Measure

OBSERVERS, DAYS, SEGMENTS, STUDIES = 5, 14, 400, 40
SEGMENT_MS = 60_000
FIRST = date(2026, 11, 2)
WINDOW = Window(FIRST, FIRST + timedelta(days=DAYS - 1))
PATH = f"/api/v1/summary?clinic={CLINIC}&from={WINDOW.first}&to={WINDOW.last}"


def measure(folder: Path, rounds: int) -> Iterator[Measure]:
    short, long = folder / "two_weeks.db", folder / "ten_years.db"
    token = two_weeks(short)
    statements = _statements(short)
    shutil.copy(short, long)
    _ten_years(long)
    sql: list[float] = []
    over_http: list[float] = []
    with_history: list[float] = []
    with servers.timesink(f"sqlite:///{short}") as few, servers.timesink(f"sqlite:///{long}") as many:
        for n in range(2 * rounds + 2):
            turns: list[tuple[list[float], Path | servers.Server]]
            turns = [(sql, short), (over_http, few), (with_history, many)]
            for kept, what in turns if n % 2 else turns[::-1]:
                took = _bare_ms(what, statements) if isinstance(what, Path) else _request_ms(what.port, token)
                if n > 1:  # the first two warm the caches
                    kept.append(took)
    bare, asked, long_ago = median(sql), median(over_http), median(with_history)
    bound = 2 * bare + 5
    yield Measure(
        "summary, two weeks: JSON / (2 x same SQL bare + 5 ms)",
        f"{asked:.1f} ms",
        f"SQL {bare:.1f} ms, bound {bound:.1f} ms",
        median(a / (2 * b + 5) for a, b in zip(over_http, sql, strict=True)),
        at_most=1.0,
    )
    yield Measure(
        f"summary, ten years of history / two weeks ({STUDIES} studies)",
        f"{long_ago:.1f} ms",
        f"{asked:.1f} ms",
        median(a / b for a, b in zip(with_history, over_http, strict=True)),
        at_most=1.10,
    )


def two_weeks(path: Path) -> str:
    """A database with one study; answers an admin's token."""
    phones = settle(f"sqlite:///{path}", OBSERVERS)
    database = Database(f"sqlite:///{path}")
    for phone in phones:
        with database.read() as session:
            caller = find_caller(session, "token", phone.token, now_ms(), DAY_MS)
        assert caller is not None
        for day in range(DAYS):
            _observe(database, caller, phone, FIRST + timedelta(days=day))
    freshen(database)
    with database.write() as session:
        clinic = clinic_by_slug(session, CLINIC)
        assert clinic is not None
        admin = add_person(session, email="ana@north.example", name="", at=now_ms())
        give_role(session, admin, clinic.id, Role.ADMIN, now_ms())
        token = make_token(session, admin, now_ms(), 30)
    database.close()
    return token


def _observe(database: Database, caller: Caller, phone: Phone, day: date) -> None:
    """A session of SEGMENTS segments: tasks in turn, one in ten an interruption with its resume."""
    dice = random.Random(f"{phone.device}{day}")
    begun = round(datetime(day.year, day.month, day.day, 14, tzinfo=UTC).timestamp() * 1000)
    header = {"type": "session", "id": new_id(begun), "at": begun, "clinic": CLINIC, "mode": "observed",
              "subject": f"MA-{dice.randrange(4)}", "day_type": dice.choice(["high", "typical", "low"]),
              "task_list": "back-of-house", "version": 1}  # fmt: skip
    meanings: list[dict[str, Any]] = [{"kind": "begin"}]
    for n in range(SEGMENTS):
        if n % 10 == 8:
            meanings.append({"kind": "interrupt", "trigger": dice.choice(triggers), "task": dice.choice(tasks)})
        elif n % 10 == 9:
            meanings.append({"kind": "resume"})
        else:
            meanings.append({"kind": "start", "task": dice.choice(tasks)})
    meanings.append({"kind": "end"})
    items: list[Any] = [header]
    for seq, meaning in enumerate(meanings, 1):
        at = begun + max(0, seq - 2) * SEGMENT_MS
        items.append({"type": "event", "id": new_id(at), "session": header["id"], "seq": seq, "at": at, **meaning})
    with database.write() as session:
        append(session, caller, Batch(phone.device, [read_item(item) for item in items]), now_ms())


def _ten_years(path: Path) -> None:
    """Copies the study's sessions and slices into the 39 quarters before it."""
    connection = sqlite3.connect(path)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(sessions)")]
    for quarter in range(1, STUDIES):
        moved = {
            "id": f"substr({{0}}, 1, 32) || '{quarter:04x}'",
            "day": f"date({{0}}, '-{13 * 7 * quarter} days')",
        }
        copy_rows(connection, "sessions", columns, moved)
        for table in TABLES:
            names = [column.name for column in table.columns if column.name != "id"]
            copy_rows(connection, table.name, names, {"session_id": moved["id"], "day": moved["day"]})
    connection.commit()
    connection.close()


def copy_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: list[str],
    moved: dict[str, str],
    of_weeks: str = "day BETWEEN ? AND ?",
) -> None:
    """Those of the two weeks once more, with the columns of `moved` by its expressions; `{0}` is the column itself."""
    taken = ", ".join(moved.get(name, "{0}").format(f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} WHERE {of_weeks}",
        (WINDOW.first.isoformat(), WINDOW.last.isoformat()),
    )


def _statements(path: Path) -> list[tuple[str, Any]]:
    """What the summary asks the database, as the driver gets it."""
    asked: list[tuple[str, Any]] = []
    database = Database(f"sqlite:///{path}")

    @event.listens_for(database.reader, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    with database.read() as session:
        clinic = clinic_by_slug(session, CLINIC)
        assert clinic is not None
        asked.clear()
        found = summary(session, clinic, WINDOW)
    database.close()
    if found["sessions"] != OBSERVERS * DAYS or found["observed_ms"] != OBSERVERS * DAYS * SEGMENTS * SEGMENT_MS:
        raise RuntimeError(f"not the two weeks that were made: {found['sessions']} sessions, {found['observed_ms']} ms")
    return asked


def _bare_ms(path: Path, statements: list[tuple[str, Any]]) -> float:
    connection = sqlite3.connect(path)
    connection.execute("SELECT count(*) FROM sessions").fetchall()  # opening and reading the schema is not the SQL
    begun = time.perf_counter()
    for statement, parameters in statements:
        connection.execute(statement, parameters).fetchall()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    return took


def _request_ms(port: int, token: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    begun = time.perf_counter()
    connection.request("GET", PATH, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    if answer.status != 200 or json.loads(body)["sessions"] != OBSERVERS * DAYS:
        raise RuntimeError(f"no summary: {answer.status} {body[:300]!r}")
    return took
