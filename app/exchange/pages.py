"""The import page: choose files, look at what would happen, then import those very bytes.

Nothing waits on the server between the two: the files stay in the browser's form and are sent again, with the digest
of what was looked at. If a file or an option has changed since, nothing is written and the new preview is shown.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.queries import Member, members
from app.db import Database, DatabaseHeld, now_ms
from app.errors import BadRequest
from app.exchange import outcome
from app.exchange.copies import Copy, Custody, read_copies, sentences, take_in
from app.exchange.formats import FORMATS
from app.exchange.imports import Prepared, carry_out, prepare
from app.exchange.owner import OBSERVING, owner_of
from app.exchange.sent import Options, Sent, read_sent, refuse_too_much
from app.forms import UNPROCESSABLE, Fault
from app.i18n import _
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING, Role
from app.web import Guarded, render, wants_fragment

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

MOST_SHOWN = 200  # sessions in the preview; bad lines are all listed, up to those that the API lists


@router.get("/clinics/{slug}/import")
def import_page(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        return _page(request, session, caller, clinic, {})


@router.post("/clinics/{slug}/import")
def import_files(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, sent: Annotated[Sent, Depends(read_sent)]
) -> Response:
    """A preview, or the import itself: by the button that was pressed."""
    now = now_ms()
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        try:
            options = sent.options(clinic=slug)
            copies = read_copies(sent.uploads, now)
            refuse_too_much(caller, clinic, options)
            owner = caller if options.owner is None else owner_of(session, clinic, options.owner)
            prepared = None if copies else prepare(session, clinic, owner, sent.order(options), now)
        except BadRequest as error:
            return _page(request, session, caller, clinic, sent.fields, _fault(error))
    if prepared is None:
        return _take_in_copies(request, caller, held, clinic, sent, options, copies, now)
    shown = _shown(prepared, clinic, options, sent)
    if sent.fields.get("step") != "import":
        return _answer(request, held, caller, clinic, sent, shown)
    if sent.fields.get("previewed") != shown["digest"]:
        return _answer(request, held, caller, clinic, sent, {**shown, "changed": True})
    if prepared.is_refused:
        return _answer(request, held, caller, clinic, sent, shown)
    carry_out(held, clinic, owner, prepared, now, by=caller.id)
    request.app.state.slicer.wake()
    return _answer(request, held, caller, clinic, sent, {**shown, "written": True})


def _take_in_copies(
    request: Request,
    caller: Caller,
    held: Database,
    clinic: Clinic,
    sent: Sent,
    options: Options,
    copies: list[Copy],
    now: int,
) -> Response:
    """What phones have saved: the same two steps."""
    digest = sent.digest(options)
    looked = sent.fields.get("step") == "import" and sent.fields.get("previewed") == digest
    try:
        told = take_in(held, clinic, copies, Custody(caller, options.owner), now, dry_run=not looked)
    except BadRequest as error:
        with held.read() as session:
            return _page(request, session, caller, clinic, sent.fields, _fault(error))
    if looked:
        request.app.state.slicer.wake()
    shown = {"copies": told, "said": sentences(told), "digest": digest, "refused": False,
             "changed": sent.fields.get("step") == "import" and not looked}  # fmt: skip
    return _answer(request, held, caller, clinic, sent, shown)


def _shown(prepared: Prepared, clinic: Clinic, options: Options, sent: Sent) -> dict[str, Any]:
    """All that the preview tells."""
    return {
        "copies": None,
        "told": outcome.told(prepared, written=False),
        "unknown": outcome.listed(prepared.lacking),
        "added": outcome.listed(prepared.added),
        "coming": [step for step in prepared.steps if step.items],
        "lines": sum(step.session.rows for step in prepared.steps if step.items),
        "remarks": list(outcome.remarks(prepared)),
        "refused": prepared.is_refused,
        "options": options,
        "most_shown": MOST_SHOWN,
        "zone": clinic.timezone,
        "digest": sent.digest(options),
        "changed": False,
        "written": False,
    }


def _answer(
    request: Request, held: Database, caller: Caller, clinic: Clinic, sent: Sent, shown: dict[str, Any]
) -> Response:
    with held.read() as session:
        return _page(request, session, caller, clinic, sent.fields, shown=shown)


def _fault(error: BadRequest) -> Fault:
    if error.code == "no_file":
        return Fault(_("Choose at least one file first."), "file")
    return Fault(error.detail, "as" if error.code == "bad_owner" else "")


def _page(
    request: Request,
    session: Session,
    caller: Caller,
    clinic: Clinic,
    typed: Any,
    fault: Fault | None = None,
    shown: dict[str, Any] | None = None,
) -> Response:
    """The whole page, or for htmx what it tells of the files."""
    bad = fault is not None or (shown is not None and (shown["refused"] or shown["changed"]))
    is_fragment = wants_fragment(request)
    return render(
        request,
        "exchange/_outcome.html" if is_fragment else "exchange/import.html",
        UNPROCESSABLE if bad else 200,
        caller=caller,
        clinic=clinic,
        typed=typed,
        fault=fault,
        shown=shown,
        is_fragment=is_fragment,
        formats=[format.shown for format in FORMATS.values()],
        format_names=list(FORMATS),
        adds_tasks=caller.may(clinic.id, *MANAGING),
        owners=_owners(session, clinic) if caller.may(clinic.id, Role.ADMIN) else [],
    )


def _owners(session: Session, clinic: Clinic) -> list[Member]:
    return [member for member in members(session, clinic) if member.role in OBSERVING]
