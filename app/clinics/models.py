"""A clinic, its task lists and its roster. A published version is never changed: a database trigger refuses it."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Clinic(Base):
    __tablename__ = "clinics"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(64))  # IANA name; days and hours of every report are cut in it
    weekly_hours: Mapped[int] = mapped_column(Integer, default=40)  # of one full-time MA
    smallest_cell: Mapped[int] = mapped_column(Integer, default=5)  # people; DOMAIN.md, Privacy: never below 3
    retention_months: Mapped[int | None] = mapped_column(Integer)  # of what was recorded; null: kept until erased
    # the pad asks “still going?” when a task runs this long; never both, and neither: it never asks
    nudge_percent: Mapped[int | None] = mapped_column(Integer)  # of what is usual for the task
    nudge_minutes: Mapped[int | None] = mapped_column(Integer)  # for every task alike
    created_at: Mapped[int] = mapped_column(BigInteger)


class TaskListVersion(Base):
    """One published version of a task list, whole: `body` is the JSON of `tasklist.TaskList`."""

    __tablename__ = "task_list_versions"
    __table_args__ = (UniqueConstraint("clinic_id", "code", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    code: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    published_at: Mapped[int] = mapped_column(BigInteger)


class AgreedText(Base):
    """A version of a text that people agree to, in a clinic's own words (`consent.py`)."""

    __abstract__ = True

    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    published_at: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))


class ObservingText(AgreedText):
    """What is read out before somebody is watched, in place of our own text, which is version 1."""

    __tablename__ = "observing_texts"


class Roster(Base):
    """A repeating week of MA shifts: valid from a day until a later one is. Never changed: the newest row counts."""

    __tablename__ = "rosters"
    __table_args__ = (Index("ix_rosters_clinic_id_valid_from", "clinic_id", "valid_from"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    valid_from: Mapped[str] = mapped_column(String(10))
    shifts: Mapped[str] = mapped_column(Text)  # JSON: days, from, to, mas; never who
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))  # who entered it; null: a command
    at: Mapped[int] = mapped_column(BigInteger)


class RosterDay(Base):
    """What is different on one day: a holiday, somebody absent or more, or shifts of its own."""

    __tablename__ = "roster_days"
    __table_args__ = (
        CheckConstraint("kind IN ('closed', 'absent', 'extra', 'instead')", name="kind"),
        Index("ix_roster_days_clinic_id_day", "clinic_id", "day"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    day: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(16))
    shifts: Mapped[str] = mapped_column(Text)  # JSON as above, without days
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[int] = mapped_column(BigInteger)
