"""Sessions, events and timelines through the API: who sees what, in which order, in which shape."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.capture.models import SessionItem
from app.db import new_id
from tests.builders import at, observed, send
from tests.people import Town

CODES = ("otto", "olga", "mia", "ana", "ada", "stella")


@pytest.fixture
def morning(town: Town, client: TestClient) -> dict[str, Any]:
    """A session of Otto's; its header item."""
    items = observed(
        "09:00 rooming", "09:04 supplies! searching", "09:06 back", "09:10 #visits", "09:10 vitals", "09:20 end"
    )
    send(town["otto"].program(client), items)
    return items[0]


def statuses_for(town: Town, client: TestClient, path: str) -> dict[str, int]:
    return {name: town[name].program(client).get(path).status_code for name in CODES}


def test_a_session_has_exactly_the_fields_of_the_contract(
    town: Town, client: TestClient, morning: dict[str, Any]
) -> None:
    told = town["otto"].program(client).get(f"/api/v1/sessions/{morning['id']}").json()
    assert told == {
        "id": morning["id"],
        "clinic": "north",
        "mode": "observed",
        "subject": "MA-01",
        "staff_role": "MA",
        "day_type": "typical",
        "task_list": "back-of-house",
        "version": 1,
        "observer": town["otto"].id,
        "begin": at("09:00"),
        "end": at("09:20"),
        "open": False,
        "observed_ms": 20 * 60_000,
        "events": 7,
        "quarantined": 0,
        "incomplete": False,
        "consent": None,
    }


def test_header_and_timeline_are_for_the_observer_and_the_managers_of_the_clinic(
    town: Town, client: TestClient, morning: dict[str, Any]
) -> None:
    expected = {"otto": 200, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, f"/api/v1/sessions/{morning['id']}") == expected
    assert statuses_for(town, client, f"/api/v1/sessions/{morning['id']}/timeline") == expected
    assert client.get(f"/api/v1/sessions/{morning['id']}").status_code == 401
    assert statuses_for(town, client, f"/api/v1/sessions/{new_id()}") == dict.fromkeys(CODES, 404)


def test_raw_events_are_for_the_observer_and_the_admins(
    town: Town, client: TestClient, morning: dict[str, Any]
) -> None:
    expected = {"otto": 200, "olga": 403, "mia": 403, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, f"/api/v1/sessions/{morning['id']}/events") == expected


def test_who_was_watched_and_by_whom_is_for_the_observer_and_the_admins(
    town: Town, client: TestClient, morning: dict[str, Any]
) -> None:
    def named(name: str) -> tuple[str | None, str | None]:
        told = town[name].program(client).get(f"/api/v1/sessions/{morning['id']}").json()
        return told["subject"], told["observer"]

    assert named("otto") == named("ana") == ("MA-01", town["otto"].id)
    assert named("mia") == (None, None)


def test_events_come_in_order_of_receipt_with_both_times_page_by_page(
    town: Town, client: TestClient, morning: dict[str, Any]
) -> None:
    otto = town["otto"].program(client)
    kinds, cursor = [], None
    for _page in range(4):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        told = otto.get(f"/api/v1/sessions/{morning['id']}/events", params=params).json()
        kinds += [item["kind"] for item in told["items"]]
        assert all(item["at"] == item["at_corrected"] and item["uncertain"] is False for item in told["items"])
        cursor = told["next"]
    assert cursor is None
    assert kinds == ["begin", "start", "interrupt", "resume", "count", "start", "end"]


def test_the_timeline_is_that_of_the_events_with_totals(
    town: Town, client: TestClient, morning: dict[str, Any]
) -> None:
    otto = town["otto"].program(client)
    told = otto.get(f"/api/v1/sessions/{morning['id']}/timeline").json()
    assert told["session"] == morning["id"]
    assert [segment["task"] for segment in told["segments"]] == ["rooming", "searching", "rooming", "vitals"]
    assert told["totals"]["task_ms"] == {"rooming": 480_000, "searching": 120_000, "vitals": 600_000}
    assert told["totals"]["interruption_ms"] == 120_000
    assert told["counts"] == {"visits": 1}
    assert "pauses" not in told
    assert otto.get(f"/api/v1/sessions/{morning['id']}/timeline", params={"as_of": "soon"}).status_code == 400


def test_an_open_session_is_seen_as_of_a_moment(town: Town, client: TestClient) -> None:
    otto = town["otto"].program(client)
    items = observed("09:00 rooming", "09:05 vitals")
    send(otto, items)
    path = f"/api/v1/sessions/{items[0]['id']}/timeline"
    assert otto.get(path).json()["observed_ms"] == 5 * 60_000
    assert otto.get(path, params={"as_of": at("09:30")}).json()["observed_ms"] == 30 * 60_000


def test_sessions_are_listed_newest_first_by_local_day_and_mode(town: Town, client: TestClient) -> None:
    otto, ada = town["otto"].program(client), town["ada"].program(client)
    late = observed("23:30 rooming", "23:40 end")  # on Tuesday in UTC, on Monday in Chicago
    tuesday = observed("09:00 rooming", "09:10 end", on="2026-11-03")
    own = observed("10:00 rooming", "10:10 end", mode="self", subject=None)
    send(otto, tuesday)
    send(otto, late)
    send(ada, own)

    def listed(who: str, **params: str) -> list[str]:
        answer = town[who].program(client).get("/api/v1/sessions", params={"clinic": "north", **params})
        return [item["id"] for item in answer.json()["items"]]

    assert listed("otto") == [tuesday[0]["id"], late[0]["id"]]
    assert listed("ana") == listed("mia") == [tuesday[0]["id"], late[0]["id"]]
    assert listed("ada") == [own[0]["id"]]
    assert listed("ada", mode="observed") == []
    assert listed("olga") == []
    assert listed("mia", to="2026-11-02") == [late[0]["id"]]
    assert listed("mia", **{"from": "2026-11-03"}) == [tuesday[0]["id"]]
    del ada


def test_the_list_goes_on_from_page_to_page_without_losing_or_doubling(town: Town, client: TestClient) -> None:
    otto = town["otto"].program(client)
    sent = []
    for _n in range(5):
        items = observed("09:00 rooming", "09:10 end")  # all at the same moment: only the id tells them apart
        send(otto, items)
        sent.append(items[0]["id"])
    found: list[str] = []
    cursor = None
    while True:
        params = {"clinic": "north", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        told = otto.get("/api/v1/sessions", params=params).json()
        found += [item["id"] for item in told["items"]]
        cursor = told["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(sent)


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"clinic": "north", "limit": "0"}, 400),
        ({"clinic": "north", "limit": "1001"}, 400),
        ({"clinic": "north", "from": "2026-11-31"}, 400),
        ({"clinic": "north", "from": "2026-11-05", "to": "2026-11-04"}, 400),
        ({"clinic": "north", "mode": "practice"}, 400),
        ({"clinic": "north", "cursor": "nonsense"}, 400),
        ({}, 400),
        ({"clinic": "south"}, 404),
        ({"clinic": "nowhere"}, 404),
    ],
)
def test_bad_parameters_get_a_sentence(town: Town, client: TestClient, params: dict[str, str], status: int) -> None:
    answer = town["otto"].program(client).get("/api/v1/sessions", params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_a_self_timed_session_keeps_no_code_that_would_tie_it_to_a_login(town: Town, client: TestClient) -> None:
    ada = town["ada"].program(client)
    items = observed("09:00 rooming", "09:30 end", mode="self", subject="MA-03")
    later = {**items[0], "id": new_id(), "amends": items[0]["id"], "subject": "MA-04", "day_type": "low"}
    for sent in (items, [later], items):
        answer = send(ada, sent)
        assert {result["status"] for result in answer["results"]} <= {"stored", "duplicate"}
    (found,) = ada.get("/api/v1/sessions?clinic=north").json()["items"]
    assert (found["subject"], found["day_type"]) == (None, "low")
    with town.database.read() as session:
        kept = session.scalars(select(SessionItem.raw)).all()
    assert len(kept) == 2
    assert not any("MA-0" in raw for raw in kept)


def test_the_pad_is_what_the_contract_says_and_is_sent_once(town: Town, client: TestClient) -> None:
    otto = town["otto"].program(client)
    send(otto, observed("09:00 rooming", subject="MA-07"))
    answer = otto.get("/api/v1/clinics/north/pad")
    pad = answer.json()
    assert set(pad) == {"clinic", "timezone", "task_list", "version", "tasks", "categories", "triggers", "counters",
                        "dimensions", "subjects", "stealers", "consent", "nudge"}  # fmt: skip
    assert (pad["clinic"], pad["timezone"], pad["task_list"], pad["version"]) == (
        "north", "America/Chicago", "back-of-house", 1,
    )  # fmt: skip
    assert len(pad["tasks"]) == 27
    assert [task["code"] for task in pad["tasks"] if task["scheduled"] is False] == [
        "callbacks", "searching", "fixing", "waiting",
    ]  # fmt: skip
    assert sum(task["first"] for task in pad["tasks"]) <= 15
    assert set(pad["tasks"][0]) >= {"code", "label", "short", "category", "kind", "scheduled", "needs_ma", "first",
                                    "icon", "includes", "excludes"}  # fmt: skip
    assert pad["subjects"] == ["MA-07"]
    send(otto, observed("11:00 rooming", subject="nurse"), device="import-0123456789abcdef")
    assert otto.get("/api/v1/clinics/north/pad").json()["subjects"] == ["MA-07"], "an import's words are no codes"
    again = otto.get("/api/v1/clinics/north/pad", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert town["stella"].program(client).get("/api/v1/clinics/north/pad").status_code == 404
    assert client.get("/api/v1/clinics/north/pad").status_code == 401


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", W/{tag}', 304),
        ("{tag},", 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"other", "another"', 200),
        ("", 200),
    ],
)
def test_a_pad_that_the_phone_has_is_not_sent_again(client: TestClient, town: Town, named: str, status: int) -> None:
    """However a proxy in between has written its tag down."""
    otto = town["otto"].program(client)
    tag = otto.get("/api/v1/clinics/north/pad").headers["etag"]
    answer = otto.get("/api/v1/clinics/north/pad", headers={"If-None-Match": named.format(tag=tag)})
    assert (answer.status_code, answer.headers["etag"]) == (status, tag)
    assert bool(answer.content) == (status == 200)


def test_a_pad_known_by_the_second_of_two_lines_is_not_sent_again(client: TestClient, town: Town) -> None:
    otto = town["otto"].program(client)
    tag = otto.get("/api/v1/clinics/north/pad").headers["etag"]
    lines = [("If-None-Match", '"other"'), ("If-None-Match", tag), ("Authorization", f"Bearer {town['otto'].token}")]
    assert client.get("/api/v1/clinics/north/pad", headers=lines).status_code == 304


@pytest.mark.parametrize("half", ["task_list=back-of-house", "version=1"])
def test_half_a_name_of_a_list_is_not_answered_with_another_list(client: TestClient, town: Town, half: str) -> None:
    answer = town["otto"].program(client).get(f"/api/v1/clinics/north/pad?{half}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")
