"""Which of a clinic's codes is whose own, for the own figures."""

import sqlalchemy as sa
from alembic import op

revision: str = "own_codes"
down_revision: str | None = "settled"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "own_codes",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_own_codes_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_own_codes_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "clinic_id", name=op.f("pk_own_codes")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_own_codes_clinic_id_code")),
    )


def downgrade() -> None:
    op.drop_table("own_codes")
