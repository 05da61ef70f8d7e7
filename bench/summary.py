"""The two-week summary over HTTP, against its own SELECTs on a bare connection, with short and with long history.

Beside it timetagger's answer to "the records of these two weeks", of which its page works out its own sums: the same
28,000 segments, written straight into its file.

The two weeks: 5 observers x 14 days, a session of 400 segments each, taken in by `append` and cut by `freshen` like any
other. Ten years: 40 such studies, one a quarter, made by copying the derived rows with their days moved by 13 weeks at
a time; the SELECTs of a summary read nothing else. No ANALYZE: a clinic's database never sees one.
"""

import http.client
import itertools
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import Connection, FromClause, event, text

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.capture.models import ObservationSession
from app.clinics.queries import clinic_by_slug
from app.db import Database, new_id, now_ms
from app.people.access import DAY_MS, Caller, find_caller
from app.people.accounts import add_person, give_role, make_token
from app.people.models import Role
from app.slices.freshen import freshen
from app.slices.refresh import TABLES
from app.summary.summary import summary
from app.summary.window import Window
from bench import servers, timetagger
from bench.phones import CLINIC, Phone, settle, tasks, triggers
from bench.places import Place
from bench.report import Measure

Asking = Callable[[], float]  # ms
OBSERVERS, DAYS, SEGMENTS, STUDIES = 5, 14, 400, 40
SEGMENT_MS = 60_000
FIRST = date(2026, 11, 2)
WINDOW = Window(FIRST, FIRST + timedelta(days=DAYS - 1))
PATH = f"/api/v1/summary?clinic={CLINIC}&from={WINDOW.first}&to={WINDOW.last}"


def measure(places: Sequence[Place], folder: Path, rounds: int) -> Iterator[Measure]:
    with ExitStack() as stack:
        asking: dict[str, Asking] = {}
        for place in places:
            asking |= _ours(place, stack)
        if timetagger.installed():
            asking |= _peer(folder, stack)
        took: dict[str, list[float]] = {name: [] for name in asking}
        for n in range(2 * rounds + 2):
            for name in asking if n % 2 else list(asking)[::-1]:
                ms = asking[name]()
                if n > 1:  # the first two warm the caches
                    took[name].append(ms)
    for place in places:
        yield from _told(place.name, took)


def _told(place: str, took: dict[str, list[float]]) -> Iterator[Measure]:
    few, many, sql = (took[f"{place}, {what}"] for what in ("two weeks", "ten years", "bare SQL"))
    figure, bare = f"{median(few):.1f} ms", median(sql)
    yield Measure(
        f"summary, two weeks, {place}: JSON / (2 x same SQL bare + 5 ms)",
        figure,
        f"SQL {bare:.1f} ms, bound {2 * bare + 5:.1f} ms",
        median(a / (2 * b + 5) for a, b in zip(few, sql, strict=True)),
        at_most=1.0,
    )
    yield Measure(
        f"summary, {place}: ten years of history / two weeks ({STUDIES} studies)",
        f"{median(many):.1f} ms",
        figure,
        median(a / b for a, b in zip(many, few, strict=True)),
        at_most=1.10,
    )
    for span, ours in (("two weeks", few), ("ten years", many)):
        if peer := took.get(f"timetagger, {span}"):
            yield Measure(
                f"summary, {place}, {span} of history / timetagger's records of the two weeks",
                f"{median(ours):.1f} ms",
                f"{median(peer):.0f} ms",
                median(a / b for a, b in zip(ours, peer, strict=True)),
                at_most=1 / 50 if span == "ten years" and place == "SQLite" else None,
            )


def _ours(place: Place, stack: ExitStack) -> dict[str, Asking]:
    short = place.new("two_weeks")
    token = two_weeks(short)
    statements = _statements(short)
    long = place.copy(short, "ten_years")
    _ten_years(long)
    few, many = (stack.enter_context(servers.timesink(url)) for url in (short, long))
    return {
        f"{place.name}, bare SQL": partial(bare_ms, short, statements),
        f"{place.name}, two weeks": partial(_request_ms, few.port, PATH, {"Authorization": f"Bearer {token}"}, _whole),
        f"{place.name}, ten years": partial(_request_ms, many.port, PATH, {"Authorization": f"Bearer {token}"}, _whole),
    }


def _peer(folder: Path, stack: ExitStack) -> dict[str, Asking]:
    """The same segments as records: all of a team's in one file, for its users cannot be summed up together."""
    server = stack.enter_context(timetagger.serving(folder, users=2))
    asking: dict[str, Asking] = {}
    for user, (span, studies) in enumerate((("two weeks", 1), ("ten years", STUDIES))):
        token = timetagger.sign_in(server.port, user)
        timetagger.fill(folder, user, _as_records(studies))
        first = _begin_ms(FIRST) // 1000
        path = f"{timetagger.RECORDS}?timerange={first}-{first + DAYS * 86_400}"
        asking[f"timetagger, {span}"] = partial(_request_ms, server.port, path, {"authtoken": token}, _all_records)
    return asking


def _as_records(studies: int) -> Iterator[dict[str, str | int]]:
    for study, day, _observer, n in itertools.product(range(studies), range(DAYS), range(OBSERVERS), range(SEGMENTS)):
        begun = _begin_ms(FIRST + timedelta(days=day - 13 * 7 * study)) // 1000 + n * SEGMENT_MS // 1000
        yield timetagger.record(begun, begun + SEGMENT_MS // 1000, tasks[n % len(tasks)])


def two_weeks(url: str) -> str:
    """A database with one study; answers an admin's token."""
    phones = settle(url, OBSERVERS)
    database = Database(url)
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


def _begin_ms(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, 14, tzinfo=UTC).timestamp() * 1000)


def _observe(database: Database, caller: Caller, phone: Phone, day: date) -> None:
    """A session of SEGMENTS segments: tasks in turn, one in ten an interruption with its resume."""
    dice = random.Random(f"{phone.device}{day}")
    begun = _begin_ms(day)
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


def _ten_years(url: str) -> None:
    """Copies the study's sessions and slices into the 39 quarters before it."""
    database = Database(url)
    with database.writer.begin() as connection:
        for quarter in range(1, STUDIES):
            moved = {"id": f"substr({{0}}, 1, 32) || '{quarter:04x}'", "day": _days_back(database, 13 * 7 * quarter)}
            copy_rows(connection, ObservationSession.__table__, moved)
            for table in TABLES:
                copy_rows(connection, table, {"session_id": moved["id"], "day": moved["day"]}, leave=("id",))
    database.close()


def _days_back(database: Database, days: int) -> str:
    return f"date({{0}}, '-{days} days')" if database.is_sqlite else f"CAST(CAST({{0}} AS date) - {days} AS text)"


def copy_rows(
    connection: Connection,
    table: FromClause,
    moved: dict[str, str],
    *,
    leave: Sequence[str] = (),
) -> None:
    """Those of the two weeks once more, with the columns of `moved` by its expressions; `{0}` is the column itself."""
    columns = [column.name for column in table.columns if column.name not in leave]
    taken = ", ".join(moved.get(name, "{0}").format(f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    of_weeks = "day BETWEEN :first AND :last"
    if "day" not in columns:
        of_weeks = f"session_id IN (SELECT id FROM sessions WHERE {of_weeks})"
    connection.execute(
        text(f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} WHERE {of_weeks}"),
        {"first": WINDOW.first.isoformat(), "last": WINDOW.last.isoformat()},
    )


def _statements(url: str) -> list[tuple[str, Any]]:
    """What the summary asks the database, as the driver gets it."""
    asked: list[tuple[str, Any]] = []
    database = Database(url)

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


def bare_ms(url: str, statements: list[tuple[str, Any]]) -> float:
    """On the driver's own connection; opening it and reading the schema is not the SQL."""
    connection: sqlite3.Connection | psycopg.Connection
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    else:
        connection = psycopg.connect(url.replace("+psycopg", "", 1))
    connection.execute("SELECT count(*) FROM sessions").fetchall()
    begun = time.perf_counter()
    for statement, parameters in statements:
        connection.execute(statement, parameters).fetchall()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    return took


def _request_ms(port: int, path: str, headers: dict[str, str], right: Callable[[Any], bool]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.connect()
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    if answer.status != 200 or not right(json.loads(body)):
        raise RuntimeError(f"not the two weeks: {answer.status} {body[:300]!r}")
    return took


def _whole(found: Any) -> bool:
    return bool(found["sessions"] == OBSERVERS * DAYS)


def _all_records(found: Any) -> bool:
    return len(found["records"]) == OBSERVERS * DAYS * SEGMENTS
