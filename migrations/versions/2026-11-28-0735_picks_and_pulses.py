"""The top three of a week, and the pulse of a day."""

import sqlalchemy as sa
from alembic import op

revision: str = "picks_and_pulses"
down_revision: str | None = "left_out"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "picks",
        *_of_whom_and_when("picks"),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("first", sa.String(length=64), nullable=False),
        sa.Column("second", sa.String(length=64), nullable=False),
        sa.Column("third", sa.String(length=64), nullable=False),
    )
    op.create_index("ix_picks_clinic_id_week", "picks", ["clinic_id", "week"])
    op.create_index("ix_picks_person_id", "picks", ["person_id"])
    op.create_table(
        "pulses",
        *_of_whom_and_when("pulses"),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("pace", sa.Integer(), nullable=True),
        sa.Column("pause", sa.String(length=8), nullable=True),
        sa.Column("lunch", sa.String(length=8), nullable=True),
        sa.Column("stayed", sa.Integer(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=True),
    )
    op.create_index("ix_pulses_clinic_id_day", "pulses", ["clinic_id", "day"])
    op.create_index("ix_pulses_person_id", "pulses", ["person_id"])


def _of_whom_and_when(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f(f"fk_{table}_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_table("pulses")
    op.drop_table("picks")
