"""What people do leaves a row, and so does what they are refused; none of them says more than it must."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.models import Action, Entry
from app.audit.queries import Told, Window, entries
from app.audit.record import MOST_AN_HOUR, record
from app.clinics.setup import set_up
from app.db import Database, new_id, now_ms
from app.people.accounts import set_password
from app.people.models import Person
from app.people.queries import belonging
from tests.builders import envelope, observed, send
from tests.people import Town
from tests.webpages import submit

PEOPLE = "/clinics/north/people"
PASSWORD = "quiet maple harbour ninety"


def rows(database: Database, *actions: Action) -> list[dict[str, Any]]:
    """(action, person, clinic, about) in the order in which they were written."""
    with database.read() as session:
        found = session.execute(select(Entry).order_by(Entry.id)).scalars()
        return [
            {"action": row.action, "person": row.person_id, "clinic": row.clinic_id, "about": row.about or ""}
            for row in found
            if not actions or row.action in actions
        ]


@pytest.fixture
def town(town: Town) -> Town:
    """Otto has a password."""
    with town.database.write() as session:
        set_password(session, session.get_one(Person, town["otto"].id), PASSWORD)
    return town


# --- signing in ------------------------------------------------------------------------------------------------------


def test_a_sign_in_is_told_with_its_person_and_nothing_else(client: TestClient, town: Town) -> None:
    submit(client, None, "/sign-in", email="otto@north.example", password=PASSWORD)
    assert rows(town.database, Action.SIGNED_IN) == [
        {"action": "signed_in", "person": town["otto"].id, "clinic": None, "about": ""}
    ]


def test_a_refused_sign_in_names_an_account_but_keeps_nothing_that_was_typed(client: TestClient, town: Town) -> None:
    for email in ("otto@north.example", "my secret passphrase", "nobody@north.example"):
        submit(client, None, "/sign-in", email=email, password="another secret thing")
    refused = rows(town.database, Action.SIGN_IN_REFUSED)
    assert [row["person"] for row in refused] == [town["otto"].id, None, None]
    assert {row["about"] for row in refused} == {'{"why":"wrong_password"}'}


def test_a_closed_account_is_told_as_such(client: TestClient, town: Town) -> None:
    with town.database.write() as session:
        session.get_one(Person, town["otto"].id).disabled_at = now_ms()
    submit(client, None, "/sign-in", email="otto@north.example", password=PASSWORD)
    (refused,) = rows(town.database, Action.SIGN_IN_REFUSED)
    assert refused["about"] == '{"why":"disabled"}'


def test_guessing_fills_no_disk(client: TestClient, town: Town) -> None:
    for n in range(MOST_AN_HOUR + 15):
        submit(client, None, "/sign-in", email=f"guess-{n}@north.example", password="another secret thing")
    refused = rows(town.database, Action.SIGN_IN_REFUSED)
    assert len(refused) == MOST_AN_HOUR
    assert ["more" in row["about"] for row in refused] == [False] * (MOST_AN_HOUR - 1) + [True]
    # what happens to an account that exists is told all the same
    submit(client, None, "/sign-in", email="otto@north.example", password="another secret thing")
    assert rows(town.database, Action.SIGN_IN_REFUSED)[-1]["person"] == town["otto"].id


def test_what_one_does_with_the_own_account_is_told(client: TestClient, town: Town) -> None:
    submit(client, town["ada"], "/account/sign-out-everywhere")
    (left,) = rows(town.database, Action.SIGNED_OUT_EVERYWHERE)
    assert left["person"] == town["ada"].id
    assert {row["person"] for row in rows(town.database, Action.TOKEN_MADE)} >= {town["otto"].id}


# --- denials ---------------------------------------------------------------------------------------------------------


def test_a_role_too_small_is_told_to_the_clinic(client: TestClient, town: Town) -> None:
    town["ada"].browser(client).get(f"{PEOPLE}?x=secret")
    assert rows(town.database, Action.DENIED) == [
        {
            "action": "denied",
            "person": town["ada"].id,
            "clinic": town.north.id,
            "about": '{"asked":"GET /clinics/north/people","status":403,"code":"forbidden"}',
        }
    ]


def test_a_foreign_clinic_and_one_that_is_none_leave_rows_that_look_alike(client: TestClient, town: Town) -> None:
    """Else an admin of another clinic could read off the own audit which clinics there are here."""
    program = town["stella"].program(client)
    for slug in ("north", "nowhere"):
        assert program.get(f"/api/v1/clinics/{slug}/pad").status_code == 404
    foreign, none = rows(town.database, Action.DENIED)
    assert foreign == {**none, "about": none["about"].replace("nowhere", "north")}
    assert (foreign["person"], foreign["clinic"]) == (town["stella"].id, None)


def test_a_foreign_session_is_a_denial_and_one_that_does_not_exist_is_a_slip(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:05 end")
    send(town["otto"].program(client), items)
    for session_id in (items[0]["id"], new_id()):
        assert town["stella"].program(client).get(f"/api/v1/sessions/{session_id}").status_code == 404
    assert len(rows(town.database, Action.DENIED)) == 1
    assert town["olga"].program(client).get(f"/api/v1/sessions/{items[0]['id']}").status_code == 403
    assert rows(town.database, Action.DENIED)[-1]["clinic"] == town.north.id


def test_a_batch_refused_is_told_though_no_page_was_asked(client: TestClient, town: Town) -> None:
    body = envelope(observed("09:00 rooming"), person=town["ana"].id)
    assert town["otto"].program(client).post("/api/v1/batches", json=body).status_code == 403
    (denied,) = rows(town.database, Action.DENIED)
    assert (denied["person"], '"code":"other_person"' in denied["about"]) == (town["otto"].id, True)


def test_whoever_is_turned_away_again_and_again_fills_no_disk(client: TestClient, town: Town) -> None:
    ada = town["ada"].browser(client)
    for _n in range(MOST_AN_HOUR + 10):
        assert ada.get(PEOPLE).status_code == 403
    assert len(rows(town.database, Action.DENIED)) == MOST_AN_HOUR
    town["mia"].browser(client).get(PEOPLE)
    assert rows(town.database, Action.DENIED)[-1]["person"] == town["mia"].id


def test_neither_strangers_nor_forged_requests_leave_a_row(client: TestClient, town: Town) -> None:
    client.get(PEOPLE)
    client.get("/api/v1/clinics/north/pad")
    browser = town["ana"].browser(client)
    browser.post(PEOPLE, headers={"Sec-Fetch-Site": "cross-site"})
    browser.get("/clinics/north/nothing-here")
    assert rows(town.database, Action.DENIED) == []


# --- roles, invitations, set-up --------------------------------------------------------------------------------------


def test_the_life_of_a_member_can_be_read_off(client: TestClient, town: Town) -> None:
    submit(client, town["ana"], PEOPLE, email="nina@north.example", name="Nina", role="observer")
    with town.database.read() as session:
        nina = session.execute(select(Person.id).where(Person.email == "nina@north.example")).scalar_one()
    submit(client, town["ana"], f"{PEOPLE}/{nina}/role", role="observer")  # no change, no row
    submit(client, town["ana"], f"{PEOPLE}/{nina}/role", role="manager")
    submit(client, town["ana"], f"{PEOPLE}/{nina}/link")
    submit(client, town["ana"], f"{PEOPLE}/{nina}/remove")
    told = [row for row in rows(town.database) if nina in row["about"]]
    assert [row["action"] for row in told] == ["role_given", "invited", "role_changed", "invited", "role_taken"]
    assert {(row["person"], row["clinic"]) for row in told} == {(town["ana"].id, town.north.id)}
    assert '"role":"manager","role_before":"observer"' in told[2]["about"]


def test_a_refused_change_leaves_no_row(client: TestClient, town: Town) -> None:
    before = rows(town.database)
    submit(client, town["ana"], f"{PEOPLE}/{town['ana'].id}/remove")
    submit(client, town["ana"], PEOPLE, email="nina", role="observer")
    assert rows(town.database) == before


def test_an_invitation_accepted_and_a_set_up_are_told(client: TestClient, town: Town) -> None:
    page = submit(client, town["ana"], PEOPLE, email="nina@north.example", name="Nina", role="observer").text
    link = page.split(">http://testserver")[1].split("<")[0]
    submit(client, None, link, name="Nina", password=PASSWORD, again=PASSWORD)
    assert len(rows(town.database, Action.INVITATION_ACCEPTED)) == 1
    assert link.rsplit("/", 1)[1] not in str(rows(town.database))
    with town.database.write() as session:
        east, _eve = set_up(
            session, slug="east", name="East", timezone="America/Chicago", admin_email="eve@east.example",
            admin_name="Eve", password=None, at=now_ms(),
        )  # fmt: skip
    assert rows(town.database, Action.SET_UP)[-1]["clinic"] == east.id


# --- data ------------------------------------------------------------------------------------------------------------


def test_a_correction_by_somebody_else_is_told_and_ones_own_is_not(client: TestClient, town: Town) -> None:
    session, *events = observed("09:00 rooming", "09:05 end")
    send(town["otto"].program(client), [session, *events])
    void = {**events[0], "kind": "void", "target": events[1]["id"]}
    header = {"type": "session", "amends": session["id"], "at": session["at"] + 2, "day_type": "high"}

    def corrections(seq: int) -> list[dict[str, Any]]:
        return [{**void, "id": new_id(), "seq": seq}, {**header, "id": new_id()}]

    send(town["otto"].program(client), corrections(90), device="desk-1")
    assert rows(town.database, Action.CORRECTED) == []
    sent = corrections(1)
    for _twice in range(2):  # a batch sent again is no second correction
        send(town["mia"].program(client), sent, device="desk-2")
    about = f'{{"session":"{session["id"]}","person":"{town["otto"].id}","items":2}}'
    assert rows(town.database, Action.CORRECTED) == [
        {"action": "corrected", "person": town["mia"].id, "clinic": town.north.id, "about": about}
    ]
    send(town["olga"].program(client), corrections(1), device="desk-3")  # quarantined: corrects nothing
    assert len(rows(town.database, Action.CORRECTED)) == 1


def test_an_import_is_told_once_and_one_that_added_nothing_is_not(client: TestClient, town: Town) -> None:
    lines = "session,subject,task,start,end\nA,MA-01,Faxing,2026-11-02T09:00,2026-11-02T09:10\n"
    lines += "B,MA-01,Faxing,2026-11-03T09:00,2026-11-03T09:10\n"
    for _twice in range(2):
        answer = (
            town["mia"]
            .program(client)
            .post(
                "/api/v1/imports",
                data={"clinic": "north", "add_tasks": "true"},
                files={"file": ("a.csv", lines.encode())},
            )
        )
        assert answer.status_code == 200, answer.text
    told = rows(town.database, Action.IMPORTED, Action.TASK_LIST_PUBLISHED)
    assert {(row["person"], row["clinic"]) for row in told} == {(town["mia"].id, town.north.id)}
    assert [(row["action"], row["about"]) for row in told] == [
        ("task_list_published", '{"task_list":"back-of-house","version":2}'),
        ("imported", f'{{"person":"{town["mia"].id}","sessions":2,"items":8}}'),
    ]


# --- who reads what --------------------------------------------------------------------------------------------------


def read_in(town: Town, clinic_id: int) -> list[Told]:
    with town.database.read() as session:
        return entries(session, clinic_id, belonging(clinic_id), Window(), 1000)[0]


def test_a_clinic_reads_its_own_rows_and_those_of_its_people_since_they_came(client: TestClient, town: Town) -> None:
    stella = town["stella"].browser(client)
    stella.get("/clinics/nowhere/summary")
    submit(client, town["ana"], PEOPLE, email="stella@south.example", name="S", role="observer")
    stella.get("/clinics/anywhere/summary")
    denied = {
        name: [row.about["asked"] for row in read_in(town, clinic.id) if row.action == "denied"]
        for name, clinic in (("north", town.north), ("south", town.south))
    }
    later, earlier = "GET /clinics/anywhere/summary", "GET /clinics/nowhere/summary"
    assert denied == {"north": [later], "south": [later, earlier]}
    given = [row.about["person"] for row in read_in(town, town.south.id) if row.action == "role_given"]
    assert given == [town["stella"].id]


def test_what_was_done_to_the_whole_database_shows_in_every_clinic(client: TestClient, town: Town) -> None:
    submit(client, None, "/sign-in", email="nobody@north.example", password="another secret thing")
    with town.database.write() as session:
        record(session, at=now_ms(), action=Action.RESTORED, person_id=None, clinic_id=None, about={"file": "a.db"})
    for clinic in (town.north, town.south):
        actions = [row.action for row in read_in(town, clinic.id)]
        assert actions[0] == "restored"
        assert "sign_in_refused" not in actions
