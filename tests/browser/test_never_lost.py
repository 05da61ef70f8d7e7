"""No tap is lost, none is doubled, and the page never says more than is true."""

import contextlib
import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Playwright, Route, expect

from tests.browser.clock import MINUTE, Clock
from tests.browser.conftest import ON_BOTH, Site
from tests.browser.phone import HANDHELD, Phone
from tests.people import Member, Town

Hand = Callable[..., Phone]

# one simulated hour: minutes:seconds of the tap, and the gesture
HOUR_LOG = """
00:20 rooming        01:50 vitals          04:05 med-rec        06:10 phone!         06:14 callbacks
08:00 resume         09:30 discharge       10:45 room-turnover  12:00 rooming        13:20 vitals
15:00 supplies!      15:03 searching       17:30 resume         18:10 vaccines       21:00 documentation
22:00 provider-question!  22:03 asked      24:00 waiting        25:30 walking        26:00 rooming
27:40 quick-vitals!  27:42 vitals          29:00 phone!         29:05 callbacks      30:10 resume
30:30 resume         31:00 flag            32:20 discharge      33:00 room-turnover  34:30 both
34:32 walking        35:40 walking         37:00 pause          39:00 continue       40:15 rooming
41:30 rooming        43:00 vitals          44:10 poc-testing    47:00 stop           48:20 referrals
50:00 add-on!        50:04 rooming         52:00 undo           52:10 vitals         54:30 resume
56:00 break          59:30 stop
"""
HOUR = re.findall(r"(\d\d:\d\d) +(\S+)", HOUR_LOG)
OFFLINE_FROM, RELOAD_AT, ONLINE_FROM = "26:00", "36:00", "48:00"
NO_EVENT = {"both"}


def _ms(clock: str) -> int:
    minutes, seconds = clock.split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000


@ON_BOTH
def test_an_hour_with_the_network_gone_and_a_reload_arrives_exactly_once(
    hand_out: Hand, otto: Member, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = hand_out(otto)
    clock = Clock(phone, monkeypatch)
    phone.open()
    phone.offline_ready()
    clock.stop()
    phone.begin("MA-02")
    start = clock.now
    expected: list[tuple[int, str]] = []
    offline = phone.without_network()
    is_offline = reloaded = False
    for at, name in HOUR:
        if at >= OFFLINE_FROM and not is_offline and not reloaded:
            offline.__enter__()
            is_offline = True
        if at >= RELOAD_AT and not reloaded:
            phone.page.reload()
            phone.page.clock.pause_at(clock.now / 1000)
            expect(phone.find("[data-view=session]")).to_be_visible()
            expect(phone.find("main [data-sending]").filter(visible=True)).to_contain_text("Offline")
            reloaded = True
        if at >= ONLINE_FROM and is_offline:
            assert phone.waiting() >= 20
            offline.__exit__(None, None, None)
            is_offline = False
        clock.to(start + _ms(at), online=not is_offline)
        if name in NO_EVENT:
            phone.tap(phone.button(name))
            continue
        more = 2 if name == "asked" else 1
        phone.gesture(name, more)
        expected += [(clock.now, name)] * more
    clock.to(clock.now + 30_000, online=True)
    phone.end()
    clock.to(clock.now + 1000, online=True)
    expect(phone.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")

    session = phone.session_id()
    kept = phone.events()
    arrived = site.events(otto, session)
    assert sorted(event["id"] for event in arrived) == sorted(event["id"] for event in kept)
    in_order = sorted(arrived, key=lambda event: event["seq"])
    assert [event["seq"] for event in in_order] == list(range(1, len(expected) + 3))
    by_recorded = [event.get("recorded_at", event["at"]) for event in in_order]
    assert by_recorded[1:-1] == [at for at, _name in expected]
    found = site.timeline(otto, session)
    assert found["problems"] == []
    assert found["open"] is False
    assert (found["end"] - found["begin"]) - found["observed_ms"] == 2 * MINUTE == found["paused_ms"]
    assert [(one["trigger"], one["outcome"]) for one in found["interruptions"]] == [
        ("phone", "resumed"),
        ("supplies", "resumed"),
        ("quick-vitals", "resumed"),
        ("phone", "resumed"),
        ("add-on", "resumed"),
    ]
    minutes = {one["trigger"]: one["gross_ms"] / MINUTE for one in found["interruptions"]}
    assert minutes["supplies"] == pytest.approx(2.5)
    assert minutes["quick-vitals"] == pytest.approx((30 + 30 / 60) - (27 + 40 / 60))
    assert [one["trigger"] for one in found["prompts"]] == ["provider-question"]
    assert [(one["task"], one["end"] - one["start"]) for one in found["parallel"]] == [("walking", 68_000)]
    assert site.ask(otto, "/api/v1/sessions?clinic=north")["items"][0]["quarantined"] == 0


# --- the browser killed -------------------------------------------------------------------------------------


def _processes_of(profile: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(profile) in command:
                found.append(int(entry.name))
    return found


def _kill(profile: Path) -> None:
    for pid in _processes_of(profile):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@ON_BOTH
def test_a_killed_browser_has_every_tap_it_showed_as_saved(
    playwright: Playwright, launching: dict[str, Any], site: Site, otto: Member, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"

    def switch_on() -> Phone:
        context = playwright.chromium.launch_persistent_context(str(profile), **launching, **HANDHELD)
        return Phone(context, site.url, otto)

    phone = switch_on()
    phone.open()
    phone.offline_ready()
    phone.begin()
    phone.all_uploaded()
    phone.context.set_offline(True)  # what was uploaded before the kill would prove nothing
    for name in ("rooming", "vitals", "phone!", "callbacks", "resume", "discharge"):
        phone.gesture(name)
    assert phone.waiting() == 6
    shown = phone.find("[data-undo]").text_content()
    saved = [event["id"] for event in phone.events()]
    _kill(profile)
    with contextlib.suppress(Error):  # it is dead: that is the point
        phone.context.close()

    again = switch_on()
    again.open()
    expect(again.find("[data-view=session]")).to_be_visible()
    assert [event["id"] for event in again.events()] == saved
    expect(again.find("[data-undo]")).to_have_text(shown or "")
    assert again.running() == ["discharge"]
    again.all_uploaded()
    assert sorted(event["id"] for event in site.events(otto, again.session_id())) == sorted(saved)
    again.close()


# --- the network, the login, the server ---------------------------------------------------------------------


def test_offline_the_page_opens_again_and_says_how_many_wait(phone: Phone) -> None:
    phone.offline_ready()
    phone.begin()
    phone.all_uploaded()
    with phone.without_network():
        phone.gesture("rooming")
        phone.gesture("vitals")
        badge = phone.find("main [data-sending]").filter(visible=True)
        expect(badge).to_have_text("Offline, 2 waiting")
        phone.page.reload()
        expect(badge).to_have_text("Offline, 2 waiting")
        assert phone.running() == ["vitals"]
        phone.end()
        expect(phone.find("[data-ended-sent]")).to_contain_text("3 taps still wait on this phone")
    expect(phone.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")


def test_a_session_can_begin_without_network(phone: Phone, site: Site, otto: Member) -> None:
    phone.offline_ready()
    phone.wait_for(lambda: len(phone.rows("pads")) == 1, "the clinic's task list")
    with phone.without_network():
        phone.page.reload()
        phone.begin()
        phone.gesture("rooming")
        assert phone.waiting() == 3
    phone.all_uploaded()
    assert site.timeline(otto, phone.session_id())["occurrences"][0]["task"] == "rooming"


@ON_BOTH
def test_an_answer_that_got_lost_doubles_nothing(phone: Phone, site: Site, otto: Member) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    phone.expect_fault("net::ERR_CONNECTION_RESET")
    phone.context.route("**/api/v1/batches", lose)
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    assert lost == [200, 200]
    kept = sorted(event["id"] for event in phone.events())
    assert sorted(event["id"] for event in site.events(otto, phone.session_id())) == kept


@pytest.mark.parametrize("answer", ["portal", "other_batch", "half"])
def test_only_an_answer_that_is_surely_ours_settles_anything(phone: Phone, answer: str) -> None:
    blocked = True

    def stand_between(route: Route) -> None:
        sent, now = route.request.post_data_json or {}, int(time.time() * 1000)
        ours = {
            "timesink": 1,
            "batch_id": sent["batch_id"],
            "db_epoch": "x",
            "server": {"received": now, "sent": now},
            "results": [],
            "sessions": [],
            "min_proto": 1,
        }
        if not blocked:
            route.continue_()
        elif answer == "portal":
            route.fulfill(status=200, content_type="text/html", body="<h1>Free Wi-Fi</h1>")
        elif answer == "other_batch":
            stored = [{"id": item["id"], "status": "stored"} for item in sent["items"]]
            route.fulfill(json={**ours, "batch_id": "another", "results": stored})
        else:
            route.fulfill(json=ours)

    phone.context.route("**/api/v1/batches", stand_between)
    with phone.page.expect_response("**/api/v1/batches"):
        phone.begin()
    phone.gesture("rooming")
    if answer == "portal":
        phone.tap("main [data-open=state]")
        expect(phone.find("[data-state]")).to_contain_text("Something else answered in place of the server")
        phone.tap("[data-sheet=state] [data-close]")
    assert phone.waiting() == 3
    blocked = False
    phone.gesture("vitals")
    phone.all_uploaded()


def test_signed_out_the_pad_goes_on_and_asks_to_sign_in(phone: Phone, site: Site, otto: Member) -> None:
    phone.expect_fault("status of 401")
    phone.begin()
    phone.all_uploaded()
    phone.context.clear_cookies()
    phone.gesture("rooming")
    phone.gesture("vitals")
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("Sign in, 2 waiting")
    phone.tap("main [data-open=state]")
    link = phone.find("[data-sign-in]")
    expect(link).to_have_text("Sign in to upload 2 taps")
    expect(link).to_have_attribute("href", "/sign-in?next=/pad")
    phone.context.add_cookies([{"name": "timesink", "value": otto.cookie, "url": site.url}])
    phone.tap("[data-send]")
    phone.wait_for(lambda: phone.waiting() == 0, "nothing waiting")
    assert len(site.timeline(otto, phone.session_id())["occurrences"]) == 2


def test_a_login_that_ran_out_takes_the_pad_from_nobody_in_a_session(phone: Phone) -> None:
    phone.expect_fault("status of 401")
    phone.offline_ready()
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    phone.context.clear_cookies()
    phone.page.reload()
    expect(phone.find("[data-view=session]")).to_be_visible()
    assert phone.running() == ["rooming"]
    phone.gesture("vitals")
    assert phone.waiting() == 1


@ON_BOTH
def test_taps_of_another_person_wait_for_that_person(hand_out: Hand, town: Town, site: Site) -> None:
    phone = hand_out(town["otto"])
    phone.open()
    phone.offline_ready()
    phone.begin()
    phone.all_uploaded()
    with phone.without_network():
        phone.gesture("rooming")
        phone.context.clear_cookies()
        phone.context.add_cookies([{"name": "timesink", "value": town["olga"].cookie, "url": site.url}])
        phone.end()
    phone.expect_fault("status of 403")
    expect(phone.find("[data-ended-sent]")).to_contain_text("2 taps still wait")
    phone.open()
    expect(phone.find("[data-start]")).to_be_visible()
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("Another person’s taps wait")
    phone.tap("[data-open=state]")
    expect(phone.find("[data-others]")).to_contain_text("2 taps of another person wait on this phone.")
    assert phone.waiting() == 2
    phone.context.clear_cookies()
    phone.context.add_cookies([{"name": "timesink", "value": town["otto"].cookie, "url": site.url}])
    phone.open()
    phone.all_uploaded()


def test_a_refused_tap_stays_visible_with_its_reason(phone: Phone) -> None:
    phone.begin()
    phone.all_uploaded()
    phone.page.evaluate(
        """(session) => import('/static/js/relay.js').then(({ $outbox: outbox }) => {
          const now = Date.now();
          const id = '0199aaaa-0000-7000-8000-00000000000a';
          return outbox.append(session, [{ id, at: now, recorded_at: now, kind: 'start', task: 'no-such' }]);
        })""",
        phone.session_id(),
    )
    phone.gesture("rooming")
    phone.wait_for(lambda: phone.waiting() == 0, "nothing waiting")
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("1 to look at")
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-troubles]")).to_contain_text("no task “no-such”")


def test_after_a_restore_everything_kept_goes_up_again(phone: Phone) -> None:
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    batches: list[int] = []

    def another_database(route: Route) -> None:
        sent = route.request.post_data_json or {}
        batches.append(len(sent["items"]))
        answer = route.fetch().json()
        route.fulfill(json={**answer, "db_epoch": "restored"})

    phone.context.route("**/api/v1/batches", another_database)
    phone.gesture("vitals")
    phone.wait_for(lambda: sum(batches) == 1 + 3, "the new tap, then the three older items again")
    phone.wait_for(lambda: phone.waiting() == 0, "nothing waiting")


def test_gaps_that_the_server_names_are_filled_once(phone: Phone) -> None:
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    sent_seqs: list[list[int | None]] = []

    def name_a_gap(route: Route) -> None:
        sent = route.request.post_data_json or {}
        sent_seqs.append([item.get("seq") for item in sent["items"]])
        answer = route.fetch().json()
        sessions = [{**one, "missing": [[1, 2]]} for one in answer["sessions"]]
        route.fulfill(json={**answer, "sessions": sessions})

    phone.context.route("**/api/v1/batches", name_a_gap)
    phone.gesture("vitals")
    phone.wait_for(lambda: len(sent_seqs) == 2 and phone.waiting() == 0, "the gap sent again")
    phone.gesture("discharge")
    phone.wait_for(lambda: len(sent_seqs) == 3 and phone.waiting() == 0, "only the new tap")
    assert sent_seqs == [[3], [1, 2], [4]]


def test_a_batch_the_server_cannot_read_is_halved_down_to_the_bad_item(phone: Phone) -> None:
    poison: list[str] = []

    def choke(route: Route) -> None:
        sent = route.request.post_data_json or {}
        if any(item.get("task") == "vitals" for item in sent["items"]):
            poison.append(str(len(sent["items"])))
            problem = json.dumps({"status": 400, "code": "bad_envelope"})
            route.fulfill(status=400, content_type="application/problem+json", body=problem)
        else:
            route.continue_()

    phone.expect_fault("status of 400")
    phone.begin()
    phone.all_uploaded()
    phone.context.route("**/api/v1/batches", choke)
    phone.context.set_offline(True)
    phone.expect_fault("net::ERR_INTERNET_DISCONNECTED")
    for name in ("rooming", "vitals", "discharge", "waiting"):
        phone.gesture(name)
    phone.context.set_offline(False)
    phone.wait_for(lambda: phone.waiting() == 0, "nothing waiting", 60)  # it rests for seconds after each refusal
    stuck = [row["body"]["task"] for row in phone.items() if row.get("status") == "stuck"]
    assert stuck == ["vitals"]
    assert poison[-1] == "1"


# --- the phone's own storage --------------------------------------------------------------------------------


def test_taps_are_stored_with_strict_durability(hand_out: Hand, otto: Member) -> None:
    phone = hand_out(otto)
    phone.context.add_init_script(
        "window.durabilities = []; const begin = IDBDatabase.prototype.transaction;"
        "IDBDatabase.prototype.transaction = function (stores, mode, options) {"
        "  const tx = begin.call(this, stores, mode, options);"
        "  if (mode === 'readwrite' && stores.includes('items')) window.durabilities.push(tx.durability);"
        "  return tx; };"
    )
    phone.open()
    phone.begin()
    phone.gesture("rooming")
    seen = phone.page.evaluate("() => window.durabilities")
    assert set(seen) == {"strict"}
    assert len(seen) >= 2


def test_a_tap_that_the_phone_cannot_store_is_not_shown_as_saved(phone: Phone) -> None:
    phone.begin()
    phone.gesture("rooming")
    phone.page.evaluate(
        "() => { const add = IDBObjectStore.prototype.add;"
        "  const full = () => { throw new DOMException('full', 'QuotaExceededError'); };"
        "  IDBObjectStore.prototype.add = full; Storage.prototype.setItem = full;"
        "  window.makeRoom = () => { IDBObjectStore.prototype.add = add; }; }"
    )
    phone.tap(phone.button("vitals"))
    expect(phone.find("[data-alarm]")).to_contain_text("NOT SAVED")
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("Not stored")
    assert phone.running() == ["rooming"]
    phone.page.evaluate("() => window.makeRoom()")
    phone.page.wait_for_timeout(450)
    phone.gesture("vitals")
    expect(phone.find("[data-alarm]")).to_be_hidden()
    assert phone.running() == ["vitals"]
    phone.all_uploaded()


def test_a_lost_connection_to_the_book_is_opened_again(phone: Phone) -> None:
    phone.page.add_init_script(
        "const ready = IDBFactory.prototype.open; IDBFactory.prototype.open = function (...all) {"
        "  const request = ready.apply(this, all);"
        "  request.addEventListener('success', () => { window.lastDatabase = request.result; });"
        "  return request; };"
    )
    phone.open()
    phone.begin()
    phone.gesture("rooming")
    # as iOS does under memory pressure: the handle is dead and nobody was told
    phone.page.evaluate("() => new Promise((done) => { window.lastDatabase.close(); done(); })")
    phone.tap(phone.button("vitals"))
    phone.wait_for(lambda: phone.running() == ["vitals"], "the tap kept")
    assert [event.get("task") for event in phone.events()] == [None, "rooming", "vitals"]


@ON_BOTH
def test_two_tabs_of_one_session_share_no_number(phone: Phone, site: Site, otto: Member) -> None:
    phone.begin()
    phone.gesture("rooming")
    other = phone.context.new_page()
    other.goto(phone.url + "/pad")
    expect(other.locator("[data-view=session]")).to_be_visible()
    wanted = len(phone.items()) + 12
    for name in ("vitals", "discharge", "med-rec", "waiting", "walking", "break"):
        for page in (phone.page, other):
            page.bring_to_front()  # one taps what one sees, and behind another tab it takes a second
            page.locator(phone.button(name)).tap()
    phone.wait_for(lambda: len(phone.items()) == wanted, "six taps of each tab")
    events = phone.events()
    assert sorted(event["seq"] for event in events) == list(range(1, len(events) + 1))
    assert len({event["id"] for event in events}) == len(events)
    assert len({event["load"] for event in events}) == 2
    last = max(events, key=lambda event: (event["at"], event["seq"]))["task"]
    for page in (phone.page, other):
        expect(page.locator(phone.button(last))).to_have_attribute("aria-pressed", "true")
    phone.all_uploaded()
    assert len(site.events(otto, phone.session_id())) == len(events)


# --- an address without https -------------------------------------------------------------------------------


def test_on_plain_http_it_records_uploads_and_says_what_it_cannot(hand_out: Hand, otto: Member, site: Site) -> None:
    phone = hand_out(otto, site.insecure_url)
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")  # as it says: for want of https
    phone.open()
    gone = phone.page.evaluate("() => [isSecureContext, 'serviceWorker' in navigator, typeof crypto.randomUUID]")
    assert gone == [False, False, "undefined"]
    expect(phone.find("[data-insecure]").filter(visible=True)).to_contain_text("This address is not secure (http)")
    phone.begin()
    for name in ("rooming", "phone!", "callbacks", "resume"):
        phone.gesture(name)
    phone.all_uploaded()
    phone.page.reload()
    expect(phone.find("[data-view=session]")).to_be_visible()
    assert phone.running() == ["rooming"]
    assert len(site.timeline(otto, phone.session_id())["interruptions"]) == 1


def test_a_clock_set_back_in_a_session_leaves_the_order_of_the_taps(hand_out: Hand, otto: Member, site: Site) -> None:
    phone = hand_out(otto)
    phone.page.clock.install()
    phone.open()
    phone.begin()
    phone.gesture("rooming")
    phone.page.clock.set_system_time(time.time() - 7200)
    phone.gesture("vitals")
    assert phone.running() == ["vitals"]
    shown = phone.find("[data-watch]").text_content() or ""
    assert re.fullmatch(r"0:\d\d", shown), shown
