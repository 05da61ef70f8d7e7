"""What settles in may be left out, and what comes after what. Kept sessions are cut again by whoever reads next."""

import sqlalchemy as sa
from alembic import op

revision: str = "left_out"
down_revision: str | None = "problems"
branch_labels: str | None = None
depends_on: str | None = None

RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BY_HOUR = ("slices", "occurrence_slices", "interruption_slices", "point_slices")


def upgrade() -> None:
    for table in BY_HOUR:
        op.add_column(table, sa.Column("settling", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "transition_slices",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("settling", sa.Boolean(), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("from_task", sa.String(length=64), nullable=False),
        sa.Column("to_task", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_transition_slices_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition_slices")),
    )
    op.create_index("ix_transition_slices_session_id", "transition_slices", ["session_id"])
    op.create_index("ix_transition_slices_clinic_id_mode_day", "transition_slices", ["clinic_id", "mode", "day"])
    op.execute("UPDATE sessions SET sliced_revision = 0")


def downgrade() -> None:
    op.drop_table("transition_slices")
    for table in BY_HOUR:
        op.drop_column(table, "settling")
