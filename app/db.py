"""Engine, transactions and the few things in which SQLite and PostgreSQL differ.

SQLite has one writer: exactly one writing connection, which every writer of this process waits for in turn (SQLite's
own busy handler sleeps, which shows as a long tail under load), and readers that cannot write. PostgreSQL needs
neither; both engines are then the same.
"""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import (
    ClauseElement,
    Connection,
    Dialect,
    Engine,
    MetaData,
    RootTransaction,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from app.failpoints import failpoint
from app.storage import DAMAGED, MOVED, reason_of, refusal

BUSY_MS = 5000  # how long to wait for another process that writes
LOCKED_MS = 10_000  # the same on PostgreSQL, where it is a row or table that is waited for
SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MS}",
    "mmap_size=0",
    "wal_autocheckpoint=4000",  # pages: while many tap, most are written again before they are copied
)


class Busy(Exception):
    """Somebody else is writing, and the caller did not want to wait."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def now_ms() -> int:
    """The server's clock, in ms since the epoch. Only routes, commands and tasks read it; rules are given the time."""
    return time.time_ns() // 1_000_000


def new_id(at: int | None = None) -> str:
    """A UUIDv7 (RFC 9562) for rows the server makes: 48 bits of time, 74 random ones."""
    value = (at or now_ms()) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _sqlite_engine(url: str, *, writer: bool) -> Engine:
    options: dict[str, Any] = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 30} if writer else {"pool_size": 8}
    engine = create_engine(url, poolclass=QueuePool, **options)
    begin = Prepared(text("BEGIN IMMEDIATE" if writer else "BEGIN"))

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so, not where the driver guesses
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if not writer:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        begin.changed(connection)

    return engine


def _make_private(file: Path) -> None:
    """A new database is its owner's alone to read, and so are the files that SQLite makes beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with suppress(OSError):  # opening it will say why it cannot be
            file.touch(mode=0o600)


def _identity(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


class Database:
    """Two ways in: `read()` and `write()`, each a transaction that ends with its block."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.dialect = "sqlite" if self.is_sqlite else "postgresql"
        if self.is_sqlite:
            _make_private(Path(url.removeprefix("sqlite:///")))
            self.writer = _sqlite_engine(url, writer=True)
            self.reader = _sqlite_engine(url, writer=False)
        else:
            # who waits longer for somebody else's lock is told so, and tries again
            options = {"connect_timeout": 10, "options": f"-c lock_timeout={LOCKED_MS}"}
            self.writer = self.reader = create_engine(
                url, pool_size=10, max_overflow=10, pool_pre_ping=True, connect_args=options
            )
        self._turn = Lock()
        self._writing: Connection | None = None
        self._file: tuple[str, tuple[int, int]] | None = None  # SQLite's, as it was when writing began
        self._stopped: str | None = None  # why nothing may be written any more

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._minding_damage(), Session(self.reader) as session:
            yield session

    @contextmanager
    def write(self, *, wait: bool = True) -> Iterator[Session]:
        """Commits when the block ends well, rolls back when it raises. `wait`: see `transaction`."""
        with self.transaction(wait=wait) as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            if session.in_transaction():
                session.commit()  # flushes; it is the connection that commits

    @contextmanager
    def transaction(self, *, wait: bool = True) -> Iterator[Connection]:
        """The same without a session. Begun before anything is read: a read first could make the write fail later.

        SQLite's one connection is kept: to fetch it from a pool each time costs as much as four statements. Raises
        Busy if another thread or process is writing and it must not `wait`.
        """
        if self._stopped is not None:
            raise refusal(self._stopped)
        if not self.is_sqlite:
            with self._minding_damage(), self.writer.begin() as connection:
                yield connection
                failpoint("before_commit")
            return
        if not self._turn.acquire(blocking=wait):
            raise Busy
        try:
            with self._minding_damage():
                if self._writing is None:
                    self._writing = self.writer.connect()
                    path = str(self.writer.url.database)
                    self._file = path, _identity(path)
                with self._begun(self._writing, wait=wait):
                    yield self._writing
                    failpoint("before_commit")
                    self._refuse_if_moved()
        finally:
            self._turn.release()

    @contextmanager
    def _minding_damage(self) -> Iterator[None]:
        """A damaged database is written to no more by this process: what it took now might be unreadable tomorrow."""
        try:
            yield
        except DBAPIError as error:
            if reason_of(error) == DAMAGED:
                self._stopped = DAMAGED
            raise

    def _refuse_if_moved(self) -> None:
        """A file that was moved away or written over takes commits as before, and is gone with the process."""
        assert self._file is not None
        path, identity = self._file
        try:
            there = _identity(path)
        except OSError:
            there = None
        if there != identity:
            self._stopped = MOVED
            raise refusal(MOVED)

    @staticmethod
    def _begun(connection: Connection, *, wait: bool) -> RootTransaction:
        if wait:
            return connection.begin()
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            return connection.begin()
        except OperationalError as error:
            raise Busy from error
        finally:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")

    def close(self) -> None:
        with self._turn:
            if self._writing is not None:
                self._writing.close()
                self._writing = None
        self.writer.dispose()
        self.reader.dispose()


# one word of SQL that the two spell alike but SQLAlchemy keeps apart
INSERT: dict[str, Any] = {"sqlite": insert_on_sqlite, "postgresql": insert_on_postgresql}


def connection_of(session: Session) -> Connection:
    """The connection of a session, at once if it was made for one: a tap needs no more of the session than that."""
    bind = session.get_bind()
    return bind if isinstance(bind, Connection) else session.connection()


class Prepared:
    """A statement that every tap runs: compiled once for each kind of database, run on the driver's own cursor.

    A tap runs nine of them; each takes SQLite 3 us, and SQLAlchemy 30 more when it executes them itself. Only for
    values that the drivers take and give as they are: texts, numbers, null. What varies is a `bindparam`.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        """`columns`: those that an INSERT fills."""
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, tuple[str, Sequence[str] | None, dict[str, Any]]] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """What a SELECT finds, as tuples."""
        found: list[Any] = self._run(connection, values).fetchall()
        return found

    def changed(self, connection: Connection, **values: Any) -> int:
        """How many rows an INSERT, UPDATE or DELETE has touched."""
        touched: int = self._run(connection, values).rowcount
        return touched

    def _run(self, connection: Connection, values: dict[str, Any]) -> Any:
        dialect = connection.dialect
        sql, order, constants = self._compiled.get(dialect.name) or self._compile(dialect)
        given = constants | values if constants else values
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, given if order is None else [given[name] for name in order])
        except dialect.loaded_dbapi.Error as error:  # the same error as from any other statement
            raise DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
        return cursor

    def _compile(self, dialect: Dialect) -> tuple[str, Sequence[str] | None, dict[str, Any]]:
        done: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        constants = {name: value for name, value in done.params.items() if value is not None}
        compiled = self._compiled[dialect.name] = (done.string, done.positiontup, constants)
        return compiled


def insert_unless_there(
    connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]], returning: str
) -> set[Any]:
    """Inserts rows and leaves out those that clash with a unique index; answers which went in (their `returning`).

    The index decides, in one statement: looking first would let two requests at once both find nothing.
    """
    if not rows:
        return set()
    if connection.dialect.name == "sqlite":  # no way to the server to be saved: one by one is the quickest
        insert = _inserting(model, tuple(rows[0]))
        return {row[returning] for row in rows if insert.changed(connection, **row)}
    statement = insert_on_postgresql(_table(model)).on_conflict_do_nothing().returning(_table(model).c[returning])
    return set(connection.execute(statement, rows if len(rows) > 1 else rows[0]).scalars())


@cache
def _inserting(model: type[Base], columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert_on_sqlite(_table(model)).on_conflict_do_nothing(), columns)


def _table(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


def database(request: Request) -> Database:
    held: Database = request.app.state.database
    return held


def _reading(held: Annotated[Database, Depends(database)]) -> Iterator[Session]:
    with held.read() as session:
        yield session


def _writing(held: Annotated[Database, Depends(database)]) -> Iterator[Session]:
    with held.write() as session:
        yield session


# scope="function": without it FastAPI commits after the client has its answer, and a tap could be lost in between
Reading = Annotated[Session, Depends(_reading, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]
DatabaseHeld = Annotated[Database, Depends(database)]
