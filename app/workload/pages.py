"""Required against scheduled hours for managers: what is missing when, and what would help."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest, NotFound, NotSignedIn
from app.forms import UNPROCESSABLE, Fault, Fields, fault_of
from app.i18n import _
from app.people.access import Caller, SignedIn, secret_of
from app.people.models import MANAGING
from app.slices.freshen import freshen
from app.summary.window import Window, today, window
from app.web import Guarded, render, see_other, wants_fragment
from app.workload.carried import carried, carry
from app.workload.keep import delete_plan, keep_choices, keep_plan
from app.workload.levers import NOTHING, Levers
from app.workload.queries import MOST_DAYS, are_few, gather, plans
from app.workload.reading import read
from app.workload.standards import Tasks, tasks_of
from app.workload.typed import MOST_EXTRAS, chosen_of, levers_from, levers_of
from app.workload.what_if import cuttable, movable, what_if

router = APIRouter(dependencies=[Guarded], include_in_schema=False)


From = Annotated[str, Query(alias="from")]
Text = Annotated[str, Form()]
FromField = Annotated[str, Form(alias="from")]


@router.get("/clinics/{slug}/workload")
def workload_page(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    from_: From = "",
    to: str = "",
    plan: int | None = None,
) -> Response:
    """`plan`: whose levers stand in the form."""
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    try:
        days = _days(clinic, from_, to)
    except BadRequest as error:
        asked = {"from_": from_, "to": to}
        name = "workload/_fault.html" if wants_fragment(request) else "workload/workload.html"
        shown: dict[str, Any] = {"asked": asked, "spans": _spans(clinic), "fault": fault_of(error), "reading": None}
        return render(request, name, UNPROCESSABLE, caller=caller, clinic=clinic, **shown)
    freshen(held, clinic.id)
    with held.read() as session:
        shown = _shown(session, caller, clinic, days, plan)
    name = "workload/_figures.html" if wants_fragment(request) else "workload/workload.html"
    return render(request, name, caller=caller, clinic=clinic, fault=None, spans=_spans(clinic), **shown)


@router.get("/clinics/{slug}/workload/brief")
def brief(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, from_: From = "", to: str = ""
) -> Response:
    """The headline alone, for another page to fetch by htmx: its ranges are those of the whole page."""
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    days = _days(clinic, from_, to)
    freshen(held, clinic.id)
    with held.read() as session:
        reading = read(gather(session, clinic, days))
    return render(request, "workload/_brief.html", caller=caller, clinic=clinic, reading=reading, days=days)


def _days(clinic: Clinic, from_: str, to: str) -> Window:
    days = window(from_, to, today(now_ms(), clinic.timezone))
    if not are_few(days):
        sentence = _("This page shows up to {n} days: ask for fewer. Programs may ask for more.")
        raise BadRequest(sentence.format(n=MOST_DAYS), code="bad_window")
    return days


def _spans(clinic: Clinic) -> list[tuple[int, str]]:
    """Links to so many days: back from today, or (below zero) to come."""
    day = today(now_ms(), clinic.timezone)
    ends = {n: (day - timedelta(days=n - 1), day) for n in (14, 28)}
    ends[-14] = (day + timedelta(days=1), day + timedelta(days=14))
    return [(n, urlencode({"from": first.isoformat(), "to": last.isoformat()})) for n, (first, last) in ends.items()]


def _shown(session: Session, caller: Caller, clinic: Clinic, days: Window, plan_id: int | None) -> dict[str, Any]:
    gathered = gather(session, clinic, days, sinks=True)
    basis, reading, kept = gathered.basis, read(gathered), plans(session, clinic)
    chosen = next((plan for plan in kept if plan.id == plan_id), None)
    if plan_id is not None and chosen is None:
        raise NotFound(_("This was deleted already."))
    levers = levers_from(chosen.levers) if chosen else NOTHING
    return {
        "asked": {"from_": days.first.isoformat(), "to": days.last.isoformat()},
        "days": days,
        "gathered": gathered,
        "basis": basis,
        "reading": reading,
        "slug": clinic.slug,
        "carried": carry(basis, caller.secret),
        "changed": what_if(basis, levers, reading.found),
        "movable": movable(basis),
        "cuttable": cuttable(basis),
        "plans": [(plan, what_if(basis, levers_from(plan.levers), reading.found)) for plan in kept],
    }


# --- what if ---------------------------------------------------------------------------------------------------------


@router.post("/clinics/{slug}/workload/what-if")
def change_levers(slug: str, request: Request, fields: Fields) -> Response:
    """Before and after. Asks no database, not even who calls: what is reckoned came with the request, signed with the
    login of the browser that was given it, so nobody learns what they had not been shown.
    """
    login = secret_of(request)
    if login is None:
        raise NotSignedIn(_("Sign in first."))
    name = "workload/_changed.html" if wants_fragment(request) else "workload/changed.html"
    try:
        basis, levers = carried(fields.get("basis", ""), login[1]), levers_of(fields)
    except BadRequest as error:
        return render(request, name, UNPROCESSABLE, slug=slug, fault=fault_of(error))
    return render(request, name, slug=slug, fault=None, changed=what_if(basis, levers))


@router.post("/clinics/{slug}/workload/plans")
def keep_a_plan(
    slug: str,
    caller: SignedIn,
    held: DatabaseHeld,
    name: Text = "",
    levers: Text = "",
    from_: FromField = "",
    to: Text = "",
) -> Response:
    chosen: Levers = levers_from(levers)
    with held.write() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        keep_plan(session, clinic, name, chosen, at=now_ms(), by=caller.id)
    return _back(slug, from_, to)


@router.post("/clinics/{slug}/workload/plans/{plan_id}/delete")
def delete_a_plan(
    slug: str, plan_id: int, caller: SignedIn, held: DatabaseHeld, from_: FromField = "", to: Text = ""
) -> Response:
    with held.write() as session:
        delete_plan(session, clinic_for(session, caller, slug, *MANAGING), plan_id)
    return _back(slug, from_, to)


def _back(slug: str, from_: str, to: str) -> Response:
    """To the levers of the days that were shown."""
    days = f"?{urlencode({'from': from_, 'to': to})}" if from_ and to else ""
    return see_other(f"/clinics/{slug}/workload{days}#levers")


# --- standards and allowances ----------------------------------------------------------------------------------------


@router.get("/clinics/{slug}/workload/standards")
def standards_page(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, kept: str = "") -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    freshen(held, clinic.id)
    with held.read() as session:
        return _standards(request, caller, clinic, _tasks(session, clinic), kept=bool(kept))


@router.post("/clinics/{slug}/workload/standards")
def keep_standards(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields) -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        tasks = _tasks(session, clinic)
    try:
        chosen = chosen_of(fields, tasks.known, tasks.counters)
    except BadRequest as error:
        return _standards(request, caller, clinic, tasks, fault=Fault(error.detail, error.code), fields=fields)
    with held.write() as session:
        keep_choices(session, clinic, chosen, at=now_ms(), by=caller.id)
    return see_other(f"/clinics/{slug}/workload/standards?kept=yes")


def _tasks(session: Session, clinic: Clinic) -> Tasks:
    day = today(now_ms(), clinic.timezone)
    return tasks_of(gather(session, clinic, Window(day - timedelta(days=13), day)))


def _standards(
    request: Request,
    caller: Caller,
    clinic: Clinic,
    tasks: Tasks,
    *,
    kept: bool = False,
    fault: Fault | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    return render(
        request,
        "workload/standards.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        clinic=clinic,
        tasks=tasks.listed(fields),
        counters=tasks.counters,
        typed={**tasks.typed(), **(fields or {})},
        extras=MOST_EXTRAS,
        kept=kept,
        fault=fault,
    )
