"""The database is what the migrations make of it, on SQLite and on PostgreSQL alike."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import app.audit.models
import app.capture.models
import app.clinics.models
import app.custody.models
import app.people.models
import app.reports.day_log.models
import app.reports.models
import app.reports.problems.models
import app.reports.pulse.models
import app.reports.top_three.models
import app.slices.models
import app.workload.models  # noqa: F401
from app.db import Base, Database
from app.migrate import _config, is_migrated, migrate


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert is_migrated(database)
    migrate(database)
    assert is_migrated(database)


def test_a_database_goes_back_to_nothing_and_up_again(database: Database) -> None:
    config = _config()
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not is_migrated(database)
    migrate(database)
    assert is_migrated(database)


def test_every_database_has_an_epoch_of_its_own(database: Database) -> None:
    config = _config()

    def epoch() -> str:
        with database.reader.connect() as connection:
            return str(connection.exec_driver_sql("SELECT value FROM facts WHERE name = 'db_epoch'").scalar())

    first = epoch()
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    migrate(database)
    assert epoch() != first


def test_what_was_seen_to_stays_seen_to_when_quarantine_takes_items_of_nobody(database: Database) -> None:
    """On SQLite that table is made anew, and to drop the old one deletes what refers to it."""
    config = _config()
    before = str(ScriptDirectory.from_config(config).get_revision("posters").down_revision)
    rows = (
        "INSERT INTO people (id, email, name, created_at) VALUES ('p', 'p@x', 'P', 0)",
        "INSERT INTO quarantine (id, item_id, digest, code, detail, person_id, device, raw, received_at)"
        " VALUES (7, 'i', 'd', 'malformed', '', 'p', 'x', '{}', 0)",
        "INSERT INTO settled (quarantine_id, person_id, at) VALUES (7, 'p', 5)",
    )
    with database.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, before)
        for row in rows:
            connection.exec_driver_sql(row)
        command.upgrade(config, "head")
        command.downgrade(config, before)
        command.upgrade(config, "head")
        assert connection.exec_driver_sql("SELECT quarantine_id, person_id, at FROM settled").all() == [(7, "p", 5)]
        assert connection.exec_driver_sql("SELECT id FROM quarantine").scalars().all() == [7]
