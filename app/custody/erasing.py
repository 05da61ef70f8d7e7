"""A transaction in which things are erased: what goes is overwritten on disk, and the ledgers are told."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy.orm import Session

from app.config import Settings
from app.custody import ledger
from app.custody.files import file_of
from app.db import Database

log = logging.getLogger("timesink")


@contextmanager
def erasing(database: Database, settings: Settings) -> Iterator[Session]:
    """`database.write()` for erasures.

    SQLite only marks deleted rows as free, and its log keeps what a page said before: here they are overwritten, and
    the log is emptied. PostgreSQL's vacuum does that in its own time.
    """
    with database.write() as session:
        overwrite(session, "ON")
        try:
            yield session
            session.flush()
        finally:
            overwrite(session, "OFF")  # the connection is kept, and everything else had better be quick
        known = ledger.tombstones(session)
    if database.is_sqlite:
        _empty_log(database)
    for folder in ledger.folders(settings):
        try:
            ledger.bring_up_to_date(folder, known)
        except OSError as error:  # what is erased is erased; the next erasure or backup tries again, doctor says so
            log.error("the ledger of erasures in %s cannot be written: %s", folder, error)


def overwrite(session: Session, switch: str) -> None:
    """ON or OFF: whether what is deleted from here on is overwritten."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA secure_delete={switch}")


def _empty_log(database: Database) -> None:
    file = file_of(database.url)
    assert file is not None
    with closing(sqlite3.connect(file, timeout=5)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # busy readers put it off to the next checkpoint
