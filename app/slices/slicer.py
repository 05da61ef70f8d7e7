"""Cuts what has become stale a second after the last batch, so that a summary seldom has to.

A thread per process; several processes may do so at once. Whoever reads a summary looks for itself, so nothing
depends on this thread being alive.
"""

import logging
import threading

from app.db import Database
from app.slices.freshen import freshen

QUIET_S = 1.0

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

    def _run(self) -> None:
        while True:
            self._woken.wait()
            if self._stopping.wait(QUIET_S):
                return
            self._woken.clear()
            try:
                freshen(self.database)
            except Exception:  # whatever it was: the thread lives on
                log.exception("slicing failed; the next batch or summary tries again")
