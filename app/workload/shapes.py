"""The answer of `GET /api/v1/workload`, as the API describes it. Nothing runs it."""

from typing import Literal

from pydantic import BaseModel

Hours = float | None


class HalfDay(BaseModel):
    day: str
    half: Literal["am", "pm"]
    required_hours: Hours
    required_low: Hours
    required_high: Hours
    scheduled_hours: Hours
    gap_hours: Hours
    volumes: Literal["logged", "usual"]


class HourOfDay(BaseModel):
    """Of an average day."""

    hour: int
    days: int
    required_hours: Hours
    required_low: Hours
    required_high: Hours
    scheduled_hours: Hours
    gap_hours: Hours


class StandardFigures(BaseModel):
    task: str
    counter: str
    minutes_per_unit: float
    low: float | None
    high: float | None
    source: Literal["observed", "set"]


class AllowanceFigures(BaseModel):
    allowance: str
    of: Literal["category", "individual"]
    kind: str | None
    share: float | None
    low: float | None
    high: float | None
    hours_per_week: float | None
    source: Literal["observed", "set", "preset"]


class WorkloadHours(BaseModel):
    clinic: str
    rows: list[HalfDay]
    by_hour: list[HourOfDay]
    standards: list[StandardFigures]
    allowances: list[AllowanceFigures]
    ratio: float | None
    gap_fte: float | None
    gap_fte_low: float | None
    gap_fte_high: float | None
    sessions: int
    observed_from: str | None
    observed_to: str | None
