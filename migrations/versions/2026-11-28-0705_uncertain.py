"""Slices apart by whether their times could be measured, so that a summary may leave the others out.

What held uncertain time is cut again by whoever reads next.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "uncertain"
down_revision: str | None = "own_codes"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = ("slices", "occurrence_slices", "interruption_slices", "point_slices")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("uncertain", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE sessions SET sliced_revision = 0 WHERE id IN (SELECT session_id FROM slices WHERE uncertain_ms > 0)"
    )
    op.drop_column("slices", "uncertain_ms")


def downgrade() -> None:
    op.add_column("slices", sa.Column("uncertain_ms", sa.BigInteger(), nullable=False, server_default="0"))
    for table in TABLES:
        op.drop_column(table, "uncertain")
    op.execute("UPDATE sessions SET sliced_revision = 0")
