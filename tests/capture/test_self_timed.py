"""What people time of their own day is theirs: no list, page, export or answer shows it to anybody else (DOMAIN.md)."""

import io
import zipfile
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.utils import get_flat_params
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.capture.models import ObservationSession
from app.db import Database
from app.slices.freshen import freshen
from tests.builders import observed, send
from tests.people import Town
from tests.test_web import routes

MARKS = (b"zz-own-words", b"zz-own-role")
DAYS = {"from": "2026-11-02", "to": "2026-11-02"}
OTHERS = ("mia", "ana", "otto", "olga", "stella")


@pytest.fixture
def own_day(town: Town, client: TestClient) -> dict[str, Any]:
    """Ada's own day, closed, with words in it that stand nowhere else; its header item."""
    items = observed("09:00 rooming", "09:10 phone!", "09:12 back", "09:30 end", mode="self", subject=None,
                     staff_role="zz-own-role")  # fmt: skip
    note = {**items[-1], "id": items[-1]["id"][:-4] + "abcd", "seq": 99, "kind": "note", "text": "zz-own-words"}
    send(town["ada"].program(client), [*items, note])
    send(town["otto"].program(client), observed("09:00 vitals", "09:30 end", subject="MA-07"))
    return items[0]


def contents(body: bytes) -> bytes:
    """Of archives and workbooks what is inside them."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def test_no_address_of_the_app_shows_it_to_anybody_else(
    client: TestClient, town: Town, database: Database, own_day: dict[str, Any]
) -> None:
    freshen(database)
    own = own_day["id"].encode()
    looked_at = answered = 0
    assert isinstance(client.app, FastAPI)
    for route in (route for route in routes(client.app) if "GET" in (route.methods or ())):
        path = route.path.replace("{slug}", "north").replace("{session_id}", own_day["id"])
        wanted = {param.alias for param in get_flat_params(route.dependant)}
        plain = {"clinic": "north", **DAYS, "limit": "1000"}
        queries = [{name: value for name, value in plain.items() if name in wanted}]
        if "mode" in wanted:
            queries.append({**queries[0], "mode": "self"})
        for name in OTHERS:
            for query in queries:
                for called in (town[name].browser(client), town[name].program(client)):
                    answer = called.get(path, params=query)
                    body = contents(answer.content)
                    looked_at += 1
                    answered += answer.status_code == 200
                    # an address that was asked for may come back, in a refusal; nothing else of it
                    if "{session_id}" in route.path:
                        assert answer.status_code == 404, (name, path, answer.status_code)
                    else:
                        assert own not in body, (name, path, query)
                    assert not any(mark in body for mark in MARKS), (name, path, query)
    assert looked_at > 200
    assert answered > 60


def test_its_person_sees_it_in_the_own_list_and_from_top_to_bottom(
    client: TestClient, town: Town, own_day: dict[str, Any]
) -> None:
    ada = town["ada"].browser(client)
    for path in ("/", "/sessions"):
        assert own_day["id"] in ada.get(path).text
    shown = ada.get(f"/sessions/{own_day['id']}").text
    assert "Rooming" in shown
    assert "zz-own-words" in shown
    listed = town["ada"].program(client).get("/api/v1/sessions", params={"clinic": "north", "mode": "self"}).json()
    assert [one["id"] for one in listed["items"]] == [own_day["id"]]


def test_nobody_else_corrects_it(client: TestClient, town: Town, own_day: dict[str, Any], database: Database) -> None:
    event = {"type": "event", "id": "0199aaaa-0000-7000-8000-000000000001", "session": own_day["id"], "seq": 1,
             "at": own_day["at"], "recorded_at": own_day["at"] + 10**6, "kind": "end"}  # fmt: skip
    for name in ("mia", "ana"):
        told = send(town[name].program(client), [event | {"id": event["id"][:-1] + str(len(name))}], device=name)
        assert [one["code"] for one in told["results"]] == ["not_yours"] * len(told["results"])
    with database.read() as session:
        assert session.scalars(select(ObservationSession.mode).order_by(ObservationSession.mode)).all() == [
            "observed", "self",
        ]  # fmt: skip


def test_of_one_person_even_the_pool_shows_nothing_and_of_five_only_sums(
    client: TestClient, town: Town, own_day: dict[str, Any]
) -> None:
    told = town["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", "mode": "self", **DAYS}).json()
    assert told["observed_ms"] is None
    assert told["sessions"] is None
    assert told["tasks"] == []
    observed_only = town["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", **DAYS}).json()
    assert [row["task"] for row in observed_only["tasks"] if row["task_ms"]] == ["vitals"]
