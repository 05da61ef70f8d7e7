"""Brings a database to the newest revision; `serve` does so before it listens."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.config import CHECKOUT
from app.db import Database

# one number for this purpose, so that two processes starting at once migrate one after the other
MIGRATION_LOCK = 7_462_053


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    return config


def migrate(database: Database) -> None:
    """All of it in one transaction, on both databases: a migration cut short leaves the old revision."""
    config = _config()
    with database.transaction() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_migrated(database: Database) -> bool:
    """Whether the database stands at the newest revision this code knows."""
    with database.reader.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at == ScriptDirectory.from_config(_config()).get_current_head()
