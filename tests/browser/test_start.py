"""Before and after a session: who times whom, by which code, and what is said of what became of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.people.accounts import give_role
from app.people.models import Person, Role
from tests.browser.conftest import Site
from tests.browser.phone import Phone, login
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
    agrees = phone.find("[name=consent]")
    expect(phone.find("[data-agreement]")).to_contain_text("It is voluntary.")
    phone.tap("[data-go]")  # who is watched has to agree, each time
    assert agrees.evaluate("box => box.validity.valueMissing")
    agrees.check()
    phone.find("[name=subject]").fill("MA-04")  # and each person
    expect(agrees).not_to_be_checked()
    phone.begin(typed)
    phone.all_uploaded()
    listed = site.ask(otto, "/api/v1/sessions?clinic=north")["items"]
    assert {(one["subject"], one["consent"]) for one in listed} == {("MA-03", 1)}


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
        """(session) => import('/static/js/relay.js').then(({ $outbox: outbox }) => {
          const now = Date.now();
          const id = '0199aaaa-0000-7000-8000-00000000000a';
          return outbox.append(session, [{ id, at: now, recorded_at: now, kind: 'start', task: 'no-such' }]);
        })""",
        phone.session_id(),
    )
    phone.end()
    expect(phone.find("[data-ended-sent]")).to_contain_text("1 tap of this session counts in no figure.")
    expect(phone.find("[data-timeline]")).to_have_attribute("href", re.compile("^/sessions/.+"))


def test_for_the_own_day_fewer_tiles_may_be_had_and_the_choice_stays_on_the_phone(hand_out: Hand, town: Town) -> None:
    phone = hand_out(town["ada"])
    phone.open()
    tiles = phone.find("[data-tiles] .name")
    phone.tap("label:has([value=picked])")
    for code in ("rooming", "forms", "lunch"):
        phone.tap(f"[data-pick={code}]")
        expect(phone.find(f"[data-pick={code}]")).to_have_attribute("aria-pressed", "true")
    phone.page.reload()
    expect(phone.find("[data-pick=forms]")).to_have_attribute("aria-pressed", "true")
    phone.tap("[data-go]")
    expect(tiles).to_have_text(["Rooming", "Forms", "Lunch", "More"])
    phone.gesture("forms")
    phone.tap("[data-open=tasks].more")
    phone.kept_after(lambda: phone.tap("[data-other-tasks] [data-task=vitals]"))
    expect(phone.find("[data-label]")).to_have_text("Vitals")
    phone.all_uploaded()
    phone.page.reload()
    expect(tiles).to_have_count(4)
    phone.end()
    phone.tap("[data-again]")
    phone.tap("label:has([value=first])")
    expect(phone.find("[data-picks]")).to_be_hidden()  # the choice is stored
    phone.tap("[data-go]")
    expect(tiles).to_have_count(14)
    expect(phone.find("[data-tiles] .more")).to_have_count(0)


def test_whoever_watches_somebody_has_the_clinics_tiles(phone: Phone) -> None:
    phone.tap("label:has([value=self])")
    phone.tap("label:has([value=picked])")
    phone.tap("[data-pick=rooming]")
    phone.tap("label:has([value=observed])")
    expect(phone.find("[data-fewer]")).to_be_hidden()
    phone.begin()
    expect(phone.find("[data-tiles] button")).to_have_count(15)


# --- the pages around the pad ----------------------------------------------------------------------------------------


def test_home_knows_the_session_that_runs_and_the_taps_that_wait_on_this_phone(
    hand_out: Hand, town: Town, site: Site
) -> None:
    phone = hand_out(town["otto"])
    phone.open()
    phone.open("/")
    expect(phone.find("h1")).to_have_text("Hello, Otto")
    expect(phone.find("[data-go-on]")).to_be_hidden()
    phone.open()
    phone.begin("MA-03")
    phone.all_uploaded()
    phone.offline_ready()
    phone.context.route("**/api/v1/batches", lambda route: route.abort())
    phone.expect_fault("ERR_FAILED")
    phone.gesture("rooming")
    phone.gesture("flag")
    phone.open("/")
    expect(phone.find("main [data-kept]")).to_contain_text("2 taps of yours wait on this phone.")
    expect(phone.find("footer [data-kept]")).to_contain_text("kept here until you sign in again on this phone")
    expect(phone.find("[data-go-on]")).to_have_text("Go on with MA-03")
    # another person on the same phone is told nothing of it
    phone.context.clear_cookies()
    phone.context.add_cookies([login(town["olga"], site.url)])
    phone.open("/")
    expect(phone.find("h1")).to_have_text("Hello, Olga")
    phone.page.evaluate("() => import('/static/js/relay.js').then(({ $outbox: outbox }) => outbox.waiting('x'))")
    expect(phone.find("[data-go-on]")).to_be_hidden()
    expect(phone.find("main [data-kept]")).to_be_hidden()
    phone.context.clear_cookies()
    phone.context.add_cookies([login(town["otto"], site.url)])
    phone.context.unroute("**/api/v1/batches")
    phone.open("/")
    phone.tap("[data-go-on]")
    expect(phone.find("[data-view=session]")).to_be_visible()
    phone.all_uploaded()
    assert phone.running() == ["rooming"]


def test_without_network_every_page_but_the_pad_leads_to_the_pad(phone: Phone) -> None:
    phone.offline_ready()
    with phone.without_network():
        for path in ("/", "/sessions?before=1.x"):
            phone.open(path)
            expect(phone.find("h1")).to_have_text("No network")
        with phone.page.expect_navigation():
            phone.tap("text=Try again")
        expect(phone.find("h1")).to_have_text("No network")
        assert phone.page.url.endswith("/sessions?before=1.x")
        phone.tap("text=Open the pad")
        expect(phone.find("[data-start]")).to_be_visible()
        phone.open("/")
    phone.tap("text=Try again")
    expect(phone.find("h1")).to_have_text("Hello, Otto")


@pytest.mark.parametrize("secure", [True, False])
def test_an_invitation_link_is_read_whole_and_copied_in_one_tap(
    hand_out: Hand, town: Town, site: Site, secure: bool
) -> None:
    phone = hand_out(town["ana"], site.url if secure else site.insecure_url, permissions=["clipboard-read"])
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")  # on plain http
    phone.open("/clinics/north/people")
    phone.find("details").evaluate_all("all => all.forEach((fold) => { fold.open = true; })")
    expect(phone.find("[name=email]")).to_have_attribute("required", "")
    phone.find("[name=email]").fill("nina@north.example")
    phone.find("[name=name]").fill("Nina")
    with phone.page.expect_navigation():
        phone.tap("form:has([name=email]) .go")
    field = phone.find("[data-link]")
    assert field.evaluate("field => field.scrollHeight <= field.clientHeight && field.scrollWidth <= field.clientWidth")
    phone.tap("[data-copied]")
    expect(phone.find("[data-copied]")).to_have_text("Copied")
    if secure:
        assert phone.page.evaluate("() => navigator.clipboard.readText()") == field.input_value()
