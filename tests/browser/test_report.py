"""A report, from the poster on the wall to the database: two taps, offline in between, once."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select

from app.capture.models import Report
from app.db import now_ms
from app.reports.models import Poster
from app.reports.posters import revoke, rotate
from tests.browser.conftest import ON_BOTH, Site
from tests.browser.phone import Phone, login
from tests.browser.test_axe import violations
from tests.builders import envelope
from tests.people import Town
from tests.reports.wall import NEXT_YEAR, amend, hang, report

DESK = ViewportSize(width=1280, height=900)
MM = 96 / 25.4  # CSS pixels


def stored(town: Town) -> list[Report]:
    with town.database.read() as session:
        return list(session.execute(select(Report).order_by(Report.received_at, Report.id)).scalars())


def printed(page: Page) -> bytes:
    """A picture of the page as it comes out of the printer."""
    page.emulate_media(media="print")
    picture = page.screenshot(full_page=True)
    page.emulate_media(media="null")
    return picture


def test_from_the_printed_poster_to_the_stored_report_in_two_taps_offline_in_between(
    browser: Browser, hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    desk = Phone(browser.new_context(viewport=DESK), site.url)
    desk.context.add_cookies([login(town["mia"], site.url)])
    desk.open("/clinics/north/posters")
    desk.find("[name=place]").fill("Break room")
    desk.find("main form .go").click()
    code = desk.find(".typed b").last.inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", code)
    box = desk.find(".poster svg").bounding_box()
    assert box is not None
    assert box["width"] / MM >= 30
    picture = printed(desk.page)
    sheet = desk.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b", sheet)) == 1
    desk.close()

    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert found.ec_level == "Q"
    assert found.text.startswith(f"{site.url}/report#")

    phone = hand_out(None)
    phone.page.goto(found.text)
    expect(phone.find("[data-where]")).to_have_text("North Clinic · Break room")
    assert phone.page.url == f"{site.url}/report"  # the code is out of the address, and of the history
    expect(phone.find("[data-ask]")).to_be_hidden()
    phone.tap("[data-agree]")
    expect(phone.find("[data-ask]")).to_be_visible()
    phone.offline_ready()
    with phone.without_network():
        phone.open("/report")
        phone.tap("label:has([value='10'])")
        phone.kept_after(lambda: phone.tap("text=Waiting for a provider"))
        expect(phone.find("[data-said]")).to_contain_text("Waiting for a provider, about 10 min")
        expect(phone.find("[data-sending]")).to_have_text("Reports that wait on this phone: 1")
        phone.page.close()  # and opened again, still without network
        phone.page = phone.context.new_page()
        phone.open("/report")
        expect(phone.find("[data-sending]")).to_have_text("Reports that wait on this phone: 1")
        phone.tap("text=Forms and approvals")  # five minutes, if nothing is said: one tap
        expect(phone.find("[data-sending]")).to_have_text("Reports that wait on this phone: 2")
        assert stored(town) == []
    all_sent(phone, 2)
    rows = {row.stealer: row for row in stored(town)}
    assert {name: (row.minutes, row.person_id, row.place, row.consent) for name, row in rows.items()} == {
        "waiting-provider": (10, None, "Break room", 1),
        "forms": (5, None, "Break room", 1),
    }


def all_sent(phone: Phone, n: int) -> None:
    """Until the server has answered all of them; the page says so too."""
    phone.wait_for(lambda: len(phone.items()) == n and phone.waiting() == 0, f"{n} items sent")
    expect(phone.find("[data-sending]")).to_have_text("All sent")


def open_report(hand_out: Callable[..., Phone], token: str) -> Phone:
    """A phone that has scanned the poster and agreed."""
    phone = hand_out(None)
    phone.open(f"/report#{token}")
    phone.tap("[data-agree]")
    expect(phone.find("[data-ask]")).to_be_visible()
    return phone


def test_what_was_said_is_answered_and_undone_also_after_a_reload(
    hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    _poster, codes = hang(town)
    phone = open_report(hand_out, codes.token)
    phone.tap("text=Looking for supplies")
    phone.tap("[data-saved] >> text=No")
    phone.tap("[data-triggers] >> text=Phone")
    phone.tap("[data-triggers] >> text=Supplies")
    expect(phone.find("[data-triggers] [aria-pressed=true]")).to_have_text("Supplies")
    all_sent(phone, 4)
    (row,) = stored(town)
    assert (row.stealer, row.minutes, row.expected, row.trigger, row.withdrawn) == (
        "searching",
        5,
        False,
        "supplies",
        False,
    )
    phone.page.reload()
    expect(phone.find("[data-saved] [aria-pressed=true]")).to_have_text(["No", "Supplies"])
    phone.tap("[data-undo]")
    expect(phone.find("[data-said]")).to_contain_text("Taken back: Looking for supplies")
    expect(phone.find("[data-undo]")).to_be_hidden()
    all_sent(phone, 5)
    (row,) = stored(town)
    assert row.withdrawn


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_report_page_the_poster_and_what_managers_set(
    browser: Browser, hand_out: Callable[..., Phone], site: Site, town: Town, scheme: str
) -> None:
    _poster, codes = hang(town)
    phone = hand_out(None, color_scheme=scheme)
    phone.open("/report")
    expect(phone.find("[data-code]")).to_be_visible()
    assert violations(phone) == []
    phone.page.goto("about:blank")
    phone.open(f"/report#{codes.token}")
    expect(phone.find("[data-agree]")).to_be_visible()
    assert violations(phone) == []
    phone.tap("[data-agree]")
    phone.tap("text=Phone calls")
    expect(phone.find("[data-more]")).to_be_visible()
    assert violations(phone) == []
    small = phone.page.evaluate(
        "() => [...document.querySelectorAll('button, summary, a, .choice label')].filter((e) => e.offsetHeight && "
        "e.getBoundingClientRect().height < 44).map((e) => e.textContent)"
    )
    assert small == []
    desk = hand_out(town["mia"], color_scheme=scheme)
    for path in ("posters", "reporting"):
        desk.open(f"/clinics/north/{path}")
        assert violations(desk) == [], path
    desk.open("/clinics/north/posters")
    desk.find("summary").first.click()
    desk.find("[name=place]").fill("Lab")
    desk.find("main form .go").first.click()
    expect(desk.find(".poster")).to_be_visible()
    assert violations(desk) == []


# down and up twice within one turn of the page, however slow the machine is
TREMBLE = """(tile) => {
  const { x, y, width, height } = tile.getBoundingClientRect();
  const spot = { bubbles: true, cancelable: true, clientX: x + width / 2, clientY: y + height / 2 };
  for (const detail of [1, 2]) {
    for (const name of ['pointerdown', 'pointerup']) tile.dispatchEvent(new PointerEvent(name, spot));
    tile.dispatchEvent(new MouseEvent('click', { ...spot, detail }));
  }
}"""


def test_a_trembling_finger_saves_once_and_two_tabs_save_each_their_own(
    hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    _poster, codes = hang(town)
    phone = open_report(hand_out, codes.token)
    phone.find("[data-tiles] button").first.evaluate(TREMBLE)
    other = phone.context.new_page()
    other.goto(f"{site.url}/report")
    other.locator("[data-tiles] button").last.tap()
    all_sent(phone, 2)
    assert sorted(row.stealer for row in stored(town)) == ["other", "searching"]


def test_a_poster_that_ended_keeps_the_reports_says_so_and_the_next_one_sends_them(
    hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    poster, codes = hang(town)
    phone = open_report(hand_out, codes.token)
    phone.expect_fault("status of 403")
    with town.database.write() as session:
        revoke(session, session.get_one(Poster, poster.id), at=now_ms(), by=town["mia"].id)
    phone.tap("text=Phone calls")
    expect(phone.find("[data-problem]")).to_contain_text("This poster was withdrawn.")
    expect(phone.find("[data-problem]")).to_contain_text("stays there")
    expect(phone.find("[data-sending]")).to_have_text("Reports that wait on this phone: 1")
    phone.tap("text=Room not ready")  # whoever goes on loses nothing
    expect(phone.find("[data-sending]")).to_have_text("Reports that wait on this phone: 2")
    phone.page.reload()
    expect(phone.find("[data-problem]")).to_contain_text("This poster was withdrawn.")
    with town.database.write() as session:
        held = session.get_one(Poster, poster.id)
        codes = rotate(session, town.north, held, until=NEXT_YEAR, at=now_ms(), by=town["mia"].id)
    phone.open(f"/report#{codes.token}")  # into the page that is open
    expect(phone.find("[data-sending]")).to_have_text("All sent")  # the page loads anew meanwhile
    all_sent(phone, 2)
    expect(phone.find("[data-problem]")).to_be_hidden()
    assert sorted(row.stealer for row in stored(town)) == ["phone", "room-not-ready"]


def test_a_code_scanned_without_network_is_kept_and_what_was_put_aside_is_told(
    hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    phone = open_report(hand_out, hang(town)[1].token)
    phone.offline_ready()
    phone.page.evaluate(
        """() => import('/static/js/relay.js').then(({ $outbox: outbox }) => outbox.addItem('poster-north', {
          type: 'report', id: '0199aaaa-0000-7000-8000-0000000000aa', clinic: 'north', stealer: 'phone', minutes: 5,
          at: Date.now() + 9 * 86_400_000,
        }))"""
    )
    phone.tap("text=Room not ready")
    expect(phone.find("[data-aside]")).to_contain_text("could not be taken as they are")
    expect(phone.find("[data-aside] li")).to_contain_text("Phone calls")
    expect(phone.find("[data-sending]")).to_have_text("All sent")
    with phone.without_network():
        phone.page.goto("about:blank")
        phone.open(f"/report#{hang(town, 'Lab')[1].token}")
        expect(phone.find("[data-problem]")).to_contain_text("The new code is kept on this phone")
        expect(phone.find("[data-where]")).to_have_text("North Clinic · Break room")
        phone.page.close()
        phone.page = phone.context.new_page()
    phone.open("/report")
    expect(phone.find("[data-where]")).to_have_text("North Clinic · Lab")
    expect(phone.find("[data-aside] li")).to_have_count(1)
    expect(phone.find("[data-problem]")).to_be_hidden()


def test_a_code_is_typed_at_the_short_address_and_a_wrong_one_says_so(
    hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    _poster, codes = hang(town)
    phone = hand_out(None)
    phone.expect_fault("status of 403")
    phone.open("/r")
    phone.find("[name=code]").fill("wrong")
    phone.tap("[data-code] button")
    expect(phone.find("[data-problem]")).to_contain_text("is not, or no longer, that of a poster")
    phone.find("[name=code]").fill(codes.code.lower())
    phone.tap("[data-code] button")
    expect(phone.find("[data-agree]")).to_be_visible()
    expect(phone.find("[data-problem]")).to_be_hidden()


def test_an_assistant_reports_from_home_under_the_own_account(
    hand_out: Callable[..., Phone], site: Site, town: Town
) -> None:
    phone = hand_out(town["ada"])
    phone.open("/")
    phone.find("a[href='/report?clinic=north']").tap()
    expect(phone.find("[data-where]")).to_have_text("North Clinic")
    phone.tap("[data-agree]")
    phone.tap("text=Doing work twice")
    all_sent(phone, 1)
    (row,) = stored(town)
    assert (row.person_id, row.place, row.consent) == (town["ada"].id, None, 1)


@ON_BOTH
def test_fifty_phones_on_one_poster_at_once_are_all_stored_once(site: Site, town: Town) -> None:
    """Each scans, sends what it had gathered, sends it again as if the answer had been lost, and takes one back."""
    _poster, codes = hang(town)

    def one_phone(n: int) -> list[str]:
        headers = {"Origin": site.url, "X-Timesink": "1", "Content-Type": "application/json"}
        items = [report(minutes=1 + n % 30) for _n in range(4)]
        told: list[str] = []
        with httpx.Client(base_url=site.url, headers=headers, timeout=60) as client:
            assert client.post("/api/v1/posters", json={"token": codes.token}).status_code == 200
            for batch in (items, items, [amend(items[0], withdrawn=True)]):
                sent: Any = envelope(batch, device=f"phone-{n}", person="poster-north")
                answer = client.post("/api/v1/batches", json=sent)
                assert answer.status_code == 200, answer.text
                told += [result["status"] for result in answer.json()["results"]]
        return told

    with ThreadPoolExecutor(50) as hands:
        answers = list(hands.map(one_phone, range(50)))
    assert answers == [["stored"] * 4 + ["duplicate"] * 4 + ["stored"]] * 50
    rows = stored(town)
    assert (len(rows), sum(row.withdrawn for row in rows)) == (200, 50)
