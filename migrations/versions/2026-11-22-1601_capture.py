"""What phones and importers send, kept as it was sent."""

import secrets

import sqlalchemy as sa
from alembic import op

revision: str = "capture"
down_revision: str | None = "people_and_clinics"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clock_samples",
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("load", sa.String(length=64), nullable=False),
        sa.Column("mono", sa.Float(), nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("offset_ms", sa.Float(), nullable=False),
        sa.Column("rtt_ms", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("device", "load", "mono", name=op.f("pk_clock_samples")),
    )
    op.create_index("ix_clock_samples_device_wall", "clock_samples", ["device", "wall"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("task_list_version_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("staff_role", sa.String(length=64), nullable=False),
        sa.Column("day_type", sa.String(length=16), nullable=True),
        sa.Column("paired_with", sa.String(length=36), nullable=True),
        sa.Column("planned", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sliced_revision", sa.Integer(), nullable=False),
        sa.Column("begin_at", sa.BigInteger(), nullable=True),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("observed_ms", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.CheckConstraint("mode IN ('observed', 'self')", name=op.f("ck_sessions_mode")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_sessions_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.ForeignKeyConstraint(
            ["task_list_version_id"],
            ["task_list_versions.id"],
            name=op.f("fk_sessions_task_list_version_id_task_list_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_clinic_id_day", "sessions", ["clinic_id", "day"], unique=False)
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_index(
        "ix_sessions_stale",
        "sessions",
        ["clinic_id"],
        unique=False,
        sqlite_where=sa.text("sliced_revision < revision"),
        postgresql_where=sa.text("sliced_revision < revision"),
    )
    op.create_table(
        "session_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_session_items_person_id_people")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_items_session_id_sessions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_items")),
    )
    op.create_index(op.f("ix_session_items_session_id"), "session_items", ["session_id"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_erasures_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_erasures_person_id_people")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "events",
        sa.Column("receipt", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_events_person_id_people")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_events_session_id_sessions")),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
        sa.UniqueConstraint("session_id", "device", "seq", name=op.f("uq_events_session_id_device_seq")),
    )
    op.create_table(
        "holdings",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("load", sa.String(length=64), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_holdings_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "device", "load", name=op.f("pk_holdings")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_holdings_device_load", "holdings", ["device", "load"], unique=False)
    op.create_table(
        "pending_items",
        sa.Column("receipt", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pending_items_person_id_people")),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_pending_items")),
        sa.UniqueConstraint("id", name=op.f("uq_pending_items_id")),
    )
    op.create_index(op.f("ix_pending_items_session_id"), "pending_items", ["session_id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_quarantine_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_quarantine_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("item_id", "digest", name=op.f("uq_quarantine_item_id_digest")),
    )
    op.create_index("ix_quarantine_clinic_id", "quarantine", ["clinic_id"], unique=False)
    op.create_index("ix_quarantine_session_id", "quarantine", ["session_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("stealer", sa.String(length=64), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=True),
        sa.Column("expected", sa.Boolean(), nullable=True),
        sa.Column("trigger", sa.String(length=64), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_reports_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reports_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_clinic_id_day", "reports", ["clinic_id", "day"], unique=False)
    op.create_table(
        "day_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_day_items_clinic_id_clinics")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_day_items_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_items")),
    )
    op.create_index("ix_day_items_clinic_id_day", "day_items", ["clinic_id", "day"], unique=False)
    op.create_table(
        "day_logs",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("day_type", sa.String(length=16), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_day_logs_clinic_id_clinics")),
        sa.PrimaryKeyConstraint("clinic_id", "day", name=op.f("pk_day_logs")),
    )
    # a name for this very database: phones that meet another one send again what they had been told was kept
    facts = sa.table("facts", sa.column("name"), sa.column("value"))
    op.bulk_insert(facts, [{"name": "db_epoch", "value": secrets.token_hex(16)}])


def downgrade() -> None:
    op.drop_table("day_logs")
    op.drop_table("day_items")
    op.drop_table("reports")
    op.drop_table("quarantine")
    op.drop_table("pending_items")
    op.drop_table("holdings")
    op.drop_table("events")
    op.drop_table("erasures")
    op.drop_table("session_items")
    op.drop_table("sessions")
    op.drop_table("clock_samples")
    op.drop_table("receipts")
    op.drop_table("facts")
