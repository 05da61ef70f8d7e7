"""Two groups of sessions beside each other, for managers: did it help, and is it so elsewhere."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.clinics.access import clinic_for, clinics_of
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.people.access import SignedIn
from app.people.models import MANAGING
from app.slices.freshen import freshen
from app.summary.comparison.asked import AskedComparison
from app.summary.comparison.comparison import before, comparison, middle_of
from app.summary.comparison.overview import overview
from app.summary.reading import compared_shares
from app.summary.window import Window, today, window
from app.web import Guarded, render, wants_fragment

router = APIRouter(dependencies=[Guarded], include_in_schema=False)


@router.get("/clinics/{slug}/comparison")
def comparison_page(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    wanted: AskedComparison,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
) -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        mine = [one for one in clinics_of(session, caller) if caller.may(one.id, *MANAGING)]
        day = today(now_ms(), clinic.timezone)
        fault: Fault | None = None
        days, groups = window(None, None, day), None
        try:
            days, filters = window(from_, to, day), wanted.filters()
            groups = wanted.groups(session, caller, clinic, days)
        except BadRequest as error:
            fault = fault_of(error)
    shown: dict[str, Any] = {"figures": None, "clinics": []}
    if groups is not None:
        freshen(held)
        with held.read() as session:
            figures = comparison(session, wanted.by, groups, filters)
            shown = {
                "figures": figures,
                "drawn": compared_shares(figures["rows"]),
                "groups": groups,
                "clinics": overview(session, mine, days) if wanted.by == "clinic" else [],
            }
    name = "summary/comparison/_compared.html" if wants_fragment(request) else "summary/comparison/comparison.html"
    status = UNPROCESSABLE if fault else 200
    asked = _form(wanted, days, mine, clinic.slug)
    return render(request, name, status, caller=caller, clinic=clinic, fault=fault, mine=mine, **asked, **shown)


def _form(wanted: AskedComparison, days: Window, mine: list[Any], slug: str) -> dict[str, Any]:
    """What stands in the form: what was asked, else the period before and the middle of these days."""
    earlier = before(days)
    typed = {
        "date": middle_of(days).isoformat(),
        "other_from": earlier.first.isoformat(),
        "other_to": earlier.last.isoformat(),
        "other": next((one.slug for one in mine if one.slug != slug), ""),
    }
    given = {name: getattr(wanted, name) for name in typed if getattr(wanted, name)}
    return {
        "by": wanted.by,
        "asked": typed | given,
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
        "filters": {name: value for name, value in asdict(wanted.filters_asked).items() if value},
    }
