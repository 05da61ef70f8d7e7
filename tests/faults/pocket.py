"""The pad's real book and relay (static/js: session, outbox, relay, clock) in a real Chromium, without the pad.

Real IndexedDB, real fetch, the files as they are written; only the fingers are the test's. So a phone makes a hundred
taps in a second or two, and eight of them lie in one browser. What people see of it is tested with the whole pad, in
tests/browser and beside this file.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Error, Page, Route

from app.config import CHECKOUT
from tests.faults.ledger import Ledger
from tests.faults.proxy import FaultProxy
from tests.people import Member

SOURCES = CHECKOUT / "static" / "js"

# `heard` is called with what is saved, after it is saved
DRIVER = """async ({ person, slug }) => {
  const [relay, outbox, { Session }] = await Promise.all(
    ['relay', 'outbox', 'session'].map((name) => import(`/raw-js/${name}.js`)));
  const kept = (await outbox.pad(slug))?.pad ?? await (await fetch(`/api/v1/clinics/${slug}/pad`)).json();
  await outbox.keepPad({ clinic: slug, etag: null, pad: kept });
  const stamp = () => ({ at: Date.now(), mono: performance.now() });
  const tasks = kept.tasks.slice(0, 9).map(({ code }) => code);
  const triggers = kept.triggers.slice(0, 4).map(({ code }) => code);
  let session = await Session.resumed(person.id);
  const pocket = {
    fault: null,
    busy: 0,
    async begin(subject) {
      const header = { mode: 'observed', subject, staff_role: 'MA', day_type: 'high' };
      session = await Session.begun(person.id, kept, header, stamp());
      heard(JSON.stringify([{ type: 'session', ...session.row.header }, ...session.log]));
      relay.soon();
    },
    async tap(draft) {
      const stored = await session.take(stamp(), () => [draft]);
      heard(JSON.stringify(stored));
      relay.soon();
    },
    // `plan`: [gap in ms, what, which] of each tap
    async taps(plan) {
      pocket.busy += 1;
      for (const [gap, what, which] of plan) {
        await new Promise((done) => setTimeout(done, gap));
        const target = session.log.at(-1);
        const draft = what === 'undo' && target.kind !== 'begin' ? { kind: 'void', target: target.id }
          : what === 'interrupt' ? { kind: 'interrupt', trigger: triggers[which % triggers.length] }
            : what === 'resume' || what === 'stop' ? { kind: what }
              : { kind: 'start', task: tasks[which % tasks.length] };
        await pocket.tap(draft);
      }
      pocket.busy -= 1;
    },
    async state() {
      const { mine } = await outbox.waiting(person.id);
      const refused = (await outbox.troubles(person.id)).map(({ status, code }) => `${status} ${code}`);
      return { waiting: mine, fault: pocket.fault, busy: pocket.busy, refused };
    },
    hurry: relay.hurry,
  };
  window.pocket = pocket;
  relay.start(person, (fault) => { pocket.fault = fault; }, () => {});
  return Boolean(session);
}"""

_BOOK = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open('timesink');
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const rows = request.result.transaction('items').objectStore('items').getAll();
    rows.onsuccess = () => { request.result.close(); resolve(rows.result); };
    rows.onerror = () => reject(rows.error);
  };
})"""


class Pocket:
    """One phone: a browser context of its own behind a network of its own."""

    def __init__(self, browser: Browser, network: FaultProxy, member: Member, ledger: Ledger) -> None:
        self.network, self.member, self.ledger = network, member, ledger
        self.context = browser.new_context(service_workers="block")
        self.context.add_cookies([{"name": "timesink", "value": member.cookie, "url": network.url}])
        self.context.route("**/raw-js/*.js", _source)
        self.context.expose_function("heard", self._heard)
        self.page: Page = self.context.new_page()

    def _heard(self, said: str) -> None:
        for body in json.loads(said):
            self.ledger.saved({name: value for name, value in body.items() if name != "was"}, self.member.id)

    def open(self) -> bool:
        """Whether a session was going on."""
        self.page.goto(f"{self.network.url}/healthz")
        person = {"id": self.member.id, "app": "1.0.0", "name": "Otto", "clinics": [{"slug": "north"}]}
        going_on: bool = self.page.evaluate(DRIVER, {"person": person, "slug": "north"})
        return going_on

    def close_in_the_middle(self) -> None:
        """The tab is closed, whatever it is at."""
        self.page.close()
        self.page = self.context.new_page()

    def begin(self, subject: str = "MA-01") -> None:
        self.page.evaluate("(subject) => pocket.begin(subject)", subject)

    def taps(self, plan: list[tuple[int, str, int]]) -> None:
        """Sets the finger going; it goes on by itself."""
        self.page.evaluate("(plan) => { pocket.taps(plan); }", plan)

    def hurry(self) -> None:
        """As when the network comes back."""
        self.page.evaluate("() => { dispatchEvent(new Event('online')); }")

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("() => pocket.state()")
        return found

    # --- as a phone of tests/browser, for the ledger ------------------------------------------------------------------

    def items(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.page.evaluate(_BOOK)
        return rows

    def acknowledged(self) -> set[str]:
        return {row["id"] for row in self.items() if not row.get("waiting")}

    def close(self) -> None:
        self.context.close()


def _source(route: Route) -> None:
    """A script as it is written, not as it is sent."""
    name = route.request.url.rsplit("/", 1)[1]
    route.fulfill(path=SOURCES / name, content_type="text/javascript")


def fingers(chance: random.Random, taps: int, longest_gap_ms: int = 20) -> list[tuple[int, str, int]]:
    kinds = ("task", "task", "task", "interrupt", "resume", "stop", "undo")
    return [(chance.randint(1, longest_gap_ms), chance.choice(kinds), chance.randint(0, 8)) for _ in range(taps)]


@contextmanager
def pocketed(browser: Browser, port: int, members: list[Member], ledger: Ledger) -> Iterator[list[Pocket]]:
    """A phone for each, opened, in a session."""
    networks = [FaultProxy(port) for _ in members]
    pockets: list[Pocket] = []
    try:
        for network, member in zip(networks, members, strict=True):
            network.__enter__()
            pocket = Pocket(browser, network, member, ledger)
            pockets.append(pocket)
            pocket.open()
            pocket.begin()
        yield pockets
    finally:
        for pocket in pockets:
            try:
                pocket.close()
            except Error:
                continue
        for network in networks[: len(pockets)]:
            network.__exit__(None, None, None)
