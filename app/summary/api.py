"""The summary as JSON. Shape and rules: CONTRACT.md, Summary."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.people.access import SignedIn
from app.people.models import MANAGING
from app.slices.freshen import freshen
from app.summary.asked import AskedFilters
from app.summary.shapes import Summary
from app.summary.summary import summary
from app.summary.window import today, window

router = APIRouter(prefix="/api/v1", tags=["summary"])


Day = Annotated[str | None, Query(description="A day in the clinic's zone, YYYY-MM-DD; both days are inclusive.")]


@router.get("/summary", summary="The figures of a clinic's observations", responses={200: {"model": Summary}})
def clinic_summary(
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    asked: AskedFilters,
    from_: Annotated[Day, Query(alias="from")] = None,
    to: Day = None,
) -> JSONResponse:
    """For managers and admins of the clinic. By default the 14 local days that end today."""
    with held.read() as session:
        wanted = clinic_for(session, caller, clinic, *MANAGING)
    days = window(from_, to, today(now_ms(), wanted.timezone))
    chosen = asked.filters()
    freshen(held, wanted.id)
    with held.read() as session:
        # answered as it is: FastAPI's own encoding would copy some 100 KB of plain numbers and words first
        return JSONResponse(summary(session, wanted, days, chosen))
