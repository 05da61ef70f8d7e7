"""The page on which admins read the audit of their clinic."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from app.audit.models import Action
from app.audit.pages import PAGE
from app.audit.record import record
from app.config import CHECKOUT
from tests.builders import at
from tests.people import Town
from tests.webpages import HTMX, is_whole_page, statuses_for, submit, text_of

AUDIT = "/clinics/north/audit"


def add(town: Town, moment: int, action: Action = Action.EXPORTED, clinic: int | None = None, **about: object) -> None:
    with town.database.write() as session:
        home = town.north.id if clinic is None else clinic
        record(session, at=moment, action=action, person_id=town["mia"].id, clinic_id=home, about=about)


def read(client: TestClient, town: Town, query: str = "") -> str:
    answer = town["ana"].browser(client).get(AUDIT + query)
    assert answer.status_code == 200
    return text_of(answer)


def test_the_page_is_for_the_admins_of_the_clinic(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 403, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, AUDIT) == expected
    assert client.get(AUDIT).headers["location"].startswith("/sign-in")
    assert town["ana"].browser(client).get("/clinics/nowhere/audit").status_code == 404
    assert AUDIT in town["ana"].browser(client).get("/clinics/north/people").text
    assert AUDIT not in town["mia"].browser(client).get("/clinics/north/summary").text


def test_a_row_says_who_did_what_to_whom_in_the_time_of_the_clinic(client: TestClient, town: Town) -> None:
    submit(client, town["ana"], f"/clinics/north/people/{town['otto'].id}/role", role="manager")
    told = read(client, town)
    assert "Ana · whose: Otto · role: manager · before: observer" in told
    assert "A command on the server · whose: Stella" not in told
    add(town, at("09:04:05"), what="events", format="csv", letters="<b>&")
    told = read(client, town, "?action=exported")
    assert "Exported Mon, Nov 2, 2026, 9:04:05 AM Mia · what: events · format: csv · letters: <b>&" in told


def test_the_newest_is_first_and_the_days_are_the_clinics_own(client: TestClient, town: Town) -> None:
    """Midnight in Chicago is 6:00 in UTC: 23:59 and 0:00 there are two days."""
    for n, clock in enumerate(("23:59:59", "00:00:00")):
        add(town, at(clock, f"2026-11-0{2 + n}"), n=n)
    both = read(client, town, "?from=2026-11-02&to=2026-11-03&action=exported")
    assert both.index("n: 1") < both.index("n: 0")
    for day, shown in (("2026-11-02", {"0"}), ("2026-11-03", {"1"}), ("2026-11-04", set())):
        assert set(re.findall(r"n: (\d)", read(client, town, f"?from={day}&to={day}"))) == shown
    assert "Nothing of this kind in these days" in read(client, town, "?from=2026-11-04&to=2026-11-04")


def test_pages_lead_through_every_row_once_and_keep_the_filter(client: TestClient, town: Town) -> None:
    for n in range(2 * PAGE + 5):
        add(town, at("09:00") + n, n=n)
    seen: list[int] = []
    where = f"{AUDIT}?action=exported&from=2026-11-02"
    for _page in range(3):
        answer = town["ana"].browser(client).get(where)
        seen += [int(n) for n in re.findall(r"n: (\d+)", text_of(answer))]
        older = re.search(r'href="([^"]+before=[^"]+)"', answer.text)
        if older:
            where = html.unescape(older[1])
            assert "action=exported&from=2026-11-02&before=" in where
    assert not older
    assert seen == list(range(2 * PAGE + 4, -1, -1))
    assert "No older ones" in read(client, town, "?before=1")


def test_another_clinics_rows_are_never_among_them(client: TestClient, town: Town) -> None:
    add(town, at("09:00"), clinic=town.south.id, note="from south")
    assert "from south" not in read(client, town)
    submit(client, town["stella"], "/account/sign-out-everywhere")
    assert "Stella" not in read(client, town)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("action=dance", "nothing that the audit knows"),
        ("from=yesterday", "is no day"),
        ("to=0001-01-01", "is no day"),
        ("to=9999-12-31", "is no day"),
        ("from=2026-11-03&to=2026-11-02", "lies before the first"),
        ("before=x", "begin again"),
        ("before=9999999999999999999", "begin again"),
        ("action=%00", "nothing that the audit knows"),
    ],
)
def test_a_slip_in_the_form_is_said_and_nothing_typed_is_lost(
    client: TestClient, town: Town, query: str, sentence: str
) -> None:
    ana = town["ana"].browser(client)
    page = ana.get(f"{AUDIT}?{query}")
    assert page.status_code == 422
    assert is_whole_page(page)
    assert sentence in text_of(page)
    fragment = ana.get(f"{AUDIT}?{query}", headers=HTMX)
    assert (fragment.status_code, is_whole_page(fragment)) == (422, False)
    assert sentence in text_of(fragment)


def test_htmx_gets_the_rows_alone(client: TestClient, town: Town) -> None:
    add(town, at("09:00"), n=7)
    fragment = town["ana"].browser(client).get(AUDIT, headers=HTMX)
    assert not is_whole_page(fragment)
    assert "n: 7" in fragment.text
    assert "<form" not in fragment.text


def test_every_action_has_words() -> None:
    words = (CHECKOUT / "templates" / "audit" / "_words.html").read_text("utf-8")
    for action in Action:
        assert f'"{action}": _("' in words, action
