"""The pad on every phone, as each hand wants it: all in one screen, nothing moves, everything can be hit."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.phone import Phone
from tests.people import Member

Hand = Callable[..., Phone]

SIZES = {"large": (390, 844), "with bars": (390, 664), "small": (320, 568), "on its side": (844, 390)}
# what a phone keeps of the switches in the sheet behind the name
SETTINGS: dict[str, dict[str, str]] = {
    "plain": {},
    "big tiles": {"size": "big"},
    "left hand": {"hand": "left"},
    "big tiles, left hand, dim room": {"size": "big", "hand": "left", "theme": "dim"},
}
# millimetres of a CSS pixel on a phone of 460 ppi with three pixels in one
MM = 25.4 / 460 * 3


def fullest(route: Route) -> None:
    """24 tiles and 8 triggers, and more of both behind the last ones."""
    pad = route.fetch().json()
    for n, task in enumerate(pad["tasks"]):
        task["first"] = n < 24
    for n, trigger in enumerate(pad["triggers"]):
        trigger["first"] = n < 8
    route.fulfill(json=pad)


@pytest.fixture
def hand_set(hand_out: Hand, otto: Member) -> Hand:
    """Otto's phone of a size, with its switches as wanted, a session begun."""

    def hand(size: str, settings: str = "plain", full: bool = False, **options: Any) -> Phone:
        width, height = SIZES[size]
        phone = hand_out(otto, viewport={"width": width, "height": height}, service_workers="block", **options)
        for key, value in SETTINGS[settings].items():
            phone.context.add_init_script(f"localStorage.setItem('timesink-{key}', '{value}')")
        if full:
            phone.context.route("**/api/v1/clinics/*/pad", fullest)
        phone.open()
        phone.begin()
        return phone

    return hand


def states(phone: Phone) -> Iterator[str]:
    """Through everything that a session can show, by its name."""
    yield "nothing in hand"
    for name in ("rooming", "phone!", "callbacks", "supplies!", "searching"):
        if phone.find(phone.button(name)).count() or name.endswith("!"):
            phone.gesture(name)
            yield name
    phone.tap(phone.button("both"))
    yield "the next one beside"
    phone.gesture("vitals")
    phone.gesture("flag")
    yield "two at once"
    phone.tap("[data-ask]")
    yield "a question"
    phone.tap("[data-ask]")
    with phone.without_network():
        phone.gesture("discharge")
        yield "without network"
    for sheet in ("tasks", "triggers", "state", "counters", "context", "end"):
        phone.tap(f"main [data-open={sheet}]:not([data-help])")
        expect(phone.find(f"[data-sheet={sheet}]")).to_be_visible()
        yield f"the sheet {sheet}"
        phone.tap(f"[data-sheet={sheet}] [data-close]")


@pytest.mark.parametrize("full", [False, True], ids=["default list", "24 tiles"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_everything_fits_without_scrolling_can_be_hit_and_never_moves(
    hand_set: Hand, settings: str, full: bool
) -> None:
    """In every state the phone is turned, and other phones' screens are tried on it."""
    phone = hand_set("large", settings, full)
    tiles = 12 if "big" in settings else 24 if full else 15
    assert phone.find("[data-tiles] button").count() == tiles
    assert phone.find("[data-triggers] button").count() == 8
    places: dict[str, list[Any]] = {}
    for state in states(phone):
        for size, (width, height) in SIZES.items():
            phone.page.set_viewport_size({"width": width, "height": height})
            check_layout(phone)
            assert tile_places(phone) == places.setdefault(size, tile_places(phone)), (state, size)
        phone.page.set_viewport_size({"width": 390, "height": 844})
    phone.page.emulate_media(color_scheme="dark")
    assert tile_places(phone) == places["large"]


def tile_places(phone: Phone) -> list[Any]:
    """Of tiles, triggers and the dock: what they are called, where they are."""
    script = """all => all.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [one.dataset.task ?? one.dataset.trigger ?? one.dataset.tap ?? one.dataset.open, x, y, width, height];
    })"""
    found: list[Any] = phone.find(":is([data-tiles], [data-triggers], .dock) > button").evaluate_all(script)
    return found


def check_layout(phone: Phone) -> None:
    size = phone.page.evaluate("() => [document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]")
    assert size == phone.page.evaluate("() => [innerWidth, innerHeight]")
    wrong = phone.page.evaluate(
        """() => {
          const sheet = document.querySelector('dialog[open]');
          const seen = [...(sheet ?? document.querySelector('main:not([hidden])')).querySelectorAll('button')]
            .filter((one) => one.checkVisibility());
          const boxes = seen.map((b) => [b.textContent.trim() || b.ariaLabel, b.getBoundingClientRect()]);
          const out = [];
          if (sheet && sheet.scrollWidth > sheet.clientWidth) out.push('the sheet scrolls sideways');
          for (const [name, r] of boxes) {
            if (r.width < 43.9 || r.height < 43.9) out.push(`${name} is ${r.width} x ${r.height}`);
            if (r.left < 0 || r.right > innerWidth) out.push(`${name} is off`);
            if (!sheet && (r.top < 0 || r.bottom > innerHeight)) out.push(`${name} is off`);
          }
          if (!sheet) boxes.forEach(([a, r], i) => boxes.slice(i + 1).forEach(([b, q]) => {
            const beside = r.right <= q.left + .5 || q.right <= r.left + .5;
            const stacked = r.bottom <= q.top + .5 || q.bottom <= r.top + .5;
            if (!beside && !stacked) out.push(`${a} lies over ${b}`);
          }));
          return out;
        }"""
    )
    assert wrong == []


def test_big_tiles_are_about_twenty_millimetres(hand_set: Hand) -> None:
    phone = hand_set("large", "big tiles")
    for _code, _x, _y, width, height in tile_places(phone)[:12]:
        assert 19 <= width * MM <= 21
        assert 19 <= height * MM <= 21
    shown = phone.find("[data-tiles] [data-task]").evaluate_all("all => all.map((tile) => tile.dataset.task)")
    assert len(shown) == 11
    phone.tap("[data-tiles] [data-open=tasks]")
    others = phone.find("[data-other-tasks] [data-task]").evaluate_all("all => all.map((tile) => tile.dataset.task)")
    assert not set(shown) & set(others)
    more = phone.find("[data-tiles] [data-open=tasks]")
    phone.page.wait_for_timeout(450)
    phone.kept_after(lambda: phone.tap("dialog [data-task=walking]"))
    expect(more).to_have_class("tile more holds")  # what runs stands behind it
    phone.gesture("rooming")
    expect(more).to_have_class("tile more")
    assert len(others) == 27 - 11


@pytest.mark.parametrize("size", SIZES)
def test_every_name_is_read_whole_on_every_tile(hand_set: Hand, size: str) -> None:
    for settings, full in (("plain", False), ("plain", True), ("big tiles", False)):
        phone = hand_set(size, settings, full)
        cut = """all => all.filter((name) => {
          const text = name.getBoundingClientRect(), tile = name.closest('button').getBoundingClientRect();
          return text.top < tile.top || text.bottom > tile.bottom || name.scrollWidth > name.clientWidth;
        }).map((name) => name.textContent)"""
        assert phone.find("[data-tiles] .name").evaluate_all(cut) == [], settings
        phone.context.close()


def test_a_category_is_a_colour_a_shape_and_a_word(hand_set: Hand) -> None:
    for full in (False, True):
        phone = hand_set("large", "plain", full)
        looks = phone.find("[data-tiles] [data-task]").evaluate_all(
            """all => all.map((tile) => [
              tile.querySelector('.kind').checkVisibility() && tile.querySelector('.kind').textContent,
              tile.querySelector('.shape use').getAttribute('href'), getComputedStyle(tile).borderTopColor,
              tile.title.split(' · ')[1]])"""
        )
        assert len({tuple(look) for look in looks}) == len({word for word, *_rest in looks}) == 7 - full
        for place in (1, 2):
            assert len({look[place] for look in looks}) == 7 - full
        assert all(word == title for word, _shape, _colour, title in looks)
        phone.context.close()


# --- the switches ----------------------------------------------------------------------------------------------------


def test_switches_are_one_touch_away_hold_at_once_and_stay_on_the_phone(hand_set: Hand) -> None:
    phone = hand_set("large")
    phone.gesture("rooming")
    phone.tap("main [data-open=state]")
    for keeps in ("size", "hand", "theme"):
        phone.tap(f"label:has([data-keeps={keeps}])")
    phone.tap("[data-sheet=state] [data-close]")

    def as_wanted() -> None:
        assert phone.find("[data-tiles] button").count() == 12
        assert phone.running() == ["rooming"]
        dock = phone.find(".dock button").evaluate_all("all => all.map((one) => one.dataset.tap)")
        assert dock[-1] == "undo"
        undo, end = (phone.find(one).bounding_box() for one in (".dock .undo", ".top .end"))
        assert undo
        assert end
        assert (undo["x"] > 195, end["x"] < 100) == (True, True)
        assert phone.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"

    as_wanted()
    phone.page.reload()
    expect(phone.find("[data-view=session]")).to_be_visible()
    as_wanted()
    phone.gesture("vitals")
    phone.end()
    phone.tap("[data-again]")
    phone.tap("main [data-open=state]")  # before a session too
    for keeps in ("size", "hand", "theme"):
        expect(phone.find(f"[data-keeps={keeps}]")).to_be_checked()
        phone.tap(f"label:has([data-keeps={keeps}])")
    phone.tap("[data-sheet=state] [data-close]")
    phone.begin()
    assert phone.find("[data-tiles] button").count() == 15
    assert phone.find(".dock button").first.get_attribute("data-tap") == "undo"


def test_a_dim_room_is_dim_from_the_first_paint_in_both_schemes(hand_set: Hand) -> None:
    phone = hand_set("large")
    phone.tap("main [data-open=state]")
    phone.tap("label:has([data-keeps=theme])")
    phone.page.reload()
    expect(phone.find("html")).to_have_attribute("data-theme", "dim")
    for scheme in ("light", "dark"):
        phone.page.emulate_media(color_scheme=scheme)
        assert phone.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


def test_the_buzz_can_be_switched_off(hand_set: Hand) -> None:
    phone = hand_set("large")
    phone.page.evaluate("() => { window.buzzes = []; navigator.vibrate = (ms) => window.buzzes.push(ms); }")
    phone.gesture("rooming")
    assert phone.page.evaluate("() => window.buzzes") == [15]
    phone.tap("main [data-open=state]")
    phone.tap("label:has([data-keeps=buzz])")
    phone.tap("[data-sheet=state] [data-close]")
    phone.gesture("vitals")
    assert phone.page.evaluate("() => window.buzzes") == [15]


# --- the screen stays on ---------------------------------------------------------------------------------------------

LOCKS = """
window.asked = 0;
window.refuse = REFUSE;
class Lock extends EventTarget {
  released = false;
  release() { this.released = true; this.dispatchEvent(new Event('release')); return Promise.resolve(); }
}
Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: MISSING ? undefined : { request: async () => {
  window.asked += 1;
  if (window.refuse) throw new DOMException('no', 'NotAllowedError');
  return window.lock = new Lock();
} } });
"""


def _with_locks(hand_out: Hand, otto: Member, *, refuse: bool = False, missing: bool = False) -> Phone:
    """A phone whose system gives the lock, refuses it or knows none, as this test wants."""
    phone = hand_out(otto)
    script = LOCKS.replace("REFUSE", str(refuse).lower()).replace("MISSING", str(missing).lower())
    phone.context.add_init_script(script)
    phone.open()
    phone.begin()
    return phone


def test_the_screen_stays_on_is_asked_for_again_and_let_go_at_the_end(hand_out: Hand, otto: Member) -> None:
    phone = _with_locks(hand_out, otto)
    phone.wait_for(lambda: phone.page.evaluate("() => window.asked") == 1, "a lock")
    expect(phone.find("[data-status]")).to_have_text("")
    # the system takes the lock whenever the page is hidden
    phone.page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', { configurable: true, value: true }); lock.release(); }"
    )
    phone.page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    phone.wait_for(lambda: phone.page.evaluate("() => window.asked") == 2, "the lock again")
    phone.page.wait_for_timeout(350)  # in the first moment after coming back nothing is tapped
    phone.end()
    assert phone.page.evaluate("() => window.lock.released")


@pytest.mark.parametrize("how", ["refuse", "missing"])
def test_a_screen_that_may_sleep_is_said_on_the_pad_and_kept_in_the_sheet(
    hand_out: Hand, otto: Member, how: str
) -> None:
    phone = _with_locks(hand_out, otto, **{how: True})
    expect(phone.find("[data-status]")).to_contain_text("The screen may go to sleep")
    phone.tap("main [data-open=state]")
    expect(phone.find("[data-sleep]")).to_be_visible()


def test_a_lock_that_a_low_battery_takes_back_is_said(hand_out: Hand, otto: Member) -> None:
    phone = _with_locks(hand_out, otto)
    phone.wait_for(lambda: phone.page.evaluate("() => Boolean(window.lock)"), "a lock")
    phone.page.evaluate("() => window.lock.release().then(() => true)")
    expect(phone.find("[data-status]")).to_contain_text("The screen may go to sleep")


# --- long codes, large letters ---------------------------------------------------------------------------------------


def test_a_page_enlarged_twofold_scrolls_and_breaks_no_word(hand_out: Hand, otto: Member) -> None:
    """WCAG 1.4.4: 200 % on a phone of 390 x 844."""
    phone = hand_out(otto, viewport={"width": 195, "height": 422})
    phone.open()
    phone.begin()
    for name in ("rooming", "phone!", "callbacks"):
        phone.gesture(name)
    assert phone.page.evaluate("() => document.scrollingElement.scrollWidth") == 195
    expect(phone.find("main [data-resume]")).to_be_visible()
    for cut in ("[data-resume]", "[data-watch]"):
        assert phone.find(f"main {cut}").evaluate("(it) => it.scrollWidth <= it.clientWidth || !it.clientWidth"), cut
    watch = phone.find("[data-watch]").bounding_box()
    assert watch
    assert watch["x"] >= 0
    assert watch["x"] + watch["width"] <= 195
    broken = """all => all.filter((name) => {
      const range = document.createRange();
      range.selectNodeContents(name);
      const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size;
      return lines > name.textContent.split(/[\\s-]+/).length;
    }).map((name) => name.textContent)"""
    assert phone.find("[data-tiles] .name").evaluate_all(broken) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_longest_code_fits_before_and_in_a_session(hand_out: Hand, otto: Member, size: str) -> None:
    width, height = SIZES[size]
    phone = hand_out(otto, viewport={"width": width, "height": height})
    phone.open()
    phone.begin("W" * 32)
    phone.all_uploaded()
    check_layout(phone)
    name = phone.find("[data-subject]")
    assert name.evaluate("(it) => getComputedStyle(it).textOverflow === 'ellipsis' && it.scrollWidth > it.clientWidth")
    phone.end()
    phone.tap("[data-again]")
    expect(phone.find("[data-subjects] .chip")).to_be_visible()
    assert phone.page.evaluate("() => document.scrollingElement.scrollWidth") == width
