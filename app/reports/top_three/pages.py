"""The top three of the week: three taps on tiles, the worst first, then kept; and what everybody picked last week."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from app.clinics.queries import newest_version, parsed
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault
from app.i18n import _
from app.reports.access import MayReport, Reporter, reporter
from app.reports.enough import FEWEST_DAYS
from app.reports.problems.queries import names_of
from app.reports.said_once import WEEK_S, has_said, mark_said, refuse_flood
from app.reports.top_three.pick import POINTS, last_picks, pick, ranking
from app.reports.weeks import last_day_of, monday_of, week_after, week_before, week_over
from app.summary.privacy import smallest_cell
from app.summary.window import today
from app.web import Guarded, render, see_other, wants_fragment

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

WHAT = "three"
Picked = Annotated[list[str], Query()]


@router.get("/clinics/{slug}/top-three")
def top_three(
    slug: str,
    request: Request,
    caller: MayReport,
    held: DatabaseHeld,
    picked: Picked = [],  # noqa: B006
    week: str = "",
    again: str = "",
) -> Response:
    """`picked`: those tapped so far, in order; each tap adds one."""
    with held.read() as session:
        who = reporter(request, session, caller, slug)
        return _page(request, session, who, list(dict.fromkeys(picked))[: len(POINTS)], week, again=bool(again))


async def _in_order(request: Request) -> list[str]:
    return [
        value for name, value in (await request.form()).multi_items() if name == "picked" and isinstance(value, str)
    ]


@router.post("/clinics/{slug}/top-three")
def send_top_three(
    slug: str,
    request: Request,
    caller: MayReport,
    held: DatabaseHeld,
    picked: Annotated[list[str], Depends(_in_order)],
) -> Response:
    at = now_ms()
    try:
        with held.write() as session:
            who = reporter(request, session, caller, slug)
            week = monday_of(today(at, who.clinic.timezone))
            if who.poster is not None:
                if has_said(request, WHAT, who.clinic, week):
                    raise BadRequest(
                        _("The three of this week were picked on this phone already."), code="said_already"
                    )
                refuse_flood(session, who.poster)
            pick(session, who.clinic, picked, person_id=who.caller.id if who.caller else None, at=at)
    except BadRequest as error:
        with held.read() as session:
            return _page(request, session, who, picked[: len(POINTS)], "", fault=Fault(error.detail))
    response = see_other(f"/clinics/{slug}/top-three")
    if who.poster is not None:
        mark_said(request, response, WHAT, who.clinic, week, WEEK_S)
    return response


def _page(
    request: Request,
    session: Session,
    who: Reporter,
    picked: list[str],
    wished: str,
    *,
    again: bool = False,
    fault: Fault | None = None,
) -> Response:
    clinic, now = who.clinic, today(now_ms(), who.clinic.timezone)
    week, shown = monday_of(now), week_over(wished, now)
    mine = last_picks(session, clinic, who.caller.id, week) if who.caller else None
    if who.poster is not None:
        done = has_said(request, WHAT, clinic, week)
    else:
        done = mine is not None and not again and not picked
    names = names_of(session, clinic)["stealers"]
    # a poster's code reads nothing but the board (CONTRACT.md): whoever has only that picks, and sees the rest there
    found = ranking(session, clinic, shown) if who.caller else None
    return render(
        request,
        "reports/top_three/_picking.html" if wants_fragment(request) else "reports/top_three/top_three.html",
        UNPROCESSABLE if fault else 200,
        caller=who.caller,
        clinic=clinic,
        stealers=parsed(newest_version(session, clinic).body).stealers,
        names=names,
        picked=picked,
        most=len(POINTS),
        done=done,
        mine=[mine.first, mine.second, mine.third] if mine else [],
        ranking=found,
        withheld=[names.get(stealer, stealer) for stealer in found.withheld] if found else [],
        last_day=last_day_of(shown),
        earlier=week_before(shown),
        later=week_after(shown) if week_after(shown) < week else "",
        fault=fault,
        k=smallest_cell(clinic.smallest_cell),
        fewest_days=FEWEST_DAYS,
    )
