"""The writers of who works in a clinic, and as what."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.errors import BadRequest, NotFound
from app.i18n import _
from app.people.accounts import add_person, give_role, make_link
from app.people.models import Membership, Person, Role


def invite(
    session: Session, clinic: Clinic, *, email: str, name: str, role: Role, at: int, hours: int, by: str | None
) -> tuple[Person, str | None]:
    """A new member, and the secret of the invitation; None for somebody who has an account already.

    `by`: who invites; None is a command. Raises BadRequest for a bad address or name, and for a member: whose role is
    changed in the list, in plain sight.
    """
    person = add_person(session, email=email, name=name, at=at)
    if session.get(Membership, (person.id, clinic.id)) is not None:
        raise BadRequest(_("{email} is in this clinic already.").format(email=person.email), code="bad_email")
    give_role(session, person, clinic.id, role, at, by=by)
    # with a password there is somebody already, whom an invitation must not lock out
    is_free = person.password_hash is None and is_only_here(session, clinic, person)
    return person, _link(session, person, clinic, at, hours, by) if is_free else None


def member(session: Session, clinic: Clinic, person_id: str) -> Person:
    """Raises NotFound for a person who has no role in this clinic."""
    if session.get(Membership, (person_id, clinic.id)) is None:
        raise NotFound(_("There is no such person in this clinic."))
    return session.get_one(Person, person_id)


def invite_again(session: Session, clinic: Clinic, person_id: str, at: int, hours: int, by: str) -> tuple[Person, str]:
    """A new link for a member who never used theirs, or forgot the password: which is valid until the link is used.

    Raises BadRequest where that would hand over an account that is another clinic's too.
    """
    person = member(session, clinic, person_id)
    if not is_only_here(session, clinic, person):
        raise elsewhere_too(person)
    return person, _link(session, person, clinic, at, hours, by)


def elsewhere_too(person: Person) -> BadRequest:
    """What an admin is told who asks for a link to an account that is not this clinic's alone."""
    sentence = _(
        "{name} belongs to another clinic too, so no link to this account can be made here. Whoever runs the server "
        "can: timesink person add, with --new-link."
    )
    return BadRequest(sentence.format(name=person.name), code="has_account")


def is_only_here(session: Session, clinic: Clinic, person: Person) -> bool:
    """Whether a link to this person's account gives nothing but what this clinic's admin may give.

    Whoever opens a link becomes that person: with a role elsewhere another clinic has already said who it is.
    """
    elsewhere = select(func.count()).where(Membership.person_id == person.id, Membership.clinic_id != clinic.id)
    return session.execute(elsewhere).scalar_one() == 0


def _link(session: Session, person: Person, clinic: Clinic, at: int, hours: int, by: str | None) -> str:
    record(session, at=at, action=Action.INVITED, person_id=by, clinic_id=clinic.id, about={"person": person.id})
    return make_link(session, person, at, hours)


def change_role(session: Session, clinic: Clinic, person_id: str, role: Role, at: int, by: str) -> Person:
    person = member(session, clinic, person_id)
    if role is not Role.ADMIN:
        _keep_an_admin(session, clinic, person)
    give_role(session, person, clinic.id, role, at, by=by)
    return person


def remove(session: Session, clinic: Clinic, person_id: str, at: int, by: str) -> Person:
    """Takes the role away. The account, and what the person observed, stay."""
    person = member(session, clinic, person_id)
    _keep_an_admin(session, clinic, person)
    held = session.get_one(Membership, (person.id, clinic.id))
    about = {"person": person.id, "role_before": held.role}
    session.delete(held)
    record(session, at=at, action=Action.ROLE_TAKEN, person_id=by, clinic_id=clinic.id, about=about)
    return person


def _keep_an_admin(session: Session, clinic: Clinic, person: Person) -> None:
    # locked, so that two admins who remove each other at the same moment do not both succeed
    admins = select(Membership.person_id).where(Membership.clinic_id == clinic.id, Membership.role == Role.ADMIN)
    if session.execute(admins.with_for_update()).scalars().all() == [person.id]:
        raise BadRequest(
            _("{name} is the only admin of this clinic. Make somebody else an admin first.").format(name=person.name),
            code="last_admin",
        )
