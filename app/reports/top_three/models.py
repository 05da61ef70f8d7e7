"""Three picks of one person for one week. Only ever added: of an account's the last of a week counts."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Picks(Base):
    __tablename__ = "picks"
    __table_args__ = (Index("ix_picks_clinic_id_week", "clinic_id", "week"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)  # null: from a poster
    week: Mapped[str] = mapped_column(String(10))  # its Monday
    day: Mapped[str] = mapped_column(String(10))  # on which it was said
    first: Mapped[str] = mapped_column(String(64))  # stealers by code
    second: Mapped[str] = mapped_column(String(64))
    third: Mapped[str] = mapped_column(String(64))
    at: Mapped[int] = mapped_column(BigInteger)
