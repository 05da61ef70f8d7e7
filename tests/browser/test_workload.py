"""Workload hours on a phone: a roster by keyboard, levers that answer at once, every page for everybody's eyes."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.browser.test_axe import violations
from tests.builders import MONDAY, envelope, observed
from tests.people import Town
from tests.workload.test_api import day_item

Hand = Callable[..., Phone]
PAGE = f"/clinics/north/workload?from={MONDAY}&to=2026-11-06"
# names of what a finger misses; a box that stands in a row of choices is touched by its label
TOO_SMALL = """() => {
  const touched = document.querySelectorAll('main :is(button, .button, select, summary, input:not([type=hidden]))');
  return [...touched]
    .map((one) => [one.name || one.textContent, (one.closest('.choice label') || one).getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 43.5 || box.height < 43.5)).map(([name]) => name);
}"""
PAGES = (PAGE, "/clinics/north/roster", "/clinics/north/workload/standards")


@pytest.fixture
def watched(site: Site, town: Town) -> None:
    """Three observed mornings and two day logs."""
    items = [day_item(MONDAY, visits=60, messages=20), day_item("2026-11-03", visits=40)]
    for n, on in enumerate((MONDAY, "2026-11-03", "2026-11-04")):
        lines = (
            "08:00 rooming",
            f"08:{30 + n} callbacks",
            "09:00 searching",
            f"09:{20 + 5 * n} supplies!",
            "09:50 left",
        )
        items += observed(*lines, f"09:58 #visits {5 + n}", "09:59 #messages 4", "10:00 end", on=on)
    answer = httpx.post(
        f"{site.url}/api/v1/batches",
        json=envelope(items),
        headers={"Authorization": f"Bearer {town['otto'].token}"},
        timeout=20,
    )
    assert {result["status"] for result in answer.json()["results"]} == {"stored"}


@pytest.mark.usefixtures("watched")
def test_a_roster_is_entered_by_keyboard_and_a_lever_answers_at_once(hand_out: Hand, town: Town) -> None:
    phone = hand_out(town["mia"])
    phone.open("/clinics/north/roster")
    keys = phone.page.keyboard
    phone.find("[name=from0]").focus()
    keys.type("0800AM")
    phone.find("[name=to0]").focus()
    keys.type("0500PM")
    keys.press("Tab")
    while phone.page.evaluate("document.activeElement.name") != "mas0":
        keys.press("Tab")
    keys.type("2")
    phone.find("#week [name=valid_from]").fill("2026-11-01")
    phone.find("[name=mas0]").press("Enter")
    expect(phone.find("[role=status]")).to_have_text("Kept.")
    phone.open(PAGE)
    expect(phone.find(".say")).to_contain_text("MA hours")
    expect(phone.find("#what-if")).to_contain_text("Nothing is moved yet")
    with phone.page.expect_request("**/what-if") as asked:
        phone.find("[name=float_mas]").select_option("1")
    assert asked.value.post_data is not None
    expect(phone.find("#what-if")).to_contain_text("-45.0 h a week")
    phone.find("[name=surge_mas]").select_option("2")
    expect(phone.find("#what-if")).to_contain_text("-75.0 h a week")
    phone.find("#what-if [name=name]").fill("Float and surge")
    phone.find("#what-if [name=name]").press("Enter")
    phone.page.wait_for_url(f"{phone.url}{PAGE}#levers")  # the same days
    expect(phone.find("#levers")).to_contain_text("Float and surge")


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_small_phones_and_axe_finds_nothing(hand_out: Hand, town: Town, scheme: str) -> None:
    phone = hand_out(town["mia"], color_scheme=scheme, viewport={"width": 320, "height": 640})
    for path in PAGES:
        phone.open(path)
        if path == "/clinics/north/roster" and scheme == "light":
            phone.find("[name=from0]").fill("08:00")
            phone.find("[name=to0]").fill("17:00")
            phone.find("[name=mas0]").fill("3")
            phone.find("#week [name=valid_from]").fill("2026-11-01")
            phone.find("[name=mas0]").press("Enter")
            phone.open(PAGE)
            assert violations(phone) == [], "with a roster"
            phone.open(path)
        phone.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        assert violations(phone) == [], path
        too_wide = phone.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not too_wide, path
        assert phone.page.evaluate(TOO_SMALL) == [], path
