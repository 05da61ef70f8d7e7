"""WebKitGTK, of Safari's family, over the W3C protocol. `python -m tests.browser.webkit` makes sure that it is there.

What it cannot do: touch (its pointer is a mouse), go offline by itself (stop the server), Safari's seven-day limits.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.browser.find import by_debian

PACKAGES = ("webkit2gtk-driver", "xvfb", "xauth")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the standard's name for a reference to an element
VISIBLE = "return [...document.querySelectorAll(arguments[0])].find((one) => one.checkVisibility()) ?? null"


def browser_path() -> Path | None:
    return next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)


def lacking() -> list[str]:
    """What has to be installed first."""
    there = {
        "MiniBrowser": browser_path(),
        "WebKitWebDriver": shutil.which("WebKitWebDriver"),
        "xvfb-run": shutil.which("xvfb-run"),
        "xauth": shutil.which("xauth"),
    }
    return [name for name, path in there.items() if path is None]


class WebKit:
    """One browser with one page; nothing of it outlives `close`."""

    def __init__(self, driver: str) -> None:
        self.client = httpx.Client(base_url=driver, timeout=60)
        options = {"binary": str(browser_path()), "args": ["--automation", "--full-screen"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self.session = f"/session/{self.call('POST', '/session', wanted)['sessionId']}"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.client.request(method, path, json={} if method == "POST" and body is None else body)
        value = answer.json()["value"]
        assert answer.status_code == 200, (path, value)
        return value

    def close(self) -> None:
        self.call("DELETE", self.session)
        self.client.close()

    def size(self, width: int, height: int) -> None:
        self.call("POST", f"{self.session}/window/rect", {"x": 0, "y": 0, "width": width, "height": height})

    def open(self, url: str) -> None:
        self.call("POST", f"{self.session}/url", {"url": url})

    def cookie(self, name: str, value: str) -> None:
        """For the site that is open."""
        self.call("POST", f"{self.session}/cookie", {"cookie": {"name": name, "value": value, "path": "/"}})

    def run(self, script: str, *args: Any) -> Any:
        """What a function's body `return`s."""
        return self.call("POST", f"{self.session}/execute/sync", {"script": script, "args": args})

    def resolved(self, promise: str) -> Any:
        """What an expression's promise resolves to."""
        script = f"const done = arguments[0]; ({promise}).then(done, (fault) => done(`fault: ${{fault}}`));"
        return self.call("POST", f"{self.session}/execute/async", {"script": script, "args": []})

    def wait_for(self, holds: Callable[[], Any], what: str, seconds: float = 20) -> None:
        for _attempt in range(int(seconds * 20)):
            with contextlib.suppress(AssertionError, httpx.TransportError):
                if holds():
                    return
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for: {what}; the page reads {self.text('body')[:400]!r}")

    def shown(self, selector: str) -> str | None:
        """The first element that can be seen, as the protocol refers to it."""
        found = self.run(VISIBLE, selector)
        return str(found[ELEMENT]) if found else None

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def tap(self, selector: str) -> None:
        self.wait_for(lambda: self.shown(selector), selector)
        self.call("POST", f"{self.session}/element/{self.shown(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        self.wait_for(lambda: self.shown(selector), selector)
        self.call("POST", f"{self.session}/element/{self.shown(selector)}/value", {"text": text})


@contextlib.contextmanager
def running() -> Iterator[WebKit]:
    """A driver on a free port of this machine, and a browser that it holds. Needs a display (xvfb-run)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen(["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"])
    try:
        for _attempt in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        browser = WebKit(f"http://127.0.0.1:{port}")
        try:
            yield browser
        finally:
            browser.close()
    finally:
        driver.terminate()
        driver.wait(15)


def main() -> int:
    if lacking():
        by_debian(*PACKAGES)
    if lacking():
        print(f"WebKit's tests need {', '.join(lacking())}: apt-get install {' '.join(PACKAGES)}", file=sys.stderr)
        return 1
    print(f"browser: {browser_path()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
