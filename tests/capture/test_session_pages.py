"""The first page, the pad's page, and the sessions as people read them."""

import json
import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from app.clinics.members import remove
from app.db import new_id, now_ms
from app.people.accounts import add_person, sign_in
from tests.builders import CHICAGO, at, in_session, observed, send, session_item
from tests.people import AT, Member, Town
from tests.webpages import is_whole_page, statuses_for, text_of

MORNING = (
    *("09:00 rooming", "09:04 supplies! searching", "09:06 back", "09:08 phone?", "09:10 #visits"),
    *("09:10 vitals", "09:12 +callbacks", "09:14 -callbacks", "09:16 pause", "09:20 on", "09:20 vitals", "09:30 end"),
)


@pytest.fixture
def morning(town: Town, client: TestClient) -> dict[str, Any]:
    """A session of Otto's who watched MA-07; its header item."""
    items = observed(*MORNING, subject="MA-07")
    send(town["otto"].program(client), items)
    return items[0]


def page(client: TestClient, member: Member, path: str) -> str:
    answer = member.browser(client).get(path)
    assert answer.status_code == 200, answer.text
    assert is_whole_page(answer)
    return text_of(answer)


# --- home ------------------------------------------------------------------------------------------------------------


def test_the_first_page_offers_what_the_role_does(client: TestClient, town: Town) -> None:
    assert "Start observing" in page(client, town["otto"], "/")
    assert "Time my own day" in page(client, town["ada"], "/")
    manager = town["mia"].browser(client).get("/").text
    assert "/clinics/north/summary" in manager
    assert "/clinics/north/people" not in manager
    assert "/clinics/north/people" in town["ana"].browser(client).get("/").text
    assert "/clinics/south" not in town["ana"].browser(client).get("/").text


def test_the_first_page_says_what_to_do_when_there_is_nothing_yet(client: TestClient, town: Town) -> None:
    assert "None yet" in page(client, town["otto"], "/")
    assert "Nothing was observed in these days" in page(client, town["mia"], "/")


def test_the_first_pages_figure_stands_with_its_days(client: TestClient, town: Town) -> None:
    yesterday = day_in(CHICAGO, 1)
    send(town["otto"].program(client), observed("09:00 rooming", "09:30 end", on=yesterday.isoformat()))
    told = page(client, town["mia"], "/")
    first, last = (f"{day:%a}, {day:%b} {day.day}" for day in (day_in(CHICAGO, 13), day_in(CHICAGO, 0)))
    assert f"The last two weeks: {first} – {last} · 1 day observed Too little to conclude" in told


def day_in(zone: str, ago: int) -> date:
    return datetime.now(ZoneInfo(zone)).date() - timedelta(days=ago)


def test_whoever_has_no_role_anywhere_is_told_whom_to_ask(client: TestClient, town: Town) -> None:
    with town.database.write() as session:
        nina = add_person(session, email="nina@north.example", name="Nina", at=AT)
        member = Member(nina.id, nina.email, sign_in(session, nina, now_ms(), 30), "")
    assert "Ask an admin of your clinic to add nina@north.example" in page(client, member, "/")
    assert page(client, member, "/sessions").startswith("My sessions")


def test_my_latest_sessions_stand_on_the_first_page_and_nobody_elses(
    client: TestClient, town: Town, morning: dict[str, Any]
) -> None:
    assert "MA-07" in page(client, town["otto"], "/")
    assert "MA-07" not in page(client, town["olga"], "/")


# --- the pad's page --------------------------------------------------------------------------------------------------


def test_the_pad_knows_its_person_and_clinics(client: TestClient, town: Town) -> None:
    answer = town["ada"].browser(client).get("/pad")
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r"<script type=\"application/json\" data-me>(.*?)</script>", answer.text)
    assert found is not None
    assert json.loads(found[1]) == {
        "person": {"id": town["ada"].id, "name": "Ada", "language": "en"},
        "clinics": [{"slug": "north", "name": "North Clinic", "role": "assistant"}],
    }


# --- lists of sessions -----------------------------------------------------------------------------------------------


def test_the_clinics_sessions_are_for_its_managers_and_admins(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, "/clinics/north/sessions") == expected


def test_admins_see_who_was_watched_and_who_watched_and_managers_do_not(
    client: TestClient, town: Town, morning: dict[str, Any]
) -> None:
    assert "MA-07, by Otto" in page(client, town["ana"], "/clinics/north/sessions")
    shown = town["mia"].browser(client).get("/clinics/north/sessions").text
    assert f"/sessions/{morning['id']}" in shown
    for secret in ("MA-07", "Otto", town["otto"].id):
        assert secret not in shown


def test_self_timed_days_are_nobody_elses_business(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:30 end", mode="self", subject=None)
    send(town["ada"].program(client), items)
    for name in ("ana", "mia"):
        assert items[0]["id"] not in town[name].browser(client).get("/clinics/north/sessions").text
        assert town[name].browser(client).get(f"/sessions/{items[0]['id']}").status_code == 404
    assert "own day" in page(client, town["ada"], "/sessions")
    assert "Own day" in page(client, town["ada"], f"/sessions/{items[0]['id']}")


def test_a_session_says_whether_it_is_open_and_what_is_in_quarantine(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:10 juggling", "09:20 vitals", on="2026-11-03")
    send(town["otto"].program(client), items)
    for who, path in (("otto", "/sessions"), ("otto", "/"), ("mia", "/clinics/north/sessions")):
        shown = page(client, town[who], path)
        assert "open" in shown
        assert "1 tap in quarantine" in shown


def test_what_belongs_to_no_kept_session_is_shown_with_its_reason(client: TestClient, town: Town) -> None:
    """A header for a clinic that is not there: neither it nor its taps have a home."""
    lost = in_session(session_item(at("09:00"), clinic="elsewhere"), [])
    told = send(town["otto"].program(client), lost)
    assert told["results"][0]["code"] == "unknown_clinic"
    assert "1 tap of yours was kept aside" in page(client, town["otto"], "/")
    assert "unknown_clinic" in page(client, town["otto"], "/sessions")
    assert "unknown_clinic" not in page(client, town["olga"], "/sessions")


def test_long_lists_come_in_pages_without_loss_or_repetition(client: TestClient, town: Town) -> None:
    items = [item for n in range(53) for item in observed(f"0{n % 10}:{n:02} rooming", on="2026-11-03")]
    for first in range(0, len(items), 200):
        send(town["otto"].program(client), items[first : first + 200])
    for who, path in (("otto", "/sessions"), ("mia", "/clinics/north/sessions")):
        seen: list[str] = []
        where: str | None = path
        while where:
            answer = town[who].browser(client).get(where)
            seen += re.findall(r'href="/sessions/([0-9a-f-]{36})"', answer.text)
            older = re.search(r'href="([^"]+\?before=[^"]+)"', answer.text)
            where = older[1] if older else None
        assert len(seen) == len(set(seen)) == 53


@pytest.mark.parametrize("before", ["x", "12", "12.", "-5.x", "9" * 20 + ".x"])
def test_a_made_up_place_in_the_list_is_said_to_be_one(client: TestClient, town: Town, before: str) -> None:
    answer = town["otto"].browser(client).get("/sessions", params={"before": before})
    assert answer.status_code == 400
    assert "begin again at its first page" in text_of(answer)


# --- one session -----------------------------------------------------------------------------------------------------


def test_a_session_is_for_its_observer_and_the_managers_of_its_clinic(
    client: TestClient, town: Town, morning: dict[str, Any]
) -> None:
    expected = {"otto": 200, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, f"/sessions/{morning['id']}") == expected
    assert town["otto"].browser(client).get(f"/sessions/{new_id()}").status_code == 404


def test_what_no_database_can_look_up_is_refused_with_a_sentence(client: TestClient, town: Town) -> None:
    for path in ("/sessions/%00", "/clinics/%00/sessions", "/clinics/north/summary?staff_role=%00"):
        answer = town["ana"].browser(client).get(path)
        assert answer.status_code in (200, 400, 404), path
        assert "Something went wrong" not in answer.text


def test_a_session_is_told_from_top_to_bottom(client: TestClient, town: Town, morning: dict[str, Any]) -> None:
    shown = page(client, town["otto"], f"/sessions/{morning['id']}")
    # 30 minutes less 4 not watched; two minutes of an interruption, two of callbacks beside vitals
    for part in ("Observed 26 min", "In interruptions 2 min", "Two tasks at once 2 min", "Not watched 4 min"):
        assert part in shown
    assert "2.3 an observed hour" in shown
    assert "Visits: 1" in shown
    story = shown[shown.index("From top to bottom") :]
    assert re.split(r" (?=\d+:\d\d:\d\d\s[AP]M)", story)[1:] == [
        "9:00:00 AM Rooming 4:00",
        "9:04:00 AM Supplies missing Searching 2:00",
        "9:06:00 AM Rooming goes on 4:00",
        "9:08:00 AM Only asked: Phone",
        "9:10:00 AM Vitals 6:00",
        "9:12:00 AM beside Callbacks and messages 2:00",
        "9:16:00 AM Not watching in no total 4:00",
        "9:20:00 AM Vitals 10:00",
    ]


def test_only_those_who_know_the_people_read_codes_names_and_notes(
    client: TestClient, town: Town, morning: dict[str, Any]
) -> None:
    note = {"type": "event", "id": new_id(), "session": morning["id"], "seq": 99, "kind": "note", "text": "ask Bea",
            "at": at("09:05"), "recorded_at": at("09:05")}  # fmt: skip
    send(town["otto"].program(client), [note])
    for name in ("otto", "ana"):
        shown = page(client, town[name], f"/sessions/{morning['id']}")
        assert "MA-07, observed by Otto" in shown
        assert "ask Bea" in shown
    shown = town["mia"].browser(client).get(f"/sessions/{morning['id']}").text
    for secret in ("MA-07", "Otto", "ask Bea", town["otto"].id):
        assert secret not in shown


def test_problems_and_quarantined_taps_are_said_in_words(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:05 back", "09:06 back", "09:10 juggling", "09:20 end")
    send(town["otto"].program(client), items)
    shown = page(client, town["otto"], f"/sessions/{items[0]['id']}")
    assert "going back without an interruption , 2 times" in shown.replace("interruption,", "interruption ,")
    assert "1 tap in quarantine" in shown
    assert "juggling" in shown
    assert "unknown_task" in shown


def test_a_session_whose_beginning_has_not_arrived_says_so(client: TestClient, town: Town) -> None:
    items = [item for item in observed("09:00 rooming", "09:10 end") if item.get("kind") != "begin"]
    send(town["otto"].program(client), items)
    assert "began this session has not arrived" in page(client, town["otto"], f"/sessions/{items[0]['id']}")
    assert "No beginning has arrived yet" in page(client, town["otto"], "/sessions")


def test_an_open_session_counts_up_to_its_last_tap(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:10 vitals")
    send(town["otto"].program(client), items)
    shown = page(client, town["otto"], f"/sessions/{items[0]['id']}")
    assert "still open" in shown
    assert "Observed 10 min" in shown


def test_what_people_typed_cannot_become_markup(client: TestClient, town: Town) -> None:
    evil = "<img src=x onerror=alert(1)>"
    items = observed("09:00 rooming", "09:10 end", subject=evil, staff_role=evil)
    send(town["otto"].program(client), items)
    for who, path in (("otto", "/"), ("ana", "/clinics/north/sessions"), ("mia", f"/sessions/{items[0]['id']}")):
        shown = town[who].browser(client).get(path).text
        assert evil not in shown
        assert "&lt;img src=x" in shown


def test_ones_own_sessions_stay_readable_after_leaving_the_clinic(
    client: TestClient, town: Town, morning: dict[str, Any]
) -> None:
    client_of_ana = town["ana"].browser(client)
    assert client_of_ana.get(f"/sessions/{morning['id']}").status_code == 200
    with town.database.write() as session:
        remove(session, town.north, town["otto"].id, now_ms(), town["ana"].id)
    assert "Observed 26 min" in page(client, town["otto"], f"/sessions/{morning['id']}")
    assert "MA-07" in page(client, town["otto"], "/sessions")


def test_time_by_task_adds_up_to_what_was_observed(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:10 supplies!", "09:13 back", "09:20 stop", "09:25 end")
    send(town["otto"].program(client), items)
    shown = text_of(town["otto"].browser(client).get(f"/sessions/{items[0]['id']}"))
    assert "Rooming 17 min 17 min Interrupted, no task coded – 3 min Nothing to code – 5 min Observed – 25 min" in shown


def test_who_may_not_see_the_raw_events_is_told_who_may(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:25 end")
    send(town["otto"].program(client), items)
    told = town["mia"].program(client).get(f"/api/v1/sessions/{items[0]['id']}/events")
    assert told.status_code == 403
    assert told.json()["detail"] == "Only the observer of a session and the clinic's admins may see this."


def test_what_was_not_accepted_is_told_in_the_clinics_own_time(client: TestClient, town: Town) -> None:
    send(town["ada"].program(client), [session_item(at("09:00"), clinic="nowhere")])
    told = text_of(town["ada"].browser(client).get("/sessions"))
    assert "Kept, but not accepted" in told
    assert "Times in America/Chicago." in told
    assert "UTC" not in told
