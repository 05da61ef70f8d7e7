"""How was the day? Five questions of one tap each, and what everybody answered last week, pooled."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, Fields
from app.i18n import _
from app.reports.access import MayReport, Reporter, reporter
from app.reports.enough import FEWEST_DAYS
from app.reports.pulse.say import ANSWERS, pooled, said_today, say
from app.reports.said_once import DAY_S, has_said, mark_said, refuse_flood
from app.reports.weeks import last_day_of, monday_of, week_after, week_before, week_over
from app.summary.privacy import smallest_cell
from app.summary.window import today
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

WHAT = "pulse"


@router.get("/clinics/{slug}/pulse")
def pulse(
    slug: str, request: Request, caller: MayReport, held: DatabaseHeld, week: str = "", again: str = ""
) -> Response:
    with held.read() as session:
        return _page(request, session, reporter(request, session, caller, slug), week, again=bool(again))


@router.post("/clinics/{slug}/pulse")
def send_pulse(slug: str, request: Request, caller: MayReport, held: DatabaseHeld, said: Fields) -> Response:
    at = now_ms()
    try:
        with held.write() as session:
            who = reporter(request, session, caller, slug)
            day = today(at, who.clinic.timezone).isoformat()
            if who.poster is not None:
                if has_said(request, WHAT, who.clinic, day):
                    raise BadRequest(_("The day was answered on this phone already."), code="said_already")
                refuse_flood(session, who.poster)
            say(session, who.clinic, said, person_id=who.caller.id if who.caller else None, at=at)
    except BadRequest as error:
        with held.read() as session:
            return _page(request, session, who, "", fault=Fault(error.detail), typed=said)
    response = see_other(f"/clinics/{slug}/pulse")
    if who.poster is not None:
        mark_said(request, response, WHAT, who.clinic, day, DAY_S)
    return response


def _page(
    request: Request,
    session: Session,
    who: Reporter,
    wished: str,
    *,
    again: bool = False,
    fault: Fault | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    clinic, now = who.clinic, today(now_ms(), who.clinic.timezone)
    shown = week_over(wished, now)
    if who.caller is None:
        done = has_said(request, WHAT, clinic, now.isoformat())
    else:
        done = not again and fault is None and said_today(session, clinic, who.caller.id, now.isoformat())
    return render(
        request,
        "reports/pulse/pulse.html",
        UNPROCESSABLE if fault else 200,
        caller=who.caller,
        clinic=clinic,
        choices=ANSWERS,
        typed=typed or {},
        done=done,
        # a poster's code reads nothing but the board (CONTRACT.md)
        pooled=pooled(session, clinic, shown) if who.caller else [],
        week=shown,
        last_day=last_day_of(shown),
        earlier=week_before(shown),
        later=week_after(shown) if week_after(shown) < monday_of(now) else "",
        fault=fault,
        k=smallest_cell(clinic.smallest_cell),
        fewest_days=FEWEST_DAYS,
    )
