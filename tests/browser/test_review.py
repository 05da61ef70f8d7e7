"""Review and correct in a real browser: by touch and by keyboard, with and without scripts, on every screen."""

import os
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Route, expect

from app.db import new_id
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.browser.test_pages import OVERFLOW, TOO_SMALL
from tests.builders import at, envelope, observed
from tests.people import Town

Hand = Callable[..., Phone]
MINUTE = 60_000
SHOTS = os.environ.get("SHOTS")  # a folder for pictures, for whoever wants to look


def shot(phone: Phone, name: str) -> None:
    if SHOTS:
        for one in phone.find(".editing").all():
            one.scroll_into_view_if_needed()
        phone.page.screenshot(path=f"{SHOTS}/{name}.png", scale="css", caret="initial")


@pytest.fixture
def morning(site: Site, town: Town) -> str:
    """A session of Otto's with a flag, two gaps, a stray tap and a tap in quarantine."""
    items = observed(
        *("09:00 rooming", "09:04 supplies! searching", "09:06 back", "09:08 phone?", "09:10 #visits", "09:10 vitals"),
        *("09:12 +callbacks", "09:14 -callbacks", "09:16 pause", "09:20 on", "09:24 stop", "09:30 discharge"),
        *("09:31:20 phone!", "09:32 left", "09:40 back", "09:41 #visits 2", "09:45 juggling", "09:50 end"),
        subject="MA-07",
    )
    flag = {"type": "event", "id": new_id(), "session": items[0]["id"], "kind": "note", "text": "fix-later"}
    items.append({**flag, "seq": 90, "at": at("09:05"), "recorded_at": at("09:05")})
    headers = {"Authorization": f"Bearer {town['otto'].token}"}
    answer = httpx.post(site.url + "/api/v1/batches", json=envelope(items), headers=headers, timeout=20)
    assert answer.status_code == 200
    return str(items[0]["id"])


class Fingers:
    """Counts what a person does: each touch, and each choice in a list."""

    def __init__(self, phone: Phone) -> None:
        self.phone, self.n = phone, 0

    def tap(self, selector: str) -> None:
        self.phone.tap(selector)
        self.n += 1

    def choose(self, selector: str, value: str) -> None:
        self.phone.find(selector).select_option(value)
        self.n += 2  # the list opens, an entry is touched


def row(clock: str) -> str:
    return f"#row-s{at(clock)} .what"


# --- by touch --------------------------------------------------------------------------------------------------------


def test_an_edge_is_moved_by_three_touches_and_the_neighbours_are_shown_before(
    hand_out: Hand, site: Site, town: Town, morning: str
) -> None:
    phone = hand_out(town["otto"])
    phone.open(f"/sessions/{morning}")
    with phone.page.expect_navigation():
        phone.tap("text=Review and correct")
    fingers = Fingers(phone)
    fingers.tap(row("09:10"))
    expect(phone.find(".editing h3")).to_be_focused()
    fingers.tap(".editing [value='start:-10000']")
    expect(phone.find(".editing [value='start:-10000']")).to_be_focused()
    expect(phone.find(".compare section >> nth=1")).to_contain_text("3:50")
    expect(phone.find(".compare section >> nth=1 >> mark >> nth=0")).to_have_text("3:50")
    shot(phone, "preview")
    fingers.tap(".editing button.go")
    expect(phone.find("#done")).to_be_visible()
    assert fingers.n == 3
    shot(phone, "saved")
    segments = site.timeline(town["otto"], morning)["segments"]
    assert at("09:09:50") in {segment["start"] for segment in segments}
    expect(phone.find("#said")).to_contain_text("Saved")
    expect(phone.find("#said")).to_have_attribute("role", "status")
    # the eye goes on from the row that was changed
    expect(phone.find(f"#row-s{at('09:09:50')} .what")).to_be_focused()
    phone.tap("#done button")
    expect(phone.find(row("09:10"))).to_be_visible()
    assert at("09:10") in {segment["start"] for segment in site.timeline(town["otto"], morning)["segments"]}


def test_the_whole_review_by_how_many_touches(hand_out: Hand, site: Site, town: Town, morning: str) -> None:
    """A flag seen to, two gaps filled, a stray tap and a refused one gone, a task and an interruption put right."""
    phone = hand_out(town["otto"])
    phone.open(f"/sessions/{morning}/review")
    fingers = Fingers(phone)
    shot(phone, "list")
    fingers.tap("text=Seen to")
    expect(phone.find(".first")).not_to_contain_text("fix later")
    for clock, task in (("9:24:00", "forms"), ("9:32:00", "documentation")):
        fingers.tap(f".first li:has-text('{clock}') >> text=Fill")
        expect(phone.find(".editing select[name=task]")).to_be_visible()
        fingers.choose(".editing select[name=task]", task)
        fingers.tap(".editing >> text=Not tapped")
        expect(phone.find(".first")).not_to_contain_text(clock)
        expect(phone.find("#done")).to_contain_text("Entered:")
    assert fingers.n == 9
    fingers.tap("text=Take it away")
    expect(phone.find(".first")).not_to_contain_text("going back")
    fingers.tap("text=Repair or dismiss")
    fingers.tap("[value=dismiss]")
    expect(phone.find("#review")).to_contain_text("Nothing marked")
    fingers.tap(row("09:10"))
    fingers.choose(".editing select[name=task]", "med-rec")
    fingers.tap(".editing >> text=Wrong tile")
    expect(phone.find(row("09:10"))).to_contain_text("Medication")
    fingers.tap(row("09:04"))
    fingers.choose(".editing select[name=outcome]", "prompt")
    fingers.tap(".editing >> text=Wrong tile")
    expect(phone.find("#done")).to_be_visible()
    assert fingers.n == 20, "touches for seven corrections"
    told = site.timeline(town["otto"], morning)
    assert told["problems"] == []
    assert [segment["task"] for segment in told["segments"] if segment["start"] == at("09:24")] == ["forms"]
    assert [one["trigger"] for one in told["interruptions"]] == ["phone"]


def test_divide_merge_and_delete(hand_out: Hand, site: Site, town: Town, morning: str) -> None:
    phone = hand_out(town["otto"])
    phone.expect_fault("status of 422")
    phone.open(f"/sessions/{morning}/review")
    fingers = Fingers(phone)
    fingers.tap(row("09:10"))
    fingers.tap(".editing [value=divide]")
    # without a reason nothing of more than a minute is saved: it is asked for, and one touch gives it
    expect(phone.find(".editing .compare")).to_be_visible()
    phone.find(".editing [name=divide]").fill("9:13")
    fingers.choose(".editing [name=divide_task]", "forms")
    fingers.tap(".editing >> text=Not tapped")
    expect(phone.find(row("09:13"))).to_contain_text("Forms")
    fingers.tap(row("09:13"))
    expect(phone.find(".editing h3")).to_be_focused()
    expect(phone.find("#done")).to_be_hidden()  # it lies over no row that is being corrected
    fingers.tap(".editing [value=merge]")
    expect(phone.find(".editing [role=alert]")).to_contain_text("Say why")
    shot(phone, "why")
    fingers.tap(".editing >> text=Wrong tile")
    expect(phone.find(f"#row-s{at('09:13')}")).to_have_count(0)
    fingers.tap(row("09:30"))
    fingers.tap(".editing [value=delete]")
    fingers.tap(".editing >> text=Wrong tile")
    expect(phone.find("#done")).to_contain_text("Taken away: Discharge")
    segments = site.timeline(town["otto"], morning)["segments"]
    assert "discharge" not in {segment["task"] for segment in segments}
    assert [s["end"] for s in segments if s["start"] == at("09:10")] == [at("09:16")]


def test_what_is_touched_while_a_correction_is_being_saved_is_not_lost(
    hand_out: Hand, town: Town, morning: str
) -> None:
    phone = hand_out(town["otto"])
    phone.open(f"/sessions/{morning}/review")
    phone.tap(row("09:10"))
    phone.find(".editing select[name=task]").select_option("forms")

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            phone.page.wait_for_timeout(500)
        route.continue_()

    phone.page.route("**/review/**", slowly)
    with phone.page.expect_request(lambda request: request.method == "POST"):
        phone.tap(".editing >> text=Wrong tile")
    phone.tap(row("09:30"))  # the finger of `tap` waits until what it wants can be touched
    expect(phone.find(".editing h3")).to_contain_text("9:30")


def test_two_who_correct_at_once_lose_nothing(hand_out: Hand, site: Site, town: Town, morning: str) -> None:
    otto, mia = hand_out(town["otto"]), hand_out(town["mia"])
    otto.expect_fault("status of 409")
    for phone in (otto, mia):
        phone.open(f"/sessions/{morning}/review")
        phone.tap(row("09:10"))
        expect(phone.find(".editing")).to_be_visible()
    mia.find(".editing select[name=task]").select_option("forms")
    mia.tap(".editing >> text=Wrong tile")
    expect(mia.find("#done")).to_be_visible()
    otto.tap(".editing [value='end:10000']")
    expect(otto.find(".compare")).to_be_visible()
    otto.tap(".editing button.go")
    expect(otto.find(".editing [role=alert]")).to_contain_text("Mia")
    expect(otto.find(".editing [role=alert]")).to_contain_text("Vitals → Forms")
    shot(otto, "meanwhile")
    otto.tap(".editing button.go")
    expect(otto.find("#done")).to_be_visible()
    segments = site.timeline(town["otto"], morning)["segments"]
    assert [(s["task"], s["end"]) for s in segments if s["start"] == at("09:10")] == [("forms", at("09:16:10"))]


# --- by keyboard, and without scripts --------------------------------------------------------------------------------


def test_the_keyboard_alone_does_it_and_focus_goes_where_one_expects(
    hand_out: Hand, site: Site, town: Town, morning: str
) -> None:
    phone = hand_out(town["otto"], viewport={"width": 1280, "height": 900}, is_mobile=False, has_touch=False)
    phone.expect_fault("status of 422")
    keys = phone.page.keyboard
    phone.open(f"/sessions/{morning}/review")
    phone.find(row("09:10")).focus()
    keys.press("Enter")
    expect(phone.find(".editing h3")).to_be_focused()
    keys.press("Tab")
    expect(phone.find(".editing [name=start]")).to_be_focused()
    keys.type("9:0x")
    keys.press("Enter")
    expect(phone.find(".editing [name=start]")).to_be_focused()
    expect(phone.find(".editing [role=alert]")).to_contain_text("is no time")
    keys.press("Control+A")
    keys.type("9:09:30")
    keys.press("Enter")
    expect(phone.find(f"#row-s{at('09:09:30')} .what")).to_be_focused()
    assert at("09:09:30") in {segment["start"] for segment in site.timeline(town["otto"], morning)["segments"]}
    keys.press("Enter")
    expect(phone.find(".editing h3")).to_be_focused()
    phone.find(".editing >> text=Cancel").focus()
    keys.press("Enter")
    expect(phone.find(f"#row-s{at('09:09:30')} .what")).to_be_focused()


def test_it_works_without_javascript(hand_out: Hand, site: Site, town: Town, morning: str) -> None:
    phone = hand_out(town["otto"], java_script_enabled=False)
    phone.expect_fault("status of 422")
    phone.open(f"/sessions/{morning}/review")
    phone.tap(row("09:10"))
    phone.tap("[value='start:-60000']")
    expect(phone.find(".compare")).to_contain_text("9:09:00")
    phone.tap("[value='start:-10000']")
    expect(phone.find(".compare")).to_contain_text("9:08:50")
    phone.tap("button.go")
    expect(phone.find("[role=alert]")).to_contain_text("Say why")
    phone.tap("text=Tapped late")
    expect(phone.find("#done")).to_be_visible()
    assert at("09:08:50") in {segment["start"] for segment in site.timeline(town["otto"], morning)["segments"]}
    phone.tap("#done button")
    expect(phone.find("#done")).to_contain_text("taken back")
    assert at("09:10") in {segment["start"] for segment in site.timeline(town["otto"], morning)["segments"]}


# --- every screen ----------------------------------------------------------------------------------------------------


def states(phone: Phone, session: str, quarantined: int) -> Iterator[str]:
    """Every state of every page of the review, one after the other."""
    base = f"/sessions/{session}"
    phone.open(f"{base}/review")
    yield "list"
    phone.tap(row("09:04"))
    expect(phone.find(".editing")).to_be_visible()
    yield "editor"
    phone.tap(".editing [value='end:60000']")
    expect(phone.find(".compare")).to_be_visible()
    yield "preview"
    phone.tap(".editing [value='end:60000']")
    expect(phone.find(".compare")).to_contain_text("9:08:00")
    phone.tap(".editing button.go")
    expect(phone.find(".editing [role=alert]")).to_be_visible()
    yield "refused"
    phone.tap(".editing >> text=Tapped late")
    expect(phone.find("#done")).to_be_visible()
    yield "saved"
    phone.tap(row("09:10"))
    phone.tap(".editing [value=divide]")
    expect(phone.find(".editing [name=divide]")).to_be_visible()
    phone.find(".editing details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    yield "divide"
    for name in ("review/counts", "review/header", "history"):
        phone.open(f"{base}/{name}")
        yield name.replace("/", "-")
    for path in ("/quarantine", f"/quarantine/{quarantined}"):
        phone.open(path)
        yield path.strip("/").split("/")[-1]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_state_is_wider_than_its_screen_or_has_targets_too_small(
    hand_out: Hand, town: Town, morning: str, width: int
) -> None:
    phone = hand_out(town["otto"], viewport={"width": width, "height": 844})
    phone.expect_fault("status of 422")
    for state in states(phone, morning, 1):
        assert phone.page.evaluate(OVERFLOW) <= 0, state
        small = [found for found in phone.page.evaluate(TOO_SMALL) if "unseen" not in found[1]]
        assert small == [], state
        shot(phone, f"{state}-{width}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(hand_out: Hand, town: Town, morning: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    phone = hand_out(town["otto"], color_scheme=scheme)
    phone.expect_fault("status of 422")
    for state in states(phone, morning, 1):
        found = axe.run(phone.page, options=options).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == [], state
        shot(phone, f"{state}-{scheme}")


def test_the_picture_of_a_session_runs_down_on_a_phone_and_across_on_a_desk_and_on_paper(
    hand_out: Hand, town: Town, morning: str
) -> None:
    for width, across in ((390, False), (1280, True)):
        phone = hand_out(town["otto"], viewport={"width": width, "height": 844})
        phone.open(f"/sessions/{morning}")
        expect(phone.find(".lanes")).to_be_visible(visible=across)
        expect(phone.find(".story")).to_be_visible()
        phone.page.emulate_media(media="print")
        expect(phone.find(".lanes")).to_be_visible()
