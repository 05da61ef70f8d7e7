"""Facts are never edited: the database itself refuses it, whoever asks.

Events and session items may be deleted only for a session that stands in `erasures`; a published task list never.
"""

from alembic import op

revision: str = "append_only"
down_revision: str | None = "capture"
branch_labels: str | None = None
depends_on: str | None = None

# table, may its rows go once their session stands in erasures?
GUARDED = (("events", True), ("session_items", True), ("day_items", False), ("task_list_versions", False))


def upgrade() -> None:
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgresql
    for table, erasable in GUARDED:
        guard(table, erasable)


def _guard_sqlite(table: str, erasable: bool) -> None:
    refuse = f"SELECT RAISE(ABORT, '{table} are append-only');"
    op.execute(f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} BEGIN {refuse} END")
    when = "WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE session_id = OLD.session_id)" if erasable else ""
    op.execute(f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} {when} BEGIN {refuse} END")


def _guard_postgresql(table: str, erasable: bool) -> None:
    unless = (
        "IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM erasures WHERE session_id = OLD.session_id)"
        " THEN RETURN OLD; END IF;"
        if erasable
        else ""
    )
    op.execute(
        f"CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {unless}"
        f" RAISE EXCEPTION '{table} are append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_keep()"
    )


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, _erasable in GUARDED:
        if on_sqlite:
            op.execute(f"DROP TRIGGER {table}_keep")
            op.execute(f"DROP TRIGGER {table}_stay")
        else:
            op.execute(f"DROP TRIGGER {table}_keep ON {table}")
            op.execute(f"DROP FUNCTION {table}_keep()")
