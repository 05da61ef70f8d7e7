"""Brings a database to the newest revision; `serve` does so before it listens."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.config import CHECKOUT
from app.db import Database
from app.errors import AppError
from app.failpoints import failpoint
from app.i18n import _

# one number for this purpose, so that two processes starting at once migrate one after the other
MIGRATION_LOCK = 7_462_053


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    return config


def migrate(database: Database, revision: str = "head") -> None:
    """All of it in one transaction, on both databases: a migration cut short leaves the old revision.

    Raises AppError for a database that newer code has made.
    """
    config = _config()
    with database.transaction() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL lock_timeout = 0"))  # whoever migrates first may take long
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        held = revision_of(connection)
        if held is not None and not is_known(held):
            sentence = _("The database was made by a newer Timesink ({revision}): update this one first.")
            raise AppError(500, "newer_database", sentence.format(revision=held))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        failpoint("migrated")


def is_migrated(database: Database) -> bool:
    """Whether the database stands at the newest revision this code knows."""
    with database.reader.connect() as connection:
        return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """At which revision a database stands; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this code can bring a database from there to the newest revision; not if newer code made it."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
