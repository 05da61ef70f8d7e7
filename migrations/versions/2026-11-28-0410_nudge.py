"""A clinic chooses when the pad asks whether a task is still going."""

import sqlalchemy as sa
from alembic import op

revision: str = "nudge"
down_revision: str | None = "custody"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("clinics", sa.Column("nudge_percent", sa.Integer(), nullable=True))
    op.add_column("clinics", sa.Column("nudge_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("clinics", "nudge_minutes")
    op.drop_column("clinics", "nudge_percent")
