"""What phones and importers send, as it was sent: receipts, sessions, events, reports, day items.

Facts are only ever added. Where a table below holds something folded from facts (a session's header, a day's log),
the facts lie beside it and the fold can be made again.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

# SQLite numbers rows by itself only where the key is its own INTEGER; PostgreSQL should not run out at 2^31
RowNumber = BigInteger().with_variant(Integer, "sqlite")


class Receipt(Base):
    """One row per item id, for ever. Its primary key decides what is a duplicate: nobody looks first."""

    __tablename__ = "receipts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  one tree to write instead of two

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the item's canonical JSON
    status: Mapped[str] = mapped_column(String(16))  # stored, pending, quarantined, gone
    code: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class ObservationSession(Base):
    """One observer, one sitting. The header is folded from its session items; the last columns from its events."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("mode IN ('observed', 'self')", name="mode"),
        Index("ix_sessions_clinic_id_day", "clinic_id", "day"),
        # finds what a summary must cut anew before it reads; almost always empty
        Index(
            "ix_sessions_stale",
            "clinic_id",
            sqlite_where=text("sliced_revision < revision"),
            postgresql_where=text("sliced_revision < revision"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)  # owner: the observer
    task_list_version_id: Mapped[int] = mapped_column(ForeignKey("task_list_versions.id"))
    mode: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str | None] = mapped_column(String(64))
    staff_role: Mapped[str] = mapped_column(String(64))
    day_type: Mapped[str | None] = mapped_column(String(16))
    paired_with: Mapped[str | None] = mapped_column(String(36))
    planned: Mapped[str | None] = mapped_column(Text)  # JSON as sent
    consent: Mapped[str | None] = mapped_column(Text)  # JSON as sent
    at: Mapped[int] = mapped_column(BigInteger)  # of the first session item, as sent
    incomplete: Mapped[bool] = mapped_column(Boolean, default=False)  # an import left bad lines out
    revision: Mapped[int] = mapped_column(Integer, default=1)  # grows with everything that may change the timeline
    # derived, by slices/refresh.py
    sliced_revision: Mapped[int] = mapped_column(Integer, default=0)
    begin_at: Mapped[int | None] = mapped_column(BigInteger)
    end_at: Mapped[int | None] = mapped_column(BigInteger)
    open: Mapped[bool] = mapped_column(Boolean, default=True)
    observed_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    day: Mapped[str] = mapped_column(String(10))  # local day of its begin; of `at` while there is none


class SessionItem(Base):
    """Every session item as sent: the first one, and those that amend its header."""

    __tablename__ = "session_items"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    device: Mapped[str] = mapped_column(String(64))
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class Event(Base):
    """Append-only by trigger, unless the session stands in `erasures`. `receipt` is the order of receipt."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("session_id", "device", "seq"),)

    receipt: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    device: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[int] = mapped_column(BigInteger)  # as sent, like all of `raw`; corrected times are derived
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class Holding(Base):
    """What a session holds of one page load of a device: told with every answer, so kept count of, not counted."""

    __tablename__ = "holdings"
    __table_args__ = (
        Index("ix_holdings_device_load", "device", "load"),  # whom a new clock sample concerns
        {"sqlite_with_rowid": False},
    )

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    load: Mapped[str] = mapped_column(String(64), primary_key=True)  # empty where a tap names none
    events: Mapped[int] = mapped_column(Integer)
    last_seq: Mapped[int] = mapped_column(Integer)


class PendingItem(Base):
    """Events and header amendments that came before their session, to be checked when it comes."""

    __tablename__ = "pending_items"

    receipt: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    session_id: Mapped[str] = mapped_column(String(36), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    device: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int | None] = mapped_column(Integer)
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class QuarantinedItem(Base):
    """What could not be accepted, kept raw with the reason, for an observer or manager to look at."""

    __tablename__ = "quarantine"
    __table_args__ = (
        UniqueConstraint("item_id", "digest"),
        Index("ix_quarantine_session_id", "session_id"),
        Index("ix_quarantine_clinic_id", "clinic_id"),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    item_id: Mapped[str] = mapped_column(String(36))  # as sent; made up from the digest where it had none
    digest: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(String(36))
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))  # null: from a poster
    device: Mapped[str] = mapped_column(String(64))  # empty: from a poster
    seq: Mapped[int | None] = mapped_column(Integer)
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class Settled(Base):
    """That somebody has seen to an item in quarantine: repaired it by a new event, or, without one, dismissed it."""

    __tablename__ = "settled"

    quarantine_id: Mapped[int] = mapped_column(ForeignKey("quarantine.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    at: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[str | None] = mapped_column(String(36))


class Report(Base):
    """An MA's time stealer: what, about how long, expected or not. Folded from its item and what amended it.

    From a poster there is nothing of whoever said it: no person, no device, no address.
    """

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_clinic_id_day", "clinic_id", "day"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))  # null: from a poster
    day: Mapped[str] = mapped_column(String(10))
    stealer: Mapped[str] = mapped_column(String(64))
    minutes: Mapped[float | None] = mapped_column(Float)
    expected: Mapped[bool | None] = mapped_column(Boolean)
    trigger: Mapped[str | None] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(String(64))  # where the poster hangs
    consent: Mapped[int | None] = mapped_column(Integer)  # version of the text that was agreed to
    withdrawn: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # undone: counts nowhere
    raw: Mapped[str] = mapped_column(Text)  # from a poster less what would tell one phone from another
    received_at: Mapped[int] = mapped_column(BigInteger)


class ReportAmendment(Base):
    """Every later word about a report, as sent: what triggered it, whether it was expected, that it is taken back.

    No foreign key to the report: it may come after.
    """

    __tablename__ = "report_amendments"
    __table_args__ = (Index("ix_report_amendments_report_id", "report_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    report_id: Mapped[str] = mapped_column(String(36))
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))  # null: from a poster
    at: Mapped[int] = mapped_column(BigInteger)  # corrected by the clock samples known at receipt
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class DayItem(Base):
    """Every day item as sent; `day_logs` is their fold."""

    __tablename__ = "day_items"
    __table_args__ = (Index("ix_day_items_clinic_id_day", "clinic_id", "day"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    day: Mapped[str] = mapped_column(String(10))
    at: Mapped[int] = mapped_column(BigInteger)  # corrected by the clock samples known at receipt
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)


class DayLog(Base):
    """What is known of a clinic's day: the last item replaces the earlier ones field by field."""

    __tablename__ = "day_logs"

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    day_type: Mapped[str | None] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)  # JSON: the day item's fields


class ClockSample(Base):
    """How far a device's clock stood from the server's, measured by the device with each answer."""

    __tablename__ = "clock_samples"
    __table_args__ = (Index("ix_clock_samples_device_wall", "device", "wall"),)  # a load without any borrows near ones

    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    load: Mapped[str] = mapped_column(String(64), primary_key=True)
    mono: Mapped[float] = mapped_column(Float, primary_key=True)  # ms of the page's monotonic clock
    wall: Mapped[int] = mapped_column(BigInteger)
    offset_ms: Mapped[float] = mapped_column(Float)  # server minus device
    rtt_ms: Mapped[float] = mapped_column(Float)


class Erasure(Base):
    """A session whose events may be deleted; its receipts stay as tombstones. Outlives restores of older backups."""

    __tablename__ = "erasures"

    session_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id"))  # null: younger than a restored backup
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))  # null: that, or the command line
    at: Mapped[int] = mapped_column(BigInteger)


class Fact(Base):
    """Facts about this database itself; `db_epoch` tells phones that they speak to a restored one."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
