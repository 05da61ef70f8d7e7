"""Backups: one file that holds everything, made while the server goes on serving.

The file is a SQLite database, whichever database it was made of: anybody can open it, it can be checked for soundness,
migrations bring an old one up to date, and it restores on either database. Weighed: pg_dump for PostgreSQL, which
wants a program of the server's own version on every machine, and whose files only PostgreSQL reads. Beyond some
millions of events a PostgreSQL server's own tools (base backup, write-ahead log) are the better road.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from app.custody.files import file_of, written_whole
from app.custody.rows import copy_rows, empty, tables_of
from app.db import Database
from app.errors import AppError
from app.failpoints import failpoint
from app.i18n import _
from app.migrate import migrate, revision_of

Rest = Callable[[float], object]


def back_up(database: Database, target: Path, *, overwrite: bool = False, rest: Rest = lambda took_s: None) -> int:
    """Writes everything that is committed at this moment to `target`, checks it, and answers its size in bytes.

    Taps are taken in meanwhile. Raises AppError if the file cannot be written, is there already and may not be
    overwritten, or does not pass the check: then nothing stands under its name. `rest`: as in `copy_rows`;
    SQLite needs none, it copies without Python.
    """
    file = file_of(database.url)
    if file is not None:
        return back_up_file(file, target, overwrite=overwrite)
    with _snapshot(database) as connection:
        return back_up_rows(connection, target, overwrite=overwrite, rest=rest)


def back_up_file(file: Path, target: Path, *, overwrite: bool = False) -> int:
    """A SQLite database by SQLite's own online backup: one read transaction, which hinders no writer."""
    if target.exists() and target.samefile(file):
        raise AppError(400, "is_database", _("“{file}” is the database itself.").format(file=target))
    with written_whole(target, overwrite=overwrite) as part:
        try:
            copy_file(file, part)
        except sqlite3.Error as error:
            sentence = _("The database cannot be copied to “{file}”: {why}. Is the disk full? Run “timesink doctor”.")
            raise AppError(500, "not_copied", sentence.format(file=target, why=error)) from error
        _conclude(part)
    return target.stat().st_size


def back_up_rows(
    connection: Connection, target: Path, *, overwrite: bool = False, rest: Rest = lambda took_s: None
) -> int:
    """A PostgreSQL database, row by row, as this connection's transaction sees it."""
    with written_whole(target, overwrite=overwrite) as part:
        _fill(connection, part, rest)
        _conclude(part)
    return target.stat().st_size


def copy_file(source: Path, target: Path) -> None:
    """Everything committed in one SQLite file into another one. Raises sqlite3.Error for one that cannot be read."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        writing.execute("PRAGMA synchronous=OFF")  # it gets its name only when all of it is on disk
        reading.backup(writing)


def faults_of(file: Path) -> list[str]:
    """What is wrong with a SQLite file, in SQLite's own words; nothing if it is sound."""
    return damage_of(file) or dangling(file)


def damage_of(file: Path) -> list[str]:
    """Where its pages and indexes contradict each other, or why it cannot be read at all."""
    try:
        with closing(open_to_read(file)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
    except sqlite3.Error as error:
        return [str(error)]
    return [fault for fault in found if fault != "ok"]


def dangling(file: Path) -> list[str]:
    """References to rows that are not there."""
    with closing(open_to_read(file)) as connection:
        found = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
    sentence = _("Row {row} of {table} refers to a row of {parent} that is not there.")
    return [sentence.format(row=row, table=table, parent=parent) for table, row, parent, _key in found]


def open_to_read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)


def _conclude(part: Path) -> None:
    failpoint("backed_up")
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # else opening it would leave two more files beside it
    faults = faults_of(part)
    if faults:
        sentence = _("The backup did not pass its check and was thrown away: {why}. Run “timesink doctor”.")
        raise AppError(500, "unsound", sentence.format(why="; ".join(faults)))


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """PostgreSQL as of one moment. The tables are held so that a restore, which empties them, waits for its end."""
    with database.reader.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        names = ", ".join(f'"{table.name}"' for table in tables_of(connection))
        connection.rollback()  # looking around has begun a snapshot; the true one begins once the tables are held
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS SHARE MODE"))
        yield connection


def _fill(connection: Connection, part: Path, rest: Rest) -> None:
    revision = revision_of(connection)
    if revision is None:
        raise AppError(400, "empty", _("There is nothing to back up: the database is empty."))
    made = Database(f"sqlite:///{part}")
    try:
        migrate(made, revision)
        with made.transaction() as writing:
            tables = tables_of(connection)
            with empty(writing, tables):
                copy_rows(connection, writing, tables, rest)
    finally:
        made.close()
