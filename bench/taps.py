"""What a finger waits for: from its going up to the change on the screen, and to the tap being on the phone's disk.

In one browser and one run, in turns: the pad in a session that holds a thousand events, a page with nothing but a
button, and the start button of PyPI's timetagger where it is installed. The processor is throttled four times by the
browser, as Lighthouse does for a phone of the middle class. Also what the running timer costs, and what a day of it
leaves in memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright

from app.clinics.tasklist import default_list
from app.db import Database, now_ms
from app.people.accounts import sign_in
from app.people.models import Person
from bench import servers, timetagger
from bench.phones import settle
from bench.report import Measure
from tests.browser.find import browser_path
from tests.browser.phone import HANDHELD, Phone

ALREADY, TAPS = 1000, 300
THROTTLE = 4
FRAME_MS = 1000 / 60
TIMER_S = 20
HOUR_MS = 3_600_000
TASKS = [task.code for task in default_list().tasks if task.first]
PACE_MS = 450 / len(TASKS)  # the pad takes the same tile again within 400 ms for a tremble

# From pointerup to the first change of what `selector` names, and to the frame that shows it: the message comes after
# the frame that was asked for has been made. `stored`: the first writing transaction to complete after the pointerup.
WATCH = """([selector, attributes]) => {
  window.taps = [];
  addEventListener('pointerup', (event) => {
    const tap = { up: event.timeStamp };
    const root = document.querySelector(selector);
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => { tap.shown = performance.now(); window.taps.push(tap); };
        after.port2.postMessage(0);
      });
    });
    observer.observe(root, { subtree: true, childList: !attributes, attributes: true,
      ...(attributes && { attributeFilter: attributes }) });
    window.stored = () => { tap.stored ??= performance.now(); };
  }, true);
}"""
WATCH_STORE = """
const begin = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  const transaction = begin.call(this, stores, mode, options);
  if (mode === 'readwrite') transaction.addEventListener('complete', () => window.stored?.());
  return transaction;
};
"""
BARE = """<!doctype html><meta name=viewport content="width=device-width"><title>bare</title>
<main><button aria-pressed=false>Tap</button></main>"""
PRESS = """() => { const button = document.querySelector('button');
  button.addEventListener('pointerup', () => button.setAttribute('aria-pressed', button.ariaPressed !== 'true')); }"""
# timetagger draws its buttons on a canvas: where it drew the one that starts a record
WHERE = """() => { const all = window.canvas.widgets.TopWidget._picker._regions;
  const found = all.find((region) => region[4].action === 'record_start');
  return found ? [(found[0] + found[2]) / 2, (found[1] + found[3]) / 2] : null; }"""


@dataclass(slots=True)
class Tapped:
    """One thing that is tapped, turn by turn. `tap` puts the finger down and up; `after` tidies up behind it."""

    page: Page
    tap: Callable[[], None]
    after: Callable[[], None]


def measure(folder: Path, rounds: int) -> Iterator[Measure]:
    url = f"sqlite:///{folder / 'taps.db'}"
    person = settle(url, 1)[0].person
    database = Database(url)
    with database.write() as session:
        cookie = sign_in(session, session.get_one(Person, person), now_ms(), 1)
    database.close()
    with servers.timesink(url) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), chromium_sandbox=False)
        yield from _taps(browser, server.port, cookie, folder, rounds)
        yield from _timer(browser, server.port, cookie)
        browser.close()


# --- from the finger to the screen and the disk -----------------------------------------------------------------------


def _taps(browser: Browser, port: int, cookie: str, folder: Path, rounds: int) -> Iterator[Measure]:
    things = {"bare": _bare(browser), "pad": _pad(browser, port, cookie)}
    if timetagger.installed():
        with timetagger.serving(folder) as peer:
            things["peer"] = _peer(browser, peer.port)
            found = _in_turns(things, rounds)
    else:
        found = _in_turns(things, rounds)
    bare = [tap["shown"] - tap["up"] for tap in found["bare"]]
    told = {"pad": "the pad, 1,000 events", "peer": "timetagger's start button"}
    for name, taps in found.items():
        if name == "bare":
            continue
        shown = [tap["shown"] - tap["up"] for tap in taps]
        ours = name == "pad"
        yield _beside(f"{told[name]}: tap to change, median", median(shown), median(bare), 2 if ours else None)
        yield _beside(f"{told[name]}: tap to change, p95", _p95(shown), _p95(bare), 4 if ours else None)
    stored = [tap["stored"] - tap["up"] for tap in found["pad"]]
    yield _beside(f"{told['pad']}: tap to stored, median", median(stored), median(bare), 2)
    yield _beside(f"{told['pad']}: tap to stored, p95", _p95(stored), _p95(bare), 4)


def _in_turns(things: dict[str, Tapped], rounds: int) -> dict[str, list[dict[str, float]]]:
    devtools = {name: _devtools(thing.page) for name, thing in things.items()}
    for n in range(rounds):
        for name in things if n % 2 else reversed(things):
            thing = things[name]
            thing.page.bring_to_front()
            # only while it is its turn: a throttled page keeps most of a core busy, whatever it does
            devtools[name].send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
            for _tap in range(-(-TAPS // rounds)):
                before = thing.page.evaluate("() => window.taps.length")
                thing.tap()
                thing.page.wait_for_function("(before) => window.taps.length > before", arg=before)
                thing.after()
            devtools[name].send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return {name: thing.page.evaluate("() => window.taps") for name, thing in things.items()}


def _beside(what: str, ours: float, bare: float, frames: int | None) -> Measure:
    """`frames`: how many more than the bare page's it may be."""
    later = (ours - bare) / FRAME_MS
    return Measure(f"{what}, frames later", f"{ours:.1f} ms", f"a bare page {bare:.1f} ms", later, at_most=frames)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[18]


def _devtools(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def _finger(button: Locator) -> Callable[[], None]:
    """A touch in its middle and nothing else: `Locator.tap` would have the page look where it was hit."""
    box = button.bounding_box()
    if box is None:
        raise RuntimeError(f"{button} is not to be seen")
    return partial(button.page.touchscreen.tap, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def _bare(browser: Browser) -> Tapped:
    page = browser.new_context(**HANDHELD).new_page()
    page.set_content(BARE)
    page.evaluate(WATCH, ["main", ["aria-pressed"]])
    page.evaluate(PRESS)
    return Tapped(page, _finger(page.locator("button")), lambda: None)


def _pad(browser: Browser, port: int, cookie: str) -> Tapped:
    phone = _in_session(browser, port, cookie)
    # on through the rounds: a round that began at the first tile again might meet it within the 400 ms
    tiles = cycle([_finger(phone.page.locator(f"[data-tiles] [data-task={task}]")) for task in TASKS])
    for _tap in range(ALREADY - 1):
        next(tiles)()
        phone.page.wait_for_timeout(PACE_MS)
    phone.wait_for(lambda: len(phone.items()) > ALREADY, "a thousand events in the book", 120)
    phone.page.evaluate(WATCH, ["[data-tiles]", ["aria-pressed"]])
    return Tapped(phone.page, lambda: next(tiles)(), lambda: phone.page.wait_for_timeout(PACE_MS))


def _in_session(browser: Browser, port: int, cookie: str) -> Phone:
    url = f"http://127.0.0.1:{port}"
    phone = Phone(browser.new_context(**HANDHELD), url)
    phone.context.add_init_script(WATCH_STORE)
    phone.context.add_cookies([{"name": "timesink", "value": cookie, "url": url}])
    phone.open()
    phone.begin()
    return phone


def _peer(browser: Browser, port: int) -> Tapped:
    page = browser.new_context(**HANDHELD).new_page()
    page.goto(f"http://127.0.0.1:{port}/timetagger/login")
    page.locator("#input_u").fill("user0")
    page.locator("#input_p").fill("bench")
    page.locator("#submit_up").click()
    page.wait_for_function("() => window.canvas?.widgets?.TopWidget")
    page.wait_for_timeout(4000)  # it syncs, draws, and points at the button with a balloon
    page.evaluate(WATCH, ["body", None])

    def tap() -> None:
        where: Any = page.evaluate(WHERE)
        if where is None:
            raise RuntimeError("timetagger's start button is not where it was")
        page.touchscreen.tap(*where)

    def close() -> None:
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)  # it takes the dialog away, and redraws

    return Tapped(page, tap, close)


# --- the timer ------------------------------------------------------------------------------------------------------


def _timer(browser: Browser, port: int, cookie: str) -> Iterator[Measure]:
    phone = _in_session(browser, port, cookie)
    phone.gesture("rooming")
    phone.all_uploaded()
    devtools = _devtools(phone.page)
    devtools.send("Performance.enable")
    before = _metrics(devtools)
    phone.page.wait_for_timeout(TIMER_S * 1000)
    after = _metrics(devtools)
    busy = (after["TaskDuration"] - before["TaskDuration"]) / (after["Timestamp"] - before["Timestamp"])
    yield Measure("the timer: share of a core", f"{busy:.2%}", "1 %", busy / 0.01, at_most=1)
    phone.context.close()

    phone = Phone(browser.new_context(**HANDHELD), f"http://127.0.0.1:{port}")
    phone.context.add_cookies([{"name": "timesink", "value": cookie, "url": phone.url}])
    phone.page.clock.install()
    phone.open()
    phone.begin()
    phone.gesture("rooming")
    devtools = _devtools(phone.page)
    devtools.send("Performance.enable")
    phone.page.clock.run_for(HOUR_MS)
    first = _settled(devtools)
    phone.page.clock.run_for(7 * HOUR_MS)
    last = _settled(devtools)
    for name, unit in (("JSHeapUsedSize", 1e6), ("Nodes", 1)):
        yield Measure(
            f"after 8 simulated hours / after 1: {name}",
            f"{last[name] / unit:.2f}",
            f"{first[name] / unit:.2f}",
            last[name] / first[name],
            at_most=1.1,
        )
    phone.context.close()


def _metrics(devtools: CDPSession) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}


def _settled(devtools: CDPSession) -> dict[str, float]:
    devtools.send("HeapProfiler.collectGarbage")
    return _metrics(devtools)
