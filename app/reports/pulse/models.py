"""What somebody said of one day. Only ever added: of an account's the last of a day counts."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Pulse(Base):
    """Each answer may be missing, for each may be skipped."""

    __tablename__ = "pulses"
    __table_args__ = (Index("ix_pulses_clinic_id_day", "clinic_id", "day"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)  # null: from a poster
    day: Mapped[str] = mapped_column(String(10))
    pace: Mapped[int | None] = mapped_column(Integer)  # 1 calm to 5 more than can be done
    pause: Mapped[str | None] = mapped_column(String(8))  # the break: taken, late, missed, none
    lunch: Mapped[str | None] = mapped_column(String(8))  # the same
    stayed: Mapped[int | None] = mapped_column(Integer)  # minutes beyond the end, at least so many
    reached: Mapped[bool | None] = mapped_column(Boolean)  # called or written to after hours
    at: Mapped[int] = mapped_column(BigInteger)
