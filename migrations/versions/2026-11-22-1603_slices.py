"""Rows derived from the events, for the summary."""

import sqlalchemy as sa
from alembic import op

revision: str = "slices"
down_revision: str | None = "append_only"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "slices",
        sa.Column("task", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("trigger", sa.String(length=64), nullable=True),
        sa.Column("prompted_by", sa.String(length=64), nullable=True),
        sa.Column("unscheduled", sa.Boolean(), nullable=False),
        sa.Column("primary_ms", sa.BigInteger(), nullable=False),
        sa.Column("task_ms", sa.BigInteger(), nullable=False),
        sa.Column("person_ticks", sa.BigInteger(), nullable=False),
        sa.Column("unscheduled_ticks", sa.BigInteger(), nullable=False),
        sa.Column("multitask_ms", sa.BigInteger(), nullable=False),
        sa.Column("paused_ms", sa.BigInteger(), nullable=False),
        sa.Column("edited_ms", sa.BigInteger(), nullable=False),
        sa.Column("uncertain_ms", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_slices_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slices")),
    )
    op.create_index(
        "ix_slices_clinic_id_mode_day_session_id_task",
        "slices",
        ["clinic_id", "mode", "day", "session_id", "task"],
        unique=False,
    )
    op.create_index(op.f("ix_slices_session_id"), "slices", ["session_id"], unique=False)
    op.create_table(
        "occurrence_slices",
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("completed_active_ms", sa.BigInteger(), nullable=False),
        sa.Column("in_interruption", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_occurrence_slices_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence_slices")),
    )
    op.create_index(
        "ix_occurrence_slices_clinic_id_mode_day", "occurrence_slices", ["clinic_id", "mode", "day"], unique=False
    )
    op.create_index(op.f("ix_occurrence_slices_session_id"), "occurrence_slices", ["session_id"], unique=False)
    op.create_table(
        "interruption_slices",
        sa.Column("trigger", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("gross_ms", sa.BigInteger(), nullable=False),
        sa.Column("own_ms", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_interruption_slices_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interruption_slices")),
    )
    op.create_index(
        "ix_interruption_slices_clinic_id_mode_day", "interruption_slices", ["clinic_id", "mode", "day"], unique=False
    )
    op.create_index(op.f("ix_interruption_slices_session_id"), "interruption_slices", ["session_id"], unique=False)
    op.create_table(
        "point_slices",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_point_slices_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_slices")),
    )
    op.create_index("ix_point_slices_clinic_id_mode_day", "point_slices", ["clinic_id", "mode", "day"], unique=False)
    op.create_index(op.f("ix_point_slices_session_id"), "point_slices", ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_table("point_slices")
    op.drop_table("interruption_slices")
    op.drop_table("occurrence_slices")
    op.drop_table("slices")
