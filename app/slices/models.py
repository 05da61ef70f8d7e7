"""Derived rows: a session's timeline cut at the full hours of its clinic's zone. `timesink rebuild` makes them again.

Each row carries what the summary filters and groups by, so that its SELECTs stay within these tables and `sessions`.
`person_ticks` is person time in 1/720720 ms (`timeline.TICKS`): shares of up to 16 tasks at once are whole numbers,
so sums in SQL are exact.
"""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.capture.models import RowNumber
from app.db import Base


class HourOfSession:
    """Where a row belongs: the session, and the local hour by the UTC instant at which it begins."""

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(Integer)
    mode: Mapped[str] = mapped_column(String(16))  # the session's, which never changes; every summary is of one mode
    day: Mapped[str] = mapped_column(String(10))
    hour_at: Mapped[int] = mapped_column(BigInteger)
    weekday: Mapped[int] = mapped_column(Integer)  # 1 Monday to 7 Sunday
    hour: Mapped[int] = mapped_column(Integer)  # local, 0 to 23
    settling: Mapped[bool] = mapped_column(Boolean)  # in the session's first half hour
    uncertain: Mapped[bool] = mapped_column(Boolean)  # stands on a time that no clock sample has measured

    @declared_attr
    def session_id(cls) -> Mapped[str]:
        return mapped_column(ForeignKey("sessions.id"), index=True)


class Slice(HourOfSession, Base):
    """Time: what ran (task or none), inside which interruption (innermost trigger or none), prompted by what.

    Rows of the primary track carry `primary_ms` (they add up to observed time) and the measures of the instant;
    a parallel task has rows of its own with `primary_ms` 0. `person_ticks` of all rows add up to observed time too:
    where nothing runs, it is that of the row without a task. `unscheduled_ticks` is unscheduled time outright: all
    primary time inside interruptions, and outside them person time of tasks that are unscheduled or were prompted.
    """

    __tablename__ = "slices"
    # in the order in which the summary groups its largest query: sorting would take as long as adding up
    __table_args__ = (
        Index("ix_slices_clinic_id_mode_day_session_id_task", "clinic_id", "mode", "day", "session_id", "task"),
    )

    task: Mapped[str | None] = mapped_column(String(64))
    category: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str | None] = mapped_column(String(16))
    trigger: Mapped[str | None] = mapped_column(String(64))  # of the innermost interruption
    prompted_by: Mapped[str | None] = mapped_column(String(64))  # trigger of the parallel task
    unscheduled: Mapped[bool] = mapped_column(Boolean)  # as its list marks the task; a break never
    primary_ms: Mapped[int] = mapped_column(BigInteger)
    task_ms: Mapped[int] = mapped_column(BigInteger)
    person_ticks: Mapped[int] = mapped_column(BigInteger)
    unscheduled_ticks: Mapped[int] = mapped_column(BigInteger)
    multitask_ms: Mapped[int] = mapped_column(BigInteger)
    paused_ms: Mapped[int] = mapped_column(BigInteger)
    edited_ms: Mapped[int] = mapped_column(BigInteger)


class OccurrenceSlice(HourOfSession, Base):
    """Occurrences of a task that began in this hour, each whole; those of no length are left out."""

    __tablename__ = "occurrence_slices"
    __table_args__ = (Index("ix_occurrence_slices_clinic_id_mode_day", "clinic_id", "mode", "day"),)

    task: Mapped[str] = mapped_column(String(64))
    occurrences: Mapped[int] = mapped_column(Integer)
    completed: Mapped[int] = mapped_column(Integer)
    completed_active_ms: Mapped[int] = mapped_column(BigInteger)
    in_interruption: Mapped[int] = mapped_column(Integer)  # completed ones that were an interruption's work


class OccurrenceLength(Base):
    """One completed occurrence of a task: how long it took by itself. For what is usual, which no sums tell."""

    __tablename__ = "occurrence_lengths"
    __table_args__ = (Index("ix_occurrence_lengths_clinic_id_mode_task", "clinic_id", "mode", "task", "active_ms"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    clinic_id: Mapped[int] = mapped_column(Integer)
    mode: Mapped[str] = mapped_column(String(16))
    task: Mapped[str] = mapped_column(String(64))
    active_ms: Mapped[int] = mapped_column(BigInteger)


class InterruptionSlice(HourOfSession, Base):
    """One interruption that began in this hour, whole."""

    __tablename__ = "interruption_slices"
    __table_args__ = (Index("ix_interruption_slices_clinic_id_mode_day", "clinic_id", "mode", "day"),)

    trigger: Mapped[str] = mapped_column(String(64))
    task: Mapped[str | None] = mapped_column(String(64))  # that it broke into; null: idleness
    depth: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(16))
    gross_ms: Mapped[int] = mapped_column(BigInteger)
    own_ms: Mapped[int] = mapped_column(BigInteger)


class PointSlice(HourOfSession, Base):
    """Points of this hour added up: counts by counter, prompts and both (prompted parallel starts) by trigger."""

    __tablename__ = "point_slices"
    __table_args__ = (Index("ix_point_slices_clinic_id_mode_day", "clinic_id", "mode", "day"),)

    kind: Mapped[str] = mapped_column(String(8))  # count, prompt, both
    code: Mapped[str] = mapped_column(String(64))
    n: Mapped[int] = mapped_column(Integer)


class TransitionSlice(HourOfSession, Base):
    """How often one task in hand came next after another, by the hour in which the second one began."""

    __tablename__ = "transition_slices"
    __table_args__ = (Index("ix_transition_slices_clinic_id_mode_day", "clinic_id", "mode", "day"),)

    from_task: Mapped[str] = mapped_column(String(64))
    to_task: Mapped[str] = mapped_column(String(64))
    n: Mapped[int] = mapped_column(Integer)
