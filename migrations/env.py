"""Alembic's way in: the tables are those of the rooms' models, the connection is handed over by `app/migrate.py`
or, for `alembic revision` and `alembic check`, made from the settings."""

from alembic import context
from sqlalchemy import Connection

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
from app.config import load_settings
from app.db import Base, Database


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(load_settings().database_url)
    with database.writer.connect() as connection:
        run(connection)
        connection.commit()
