"""Sessions through a getter that knows the person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.models import ObservationSession
from app.errors import Forbidden, NotFound, NotYours
from app.i18n import _
from app.people.access import Caller
from app.people.models import MANAGING, Role


def sees_names(caller: Caller, observed: ObservationSession) -> bool:
    """Who watched, who was watched, and what the observer wrote down: for the observer and for admins alone."""
    return observed.person_id == caller.id or caller.may(observed.clinic_id, Role.ADMIN)


def session_for(session: Session, caller: Caller, session_id: str, *others: Role) -> ObservationSession:
    """The session, if it is the caller's own, or an observed one of a clinic where the caller has one of `others`.

    Raises NotFound without a role in its clinic (and for somebody else's self-timed day, which is nobody's business),
    Forbidden with a role too small.
    """
    observed = session.execute(
        select(ObservationSession).where(ObservationSession.id == session_id.lower())
    ).scalar_one_or_none()
    if observed is not None and observed.person_id == caller.id:
        return observed
    if observed is None or observed.clinic_id not in caller.roles or observed.mode == "self":
        refusal = NotFound if observed is None else NotYours
        raise refusal(_("There is no session with this id that you may see."))
    if not caller.may(observed.clinic_id, *others):
        by_role = {
            (Role.ADMIN,): _("Only the observer of a session and the clinic's admins may see this."),
            MANAGING: _("Only the observer of a session, managers and admins may see this."),
        }
        sentence = by_role.get(others, _("Only the observer of a session may see this."))
        raise Forbidden(sentence, clinic_id=observed.clinic_id)
    return observed
