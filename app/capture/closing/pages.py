"""Ending a forgotten session from a page: choose a time, see what it would leave out, take it back."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from app.capture.access import session_for
from app.capture.closing.close import Standing, TapsAfter, close, proposed, reopen, standing
from app.capture.models import ObservationSession
from app.capture.queries import session_header
from app.capture.story import words_of
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault
from app.people.access import Caller, SignedIn, StillHere
from app.people.models import MANAGING
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded, StillHere], include_in_schema=False)


@router.get("/sessions/{session_id}/close")
def closing(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
        found = standing(session, observed)
        if not found.t.open:
            return see_other(f"/sessions/{observed.id}")
        return _page(request, session, caller, observed, found)


@router.post("/sessions/{session_id}/close")
def close_session(
    session_id: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    at: Annotated[str, Form()] = "",
    anyway: Annotated[str, Form()] = "",
) -> Response:
    try:
        with held.write() as session:
            observed = session_for(session, caller, session_id, *MANAGING)
            zone = session.get_one(Clinic, observed.clinic_id).timezone
            # the yes holds for the time it was given to, not for one typed afterwards
            close(session, caller, observed, at, zone, now_ms(), anyway=anyway == at)
    except BadRequest as fault:
        with held.read() as session:
            observed = session_for(session, caller, session_id, *MANAGING)
            found = standing(session, observed)
            if found.t.open:
                return _page(request, session, caller, observed, found, at, fault)
    return see_other(f"/sessions/{session_id.lower()}")


@router.post("/sessions/{session_id}/reopen")
def reopen_session(session_id: str, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.write() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
        reopen(session, caller, observed, now_ms())
    return see_other(f"/sessions/{observed.id}")


def _page(
    request: Request,
    session: Session,
    caller: Caller,
    observed: ObservationSession,
    found: Standing,
    typed: str = "",
    fault: BadRequest | None = None,
) -> Response:
    clinic = session.get_one(Clinic, observed.clinic_id)
    shown: dict[str, Any] = {
        "session": session_header(session, caller, observed.id),
        "zone": clinic.timezone,
        "t": found.t,
        "last_at": found.last_at,
        "typed": typed or (proposed(found.last_at, clinic.timezone) if found.last_at is not None else ""),
        "later": fault.later if isinstance(fault, TapsAfter) else [],
        "words": words_of(parsed(session.get_one(TaskListVersion, observed.task_list_version_id).body)),
        "fault": Fault(fault.detail, "at") if fault else None,
    }
    if clinic.id in caller.roles:
        shown["clinic"] = clinic
    return render(request, "capture/close.html", UNPROCESSABLE if fault else 200, caller=caller, **shown)
