"""The SELECTs of the summary: GROUP BY over the slices, whatever the number of events behind them.

Each is a search on (clinic, mode, day), so the years before the window cost nothing. Sums are cast, because
PostgreSQL adds BIGINT up to NUMERIC.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.capture.models import ObservationSession, Report
from app.clinics.models import TaskListVersion
from app.slices.models import InterruptionSlice, OccurrenceSlice, PointSlice, Slice, TransitionSlice
from app.summary.rows import (
    EpisodeRow,
    Header,
    HourRow,
    OccurrenceRow,
    OutcomeRow,
    PointRow,
    ReportRow,
    TimeRow,
    TransitionRow,
    TriggerRow,
)
from app.summary.window import Filters, Window

# parameters in one statement: well below the limit of either database
MOST_AT_ONCE = 5000

AnySlice = type[Slice] | type[OccurrenceSlice] | type[InterruptionSlice] | type[PointSlice] | type[TransitionSlice]
AnySelect = Select[*tuple[Any, ...]]
Number = ColumnElement[int] | InstrumentedAttribute[int]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which slices a summary adds up. `days`: None for every day of the window, else those that the filter leaves."""

    clinic_id: int
    window: Window
    filters: Filters
    days: frozenset[str] | None = None


def _sum(value: Number, *conditions: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    """The sum of a column, or of it where all conditions hold."""
    counted = case((and_(*conditions), value), else_=0) if conditions else value
    return cast(func.sum(counted), BigInteger)


_outside = Slice.trigger.is_(None)
_inside = Slice.trigger.is_not(None)
_without_task = Slice.task.is_(None)
_bringer = func.coalesce(Slice.trigger, Slice.prompted_by)

# built once: a summary asks all of them, and building them takes longer than the fastest of them runs
TIMES = select(
    Slice.session_id,
    Slice.day,
    Slice.task,
    # one session has one task-list version, and there a task has one category and one kind
    func.min(Slice.category),
    func.min(Slice.kind),
    _sum(Slice.primary_ms),
    _sum(Slice.task_ms),
    _sum(Slice.person_ticks),
    _sum(Slice.primary_ms, _inside),
    _sum(Slice.person_ticks, _without_task, _outside),
    _sum(Slice.unscheduled_ticks),
    _sum(Slice.unscheduled_ticks, _outside, Slice.unscheduled),
    _sum(Slice.multitask_ms),
    _sum(Slice.paused_ms),
    _sum(Slice.edited_ms),
    _sum(Slice.primary_ms, Slice.uncertain),
).group_by(Slice.day, Slice.session_id, Slice.task)

TRIGGER_TIMES = (
    select(
        Slice.session_id,
        Slice.day,
        _bringer,
        _sum(Slice.primary_ms, _inside),
        _sum(Slice.person_ticks, _inside, _without_task),
        _sum(Slice.unscheduled_ticks, _outside, ~Slice.unscheduled),
    )
    .where(or_(_inside, Slice.prompted_by.is_not(None)))
    .group_by(Slice.day, Slice.session_id, _bringer)
)

HOURS = select(
    Slice.day,
    func.min(Slice.weekday),
    Slice.hour,
    Slice.category,
    _sum(Slice.primary_ms),
    _sum(Slice.person_ticks),
    _sum(Slice.person_ticks, _without_task, _outside),
    _sum(Slice.unscheduled_ticks),
).group_by(Slice.day, Slice.hour, Slice.category)

OCCURRENCES = select(
    OccurrenceSlice.task,
    _sum(OccurrenceSlice.occurrences),
    _sum(OccurrenceSlice.completed),
    _sum(OccurrenceSlice.completed_active_ms),
).group_by(OccurrenceSlice.task)

EPISODES = select(
    InterruptionSlice.session_id,
    InterruptionSlice.day,
    func.min(InterruptionSlice.weekday),
    InterruptionSlice.hour,
    func.count(),
).group_by(InterruptionSlice.session_id, InterruptionSlice.day, InterruptionSlice.hour)

OUTCOMES = select(InterruptionSlice.trigger, InterruptionSlice.task, InterruptionSlice.outcome, func.count()).group_by(
    InterruptionSlice.trigger, InterruptionSlice.task, InterruptionSlice.outcome
)

POINTS = select(PointSlice.session_id, PointSlice.day, PointSlice.kind, PointSlice.code, _sum(PointSlice.n)).group_by(
    PointSlice.session_id, PointSlice.day, PointSlice.kind, PointSlice.code
)

TRANSITIONS = select(TransitionSlice.from_task, TransitionSlice.to_task, _sum(TransitionSlice.n)).group_by(
    TransitionSlice.from_task, TransitionSlice.to_task
)


def times(session: Session, scope: Scope) -> list[TimeRow]:
    return [TimeRow._make(row) for row in _fetch(session, _within(TIMES, Slice, scope))]


def trigger_times(session: Session, scope: Scope) -> list[TriggerRow]:
    return [TriggerRow._make(row) for row in _fetch(session, _within(TRIGGER_TIMES, Slice, scope))]


def hours(session: Session, scope: Scope) -> list[HourRow]:
    return [HourRow._make(row) for row in _fetch(session, _within(HOURS, Slice, scope))]


def occurrences(session: Session, scope: Scope) -> list[OccurrenceRow]:
    return [OccurrenceRow._make(row) for row in _fetch(session, _within(OCCURRENCES, OccurrenceSlice, scope))]


def episodes(session: Session, scope: Scope) -> list[EpisodeRow]:
    return [EpisodeRow._make(row) for row in _fetch(session, _within(EPISODES, InterruptionSlice, scope))]


def outcomes(session: Session, scope: Scope) -> list[OutcomeRow]:
    return [OutcomeRow._make(row) for row in _fetch(session, _within(OUTCOMES, InterruptionSlice, scope))]


def points(session: Session, scope: Scope) -> list[PointRow]:
    return [PointRow._make(row) for row in _fetch(session, _within(POINTS, PointSlice, scope))]


def transitions(session: Session, scope: Scope) -> list[TransitionRow]:
    return [TransitionRow._make(row) for row in _fetch(session, _within(TRANSITIONS, TransitionSlice, scope))]


def median_resumed(session: Session, scope: Scope, n: int) -> list[int]:
    """Of the `n` resumed interruptions by gross_ms the middle one, or the two in the middle; none of none."""
    if n == 0:
        return []
    wanted = _within(select(InterruptionSlice.gross_ms), InterruptionSlice, scope)
    wanted = wanted.where(InterruptionSlice.outcome == "resumed").order_by(InterruptionSlice.gross_ms)
    return [gross_ms for (gross_ms,) in _fetch(session, wanted.offset((n - 1) // 2).limit(2 - n % 2))]


def headers(session: Session, ids: Collection[str]) -> dict[str, Header]:
    """The sessions with these ids, by id."""
    found: dict[str, Header] = {}
    waiting = iter(sorted(ids))
    while some := list(islice(waiting, MOST_AT_ONCE)):
        wanted = select(
            ObservationSession.id,
            ObservationSession.person_id,
            ObservationSession.subject,
            ObservationSession.staff_role,
            ObservationSession.open,
        ).where(ObservationSession.id.in_(some))
        found |= {row.id: Header._make(row) for row in _fetch(session, wanted)}
    return found


def reports(session: Session, scope: Scope) -> list[ReportRow]:
    """What was reported in the window and not taken back, whoever observed meanwhile: no filter matters."""
    wanted = (
        select(
            Report.stealer,
            Report.day,
            Report.person_id,
            func.count(),
            func.count(Report.minutes),
            func.sum(Report.minutes),
        )
        .where(
            ~Report.withdrawn,
            Report.clinic_id == scope.clinic_id,
            Report.day.between(scope.window.first.isoformat(), scope.window.last.isoformat()),
        )
        .group_by(Report.stealer, Report.day, Report.person_id)
        .order_by(Report.stealer, Report.day)
    )
    return [ReportRow._make(row) for row in _fetch(session, wanted)]


def _fetch(session: Session, wanted: AnySelect) -> Sequence[Row[*tuple[Any, ...]]]:
    # not through the ORM: it would look at each of thousands of plain rows for objects to load
    return session.connection().execute(wanted).all()


def _within(wanted: AnySelect, table: AnySlice, scope: Scope) -> AnySelect:
    """`wanted` over the slices of this scope. The sessions are joined only where a filter asks for them."""
    wanted = wanted.where(
        table.clinic_id == scope.clinic_id,
        table.mode == scope.filters.mode,
        table.day.between(scope.window.first.isoformat(), scope.window.last.isoformat()),
    )
    if scope.days is not None:
        wanted = wanted.where(table.day.in_(sorted(scope.days)))
    if scope.filters.settling == "left_out":
        wanted = wanted.where(~table.settling)
    if scope.filters.uncertain == "left_out":
        wanted = wanted.where(~table.uncertain)
    if scope.filters.staff_role is not None or scope.filters.task_list is not None:
        wanted = wanted.join(ObservationSession, ObservationSession.id == table.session_id)
    if scope.filters.staff_role is not None:
        wanted = wanted.where(ObservationSession.staff_role == scope.filters.staff_role)
    if scope.filters.task_list is not None:
        wanted = wanted.join(TaskListVersion, TaskListVersion.id == ObservationSession.task_list_version_id)
        wanted = wanted.where(TaskListVersion.code == scope.filters.task_list)
    return wanted


def staff_roles(session: Session, clinic_id: int) -> list[str]:
    """Those that anybody watched in this clinic had, for the choice of a filter; never one that only an own day has."""
    watched = (ObservationSession.clinic_id == clinic_id, ObservationSession.mode == "observed")
    return sorted(session.execute(select(ObservationSession.staff_role).where(*watched).distinct()).scalars())
