"""One fault for a long while, in simulated time: how the pad's relay waits, and that it neither gives up nor hammers.

The soak (test_soak.py) mixes them all. Here the page's clock is Playwright's, so a minute takes a second; requests,
answers and IndexedDB are real.
"""

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Request

from app.db import now_ms
from app.people.accounts import sign_in, sign_out
from app.people.models import Person
from tests.faults.amount import Tally, amount
from tests.faults.ledger import Ledger, look
from tests.faults.pocket import Pocket, pocketed
from tests.faults.servers import Server
from tests.people import Town

pytestmark = [pytest.mark.browser, pytest.mark.on("sqlite", why="the network does not know where things are kept")]
MOST_A_MINUTE = 20
MINUTE_S = 60
UPLOAD = "/api/v1/batches"

NAMES = {
    "refuse": "N1 network gone", "drop_request": "N3 request lost", "drop_response": "N2 answer lost",
    "truncate": "N6 answer truncated", "trickle": "N6 answer at a byte a second", "portal": "N7 captive portal",
    "portal_json": "N7 captive portal", "portal_redirect": "N7 captive portal", "bad_gateway": "N8 gateway error",
    "reset": "N8 connection reset", "gateway_400": "N8 gateway error", "too_many": "N8 gateway error",
    "silence": "N9 half-open connection", "swallow": "N9 half-open connection",
}  # fmt: skip


@pytest.fixture
def pocket(browser: Browser, server: Server, town: Town, ledger: Ledger) -> Iterator[Pocket]:
    with server, pocketed(browser, server.port, [town["otto"]], ledger) as (held,):
        held.page.clock.install()
        ledger.clock_runs_away = True  # a minute of the page's in a second: no offset is true of two taps
        held.open()
        held.page.clock.run_for(1000)
        until(held, lambda: held.state()["waiting"] == 0)
        yield held


def until(pocket: Pocket, holds: Callable[[], bool], seconds: int = 90) -> int:
    """Lets the page's seconds pass until it holds; how many it took."""
    for second in range(seconds):
        if holds():
            return second
        pass_by(pocket, 1)
        pocket.page.wait_for_timeout(30)  # so that an answer may take a second or two of real time
    raise AssertionError(f"not within {seconds} s: {pocket.state()}")


def pass_by(pocket: Pocket, seconds: int) -> None:
    for _half in range(seconds * 2):
        pocket.page.clock.run_for(500)
        pocket.page.wait_for_timeout(4)  # what the clock has set going is real, and takes its real time


def test_a_minute_of_each_fault_is_tapped_through_and_never_hammered(
    pocket: Pocket, server: Server, town: Town, ledger: Ledger, tally: Tally
) -> None:
    asked: list[str] = []
    under_way: set[Request] = set()
    most_at_once = 0

    def goes_out(request: Request) -> None:
        nonlocal most_at_once
        if request.url.endswith(UPLOAD):
            asked.append(request.url)
            under_way.add(request)
            most_at_once = max(most_at_once, len(under_way))

    def is_over(request: Request) -> None:
        under_way.discard(request)

    pocket.page.on("request", goes_out)
    pocket.page.on("requestfinished", is_over)
    pocket.page.on("requestfailed", is_over)
    chance = random.Random(1)
    for fault, name in NAMES.items():
        for _run in range(amount(1, 5)):
            pocket.network.always(fault)
            asked.clear()
            for _burst in range(MINUTE_S // 3):  # who shadows a busy person taps every few seconds
                pocket.page.evaluate(
                    "(task) => pocket.tap({ kind: 'start', task })", chance.choice(["rooming", "vitals"])
                )
                pass_by(pocket, 3)
            assert 1 <= len(asked) <= MOST_A_MINUTE, f"{fault}: {len(asked)} requests in a minute"
            assert most_at_once == 1, fault
            state = pocket.state()
            assert state["waiting"] >= MINUTE_S // 3, (fault, state)
            assert state["refused"] == [], (fault, state)
            pocket.network.heal()
            pocket.hurry()
            until(pocket, lambda: pocket.state()["waiting"] == 0)
            tally.add(name, "fault proxy for a minute (of the page's), a tap every 3 s, real relay.js",
                      result="0 lost, 0 doubled; at most 20 requests a minute, one at a time")  # fmt: skip
    ledger.compare(town.database)


def test_signed_out_or_refused_it_asks_seldom_and_keeps_everything(
    pocket: Pocket, town: Town, ledger: Ledger, tally: Tally
) -> None:
    asked: list[str] = []
    pocket.page.on("request", lambda request: asked.append(request.url) if request.url.endswith(UPLOAD) else None)
    with town.database.write() as session:
        sign_out(session, town["otto"].cookie)
    for _tap in range(30):
        pocket.page.evaluate("() => pocket.tap({ kind: 'start', task: 'rooming' })")
        pass_by(pocket, 2)
    assert 1 <= len(asked) <= MOST_A_MINUTE
    until(pocket, lambda: pocket.state()["fault"] == "signed_out")
    state = pocket.state()
    assert (state["waiting"], state["fault"]) == (30, "signed_out")
    with town.database.write() as session:
        cookie = sign_in(session, session.get_one(Person, town["otto"].id), now_ms(), 30)
    pocket.context.add_cookies([{"name": "timesink", "value": cookie, "url": pocket.network.url}])
    pocket.hurry()
    until(pocket, lambda: pocket.state()["waiting"] == 0)
    ledger.compare(town.database)
    tally.add("A1 login expired", "the login deleted on the server", result="0 lost, 0 doubled; asked seldom")


def test_a_proxy_that_takes_no_large_request_gets_smaller_ones(
    pocket: Pocket, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """413 of whoever stands between: halved until it fits; what never fits is kept, and tried again later."""
    smallest: list[int] = []
    limit = 3000

    def narrow(route) -> None:  # type: ignore[no-untyped-def]
        body = route.request.post_data_buffer or b""
        smallest.append(len(body))
        if len(body) > limit:
            route.fulfill(status=413, content_type="text/html", body="<h1>413 Request Entity Too Large</h1>")
        else:
            route.continue_()

    pocket.context.route(f"**{UPLOAD}", narrow)
    pocket.network.always("refuse")
    for _tap in range(40):
        pocket.page.evaluate("() => pocket.tap({ kind: 'start', task: 'rooming' })")
    pass_by(pocket, 2)
    pocket.network.heal()
    pocket.hurry()
    until(pocket, lambda: pocket.state()["waiting"] == 0)
    assert min(smallest) <= limit
    limit = 10  # nothing fits any more
    pocket.page.evaluate("() => pocket.tap({ kind: 'start', task: 'vitals' })")
    pass_by(pocket, 30)
    assert pocket.state()["waiting"] == 1
    limit = 10**6
    pocket.hurry()
    until(pocket, lambda: pocket.state()["waiting"] == 0)
    assert pocket.state()["refused"] == []
    ledger.compare(town.database)
    tally.add("N8 proxy takes no large request", "413 and HTML above 3000 bytes, then above 10")


def test_what_is_too_large_for_any_request_stays_on_the_phone_and_holds_up_nothing_else(
    pocket: Pocket, town: Town, ledger: Ledger, tally: Tally
) -> None:
    pocket.page.evaluate("() => pocket.tap({ kind: 'note', text: 'x'.repeat(2 ** 20) })")
    for _tap in range(3):
        pocket.page.evaluate("() => pocket.tap({ kind: 'start', task: 'rooming' })")
    until(pocket, lambda: pocket.state()["waiting"] == 0)
    assert pocket.state()["refused"] == ["stuck http_413"]
    (large,) = [item_id for item_id, body in ledger.taps.items() if len(body.get("text", "")) > 2**19]
    del ledger.kept[large]
    found = look(ledger, town.database)
    assert len(found.disordered) == 1  # its number is missing, and is named
    found.disordered.clear()
    assert (found.stored, found.faults()) == (found.saved, [])
    tally.add(
        "P4 a megabyte of note", "a tap that fits in no request", result="stays on the phone, visibly; 0 others lost"
    )


def test_a_batch_answered_after_the_phone_gave_up_is_no_second_one(
    pocket: Pocket, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """Held for longer than the phone waits, overtaken by its own repetition, and then delivered all the same."""
    for _run in range(runs := amount(2, 20)):
        pocket.network.next("hold")
        pocket.page.evaluate("() => pocket.tap({ kind: 'start', task: 'rooming' })")
        pass_by(pocket, 25)
        pocket.page.evaluate("() => pocket.tap({ kind: 'start', task: 'vitals' })")
        until(pocket, lambda: pocket.state()["waiting"] == 0)
        pocket.network.release()
        pocket.page.wait_for_timeout(60)
    ledger.compare(town.database)
    tally.add("N5 batch held and overtaken", "held for 25 s, past the phone's patience, let go after its repetition",
              runs=runs)  # fmt: skip


def test_hundreds_of_taps_that_wait_do_not_slow_the_next_one(
    browser: Browser, server: Server, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """How long a tap takes to be saved is told, not judged: this machine does other things beside."""
    took: list[float] = []
    with server, pocketed(browser, server.port, [town["otto"]], ledger) as (pocket,):
        pocket.network.always("refuse")
        pocket.page.evaluate("(n) => pocket.taps(Array(n).fill([0, 'task', 1]))", amount(100, 500))
        for n in range(100):
            took.append(
                pocket.page.evaluate(
                    """async (which) => {
                      const begun = performance.now();
                      await pocket.taps([[0, 'task', which]]);
                      return performance.now() - begun;
                    }""",
                    n,
                )
            )
        while pocket.state()["busy"]:
            pocket.page.wait_for_timeout(20)
        waiting = pocket.state()["waiting"]
        assert waiting >= amount(200, 600)
        pocket.network.heal()
        pocket.hurry()
        while pocket.state()["waiting"]:
            pocket.page.wait_for_timeout(50)
        ledger.compare(town.database)
    slow = sorted(took)[94]
    tally.say(f"With {waiting} taps waiting, 95 of 100 taps were saved within {slow:.0f} ms, a timer's turn included.")
