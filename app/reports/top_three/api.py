"""The ranking of a week that is over as JSON: the same figures as on the page, with the same ones withheld."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.people.access import SignedIn
from app.reports.top_three.pick import ranking
from app.reports.weeks import week_over
from app.summary.window import today

router = APIRouter(prefix="/api/v1", tags=["reports"])


class RankedStealer(BaseModel):
    rank: int
    stealer: str
    named: int = Field(description="How many have it among their three.")


class RankingOfAWeek(BaseModel):
    """`took_part` is null, and nothing ranked, where too few did; `withheld` are stealers."""

    week: str = Field(description="Its Monday.")
    took_part: int | None
    items: list[RankedStealer]
    withheld: list[str]


@router.get("/top-three", response_model=RankingOfAWeek, summary="What everybody picked in a week that is over")
def top_three(
    clinic: Annotated[str, Query(description="The clinic's short name.")],
    caller: SignedIn,
    held: DatabaseHeld,
    week: Annotated[str, Query(description="A day of it; without one, or for one not over, the last that is.")] = "",
) -> dict[str, Any]:
    with held.read() as session:
        its = clinic_for(session, caller, clinic)
        found = ranking(session, its, week_over(week, today(now_ms(), its.timezone)))
    items = [{"rank": one.rank, "stealer": one.stealer, "named": one.named} for one in found.ranked]
    return {"week": found.week, "took_part": found.took_part, "items": items, "withheld": found.withheld}
