"""The writer that turns an invitation into an account somebody can sign in to."""

from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.errors import BadRequest, NotFound
from app.i18n import _
from app.people.accounts import open_link, set_password, use_link
from app.people.models import Person


def invited(session: Session, secret: str, at: int) -> Person:
    """Whom a link that still works is for. Raises NotFound for any other link."""
    return session.get_one(Person, open_link(session, "invitation", secret, at).person_id)


def accept(session: Session, secret: str, *, name: str, password: str, at: int) -> Person:
    """Uses the link up and gives its person a name and a password.

    Raises NotFound for a link that does not work, BadRequest for a name or password unfit: then it still works.
    """
    link = open_link(session, "invitation", secret, at)
    if not use_link(session, link, at):
        raise NotFound(_("This link has just been used. Sign in with the password that was chosen."))
    person = session.get_one(Person, link.person_id)
    shown = name.strip()
    if not shown or len(shown) > 120:
        raise BadRequest(_("Give a name of at most 120 letters."), code="bad_name")
    person.name = shown
    set_password(session, person, password)
    record(session, at=at, action=Action.INVITATION_ACCEPTED, person_id=person.id, clinic_id=None)
    return person
