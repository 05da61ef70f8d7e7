"""DELETE /api/v1/sessions/{id}: erasure, for an admin of the session's clinic (CONTRACT.md, HTTP)."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.capture.access import session_for
from app.capture.models import ObservationSession
from app.custody.erase import Order, erase_session
from app.custody.erasing import erasing
from app.db import DatabaseHeld, now_ms
from app.errors import Forbidden
from app.i18n import _
from app.people.access import Caller, SignedIn, secret_of
from app.people.models import Role
from app.web import refuse_foreign_origin


def _refuse_forged(request: Request) -> None:
    """A browser sends its cookie with any site's request; a program's token comes from the program alone."""
    carried = secret_of(request)
    if carried is not None and carried[0] == "browser":
        refuse_foreign_origin(request)


router = APIRouter(prefix="/api/v1", tags=["custody"], dependencies=[Depends(_refuse_forged)])


class Erased(BaseModel):
    """For the API's description. `erased_items`: how many ids stay taken."""

    session: str
    erased_items: int


@router.delete(
    "/sessions/{session_id}",
    summary="Erase a session for good",
    response_model=None,
    responses={200: {"model": Erased}},
)
def erase(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> dict[str, Any]:
    """Everything that was ever sent of it; its ids stay taken, so that a late phone brings nothing back. Audited."""
    with erasing(held, request.app.state.settings) as session:
        observed = _erasable(session, caller, session_id)
        erased = erase_session(session, observed.id, Order(observed.clinic_id, caller.id, now_ms()))
        return {"session": observed.id, "erased_items": erased.items}


def _erasable(session: Session, caller: Caller, session_id: str) -> ObservationSession:
    """As for reading it, but being its observer is not enough: what was seen belongs to the clinic."""
    observed = session_for(session, caller, session_id, Role.ADMIN)
    if not caller.may(observed.clinic_id, Role.ADMIN):
        raise Forbidden(_("Only an admin of the clinic may erase a session."))
    return observed
