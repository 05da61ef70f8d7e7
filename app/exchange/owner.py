"""Whose the imported sessions are."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.errors import BadRequest
from app.i18n import _
from app.people.access import Caller
from app.people.accounts import person_by_email
from app.people.models import MANAGING, Membership, Person, Role

OBSERVING = (Role.OBSERVER, *MANAGING)


def owner_of(session: Session, clinic: Clinic, email: str | None) -> Caller:
    """The person with this e-mail address, or the clinic's first admin, as one who may observe there.

    Raises BadRequest if there is nobody such.
    """
    if email is None:
        return _first_admin(session, clinic)
    person = person_by_email(session, email)
    roles = _roles(session, person) if person is not None else {}
    if person is None or person.disabled_at is not None or roles.get(clinic.id) not in OBSERVING:
        raise BadRequest(
            _("{email} cannot own sessions of clinic “{slug}”: name an observer, manager or admin of it.").format(
                email=email, slug=clinic.slug
            ),
            code="bad_owner",
        )
    return _as_caller(person, roles)


def caller_for(session: Session, person_id: str) -> Caller | None:
    """The person with this id, as one who brings along the own roles; None if there is none."""
    person = session.get(Person, person_id)
    return None if person is None else _as_caller(person, _roles(session, person))


def _first_admin(session: Session, clinic: Clinic) -> Caller:
    admins = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.clinic_id == clinic.id, Membership.role == Role.ADMIN, Person.disabled_at.is_(None))
        .order_by(Membership.created_at, Person.id)
        .limit(1)
    )
    person = session.execute(admins).scalar_one_or_none()
    if person is None:
        raise BadRequest(
            _("Clinic “{slug}” has no admin: say whose the sessions are with --as.").format(slug=clinic.slug),
            code="bad_owner",
        )
    return _as_caller(person, _roles(session, person))


def _roles(session: Session, person: Person) -> dict[int, Role]:
    rows = select(Membership.clinic_id, Membership.role).where(Membership.person_id == person.id)
    return {row.clinic_id: Role(row.role) for row in session.execute(rows)}


def _as_caller(person: Person, roles: dict[int, Role]) -> Caller:
    return Caller(person.id, person.name, person.email, person.language, roles, secret="", seen_at=0)
