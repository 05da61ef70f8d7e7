"""Who did what: a table to which rows are only ever added. The database itself refuses to change or drop one."""

import sqlalchemy as sa
from alembic import op

revision: str = "audit"
down_revision: str | None = "slices"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_audit_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_audit_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_clinic_id_id", "audit", ["clinic_id", "id"], unique=False)
    op.create_index("ix_audit_person_id_action_at", "audit", ["person_id", "action", "at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    op.execute(f"CREATE TRIGGER audit_keep BEFORE UPDATE ON audit {refuse}")
    op.execute(f"CREATE TRIGGER audit_stay BEFORE DELETE ON audit {refuse}")
    # INSERT OR REPLACE deletes the row it replaces without asking the trigger above
    taken = "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
    op.execute(f"CREATE TRIGGER audit_once BEFORE INSERT ON audit {taken} {refuse}")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute("CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep()")
    op.execute("CREATE TRIGGER audit_stay BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_keep()")


def downgrade() -> None:
    op.drop_table("audit")  # its triggers go with it
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_keep")
