"""What custody itself has to remember: day items out of which something was erased, and the backups that were made."""

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class ErasedItem(Base):
    """An item of a clinic's day out of which somebody's code was taken, its row then changed to `remaining`; or
    something that somebody said and withdrew, of which nothing remains.

    Outlives restores of older backups, as `erasures` does.
    """

    __tablename__ = "erased_items"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id"))  # null: younger than a restored backup
    remaining: Mapped[str | None] = mapped_column(Text)  # JSON; null where nothing is kept
    at: Mapped[int] = mapped_column(BigInteger)


class BackupRun(Base):
    """One backup on schedule: its key is the period it is for, so that of several processes one makes it.

    Without `file` it is at work, has failed (`fault`), or its process is gone.
    """

    __tablename__ = "backup_runs"

    period: Mapped[int] = mapped_column(BigInteger, primary_key=True)  # ms at which the period begins
    began_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    file: Mapped[str | None] = mapped_column(Text)
    fault: Mapped[str | None] = mapped_column(Text)
