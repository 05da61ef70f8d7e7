"""The summary of CONTRACT.md, as the API describes it. Nothing runs it.

Of self-timed sessions whatever is withheld is null, or an empty list, and named in `withheld`.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Ms = int | None
Count = int | None
Share = float | None


class TaskFigures(BaseModel):
    task: str
    label: str
    category: str
    kind: Literal["work", "between", "break", "protected"]
    scheduled: bool | None
    task_ms: Ms
    person_ms: Ms
    share: Share
    share_low: Share
    share_high: Share
    hours_per_week: float | None
    occurrences: Count
    completed: Count
    mean_active_ms: Ms
    interruptions: Count


class CategoryFigures(BaseModel):
    category: str
    label: str
    task_ms: Ms
    person_ms: Ms
    share: Share
    share_low: Share
    share_high: Share


class RoleFigures(BaseModel):
    staff_role: str
    sessions: Count
    observed_ms: Ms
    unscheduled_ms: Ms
    interruptions: Count


class Sink(BaseModel):
    source: Literal["task", "trigger"]
    code: str
    label: str
    rank: int
    person_ms: Ms
    share: Share
    share_low: Share
    share_high: Share
    tied_with: list[str]


class Outcomes(BaseModel):
    resumed: Count
    abandoned: Count
    open: Count


class ByTrigger(BaseModel):
    trigger: str
    count: Count
    prompts: Count
    both: Count
    ms: Ms


class ByTask(BaseModel):
    """`task` null: it broke into idleness."""

    task: str | None
    trigger: str
    count: Count


class InterruptionFigures(BaseModel):
    count: Count
    prompts: Count
    both: Count
    per_hour: float | None
    per_hour_low: float | None
    per_hour_high: float | None
    outcomes: Outcomes
    resume_ms_median: Ms
    by_trigger: list[ByTrigger]
    by_task: list[ByTask]


class HourFigures(BaseModel):
    """`weekday` 1 (Monday) to 7 and `hour` 0 to 23, both on the clinic's clock."""

    weekday: int
    hour: int
    days: Count
    observed_ms: Ms
    unscheduled_ms: Ms
    idle_ms: Ms
    interruptions: Count
    categories: dict[str, int]


class DayFigures(BaseModel):
    day: str
    day_type: str
    observed_ms: Ms
    unscheduled_ms: Ms
    interruptions: Count
    categories: dict[str, int]
    counts: dict[str, int]
    volumes: dict[str, int]
    log: dict[str, Any] | None


class DayTypes(BaseModel):
    high: Count
    typical: Count
    low: Count
    unknown: Count


class Breaks(BaseModel):
    days_logged: Count
    due: Count
    taken: Count
    late: Count
    missed: Count


class ReportFigures(BaseModel):
    stealer: str
    count: Count
    minutes: float | None
    first_day: str | None = Field(description="Of the whole weeks that these are of.")
    last_day: str | None


class Filtered(BaseModel):
    """What was asked for beside days and mode; null: all of them."""

    day_type: Literal["high", "typical", "low", "unknown"] | None
    staff_role: str | None
    task_list: str | None
    uncertain: Literal["left_out"] | None
    settling: Literal["left_out"] | None


class Pooled(BaseModel):
    """Of self-timed sessions: first and last day of the whole weeks that the figures are of."""

    first_day: str | None
    last_day: str | None


class ReportedObserved(BaseModel):
    """One task: its share of what was reported of these tasks, and of what was observed of them; gap: in between."""

    task: str
    label: str
    reported_minutes: float
    reported_share: float
    observed_ms: Ms
    observed_share: float
    gap: float


class ReportedInterruptions(BaseModel):
    """One trigger: how often it was reported, and how often it was seen to break in, with its own time."""

    trigger: str
    label: str
    reports: int
    interruptions: int
    ms: Ms


class UnitFigures(BaseModel):
    """Minutes of person time in `tasks` for each tap of the counter."""

    counter: str
    label: str
    tasks: list[str]
    count: Count
    person_ms: Ms
    minutes_per_unit: float
    minutes_per_unit_low: float | None
    minutes_per_unit_high: float | None
    uncounted_sessions: Count


class TransitionFigures(BaseModel):
    from_: str = Field(alias="from")
    to: str
    count: Count


class ComparedRow(BaseModel):
    """`a`, `b` and `difference` (a minus b, with its 95 % interval) in the unit of the figure."""

    figure: Literal["unscheduled_share", "per_hour", "minutes_per_unit", "task_share", "trigger_share"]
    code: str
    label: str
    a: float
    b: float
    difference: float | None
    low: float | None
    high: float | None


class VolumeSide(BaseModel):
    day_type: str | None
    sessions: Count
    days: Count
    observed_ms: Ms


class HighLow(BaseModel):
    a: VolumeSide
    b: VolumeSide
    rows: list[ComparedRow]


class Planned(BaseModel):
    wanted: int | None
    done: Count


class Protocol(BaseModel):
    """Days that a study needs at least, and those that have observed time."""

    high: Planned
    low: Planned


class Summary(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    clinic: str
    from_: str = Field(alias="from")
    to: str
    timezone: str
    mode: Literal["observed", "self"]
    filters: Filtered
    pooled: Pooled
    sessions: Count
    open_sessions: Count
    people: Count
    observers: Count
    days: Count
    day_types: DayTypes
    protocol: Protocol
    observed_ms: Ms
    paused_ms: Ms
    idle_ms: Ms
    multitask_ms: Ms
    interruption_ms: Ms
    unscheduled_ms: Ms
    edited_ms: Ms
    uncertain_ms: Ms
    edited_share: Share
    uncertain_share: Share
    unscheduled_share: Share
    unscheduled_share_low: Share
    unscheduled_share_high: Share
    tasks: list[TaskFigures]
    categories: list[CategoryFigures]
    by_staff_role: list[RoleFigures]
    sinks: list[Sink]
    sinks_unscheduled: list[Sink]
    interruptions: InterruptionFigures
    hours: list[HourFigures]
    by_day: list[DayFigures]
    counts: dict[str, int | None]
    volumes: dict[str, int]
    breaks: Breaks
    reports: list[ReportFigures]
    reported_observed: list[ReportedObserved]
    reported_interruptions: list[ReportedInterruptions]
    units: list[UnitFigures]
    transitions: list[TransitionFigures]
    on_few: list[str]
    high_low: HighLow
    withheld: list[str]
