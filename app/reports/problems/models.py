"""Problems, the answers to them, and what was tried. Answers are only ever added: the last one stands."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Problem(Base):
    """A rule that gathers reports: those of this stealer, and of this trigger or place if it names one.

    Reports are not touched by it: each belongs to the narrowest problem that fits it, or to the one which that was
    merged into. Texts are empty where the rule names none, so that the unique index holds on both databases.
    """

    __tablename__ = "problems"
    __table_args__ = (UniqueConstraint("clinic_id", "stealer", "trigger", "place"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    stealer: Mapped[str] = mapped_column(String(64))
    trigger: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(64))
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("problems.id"))
    made_at: Mapped[int] = mapped_column(BigInteger)


class Answer(Base):
    """One entry of a problem's history: what was said of it, by whom, and when (ms)."""

    __tablename__ = "answers"
    __table_args__ = (
        CheckConstraint(
            "said IN ('acknowledged', 'decided', 'done', 'declined', 'merged', 'taken_apart', 'split')", name="said"
        ),
        Index("ix_answers_problem_id", "problem_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    problem_id: Mapped[str] = mapped_column(ForeignKey("problems.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    at: Mapped[int] = mapped_column(BigInteger)
    said: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)  # the explanation, empty where there is none
    other_id: Mapped[str | None] = mapped_column(ForeignKey("problems.id"))  # merged with, split off, taken apart from


class Change(Base):
    """Something that a clinic tries, from a day on: what the summary holds before against after."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_clinic_id_day", "clinic_id", "day"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    problem_id: Mapped[str | None] = mapped_column(ForeignKey("problems.id"))  # null: tried for another reason
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answers.id"))  # the decision that names it
    kind: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(140))  # in the clinic's own words; empty: the kind says it
    day: Mapped[str] = mapped_column(String(10))  # the first day on which it was so
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[int] = mapped_column(BigInteger)
    withdrawn_at: Mapped[int | None] = mapped_column(BigInteger)  # was not tried after all, or noted by mistake
