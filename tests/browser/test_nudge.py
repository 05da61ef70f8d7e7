"""A task that runs far longer than usual: the pad asks once, as the clinic chose, and stops nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.clinics.models import Clinic
from tests.browser.clock import Clock
from tests.browser.phone import Phone
from tests.people import Member, Town

RECORD_WHAT_IS_SAID = """() => {
  window.said = [];
  new MutationObserver(() => window.said.push(document.querySelector('[data-status]').textContent))
    .observe(document.querySelector('[data-status]'), {childList: true, characterData: true, subtree: true});
}"""


@pytest.fixture
def phone(hand_out: Callable[..., Phone], otto: Member) -> Phone:
    """Not opened yet: no copy of the pad lies on it from before the clinic chose."""
    return hand_out(otto)


@pytest.fixture
def clock(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(phone, monkeypatch)


def begin(phone: Phone, clock: Clock, town: Town, minutes: int | None) -> None:
    with town.database.write() as session:
        session.get_one(Clinic, town.north.id).nudge_minutes = minutes
    phone.open()
    clock.stop()
    phone.begin()
    phone.page.evaluate(RECORD_WHAT_IS_SAID)


def questions(phone: Phone) -> int:
    said: list[str] = phone.page.evaluate("() => window.said")
    return sum("still going?" in text for text in said)


def test_it_asks_once_from_the_chosen_time_on_and_the_task_runs_on(phone: Phone, clock: Clock, town: Town) -> None:
    begin(phone, clock, town, 10)
    phone.gesture("rooming")
    clock.wait(9.9)
    assert questions(phone) == 0
    expect(phone.find("[data-head]")).not_to_have_class("head long")
    with phone.without_network():
        clock.wait(0.2, online=False)
        expect(phone.find("[data-sub]")).to_have_text("still going?")
        expect(phone.find("[data-head]")).to_have_class("head long")
    assert questions(phone) == 1
    for _minute in range(3):
        clock.wait(1)
    assert questions(phone) == 1
    assert phone.running() == ["rooming"]
    assert [event["kind"] for event in phone.events()] == ["begin", "start"]


def test_it_asks_again_about_the_next_one_but_not_after_a_reload(phone: Phone, clock: Clock, town: Town) -> None:
    begin(phone, clock, town, 10)
    phone.gesture("rooming")
    clock.wait(11)
    assert questions(phone) == 1
    phone.page.reload()
    expect(phone.find("[data-label]")).to_have_text("Rooming")
    phone.page.evaluate(RECORD_WHAT_IS_SAID)
    clock.wait(1)
    expect(phone.find("[data-sub]")).to_have_text("still going?")
    assert questions(phone) == 0
    phone.gesture("vitals")
    expect(phone.find("[data-sub]")).not_to_have_text("still going?")
    clock.wait(11)
    assert questions(phone) == 1


def test_where_the_clinic_chose_nothing_it_never_asks(phone: Phone, clock: Clock, town: Town) -> None:
    begin(phone, clock, town, None)
    phone.gesture("rooming")
    clock.wait(600)
    assert questions(phone) == 0
