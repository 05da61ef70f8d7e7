"""Several pages of one phone, pages that stand still, pages older or newer than the server (B3 to B5, P6, I9)."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app import assets
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.faults.hands import frozen, kill, many_taps, network_back, renderer_of
from tests.faults.ledger import Ledger
from tests.people import Member, Town

pytestmark = [pytest.mark.browser, pytest.mark.on("sqlite", why="a browser cannot tell the databases apart")]
Hand = Callable[..., Phone]
BATCHES = "**/api/v1/batches"

# what the page asks of its book, and how many rows come back: a tap must not cost more for what waits
COUNT_READS = """
window.reads = [];
for (const [kind, names] of [[IDBObjectStore, ['get', 'getAll', 'getKey', 'count', 'add', 'put', 'getAllKeys']],
  [IDBIndex, ['get', 'getAll', 'getKey', 'count', 'getAllKeys']]]) {
  for (const name of names) {
    const real = kind.prototype[name];
    kind.prototype[name] = function (...asked) {
      const request = real.apply(this, asked);
      const read = [name, 1];
      window.reads.push(read);
      request.addEventListener('success', () => {
        if (Array.isArray(request.result)) read[1] = request.result.length;
      });
      return request;
    };
  }
}
"""


def watch(page: Page) -> int:
    """What the timer shows, in seconds."""
    parts = [int(part) for part in (page.locator("[data-watch]").inner_text()).split(":")]
    return sum(part * 60**n for n, part in enumerate(reversed(parts)))


@pytest.mark.parametrize("https", [True, False], ids=["https", "http"])
def test_when_the_tab_that_uploads_dies_the_other_one_goes_on(
    hand_out: Hand, otto: Member, site: Site, browser: Browser, ledger: Ledger, town: Town, https: bool
) -> None:
    """With https the browser's own lock goes with the tab; without, a lease runs out."""
    phone = hand_out(otto, site.url if https else site.insecure_url)
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")
    phone.expect_fault("ERR_")
    phone.open()
    phone.begin()
    phone.all_uploaded()
    other = phone.context.new_page()
    other.clock.install()
    other.goto(phone.url + "/pad")
    expect(other.locator("[data-view=session]")).to_be_visible()
    phone.page.bring_to_front()
    held: list[Route] = []
    phone.page.route(BATCHES, lambda route: held.append(route))  # this tab's upload hangs
    taps = 0
    while not taps or not held:  # the other tab may come first as long as it has something to say itself
        phone.gesture(("vitals", "waiting")[taps % 2])
        taps += 1
        phone.page.wait_for_timeout(2500)
    ledger.note(phone)
    kill(renderer_of(browser, phone.page))
    phone.page.close()
    phone.page = other
    phone.page.bring_to_front()
    phone.gesture("discharge")
    assert len(phone.items()) == 3 + taps
    ledger.note(phone)
    if not https:
        other.clock.fast_forward(31_000)  # both clocks leap together, as no phone's do: none can tell when that tap was
        ledger.unknowable.add(list(ledger.taps)[-1])
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 3 + taps


def test_a_page_that_stood_still_shows_how_long_it_truly_was_and_uploads(
    hand_out: Hand, otto: Member, browser: Browser, ledger: Ledger, town: Town
) -> None:
    phone = hand_out(otto)
    phone.open()
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    begun = time.monotonic()
    before = watch(phone.page)
    pid = renderer_of(browser, phone.page)
    with frozen(pid):
        time.sleep(4)
    phone.gesture("phone!")
    phone.gesture("resume")
    gone = time.monotonic() - begun
    phone.wait_for(lambda: watch(phone.page) >= before + int(gone) - 1, "the true time on the timer", 3)
    phone.page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    ledger.note(phone)
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 5
    stamps = [event["at"] for event in phone.events() if event["kind"] in ("start", "interrupt")]
    assert stamps[1] - stamps[0] >= 4000


def test_an_update_in_one_tab_leaves_the_session_in_the_other_alone(
    hand_out: Hand, otto: Member, ledger: Ledger, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the taps that wait, which an older page made, are sent by it or by the newer one, once."""
    phone = hand_out(otto)
    phone.open()
    phone.offline_ready()
    phone.begin()
    phone.all_uploaded()
    phone.page.evaluate("() => { window.same = true; }")
    real = assets.service_worker
    monkeypatch.setattr("app.main.assets.service_worker", lambda: real() + "\n// a newer one\n")
    blocked = [True]
    phone.context.route(BATCHES, lambda route: route.abort() if blocked[0] else route.continue_())
    phone.expect_fault("ERR_FAILED")
    many_taps(phone, 20)
    ledger.note(phone)
    phone.newer_waits()
    expect(phone.find("[data-update]").filter(visible=True)).to_have_count(0)
    # somebody agrees in another tab: by hand, for a session's page does not offer it
    other = phone.context.new_page()
    other.goto(phone.url + "/pad")
    other.wait_for_load_state("networkidle")  # what still came through the old worker would bring it back: update.js
    other.evaluate(
        "() => { navigator.serviceWorker.oncontrollerchange = () => { window.taken = true; };"
        " navigator.serviceWorker.getRegistration().then((r) => r.waiting.postMessage('take-over')); }"
    )
    phone.wait_for(lambda: bool(other.evaluate("() => window.taken")), "the newer worker in the place of the old one")
    phone.page.bring_to_front()
    phone.page.wait_for_timeout(300)
    assert phone.page.evaluate("() => window.same") is True  # nobody has reloaded it
    assert phone.waiting() == 20
    many_taps(phone, 3)
    blocked[0] = False
    ledger.note(phone)
    network_back(phone)
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 25


def test_a_server_that_no_longer_speaks_its_language_is_waited_out(
    hand_out: Hand, otto: Member, ledger: Ledger, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = hand_out(otto)
    phone.open()
    phone.begin()
    phone.all_uploaded()
    phone.expect_fault("status of 426")
    monkeypatch.setattr("app.capture.envelope.PROTOCOL", 2)
    phone.gesture("rooming")
    phone.gesture("vitals")
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-state]")).to_contain_text("This page is too old for the server. Finish the session")
    assert phone.waiting() == 2
    ledger.note(phone)
    monkeypatch.setattr("app.capture.envelope.PROTOCOL", 1)  # rolled back; a newer page would do as well
    phone.tap("[data-send]")
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 4


def test_a_newer_page_and_an_older_server_get_on_and_what_it_does_not_know_is_kept(
    phone: Phone, otto: Member, site: Site
) -> None:
    def newer(route: Route) -> None:
        sent: dict[str, Any] = route.request.post_data_json or {}
        items = [{**item, "mood": "calm"} for item in sent["items"]]
        route.continue_(post_data={**sent, "battery": 81, "items": items})

    phone.context.route(BATCHES, newer)
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    kept = site.events(otto, phone.session_id())
    assert [event["mood"] for event in kept] == ["calm", "calm"]


def test_five_hundred_waiting_taps_make_no_tap_slower(hand_out: Hand, otto: Member) -> None:
    """By what it asks of the book, not by the clock: the same few rows, however many wait."""
    phone = hand_out(otto)
    phone.context.add_init_script(COUNT_READS)
    phone.open()
    phone.begin()
    phone.all_uploaded()
    phone.context.route(BATCHES, lambda route: None)  # an upload that never ends, so that none begins
    with phone.page.expect_request(BATCHES), phone.page.expect_response("**/api/v1/sessions/*"):
        phone.page.evaluate("() => dispatchEvent(new Event('online'))")
    badge = phone.find("main [data-sending]").filter(visible=True)

    def cost_of(name: str, waiting: int) -> tuple[list[str], int]:
        phone.page.evaluate("() => { window.reads.length = 0; }")
        phone.tap(phone.button(name))
        expect(badge).to_contain_text(f" {waiting} waiting")  # it is drawn once all that was asked has been answered
        reads: list[tuple[str, int]] = phone.page.evaluate("() => window.reads")
        return sorted(kind for kind, _rows in reads), max(rows for _kind, rows in reads)

    cost_of("rooming", 1)  # what that event set going is over with it
    few = cost_of("vitals", 2)
    many_taps(phone, 500)
    expect(badge).to_contain_text(" 502 waiting")
    many = cost_of("waiting", 503)
    assert many == few
    assert many[1] <= 1


@pytest.mark.parametrize("https", [True, False], ids=["https", "http"])
def test_while_the_server_fails_two_busy_tabs_make_twenty_requests_a_minute_at_most(
    hand_out: Hand, otto: Member, site: Site, https: bool
) -> None:
    """Of one phone together; also while its network comes and goes."""
    phone = hand_out(otto, site.url if https else site.insecure_url)
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")
    phone.page.clock.install()
    phone.open()
    phone.begin()
    phone.all_uploaded()
    tried: list[float] = []

    def fail(route: Route) -> None:
        tried.append(simulated)
        route.fulfill(status=502, content_type="text/html", body="<h1>502</h1>")

    simulated = 0.0
    phone.expect_fault("status of 502")
    phone.context.route(BATCHES, fail)
    other = phone.context.new_page()
    other.goto(phone.url + "/pad")
    expect(other.locator("[data-view=session]")).to_be_visible()
    start = phone.page.evaluate("() => Date.now()")
    phone.page.clock.pause_at((start + 10_000) / 1000)
    for second in range(90):
        simulated = float(second)
        for page, code in ((phone.page, ("rooming", "vitals")), (other, ("vitals", "rooming"))):
            page.evaluate(
                """([code, back]) => {
                  document.querySelector(`[data-tiles] [data-task=${code}]`).click();
                  if (back) dispatchEvent(new Event('online'));
                }""",
                [code[second % 2], second > 75],
            )
        phone.page.clock.run_for(1000)
    assert len(tried) > 5
    most = max(sum(at <= one < at + 60 for one in tried) for at in tried)
    assert most <= 20, (most, tried)
    assert phone.waiting() >= 80
    assert re.match(
        r"(Saved|Offline), \d+ waiting", phone.find("main [data-sending]").filter(visible=True).inner_text()
    )
