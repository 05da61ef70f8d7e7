"""Cuts what has become stale once no batch came for a second, so that a summary seldom has to.

A thread per process; several processes may do so at once. Whoever reads a summary looks for itself, so nothing
depends on this thread being alive.
"""

import logging
import threading
import time

from app.db import Database
from app.slices.freshen import freshen

QUIET_S = 1.0
AT_LATEST_S = 10.0  # where somebody taps all the time: each cut reckons with the whole of a session again
RESTS = 9  # a tenth of the time at most: Python runs one thread at a time, and taps come first

log = logging.getLogger("timesink")


class Slicer:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slicer", daemon=True)

    def start(self) -> None:
        self._woken.set()  # what an earlier process left stale
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        self._woken.set()

    def _rest(self, took_s: float) -> None:
        self._stopping.wait(took_s * RESTS)

    def _run(self) -> None:
        while True:
            self._woken.wait()
            latest = time.monotonic() + AT_LATEST_S
            while self._woken.is_set() and time.monotonic() < latest:
                self._woken.clear()
                if self._stopping.wait(QUIET_S):
                    return
            try:
                freshen(self.database, rest=self._rest)
            except Exception:  # whatever it was: the thread lives on
                log.exception("slicing failed; the next batch or summary tries again")
