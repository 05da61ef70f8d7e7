"""How batches reach the database. Either way the answer comes after the commit.

On SQLite all that is waiting is written together (group commit), by the event loop itself: a thread of its own would
hand Python's one lock back and forth with the loop at every statement. A thread only commits, for that waits for the
disk, and meanwhile the loop reads the next batches; a single tap on a quick disk is not worth waking it. On PostgreSQL
each batch has a thread and a transaction.

Measured (../shared/research/performance.md): with 32 phones one writer with group commit keeps five times as many
events as a transaction a request, with a ninth of its 99th percentile.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio.to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import Busy, Database

Answer = TypeVar("Answer")
Work = Callable[[Session], Any]
Waiting = tuple[Work, "asyncio.Future[Any]"]
TOGETHER = 64  # batches in one commit: bounds how long the first of them waits
QUICK_S = 0.001  # a commit: to wake the thread and be woken by it takes about a tenth of this
TRIES = 4
IN_THE_WAY = ("40001", "40P01", "23505")  # serialization, deadlock, a row that both wanted to be the first to make


class Writer:
    """Runs pieces of work in write transactions, for one event loop. `stop` belongs to the end of its lifespan."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "writer")
        self._last_commit_s = QUICK_S

    async def stop(self) -> None:
        """What is already waiting is still written."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()

    def submit(self, work: Callable[[Session], Answer]) -> Awaitable[Answer]:
        """To be awaited: done, committed. Raises what the work raised, and then nothing of it was kept."""
        if not self.database.is_sqlite:
            return anyio.to_thread.run_sync(self._alone, work)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((work, future))
        if self._writing is None:  # begins at the loop's next turn: what else has come by then goes along
            self._writing = loop.create_task(self._write_all())
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

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                await self._commit_together(group)
        finally:
            self._writing = None

    async def _commit_together(self, group: list[Waiting]) -> None:
        begun = False
        try:
            async with self._transaction(alone=len(group) == 1) as session:
                begun = True
                answers = [work(session) for work, _future in group]
        except Exception as error:
            if begun and len(group) > 1:
                for one in group:  # which of them it was shows when each is on its own; the others are kept
                    await self._commit_together([one])
                return
            for _work, future in group:  # not begun: none of them is to blame, and each would wait as long again
                if not future.done():
                    future.set_exception(error)
            return
        for (_work, future), answer in zip(group, answers, strict=True):
            if not future.done():  # else given up by whoever asked
                future.set_result(answer)

    @asynccontextmanager
    async def _transaction(self, *, alone: bool) -> AsyncIterator[Session]:
        """Begun at once if nobody else is writing. Waiting, for others or for the disk, is left to the thread.

        `alone`: one tap, after which the loop has nothing else to write. Where the disk took under a millisecond the
        last time, the loop itself commits that.
        """
        loop = asyncio.get_running_loop()
        transaction = self.database.write(wait=False)
        try:
            session = transaction.__enter__()
        except Busy:
            transaction = self.database.write()
            session = await loop.run_in_executor(self._thread, transaction.__enter__)
        try:
            yield session
        except BaseException as error:
            transaction.__exit__(type(error), error, error.__traceback__)
            raise
        committing = time.perf_counter()
        if alone and self._last_commit_s < QUICK_S:
            transaction.__exit__(None, None, None)
        else:
            await loop.run_in_executor(self._thread, transaction.__exit__, None, None, None)
        self._last_commit_s = time.perf_counter() - committing
