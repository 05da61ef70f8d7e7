"""Which of the clinic's codes is whose own: said by the person, never shown to anybody else."""

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class OwnCode(Base):
    """One code a person and clinic, one person a code: whoever says it second is told so."""

    __tablename__ = "own_codes"
    __table_args__ = (UniqueConstraint("clinic_id", "code"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(64))  # case-folded
    at: Mapped[int] = mapped_column(BigInteger)
