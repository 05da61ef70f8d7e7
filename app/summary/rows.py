"""What the SELECTs of the summary answer, row by row."""

from typing import NamedTuple


class TimeRow(NamedTuple):
    """Of one session, day and task (None: no task in hand). Ticks are 1/720720 ms."""

    session_id: str
    day: str
    task: str | None
    category: str | None
    kind: str | None
    primary_ms: int
    task_ms: int
    person_ticks: int
    interruption_ms: int
    idle_ticks: int
    unscheduled_ticks: int
    own_unscheduled_ticks: int  # outside interruptions, by the task's own mark
    multitask_ms: int
    paused_ms: int
    edited_ms: int
    uncertain_ms: int


class TriggerRow(NamedTuple):
    """Of one session, day and trigger: time inside its interruptions, and of the tasks beside others it brought."""

    session_id: str
    day: str
    trigger: str
    own_ms: int
    uncoded_ticks: int  # inside, without any task
    prompted_ticks: int  # outside, in tasks that are not unscheduled by themselves


class HourRow(NamedTuple):
    """Of one day, hour and category (None: no task in hand)."""

    day: str
    weekday: int
    hour: int
    category: str | None
    primary_ms: int
    person_ticks: int
    idle_ticks: int
    unscheduled_ticks: int


class OccurrenceRow(NamedTuple):
    task: str
    occurrences: int
    completed: int
    completed_active_ms: int


class EpisodeRow(NamedTuple):
    """How many interruptions a session had in one hour."""

    session_id: str
    day: str
    weekday: int
    hour: int
    n: int


class OutcomeRow(NamedTuple):
    trigger: str
    task: str | None
    outcome: str
    n: int


class PointRow(NamedTuple):
    session_id: str
    day: str
    kind: str
    code: str
    n: int


class TransitionRow(NamedTuple):
    from_task: str
    to_task: str
    n: int


class Header(NamedTuple):
    id: str
    person_id: str
    subject: str | None
    staff_role: str
    open: bool


class ReportRow(NamedTuple):
    """What one person with an account, or anybody before a poster (None), reported of one stealer on one day.

    `timed` of the `n` reports say how long it took.
    """

    stealer: str
    day: str
    person_id: str | None
    n: int
    timed: int
    minutes: float | None
