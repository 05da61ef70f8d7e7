"""The writer: together where it can, each on its own where one fails, and never in the event loop's way."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.capture.models import Fact
from app.capture.writer import Writer
from app.db import Database


def noting(name: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        session.add(Fact(name=name, value=""))
        session.flush()
        return name

    return work


def failing(session: Session) -> str:
    session.add(Fact(name="half", value=""))
    session.flush()
    raise ValueError("halfway")


def kept(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.execute(select(Fact.name).where(Fact.name != "db_epoch")).scalars())


def run(writer: Writer, *steps: Callable[[], Awaitable[Any]]) -> list[Any]:
    async def all_of_it() -> list[Any]:
        try:
            return await asyncio.gather(*(step() for step in steps), return_exceptions=True)
        finally:
            await writer.stop()

    # in a thread of its own: where browser tests went before, this one has a loop already
    with start_blocking_portal() as portal:
        return portal.call(all_of_it)


def test_one_that_fails_leaves_nothing_and_takes_nobody_with_it(database: Database) -> None:
    writer = Writer(database)
    first, second, third = run(
        writer,
        lambda: writer.submit(noting("a")),
        lambda: writer.submit(failing),
        lambda: writer.submit(noting("b")),
    )
    assert (first, third) == ("a", "b")
    assert isinstance(second, ValueError)
    assert kept(database) == {"a", "b"}


@pytest.mark.on("sqlite", why="PostgreSQL commits each on its own")
def test_what_comes_in_one_turn_of_the_loop_is_one_transaction_on_sqlite(database: Database) -> None:
    writer = Writer(database)

    def seen(session: Session) -> int:
        with database.read() as other:
            committed = other.execute(select(func.count()).select_from(Fact)).scalar_one()
        return session.execute(select(func.count()).select_from(Fact)).scalar_one() - committed

    steps = [lambda: writer.submit(noting("a")), lambda: writer.submit(noting("b")), lambda: writer.submit(seen)]
    assert run(writer, *steps) == ["a", "b", 2]


@pytest.mark.on("sqlite", why="PostgreSQL has many writers")
def test_another_process_that_writes_is_waited_for_and_the_loop_goes_on_meanwhile(database: Database) -> None:
    other = sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    writer = Writer(database)

    async def let_go() -> str:
        """Can only run while the writer waits if the loop is free."""
        await asyncio.sleep(0.1)
        before = kept(database)
        other.execute("COMMIT")
        return "free" if not before else "too early"

    assert run(writer, lambda: writer.submit(noting("a")), let_go) == ["a", "free"]
    other.close()
    assert kept(database) == {"a"}


def test_a_transaction_of_our_own_in_another_thread_is_waited_for(database: Database) -> None:
    writer = Writer(database)

    async def holding() -> str:
        with database.write() as session:
            written = asyncio.ensure_future(writer.submit(noting("later")))
            await asyncio.sleep(0.05)
            assert not written.done() or not database.is_sqlite
            session.add(Fact(name="first", value=""))
        return await written

    assert run(writer, holding) == ["later"]
    assert kept(database) == {"first", "later"}
