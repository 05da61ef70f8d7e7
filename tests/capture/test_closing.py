"""A session that was never ended: found at home, ended at a chosen time as a correction, taken back."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.models import Action, Entry
from app.capture.closing.close import chosen, proposed
from app.capture.models import Event
from app.db import now_ms
from app.errors import BadRequest
from tests.builders import CHICAGO, at, observed, send
from tests.people import Town
from tests.webpages import statuses_for, submit, text_of

OPEN = ("09:00 rooming", "09:04 phone! callbacks", "09:06 back", "09:20:10 vitals")


@pytest.fixture
def left_open(town: Town, client: TestClient) -> dict[str, Any]:
    """A session of Otto's without an end; its header item."""
    items = observed(*OPEN, subject="MA-07")
    send(town["otto"].program(client), items)
    return items[0]


def timeline_of(client: TestClient, town: Town, session: str) -> dict[str, Any]:
    told: dict[str, Any] = town["otto"].program(client).get(f"/api/v1/sessions/{session}/timeline").json()
    return told


def test_its_observer_finds_it_at_home(client: TestClient, town: Town, left_open: dict[str, Any]) -> None:
    home = town["otto"].browser(client).get("/")
    told = text_of(home)
    assert "Still open: MA-07" in told
    assert "since Mon, Nov 2, 9:00" in told
    assert "last tap Mon, Nov 2, 9:20" in told
    assert f'href="/sessions/{left_open["id"]}/close"' in home.text
    assert "Still open" not in text_of(town["olga"].browser(client).get("/"))


def test_managers_see_only_that_there_is_one(client: TestClient, town: Town, left_open: dict[str, Any]) -> None:
    for name in ("mia", "ana"):
        home = town[name].browser(client).get("/").text
        assert "1 session is still open, without a tap for hours" in home
        for secret in ("MA-07", "Otto", town["otto"].id, left_open["id"]):
            assert secret not in home
    assert "still open" not in town["stella"].browser(client).get("/").text


def test_one_that_still_gets_taps_is_not_forgotten(client: TestClient, town: Town) -> None:
    now = now_ms()
    items = observed("09:00 rooming")
    shift = now - 60_000 - items[0]["at"]
    moved = [{name: v + shift if name in ("at", "recorded_at") else v for name, v in one.items()} for one in items]
    send(town["otto"].program(client), moved)
    assert "still open" not in town["mia"].browser(client).get("/").text
    assert "Still open" in text_of(town["otto"].browser(client).get("/"))


def test_what_people_time_themselves_is_never_counted_as_forgotten_for_managers(client: TestClient, town: Town) -> None:
    items = observed(*OPEN, mode="self", subject=None)
    send(town["ada"].program(client), items)
    assert "Still open: own day" in text_of(town["ada"].browser(client).get("/"))
    for name in ("mia", "ana"):
        assert "still open" not in town[name].browser(client).get("/").text.lower()


def test_the_form_proposes_the_last_tap_and_ends_it_there(
    client: TestClient, town: Town, left_open: dict[str, Any]
) -> None:
    path = f"/sessions/{left_open['id']}/close"
    form = town["otto"].browser(client).get(path)
    assert 'value="2026-11-02T09:20:10"' in form.text
    answer = submit(client, town["otto"], path, at="2026-11-02T09:20:10")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sessions/{left_open['id']}")
    t = timeline_of(client, town, left_open["id"])
    assert (t["open"], t["end"], t["problems"]) == (False, at("09:20:10"), []), "the last tap lies within"
    end = town["otto"].program(client).get(f"/api/v1/sessions/{left_open['id']}/events").json()["items"][-1]
    assert (end["kind"], end["at"], end["recorded_at"] > end["at"]) == ("end", at("09:20:10"), True)
    assert "Still open" not in text_of(town["otto"].browser(client).get("/"))


def test_a_later_time_lets_what_ran_count_until_then(client: TestClient, town: Town, left_open: dict[str, Any]) -> None:
    submit(client, town["otto"], f"/sessions/{left_open['id']}/close", at="2026-11-02T09:30")
    t = timeline_of(client, town, left_open["id"])
    assert t["end"] == at("09:30")
    assert t["totals"]["task_ms"]["vitals"] == at("09:30") - at("09:20:10")


def test_an_earlier_time_names_the_taps_it_leaves_out_and_takes_a_second_yes(
    client: TestClient, town: Town, left_open: dict[str, Any]
) -> None:
    path = f"/sessions/{left_open['id']}/close"
    asked = submit(client, town["otto"], path, at="2026-11-02T09:05")
    assert asked.status_code == 422
    told = text_of(asked)
    assert "Back from an interruption" in told
    assert "Vitals" in told
    assert "2 taps count nowhere" in told
    assert timeline_of(client, town, left_open["id"])["open"]
    # a yes to one time is none to another
    assert submit(client, town["otto"], path, at="2026-11-02T09:03", anyway="2026-11-02T09:05").status_code == 422
    assert submit(client, town["otto"], path, at="2026-11-02T09:05", anyway="2026-11-02T09:05").status_code == 303
    t = timeline_of(client, town, left_open["id"])
    assert (t["end"], [problem["code"] for problem in t["problems"]]) == (at("09:05"), ["outside_session"] * 2)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("2026-11-02T08:59", "before the session began"),
        ("2126-11-02T09:30", "has not come yet"),
        ("", "Choose a day and a time"),
        ("yesterday", "Choose a day and a time"),
        ("2026-11-02T09:30+01:00", "Choose a day and a time"),
        ("0001-01-01T00:00", "Choose a day and a time"),
    ],
)
def test_an_impossible_time_is_refused_in_words(
    client: TestClient, town: Town, left_open: dict[str, Any], typed: str, told: str
) -> None:
    answer = submit(client, town["otto"], f"/sessions/{left_open['id']}/close", at=typed)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert timeline_of(client, town, left_open["id"])["open"]


def test_who_may_end_it(client: TestClient, town: Town, left_open: dict[str, Any]) -> None:
    path = f"/sessions/{left_open['id']}/close"
    expected = {"otto": 200, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, path) == expected
    for name, status in {"olga": 403, "ada": 403, "stella": 404}.items():
        assert submit(client, town[name], path, at="2026-11-02T09:30").status_code == status
        assert submit(client, town[name], path.replace("close", "reopen")).status_code == status
    assert client.get(path).headers["location"].startswith("/sign-in")
    for secret in ("MA-07", "Otto"):
        assert secret not in town["mia"].browser(client).get(path).text


def test_nobody_but_its_person_ends_a_self_timed_day(client: TestClient, town: Town) -> None:
    items = observed(*OPEN, mode="self", subject=None)
    send(town["ada"].program(client), items)
    path = f"/sessions/{items[0]['id']}/close"
    expected = {"otto": 404, "olga": 404, "mia": 404, "ana": 404, "ada": 200, "stella": 404}
    assert statuses_for(town, client, path) == expected
    for name in ("mia", "ana"):
        assert submit(client, town[name], path, at="2026-11-02T09:30").status_code == 404
    assert submit(client, town["ada"], path, at="2026-11-02T09:30").status_code == 303


def test_a_managers_end_is_a_correction_in_the_log_and_in_the_audit_and_is_taken_back(
    client: TestClient, town: Town, left_open: dict[str, Any]
) -> None:
    path = f"/sessions/{left_open['id']}"
    submit(client, town["mia"], f"{path}/close", at="2026-11-02T09:25")
    assert timeline_of(client, town, left_open["id"])["end"] == at("09:25")
    shown = town["otto"].browser(client).get(path)
    assert "This end was entered afterwards, as a correction." in text_of(shown)
    assert submit(client, town["otto"], f"{path}/reopen").status_code == 303
    assert timeline_of(client, town, left_open["id"])["open"]
    submit(client, town["otto"], f"{path}/reopen")  # twice is no fault
    assert timeline_of(client, town, left_open["id"])["problems"] == []
    with town.database.read() as session:
        kinds = session.scalars(select(Event.kind).where(Event.device == "pages").order_by(Event.receipt)).all()
        entries = session.scalars(select(Entry).where(Entry.action == Action.CORRECTED)).all()
    assert kinds == ["end", "void"]
    assert [entry.person_id for entry in entries] == [town["mia"].id]


def test_a_session_that_has_an_end_is_not_ended_again(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:30 end")
    send(town["otto"].program(client), items)
    path = f"/sessions/{items[0]['id']}"
    assert town["otto"].browser(client).get(f"{path}/close").headers["location"] == path
    assert submit(client, town["otto"], f"{path}/close", at="2026-11-02T09:40").status_code == 303
    submit(client, town["otto"], f"{path}/reopen")
    t = timeline_of(client, town, items[0]["id"])
    assert (t["end"], t["open"]) == (at("09:30"), False), "the tap's own end is no correction to take back here"


def test_a_session_whose_beginning_is_missing_waits_for_it(client: TestClient, town: Town) -> None:
    items = [item for item in observed("09:00 rooming", "09:10 vitals") if item.get("kind") != "begin"]
    send(town["otto"].program(client), items)
    path = f"/sessions/{items[0]['id']}/close"
    assert "has not arrived" in text_of(town["otto"].browser(client).get(path))
    assert submit(client, town["otto"], path, at="2026-11-02T09:30").status_code == 422


def test_the_hour_that_comes_twice_is_the_one_by_the_last_tap() -> None:
    first = at("01:40", "2026-11-01")  # still summer time: the clocks go back at two
    second = first + 3_600_000
    for last in (first, second):
        assert proposed(last, CHICAGO) == "2026-11-01T01:40:00"
        assert chosen("2026-11-01T01:40:00", last + 250, CHICAGO) == last + 250, "the last tap's own second"
        assert chosen("2026-11-01T01:45", last, CHICAGO) == last + 300_000
    with pytest.raises(BadRequest):
        chosen("soon", first, CHICAGO)


def test_a_time_that_the_clock_skips_in_spring_is_refused() -> None:
    last = at("01:50", "2026-03-08")
    for skipped in ("2026-03-08T02:00", "2026-03-08T02:30", "2026-03-08T02:59:59"):
        with pytest.raises(BadRequest, match="skip"):
            chosen(skipped, last, CHICAGO)
    assert chosen("2026-03-08T03:00", last, CHICAGO) == last + 600_000
