"""Comparisons as JSON: two groups of sessions beside each other, and all clinics of a person. CONTRACT.md, HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from app.clinics.access import clinic_for, clinics_of
from app.db import DatabaseHeld, now_ms
from app.errors import Forbidden
from app.i18n import _
from app.people.access import SignedIn
from app.people.models import MANAGING
from app.slices.freshen import freshen
from app.summary.comparison.asked import AskedComparison, Day
from app.summary.comparison.comparison import comparison
from app.summary.comparison.overview import overview
from app.summary.comparison.shapes import Comparison, Overview
from app.summary.window import today, window

router = APIRouter(prefix="/api/v1", tags=["summary"])

From = Annotated[Day, Query(alias="from")]


@router.get("/comparison", summary="Two groups of sessions beside each other", responses={200: {"model": Comparison}})
def clinic_comparison(
    caller: SignedIn, held: DatabaseHeld, clinic: str, wanted: AskedComparison, from_: From = None, to: Day = None
) -> JSONResponse:
    """High against low volume, after against before a change, two periods, or two clinics, with the summary's filters.

    For managers and admins of the clinic, and of the other one. By default the 14 local days that end today.
    """
    with held.read() as session:
        home = clinic_for(session, caller, clinic, *MANAGING)
        days, filters = window(from_, to, today(now_ms(), home.timezone)), wanted.filters()
        groups = wanted.groups(session, caller, home, days)
    for one in {group.clinic.id for group in groups}:
        freshen(held, one)
    with held.read() as session:
        return JSONResponse(comparison(session, wanted.by, groups, filters))


@router.get("/overview", summary="All clinics beside each other", responses={200: {"model": Overview}})
def clinics_overview(caller: SignedIn, held: DatabaseHeld, from_: From = None, to: Day = None) -> JSONResponse:
    """The headline figures of every clinic in which the caller is manager or admin, on the same local days.

    By default the 14 days that end today, in the zone of the first of them.
    """
    with held.read() as session:
        clinics = [one for one in clinics_of(session, caller) if caller.may(one.id, *MANAGING)]
    if not clinics:
        raise Forbidden(_("You are manager or admin of no clinic."))
    days = window(from_, to, today(now_ms(), clinics[0].timezone))
    freshen(held)
    with held.read() as session:
        found = overview(session, clinics, days)
    answer = {"from": days.first.isoformat(), "to": days.last.isoformat(), "items": found, "next": None}
    return JSONResponse(answer)
