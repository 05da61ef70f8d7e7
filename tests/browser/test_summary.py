"""The summary of a simulated clinic in a real browser: what a first screen holds, touched drawings, folds, paper."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.browser.test_axe import violations
from tests.demo.week import LAST, simulate_weeks
from tests.people import Town

Hand = Callable[..., Phone]

DAYS = f"from={LAST - timedelta(days=13)}&to={LAST}"
SUMMARY = f"/clinics/demo/summary?{DAYS}"
MOST_PAGES = 4
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"
OPEN = "() => document.querySelectorAll('.fold').forEach((fold) => { fold.open = true; })"


@pytest.fixture
def demo(town: Town) -> Town:
    """Two weeks of the demo clinic, of which Mia is a manager too."""
    simulate_weeks(town.database, town["mia"], 2)
    return town


def test_the_summary_on_a_phone_and_on_paper(hand_out: Hand, demo: Town) -> None:
    phone = hand_out(demo["mia"])
    page = phone.page
    phone.open(SUMMARY)
    # to decide something in a minute: the sentence, the three numbers, what to try and the five, without scrolling
    for there in (".report .say", ".three > div >> nth=2", "text=What to try >> nth=0", "figure >> nth=0"):
        expect(phone.find(there)).to_be_in_viewport()
    five = phone.find("figure >> nth=0").locator("svg > g")
    assert five.count() == 5
    assert (five.last.bounding_box() or {"y": 9999})["y"] < 844
    expect(phone.find(".fold[open]")).to_have_count(0)

    # a mark that is touched tells its figures; touched again, or elsewhere, it is quiet
    said = five.first.locator("title").text_content()
    five.first.tap()
    expect(phone.find(".tip")).to_have_text(said or "?")
    box = phone.find(".tip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.wait_for_timeout(450)
    five.first.tap()
    expect(phone.find(".tip")).to_have_count(0)

    phone.tap("text=What to try >> nth=0")
    expect(phone.find("#try")).to_be_in_viewport()
    assert 1 <= phone.find("#try .ranked > li").count() <= 3

    # did it help: by htmx, below
    phone.tap("#changes > summary")
    expect(phone.find("#changes")).to_contain_text("Changes tried")
    expect(phone.find("#workload-brief")).to_be_attached()
    phone.tap("#changes form button")
    expect(phone.find("#compared .chart")).to_be_visible()

    # other filters leave open what was open
    phone.tap(".choose summary")
    phone.tap("[name=settling]")
    phone.tap(".choose .filters button")
    expect(phone.find(".report")).to_contain_text("without settling in")
    expect(phone.find(".fold[open]")).to_have_count(1)
    page.go_back()
    expect(phone.find(".report")).not_to_contain_text("without settling in")
    expect(phone.find("#workload-brief")).to_be_attached()  # it comes by itself, after the page

    page.evaluate(OPEN)
    assert page.evaluate(OVERFLOW) <= 0
    assert phone.find(".chart").count() == 7
    assert violations(phone) == []

    page.evaluate("() => document.querySelectorAll('.fold').forEach((fold) => { fold.open = false; })")
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= MOST_PAGES
    page.emulate_media(media="print")
    for there in (
        "#definitions dl",
        "#when .chart >> nth=0",
        "#reported table >> nth=0",
        "#next table",
        "#counts table >> nth=0",
    ):
        expect(phone.find(there)).to_be_visible()
    for gone in ("#changes form", ".choose", "text=Show as table >> nth=0", ".big"):
        expect(phone.find(gone)).to_be_hidden()


def test_the_comparison_page_fits_every_screen_and_axe_finds_nothing(hand_out: Hand, demo: Town) -> None:
    for width, scheme in ((320, "light"), (1280, "dark")):
        phone = hand_out(demo["mia"], viewport={"width": width, "height": 700}, is_mobile=False, color_scheme=scheme)
        for path in (f"/clinics/demo/comparison?by=day_type&{DAYS}", SUMMARY):
            phone.open(path)
            phone.page.evaluate(OPEN)
            assert phone.page.evaluate(OVERFLOW) <= 0, (width, path)
            assert violations(phone) == [], (width, path)
        phone.context.close()
