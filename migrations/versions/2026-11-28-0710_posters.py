"""Reports from a poster, of which nobody is named; and what is said about a report afterwards."""

import sqlalchemy as sa
from alembic import op

revision: str = "posters"
down_revision: str | None = "uncertain"
branch_labels: str | None = None
depends_on: str | None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "posters",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_posters_clinic_id_clinics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posters")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_posters_token_hash")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_posters_code_hash")),
    )
    op.create_index("ix_posters_clinic_id", "posters", ["clinic_id"], unique=False)
    op.create_table(
        "report_amendments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_report_amendments_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_report_amendments_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_amendments")),
    )
    op.create_index("ix_report_amendments_report_id", "report_amendments", ["report_id"], unique=False)
    with op.batch_alter_table("reports") as reports:
        reports.add_column(sa.Column("place", sa.String(length=64), nullable=True))
        reports.add_column(sa.Column("consent", sa.Integer(), nullable=True))
        reports.add_column(sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))
    _let_person_be_null(True)


def downgrade() -> None:
    # what nobody is named for has no place in the older tables
    op.execute("DELETE FROM settled WHERE quarantine_id IN (SELECT id FROM quarantine WHERE person_id IS NULL)")
    op.execute("DELETE FROM quarantine WHERE person_id IS NULL")
    op.execute("DELETE FROM reports WHERE person_id IS NULL")
    _let_person_be_null(False)
    with op.batch_alter_table("reports") as reports:
        reports.drop_column("withdrawn")
        reports.drop_column("consent")
        reports.drop_column("place")
    op.drop_table("report_amendments")
    op.drop_table("posters")


def _let_person_be_null(nullable: bool) -> None:
    with op.batch_alter_table("reports") as reports:
        reports.alter_column("person_id", existing_type=sa.String(length=36), nullable=nullable)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("quarantine", "person_id", existing_type=sa.String(length=36), nullable=nullable)
        return
    # SQLite makes the table anew, and dropping the old one would delete what refers to it: that steps aside meanwhile
    op.execute("CREATE TABLE settled_aside AS SELECT * FROM settled")
    op.drop_table("settled")
    with op.batch_alter_table("quarantine") as quarantine:
        quarantine.alter_column("person_id", existing_type=sa.String(length=36), nullable=nullable)
    op.create_table(
        "settled",
        sa.Column("quarantine_id", NUMBER, nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_settled_person_id_people")),
        sa.ForeignKeyConstraint(
            ["quarantine_id"], ["quarantine.id"], name=op.f("fk_settled_quarantine_id_quarantine"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_settled")),
    )
    op.execute("INSERT INTO settled SELECT quarantine_id, person_id, at, event_id FROM settled_aside")
    op.execute("DROP TABLE settled_aside")
