"""First run in a browser: one link, one form, and the clinic is there with its task list and its admin."""

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed
from app.clinics.setup import set_up, slug_of, zones_by_region
from app.db import Database, now_ms
from app.errors import BadRequest
from app.people.accounts import add_person, authenticate, make_link
from app.people.models import Membership, Role
from tests.webpages import is_whole_page, submit, text_of

FILLED = {
    "clinic_name": "North Clinic",
    "slug": "",
    "timezone": "America/Chicago",
    "name": "Ana",
    "email": "ana@north.example",
    "password": "quiet maple harbour ninety",
    "again": "quiet maple harbour ninety",
}


@pytest.fixture
def link(database: Database) -> str:
    with database.write() as session:
        return "/setup/" + make_link(session, None, now_ms(), 72)


def fill(client: TestClient, link: str, **changed: str) -> Response:
    return submit(client, None, link, **{**FILLED, **changed})


def test_the_link_shows_a_form_and_is_not_used_up_by_looking(client: TestClient, link: str) -> None:
    for _look in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert is_whole_page(page)
    assert "<option>Europe/Berlin</option>" in page.text


def test_the_form_makes_clinic_list_and_admin_and_lands_at_home(
    client: TestClient, database: Database, link: str
) -> None:
    answer = fill(client, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    home = client.get("/")
    assert "Hello, Ana" in text_of(home)
    assert 'href="/clinics/north-clinic/people"' in home.text
    with database.read() as session:
        clinic = session.query(Clinic).one()
        assert (clinic.slug, clinic.name, clinic.timezone) == ("north-clinic", "North Clinic", "America/Chicago")
        published = newest_version(session, clinic)
        assert (published.code, published.version) == ("back-of-house", 1)
        assert parsed(published.body).task_by_code["rooming"].first
        assert session.query(Membership).one().role == Role.ADMIN


def test_the_link_works_once_and_never_again(client: TestClient, link: str) -> None:
    fill(client, link)
    client.cookies.clear()
    assert client.get(link).status_code == 404
    assert fill(client, link).status_code == 404


def test_with_people_in_the_database_no_set_up_link_works(client: TestClient, database: Database, link: str) -> None:
    with database.write() as session:
        add_person(session, email="early@north.example", name="Early", at=now_ms())
    for answer in (client.get(link), fill(client, link)):
        assert answer.status_code == 404
        assert "set up already" in text_of(answer)


@pytest.mark.parametrize(
    ("changed", "sentence", "field"),
    [
        ({"clinic_name": " "}, "Give the clinic a name", "clinic_name"),
        ({"slug": "North Clinic!"}, "cannot be a clinic's short name", "slug"),
        ({"timezone": ""}, "is no time zone", "timezone"),
        ({"timezone": "Mars/Olympus"}, "is no time zone", "timezone"),
        ({"name": "x" * 121}, "at most 120 letters", "name"),
        ({"email": "ana"}, "is not an e-mail address", "email"),
        ({"password": "short", "again": "short"}, "at least 12 characters", "password"),
        ({"again": "another one"}, "not the same", "again"),
    ],
)
def test_a_slip_is_said_beside_its_field_and_nothing_typed_is_lost(
    client: TestClient, database: Database, link: str, changed: dict[str, str], sentence: str, field: str
) -> None:
    answer = fill(client, link, **changed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    marked = answer.text.index('aria-invalid="true"')
    assert answer.text.rindex("name=", 0, marked) == answer.text.index(f'name="{field}"')
    kept = {**FILLED, **changed}
    for name in ("email", "name"):
        assert f'value="{kept[name]}"' in answer.text
    assert FILLED["password"] not in answer.text
    with database.read() as session:
        assert session.query(Clinic).count() == 0
    assert fill(client, link).status_code == 303


@pytest.mark.parametrize("here", ["", "Europe/Vienna"])
def test_after_a_slip_the_form_still_says_whether_this_server_has_a_zone(
    client: TestClient, link: str, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    monkeypatch.setattr("app.clinics.pages.zone_of_this_server", lambda: here)
    says = "it is the zone this server is set to" if here else "set to no place's zone"
    assert says in text_of(client.get(link))
    assert says in text_of(fill(client, link, again="another one"))


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_set_up(client: TestClient, link: str, headers: dict[str, str]) -> None:
    assert client.post(link, data=FILLED, headers=headers).status_code == 403


def test_without_a_password_the_first_admin_still_needs_an_invitation(database: Database) -> None:
    with database.write() as session:
        clinic, admin = set_up(
            session, slug="north", name="North", timezone="America/Chicago", admin_email="ana@north.example",
            admin_name="Ana", password=None, at=now_ms(),
        )  # fmt: skip
        assert (clinic.slug, admin.password_hash) == ("north", None)


def test_a_second_clinic_of_the_same_admin_leaves_the_password_alone(database: Database) -> None:
    with database.write() as session:
        for slug, password in (("north", "quiet maple harbour ninety"), ("south", "a password from elsewhere")):
            set_up(
                session, slug=slug, name=slug.title(), timezone="America/Chicago", admin_email="ana@north.example",
                admin_name="Ana", password=password, at=now_ms(),
            )  # fmt: skip
        assert authenticate(session, "ana@north.example", "quiet maple harbour ninety") is not None
        with pytest.raises(BadRequest, match="already"):
            set_up(
                session, slug="north", name="North", timezone="America/Chicago", admin_email="eve@north.example",
                admin_name="Eve", password=None, at=now_ms(),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("North Clinic", "north-clinic"),
        ("Clínica del Norte", "clinica-del-norte"),
        ("  St. Mary's #2 ", "st-mary-s-2"),
        ("診療所", "clinic"),
        ("a" * 39 + " bcd", "a" * 39),
    ],
)
def test_a_short_name_is_proposed_from_the_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_zones_are_named_by_places() -> None:
    zones = zones_by_region()
    assert "America/Chicago" in zones["America"]
    assert not {"UTC", "US/Central", "Etc/GMT+5", "EST"} & {zone for names in zones.values() for zone in names}
