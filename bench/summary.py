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
from sqlalchemy import Connection, FromClause, event, select, text
from sqlalchemy.orm import Session

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.capture.models import ObservationSession
from app.clinics.models import Clinic
from app.clinics.publish import create_clinic
from app.clinics.queries import clinic_by_slug, versions
from app.db import Database, new_id, now_ms
from app.people.access import DAY_MS, Caller, find_caller
from app.people.accounts import add_person, give_role, make_token, person_by_email, sign_in
from app.people.models import Role
from app.slices.freshen import freshen
from app.slices.refresh import TABLES
from app.summary.comparison.overview import overview
from app.summary.days import disagreeing_days
from app.summary.labels import labels
from app.summary.queries import staff_roles
from app.summary.summary import summary
from app.summary.window import Window
from app.workload.queries import gather
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
PAGE = f"/clinics/{CLINIC}/summary?from={WINDOW.first}&to={WINDOW.last}"
OVERVIEW = f"/api/v1/overview?from={WINDOW.first}&to={WINDOW.last}"
CLINICS = 20


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
    page, page_sql = took[f"{place}, page"], took[f"{place}, bare SQL of the page"]
    yield Measure(
        f"summary, two weeks, {place}: page / (3 x same SQL bare + 25 ms)",
        f"{median(page):.1f} ms",
        f"SQL {median(page_sql):.1f} ms, bound {3 * median(page_sql) + 25:.1f} ms",
        median(a / (3 * b + 25) for a, b in zip(page, page_sql, strict=True)),
        at_most=1.0,
    )
    clinics, clinics_sql = took[f"{place}, clinics"], took[f"{place}, bare SQL of the clinics"]
    yield Measure(
        f"{CLINICS} clinics beside each other, {place}: JSON / (1.25 x same SQL bare + 5 ms)",
        f"{median(clinics):.1f} ms",
        f"SQL {median(clinics_sql):.1f} ms, bound {1.25 * median(clinics_sql) + 5:.1f} ms",
        median(a / (1.25 * b + 5) for a, b in zip(clinics, clinics_sql, strict=True)),
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
    token, cookie = two_weeks(short)
    long, wide = place.copy(short, "ten_years"), place.copy(short, "twenty_clinics")
    _ten_years(long)
    _twenty_clinics(wide)
    few, many, all_of_them = (stack.enter_context(servers.timesink(url)) for url in (short, long, wide))
    program, browser = {"Authorization": f"Bearer {token}"}, {"Cookie": f"timesink={cookie}"}
    return {
        f"{place.name}, bare SQL": partial(bare_ms, short, _statements(short, _of_json)),
        f"{place.name}, bare SQL of the page": partial(bare_ms, short, _statements(short, _of_page)),
        f"{place.name}, bare SQL of the clinics": partial(bare_ms, wide, _statements(wide, _of_clinics)),
        f"{place.name}, two weeks": partial(_request_ms, few.port, PATH, program, _whole),
        f"{place.name}, ten years": partial(_request_ms, many.port, PATH, program, _whole),
        f"{place.name}, page": partial(_request_ms, few.port, PAGE, browser, _whole_page, read=_as_text),
        f"{place.name}, clinics": partial(_request_ms, all_of_them.port, OVERVIEW, program, _all_clinics),
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


def two_weeks(url: str) -> tuple[str, str]:
    """A database with one study; answers an admin's token and login."""
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
        token, cookie = make_token(session, admin, now_ms(), 30), sign_in(session, admin, now_ms(), 30)
    database.close()
    return token, cookie


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
            moved = {"id": f"substr({{0}}, 1, 32) || 'q{quarter:03x}'", "day": _days_back(database, 13 * 7 * quarter)}
            copy_rows(connection, ObservationSession.__table__, moved)
            for table in TABLES:
                copy_rows(connection, table, {"session_id": moved["id"], "day": moved["day"]}, leave=("id",))
    database.close()


def _twenty_clinics(url: str) -> None:
    """The study's clinic 19 times more, with the same admin, and with the study's sessions and slices."""
    database = Database(url)
    with database.write() as session:
        home = clinic_by_slug(session, CLINIC)
        admin = person_by_email(session, "ana@north.example")
        assert home is not None
        assert admin is not None
        of_home, ids = f"clinic_id = {home.id}", []
        for n in range(1, CLINICS):
            other = create_clinic(
                session, slug=f"{CLINIC}-{n}", name=f"Clinic {n}", timezone=home.timezone, at=now_ms()
            )
            give_role(session, admin, other.id, Role.ADMIN, now_ms())
            ids.append(other.id)
    with database.transaction() as connection:
        for n, clinic_id in enumerate(ids, start=1):
            moved = {"id": f"substr({{0}}, 1, 32) || 'y{n:03x}'", "clinic_id": str(clinic_id)}
            copy_rows(connection, ObservationSession.__table__, moved, where=of_home)
            for table in TABLES:
                theirs = {"session_id": moved["id"], "clinic_id": moved["clinic_id"]}
                copy_rows(connection, table, theirs, leave=("id",), where=of_home)
    database.close()


def _days_back(database: Database, days: int) -> str:
    return f"date({{0}}, '-{days} days')" if database.is_sqlite else f"CAST(CAST({{0}} AS date) - {days} AS text)"


def copy_rows(
    connection: Connection,
    table: FromClause,
    moved: dict[str, str],
    *,
    leave: Sequence[str] = (),
    where: str = "TRUE",
) -> None:
    """Those of the two weeks once more, with the columns of `moved` by its expressions; `{0}` is the column itself."""
    columns = [column.name for column in table.columns if column.name not in leave]
    taken = ", ".join(moved.get(name, "{0}").format(f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    of_weeks = "day BETWEEN :first AND :last"
    if "day" not in columns:
        of_weeks = f"session_id IN (SELECT id FROM sessions WHERE {of_weeks})"
    connection.execute(
        text(f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} WHERE {of_weeks} AND {where}"),
        {"first": WINDOW.first.isoformat(), "last": WINDOW.last.isoformat()},
    )


def _of_json(session: Session, clinic: Clinic) -> None:
    found = summary(session, clinic, WINDOW)
    if found["sessions"] != OBSERVERS * DAYS or found["observed_ms"] != OBSERVERS * DAYS * SEGMENTS * SEGMENT_MS:
        raise RuntimeError(f"not the two weeks that were made: {found['sessions']} sessions, {found['observed_ms']} ms")


def _of_page(session: Session, clinic: Clinic) -> None:
    """What the page asks beside the figures is part of it; it is small."""
    _of_json(session, clinic)
    disagreeing_days(session, clinic, WINDOW)
    labels(session, clinic)
    staff_roles(session, clinic.id)
    gather(session, clinic, WINDOW)
    versions(session, clinic.id)


def _of_clinics(session: Session, clinic: Clinic) -> None:
    clinics = list(session.execute(select(Clinic).order_by(Clinic.name)).scalars())
    found = overview(session, clinics, WINDOW)
    if len(found) != CLINICS or {one["sessions"] for one in found} != {OBSERVERS * DAYS}:
        raise RuntimeError(f"not the clinics that were made: {[one['sessions'] for one in found]}")


def _statements(url: str, ask: Callable[[Session, Clinic], None]) -> list[tuple[str, Any]]:
    """What it asks the database, as the driver gets it."""
    asked: list[tuple[str, Any]] = []
    database = Database(url)

    @event.listens_for(database.reader, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    with database.read() as session:
        clinic = clinic_by_slug(session, CLINIC)
        assert clinic is not None
        asked.clear()
        ask(session, clinic)
    database.close()
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


def _as_text(body: bytes) -> str:
    return body.decode()


def _request_ms(
    port: int,
    path: str,
    headers: dict[str, str],
    right: Callable[[Any], bool],
    read: Callable[[bytes], Any] = json.loads,
) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.connect()
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    if answer.status != 200 or not right(read(body)):
        raise RuntimeError(f"not the two weeks: {answer.status} {body[:300]!r}")
    return took


def _whole(found: Any) -> bool:
    return bool(found["sessions"] == OBSERVERS * DAYS)


def _whole_page(found: str) -> bool:
    return f"{OBSERVERS * DAYS} sessions" in found and found.rstrip().endswith("</html>")


def _all_clinics(found: Any) -> bool:
    return [one["sessions"] for one in found["items"]] == [OBSERVERS * DAYS] * CLINICS


def _all_records(found: Any) -> bool:
    return len(found["records"]) == OBSERVERS * DAYS * SEGMENTS
