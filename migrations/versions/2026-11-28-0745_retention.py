"""For how many months a clinic keeps what was recorded; null: until it is erased by hand."""

import sqlalchemy as sa
from alembic import op

revision: str = "retention"
down_revision: str | None = "picks_and_pulses"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("clinics", sa.Column("retention_months", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("clinics") as clinics:
        clinics.drop_column("retention_months")
