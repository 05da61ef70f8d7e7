"""The board's story in a real browser: reported at a poster, answered by a manager, seen by who reported it."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect

from app.db import now_ms
from app.summary.window import today
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.browser.test_axe import violations
from tests.browser.test_pages import OVERFLOW, TOO_SMALL
from tests.builders import at, envelope
from tests.people import Town
from tests.reports.wall import hang, report

Hand = Callable[..., Phone]

BOARD = "/clinics/north/board"


@pytest.fixture
def reported(site: Site, town: Town) -> str:
    """Five reports of nobody in particular on three days of last week; the poster's code they came with."""
    codes = hang(town)[1]
    now = today(now_ms(), "America/Chicago")
    with httpx.Client(base_url=site.url, headers={"Sec-Fetch-Site": "same-origin", "X-Timesink": "1"}) as phone:
        assert phone.post("/api/v1/posters", json={"token": codes.token}).status_code == 200
        days = [(now - timedelta(days=n)).isoformat() for n in (7, 6, 6, 5, 5)]
        items = [report(at=at("09:00", day), minutes=5) for day in days]
        told = phone.post("/api/v1/batches", json=envelope(items, person="poster-north")).json()
    assert [result["status"] for result in told["results"]] == ["stored"] * 5
    return codes.token


def at_the_poster(hand_out: Hand, site: Site, code: str) -> Phone:
    """A phone that nobody has signed in with, and that has scanned the poster."""
    phone = hand_out(None)
    answer = phone.context.request.post(
        f"{site.url}/api/v1/posters", data={"token": code}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status == 200
    return phone


def test_what_was_reported_is_acknowledged_decided_and_linked_to_a_change_and_whoever_reported_sees_it(
    hand_out: Hand, site: Site, town: Town, reported: str
) -> None:
    wall = at_the_poster(hand_out, site, reported)
    wall.open(BOARD)
    expect(wall.find("main")).to_contain_text("Looking for supplies")
    expect(wall.find(".card .state")).to_have_text("waits for an answer")
    expect(wall.find("main")).to_contain_text("reports, not people")

    mia = hand_out(town["mia"])
    mia.expect_fault("status of 422")
    mia.open(BOARD)
    mia.tap(".card a")
    mia.tap("label:has([value=acknowledged])")
    mia.tap("main .go")
    expect(mia.find(".changes .state")).to_have_text("acknowledged")
    mia.tap("label:has([value=decided])")
    mia.tap("main .go")  # without a word of explanation
    expect(mia.find("[role=alert]")).to_contain_text("Say why, or what was decided")
    expect(mia.find("textarea")).to_be_focused()
    mia.find("textarea").fill("A runner fetches supplies for everybody.")
    mia.tap("summary")
    mia.find("[name=kind]").select_option("runner")
    mia.find("[name=day]").fill("2026-11-30")
    mia.tap("main .go")
    expect(mia.find(".changes")).to_contain_text("A supply runner per session")

    for phone in (wall, hand_out(town["ada"])):
        phone.open(BOARD)
        expect(phone.find(".card .state")).to_have_text("decided")
        expect(phone.find(".card")).to_contain_text("A runner fetches supplies for everybody.")
        expect(phone.find(".card")).to_contain_text("Mon, Nov 30, 2026: A supply runner per session")
        phone.tap(".card a")
        expect(phone.find(".changes li")).to_have_count(3)
        expect(phone.find("main form")).to_have_count(0)
    phone.open(BOARD)
    phone.tap("[href^='/report']")  # with an account no code is asked for
    expect(phone.find("[data-where]")).not_to_be_empty()
    expect(phone.find("[data-code]")).to_be_hidden()
    (change,) = site.ask(town["ada"], "/api/v1/changes?clinic=north")["items"]
    assert (change["kind"], change["day"]) == ("runner", "2026-11-30")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_clinics_own_pages_and_they_fit_every_screen(
    hand_out: Hand, site: Site, town: Town, reported: str, scheme: str
) -> None:
    (one,) = site.ask(town["mia"], "/api/v1/problems?clinic=north")["items"]
    paths = (BOARD, f"/clinics/north/problems/{one['id']}", "/clinics/north/changes", "/clinics/north/days",
             "/clinics/north/days/2026-11-02", "/clinics/north/days/import", "/clinics/north/flex-asks",
             "/clinics/north/top-three", "/clinics/north/pulse", "/clinics/north/privacy", "/my-data")  # fmt: skip
    phone = hand_out(town["ana"], color_scheme=scheme, viewport={"width": 320, "height": 640}, is_mobile=False)
    for path in paths:
        phone.open(path)
        for fold in phone.find("details").all():
            fold.evaluate("(fold) => { fold.open = true; }")
        assert violations(phone) == [], path
        for width in (320, 1280):
            phone.page.set_viewport_size({"width": width, "height": 800})
            assert phone.page.evaluate(OVERFLOW) <= 0, (path, width)
            assert phone.page.evaluate(TOO_SMALL) == [], (path, width)


def test_the_volume_is_suggested_while_one_types_and_a_file_is_looked_at_first(hand_out: Hand, town: Town) -> None:
    phone = hand_out(town["otto"])
    phone.open("/clinics/north/days/import")
    lines = ["day,visits", *(f"2026-10-{day:02},{day}" for day in range(12, 21))]
    phone.find("[name=file]").set_input_files(
        {"name": "days.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    phone.tap("[value=preview]")
    expect(phone.find("#outcome")).to_contain_text("9 days would change.")
    phone.tap("[value=import]")
    expect(phone.find("#outcome")).to_contain_text("9 days changed; already so: 0.")
    phone.open("/clinics/north/days/2026-11-02")
    expect(phone.find("#suggestion")).to_contain_text("under 15 low, over 17 high")
    phone.find("[name='volumes.visits']").press_sequentially("41")
    expect(phone.find("#suggestion")).to_contain_text("Suggested: high.")
    expect(phone.find("[name=day_type]:checked")).to_have_count(0)
    phone.tap("label:has([value=high])")
    phone.tap("main .go")
    expect(phone.find(".note.good >> nth=0")).to_contain_text("Kept: Mon, Nov 2, 2026.")


def test_at_the_poster_three_taps_and_one_to_send_say_the_week_and_a_few_more_the_day(
    hand_out: Hand, site: Site, town: Town, reported: str
) -> None:
    wall = at_the_poster(hand_out, site, reported)
    wall.open("/clinics/north/top-three")
    for n, stealer in enumerate(("Phone calls", "Looking for supplies", "Forms and approvals"), 1):
        wall.tap(f"#picking button:has-text('{stealer}')")
        expect(wall.find("#picking li" if n == 3 else "#picking button:disabled")).to_have_count(n)
    expect(wall.find("#picking li")).to_have_text(
        ["1. Phone calls", "2. Looking for supplies", "3. Forms and approvals"]
    )
    wall.tap("#picking .go")
    expect(wall.find("#picking [role=status]")).to_contain_text("Kept for this week.")
    assert violations(wall) == []
    wall.open("/clinics/north/pulse")
    wall.tap("label:has([name=pace][value='4'])")
    wall.tap("label:has([name=lunch][value=missed])")
    wall.tap("main .go")
    expect(wall.find("main [role=status]")).to_contain_text("Kept for today.")
    wall.open("/clinics/north/pulse")
    expect(wall.find("main form")).to_have_count(0)
