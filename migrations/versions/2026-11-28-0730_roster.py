"""How many MAs are scheduled: a repeating week, valid from a day, and what is different on single days."""

import sqlalchemy as sa
from alembic import op

revision: str = "roster"
down_revision: str | None = "retention"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "rosters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("shifts", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_rosters_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_rosters_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
    )
    op.create_index("ix_rosters_clinic_id_valid_from", "rosters", ["clinic_id", "valid_from"])
    op.create_table(
        "roster_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("shifts", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('closed', 'absent', 'extra', 'instead')", name=op.f("ck_roster_days_kind")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_roster_days_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roster_days_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_days")),
    )
    op.create_index("ix_roster_days_clinic_id_day", "roster_days", ["clinic_id", "day"])


def downgrade() -> None:
    op.drop_index("ix_roster_days_clinic_id_day", table_name="roster_days")
    op.drop_table("roster_days")
    op.drop_index("ix_rosters_clinic_id_valid_from", table_name="rosters")
    op.drop_table("rosters")
