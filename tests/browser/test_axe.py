"""axe-core (Deque) finds nothing on the pad at WCAG 2.2 AA, in any state and every colour scheme."""

from collections.abc import Callable
from importlib.metadata import distribution
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.test_layout import states
from tests.browser.test_practice import PERFECT
from tests.people import Member

Hand = Callable[..., Phone]

WHEEL = distribution("axe-playwright-python")
AXE = next(file for file in WHEEL.files or () if file.name == "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(phone: Phone) -> list[Any]:
    """(rule, where) of each. What is still fading in would be judged by a colour that nobody reads."""
    phone.page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished)).then(() => true)")
    if not phone.page.evaluate("() => 'axe' in window"):
        phone.page.evaluate(f"{AXE}\n;0")
    found: list[Any] = phone.page.evaluate(
        """(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then((found) =>
          found.violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => String(target))]))""",
        TAGS,
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark", "dim"])
def test_axe_finds_nothing_in_any_state(hand_out: Hand, otto: Member, scheme: str) -> None:
    phone = hand_out(otto, color_scheme="light" if scheme == "light" else "dark")
    if scheme == "dim":
        phone.context.add_init_script("localStorage.setItem('timesink-theme', 'dim')")
    phone.open()
    expect(phone.find("[data-start]")).to_be_visible()
    assert violations(phone) == [], "before a session"
    phone.begin()
    for state in states(phone):
        assert violations(phone) == [], state
    phone.tap("[data-ask]")
    phone.tap(phone.button("supplies!"))
    assert violations(phone) == [], "a meaning"
    phone.tap("[data-sheet=meaning] [data-close]")
    phone.tap("main [data-open=stack]")
    assert violations(phone) == [], "the sheet stack"
    phone.tap("[data-sheet=stack] [data-close]")
    phone.gesture("pause")
    assert violations(phone) == [], "not watching"
    phone.gesture("continue")
    phone.end()
    assert violations(phone) == [], "after a session"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_sheets_that_put_right_nor_in_training(
    hand_out: Hand, otto: Member, scheme: str
) -> None:
    phone = hand_out(otto, color_scheme=scheme)
    phone.open()
    phone.tap("[data-try=training]")
    expect(phone.find("[data-own-pace]")).to_be_visible()  # the scene has come
    assert violations(phone) == [], "before training"
    phone.tap("[data-own-pace]")
    for _card in PERFECT:
        assert violations(phone) == [], phone.find(".card-strip").inner_text()
        phone.page.wait_for_timeout(420)
        phone.tap("[data-next]")
    expect(phone.find("[data-view=scored]")).to_be_visible()
    phone.tap("summary")
    assert violations(phone) == [], "the score"
    phone.tap("[data-to-start]")
    phone.begin()
    phone.gesture("rooming")
    phone.gesture("vitals")
    phone.tap("main [data-open=fix]")
    assert violations(phone) == [], "the sheet fix"
    phone.tap("[data-open=afterwards]")
    assert violations(phone) == [], "the sheet afterwards"
