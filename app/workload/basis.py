"""All that workload hours are reckoned from, as plain data: read once, then nothing else is needed. Pure.

Hours of the day are the clinic's, 0 to 23; shares are of working time, 0 to 1.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Source = Literal["observed", "set", "preset"]
HOURS = 24
DAY_HOURS_OF_WEEK = 5  # days of one full-time week

# codes of allowances that are no task
BREAKS, INTERRUPTIONS = "breaks", "interruptions"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Standard(Part):
    """An activity standard: minutes of a task per unit of a counter, with the 95 % interval where it was observed."""

    task: str
    label: str
    counter: str
    needs_ma: str
    minutes: float
    low: float | None
    high: float | None
    source: Source


class Allowance(Part):
    """A category allowance: work without a volume, breaks or protected time, as a share of working time."""

    code: str
    label: str
    kind: str  # of the task; or interruption
    needs_ma: str
    share: float
    low: float | None
    high: float | None
    source: Source


class Extra(Part):
    """An individual allowance, in hours of a week."""

    label: str
    hours: float


class Day(Part):
    """`hours`: scheduled MA hours by hour of the day; None where no roster says. `is_logged`: the day log has volumes.

    Counters that the log lacks hold what is usual on such a weekday.
    """

    day: str
    weekday: int
    hours: list[float] | None
    volumes: dict[str, float]
    is_logged: bool


class Basis(Part):
    """`spread`: covariance of the logarithms of the standards and of the shares, in that order, by the jackknife over
    sessions; rows of the lower triangle, empty below three sessions. `profile`: how much of the time in each hour went
    into each standard's task or allowance. `presence`: MA hours of each hour where no roster says them. `week_hours`:
    MA hours of the repeating week. `sinks`: what part of the time inside interruptions without a task each trigger has.
    """

    clinic: str
    first: str  # day asked for
    last: str
    weekly_hours: float
    absent_days: int
    sessions: int
    observed_from: str | None
    observed_to: str | None
    standards: list[Standard]
    allowances: list[Allowance]
    extras: list[Extra]
    spread: list[list[float]]
    profile: dict[str, list[float]]
    presence: list[float]
    days: list[Day]
    days_asked: int
    week_hours: float | None
    sinks: dict[str, float] = {}
