"""Workload hours over HTTP against their own SELECTs on a bare connection, and a what-if, which asks no database.

The two weeks of the summary's measure (`bench/summary.py`), with five counters tapped in every session, a day log a
day, and a roster by half-hour. The page carries what it was reckoned from; a what-if sends it back with levers moved.
"""

import http.client
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event, select

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.capture.models import ObservationSession
from app.clinics.queries import clinic_by_slug
from app.clinics.roster.keep import keep_week
from app.clinics.roster.week import shift
from app.db import Database, new_id, now_ms
from app.people.access import DAY_MS, Caller, find_caller
from app.people.accounts import person_by_email, sign_in
from app.slices.freshen import freshen
from app.web import form_token
from app.workload.queries import gather
from app.workload.reckon import reckon
from bench import servers
from bench.phones import CLINIC
from bench.places import Place
from bench.report import Measure
from bench.summary import DAYS, FIRST, OBSERVERS, WINDOW, bare_ms, two_weeks

Asking = Callable[[], float]  # ms
SPAN = f"from={WINDOW.first}&to={WINDOW.last}"
JSON = f"/api/v1/workload?clinic={CLINIC}&{SPAN}"
PAGE = f"/clinics/{CLINIC}/workload"
COUNTERS = ("visits", "rooms", "vaccines", "tests", "messages")


def measure(places: Sequence[Place], _folder: Path, rounds: int) -> Iterator[Measure]:
    for place in places:
        with ExitStack() as stack:
            asking = _asking(place, stack)
            took: dict[str, list[float]] = {name: [] for name in asking}
            for n in range(2 * rounds + 2):
                for name in asking if n % 2 else list(asking)[::-1]:
                    ms = asking[name]()
                    if n > 1:  # the first two warm the caches
                        took[name].append(ms)
        yield from _told(place.name, took)


def _told(place: str, took: dict[str, list[float]]) -> Iterator[Measure]:
    sql, bare = took["sql"], median(took["sql"])
    for name, times, more in (("json", 2, 5), ("page", 3, 25)):
        yield Measure(
            f"workload, two weeks, {place}: {name} / ({times} x same SQL bare + {more} ms)",
            f"{median(took[name]):.1f} ms",
            f"SQL {bare:.1f} ms, bound {times * bare + more:.1f} ms",
            median(a / (times * b + more) for a, b in zip(took[name], sql, strict=True)),
            at_most=1.0,
        )
    yield Measure(
        f"what-if, {place}, no statement sent: / workload JSON",
        f"{median(took['what-if']):.1f} ms",
        f"{median(took['json']):.1f} ms",
        median(a / b for a, b in zip(took["what-if"], took["json"], strict=True)),
    )


def _asking(place: Place, stack: ExitStack) -> dict[str, Asking]:
    url = place.new("workload")
    token, _cookie = two_weeks(url)
    cookie = _complete(url, token)
    statements = _statements(url)
    server = stack.enter_context(servers.timesink(url))
    browser = {"Cookie": f"timesink={cookie}", "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    page = _send(server.port, "GET", f"{PAGE}?{SPAN}", browser)[1]
    (basis,) = re.findall(r'name="basis" value="([^"]+)"', page)
    levers = {"token": form_token(cookie), "basis": basis, "float_mas": "1", "fewer_percent": "10", "sink": "searching"}
    return {
        "sql": partial(bare_ms, url, statements),
        "json": partial(_request_ms, server.port, "GET", JSON, {"Authorization": f"Bearer {token}"}, _is_whole),
        "page": partial(_request_ms, server.port, "GET", f"{PAGE}?{SPAN}", browser, lambda body: "<svg" in body),
        "what-if": partial(
            _request_ms,
            server.port,
            "POST",
            f"{PAGE}/what-if",
            browser | {"Content-Type": "application/x-www-form-urlencoded"},
            lambda body: "<table" in body,
            urlencode(levers),
        ),
    }


def _complete(url: str, token: str) -> str:
    """Counts, day logs and a roster; answers the admin's browser login."""
    database = Database(url)
    with database.read() as session:
        admin = find_caller(session, "token", token, now_ms(), DAY_MS)
        wanted = select(ObservationSession.id, ObservationSession.begin_at, ObservationSession.person_id)
        sessions = session.execute(wanted).all()
    assert admin is not None
    dice = random.Random(CLINIC)
    for id, begun, owner in sessions:
        taps = ((begun or 0) + dice.randrange(400) * 60_000 for _tap in range(40))
        counts = [_count(id, at, dice.choice(COUNTERS), seq) for seq, at in enumerate(sorted(taps), 1)]
        _add(database, replace(admin, id=owner), counts)  # only its owner adds to a session
    _add(database, admin, [_day_log(day, dice) for day in range(DAYS)])
    freshen(database)
    with database.write() as session:
        clinic = clinic_by_slug(session, CLINIC)
        assert clinic is not None
        week = [shift(range(1, 6), "8:00", "17:00", "4"), shift(range(1, 8), "9:30", "14:00", "1")]
        keep_week(session, clinic, week, str(WINDOW.first), at=now_ms(), by=None)
        person = person_by_email(session, "ana@north.example")
        assert person is not None
        cookie = sign_in(session, person, now_ms(), 30)
    database.close()
    return cookie


def _count(session: str, at: int, counter: str, seq: int) -> dict[str, Any]:
    tapped = {"kind": "count", "counter": counter}
    return {"type": "event", "id": new_id(at), "session": session, "seq": seq, "at": at, **tapped}


def _day_log(day: int, dice: random.Random) -> dict[str, Any]:
    at = now_ms()
    volumes = {counter: dice.randrange(20, 90) for counter in COUNTERS}
    return {
        "type": "day", "id": new_id(at), "clinic": CLINIC, "day": str(FIRST + timedelta(days=day)), "at": at,
        "volumes": volumes,
    }  # fmt: skip


def _add(database: Database, caller: Caller, items: list[dict[str, Any]]) -> None:
    with database.write() as session:
        told = append(session, caller, Batch("bench-desk", [read_item(item) for item in items]), now_ms())
    if {result["status"] for result in told["results"]} != {"stored"}:
        raise RuntimeError(f"not kept: {told['results'][0]}")


def _statements(url: str) -> list[tuple[str, Any]]:
    """What the hours ask the database, as the driver gets it."""
    asked: list[tuple[str, Any]] = []
    database = Database(url)

    @event.listens_for(database.reader, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    with database.read() as session:
        clinic = clinic_by_slug(session, CLINIC)
        assert clinic is not None
        asked.clear()
        basis = gather(session, clinic, WINDOW).basis
    database.close()
    found = reckon(basis)
    if basis.sessions != OBSERVERS * DAYS or len(basis.standards) < len(COUNTERS) or found.total.low is None:
        told = f"{basis.sessions} sessions, {len(basis.standards)} standards"
        raise RuntimeError(f"not the two weeks that were made: {told}")
    return asked


def _send(port: int, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[float, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.connect()
    begun = time.perf_counter()
    connection.request(method, path, body=body or None, headers=headers)
    answer = connection.getresponse()
    found = answer.read().decode()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{method} {path}: {answer.status} {found[:300]}")
    return took, found


def _request_ms(
    port: int, method: str, path: str, headers: dict[str, str], right: Callable[[str], bool], body: str = ""
) -> float:
    took, found = _send(port, method, path, headers, body)
    if not right(found):
        raise RuntimeError(f"not what was asked for: {path} {found[:300]}")
    return took


def _is_whole(body: str) -> bool:
    told = json.loads(body)
    return bool(told["sessions"] == OBSERVERS * DAYS and told["gap_fte_low"] is not None)
