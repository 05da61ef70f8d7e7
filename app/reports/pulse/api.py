"""The pulse of a week that is over as JSON: the same figures as on the page, with the same ones withheld."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.people.access import SignedIn
from app.reports.pulse.say import pooled
from app.reports.weeks import week_over
from app.summary.window import today

router = APIRouter(prefix="/api/v1", tags=["reports"])


class Question(BaseModel):
    """`n` answers in all, null where there are too few; of each answer how many, null where it is withheld."""

    question: str = Field(
        description="pace (1 calm to 5 more than can be done), pause, lunch, stayed (minutes), reached"
    )
    n: int | None
    answers: dict[str, int | None]


class PulseOfAWeek(BaseModel):
    week: str = Field(description="Its Monday.")
    items: list[Question]


@router.get("/pulse", response_model=PulseOfAWeek, summary="What everybody answered in a week that is over")
def pulse(
    clinic: Annotated[str, Query(description="The clinic's short name.")],
    caller: SignedIn,
    held: DatabaseHeld,
    week: Annotated[str, Query(description="A day of it; without one, or for one not over, the last that is.")] = "",
) -> dict[str, Any]:
    with held.read() as session:
        its = clinic_for(session, caller, clinic)
        monday = week_over(week, today(now_ms(), its.timezone))
        found = pooled(session, its, monday)
    items = [{"question": one.question, "n": one.n, "answers": one.answers} for one in found]
    return {"week": monday, "items": items}
