"""How long each completed occurrence took: derived. Kept sessions are cut again by whoever reads next."""

import sqlalchemy as sa
from alembic import op

revision: str = "occurrence_lengths"
down_revision: str | None = "nudge"
branch_labels: str | None = None
depends_on: str | None = None

RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "occurrence_lengths",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("active_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_occurrence_lengths_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence_lengths")),
    )
    op.create_index("ix_occurrence_lengths_session_id", "occurrence_lengths", ["session_id"])
    op.create_index(
        "ix_occurrence_lengths_clinic_id_mode_task", "occurrence_lengths", ["clinic_id", "mode", "task", "active_ms"]
    )
    op.execute("UPDATE sessions SET sliced_revision = 0")


def downgrade() -> None:
    op.drop_table("occurrence_lengths")
