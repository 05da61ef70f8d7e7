"""What people can report in this clinic, and what they agree to before: set by its managers."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, Fields, fault_of
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING
from app.reports.consent import LONGEST_TEXT, OURS, consent_of, publish_consent
from app.reports.tiles.beside import beside
from app.reports.tiles.publish import FEWEST, LONGEST_LABEL, MOST, Row, publish_tiles, read_rows, rows_of
from app.slices.freshen import freshen
from app.summary.summary import summary
from app.summary.window import today, window
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)


@router.get("/clinics/{slug}/reporting")
def reporting_page(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, kept: str = "") -> Response:
    with held.read() as session:
        clinic_id = clinic_for(session, caller, slug, *MANAGING).id
    freshen(held, clinic_id)
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        return _page(request, session, caller, clinic, kept=kept == "yes")


@router.post("/clinics/{slug}/reporting/tiles")
def keep_tiles(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    fields: Fields,
    base: Annotated[str, Form()] = "",
) -> Response:
    rows = read_rows(fields)
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            publish_tiles(session, clinic, rows, base, at=now_ms(), by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            return _page(request, session, caller, clinic, rows=rows, fault=fault_of(error))
    return see_other(f"/clinics/{slug}/reporting?kept=yes")


@router.post("/clinics/{slug}/reporting/consent")
def keep_consent(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, text: Annotated[str, Form()] = ""
) -> Response:
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            publish_consent(session, clinic, text, at=now_ms(), by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            return _page(request, session, caller, clinic, text=text, fault=fault_of(error))
    return see_other(f"/clinics/{slug}/reporting?kept=yes")


def _page(
    request: Request,
    session: Session,
    caller: Caller,
    clinic: Clinic,
    *,
    rows: list[Row] | None = None,
    text: str | None = None,
    fault: Fault | None = None,
    kept: bool = False,
) -> Response:
    newest = newest_version(session, clinic)
    task_list, consent = parsed(newest.body), consent_of(session, clinic)
    figures = summary(session, clinic, window(None, None, today(now_ms(), clinic.timezone)))
    return render(
        request,
        "reports/reporting.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        clinic=clinic,
        base_version=newest.id,
        version=newest.version,
        rows=rows if rows is not None else rows_of(task_list.stealers),
        figures=figures,
        beside=beside(figures, task_list),
        tasks=task_list.tasks,
        triggers=task_list.triggers,
        consent=consent,
        ours=consent.version == OURS,
        text=text if text is not None else "\n\n".join(consent.text),
        longest_label=LONGEST_LABEL,
        longest_text=LONGEST_TEXT,
        fewest=FEWEST,
        most=MOST,
        fault=fault,
        kept=kept,
    )
