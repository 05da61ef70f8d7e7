"""How batches reach the database: on SQLite through one thread that commits together all that is waiting (group
commit), on PostgreSQL each in a transaction of its own. Either way the answer comes after the commit.

Measured (../shared/research/performance.md): with 32 phones one writer with group commit keeps five times as many
events as a transaction a request, with a ninth of its 99th percentile.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import anyio.to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import Database

Answer = TypeVar("Answer")
Work = Callable[[Session], Any]
Waiting = tuple[Work, "asyncio.Future[Any]"]
Outcome = tuple["asyncio.Future[Any]", Any, Exception | None]
TOGETHER = 64  # batches in one commit: bounds how long the first of them waits
TRIES = 4
IN_THE_WAY = ("40001", "40P01", "23505")  # serialization, deadlock, a row that both wanted to be the first to make

log = logging.getLogger("timesink")


class Writer:
    """Runs pieces of work in write transactions. `start` and `stop` belong to the app's lifespan."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self.database.is_sqlite:
            self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """What is already waiting is still written."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()

    def submit(self, work: Callable[[Session], Answer]) -> Awaitable[Answer]:
        """To be awaited: done, committed. Raises what the work raised, and then nothing of it was kept."""
        if self._thread is None:
            return anyio.to_thread.run_sync(self._alone, work)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.put((work, future))
        return future

    def _alone(self, work: Callable[[Session], Answer]) -> Answer:
        for tried in range(1, TRIES + 1):
            try:
                with self.database.write() as session:
                    return work(session)
            except DBAPIError as error:
                # two batches in each other's way: PostgreSQL gives one of them up, and the next time it sees the other
                if getattr(error.orig, "sqlstate", None) not in IN_THE_WAY or tried == TRIES:
                    raise
                time.sleep(0.01 * tried)
        raise AssertionError("unreachable")

    def _run(self) -> None:
        stopping = False
        while not stopping:
            first = self._waiting.get()
            group = [] if first is None else [first]
            stopping = first is None
            while not stopping and len(group) < TOGETHER:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stopping = True
                else:
                    group.append(more)
            if group:
                self._commit_together(group)

    def _commit_together(self, group: list[Waiting]) -> None:
        try:
            with self.database.write() as session:
                answers = [work(session) for work, _future in group]
        except Exception as error:
            if len(group) == 1:
                _tell([(group[0][1], None, error)])
                return
            for one in group:  # which of them it was shows when each is on its own; the others are kept
                self._commit_together([one])
            return
        _tell([(future, answer, None) for (_work, future), answer in zip(group, answers, strict=True)])


def _tell(outcomes: list[Outcome]) -> None:
    """Hands the answers to the event loops that wait for them, each woken once for all of its own."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, its in by_loop.items():
        with suppress(RuntimeError):  # closed: the server is going down, and what was committed stays
            loop.call_soon_threadsafe(_settle, its)


def _settle(outcomes: list[Outcome]) -> None:
    for future, answer, error in outcomes:
        if future.done():  # given up by whoever asked
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(answer)
