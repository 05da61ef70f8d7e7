"""The main road in WebKitGTK, of Safari's family: `make test-webkit` installs it and gives it a display."""

import os
import time
from collections.abc import Iterator

import pytest

from tests.browser import webkit
from tests.browser.conftest import Site
from tests.browser.webkit import WebKit
from tests.people import Member

WANTED = os.environ.get("TIMESINK_WEBKIT") == "yes"
pytestmark = pytest.mark.skipif(not WANTED, reason="make test-webkit runs these, with a display of their own")

STORED = """new Promise((resolve, reject) => {
  const request = indexedDB.open('timesink');
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const rows = request.result.transaction('items').objectStore('items').getAll();
    rows.onsuccess = () => { request.result.close(); resolve(rows.result); };
  };
})"""


@pytest.fixture
def safari() -> Iterator[WebKit]:
    with webkit.running() as browser:
        browser.size(390, 844)
        yield browser


def signed_in(safari: WebKit, site: Site, member: Member) -> None:
    safari.open(site.url + "/sign-in")
    safari.cookie("timesink", member.cookie)
    safari.open(site.url + "/pad")
    safari.wait_for(lambda: safari.shown("[data-start]"), "the form")


def begin(safari: WebKit) -> None:
    safari.type("[name=subject]", "MA-01")
    safari.tap("[name=consent]")
    safari.tap("[data-go]")
    safari.wait_for(lambda: safari.shown("[data-view=session]"), "the pad")


def kinds(safari: WebKit) -> list[str]:
    return [row["body"].get("kind", "session") for row in safari.resolved(STORED)]


def tap(safari: WebKit, selector: str) -> None:
    """One tap, until it is in the phone's book."""
    before = len(kinds(safari))
    time.sleep(0.45)  # the same button again within 400 ms would be a trembling finger
    safari.tap(selector)
    safari.wait_for(lambda: len(kinds(safari)) > before, f"{selector} in the book")


def test_the_main_road_from_a_session_begun_to_its_timeline(safari: WebKit, site: Site, otto: Member) -> None:
    signed_in(safari, site, otto)
    begin(safari)
    session = safari.resolved(STORED)[0]["session"]
    assert safari.run("return [innerWidth, document.scrollingElement.scrollWidth]") == [390, 390]
    assert safari.run("return document.scrollingElement.scrollHeight <= innerHeight")
    tap(safari, "[data-tiles] [data-task=rooming]")
    assert safari.text("[data-label]") == "Rooming"
    tap(safari, "[data-triggers] [data-trigger=phone]")
    tap(safari, "[data-tiles] [data-task=callbacks]")
    tap(safari, "[data-bar] [data-tap=resume]")
    tap(safari, ".dock [data-tap=undo]")
    tap(safari, "[data-bar] [data-tap=resume]")
    safari.tap(".dock [data-tap=both]")
    tap(safari, "[data-tiles] [data-task=waiting]")
    safari.wait_for(lambda: "All uploaded" in safari.text("main.pad [data-sending]"), "everything uploaded")
    safari.open(site.url + "/pad")  # a reload loses nothing
    safari.wait_for(lambda: safari.text("[data-label]") == "Rooming", "the session in hand")
    pressed = "return [...document.querySelectorAll('[data-tiles] [aria-pressed=true]')].map((one) => one.dataset.task)"
    assert safari.run(pressed) == ["rooming", "waiting"]
    safari.tap("[data-open=end]")
    safari.tap("dialog [data-tap=end]")
    safari.wait_for(lambda: safari.text("[data-ended-sent]") == "Every tap is on the server.", "the end uploaded")
    found = site.timeline(otto, session)
    assert found["problems"] == []
    assert [(one["trigger"], one["outcome"]) for one in found["interruptions"]] == [("phone", "resumed")]
    assert [one["task"] for one in found["parallel"]] == ["waiting"]
    assert {one["task"] for one in found["occurrences"]} == {"rooming", "callbacks"}


def test_without_network_the_pad_opens_and_keeps_what_is_tapped(safari: WebKit, site: Site, otto: Member) -> None:
    signed_in(safari, site, otto)
    safari.wait_for(lambda: safari.run("return Boolean(navigator.serviceWorker.controller)"), "the service worker")
    begin(safari)
    tap(safari, "[data-tiles] [data-task=rooming]")
    site.stop()
    safari.open(site.url + "/pad")
    safari.wait_for(lambda: safari.text("[data-label]") == "Rooming", "the session in hand")
    tap(safari, "[data-tiles] [data-task=vitals]")
    safari.wait_for(lambda: "waiting" in safari.text("main.pad [data-sending]"), "a tap that waits")
    assert kinds(safari) == ["session", "begin", "start", "start"]


def test_switches_questions_and_search(safari: WebKit, site: Site, otto: Member) -> None:
    signed_in(safari, site, otto)
    begin(safari)
    safari.tap("[data-ask]")
    safari.tap("[data-tiles] [data-task=vitals]")
    safari.wait_for(lambda: "Blood pressure" in safari.text("[data-sheet=meaning]"), "what it means")
    safari.tap("[data-sheet=meaning] [data-close]")
    assert kinds(safari) == ["session", "begin"]
    safari.tap("main [data-open=state]")
    safari.tap("label:has([data-keeps=size])")
    safari.tap("label:has([data-keeps=hand])")
    safari.tap("[data-sheet=state] [data-close]")
    sizes = safari.run(
        "return [...document.querySelectorAll('[data-tiles] button')].map((one) => one.getBoundingClientRect().width)"
    )
    assert len(sizes) == 12
    assert min(sizes) > 115
    safari.tap("[data-tiles] [data-open=tasks]")
    safari.type("[data-search]", "fax")
    safari.wait_for(lambda: safari.text("[data-found]") == "Found: 2", "what was found")
    tap(safari, "[data-other-tasks] [data-task=forms]")
    assert safari.text("[data-label]") == "Forms"
