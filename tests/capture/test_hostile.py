"""What a broken or hostile phone can send: each of these once made a list, a page or a whole batch fail."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.capture.models import DayLog
from app.db import Database, new_id
from app.slices.freshen import freshen, rebuild
from tests.builders import at, envelope, observed, send, statuses
from tests.people import Town

HALF, NUL = "\ud800", "\x00"
HOUR_MS = 3_600_000


@pytest.fixture
def otto(town: Town, client: TestClient) -> TestClient:
    return town["otto"].program(client)


def stamped(items: list[dict[str, Any]], load: str) -> list[dict[str, Any]]:
    """The same items from a phone that notes its page load and monotonic clock."""
    return [{**item, "load": load, "mono": float(item["at"] - items[0]["at"])} for item in items]


def sample(load: str, wall: int, mono: float, offset_ms: float) -> dict[str, Any]:
    return {"load": load, "mono": mono, "wall": wall, "offset_ms": offset_ms, "rtt_ms": 80.0}


def clocked(*samples: dict[str, Any]) -> dict[str, Any]:
    return {"wall": samples[-1]["wall"], "mono": samples[-1]["mono"], "samples": list(samples)}


@pytest.mark.parametrize(
    "field",
    [
        {"kind": "stop", "task": ["a"]},
        {"kind": "stop", "changes": [1]},
        {"kind": "stop", "changes": "at"},
        {"kind": "stop", "changes": {"at": "x"}},
        {"kind": "end", "trigger": {}, "counter": 7, "context": HALF},
    ],
)
def test_a_field_that_its_kind_does_not_know_means_nothing(otto: TestClient, field: dict[str, Any]) -> None:
    session, begin, start = observed("09:00 rooming")
    item = {"type": "event", "id": new_id(), "session": session["id"], "seq": 3, "at": at("09:05"), **field}
    load = {"load": "load-1", "mono": 1.0}
    told = send(otto, [session, begin, start, item | load], clock=clocked(sample("load-1", at("09:06"), 5.0, 250.0)))
    assert statuses(told) == ["stored"] * 4
    assert otto.get(f"/api/v1/sessions/{session['id']}/timeline").status_code == 200
    assert otto.get("/api/v1/sessions", params={"clinic": "north"}).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"mono": 10**400, "load": "a"},
        {"mono": 1e300, "load": "a"},
        {"session": HALF * 36},
        {"session": NUL * 36},
        {"session": "İ" * 36},
        {"context": {HALF: "x"}},
        {"context": {NUL: "x"}},
        {"id": HALF},
        {"id": float("nan")},
        {"id": float("inf")},
        {"kind": HALF},
        {"type": HALF},
        {"type": ["event"]},
    ],
)
def test_a_malformed_item_sinks_neither_its_batch_nor_a_page(
    town: Town, client: TestClient, changed: dict[str, Any]
) -> None:
    otto = town["otto"].program(client)
    session, begin, start, end = observed("09:00 rooming", "09:05 end")
    told = send(otto, [session, begin, {**start, "clinic": "north", **changed}, end])
    assert [status.split()[0] for status in statuses(told)] == ["stored", "stored", "quarantined", "stored"]
    for name in ("otto", "mia", "ana"):
        browser = town[name].browser(client)
        for path in ("/", "/sessions", f"/sessions/{session['id']}", "/clinics/north/sessions"):
            assert browser.get(path).status_code in (200, 403), path


def test_an_unknown_field_is_kept_and_told_even_if_it_is_half_a_character(otto: TestClient) -> None:
    session, begin, start = observed("09:00 rooming")
    send(otto, [session, begin, {**start, "x": HALF}])
    answer = otto.get(f"/api/v1/sessions/{session['id']}/events")
    assert answer.status_code == 200
    assert json.loads(answer.content)["items"][1]["x"] == HALF


def test_a_clock_sample_from_nowhere_moves_nothing(otto: TestClient, database: Database) -> None:
    items = stamped(observed("09:00 rooming", "09:05 end"), "load-1")
    send(otto, items)
    for offset in (9e15, -9e15, 40 * 365 * 24 * HOUR_MS):
        send(otto, [], load="load-1", clock=clocked(sample("load-1", at("09:06"), 360_000.0, offset)))
    assert otto.get(f"/api/v1/sessions/{items[0]['id']}/timeline").json()["begin"] == at("09:00")
    assert otto.get("/api/v1/sessions", params={"clinic": "north"}).json()["items"][0]["begin"] == at("09:00")
    assert rebuild(database) == 0


def test_a_correction_that_leads_out_of_the_possible_is_none_and_says_so(otto: TestClient) -> None:
    items = stamped(observed("09:00 rooming", "09:05 end"), "load-1")
    items[2] |= {"mono": 9e11}  # thirty years of monotonic time in five minutes: carried on it would lie in 2055
    send(otto, items, load="load-1", clock=clocked(sample("load-1", at("09:00"), 0.0, 0.0)))
    told = otto.get(f"/api/v1/sessions/{items[0]['id']}/events").json()["items"]
    assert [(event["at"], event["at_corrected"]) for event in told] == [(item["at"], item["at"]) for item in items[1:]]
    assert told[1]["uncertain"]


def test_a_later_sample_of_the_same_phone_moves_every_session_it_concerns(
    town: Town, client: TestClient, database: Database
) -> None:
    """Old ones that had no sample of their own, and those of whoever shares the phone."""
    two_hours = 2 * HOUR_MS
    olga, otto = town["olga"].program(client), town["otto"].program(client)
    old = stamped(observed("09:00 rooming", "09:05 end", on="2026-10-05"), "load-1")
    send(olga, old)
    freshen(database)
    today = stamped(observed("09:00 rooming", "09:05 end"), "load-2")
    send(otto, today, load="load-2", clock=clocked(sample("load-2", at("09:06"), 360_000.0, two_hours)))
    timeline = olga.get(f"/api/v1/sessions/{old[0]['id']}/timeline").json()
    header = olga.get(f"/api/v1/sessions/{old[0]['id']}").json()
    assert timeline["begin"] == header["begin"] == at("09:00", "2026-10-05") + two_hours
    assert rebuild(database) == 0


def test_ids_in_capitals_are_the_same_ids(otto: TestClient) -> None:
    session, begin, start, end = observed("09:00 rooming", "09:05 end")
    capitals = {**start, "id": start["id"].upper(), "session": session["id"].upper()}
    void = {**end, "id": new_id(), "seq": 4, "kind": "void", "target": start["id"]}
    send(otto, [session, begin, capitals, end, void])
    told = otto.get(f"/api/v1/sessions/{session['id'].upper()}/timeline").json()
    assert told["problems"] == []
    assert [segment["task"] for segment in told["segments"]] == [None]


def test_day_items_sent_at_once_are_all_in_the_log(town: Town, client: TestClient, database: Database) -> None:
    mia = town["mia"].program(client)
    fields = ("scheduled", "present", "call_offs", "overtime_minutes", "backlog", "breaks_due", "breaks_late",
              "breaks_missed")  # fmt: skip
    items = [
        {"type": "day", "id": new_id(), "clinic": "north", "day": "2026-11-02", "at": at("17:00"), name: n}
        for n, name in enumerate(fields)
    ]

    def sent(item: dict[str, Any]) -> int:
        return int(mia.post("/api/v1/batches", json=envelope([item])).status_code)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sent, items)) == [200] * 8
    with database.read() as session:
        log = json.loads(session.execute(select(DayLog.body)).scalar_one())
    assert log == {name: n for n, name in enumerate(fields)}


@pytest.mark.parametrize(
    "cursor", ["WzEsMV0", "W3RydWUsIngiXQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OSwgIngiXQ", "W1tb" * 9000, "%00", "é"]
)
def test_a_bent_cursor_is_refused_with_a_sentence(otto: TestClient, cursor: str) -> None:
    answer = otto.get("/api/v1/sessions", params={"clinic": "north", "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("day", ["0", "86400", "2026-11-22T00:00:00", "2026-13-01", "２０２６-11-22", "\x00"])
def test_a_day_is_written_one_way(otto: TestClient, day: str) -> None:
    answer = otto.get("/api/v1/sessions", params={"clinic": "north", "from": day})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_window")
