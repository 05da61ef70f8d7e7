"""Logins end, roles go, people change: whose taps they are, and that they wait (A1 to A5)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, update

from app.clinics.members import remove
from app.db import now_ms
from app.people.accounts import add_person, sign_in
from app.people.models import Login, Person
from tests.browser.conftest import Site
from tests.browser.phone import Phone, login
from tests.faults.hands import many_taps, network_back
from tests.faults.ledger import Ledger
from tests.people import Member, Town

pytestmark = [pytest.mark.browser, pytest.mark.on("sqlite", why="a browser cannot tell the databases apart")]
Hand = Callable[..., Phone]
BATCHES = "**/api/v1/batches"


def signed_in_again(phone: Phone, town: Town, name: str) -> None:
    """Another login of the same person, as the sign-in page makes it."""
    with town.database.write() as session:
        cookie = sign_in(session, session.get_one(Person, town[name].id), now_ms(), 30)
    phone.context.add_cookies([{"name": "timesink", "value": cookie, "url": phone.url}])


def badge(phone: Phone) -> str:
    return phone.find("main [data-sending]").filter(visible=True).inner_text()


@pytest.mark.parametrize("https", [True, False], ids=["https", "http"])
def test_a_login_expires_with_three_hundred_taps_waiting(
    hand_out: Hand, otto: Member, site: Site, ledger: Ledger, town: Town, https: bool
) -> None:
    phone = hand_out(otto, site.url if https else site.insecure_url)
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")
    phone.expect_fault("status of 401")
    phone.open()
    phone.begin()
    phone.all_uploaded()
    with town.database.write() as session:
        session.execute(
            update(Login).where(Login.person_id == otto.id, Login.kind == "browser").values(expires_at=now_ms() - 1)
        )
    many_taps(phone, 300)
    ledger.note(phone)
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("Sign in, 300 waiting")
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-sign-in]")).to_have_text("Sign in to upload 300 taps")
    signed_in_again(phone, town, "otto")
    phone.tap("[data-send]")
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 302


def test_whoever_loses_the_role_in_the_middle_keeps_the_taps_and_an_admin_takes_them_in(
    hand_out: Hand, otto: Member, ledger: Ledger, town: Town, tmp_path: Path
) -> None:
    phone = hand_out(otto)
    phone.expect_fault("status of 403")
    phone.open()
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    with town.database.write() as session:
        remove(session, town.north, otto.id, now_ms(), town["ana"].id)
    phone.gesture("vitals")
    phone.gesture("discharge")
    ledger.note(phone)
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-state]")).to_contain_text("The server does not take these taps from you")
    assert phone.waiting() == 2
    with phone.page.expect_download() as saved:
        phone.tap("[data-copy]")
    file = tmp_path / "waiting.json"
    saved.value.save_as(file)
    assert len(json.loads(file.read_bytes())["rows"]) == 2
    desk = hand_out(town["ana"])
    desk.open("/clinics/north/import")
    desk.find("input[type=file]").set_input_files(file)
    desk.tap("button[value=preview]")
    desk.tap("button[value=import]")
    expect(desk.find("#outcome")).to_contain_text("2 items in the copy: 2 taken in")
    assert ledger.compare(town.database).stored == 5


def test_signing_out_clears_no_tap_and_shows_nobodys_pad_to_the_next_person(
    hand_out: Hand, town: Town, site: Site, ledger: Ledger
) -> None:
    """The kept page carries a name. On a slow network it would take the next person's taps for another's."""
    phone = hand_out(town["otto"])
    phone.expect_fault("ERR_")
    phone.open()
    phone.offline_ready()
    phone.begin()
    phone.all_uploaded()
    phone.context.route(BATCHES, lambda route: route.abort())
    phone.gesture("rooming")
    phone.gesture("vitals")
    ledger.note(phone)
    phone.open("/account")
    expect(phone.find("[data-kept]")).to_contain_text("2")
    phone.find("form[action='/sign-out'] button").click()
    phone.page.wait_for_url("**/sign-in*")
    assert phone.waiting() == 2
    with phone.without_network():
        phone.page.goto(phone.url + "/pad")
        expect(phone.find("body")).not_to_contain_text("MA-01")
        expect(phone.find("[data-view=session]")).to_have_count(0)
    # Olga signs in; the network is slow
    phone.context.clear_cookies()
    phone.context.add_cookies([login(town["olga"], site.url)])
    phone.open()
    expect(phone.find("[data-start]")).to_be_visible()
    assert phone.page.evaluate("() => JSON.parse(document.querySelector('script[data-me]').textContent).person.id") == (
        town["olga"].id
    )
    phone.begin("MA-09")
    phone.gesture("discharge")
    ledger.note(phone)
    assert phone.waiting() == 5
    phone.context.unroute(BATCHES)
    network_back(phone)
    phone.wait_for(lambda: phone.waiting() == 2, "hers uploaded, his not")
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-others]")).to_contain_text("2 taps of another person wait on this phone.")
    phone.context.clear_cookies()
    signed_in_again(phone, town, "otto")
    phone.open()
    expect(phone.find("[data-view=session]")).to_be_visible()
    assert phone.running() == ["vitals"]
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 7  # each under the own name: the ledger knows whose is whose


def test_logins_that_are_gone_with_a_restore_or_a_new_key_lose_no_tap(
    hand_out: Hand, otto: Member, ledger: Ledger, town: Town
) -> None:
    phone = hand_out(otto)
    phone.expect_fault("status of 401")
    phone.open()
    phone.begin()
    phone.all_uploaded()
    with town.database.write() as session:
        session.execute(delete(Login).where(Login.kind == "browser"))
    phone.gesture("rooming")
    ledger.note(phone)
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("Sign in, 1 waiting")
    signed_in_again(phone, town, "otto")
    phone.tap("main [data-open=state]")
    phone.tap("[data-send]")
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 3


def test_an_account_made_anew_is_another_person_and_the_taps_still_find_their_way(
    hand_out: Hand, otto: Member, town: Town, site: Site, ledger: Ledger
) -> None:
    """The server was set up anew without a backup: the phone's page knows a person whom it does not."""
    phone = hand_out(otto)
    phone.expect_fault("status of 403")
    phone.open()
    phone.begin()
    phone.all_uploaded()
    with town.database.write() as session:
        again = add_person(session, email="otto.again@north.example", name="Otto", at=now_ms())
        cookie = sign_in(session, again, now_ms(), 30)
    phone.context.add_cookies([{"name": "timesink", "value": cookie, "url": site.url}])
    phone.gesture("rooming")
    ledger.note(phone)
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-state]")).to_contain_text("Someone else is signed in on this phone by now.")
    assert phone.waiting() == 1
    phone.context.clear_cookies()
    signed_in_again(phone, town, "otto")
    phone.tap("[data-send]")
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 3
