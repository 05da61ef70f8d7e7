"""What a clinic chose for its workload hours, and the what-ifs it gave names."""

import sqlalchemy as sa
from alembic import op

revision: str = "workload"
down_revision: str | None = "roster"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "workload_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_workload_choices_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_workload_choices_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workload_choices")),
    )
    op.create_index("ix_workload_choices_clinic_id_id", "workload_choices", ["clinic_id", "id"])
    op.create_table(
        "workload_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("levers", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_workload_plans_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_workload_plans_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workload_plans")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("uq_workload_plans_clinic_id_name")),
    )


def downgrade() -> None:
    op.drop_table("workload_plans")
    op.drop_index("ix_workload_choices_clinic_id_id", table_name="workload_choices")
    op.drop_table("workload_choices")
