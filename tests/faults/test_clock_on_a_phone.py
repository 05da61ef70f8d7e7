"""A phone's clock is wrong, is set, stands still or is of another century (C1 to C3, C6): right or flagged.

The truth is this machine's own clock. Playwright moves the page's clocks: `set_system_time` the wall clock alone, which
is what a clock that was set and a phone that slept look like; `fast_forward` both.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from app.db import now_ms
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.faults.ledger import Ledger
from tests.people import Member, Town

pytestmark = [pytest.mark.browser, pytest.mark.on("sqlite", why="a browser cannot tell the databases apart")]
Hand = Callable[..., Phone]
HOUR = 3_600_000
NEAR_MS = 1500  # half a round trip on this machine, and a second


class Wrong:
    """A phone whose clock is off by so much; `gesture` notes between which moments each tap truly was."""

    def __init__(self, phone: Phone, by_ms: int) -> None:
        self.phone, self.truth = phone, dict[str, tuple[int, int]]()
        phone.page.clock.install(time=(now_ms() + by_ms) / 1000)
        phone.open()
        self.ahead = int(phone.page.evaluate("() => Date.now()")) - now_ms()

    def gesture(self, name: str) -> None:
        before = {event["id"] for event in self.phone.events()}
        at = now_ms()
        self.phone.gesture(name)
        self.truth |= {event["id"]: (at, now_ms()) for event in self.phone.events() if event["id"] not in before}

    def is_set(self, by_ms: int) -> None:
        """From now on the wall clock shows so much more or less than the truth."""
        self.phone.page.clock.set_system_time((now_ms() + by_ms) / 1000)

    def compared(self, site: Site, member: Member) -> list[tuple[str, int, bool]]:
        """(kind, error in ms, uncertain) of each tap whose truth is known; what was sent is still as it was."""
        kept = {event["id"]: event for event in self.phone.events()}
        found = []
        for event in site.events(member, self.phone.session_id()):
            raw = kept[event["id"]]
            assert {name: event[name] for name in raw if name in event} == {n: v for n, v in raw.items() if n in event}
            if event["id"] in self.truth:
                early, late = self.truth[event["id"]]
                error = event["at_corrected"] - min(max(event["at_corrected"], early), late)
                found.append((event["kind"], error, event["uncertain"]))
        return found


def near(found: list[tuple[str, int, bool]]) -> bool:
    return all(abs(error) <= NEAR_MS and not uncertain for _kind, error, uncertain in found)


@pytest.mark.parametrize(
    ("by", "https"),
    [(-3 * HOUR, False), (75 * 365 * 24 * HOUR, True)],
    ids=["three hours slow, http", "in the next century, https"],
)
def test_a_clock_that_is_wrong_all_day(
    hand_out: Hand, otto: Member, site: Site, ledger: Ledger, town: Town, by: int, https: bool
) -> None:
    phone = hand_out(otto, site.url if https else site.insecure_url, timezone_id="Pacific/Kiritimati")
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")
    wrong = Wrong(phone, by)
    phone.begin()
    wrong.gesture("rooming")
    wrong.gesture("vitals")
    ledger.note(phone, wrong.ahead)
    ledger.settled(phone)
    assert ledger.compare(town.database).stored == 4
    found = wrong.compared(site, otto)
    assert len(found) == 2
    assert near(found), found


def test_a_clock_that_is_set_between_two_taps_and_a_phone_that_sleeps(hand_out: Hand, otto: Member, site: Site) -> None:
    phone = hand_out(otto)
    wrong = Wrong(phone, 0)
    phone.begin()
    wrong.gesture("rooming")
    phone.all_uploaded()
    for by, name in ((HOUR, "vitals"), (-2 * HOUR, "discharge"), (0, "callbacks")):
        wrong.is_set(by)
        wrong.gesture(name)
        phone.all_uploaded()
    found = wrong.compared(site, otto)
    assert len(found) == 4
    assert near(found[:3]), found
    # a clock set forward may also be a phone that slept: until the server has heard what was measured since
    assert near(found[3:]) or found[3][2], found
    phone.page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    phone.wait_for(lambda: near(wrong.compared(site, otto)), "the true times")
    told = site.timeline(otto, phone.session_id())
    assert [one["task"] for one in told["occurrences"]] == ["rooming", "vitals", "discharge", "callbacks"]
    assert all(segment["end"] > segment["start"] for segment in told["segments"])
    assert told["observed_ms"] < 60_000


def test_what_was_tapped_without_network_around_a_setting_is_right_or_called_uncertain(
    hand_out: Hand, otto: Member, site: Site
) -> None:
    phone = hand_out(otto)
    wrong = Wrong(phone, 0)
    phone.begin()
    phone.all_uploaded()
    with phone.without_network():
        wrong.gesture("rooming")
        wrong.is_set(-2 * HOUR)
        wrong.gesture("vitals")
        wrong.is_set(HOUR)
        wrong.gesture("discharge")
    phone.all_uploaded()
    found = wrong.compared(site, otto)
    assert len(found) == 3
    assert all(abs(error) <= NEAR_MS or uncertain for _kind, error, uncertain in found), found
    # the last stretch was measured by the upload itself; the first before it
    assert [uncertain for _kind, _error, uncertain in found] == [False, True, False]


def test_a_session_without_network_uploaded_in_one_batch_is_measured_all_the_same(
    hand_out: Hand, otto: Member, site: Site
) -> None:
    """The answer to that batch measures the clock, and nothing more waits that could tell the server of it."""
    phone = hand_out(otto)
    wrong = Wrong(phone, 0)
    phone.offline_ready()
    phone.wait_for(lambda: len(phone.rows("pads")) == 1, "the clinic's task list")
    with phone.without_network():
        phone.page.reload()
        wrong.is_set(-5 * HOUR)
        phone.begin()
        wrong.gesture("rooming")
        phone.end()
    expect(phone.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    phone.wait_for(lambda: near(wrong.compared(site, otto)), "the true time", 10)
    samples: list[dict[str, Any]] = phone.page.evaluate(
        "() => import('/static/js/relay.js').then(({ $outbox: book }) => book.read('samples'))"
    )
    assert abs(samples[-1]["offset_ms"] - 5 * HOUR) < NEAR_MS


def test_a_page_that_is_woken_asks_the_time_though_nothing_waits(phone: Phone) -> None:
    phone.begin()
    phone.all_uploaded()
    with phone.page.expect_request("**/api/v1/batches") as asked:
        phone.page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert (asked.value.post_data_json or {})["items"] == []


def test_a_clock_that_is_set_is_noticed_and_measured_before_the_next_tap(hand_out: Hand, otto: Member) -> None:
    phone = hand_out(otto)
    wrong = Wrong(phone, 0)
    phone.begin()
    phone.all_uploaded()
    phone.page.clock.fast_forward(5000)
    phone.page.wait_for_timeout(300)
    with phone.page.expect_request("**/api/v1/batches", timeout=8000) as asked:
        wrong.is_set(-HOUR)
        phone.page.clock.fast_forward(5000)
    assert (asked.value.post_data_json or {})["items"] == []


def test_a_page_left_open_for_three_days_counts_on(hand_out: Hand, otto: Member, site: Site) -> None:
    phone = hand_out(otto)
    Wrong(phone, -3 * 24 * HOUR)
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    phone.page.clock.fast_forward(3 * 24 * HOUR)
    expect(phone.find("[data-watch]")).to_have_text(re.compile(r"72:00:\d\d"))
