"""What tasks, interruptions, counters and buttons mean is one touch away, and asking records nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.phone import Phone
from tests.browser.test_layout import check_layout
from tests.people import Member

Hand = Callable[..., Phone]


@pytest.fixture
def pad(phone: Phone) -> Phone:
    phone.begin()
    return phone


def ask(pad: Phone, selector: str) -> None:
    pad.tap("[data-ask]")
    expect(pad.find("[data-ask]")).to_have_attribute("aria-pressed", "true")
    pad.tap(selector)
    expect(pad.find("[data-sheet=meaning]")).to_be_visible()
    expect(pad.find("[data-ask]")).to_have_attribute("aria-pressed", "false")


def test_a_question_tells_what_a_task_means_and_records_nothing(pad: Phone) -> None:
    pad.gesture("rooming")
    ask(pad, pad.button("vitals"))
    expect(pad.find("#sheet-meaning")).to_have_text("Vitals")
    said = pad.find("[data-meaning]")
    expect(said).to_contain_text("Patient flow")
    expect(said).to_contain_text("Blood pressure, pulse")
    expect(said).to_contain_text("Not: A request for vitals that breaks into another task")
    pad.tap("[data-sheet=meaning] [data-close]")
    assert pad.running() == ["rooming"]
    assert [event["kind"] for event in pad.events()] == ["begin", "start"]
    pad.page.wait_for_timeout(450)
    pad.gesture("vitals")  # the next touch is a tap again
    assert pad.running() == ["vitals"]


def test_the_task_that_was_asked_about_can_be_tapped_in_the_answer(pad: Phone) -> None:
    ask(pad, pad.button("vitals"))
    pad.page.wait_for_timeout(450)
    pad.kept_after(lambda: pad.tap("[data-meaning] [data-task=vitals]"))
    expect(pad.find("dialog[open]")).to_have_count(0)
    assert pad.running() == ["vitals"]


def test_a_question_tells_what_an_interruption_means(pad: Phone) -> None:
    ask(pad, pad.button("add-on!"))
    expect(pad.find("[data-meaning]")).to_contain_text("put on the schedule today")
    expect(pad.find("[data-meaning]")).to_contain_text("Not: Somebody who comes without any appointment")
    assert [event["kind"] for event in pad.events()] == ["begin"]


def test_every_button_of_the_pad_says_what_it_does_and_does_not_do_it(pad: Phone) -> None:
    for name in ("rooming", "phone!"):
        pad.gesture(name)
    events = len(pad.events())
    buttons = pad.find("main button:visible:not([data-ask], [data-task], [data-trigger], [data-help])")
    # by name: what may be chosen about the interruption goes away after some seconds, and is asked about before
    names: list[str] = buttons.evaluate_all(
        "all => all.map(({ dataset: { tap, open } }) => (tap ? `[data-tap=${tap}]` : `[data-open=${open}]`))"
    )
    assert len(names) >= 12
    for name in names:
        button = pad.find(f"main {name}:visible:not([data-help])")
        means = button.get_attribute("data-means")
        assert means, name
        pad.tap("[data-ask]")
        button.tap()
        expect(pad.find("[data-meaning]")).to_have_text(means)
        expect(pad.find("dialog[open]")).to_have_count(1)
        pad.page.wait_for_timeout(450)  # Close may lie where the button was
        pad.tap("[data-sheet=meaning] [data-close]")
    assert len(pad.events()) == events


def test_a_question_ends_by_itself_by_its_button_and_by_a_touch_on_nothing(phone: Phone) -> None:
    phone.page.clock.install()
    phone.open()
    phone.begin()
    asking = phone.find("[data-ask]")
    endings: tuple[Callable[[], None], ...] = (
        lambda: phone.tap("[data-ask]"),
        lambda: phone.tap("[data-watch]"),
        lambda: phone.page.clock.fast_forward(20_000),
    )
    told = ("", "", "Nothing was asked. The next touch is recorded again.")  # who sees it end needs no word
    for ending, words in zip(endings, told, strict=True):
        phone.page.wait_for_timeout(450)
        phone.tap("[data-ask]")
        expect(asking).to_have_attribute("aria-pressed", "true")
        expect(phone.find("[data-status]")).to_contain_text("Nothing is recorded")
        phone.page.wait_for_timeout(450)
        ending()
        expect(asking).to_have_attribute("aria-pressed", "false")
        expect(phone.find("[data-status]")).to_have_text(words)
    phone.gesture("rooming")
    assert phone.running() == ["rooming"]


def test_the_keyboard_asks_and_comes_back_to_where_it_was(pad: Phone) -> None:
    keyboard = pad.page.keyboard
    pad.find("[data-ask]").focus()
    keyboard.press("Enter")
    expect(pad.find("[data-status]")).to_have_text("Touch what you want explained. Nothing is recorded.")
    pad.find(pad.button("rooming")).focus()
    keyboard.press("Enter")
    meaning = pad.find("[data-sheet=meaning]")
    expect(meaning).to_be_visible()
    expect(pad.page.get_by_role("dialog", name="Rooming")).to_be_visible()
    assert meaning.evaluate("sheet => sheet.contains(document.activeElement)")
    keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    expect(pad.find(pad.button("rooming"))).to_be_focused()
    assert [event["kind"] for event in pad.events()] == ["begin"]


def test_meanings_are_there_without_network(pad: Phone) -> None:
    pad.offline_ready()
    with pad.without_network():
        pad.page.reload()
        ask(pad, pad.button("searching"))
        expect(pad.find("[data-meaning]")).to_contain_text("Looking for supplies, equipment")


def test_the_name_of_what_runs_tells_what_it_means(pad: Phone) -> None:
    pad.gesture("documentation")
    pad.tap("[data-help]")
    expect(pad.find("[data-meaning] [data-definition=documentation]")).to_be_in_viewport()


def test_counters_and_all_interruptions_stand_with_their_meaning(pad: Phone) -> None:
    pad.tap("main [data-open=counters]")
    row = pad.find(".counter:has([data-counter=rework])")
    expect(row).to_contain_text("missing, wrong or lost")
    expect(row).to_contain_text("Not: Repeats that the visit needs")
    pad.tap("[data-sheet=counters] [data-close]")
    pad.tap("[data-triggers] [data-open=triggers]")
    expect(pad.find("[data-all-meanings]")).to_contain_text("They stop by themselves to do something else")
    assert pad.find("[data-all-meanings] p").count() == pad.find("[data-all-triggers] button").count() == 18


# --- long lists ------------------------------------------------------------------------------------------------------


def _four_hundred(route: Route) -> None:
    pad = route.fetch().json()
    model = pad["tasks"][0]
    pad["tasks"] += [
        {**model, "code": f"extra-{n}", "label": f"Röntgen {n}", "short": f"Röntg {n}", "first": n < 60}
        for n in range(400 - len(pad["tasks"]))
    ]
    route.fulfill(json=pad)


@pytest.fixture
def long_list(hand_out: Hand, otto: Member) -> Phone:
    phone = hand_out(otto, service_workers="block", viewport={"width": 320, "height": 568})
    phone.context.route("**/api/v1/clinics/*/pad", _four_hundred)
    phone.open()
    phone.begin()
    return phone


def test_four_hundred_tasks_are_searched_by_typing(long_list: Phone) -> None:
    check_layout(long_list)
    assert long_list.find("[data-tiles] button").count() == 24
    long_list.tap("[data-tiles] [data-open=tasks]")
    check_layout(long_list)
    assert long_list.find("[data-definition]").count() == 400
    search = long_list.find("[data-search]")
    search.fill("rontgen 371")
    expect(long_list.find("[data-found]")).to_have_text("Found: 1")
    shown = long_list.find("[data-other-tasks] button:visible")
    expect(shown).to_have_count(1)
    assert shown.evaluate("(tile) => tile.getBoundingClientRect().height") >= 44
    search.fill("no such thing")
    expect(long_list.find("[data-found]")).to_have_text("Found: 0")
    search.fill("RONTGEN 371")
    long_list.kept_after(lambda: shown.tap())
    expect(long_list.find("[data-label]")).to_have_text("Röntgen 371")
    expect(long_list.find("dialog[open]")).to_have_count(0)
    long_list.tap("[data-tiles] [data-open=tasks]")
    expect(search).to_have_value("")
    expect(long_list.find("[data-definition=extra-371]")).to_be_attached()
    assert long_list.find("[data-definition=extra-371] button").get_attribute("aria-pressed") == "true"


def test_more_scrolls_under_a_finger_and_a_finger_that_scrolls_taps_nothing(long_list: Phone) -> None:
    long_list.tap("[data-tiles] [data-open=tasks]")
    sheet = long_list.find("[data-sheet=tasks]")
    box = long_list.find("[data-other-tasks] button >> nth=7").bounding_box()
    assert box
    cdp = long_list.context.new_cdp_session(long_list.page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        cdp.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 25 * step}]})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    long_list.wait_for(lambda: sheet.evaluate("sheet => sheet.scrollTop") > 100, "the sheet to scroll")
    expect(sheet).to_be_visible()
    long_list.page.keyboard.press("Escape")  # while it glides on, a touch would only stop it
    expect(sheet).to_be_hidden()
    long_list.gesture("rooming")
    assert [event["kind"] for event in long_list.events()] == ["begin", "start"]
