"""Who works in a clinic: inviting, changing roles, removing; nobody's account changes hands."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from app.db import now_ms
from app.people.accounts import give_role, set_password
from app.people.models import Membership, Person, Role
from tests.builders import observed, send
from tests.people import Town
from tests.webpages import is_whole_page, statuses_for, submit, text_of

PEOPLE = "/clinics/north/people"
PASSWORD = "quiet maple harbour ninety"


def role_of(town: Town, name: str) -> str | None:
    with town.database.read() as session:
        held = session.get(Membership, (town[name].id, town.north.id))
        return held.role if held else None


def path(town: Town, name: str, verb: str) -> str:
    return f"{PEOPLE}/{town[name].id}/{verb}"


def links_in(page: str) -> list[str]:
    return re.findall(r'http://testserver(/invitation/[^"<\s]+)', html.unescape(page))


def test_the_page_is_for_admins(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 403, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, PEOPLE) == expected
    assert client.get(PEOPLE).headers["location"] == "/sign-in?next=%2Fclinics%2Fnorth%2Fpeople"
    assert town["ana"].browser(client).get("/clinics/nowhere/people").status_code == 404


def test_it_lists_everybody_with_their_role_and_nobody_of_another_clinic(client: TestClient, town: Town) -> None:
    page = town["ana"].browser(client).get(PEOPLE)
    assert is_whole_page(page)
    shown = text_of(page)
    for name in ("Ada", "Ana", "Mia", "Olga", "Otto"):
        assert name in shown
    assert "Stella" not in shown


@pytest.mark.parametrize("name", ["mia", "otto", "ada", "stella"])
@pytest.mark.parametrize("verb", ["", "/link", "/role", "/remove"])
def test_only_an_admin_of_the_clinic_changes_anything(client: TestClient, town: Town, name: str, verb: str) -> None:
    where = f"{PEOPLE}/{town['olga'].id}{verb}" if verb else PEOPLE
    answer = submit(client, town[name], where, email="x@north.example", name="X", role="admin")
    assert answer.status_code == (404 if name == "stella" else 403)
    assert role_of(town, "olga") == "observer"


# --- inviting --------------------------------------------------------------------------------------------------------


def test_an_invitation_shows_its_link_once_and_the_link_works(client: TestClient, town: Town) -> None:
    answer = submit(client, town["ana"], PEOPLE, email="nina@north.example", name="Nina", role="observer")
    assert answer.status_code == 200
    (link,) = links_in(answer.text)
    assert links_in(town["ana"].browser(client).get(PEOPLE).text) == []
    assert client.get(link).status_code == 200
    accepted = submit(client, None, link, name="Nina", password=PASSWORD, again=PASSWORD)
    assert accepted.headers["location"] == "/"
    assert "Start observing" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "nina"}, "is not an e-mail address"),
        ({"email": ""}, "is not an e-mail address"),
        ({"role": "boss"}, "Choose a role"),
        ({"role": ""}, "Choose a role"),
        ({"email": "OTTO@north.example"}, "in this clinic already"),
        ({"name": "x" * 121}, "at most 120"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    client: TestClient, town: Town, fields: dict[str, str], sentence: str
) -> None:
    typed = {"email": "nina@north.example", "name": "Nina", "role": "admin", **fields}
    answer = submit(client, town["ana"], PEOPLE, **typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert f'value="{typed["email"]}"' in answer.text
    assert f'value="{typed["name"]}"' in answer.text
    assert links_in(answer.text) == []
    assert role_of(town, "otto") == "observer"


def test_somebody_with_an_account_elsewhere_gets_the_role_but_no_link(client: TestClient, town: Town) -> None:
    """A link would let north's admin become Stella, who is the admin of south."""
    answer = submit(client, town["ana"], PEOPLE, email="stella@south.example", name="Whoever", role="observer")
    assert answer.status_code == 200
    assert links_in(answer.text) == []
    assert "has an account here already" in text_of(answer)
    assert role_of(town, "stella") == "observer"
    with town.database.read() as session:
        assert session.get_one(Person, town["stella"].id).name == "Stella"


# --- a new link ------------------------------------------------------------------------------------------------------


def test_a_new_link_replaces_the_old_one(client: TestClient, town: Town) -> None:
    first = submit(client, town["ana"], PEOPLE, email="nina@north.example", name="Nina", role="observer")
    (old,) = links_in(first.text)
    with town.database.read() as session:
        nina = session.query(Person).filter_by(email="nina@north.example").one().id
    (new,) = links_in(submit(client, town["ana"], f"{PEOPLE}/{nina}/link").text)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def with_password(town: Town, name: str) -> None:
    with town.database.write() as session:
        set_password(session, session.get_one(Person, town[name].id), PASSWORD)


def test_whoever_forgot_the_password_chooses_a_new_one_by_a_link(client: TestClient, town: Town) -> None:
    with_password(town, "otto")
    assert path(town, "otto", "link") in town["ana"].browser(client).get(PEOPLE).text
    answer = submit(client, town["ana"], path(town, "otto", "link"))
    assert "The old password stays valid until the link is used" in text_of(answer)
    (link,) = links_in(answer.text)
    assert submit(client, None, "/sign-in", email=town["otto"].email, password=PASSWORD).status_code == 303
    client.cookies.clear()
    assert "Choose a new password" in text_of(client.get(link))
    chosen = "another maple harbour ninety"
    assert submit(client, None, link, name="Otto", password=chosen, again=chosen).status_code == 303
    client.cookies.clear()
    assert submit(client, None, "/sign-in", email=town["otto"].email, password=PASSWORD).status_code == 422
    assert submit(client, None, "/sign-in", email=town["otto"].email, password=chosen).status_code == 303


def test_nobody_becomes_a_person_of_another_clinic_by_a_link(client: TestClient, town: Town) -> None:
    with town.database.write() as session:
        give_role(session, session.get_one(Person, town["otto"].id), town.south.id, Role.MANAGER, now_ms())
    for accepted in (False, True):
        if accepted:
            with_password(town, "otto")
        page = town["ana"].browser(client).get(PEOPLE)
        assert path(town, "otto", "link") not in page.text
        assert "Otto belongs to another clinic too" in text_of(page)
        refused = submit(client, town["ana"], path(town, "otto", "link"))
        assert (refused.status_code, links_in(refused.text)) == (422, [])
        assert submit(client, town["stella"], f"/clinics/south/people/{town['otto'].id}/link").status_code == 422


def test_nor_of_one_who_left_sessions_in_another_clinic(client: TestClient, town: Town) -> None:
    """They are still that person's own, and would be read by whoever opened the link."""
    with town.database.write() as session:
        give_role(session, session.get_one(Person, town["otto"].id), town.south.id, Role.OBSERVER, now_ms())
    send(town["otto"].program(client), observed("09:00 rooming", "09:30 end", clinic="south"))
    submit(client, town["stella"], f"/clinics/south/people/{town['otto'].id}/remove")
    assert path(town, "otto", "link") not in town["ana"].browser(client).get(PEOPLE).text
    assert submit(client, town["ana"], path(town, "otto", "link")).status_code == 422


# --- roles -----------------------------------------------------------------------------------------------------------


def test_a_role_is_changed(client: TestClient, town: Town) -> None:
    answer = submit(client, town["ana"], path(town, "otto", "role"), role="manager")
    assert (answer.status_code, answer.headers["location"]) == (303, PEOPLE)
    assert role_of(town, "otto") == "manager"
    assert town["otto"].browser(client).get("/clinics/north/summary").status_code == 200


def test_an_unknown_role_changes_nothing(client: TestClient, town: Town) -> None:
    assert submit(client, town["ana"], path(town, "otto", "role"), role="king").status_code == 422
    assert role_of(town, "otto") == "observer"


def test_the_last_admin_stays(client: TestClient, town: Town) -> None:
    for verb, fields in (("role", {"role": "observer"}), ("remove", {})):
        answer = submit(client, town["ana"], path(town, "ana", verb), **fields)
        assert answer.status_code == 422
        assert "only admin" in text_of(answer)
    assert role_of(town, "ana") == "admin"
    submit(client, town["ana"], path(town, "mia", "role"), role="admin")
    assert submit(client, town["ana"], path(town, "ana", "role"), role="manager").status_code == 303
    assert role_of(town, "ana") == "manager"


def test_whoever_is_removed_has_no_access_at_once_and_keeps_the_account(client: TestClient, town: Town) -> None:
    answer = submit(client, town["ana"], path(town, "mia", "remove"))
    assert (answer.status_code, answer.headers["location"]) == (303, PEOPLE)
    mia = town["mia"].browser(client)
    assert mia.get("/clinics/north/summary").status_code == 404
    assert mia.get("/").status_code == 200


@pytest.mark.parametrize("verb", ["role", "remove", "link"])
def test_a_person_of_another_clinic_cannot_be_touched(client: TestClient, town: Town, verb: str) -> None:
    assert submit(client, town["ana"], path(town, "stella", verb), role="observer").status_code == 404
    assert submit(client, town["ana"], f"{PEOPLE}/made-up/{verb}", role="observer").status_code == 404


@pytest.mark.parametrize("verb", ["role", "remove", "link"])
def test_a_form_without_its_token_changes_nothing(client: TestClient, town: Town, verb: str) -> None:
    answer = submit(client, town["ana"], path(town, "otto", verb), role="admin", token="guess")
    assert answer.status_code == 403
    assert role_of(town, "otto") == "observer"
