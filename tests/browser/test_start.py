"""Before and after a session: who times whom, by which code, and what is said of what became of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.people.accounts import give_role
from app.people.models import Person, Role
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.people import Member, Town

Hand = Callable[..., Phone]


def test_an_assistant_who_taps_start_has_timed_the_own_day(hand_out: Hand, town: Town, site: Site) -> None:
    phone = hand_out(town["ada"])
    phone.open()
    expect(phone.find("[data-start]")).to_be_visible()
    for gone in ("[data-modes]", "[name=subject]", "[data-subjects]"):
        expect(phone.find(gone)).to_be_hidden()
    phone.tap("[data-go]")
    expect(phone.find("[data-subject]")).to_have_text("My own day · Day?")
    phone.gesture("rooming")
    phone.end()
    expect(phone.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    (kept,) = site.ask(town["ada"], "/api/v1/sessions?clinic=north")["items"]
    assert (kept["mode"], kept["subject"], kept["events"], kept["quarantined"]) == ("self", None, 3, 0)


def test_an_observer_may_time_the_own_day_and_no_code_goes_with_it(phone: Phone, site: Site, otto: Member) -> None:
    phone.find("[name=subject]").fill("MA-01")
    phone.tap("label:has([value=self])")
    expect(phone.find("[name=subject]")).to_be_hidden()
    phone.tap("[data-go]")
    expect(phone.find("[data-view=session]")).to_be_visible()
    assert phone.items()[0]["body"]["subject"] is None
    phone.all_uploaded()
    assert [one["mode"] for one in site.ask(otto, "/api/v1/sessions?clinic=north")["items"]] == ["self"]


def test_who_observes_in_one_clinic_only_times_the_own_day_in_the_other(hand_out: Hand, town: Town) -> None:
    with town.database.write() as session:
        give_role(session, session.get_one(Person, town["ada"].id), town.south.id, Role.OBSERVER, 1)
    phone = hand_out(town["ada"])
    phone.open()
    for clinic, may_observe in (("south", True), ("north", False), ("south", True)):
        phone.find("select[name=clinic]").select_option(clinic)
        for choice in ("[data-modes]", "[name=subject]"):
            expect(phone.find(choice)).to_be_visible(visible=may_observe)


@pytest.mark.parametrize("typed", ["ma-03", " Ma-03 "])
def test_a_code_is_one_however_it_is_typed(phone: Phone, site: Site, otto: Member, typed: str) -> None:
    phone.begin("MA-03")
    phone.end()
    expect(phone.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    phone.tap("[data-again]")
    chip = phone.find("[data-subjects] .chip")
    expect(chip).to_have_text("MA-03")
    phone.find("[name=subject]").fill(typed)
    expect(chip).to_have_attribute("aria-pressed", "true")
    phone.begin(typed)
    phone.all_uploaded()
    assert {one["subject"] for one in site.ask(otto, "/api/v1/sessions?clinic=north")["items"]} == {"MA-03"}


def test_a_session_that_the_server_keeps_aside_is_never_called_safe(phone: Phone, town: Town, otto: Member) -> None:
    phone.begin()
    phone.all_uploaded()
    phone.end()
    phone.tap("[data-again]")
    expect(phone.find("[data-start]")).to_be_visible()
    with town.database.write() as session:
        give_role(session, session.get_one(Person, otto.id), town.north.id, Role.ASSISTANT, 1)
    phone.begin("MA-02")
    phone.gesture("rooming")
    phone.end()
    said = phone.find("[data-ended-sent]")
    expect(said).to_contain_text("This session counts in no figure.")
    expect(said).to_contain_text("Your role in this clinic may time your own day, not observe.")
    expect(said).to_contain_text("Tell a manager")
    expect(phone.find("[data-timeline]")).to_have_attribute("href", "/sessions")
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-state]")).not_to_contain_text("is on the server")
    phone.tap("[data-sheet=state] [data-close]")
    phone.tap("[data-timeline]")
    expect(phone.find("main")).to_contain_text("Kept, but not accepted")


def test_a_tap_that_the_server_keeps_aside_is_told_at_the_end(phone: Phone) -> None:
    phone.begin()
    phone.page.evaluate(
        """(session) => import('/static/js/outbox.js').then((outbox) => {
          const now = Date.now();
          const id = '0199aaaa-0000-7000-8000-00000000000a';
          return outbox.append(session, [{ id, at: now, recorded_at: now, kind: 'start', task: 'no-such' }]);
        })""",
        phone.session_id(),
    )
    phone.end()
    expect(phone.find("[data-ended-sent]")).to_contain_text("1 tap of this session counts in no figure.")
    expect(phone.find("[data-timeline]")).to_have_attribute("href", re.compile("^/sessions/.+"))


def test_a_practice_run_says_so(phone: Phone) -> None:
    phone.tap("[name=practice]")
    expect(phone.find("[data-subject]")).to_have_text("Practice")
