"""A phone's clock that tests move: an hour passes in a moment."""

import math
import time

import pytest

from tests.browser.phone import Phone

MINUTE = 60_000


class Clock:
    """The phone's and the server's, moved together: what the network and the disk take is no simulated time."""

    def __init__(self, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
        self.phone = phone
        self.now = (int(time.time()) // 60 + 1) * MINUTE
        monkeypatch.setattr("app.capture.api.now_ms", lambda: self.now)
        phone.page.clock.install(time=self.now / 1000)

    def stop(self) -> None:
        self.now = int(self.phone.page.evaluate("() => Date.now()")) + 1000
        self.phone.page.clock.pause_at(self.now / 1000)
        self.phone.now = lambda: self.now
        self.phone.rest = lambda ms: self.to(self.now + math.ceil(ms), online=False)

    def to(self, moment: int, *, online: bool) -> None:
        step, self.now = moment - self.now, moment
        self.phone.page.clock.fast_forward(step)
        if online:  # an upload must not straddle a step, or it would measure the step as the clocks' difference
            self.phone.wait_for(lambda: self.phone.waiting() == 0, "nothing waiting")

    def wait(self, minutes: float, *, online: bool = True) -> None:
        self.to(self.now + round(minutes * MINUTE), online=online)
