"""What a hand can do to a real Chromium: fill its storage, clear it, kill or freeze what runs in it."""

import contextlib
import os
import signal
from collections.abc import Iterator

from playwright.sync_api import Browser, CDPSession, Page

from tests.browser.phone import Phone

# taps as quick as the pad can take them: a keyboard's click, and no trembling finger is waited out
TAPS = """([codes, times]) => {
  const tiles = codes.map((code) => document.querySelector(`[data-tiles] [data-task=${code}]`));
  for (const tile of tiles) tile.dataset.bounce = '0';
  for (let n = 0; n < times; n++) tiles[n % tiles.length].click();
}"""

FILL = """() => new Promise((done, fail) => {
  const request = indexedDB.open('junk', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('junk', { autoIncrement: true });
  request.onerror = () => fail(request.error);
  request.onsuccess = async () => {
    const db = request.result;
    const fits = (size) => new Promise((yes) => {
      const tx = db.transaction('junk', 'readwrite');
      tx.objectStore('junk').add(crypto.getRandomValues(new Uint8Array(size)));
      tx.oncomplete = () => yes(true);
      tx.onabort = () => yes(false);
    });
    for (const size of [65536, 8192, 1024, 128, 16]) while (await fits(size));
    db.close();
    done();
  };
})"""


def many_taps(phone: Phone, times: int, codes: tuple[str, ...] = ("rooming", "vitals", "discharge")) -> None:
    """So many saved taps, on these tiles in turn."""
    wanted = len(phone.items()) + times
    phone.page.evaluate(TAPS, [list(codes), times])
    phone.wait_for(lambda: len(phone.items()) == wanted, f"{times} more items in the book", 60)


def cramp(phone: Phone, url: str) -> CDPSession:
    """Before the pad opens: its address gets 6 MB. What the session has overridden ends with it."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": url, "quotaSize": 6_000_000})
    return session


def fill(phone: Phone) -> None:
    """Something else at this address takes all the room that is left, to the last bytes."""
    phone.page.evaluate(FILL)


def make_room(phone: Phone) -> None:
    phone.page.evaluate("() => new Promise((done) => { indexedDB.deleteDatabase('junk').onsuccess = () => done(); })")


def evict(phone: Phone, kinds: str = "indexeddb") -> None:
    """The browser clears what the page has stored, while it is open."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("Storage.clearDataForOrigin", {"origin": _origin(phone), "storageTypes": kinds})
    session.detach()


def _origin(phone: Phone) -> str:
    return str(phone.page.evaluate("() => location.origin"))


def processes(browser: Browser, kind: str) -> dict[int, float]:
    """Process id to CPU time, of the browser's processes of a kind: renderer, utility, browser ..."""
    session = browser.new_browser_cdp_session()
    listed = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return {one["id"]: one["cpuTime"] for one in listed if one["type"] == kind}


def renderer_of(browser: Browser, page: Page) -> int:
    """The process that runs the page: the one that computes each time it is told to, whatever others do meanwhile."""
    least: dict[int, float] = {}
    for _time in range(5):
        before = processes(browser, "renderer")
        page.evaluate("() => { const until = performance.now() + 80; while (performance.now() < until); }")
        took = {pid: used - before.get(pid, used) for pid, used in processes(browser, "renderer").items()}
        least = {pid: min(used, least.get(pid, used)) for pid, used in took.items()}
    return max(least, key=lambda pid: least[pid])


def storage_service(browser: Browser) -> int:
    """The process in which IndexedDB lives."""
    (pid,) = processes(browser, "storage.mojom.StorageService")
    return pid


def network_back(phone: Phone) -> None:
    """What the browser tells a page when there is a network again."""
    phone.page.evaluate("() => dispatchEvent(new Event('online'))")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """As a phone freezes a page behind others: it runs no further, and no clock stops."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
