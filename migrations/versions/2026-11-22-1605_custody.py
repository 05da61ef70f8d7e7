"""Erasures outlive what they refer to, a code can be taken out of a day item, and backups on schedule are noted."""

import sqlalchemy as sa
from alembic import op

revision: str = "custody"
down_revision: str | None = "audit"
branch_labels: str | None = None
depends_on: str | None = None

REFERS_TO_ERASURES = ("events", "session_items")


def upgrade() -> None:
    op.create_table(
        "erased_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_erased_items_clinic_id_clinics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_items")),
    )
    op.create_table(
        "backup_runs",
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_backup_runs")),
    )
    _require_names_in_erasures(False)
    _let_day_items_change("WHEN NOT EXISTS (SELECT 1 FROM erased_items WHERE id = OLD.id)")


def _require_names_in_erasures(required: bool) -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if on_sqlite:  # the table is made anew, and meanwhile nothing may refer to it
        for table in REFERS_TO_ERASURES:
            op.execute(f"DROP TRIGGER {table}_stay")
    with op.batch_alter_table("erasures") as erasures:
        erasures.alter_column("clinic_id", existing_type=sa.Integer(), nullable=not required)
        erasures.alter_column("person_id", existing_type=sa.String(length=36), nullable=not required)
    if on_sqlite:
        for table in REFERS_TO_ERASURES:
            op.execute(
                f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table}"
                " WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE session_id = OLD.session_id)"
                f" BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )


def _let_day_items_change(when: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER day_items_keep")
        op.execute(
            f"CREATE TRIGGER day_items_keep BEFORE UPDATE ON day_items {when}"
            " BEGIN SELECT RAISE(ABORT, 'day_items are append-only'); END"
        )
        return
    unless = (
        "IF TG_OP = 'UPDATE' AND EXISTS (SELECT 1 FROM erased_items WHERE id = OLD.id) THEN RETURN NEW; END IF;"
        if when
        else ""
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION day_items_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {unless} RAISE EXCEPTION 'day_items are append-only'; END $$"
    )


def downgrade() -> None:
    _let_day_items_change("")
    op.execute("DELETE FROM erasures WHERE clinic_id IS NULL OR person_id IS NULL")
    _require_names_in_erasures(True)
    op.drop_table("backup_runs")
    op.drop_table("erased_items")
