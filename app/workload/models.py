"""What a clinic has chosen for its workload hours. Rows are only added: the newest counts."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Choices(Base):
    """Activity standards and allowances as a person set them: `body` is the JSON of `choices.Chosen`."""

    __tablename__ = "workload_choices"
    __table_args__ = (Index("ix_workload_choices_clinic_id_id", "clinic_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    body: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[int] = mapped_column(BigInteger)


class Plan(Base):
    """A what-if that somebody gave a name: `levers` is the JSON of `levers.Levers`."""

    __tablename__ = "workload_plans"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    name: Mapped[str] = mapped_column(String(60))
    levers: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[int] = mapped_column(BigInteger)
