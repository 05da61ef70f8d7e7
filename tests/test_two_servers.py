"""Two `serve` processes against one PostgreSQL, as behind a proxy: a phone may meet the other one at every request."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.db import Database
from app.migrate import is_migrated, migrate
from app.people.accounts import set_password
from app.people.models import Person
from tests.builders import batches, day, envelope, in_session, session_item
from tests.people import Town
from tests.postgresql import Cluster
from tests.test_cli import Terminal

pytestmark = pytest.mark.on("postgresql", why="more than one process needs it")

BASE_URL = "https://timesink.example"
PASSWORD = "quiet maple harbour ninety"
WEEK = "clinic=north&from=2026-11-01&to=2026-11-07"
MORNING = (
    *("09:00 rooming", "09:03 supplies! searching", "09:06 back", "09:10 vitals", "09:12 phone?", "09:15 +callbacks"),
    *("09:18 -callbacks", "09:20 #visits", "09:21 discharge", "09:25 pause", "09:30 on", "09:31 rooming", "09:58 end"),
)
OBSERVED_MS = 53 * 60_000
WAITING = ("pending_items", "quarantine")


@pytest.fixture
def servers(database_url: str, tmp_path: Path, town: Town) -> Iterator[tuple[str, str]]:
    """The addresses of both; each believes the proxy on 127.0.0.1."""
    with town.database.write() as session:
        set_password(session, session.get_one(Person, town["otto"].id), PASSWORD)
    with ExitStack() as running:
        addresses = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            terminal = Terminal(database_url, tmp_path / name)
            terminal.environment["TIMESINK_BASE_URL"] = BASE_URL
            addresses.append(running.enter_context(terminal.serving())[0])
        yield addresses[0], addresses[1]


def forwarded(address: str, **headers: str) -> httpx.Client:
    """What a proxy passes on: the browser's own headers, and where the request came from."""
    passed = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}
    return httpx.Client(base_url=address, headers={**passed, **headers}, timeout=60)


def sign_in(address: str, password: str, came_from: str = "10.1.2.3") -> httpx.Response:
    with forwarded(address, **{"X-Forwarded-For": came_from}) as browser:
        return browser.post("/sign-in", data={"email": "otto@north.example", "password": password})


def test_signed_in_at_one_means_signed_in_at_both_and_out_the_same(servers: tuple[str, str]) -> None:
    one, two = servers
    answer = sign_in(one, PASSWORD)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert cookie.startswith("__Host-timesink=")
    with forwarded(one, Cookie=cookie) as at_one, forwarded(two, Cookie=cookie) as at_two:
        page = at_two.get("/account")
        assert page.status_code == 200
        token = page.text.split('name="token" value="')[1].split('"')[0]
        # a form that one of them gave is taken by the other
        assert at_one.post("/account/sign-out-everywhere", data={"token": token}).status_code == 303
        assert at_two.get("/account").headers["location"].startswith("/sign-in")


def test_wrong_passwords_are_counted_together(servers: tuple[str, str], town: Town) -> None:
    """Ten tries are ten tries, not ten at each; nor does another address help against one account."""
    statuses = [sign_in(address, "not the right one").status_code for address in (*servers * 5,)]
    assert statuses == [422] * 10
    for n, address in enumerate(servers):
        refused = sign_in(address, PASSWORD, came_from=f"10.9.9.{n}")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
    with town.database.read() as session:
        whence = session.execute(text("SELECT key FROM attempts WHERE key LIKE '%10.1.2.3%'")).scalars().all()
    assert whence, "the address that counts is the phone's, not the proxy's"


def test_phones_that_alternate_between_them_lose_nothing_and_double_nothing(
    servers: tuple[str, str], town: Town, database_url: str, tmp_path: Path
) -> None:
    phones = [(name, n) for name in ("otto", "olga", "mia", "ana") for n in range(2)]
    sent = {phone: in_session(session_item(at), events) for phone in phones for at, events in [_morning()]}

    def record(phone: tuple[str, int]) -> list[str]:
        """In small batches, by turns; every other one is sent to both at the same moment, as an impatient retry is."""
        headers = {"Authorization": f"Bearer {town[phone[0]].token}"}
        said: list[str] = []
        device = f"phone-{phone[0]}-{phone[1]}"
        with (
            forwarded(servers[0], **headers) as one,
            forwarded(servers[1], **headers) as two,
            ThreadPoolExecutor(2) as at,
        ):
            turns = cycle(((one, two), (two,), (two, one), (one,)))
            # the first events arrive before their session does
            for items, called in zip(_out_of_order(sent[phone]), turns, strict=False):
                body = envelope(items, device=device)
                for answer in [at.submit(server.post, "/api/v1/batches", json=body) for server in called]:
                    assert answer.result().status_code == 200, answer.result().text
                    said += [result["status"] for result in answer.result().json()["results"]]
        return said

    with ThreadPoolExecutor(len(phones)) as people:
        said = list(people.map(record, phones))
    assert set(chain.from_iterable(said)) == {"stored", "duplicate"}
    for phone, words in zip(phones, said, strict=True):
        assert words.count("stored") == len(sent[phone]), phone
    _is_stored_once(town, sent)
    _tell_the_same(servers, town, len(phones))
    # what both have cut beside each other is what follows from the events, and stands there once
    assert "follow" in Terminal(database_url, tmp_path).run("rebuild")


def _morning() -> tuple[int, list[dict[str, Any]]]:
    events = day(*MORNING)
    return events[0]["at"], events


def _out_of_order(items: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    session, *events = items
    parts = list(batches(events, 2))
    return [parts[0], [session], *parts[1:]]


def _is_stored_once(town: Town, sent: dict[tuple[str, int], list[dict[str, Any]]]) -> None:
    with town.database.read() as session:
        stored = session.execute(text("SELECT id FROM events")).scalars().all()
        left = [
            session.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in ("pending_items", "quarantine")
        ]
    assert sorted(stored) == sorted(item["id"] for items in sent.values() for item in items if item["type"] == "event")
    assert left == [0, 0]


def _tell_the_same(servers: tuple[str, str], town: Town, sessions: int) -> None:
    """Both are asked at the same moment, when neither may have cut anything yet."""
    headers = {"Authorization": f"Bearer {town['mia'].token}"}

    def ask(address: str) -> Any:
        with forwarded(address, **headers) as manager:
            return manager.get(f"/api/v1/summary?{WEEK}").json()

    with ThreadPoolExecutor(4) as managers:
        first, *others = managers.map(ask, servers * 2)
    assert (first["sessions"], first["observed_ms"]) == (sessions, sessions * OBSERVED_MS)
    assert first["counts"] == {"visits": sessions}
    assert all(other == first for other in others)


@pytest.mark.usefixtures("kind")
def test_both_may_be_the_first_to_migrate_an_empty_database(request: pytest.FixtureRequest) -> None:
    cluster: Cluster = request.getfixturevalue("_cluster")
    url = cluster.create(f"test_{os.urandom(6).hex()}")
    databases = [Database(url), Database(url)]
    with ThreadPoolExecutor(2) as processes:
        list(processes.map(migrate, databases))
    assert all(is_migrated(database) for database in databases)
    for database in databases:
        database.close()
    cluster.drop(url)
