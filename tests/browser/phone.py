"""A phone with the pad on it, as the tests hold it: a real browser, with eyes for everything that goes wrong."""

import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.people import Member

SIZE = {"width": 390, "height": 844}
HANDHELD: dict[str, Any] = {
    "viewport": SIZE, "device_scale_factor": 1, "is_mobile": True, "has_touch": True,
    "reduced_motion": "reduce",  # where something lies can be measured at once: a sheet does not rise
}  # fmt: skip

# a phone without network says so on its console, whatever a page does
WITHOUT_NETWORK = re.compile(r"Failed to load resource: net::ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION_\w+)")

_WATCH_POLICY = """
addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.effectiveDirective} ${e.blockedURI}`));
"""

_READ = """(store) => new Promise((resolve, reject) => {
  const request = indexedDB.open('timesink');
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const db = request.result;
    if (!db.objectStoreNames.contains(store)) { db.close(); resolve([]); return; }
    const rows = db.transaction(store).objectStore(store).getAll();
    rows.onsuccess = () => { db.close(); resolve(rows.result); };
    rows.onerror = () => reject(rows.error);
  };
})"""

# where something lies once it has been scrolled to as a tap does it
_PLACE = """(wanted) => {
  wanted.scrollIntoViewIfNeeded();
  const { x, y, width, height } = wanted.getBoundingClientRect();
  return [x, y, width, height, Boolean(wanted.closest('button, a'))];
}"""


def login(member: Member, url: str) -> Any:
    """The cookie that a sign-in leaves behind."""
    return {"name": "timesink", "value": member.cookie, "url": url}


class Phone:
    """One page of one browser context. Any console error, page error or policy violation fails the test at `close`."""

    def __init__(self, context: BrowserContext, url: str, member: Member | None = None) -> None:
        self.context, self.url = context, url
        self.touched = ("", (0.0, 0.0, 0.0, 0.0), 0.0)  # what was tapped last, where, when
        self.faults: list[str] = []
        self.expected: list[re.Pattern[str]] = []
        context.add_init_script(_WATCH_POLICY)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        if member is not None:
            context.add_cookies([login(member, url)])
        self.page: Page = context.pages[0] if context.pages else context.new_page()
        # the page's time in ms and how it goes by, unless `Clock` has it in hand
        self.now: Callable[[], float] = lambda: time.monotonic() * 1000
        self.rest: Callable[[float], None] = lambda ms: self.page.wait_for_timeout(ms)

    @classmethod
    def held_by(cls, browser: Browser, url: str, member: Member | None, **options: Any) -> "Phone":
        return cls(browser.new_context(**{**HANDHELD, **options}), url, member)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.faults.append(f"console: {message.text}")

    def expect_fault(self, pattern: str) -> None:
        self.expected.append(re.compile(pattern))

    def check(self) -> None:
        left = [fault for fault in self.faults if not any(pattern.search(fault) for pattern in self.expected)]
        if left:
            raise AssertionError("the page had faults:\n" + "\n".join(left))

    def close(self) -> None:
        self.context.close()
        self.check()

    # --- the network ----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def without_network(self) -> Iterator[None]:
        self.expected.append(WITHOUT_NETWORK)
        self.context.set_offline(True)
        yield
        self.context.set_offline(False)

    def offline_ready(self) -> None:
        """Until the service worker has everything and stands between the page and the network."""
        script = """() => Promise.race([
          new Promise((done) => setTimeout(done, 10_000, 'nothing')),
          navigator.serviceWorker.ready.then(() => new Promise((done) => {
            if (navigator.serviceWorker.controller) done('controls');
            navigator.serviceWorker.addEventListener('controllerchange', () => done('controls'), { once: true });
            setTimeout(done, 2000, 'nothing');
          })),
        ])"""
        if self.page.evaluate(script) != "controls":
            # a page that was on its way here while the worker took over is left to the network until it is opened again
            self.page.reload()
            assert self.page.evaluate(script) == "controls"

    def newer_waits(self) -> None:
        """Has the browser look for a newer service worker, and waits until that one waits for a yes."""
        worker = "navigator.serviceWorker.getRegistration()"
        self.page.evaluate(f"() => {worker}.then((r) => r.update()).then(() => true)")
        waits = f"() => {worker}.then((r) => Boolean(r.waiting))"
        self.wait_for(lambda: bool(self.page.evaluate(waits)), "a newer service worker")

    # --- gestures ---------------------------------------------------------------------------------------------------

    def open(self, path: str = "/pad") -> None:
        self.page.goto(self.url + path)

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def tap(self, selector: str) -> None:
        """Where something else has just been touched the pad takes a second touch for trembling, so people wait."""
        wanted = self.page.locator(selector).filter(visible=True).first
        *place, counts = wanted.evaluate(_PLACE)  # in one step: it may be drawn anew at any moment
        here = (place[0] + place[2] / 2, place[1] + place[3] / 2)
        name, (x, y, width, height), at = self.touched
        left = at + 450 - self.now()
        if left > 0 and selector != name and x <= here[0] <= x + width and y <= here[1] <= y + height:
            self.rest(left)
        wanted.tap()
        if counts:  # as static/js/tap.js remembers it
            self.touched = (selector, (place[0], place[1], place[2], place[3]), self.now())

    def kept_after(self, gesture: Callable[[], None], more: int = 1) -> None:
        """Does it and waits until the phone's book has `more` items: then, and only then, the tap is saved."""
        wanted = self.own() + more
        gesture()
        self.wait_for(lambda: self.own() >= wanted, f"{wanted} items in the book")
        assert self.own() == wanted

    def gesture(self, name: str, more: int = 1) -> None:
        """One saved tap, such as `rooming`, `phone!`, `undo`, `resume`."""
        self.kept_after(lambda: self.tap(self.button(name)), more)

    @staticmethod
    def button(name: str) -> str:
        if name.endswith("!"):
            return f"[data-triggers] [data-trigger={name[:-1]}]"
        if name in {"stop", "resume", "switched", "asked", "asked-both", "both", "flag", "pause", "continue", "undo"}:
            return f"main [data-tap={name}]"
        return f"[data-tiles] [data-task={name}]"

    def begin(self, subject: str = "MA-01") -> None:
        expect(self.find("[data-start]")).to_be_visible()
        self.find("[name=subject]").fill(subject)
        self.tap("label:has([name=consent])")
        self.tap("label:has([value=high])")
        self.tap("[data-go]")
        expect(self.find("[data-view=session]")).to_be_visible()
        self.page.wait_for_timeout(450)  # a tile that lies where Start was takes no second tap at once

    def end(self) -> None:
        self.tap("[data-open=end]")
        self.tap("dialog [data-tap=end]")
        expect(self.find("[data-view=ended]")).to_be_visible()

    # --- what it shows and holds ------------------------------------------------------------------------------------

    def rows(self, store: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.page.evaluate(_READ, store)
        return rows

    def items(self) -> list[dict[str, Any]]:
        """What the phone's book holds, oldest first: {id, session, person, body, waiting?, status?}."""
        return self.rows("items")

    def own(self) -> int:
        """How many of them were made here, and not adopted from another device."""
        return sum(not row["body"].get("device") for row in self.items())

    def events(self) -> list[dict[str, Any]]:
        return [row["body"] for row in self.items() if row["body"]["type"] == "event"]

    def waiting(self) -> int:
        return sum("waiting" in row for row in self.items())

    def is_honest(self) -> bool:
        """Whether the badge says what the book holds: how many wait, and that all is uploaded only where none does."""
        badge = self.find("[data-sending]").filter(visible=True)
        if not badge.count():
            return True
        said = badge.first.inner_text()
        waiting = Counter(row["waiting"] for row in self.items() if "waiting" in row)  # by whose they are
        number = re.search(r"([\d,]+) waiting", said)
        if number:
            return int(number[1].replace(",", "")) in waiting.values()
        return not (waiting and said == "All uploaded")

    def session_id(self) -> str:
        return str(self.rows("sessions")[-1]["id"])

    def running(self) -> list[str]:
        pressed = self.find("[data-tiles] [data-task][aria-pressed=true]")
        codes: list[str] = pressed.evaluate_all("all => all.map((tile) => tile.dataset.task)")
        return codes

    def all_uploaded(self) -> None:
        self.wait_for(lambda: self.waiting() == 0, "nothing waiting")
        assert not (refused := [row for row in self.items() if "trouble" in row]), refused
        expect(self.find("[data-sending]").filter(visible=True).first).to_have_text("All uploaded")

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = 15) -> None:
        """Asks again until it holds. Time as the machine has it: the page's own clock may stand still."""
        for _attempt in range(int(seconds * 50)):
            if holds():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"waited in vain for: {what}; the book holds {json.dumps(self.items()[-3:])[:600]}")
