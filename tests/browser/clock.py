"""A phone's clock that tests move: an hour passes in a moment."""

import math
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Request

from tests.browser.phone import Phone

MINUTE = 60_000
AHEAD_MS = 10_000  # a page's clock is stopped at a moment that is not past by then; nothing has given up by then either


class Clock:
    """The phone's and the server's, moved together: what the network and the disk take is no simulated time."""

    def __init__(self, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
        self.phone = phone
        self.now = (int(time.time()) // 60 + 1) * MINUTE
        phone.page.clock.install(time=self.now / 1000)
        # both run on until `stop`
        begun = time.monotonic()
        self.read: Callable[[], int] = lambda: self.now + int((time.monotonic() - begun) * 1000)
        monkeypatch.setattr("app.capture.api.now_ms", lambda: self.read())
        self.under_way: set[Request] = set()
        phone.page.on("request", lambda one: self.under_way.add(one) if one.url.endswith("/batches") else None)
        phone.page.on("requestfinished", lambda one: self.under_way.discard(one))
        phone.page.on("requestfailed", lambda one: self.under_way.discard(one))

    def stop(self) -> None:
        moment = int(self.phone.page.evaluate("() => Date.now()")) + AHEAD_MS
        self.phone.page.clock.pause_at(moment / 1000)
        self.now, self.read = moment, lambda: self.now
        self.phone.now = lambda: self.now
        self.phone.rest = lambda ms: self.to(self.now + math.ceil(ms), online=False)

    def to(self, moment: int, *, online: bool) -> None:
        # an upload must not straddle a step, or it would measure the step as the clocks' difference
        self.phone.wait_for(lambda: not self.under_way, "no upload under way")
        step, self.now = moment - self.now, moment
        self.phone.page.clock.fast_forward(step)
        if online:
            self.phone.wait_for(lambda: self.phone.waiting() == 0, "nothing waiting")

    def wait(self, minutes: float, *, online: bool = True) -> None:
        self.to(self.now + round(minutes * MINUTE), online=online)
