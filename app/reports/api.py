"""The reports part of the API: a poster's code becomes the narrow right to report. Shapes: CONTRACT.md, HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.db import DatabaseHeld, now_ms
from app.openapi import problems
from app.people.attempts import count_attempt, take_back
from app.reports.access import keep_poster, open_poster, person_at
from app.reports.posters import WRONG_CODES, is_short
from app.web import refuse_foreign_origin

router = APIRouter(prefix="/api/v1", tags=["reports"])

EVERYBODY = "everybody"


class PosterCode(BaseModel):
    """From the QR code's address, or the short code beneath it as somebody typed it."""

    token: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[ -~]+$")]


class OpenedPoster(BaseModel):
    """What a phone needs to report here. `person`: what it calls the sender in its batches, for nobody is known."""

    clinic: str
    name: str
    timezone: str
    place: str
    until: str
    person: str


def _refuse_forged(request: Request) -> None:
    """Another site must not make somebody's phone report elsewhere. A program has no cookies and tells no origin."""
    if request.cookies or "origin" in request.headers or "sec-fetch-site" in request.headers:
        refuse_foreign_origin(request)


@router.post(
    "/posters",
    summary="Exchange a poster's code for the cookie that may report",
    description="It may send `report` items for the poster's clinic, and read nothing but the board of answers.",
    response_model=None,
    responses={200: {"model": OpenedPoster}, **problems(429)},
    dependencies=[Depends(_refuse_forged)],
)
def exchange(given: PosterCode, request: Request, held: DatabaseHeld) -> Response:
    """A wrong short code counts, before it is looked at: of short ones there are few enough to be tried."""
    short = is_short(given.token)
    if short:
        count_attempt(held, (WRONG_CODES, EVERYBODY))
    with held.read() as session:
        poster, clinic = open_poster(session, given.token, now_ms())
        opened = OpenedPoster(
            clinic=clinic.slug,
            name=clinic.name,
            timezone=clinic.timezone,
            place=poster.place,
            until=poster.until,
            person=person_at(clinic),
        )
    if short:
        take_back(held, (WRONG_CODES, EVERYBODY))
    response = JSONResponse(opened.model_dump())
    keep_poster(request, response, given.token)
    return response
