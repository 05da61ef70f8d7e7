"""The reports part of the API: a poster's code becomes the narrow right to report. Shapes: CONTRACT.md, HTTP."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, Reading, now_ms
from app.openapi import problems
from app.people.access import SignedIn
from app.people.attempts import count_attempt, take_back
from app.reports.access import keep_poster, open_poster, person_at
from app.reports.posters import WRONG_CODES, is_short
from app.reports.reporting import reporting
from app.reports.shapes import PosterCode, Reporting
from app.web import refuse_foreign_origin

router = APIRouter(prefix="/api/v1", tags=["reports"])

EVERYBODY = "everybody"


def _refuse_forged(request: Request) -> None:
    """Another site must not make somebody's phone report elsewhere. A program has no cookies and tells no origin."""
    if request.cookies or "origin" in request.headers or "sec-fetch-site" in request.headers:
        refuse_foreign_origin(request)


@router.post(
    "/posters",
    summary="Exchange a poster's code for the cookie that may report",
    description="It may send `report` items for the poster's clinic, and read nothing but the board of answers.",
    response_model=None,
    responses={200: {"model": Reporting}, **problems(429)},
    dependencies=[Depends(_refuse_forged)],
)
def exchange(given: PosterCode, request: Request, held: DatabaseHeld) -> Response:
    """A wrong short code counts, before it is looked at: of short ones there are few enough to be tried."""
    short = is_short(given.token)
    if short:
        count_attempt(held, (WRONG_CODES, EVERYBODY))
    with held.read() as session:
        poster, clinic = open_poster(session, given.token, now_ms())
        opened = reporting(session, clinic, person_at(clinic), poster)
    if short:
        take_back(held, (WRONG_CODES, EVERYBODY))
    response = JSONResponse(opened.model_dump())
    keep_poster(request, response, given.token)
    return response


@router.get("/clinics/{slug}/reporting", summary="What an account needs to report, also offline")
def with_account(slug: str, caller: SignedIn, session: Reading) -> Reporting:
    clinic = clinic_for(session, caller, slug)
    return reporting(session, clinic, caller.id)
