"""NUL, which PostgreSQL takes in no text, and half a surrogate pair, which is no letter: never a fault of ours.

Wherever they stand: in a path, a query, a form, a header or a body. Nothing good beside them is lost.
"""

import json
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.capture.items import EVENT_FIELDS, EVERY_EVENT
from app.db import new_id
from tests.builders import at, day, envelope, in_session, send, session_item, statuses
from tests.people import Town
from tests.test_web import routes
from tests.webpages import submit

ODD = ("%00", "north%00", "%ED%A0%80", "%FF", "a%0Ab")


@pytest.mark.parametrize("odd", ODD)
def test_in_an_address_they_name_nothing(client: TestClient, town: Town, odd: str) -> None:
    """Every address with a place in it, its pages too."""
    ana = town["ana"].browser(client)
    asked = 0
    for route in routes(client.app):  # type: ignore[arg-type]
        if "{" not in route.path or "GET" not in (route.methods or ()):
            continue
        parts = route.path.split("/")
        for n, part in enumerate(parts):
            if not part.startswith("{"):
                continue
            path = "/".join(
                odd if m == n else "north" if other == "{slug}" else new_id() if other.startswith("{") else other
                for m, other in enumerate(parts)
            )
            answer = ana.get(path)
            assert answer.status_code in (400, 404), f"{path}: {answer.status_code}"
            asked += 1
    assert asked >= 10


@pytest.mark.parametrize("odd", ODD)
def test_in_a_query_they_are_refused_or_mean_nothing(client: TestClient, town: Town, odd: str) -> None:
    program, browser = town["ana"].program(client), town["ana"].browser(client)
    for path, names in (
        ("/api/v1/sessions?clinic=north", ("clinic", "from", "to", "mode", "limit", "cursor")),
        ("/api/v1/summary?clinic=north", ("clinic", "from", "to", "mode", "day_type", "staff_role", "task_list")),
        ("/clinics/north/summary?", ("from", "to", "mode", "day_type", "staff_role", "task_list")),
        ("/clinics/north/audit?", ("action", "from", "to", "before")),
        ("/clinics/north/sessions?", ("before",)),
        ("/sessions?", ("before",)),
        ("/sign-in?", ("next",)),
    ):
        for name in names:
            caller = program if path.startswith("/api/") else browser
            answer = caller.get(f"{path}&{name}={odd}")
            assert answer.status_code < 500, f"{path} {name}: {answer.status_code}"


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\udcff"])
def test_in_a_form_they_are_refused_and_nothing_is_kept(client: TestClient, town: Town, odd: str) -> None:
    typed = odd.encode("utf-8", "surrogatepass").decode("latin-1")
    people = "/clinics/north/people"
    forms = (
        (None, "/sign-in", {"email": typed, "password": typed, "next": typed}),
        (None, f"/invitation/{quote(typed)}", {"name": typed, "password": typed, "again": typed}),
        (town["ana"], people, {"email": f"{typed}@north.example", "name": "Nina", "role": "observer"}),
        (town["ana"], people, {"email": "nina@north.example", "name": typed, "role": "observer"}),
        (town["ana"], people, {"email": "nina@north.example", "name": "Nina", "role": typed}),
        (town["ana"], f"{people}/{quote(typed)}/role", {"role": "observer"}),
        (town["ana"], "/account/password", {"old": typed, "password": typed, "again": typed}),
        (town["ana"], "/language", {"language": typed, "next": typed}),
    )
    for member, path, fields in forms:
        answer = submit(client, member, path, **fields)
        assert answer.status_code < 500, f"{path} {fields}: {answer.status_code}"


@pytest.mark.parametrize("odd", ["\0", "MA\0", "\ud800", "a\udcffb"])
def test_in_an_item_they_cost_that_item_alone(client: TestClient, town: Town, odd: str) -> None:
    otto = town["otto"].program(client)
    session = session_item(at("09:00"))
    good = in_session(session, day("09:00 rooming", "09:05 vitals"))
    spoilt: list[dict[str, Any]] = []
    expected: list[str] = []
    for event in in_session(session, day("09:01 supplies!", "09:02 back", "09:03 #visits", "09:04 @location lab"))[1:]:
        known = {"kind"}.union(*EVERY_EVENT, *EVENT_FIELDS[event["kind"]])
        for name in ("kind", "task", "trigger", "counter", "dimension", "value", "load", "session"):
            spoilt.append({**event, "id": new_id(), "seq": 100 + len(spoilt), name: odd})
            refusal = "unknown_kind" if name == "kind" else "malformed"
            expected.append(f"quarantined {refusal}" if name in known else "stored")
    headers = [
        session_item(at("10:00"), **{name: odd}) for name in ("clinic", "subject", "staff_role", "task_list", "mode")
    ]
    told = statuses(send(otto, [*good, *spoilt, *headers]))
    assert told == ["stored"] * len(good) + expected + ["quarantined malformed"] * len(headers)


@pytest.mark.parametrize("name", ["batch_id", "device", "app", "load", "person"])
@pytest.mark.parametrize("odd", ["\0", "a\0b", "\ud800"])
def test_in_an_envelope_they_make_it_unreadable_or_mean_nothing(
    client: TestClient, town: Town, name: str, odd: str
) -> None:
    body = json.dumps(envelope([], **{name: odd}))
    answer = town["otto"].program(client).post("/api/v1/batches", content=body)
    assert answer.status_code in ((200, 400) if name == "app" else (400,))


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "If-None-Match", "Accept-Language"])
def test_in_a_header_they_prove_nothing(client: TestClient, town: Town, name: str) -> None:
    for value in (b"Bearer \xff\xfe", b"timesink=\xed\xa0\x80", b'"\x80'):
        answer = client.get("/api/v1/clinics/north/pad", headers={name: value})
        assert answer.status_code == 401


def test_in_a_file_to_import_they_are_a_bad_line(client: TestClient, town: Town) -> None:
    header = b"session,subject,task,start,end\n"
    for line in (b"A,MA\0,rooming,2026-11-02T09:00,2026-11-02T09:10\n", b"A\xed\xa0\x80,MA,rooming,x\0,y\n"):
        for options in ({}, {"clinic": "north\0"}, {"format": "\0"}, {"as": "otto\0@north.example"}):
            answer = (
                town["ana"]
                .program(client)
                .post(
                    "/api/v1/imports", data={"clinic": "north", **options}, files={"file": ("a\0.csv", header + line)}
                )
            )
            assert 400 <= answer.status_code < 500, f"{line!r} {options}"
