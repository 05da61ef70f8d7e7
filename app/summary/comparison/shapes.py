"""What the comparison and the overview answer, as the API describes it. Nothing runs it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.summary.shapes import ComparedRow


class ComparedSide(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    clinic: str
    from_: str = Field(alias="from")
    to: str
    day_type: Literal["high", "low"] | None
    sessions: int
    days: int
    observed_ms: int


class Comparison(BaseModel):
    """`rows` is empty where one side has no observed time."""

    clinic: str
    by: Literal["day_type", "change", "period", "clinic"]
    a: ComparedSide
    b: ComparedSide
    rows: list[ComparedRow]


class ClinicFigures(BaseModel):
    clinic: str
    name: str
    sessions: int
    observed_ms: int
    unscheduled_share: float | None
    unscheduled_share_low: float | None
    unscheduled_share_high: float | None
    per_hour: float | None
    per_hour_low: float | None
    per_hour_high: float | None


class Overview(BaseModel):
    """Lists answer `items` and `next`; a person has few clinics, so all of them are on the first page."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    items: list[ClinicFigures]
    next: str | None
