"""A tap as a finger makes it: stamped when it comes down, done when it goes up inside, never twice by trembling."""

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.phone import Phone


@pytest.fixture
def pad(phone: Phone) -> Phone:
    phone.page.clock.install()
    phone.open()
    phone.begin()
    return phone


def _middle(pad: Phone, selector: str) -> dict[str, float]:
    box = pad.find(selector).bounding_box()
    assert box is not None
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def _touch(cdp: CDPSession, kind: str, *points: dict[str, float]) -> None:
    cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})


def test_the_stamp_is_that_of_the_finger_coming_down(pad: Phone) -> None:
    cdp = pad.context.new_cdp_session(pad.page)
    pad.page.clock.pause_at(pad.page.evaluate("() => Date.now() / 1000 + 10"))
    down = pad.page.evaluate("() => Date.now()")
    _touch(cdp, "touchStart", _middle(pad, pad.button("rooming")))
    pad.page.clock.fast_forward(900)
    pad.kept_after(lambda: _touch(cdp, "touchEnd"))
    event = pad.events()[-1]
    assert (event["kind"], event["at"], event["recorded_at"]) == ("start", down, down)
    assert isinstance(event["mono"], float | int)
    assert event["load"] == pad.events()[0]["load"]


def test_sliding_off_gives_the_tap_up(pad: Phone) -> None:
    cdp = pad.context.new_cdp_session(pad.page)
    start, elsewhere = _middle(pad, pad.button("rooming")), _middle(pad, pad.button("vitals"))
    _touch(cdp, "touchStart", start)
    _touch(cdp, "touchMove", elsewhere)
    _touch(cdp, "touchEnd")
    pad.gesture("discharge")
    assert [event.get("task") for event in pad.events()] == [None, "discharge"]


def test_a_finger_that_moves_inside_the_tile_still_taps(pad: Phone) -> None:
    cdp = pad.context.new_cdp_session(pad.page)
    start = _middle(pad, pad.button("rooming"))
    _touch(cdp, "touchStart", start)
    _touch(cdp, "touchMove", {"x": start["x"] + 30, "y": start["y"] + 25})
    pad.kept_after(lambda: _touch(cdp, "touchEnd"))
    assert pad.running() == ["rooming"]


def test_the_same_tile_twice_within_400_ms_is_one_tap(pad: Phone) -> None:
    pad.page.clock.pause_at(pad.page.evaluate("() => Date.now() / 1000 + 10"))
    pad.gesture("rooming")
    pad.page.clock.fast_forward(399)
    pad.tap(pad.button("rooming"))
    pad.gesture("vitals")  # another tile is another tap, however soon
    pad.page.clock.fast_forward(401)
    pad.gesture("vitals")
    assert [event.get("task") for event in pad.events()] == [None, "rooming", "vitals", "vitals"]


def test_three_taps_in_a_burst_keep_their_order_and_times(pad: Phone) -> None:
    pad.page.clock.pause_at(pad.page.evaluate("() => Date.now() / 1000 + 10"))
    start = pad.page.evaluate("() => Date.now()")
    names = ("rooming", "vitals", "discharge")

    def burst() -> None:
        for name in names:
            pad.tap(pad.button(name))

    pad.kept_after(burst, more=3)
    stored = pad.events()[1:]
    assert [event["task"] for event in stored] == list(names)
    assert [event["seq"] for event in stored] == [2, 3, 4]
    assert {event["at"] for event in stored} == {start}


def test_two_thumbs_at_once_are_two_taps(pad: Phone) -> None:
    cdp = pad.context.new_cdp_session(pad.page)
    left, right = _middle(pad, pad.button("rooming")), _middle(pad, pad.button("discharge"))
    _touch(cdp, "touchStart", {**left, "id": 1})
    _touch(cdp, "touchStart", {**left, "id": 1}, {**right, "id": 2})
    _touch(cdp, "touchEnd", {**right, "id": 2})
    _touch(cdp, "touchEnd")
    pad.wait_for(lambda: len(pad.events()) == 3, "begin and two starts")
    assert {event["task"] for event in pad.events()[1:]} == {"rooming", "discharge"}


def test_what_a_tap_uncovers_does_not_get_its_click(pad: Phone) -> None:
    pad.gesture("rooming")
    pad.gesture("phone!")
    pad.tap(pad.button("asked-both"))  # goes away, and the button of the stack takes its place
    expect(pad.find("[data-status]")).to_contain_text("Tap the second task")
    expect(pad.find("dialog[open]")).to_have_count(0)


def test_the_keyboard_does_what_a_finger_does(pad: Phone) -> None:
    pad.find(pad.button("rooming")).focus()
    pad.kept_after(lambda: pad.page.keyboard.press("Enter"))
    pad.page.keyboard.press("Tab")
    pad.kept_after(lambda: pad.page.keyboard.press("Space"))
    assert [event.get("task") for event in pad.events()] == [None, "rooming", "vitals"]
    outline = pad.find(pad.button("vitals")).evaluate("b => getComputedStyle(b).outlineStyle")
    assert outline == "solid"


def test_a_tap_in_the_first_moment_after_coming_back_is_ignored(pad: Phone) -> None:
    pad.page.clock.pause_at(pad.page.evaluate("() => Date.now() / 1000 + 10"))
    pad.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")  # comes back into view
    pad.tap(pad.button("rooming"))
    pad.page.clock.fast_forward(301)
    pad.gesture("vitals")
    assert [event.get("task") for event in pad.events()] == [None, "vitals"]


def test_a_trembling_finger_neither_closes_what_it_opened_nor_taps_in_it(pad: Phone) -> None:
    pad.page.clock.pause_at(pad.page.evaluate("() => Date.now() / 1000 + 10"))
    cdp = pad.context.new_cdp_session(pad.page)
    for name in ("tasks", "triggers", "counters"):
        spot = _middle(pad, f"main [data-open={name}]:not([data-help])")
        for _twice in range(2):
            _touch(cdp, "touchStart", spot)
            _touch(cdp, "touchEnd")
            expect(pad.find(f"[data-sheet={name}]")).to_be_visible()
        pad.page.clock.fast_forward(401)
        pad.tap(f"[data-sheet={name}] [data-close]")
        pad.page.clock.fast_forward(401)
    assert [event["kind"] for event in pad.events()] == ["begin"]


def test_a_start_tapped_twice_begins_one_session_with_nothing_in_hand(phone: Phone) -> None:
    phone.page.clock.install()
    phone.open()
    expect(phone.find("[data-start]")).to_be_visible()
    phone.find("[name=subject]").fill("MA-01")
    phone.find("[name=consent]").check()
    # wherever the form's length puts it: here it lies where a tile will be
    phone.find("[data-go]").evaluate("b => Object.assign(b.style, {position: 'fixed', left: '20px', top: '200px'})")
    phone.page.clock.pause_at(phone.page.evaluate("() => Date.now() / 1000 + 10"))
    cdp = phone.context.new_cdp_session(phone.page)
    spot = _middle(phone, "[data-go]")
    _touch(cdp, "touchStart", spot)
    _touch(cdp, "touchEnd")
    expect(phone.find("[data-view=session]")).to_be_visible()
    assert phone.page.evaluate("({x, y}) => document.elementFromPoint(x, y).closest('[data-task]') !== null", spot)
    _touch(cdp, "touchStart", spot)
    _touch(cdp, "touchEnd")
    phone.page.clock.fast_forward(401)
    phone.gesture("vitals")
    assert [event["kind"] for event in phone.events()] == ["begin", "start"]
