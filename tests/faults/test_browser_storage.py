"""The phone's own storage fails: it is full, cleared, taken away, or another page has changed it (B1, B2, B6 to B11).

Each is done to a real Chromium, at an address with and at one without https; then ledger and database are compared.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.browser.conftest import Site
from tests.browser.phone import HANDHELD, Phone
from tests.faults.hands import cramp, evict, fill, kill, make_room, many_taps, renderer_of, storage_service
from tests.faults.ledger import Ledger, look
from tests.people import Member, Town

pytestmark = [pytest.mark.browser, pytest.mark.on("sqlite", why="a browser cannot tell the databases apart")]
Hand = Callable[..., Phone]
ALARM = "[data-alarm]"
DEVICE = "() => import('/static/js/relay.js').then(({ $outbox: book }) => book.read('device'))"
# the book as its first version made it: the same rows, without what came later
FIRST_BOOK = """async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const book = await done(indexedDB.open('timesink'));
  const rows = (store) => done(book.transaction(store).objectStore(store).getAll());
  const [sessions, pads, items] = await Promise.all(['sessions', 'pads', 'items'].map(rows));
  const device = await done(book.transaction('meta').objectStore('meta').get('device'));
  book.close();
  await done(indexedDB.deleteDatabase('timesink'));
  const request = indexedDB.open('timesink', 1);
  request.onupgradeneeded = () => {
    const old = request.result;
    old.createObjectStore('meta').put(device, 'device');
    const kept = { sessions: ['id', sessions], pads: ['clinic', pads], items: ['n', items] };
    for (const [name, [keyPath, rows]] of Object.entries(kept)) {
      const store = old.createObjectStore(name, { keyPath, autoIncrement: keyPath === 'n' });
      if (keyPath === 'n') {
        store.createIndex('id', 'id', { unique: true });
        for (const index of ['session', 'waiting', 'trouble']) store.createIndex(index, index);
      }
      // the first version raised a session's number with every tap
      for (const { number, ...row } of rows) store.put(keyPath === 'id' ? { ...row, seq: items.length - 1 } : row);
    }
  };
  (await done(request)).close();
}"""
NO_HTTPS = "Cross-Origin-Opener-Policy header has been ignored"  # as it says: for want of https


@pytest.fixture(params=["https", "http"])
def pad(request: pytest.FixtureRequest, hand_out: Hand, otto: Member, site: Site) -> Phone:
    """Otto's phone in a session whose beginning is on the server. 127.0.0.1 counts as secure, clinic.test does not."""
    return in_session(hand_out, otto, site.url if request.param == "https" else site.insecure_url)


@pytest.fixture
def plain(hand_out: Hand, otto: Member, site: Site) -> Phone:
    """The same without https alone, where browsers give least."""
    return in_session(hand_out, otto, site.insecure_url)


def in_session(hand_out: Hand, otto: Member, url: str) -> Phone:
    held = hand_out(otto, url)
    held.expect_fault(NO_HTTPS)
    cramp(held, url)
    held.open()
    assert held.page.evaluate("() => isSecureContext") is ("clinic.test" not in url)
    held.begin()
    held.gesture("rooming")
    held.all_uploaded()
    return held


def badge(phone: Phone) -> str:
    return phone.find("main [data-sending]").filter(visible=True).inner_text()


def spare(phone: Phone) -> list[dict[str, dict[str, object]]]:
    """What the emergency copy holds."""
    rows: list[dict[str, dict[str, object]]] = phone.page.evaluate(
        "() => JSON.parse(localStorage.getItem('timesink-spare') ?? '[]')"
    )
    return rows


def test_a_full_phone_says_so_in_red_loses_nothing_and_goes_on_by_itself(
    pad: Phone, ledger: Ledger, town: Town
) -> None:
    ledger.note(pad)
    fill(pad)
    for n, name in enumerate(("vitals", "discharge", "phone!"), 1):
        pad.tap(pad.button(name))
        expect(pad.find(ALARM)).to_contain_text(f"taps that only an emergency copy holds: {n}.")
        pad.page.wait_for_timeout(450)
    kept = [row["body"] for row in spare(pad)]
    assert [(body["kind"], body["seq"]) for body in kept] == [("start", 3), ("start", 4), ("interrupt", 5)]
    assert len(pad.items()) == 3
    assert badge(pad) == "Not stored"  # it says what the red line says
    pad.tap("main [data-open=state]")
    expect(pad.find("[data-state]")).to_have_text(pad.find(ALARM).inner_text())
    pad.tap("[data-sheet=state] [data-close]")
    for body in kept:
        ledger.saved(body)  # they stand on the screen: from here on they may not be lost
    pad.page.reload()
    expect(pad.find("[data-view=session]")).to_be_visible()
    expect(pad.find(ALARM)).to_contain_text("emergency copy holds: 3.")
    assert pad.find("[data-label]").inner_text() == "Phone"
    make_room(pad)
    pad.tap(pad.button("callbacks"))  # or the relay before it: either puts the copy back into the book
    pad.wait_for(lambda: len(pad.items()) == 7, "the copy and the new tap in the book")
    expect(pad.find(ALARM)).to_be_hidden()
    assert spare(pad) == []
    ledger.note(pad)
    ledger.settled(pad)
    pad.all_uploaded()
    assert ledger.compare(town.database).stored == 7


def test_what_only_the_emergency_copy_holds_is_told_without_a_session_too(phone: Phone) -> None:
    phone.open()
    phone.page.evaluate(
        """() => localStorage.setItem('timesink-spare',
          JSON.stringify([{person: 'otto', body: {type: 'event', id: 'a', session: 'gone', kind: 'stop'}}]))"""
    )
    phone.page.reload()
    expect(phone.find("[data-view=start]")).to_be_visible()
    expect(phone.find(ALARM)).to_contain_text("emergency copy holds: 1.")


def test_when_the_process_that_stores_dies_the_next_tap_is_kept_all_the_same(
    plain: Phone, browser: Browser, ledger: Ledger, town: Town
) -> None:
    for name in ("vitals", "discharge"):
        kill(storage_service(browser))
        plain.gesture(name)
        expect(plain.find(ALARM)).to_be_hidden()
    ledger.note(plain)
    ledger.settled(plain)
    assert ledger.compare(town.database).stored == 5


def test_a_book_cleared_under_an_open_page_is_put_back_from_what_the_page_knows(
    pad: Phone, ledger: Ledger, town: Town
) -> None:

    with pad.without_network():
        pad.gesture("vitals")
        pad.gesture("discharge")
        ledger.note(pad)
        device = pad.page.evaluate(DEVICE)
        evict(pad)
        pad.tap(pad.button("callbacks"))
        expect(pad.find(ALARM)).to_contain_text("This browser had cleared what was stored here.")
        pad.wait_for(lambda: pad.running() == ["callbacks"], "the tap")
        assert pad.waiting() == 6
    ledger.note(pad)
    ledger.settled(pad)
    newest = pad.find("[data-undo]").inner_text()
    assert "Callbacks" in newest
    pad.page.reload()
    expect(pad.find("[data-undo]")).to_have_text(newest)  # though the others came back into the book after it
    assert pad.page.evaluate(DEVICE) != device
    pad.gesture("rooming")
    expect(pad.find(ALARM)).to_be_hidden()
    ledger.note(pad)
    ledger.settled(pad)
    found = look(ledger, town.database)
    found.disordered.clear()  # the phone is another device now, of which the server has no taps 1 and 2: it has them
    assert (found.stored, found.quarantined, found.faults()) == (7, 0, [])


def test_a_cleared_book_is_put_back_as_soon_as_the_page_is_looked_at_again(phone: Phone) -> None:
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    evict(phone)
    phone.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(phone.find(ALARM)).to_contain_text("This browser had cleared what was stored here.")
    assert phone.running() == ["rooming"]
    phone.wait_for(lambda: len(phone.items()) == 3 and phone.waiting() == 0, "all of it back, and sent again")


def test_after_everything_was_cleared_the_session_is_taken_up_from_the_server(
    hand_out: Hand, otto: Member, site: Site, ledger: Ledger, town: Town
) -> None:
    phone = hand_out(otto)
    phone.open()
    phone.offline_ready()
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    ledger.note(phone)
    phone.expect_fault("status of 401")
    evict(phone, "all")
    phone.context.clear_cookies()
    phone.open()
    expect(phone.page).to_have_url(re.compile("/sign-in"))
    phone.context.add_cookies([{"name": "timesink", "value": otto.cookie, "url": site.url}])
    phone.open()
    expect(phone.find("[data-open-sessions]")).to_contain_text("You have an open session: MA-01.")
    phone.tap("[data-go-on]")
    expect(phone.find("[data-view=session]")).to_be_visible()
    assert phone.running() == ["rooming"]
    phone.gesture("vitals")
    phone.end()
    ledger.note(phone)
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 5


def test_an_older_page_beside_a_newer_book_keeps_its_taps_and_asks_to_be_reloaded(
    plain: Phone, ledger: Ledger, town: Town
) -> None:
    """The newer page: the same one, but for the number of its book."""

    def newer(route: Route) -> None:
        address = route.request.url.replace("clinic.test", "127.0.0.1")  # a name that Chromium alone has heard of
        source = route.fetch(url=address).text()
        ours = re.compile(r"indexedDB\.open\([\"'`]timesink[\"'`], ?2\)")
        assert ours.search(source), source[:2000]
        body = ours.sub("indexedDB.open('timesink',3)", source)
        route.fulfill(body=body, content_type="text/javascript")

    plain.context.route("**/static/js/relay.js*", newer)
    other = plain.context.new_page()
    other.goto(plain.url + "/pad")
    expect(other.locator("[data-view=session]")).to_be_visible()  # it was not kept waiting for the older one
    plain.page.bring_to_front()
    plain.tap(plain.button("vitals"))
    expect(plain.find(ALARM)).to_contain_text("Free some space or reload this page")
    for row in spare(plain):
        ledger.saved(row["body"])
    ledger.note(plain)  # after that copy: from there it may go into the book at any moment
    plain.page.reload()
    plain.wait_for(lambda: plain.running() == ["vitals"] and not spare(plain), "the tap in the book")
    ledger.note(plain)
    ledger.settled(plain)
    assert ledger.compare(town.database).stored == 4


def test_the_book_of_an_older_page_goes_on_with_its_numbers(plain: Phone, ledger: Ledger, town: Town) -> None:
    plain.gesture("vitals")
    ledger.note(plain)
    plain.expect_fault(r"404 \(Not Found\)")  # it has no icon
    plain.page.goto(plain.url + "/healthz")
    plain.page.evaluate(FIRST_BOOK)
    plain.open()
    plain.wait_for(lambda: plain.running() == ["vitals"], "the session as it was")
    plain.gesture("discharge")
    plain.gesture("phone!")
    assert [event["seq"] for event in plain.events()] == [1, 2, 3, 4, 5]
    ledger.note(plain)
    ledger.settled(plain)
    assert ledger.compare(town.database).stored == 6


def test_a_tab_that_dies_right_after_its_taps_has_kept_every_one_that_it_showed(
    pad: Phone, browser: Browser, ledger: Ledger, town: Town
) -> None:
    """Killed (as a phone does for want of memory) or closed, with no time to say goodbye."""
    pad.expect_fault("Target crashed|Page crashed")
    shown = 0
    for n, codes in enumerate((("vitals", "discharge"), ("callbacks", "walking"), ("med-rec", "waiting"))):
        many_taps(pad, 7, codes)
        ledger.note(pad)
        shown += 7
        if n % 2:
            pad.page.close()
        else:
            kill(renderer_of(browser, pad.page))
            pad.page.close()
        pad.page = pad.context.new_page()
        pad.open()
        expect(pad.find("[data-view=session]")).to_be_visible()
        assert pad.running() == [codes[0]]
    ledger.settled(pad)
    assert ledger.compare(town.database).stored == 3 + shown


def test_where_the_browser_cannot_open_its_storage_no_session_starts_and_it_says_why(
    playwright: Playwright, launching: dict[str, Any], site: Site, otto: Member, tmp_path: Path
) -> None:
    """Something else lies where Chromium keeps its databases, so that it opens none."""
    (tmp_path / "profile" / "Default").mkdir(parents=True)
    (tmp_path / "profile" / "Default" / "IndexedDB").write_bytes(b"no folder")
    context = playwright.chromium.launch_persistent_context(str(tmp_path / "profile"), **launching, **HANDHELD)
    phone = Phone(context, site.url, otto)
    phone.open()
    expect(phone.find("[data-start-note]")).to_contain_text("does not let pages store anything")
    expect(phone.find("[data-start]")).to_be_hidden()
    phone.close()


def test_a_promise_not_to_clear_is_asked_for_and_its_refusal_is_explained(hand_out: Hand, otto: Member) -> None:
    phone = hand_out(otto)
    phone.open()
    phone.begin()
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-fleeting]")).to_contain_text("Add Timesink to the home screen")
    kept = hand_out(otto)
    kept.context.add_init_script("StorageManager.prototype.persist = async () => true;")
    kept.open()
    kept.begin("MA-02")
    kept.tap("main [data-open=state]")
    expect(kept.find("[data-fleeting]")).to_be_hidden()


def test_a_saved_copy_holds_all_that_no_server_has_and_the_import_page_takes_it(
    plain: Phone, hand_out: Hand, town: Town, site: Site, ledger: Ledger, tmp_path: Path
) -> None:
    with plain.without_network():
        plain.gesture("vitals")
        plain.gesture("discharge")
        fill(plain)
        plain.tap(plain.button("callbacks"))
        expect(plain.find(ALARM)).to_contain_text("emergency copy holds: 1.")
        make_room(plain)
        for row in spare(plain):
            ledger.saved(row["body"])
        ledger.note(plain)
        plain.tap("main [data-open=state]")
        with plain.page.expect_download() as saved:
            plain.tap("[data-copy]")
        file = tmp_path / saved.value.suggested_filename
        saved.value.save_as(file)
        plain.page.close()  # the phone is lost
        rows = json.loads(file.read_bytes())["rows"]
        assert [row["body"].get("task") for row in rows] == ["vitals", "discharge", "callbacks"]

    desk = hand_out(town["ana"], viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False)
    desk.open("/clinics/north/import")
    desk.find("input[type=file]").set_input_files(file)
    desk.page.get_by_role("button", name="Show what would happen").click()
    expect(desk.find("#outcome")).to_contain_text("3 items in the copy: 3 would be taken in, 0 are there already.")
    desk.page.get_by_role("button", name="Take it in").click()
    expect(desk.find("#outcome")).to_contain_text("3 items in the copy: 3 taken in, 0 there already.")
    assert ledger.compare(town.database).stored == 6
