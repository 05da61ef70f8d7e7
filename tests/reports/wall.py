"""A wall with a poster on it, and a phone in front of it."""

import json
from typing import Any

from fastapi.testclient import TestClient

from app.db import new_id, now_ms
from app.reports.models import Poster
from app.reports.posters import Codes, last_day, make_poster
from tests.builders import at, envelope
from tests.people import Town

NEXT_YEAR = last_day("2026-11-28", 200)


def hang(town: Town, place: str = "Break room", clinic: str = "north", until: str = NEXT_YEAR) -> tuple[Poster, Codes]:
    """A poster as Mia makes it."""
    with town.database.write() as session:
        held = {"north": town.north, "south": town.south}[clinic]
        return make_poster(session, held, place=place, until=until, at=now_ms(), by=town["mia"].id)


def phone(client: TestClient, cookies: dict[str, str] | None = None) -> TestClient:
    """A browser that nobody has signed in with."""
    called = TestClient(client.app, cookies=cookies, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)
    called.portal = client.portal
    return called


def scan(client: TestClient, token: str) -> TestClient:
    """A phone that has scanned this code, or typed it."""
    scanning = phone(client)
    answer = scanning.post("/api/v1/posters", json={"token": token})
    assert answer.status_code == 200, answer.text
    return scanning


def report(stealer: str = "searching", clock: str = "09:00", **fields: Any) -> dict[str, Any]:
    moment = at(clock)
    return {"type": "report", "id": new_id(moment), "clinic": "north", "at": moment, "stealer": stealer} | fields


def amend(first: dict[str, Any], clock: str = "09:01", **changed: Any) -> dict[str, Any]:
    moment = at(clock)
    its = {"type": "report", "id": new_id(moment), "clinic": first["clinic"], "at": moment, "amends": first["id"]}
    return its | changed


def post(client: TestClient, items: list[Any], **changed: Any) -> Any:
    """As the phone's relay posts them; any answer will do."""
    headers = {"Content-Type": "application/json", "X-Timesink": "1"}
    return client.post("/api/v1/batches", content=json.dumps(envelope(items, **changed)), headers=headers)
