"""Required against scheduled hours as JSON. Shape: CONTRACT.md, `GET /api/v1/workload`."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.people.access import SignedIn
from app.people.models import MANAGING
from app.slices.freshen import freshen
from app.summary.window import today, window
from app.workload.answer import answer
from app.workload.queries import gather
from app.workload.reckon import reckon
from app.workload.shapes import WorkloadHours

router = APIRouter(prefix="/api/v1", tags=["workload"])

Day = Annotated[str | None, Query(description="A day in the clinic's zone, YYYY-MM-DD; both days are inclusive.")]


@router.get("/workload", summary="Required against scheduled MA hours", responses={200: {"model": WorkloadHours}})
def clinic_workload(
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    from_: Annotated[Day, Query(alias="from")] = None,
    to: Day = None,
) -> JSONResponse:
    """For managers and admins of the clinic. By default the 14 local days that end today; days to come are allowed,
    and reckoned with usual volumes.
    """
    with held.read() as session:
        wanted = clinic_for(session, caller, clinic, *MANAGING)
    days = window(from_, to, today(now_ms(), wanted.timezone))
    freshen(held, wanted.id)
    with held.read() as session:
        basis = gather(session, wanted, days).basis
    return JSONResponse(answer(basis, reckon(basis)))
