"""Under which code somebody is observed and asked to flex: said once by the person, for the own figures alone."""

from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.items import check_word
from app.clinics.models import Clinic
from app.db import connection_of, insert_unless_there
from app.errors import BadRequest
from app.i18n import _
from app.people.access import Caller
from app.reports.day_log.models import OwnCode


def own_code(session: Session, caller: Caller, clinic: Clinic) -> str | None:
    held = session.get(OwnCode, (caller.id, clinic.id))
    return held.code if held else None


def say_own_code(session: Session, caller: Caller, clinic: Clinic, code: str, now: int) -> None:
    """Raises BadRequest for no code, and for one that another account has said is theirs. An earlier one of the same
    person must have been forgotten.

    Not written to the audit, which admins read: whose code is whose is for nobody to look up.
    """
    plain = as_kept(code)
    if check_word("code", plain):
        raise BadRequest(_("Type your code as it is used when you are observed, such as MA-02."), code="bad_code")
    row = {"person_id": caller.id, "clinic_id": clinic.id, "code": plain, "at": now}
    if not insert_unless_there(connection_of(session), OwnCode, [row], "code"):
        sentence = _("Another account has said that this code is theirs. If it is yours, tell an admin of your clinic.")
        raise BadRequest(sentence, code="bad_code")


def as_kept(code: str) -> str:
    return " ".join(code.split()).casefold()


def tell_freed(session: Session, clinic: Clinic, code: str, *, at: int, by: str) -> None:
    """To the audit: that an admin whom somebody asked took this code from whoever had said it was theirs.

    Who that was is told to nobody; the same whether anybody had said it or not.
    """
    about = {"freed": as_kept(code)}
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)
