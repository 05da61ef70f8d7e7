"""What was kept aside is seen to by people: entered anew and linked, or dismissed and audited; the item stays."""

import re
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.models import Action, Entry
from app.capture.models import QuarantinedItem, Settled
from tests.builders import at, in_session, observed, send, session_item
from tests.people import Town
from tests.webpages import statuses_for, submit, text_of


@pytest.fixture
def session(town: Town, client: TestClient) -> str:
    """A session of Otto's in which the second tap names a task that nobody knows."""
    items = observed("09:00 rooming", "09:10 juggling", "09:20 vitals", "09:30 end", subject="MA-07")
    send(town["otto"].program(client), items)
    return str(items[0]["id"])


def waiting(town: Town) -> list[int]:
    with town.database.read() as reading:
        seen_to = select(Settled.quarantine_id)
        return list(reading.execute(select(QuarantinedItem.id).where(QuarantinedItem.id.not_in(seen_to))).scalars())


def audited(town: Town, action: Action) -> list[str | None]:
    with town.database.read() as reading:
        return list(reading.execute(select(Entry.person_id).where(Entry.action == action)).scalars())


def repaired(**changed: Any) -> dict[str, Any]:
    return {"do": "repair", "change": str(uuid4()), "kind": "start", "at": "9:10", "task": "searching", **changed}


def test_it_is_for_whoever_may_correct_the_session(client: TestClient, town: Town, session: str) -> None:
    (number,) = waiting(town)
    expected = {"otto": 200, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, f"/quarantine/{number}") == expected
    for name, status in expected.items():
        if status != 200:
            assert submit(client, town[name], f"/quarantine/{number}", **repaired()).status_code == status
            assert submit(client, town[name], f"/quarantine/{number}", do="dismiss").status_code == status
    assert waiting(town) == [number]


def test_it_is_counted_at_home_and_stands_in_the_review_with_its_reason(
    client: TestClient, town: Town, session: str
) -> None:
    assert "1 tap of yours was kept aside" in text_of(town["otto"].browser(client).get("/"))
    assert "1 tap of this clinic was kept aside" in text_of(town["mia"].browser(client).get("/"))
    assert "kept aside" not in text_of(town["olga"].browser(client).get("/"))
    for name in ("otto", "mia"):
        shown = text_of(town[name].browser(client).get(f"/sessions/{session}/review"))
        assert "Kept aside: start The session's task list has no task “juggling”." in shown
        assert "juggling" in text_of(town[name].browser(client).get("/quarantine"))
    assert "Nothing waits here" in text_of(town["olga"].browser(client).get("/quarantine"))


def test_a_repair_is_a_new_event_that_names_what_it_stands_for(client: TestClient, town: Town, session: str) -> None:
    (number,) = waiting(town)
    page = town["mia"].browser(client).get(f"/quarantine/{number}").text
    assert 'value="9:10:00' in page
    assert "MA-07" not in page
    sent = repaired()
    assert (
        submit(client, town["mia"], f"/quarantine/{number}", **sent).headers["location"]
        == f"/sessions/{session}/review"
    )
    events = town["otto"].program(client).get(f"/api/v1/sessions/{session}/events").json()["items"]
    with town.database.read() as reading:
        item = reading.get_one(QuarantinedItem, number)
        assert "juggling" in item.raw
        assert reading.get_one(Settled, number).event_id == sent["change"]
        assert events[-1]["repairs"] == item.item_id
    assert (events[-1]["kind"], events[-1]["task"], events[-1]["at"]) == ("start", "searching", at("09:10"))
    timeline = town["otto"].program(client).get(f"/api/v1/sessions/{session}/timeline").json()
    assert [segment["task"] for segment in timeline["segments"]] == ["rooming", "searching", "vitals"]
    assert waiting(town) == []
    assert audited(town, Action.REPAIRED) == [town["mia"].id]
    assert "kept aside" not in text_of(town["otto"].browser(client).get("/"))
    assert town["otto"].program(client).get(f"/api/v1/sessions/{session}").json()["quarantined"] == 0
    # in the history, and to be taken back like any other change
    history = town["otto"].browser(client).get(f"/sessions/{session}/history").text
    assert "repaired: unknown_task" in history
    (back,) = set(re.findall(r'action="(/sessions/[^"]+/history/[^"]+)"', history))
    submit(client, town["otto"], back, change=str(uuid4()))
    timeline = town["otto"].program(client).get(f"/api/v1/sessions/{session}/timeline").json()
    assert [segment["task"] for segment in timeline["segments"]] == ["rooming", "vitals"]


def test_sent_twice_or_by_two_it_is_settled_once(client: TestClient, town: Town, session: str) -> None:
    (number,) = waiting(town)
    sent = repaired()
    first = submit(client, town["otto"], f"/quarantine/{number}", **sent)
    again = submit(client, town["otto"], f"/quarantine/{number}", **sent)
    other = submit(client, town["mia"], f"/quarantine/{number}", do="dismiss")
    assert [first.status_code, again.status_code, other.status_code] == [303, 404, 404]
    events = town["otto"].program(client).get(f"/api/v1/sessions/{session}/events").json()["items"]
    assert sum("repairs" in event for event in events) == 1


def test_a_dismissal_is_audited_and_the_item_stays(client: TestClient, town: Town, session: str) -> None:
    (number,) = waiting(town)
    assert submit(client, town["otto"], f"/quarantine/{number}", do="dismiss").status_code == 303
    assert waiting(town) == []
    assert audited(town, Action.DISMISSED) == [town["otto"].id]
    with town.database.read() as reading:
        assert "juggling" in reading.get_one(QuarantinedItem, number).raw
    assert "Kept-aside tap dismissed" in text_of(town["ana"].browser(client).get("/clinics/north/audit"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": ""}, "Choose what it was"),
        ({"at": "soon"}, "Write the time like"),
        ({"task": ""}, "“task” is missing"),
        ({"task": "juggling"}, "has no task “juggling”"),
        ({"kind": "count", "counter": "visits", "n": "many"}, "Write a whole number"),
        ({"change": "x"}, "Reload the page"),
    ],
)
def test_what_cannot_be_entered_either_is_said_and_nothing_is_settled(
    client: TestClient, town: Town, session: str, changed: dict[str, str], sentence: str
) -> None:
    (number,) = waiting(town)
    answer = submit(client, town["otto"], f"/quarantine/{number}", **repaired(**changed))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert waiting(town) == [number]
    events = town["otto"].program(client).get(f"/api/v1/sessions/{session}/events").json()["items"]
    assert len(events) == 4


def test_a_tap_without_a_session_is_given_one_of_the_own(client: TestClient, town: Town, session: str) -> None:
    lost = {"type": "event", "id": str(uuid4()), "seq": 3, "at": at("09:15"), "kind": "start", "task": "forms"}
    told = send(town["otto"].program(client), [lost])
    assert told["results"][0]["code"] == "malformed"
    number = max(waiting(town))
    assert statuses_for(town, client, f"/quarantine/{number}") == {
        "otto": 200, "olga": 404, "mia": 404, "ana": 404, "ada": 404, "stella": 404
    }  # fmt: skip
    path = f"/quarantine/{number}"
    assert submit(client, town["otto"], path, **repaired(task="forms", at="9:15")).status_code == 422
    sent = repaired(task="forms", at="9:15", session=session)
    assert submit(client, town["otto"], path, **sent).status_code == 303
    timeline = town["otto"].program(client).get(f"/api/v1/sessions/{session}/timeline").json()
    assert [segment["task"] for segment in timeline["segments"]] == ["rooming", "forms", "vitals"]


def test_a_refused_header_can_only_be_dismissed(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), in_session(session_item(at("09:00"), clinic="elsewhere"), []))
    (number,) = waiting(town)
    assert "Once you know why, dismiss it" in text_of(town["otto"].browser(client).get(f"/quarantine/{number}"))
    assert submit(client, town["otto"], f"/quarantine/{number}", do="dismiss").headers["location"] == "/sessions"
    assert waiting(town) == []


def test_nobody_enters_a_tap_into_a_session_that_is_not_theirs(client: TestClient, town: Town, session: str) -> None:
    mine = {"type": "event", "id": str(uuid4()), "seq": 3, "at": at("09:15"), "kind": "start", "task": "forms"}
    send(town["olga"].program(client), [mine])
    number = max(waiting(town))
    answer = submit(client, town["olga"], f"/quarantine/{number}", **repaired(session=session))
    assert answer.status_code == 403
    assert number in waiting(town)


@pytest.mark.parametrize("number", ["0", "x", "9" * 13, "٣", "-1"])
def test_a_number_that_is_none_is_not_there(client: TestClient, town: Town, number: str) -> None:
    assert town["ana"].browser(client).get(f"/quarantine/{number}").status_code == 404


def test_an_erasure_takes_along_that_somebody_has_seen_to_it(client: TestClient, town: Town, session: str) -> None:
    (number,) = waiting(town)
    submit(client, town["otto"], f"/quarantine/{number}", do="dismiss")
    assert town["ana"].program(client).delete(f"/api/v1/sessions/{session}").status_code == 200
    with town.database.read() as reading:
        assert reading.get(Settled, number) is None
        assert reading.get(QuarantinedItem, number) is None


def test_choosing_the_session_of_somebody_else_tells_nothing_of_it(client: TestClient, town: Town) -> None:
    own_day = observed("07:31 rooming", "07:50 end", mode="self", subject=None)
    send(town["ada"].program(client), own_day)
    stray = {"type": "event", "id": str(uuid4()), "kind": "start", "task": "rooming", "at": 5, "seq": 1}
    send(town["mia"].program(client), [stray])
    (number,) = waiting(town)
    foreign = own_day[0]["id"]
    for wrong in ({}, {"kind": "dance"}, {"at": "soon"}):
        answer = submit(client, town["mia"], f"/quarantine/{number}", **repaired(session=foreign) | wrong)
        assert answer.status_code == 404
        assert "7:31" not in answer.text
    assert waiting(town) == [number]


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "\u202e"])
def test_odd_letters_are_shown_spelled_out(client: TestClient, town: Town, odd: str) -> None:
    items = observed("09:00 rooming", "09:30 end")
    tap = items[2] | {"id": str(uuid4()), "kind": odd, "task": odd, "counter": odd, "n": odd, "seq": 9}
    send(town["otto"].program(client), [*items, tap])
    (number,) = waiting(town)
    page = town["otto"].browser(client).get(f"/quarantine/{number}")
    assert page.status_code == 200
    assert f"<dd>{ascii(odd)[1:-1]}</dd>" in page.text


def test_the_audit_says_nothing_of_who_times_themselves(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:10 juggling", "09:15 juggling", "09:30 end", mode="self", subject=None)
    refused_header = session_item(at("10:00"), mode="self", subject=None, version=99)
    send(town["ada"].program(client), [*items, refused_header])
    header, first, second = waiting(town)  # sessions are looked at first
    assert "the audit" not in text_of(town["ada"].browser(client).get(f"/quarantine/{first}"))
    assert submit(client, town["ada"], f"/quarantine/{first}", **repaired()).status_code == 303
    assert submit(client, town["ada"], f"/quarantine/{second}", do="dismiss").status_code == 303
    assert submit(client, town["ada"], f"/quarantine/{header}", do="dismiss").status_code == 303
    assert waiting(town) == []
    assert audited(town, Action.REPAIRED) == audited(town, Action.DISMISSED) == []
