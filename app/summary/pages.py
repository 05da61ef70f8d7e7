"""The two-week summary for managers: the figures of the API, read out and drawn."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.queries import versions
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.people.access import Caller, SignedIn
from app.people.models import Role
from app.slices.freshen import freshen
from app.summary.days import disagreeing_days
from app.summary.labels import labels
from app.summary.privacy import smallest_cell
from app.summary.queries import staff_roles
from app.summary.reading import read
from app.summary.summary import summary
from app.summary.window import DAY_TYPES, Filters, Window, filters, today, window
from app.web import Guarded, render, wants_fragment

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

SPANS = (14, 28, 91)  # days, offered as links


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was sent, so that a slip in it loses nothing."""

    from_: str
    to: str
    mode: str
    day_type: str
    staff_role: str
    task_list: str


@router.get("/clinics/{slug}/summary")
def summary_page(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    mode: str = "",
    day_type: str = "",
    staff_role: str = "",
    task_list: str = "",
) -> Response:
    asked = Asked(from_, to, mode, day_type, staff_role, task_list)
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, Role.MANAGER, Role.ADMIN)
    day = today(now_ms(), clinic.timezone)
    try:
        days, chosen = window(from_, to, day), filters(mode, day_type, staff_role, task_list)
    except BadRequest as error:
        with held.read() as session:
            return _faulty(request, session, caller, clinic, asked, day, fault_of(error))
    freshen(held, clinic.id)
    with held.read() as session:
        shown = {**_form(session, clinic, asked, day, days), **_figures(session, clinic, days, chosen)}
    name = "summary/_figures.html" if wants_fragment(request) else "summary/summary.html"
    return render(request, name, caller=caller, clinic=clinic, fault=None, **shown)


def _figures(session: Session, clinic: Clinic, days: Window, chosen: Filters) -> dict[str, Any]:
    figures = summary(session, clinic, days, chosen)
    disagreeing = disagreeing_days(session, clinic, days)
    return {
        # of the days shown, and of those that the filter on their type therefore leaves out
        "disagreeing": [row["day"] for row in figures["by_day"] or () if row["day"] in disagreeing],
        "left_out": [day for day, types in disagreeing.items() if chosen.day_type in types],
        "figures": figures,
        "reading": read(figures, clinic.weekly_hours),
        "labels": labels(session, clinic),
        "k": smallest_cell(clinic.smallest_cell),
        "filtered": chosen != Filters(),
        "chosen": chosen,
        "exports": _exports(clinic, days, chosen),
        "earlier": urlencode({"from": (days.first - timedelta(days=91)).isoformat(), "to": days.last.isoformat()}),
    }


def _exports(clinic: Clinic, days: Window, chosen: Filters) -> dict[str, str]:
    """The queries of what is shown, for the same figures as files; single sessions know days only."""
    asked = {"clinic": clinic.slug, "from": days.first.isoformat(), "to": days.last.isoformat()}
    filtered = {name: value for name, value in asdict(chosen).items() if value is not None}
    return {"rows": urlencode(asked), "summary": urlencode(asked | filtered)}


def _form(session: Session, clinic: Clinic, asked: Asked, day: date, days: Window | None) -> dict[str, Any]:
    """What the form offers, and what stands in it: what was asked, else the days that are shown."""
    typed = asdict(asked)
    if days is not None:
        typed |= {"from_": days.first.isoformat(), "to": days.last.isoformat()}
    return {
        "asked": typed,
        "opened": any((asked.day_type, asked.staff_role, asked.task_list, asked.mode == "self")),
        "day_types": DAY_TYPES,
        "staff_roles": sorted({*staff_roles(session, clinic.id), *filter(None, [asked.staff_role])}),
        "task_lists": sorted({*(v.code for v in versions(session, clinic.id)), *filter(None, [asked.task_list])}),
        "spans": [
            (n, urlencode({"from": (day - timedelta(days=n - 1)).isoformat(), "to": day.isoformat()})) for n in SPANS
        ],
    }


def _faulty(
    request: Request, session: Session, caller: Caller, clinic: Clinic, asked: Asked, day: date, fault: Fault
) -> Response:
    shown = _form(session, clinic, asked, day, None)
    name = "summary/_fault.html" if wants_fragment(request) else "summary/summary.html"
    return render(request, name, UNPROCESSABLE, caller=caller, clinic=clinic, fault=fault, figures=None, **shown)
