"""The import page in a real browser: the files stay in its form between the look and the import."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ON_BOTH, Site
from tests.browser.phone import Phone
from tests.browser.test_pages import OVERFLOW, TOO_SMALL
from tests.people import Town

Hand = Callable[..., Phone]

PAGE = "/clinics/north/import"
HEADER = "session,subject,task,start,end\n"
GOOD = "The long first morning on the ward,MA-01,rooming,2026-11-02T09:00,2026-11-02T09:10\n"
BAD = "The long first morning on the ward,MA-01,vitals,2026-11-02T09:20,2026-11-02T09:15\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a log of a whole morning with a rather long name.csv"
    path.write_text(HEADER + GOOD + BAD)
    return path


@ON_BOTH
def test_a_file_is_looked_at_put_right_by_an_option_and_imported(
    hand_out: Hand, site: Site, town: Town, file: Path
) -> None:
    phone = hand_out(town["mia"])
    phone.expect_fault("status of 422")  # Chromium's own word on the preview that cannot be imported
    phone.open(PAGE)
    phone.find("[name=file]").set_input_files(file)
    phone.tap("text=Show what would happen")
    outcome = phone.find("#outcome")
    expect(outcome).to_contain_text("Nothing would be written as it stands.")
    expect(outcome).to_contain_text("long name.csv:3 It ends")
    assert phone.page.evaluate(OVERFLOW) <= 0
    assert phone.page.evaluate(TOO_SMALL) == []
    phone.find("[name=skip_bad]").check()
    phone.tap("text=Show what would happen")
    expect(outcome).to_contain_text("1 session with 1 line would be added.")
    assert phone.page.evaluate(OVERFLOW) <= 0
    phone.tap("text=Import 1 session")
    expect(outcome).to_contain_text("Imported")
    expect(outcome).to_contain_text("1 session with 1 line; already there: 0. 1 bad line was left out.")
    (one,) = site.ask(town["mia"], "/api/v1/sessions?clinic=north")["items"]
    assert (one["incomplete"], one["subject"]) == (True, "MA-01")


def test_it_works_by_keyboard_alone(hand_out: Hand, site: Site, town: Town, file: Path) -> None:
    file.write_text(HEADER + GOOD)
    phone = hand_out(town["mia"])
    phone.open(PAGE)
    phone.find("[name=file]").set_input_files(file)  # the chooser itself is the system's own window
    phone.find("[name=file]").focus()
    for _ in range(20):
        phone.page.keyboard.press("Tab")
        if phone.page.evaluate("() => document.activeElement.value") == "preview":
            break
    phone.page.keyboard.press("Enter")
    expect(phone.find("#outcome")).to_contain_text("1 session with 1 line would be added.")
    for _ in range(20):
        phone.page.keyboard.press("Tab")
        if phone.page.evaluate("() => document.activeElement.value") == "import":
            break
    phone.page.keyboard.press("Enter")
    expect(phone.find("#outcome")).to_contain_text("Imported")
    assert len(site.ask(town["mia"], "/api/v1/sessions?clinic=north")["items"]) == 1
