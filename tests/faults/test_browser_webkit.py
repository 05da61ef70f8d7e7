"""kill -9 of WebKitGTK, of Safari's family, while taps are made: `make test-webkit` runs it.

Its driver gives it a profile that ends with it, so nobody drives it here: a page of the test's own stands between,
which signs it in, adds a script that taps, and hears of every tap that the pad shows as saved.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.capture.models import Event
from tests.browser.conftest import Site
from tests.browser.webkit import browser_path
from tests.faults.ledger import Ledger
from tests.people import Member, Town

WANTED = os.environ.get("TIMESINK_WEBKIT") == "yes"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.on("sqlite", why="a browser cannot tell the databases apart"),
    pytest.mark.skipif(not WANTED, reason="make test-webkit runs this, with a display of its own"),
]

TAPPING = """
const say = (what) => fetch('/heard', { method: 'POST', body: JSON.stringify(what) });
const book = () => new Promise((resolve, reject) => {
  const request = indexedDB.open('timesink');
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const rows = request.result.transaction('items').objectStore('items').getAll();
    rows.onsuccess = () => {
      request.result.close();
      resolve(rows.result.map(({ body, person }) => ({ body, person })));
    };
  };
});
const until = async (holds) => { while (!holds()) await new Promise((done) => { setTimeout(done, 15); }); };
const shown = (name) => { const view = document.querySelector(`[data-view=${name}]`); return view && !view.hidden; };
(async () => {
  await until(() => shown('start') || shown('session'));
  const { status } = await say({ kind: 'opened', rows: await book().catch(() => []) });
  if (status === 204) return;
  if (shown('start')) {
    await until(() => !document.querySelector('[data-start]').hidden);
    document.querySelector('[name=subject]').value = 'MA-01';
    document.querySelector('[name=consent]').checked = true;
    document.querySelector('[data-go]').click();
    await until(() => shown('session'));
  }
  const tileOf = (task) => document.querySelector(`[data-tiles] [data-task=${task}]`);
  const tiles = ['rooming', 'vitals', 'discharge'].map(tileOf);
  for (const tile of tiles) tile.dataset.bounce = '0';
  let n = tiles.findIndex((tile) => tile.ariaPressed === 'true');
  for (;;) {
    const tile = tiles[++n % 3];
    tile.click();
    await until(() => tile.getAttribute('aria-pressed') === 'true');
    await say({ kind: 'shown', rows: (await book()).slice(-1) });
  }
})().catch((fault) => say({ kind: 'fault', rows: [], text: String(fault) }));
"""


@dataclass
class Between:
    """Stands between the browser and the site. `blocked`: no upload goes through; once they do, nobody taps."""

    site: Site
    cookie: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    blocked: bool = True
    port: int = 0

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if request.path == "/heard":
            self.heard.append(json.loads(body))
            return 200 if self.blocked else 204, {}, b""
        if request.path == "/tapping.js":
            return 200, {"Content-Type": "text/javascript"}, TAPPING.encode()
        if request.path.startswith("/api/v1/batches") and self.blocked:
            return 503, {"Content-Type": "text/html"}, b"<h1>503</h1>"
        if request.path == "/sw.js":
            return 404, {}, b""  # this is about the book: without network the worker would keep the script out
        return self._passed_on(request, body)

    def _passed_on(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        own = {"Host": f"127.0.0.1:{self.site.port}", "Origin": self.site.url, "Cookie": f"timesink={self.cookie}"}
        sent = {name: value for name, value in request.headers.items() if name.title() not in own}
        sent = {n: v for n, v in sent.items() if n.lower() not in ("accept-encoding", "connection", "referer")}
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(request.command, request.path, body or None, sent | own)
            told = connection.getresponse()
            content = told.read()
        headers = {n: v for n, v in told.getheaders() if n.lower() in ("content-type", "location", "etag")}
        if request.path == "/pad":
            content = content.replace(b"</body>", b'<script type="module" src="/tapping.js"></script></body>')
        return told.status, headers, content


@pytest.fixture
def between(site: Site, otto: Member) -> Iterator[Between]:
    held = Between(site, otto.cookie)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with contextlib.suppress(OSError):  # it was killed while it waited
                status, headers, content = held.answer(self, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = listening.server_address[1]
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield held
    listening.shutdown()
    listening.server_close()


def _tree(pid: int) -> list[int]:
    """The process and all that it has begun."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _until(holds: Any, what: str, seconds: float = 30) -> None:
    for _attempt in range(int(seconds * 50)):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


@contextlib.contextmanager
def opened(between: Between, folder: Path) -> Iterator[None]:
    """The browser on the pad, with the same profile each time; killed at the end, with all that it has begun."""
    folders = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "CACHE", "CONFIG")}
    between.heard.clear()
    with open(folder / "webkit.log", "ab") as log:
        command = [str(browser_path()), f"http://127.0.0.1:{between.port}/pad"]
        browser = subprocess.Popen(command, env={**os.environ, **folders, "HOME": str(folder)}, stdout=log, stderr=log)
    try:
        _until(lambda: any(one["kind"] == "opened" for one in between.heard), "the pad")
        yield
    finally:
        for pid in _tree(browser.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        browser.wait(20)


def test_a_killed_webkit_has_every_tap_that_it_showed_as_saved(
    between: Between, ledger: Ledger, town: Town, tmp_path: Path
) -> None:
    for taps in (9, 14, 20):
        with opened(between, tmp_path):
            _until(lambda wanted=taps: len(between.heard) > wanted, "taps")
        _none_is_lost(between, ledger)
        for one in between.heard:
            for row in one["rows"]:
                ledger.saved(row["body"], row["person"])
    assert len(ledger.kept) > 40
    between.blocked = False  # now, for an upload waits as long as taps follow each other quicker than a person's
    with opened(between, tmp_path):
        _none_is_lost(between, ledger)
        wanted = {tap for tap, body in ledger.taps.items() if body["type"] == "event"}
        # without https the killed page's lease runs out first
        _until(lambda: wanted <= _arrived(town), "every tap on the server", 170)


def _none_is_lost(between: Between, ledger: Ledger) -> None:
    assert not [one for one in between.heard if one["kind"] == "fault"], between.heard[-1]
    held = {row["body"]["id"] for row in between.heard[0]["rows"]}
    assert set(ledger.kept) <= held, sorted(set(ledger.kept) - held)


def _arrived(town: Town) -> set[str]:
    with town.database.read() as session:
        return set(session.execute(select(Event.id)).scalars())
