"""The report page, the same for everybody so that a phone can keep it; and the posters that lead there."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from app.capture.intake import local_day
from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.db import Database, DatabaseHeld, Reading, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING
from app.reports.listed import posters
from app.reports.models import Poster
from app.reports.posters import LONGEST_DAYS, USUAL_DAYS, Codes, last_day, make_poster, poster_in, revoke, rotate
from app.reports.sheet import sheet
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

Text = Annotated[str, Form()]
MINUTES, USUAL_MINUTES = (1, 2, 5, 10, 15, 30), 5


@router.get("/report")
def report_page(request: Request) -> Response:
    """Needs no login: a poster's code, or the login that the phone has, comes with what is sent."""
    return render(request, "reports/report.html", minutes=MINUTES, usual=USUAL_MINUTES)


@router.get("/r")
def short_address(request: Request) -> Response:
    """To be typed from a poster; browsers carry on what stands behind the #."""
    return see_other("/report")


# --- posters ---------------------------------------------------------------------------------------------------------


@router.get("/clinics/{slug}/posters")
def posters_page(slug: str, request: Request, caller: SignedIn, session: Reading) -> Response:
    clinic = clinic_for(session, caller, slug, *MANAGING)
    return _posters_page(request, session, caller, clinic)


@router.post("/clinics/{slug}/posters")
def make(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, place: Text = "", until: Text = ""
) -> Response:
    def made(session: Session, clinic: Clinic) -> tuple[Poster, Codes]:
        return make_poster(session, clinic, place=place, until=until, at=now_ms(), by=caller.id)

    return _printed(request, held, caller, slug, made, place, until)


@router.post("/clinics/{slug}/posters/{poster_id}/code")
def new_code(
    slug: str, poster_id: str, request: Request, caller: SignedIn, held: DatabaseHeld, until: Text = ""
) -> Response:
    def rotated(session: Session, clinic: Clinic) -> tuple[Poster, Codes]:
        poster = poster_in(session, clinic, poster_id)
        return poster, rotate(session, clinic, poster, until=until, at=now_ms(), by=caller.id)

    return _printed(request, held, caller, slug, rotated)


@router.post("/clinics/{slug}/posters/{poster_id}/withdraw")
def withdraw(slug: str, poster_id: str, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.write() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        revoke(session, poster_in(session, clinic, poster_id), at=now_ms(), by=caller.id)
    return see_other(f"/clinics/{slug}/posters")


def _printed(
    request: Request,
    held: Database,
    caller: Caller,
    slug: str,
    change: Callable[[Session, Clinic], tuple[Poster, Codes]],
    place: str = "",
    until: str = "",
) -> Response:
    """The sheet with codes that are known at this moment alone, so it is this very answer that is printed."""
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            poster, codes = change(session, clinic)
    except BadRequest as error:
        with held.read() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            return _posters_page(request, session, caller, clinic, place, until, fault_of(error))
    base: str = request.app.state.settings.base_url or str(request.base_url).rstrip("/")
    shown = sheet(base, clinic, poster, codes)
    secure: bool = request.app.state.secure  # else the page does not open without network
    return render(request, "reports/sheet.html", caller=caller, clinic=clinic, sheet=shown, secure=secure)


def _posters_page(
    request: Request,
    session: Session,
    caller: Caller,
    clinic: Clinic,
    place: str = "",
    until: str = "",
    fault: Fault | None = None,
) -> Response:
    today = local_day(now_ms(), clinic.timezone)
    return render(
        request,
        "reports/posters.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        clinic=clinic,
        posters=posters(session, clinic, now_ms()),
        today=today,
        latest=last_day(today, LONGEST_DAYS),
        usual=last_day(today, USUAL_DAYS),
        place=place,
        until=until or last_day(today, USUAL_DAYS),
        fault=fault,
        secure=request.app.state.secure,
    )
