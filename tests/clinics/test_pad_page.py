"""A clinic chooses when the pad asks “still going?”, and phones get it with their task list."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.audit.models import Action, Entry
from tests.builders import observed, send
from tests.people import Town
from tests.webpages import is_whole_page, statuses_for, submit, text_of

PAD = "/clinics/north/pad"
MINUTE = 60_000


def nudge(client: TestClient, town: Town) -> Any:
    """What Otto's phone is told."""
    return town["otto"].program(client).get("/api/v1/clinics/north/pad").json()["nudge"]


def vitals_observed(town: Town, client: TestClient, *minutes: int) -> None:
    """Otto has watched vitals, once of each length."""
    lines, at = [], 8 * 60
    for length in minutes:
        lines.append(f"{at // 60:02}:{at % 60:02} vitals")
        at += length
    send(town["otto"].program(client), observed(*lines, f"{at // 60:02}:{at % 60:02} end"))


def test_the_page_is_for_managers_and_admins(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, PAD) == expected
    assert client.get(PAD).headers["location"] == "/sign-in?next=%2Fclinics%2Fnorth%2Fpad"
    for name, status in (("otto", 403), ("ada", 403), ("stella", 404)):
        assert submit(client, town[name], PAD, how="minutes", minutes="5").status_code == status
    assert nudge(client, town) is None


def test_it_never_asks_until_somebody_chooses(client: TestClient, town: Town) -> None:
    page = town["mia"].browser(client).get(PAD)
    assert is_whole_page(page)
    assert 'value="off" checked' in page.text
    assert "nothing is usual yet" in text_of(page)
    assert nudge(client, town) is None


def test_a_fixed_time_holds_for_every_task(client: TestClient, town: Town) -> None:
    answer = submit(client, town["mia"], PAD, how="minutes", minutes=" 25 ", percent="200")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAD}?kept=yes")
    told = nudge(client, town)
    assert told["rooming"] == {"after_ms": 25 * MINUTE, "usual_ms": None}
    assert len(told) == len(town["otto"].program(client).get("/api/v1/clinics/north/pad").json()["tasks"])
    page = town["mia"].browser(client).get(answer.headers["location"])
    assert "Phones have it from their next session on" in text_of(page)
    assert 'value="minutes" checked' in page.text


def test_the_usual_is_told_with_its_limit_and_only_where_there_is_one(client: TestClient, town: Town) -> None:
    vitals_observed(town, client, *[3] * 19, 40)
    page = text_of(town["mia"].browser(client).get(PAD))
    assert "Vitals 3 min 20" in page
    submit(client, town["ana"], PAD, how="usual", percent="150", minutes="30")
    assert nudge(client, town) == {"vitals": {"after_ms": 270_000, "usual_ms": 3 * MINUTE}}
    submit(client, town["ana"], PAD, how="off")
    assert nudge(client, town) is None


WRONG = [
    *(
        {"how": "minutes", "minutes": minutes}
        for minutes in ("0", "481", "9999999999", "0004800000000000000", "ten", "\u0663", "")
    ),
    {"how": "usual", "percent": "7"},
    {"how": "always"},
    {},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_choice_is_refused_with_a_sentence_and_changes_nothing(
    client: TestClient, town: Town, wrong: dict[str, str]
) -> None:
    submit(client, town["mia"], PAD, how="minutes", minutes="20")
    answer = submit(client, town["mia"], PAD, **wrong)
    assert answer.status_code == 422
    assert "Give whole minutes" in text_of(answer) or "Choose when the pad should ask" in text_of(answer)
    assert nudge(client, town)["vitals"]["after_ms"] == 20 * MINUTE


def test_the_choice_stands_in_the_audit_once(client: TestClient, town: Town) -> None:
    for _time in range(2):
        submit(client, town["mia"], PAD, how="minutes", minutes="20")
    with town.database.read() as session:
        entries = session.query(Entry).filter_by(action=Action.SETTINGS_CHANGED).all()
    assert [(entry.person_id, entry.about) for entry in entries] == [(town["mia"].id, '{"nudge":"20 min"}')]
    shown = text_of(town["ana"].browser(client).get("/clinics/north/audit"))
    assert "Setting of the clinic changed" in shown
    assert "20 min" in shown


def test_a_phone_hears_of_a_new_choice(client: TestClient, town: Town) -> None:
    otto = town["otto"].program(client)
    before = otto.get("/api/v1/clinics/north/pad").headers["ETag"]
    submit(client, town["mia"], PAD, how="minutes", minutes="20")
    answer = otto.get("/api/v1/clinics/north/pad", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.json()["nudge"]
