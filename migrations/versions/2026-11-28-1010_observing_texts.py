"""The text that a clinic has read out before somebody is watched."""

import sqlalchemy as sa
from alembic import op

revision: str = "observing_texts"
down_revision: str | None = "consent_texts"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "observing_texts",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_observing_texts_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_observing_texts_person_id_people")),
        sa.PrimaryKeyConstraint("clinic_id", "version", name=op.f("pk_observing_texts")),
    )


def downgrade() -> None:
    op.drop_table("observing_texts")
