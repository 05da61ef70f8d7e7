"""What people can report in this clinic, and what they agree to before: set by its managers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.consent import LONGEST_TEXT, OURS, Consent, observing_consent, publish_text
from app.clinics.models import AgreedText, Clinic, ObservingText
from app.clinics.queries import newest_version, parsed
from app.db import Database, DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, Fields, fault_of
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING
from app.reports.consent import consent_of
from app.reports.models import ConsentText
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


@dataclass(frozen=True, slots=True)
class Agreed:
    """One of the two texts that people agree to. `word`: as addresses and the audit call it."""

    word: str
    model: type[AgreedText]
    held: Callable[[Session, Clinic], Consent]


TEXTS = (Agreed("consent", ConsentText, consent_of), Agreed("read_out", ObservingText, observing_consent))


@router.post("/clinics/{slug}/reporting/consent")
def keep_consent(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, text: Annotated[str, Form()] = ""
) -> Response:
    return _keep_text(slug, request, caller, held, TEXTS[0], text)


@router.post("/clinics/{slug}/reporting/read-out")
def keep_read_out(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, text: Annotated[str, Form()] = ""
) -> Response:
    return _keep_text(slug, request, caller, held, TEXTS[1], text)


def _keep_text(slug: str, request: Request, caller: Caller, held: Database, one: Agreed, text: str) -> Response:
    at = now_ms()
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            now = one.held(session, clinic)
            publish_text(session, clinic, one.model, now, text, at=at, by=caller.id, word=one.word)
    except BadRequest as error:
        with held.read() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            return _page(request, session, caller, clinic, typed={one.word: text}, fault=fault_of(error))
    return see_other(f"/clinics/{slug}/reporting?kept=yes")


def _page(
    request: Request,
    session: Session,
    caller: Caller,
    clinic: Clinic,
    *,
    rows: list[Row] | None = None,
    typed: Mapping[str, str] | None = None,
    fault: Fault | None = None,
    kept: bool = False,
) -> Response:
    newest = newest_version(session, clinic)
    task_list = parsed(newest.body)
    texts = {one.word: one.held(session, clinic) for one in TEXTS}
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
        texts=texts,
        ours=OURS,
        typed={word: "\n\n".join(consent.text) for word, consent in texts.items()} | dict(typed or {}),
        longest_label=LONGEST_LABEL,
        longest_text=LONGEST_TEXT,
        fewest=FEWEST,
        most=MOST,
        fault=fault,
        kept=kept,
    )
