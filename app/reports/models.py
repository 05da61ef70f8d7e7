"""Posters: a code on a wall with which anybody who stands before it may say what stole their time. And the text that
is agreed to before."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clinics.models import AgreedText
from app.db import Base


class Poster(Base):
    """One place where a poster hangs. Of its codes only hashes are kept, so a sheet is printed when one is made."""

    __tablename__ = "posters"
    __table_args__ = (Index("ix_posters_clinic_id", "clinic_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    place: Mapped[str] = mapped_column(String(64))  # “Break room”: reports that come from it carry it
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # what the QR code holds
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)  # what can be typed instead
    until: Mapped[str] = mapped_column(String(10))  # the last day on which it works, in the clinic's zone
    made_at: Mapped[int] = mapped_column(BigInteger)
    rotated_at: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)


class ConsentText(AgreedText):
    """What a clinic has people agree to before a report, in place of our own text, which is version 1."""

    __tablename__ = "consent_texts"
