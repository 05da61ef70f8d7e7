"""The pages in a real browser: signing in, the summary's filters by htmx, screens of every size, keyboard, print."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from app.db import now_ms
from app.people.accounts import make_link, set_password
from app.people.models import Person
from tests.browser.conftest import ON_BOTH, Site
from tests.browser.phone import Phone
from tests.builders import envelope, observed
from tests.people import Town

Hand = Callable[..., Phone]

SUMMARY = "/clinics/north/summary"
WEEK = f"{SUMMARY}?from=2026-11-02&to=2026-11-08"
PASSWORD = "quiet maple harbour ninety"
DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")

OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"
# what a finger must hit; links within sentences are exempt, as WCAG 2.5.8 has it
TOO_SMALL = """() => [...document.querySelectorAll(
  'button, .button, .big, nav a, .spans a, summary, select, input:not([type=hidden], [type=radio], [type=checkbox])')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.getBoundingClientRect().height, one.outerHTML.slice(0, 80)])
  .filter(([height]) => height < 43.5)"""


@pytest.fixture
def week(site: Site, town: Town) -> str:
    """Three sessions; the id of the last."""
    for day, searching in zip(DAYS, (10, 14, 6), strict=True):
        items = observed(
            *("09:00 searching", f"09:{searching:02} rooming", "09:30 phone?", "09:40 supplies! searching"),
            *("09:50 back", "09:52 +callbacks phone?", "09:55 -callbacks", "09:56 #visits", "10:00 end"),
            on=day,
        )
        headers = {"Authorization": f"Bearer {town['otto'].token}"}
        answer = httpx.post(site.url + "/api/v1/batches", json=envelope(items), headers=headers, timeout=20)
        assert answer.status_code == 200
    return str(items[0]["id"])


def asked_for_since(page: Page) -> list[str]:
    """The documents that the browser itself loads from now on, as against what htmx fetches."""
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url) if request.is_navigation_request() else None)
    return loaded


# --- from the door to the figures ------------------------------------------------------------------------------------


@ON_BOTH
def test_a_manager_signs_in_and_reads_the_summary(hand_out: Hand, site: Site, town: Town, week: str) -> None:
    with town.database.write() as session:
        set_password(session, session.get_one(Person, town["mia"].id), PASSWORD)
    phone = hand_out(None)
    phone.expect_fault("status of 422")  # Chromium's own word on the first, wrong attempt
    phone.open(WEEK)
    expect(phone.page).to_have_title("Sign in · Timesink")
    for password in ("a wrong one", PASSWORD):
        phone.find("[name=email]").fill("mia@north.example")
        phone.find("[name=password]").fill(password)
        phone.tap("main button")
        if password != PASSWORD:
            expect(phone.find("[role=alert]")).to_contain_text("No account here has this")
            expect(phone.find("[name=email]")).to_have_value("mia@north.example")
            expect(phone.find("[name=password]")).to_be_focused()
    expect(phone.page).to_have_url(site.url + WEEK)
    expect(phone.find(".report .say")).to_contain_text("hours of each full-time MA's 8-hour day")
    expect(phone.find(".report .say")).to_be_in_viewport(ratio=1)
    phone.tap("header.site nav >> text=Home")
    expect(phone.find("h1")).to_have_text("Hello, Mia")


def test_one_signs_in_on_a_plain_http_address_of_the_house(hand_out: Hand, site: Site, town: Town) -> None:
    with town.database.write() as session:
        set_password(session, session.get_one(Person, town["mia"].id), PASSWORD)
    phone = hand_out(None, site.insecure_url)
    phone.expect_fault("Cross-Origin-Opener-Policy header has been ignored")
    phone.open("/sign-in")
    phone.find("[name=email]").fill("mia@north.example")
    phone.find("[name=password]").fill(PASSWORD)
    phone.tap("main button")
    expect(phone.find("h1")).to_have_text("Hello, Mia")
    phone.tap("text=Sign out")
    expect(phone.page).to_have_title("Sign in · Timesink")


def test_an_invited_person_chooses_a_password_and_is_in(hand_out: Hand, town: Town) -> None:
    with town.database.write() as session:
        link = "/invitation/" + make_link(session, session.get_one(Person, town["otto"].id), now_ms(), 72)
    phone = hand_out(None)
    phone.open(link)
    phone.find("[name=password]").fill(PASSWORD)
    phone.find("[name=again]").fill(PASSWORD)
    phone.tap("main button")
    expect(phone.find("h1")).to_have_text("Hello, Otto")
    phone.tap("text=Start observing")
    expect(phone.find("[data-start]")).to_be_visible()


# --- filters ---------------------------------------------------------------------------------------------------------


def test_filters_swap_the_figures_push_the_address_and_go_back(
    hand_out: Hand, site: Site, town: Town, week: str
) -> None:
    phone = hand_out(town["mia"], service_workers="block")
    page = phone.page
    phone.open(WEEK)
    expect(phone.find(".report")).to_contain_text("3 sessions")
    loaded = asked_for_since(page)
    phone.tap(".choose summary")
    phone.find(".choose [name=to]").fill("2026-11-03")
    phone.tap(".filters button")
    expect(phone.find(".report")).to_contain_text("2 sessions")
    expect(page).to_have_url(f"{site.url}{SUMMARY}?from=2026-11-02&to=2026-11-03&day_type=&mode=observed")
    assert loaded == []
    page.go_back()
    expect(phone.find(".report")).to_contain_text("3 sessions")
    expect(page).to_have_url(site.url + WEEK)
    expect(phone.find(".choose [name=to]")).to_have_value("2026-11-08")
    page.go_forward()
    expect(phone.find(".report")).to_contain_text("2 sessions")
    page.reload()
    expect(phone.find(".report")).to_contain_text("2 sessions")
    expect(phone.find(".choose [name=to]")).to_have_value("2026-11-03")


def test_a_slip_in_the_dates_is_said_and_loses_nothing(hand_out: Hand, town: Town, week: str) -> None:
    phone = hand_out(town["mia"])
    phone.expect_fault("status of 422")
    phone.open(WEEK)
    phone.tap(".choose summary")
    phone.find(".choose [name=from]").fill("2026-11-20")
    phone.tap(".filters button")
    expect(phone.find("#figures [role=alert]")).to_contain_text("swap the two days")
    expect(phone.find(".choose [name=from]")).to_have_value("2026-11-20")
    phone.find(".choose [name=from]").fill("2026-11-02")
    phone.tap(".filters button")
    expect(phone.find(".report")).to_contain_text("3 sessions")


def test_filters_work_without_javascript(hand_out: Hand, site: Site, town: Town, week: str) -> None:
    phone = hand_out(town["mia"], java_script_enabled=False)
    phone.open(WEEK)
    phone.tap(".choose summary")
    phone.find(".choose [name=to]").fill("2026-11-02")
    phone.tap(".filters button")
    expect(phone.find(".report")).to_contain_text("1 session")
    expect(phone.page).to_have_url(f"{site.url}{SUMMARY}?from=2026-11-02&to=2026-11-02&day_type=&mode=observed")


# --- every screen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_its_screen_or_has_targets_too_small(
    hand_out: Hand, town: Town, week: str, width: int
) -> None:
    with town.database.write() as session:
        invitation = "/invitation/" + make_link(session, session.get_one(Person, town["olga"].id), now_ms(), 72)
        session.get_one(Person, town["otto"].id).name = "Otto" * 30  # a name may have 120 letters, none a space
    wanted = {
        None: ("/sign-in", invitation),
        "otto": ("/", "/sessions", f"/sessions/{week}", "/account"),
        "ada": ("/", "/sessions"),
        "mia": ("/", WEEK, f"{SUMMARY}?mode=self", f"{WEEK}&day_type=high"),
        "ana": ("/", "/clinics/north/sessions", "/clinics/north/people", "/clinics/north/audit"),
    }
    for name, paths in wanted.items():
        phone = hand_out(town[name] if name else None, viewport={"width": width, "height": 640}, is_mobile=False)
        for path in paths:
            phone.open(path)
            for fold in phone.find("details").all():
                fold.evaluate("(fold) => { fold.open = true; }")
            assert phone.page.evaluate(OVERFLOW) <= 0, path
            assert phone.page.evaluate(TOO_SMALL) == [], path
        phone.context.close()


def test_the_keyboard_reaches_the_content_first_and_every_scroller(hand_out: Hand, town: Town, week: str) -> None:
    phone = hand_out(town["otto"], viewport={"width": 1280, "height": 900}, is_mobile=False, has_touch=False)
    phone.open(f"/sessions/{week}")
    phone.page.keyboard.press("Tab")
    expect(phone.find(".skip")).to_be_focused()
    expect(phone.find(".skip")).to_be_in_viewport()
    phone.page.keyboard.press("Enter")
    expect(phone.find("main")).to_be_focused()
    assert phone.page.evaluate(
        "() => [...document.querySelectorAll('.scroller')].every((one) => one.tabIndex === 0 && one.ariaLabel)"
    )


def test_paper_is_white_even_when_the_phone_is_dark_and_holds_no_buttons(hand_out: Hand, town: Town, week: str) -> None:
    phone = hand_out(town["mia"], color_scheme="dark")
    phone.open(WEEK)
    ground = "() => getComputedStyle(document.body).backgroundColor"
    assert phone.page.evaluate(ground) == "rgb(13, 17, 22)"
    phone.page.emulate_media(media="print")
    assert phone.page.evaluate(ground) == "rgb(255, 255, 255)"
    for gone in ("header.site", ".tabs", ".choose", "footer.site form"):
        expect(phone.find(gone)).to_be_hidden()
    for there in (".report", ".report .say", "#definitions", ".chart >> nth=0"):
        expect(phone.find(there)).to_be_visible()
