"""SELECTs over the slices by session and by hour of the day: what unit times, shares and their spread are made of."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.slices.models import PointSlice, Slice
from app.summary.queries import Scope, _fetch, _inside, _sum, _within, _without_task


class SessionTaskRow(NamedTuple):
    """Of one session and task (None: no task in hand)."""

    session_id: str
    task: str | None
    primary_ms: int
    person_ticks: int
    uncoded_ticks: int  # inside interruptions, without any task


class TaskHourRow(NamedTuple):
    """Of one local hour of the day and task, over all days: when a task is done."""

    hour: int
    task: str | None
    primary_ms: int
    person_ticks: int
    uncoded_ticks: int


class SessionCountRow(NamedTuple):
    session_id: str
    code: str
    n: int


_SUMS = (_sum(Slice.primary_ms), _sum(Slice.person_ticks), _sum(Slice.person_ticks, _inside, _without_task))
SESSION_TASKS = select(Slice.session_id, Slice.task, *_SUMS).group_by(Slice.session_id, Slice.task)
TASK_HOURS = select(Slice.hour, Slice.task, *_SUMS).group_by(Slice.hour, Slice.task)

SESSION_COUNTS = (
    select(PointSlice.session_id, PointSlice.code, _sum(PointSlice.n))
    .where(PointSlice.kind == "count")
    .group_by(PointSlice.session_id, PointSlice.code)
)


def session_tasks(session: Session, scope: Scope) -> list[SessionTaskRow]:
    return [SessionTaskRow._make(row) for row in _fetch(session, _within(SESSION_TASKS, Slice, scope))]


def task_hours(session: Session, scope: Scope) -> list[TaskHourRow]:
    return [TaskHourRow._make(row) for row in _fetch(session, _within(TASK_HOURS, Slice, scope))]


def session_counts(session: Session, scope: Scope) -> list[SessionCountRow]:
    return [SessionCountRow._make(row) for row in _fetch(session, _within(SESSION_COUNTS, PointSlice, scope))]
