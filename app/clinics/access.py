"""Clinics through a getter that knows the person: whoever has no role there does not learn that it exists."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.errors import Forbidden, NotYours
from app.i18n import _
from app.people.access import Caller
from app.people.models import Role


def clinic_for(session: Session, caller: Caller, slug: str, *roles: Role) -> Clinic:
    """The clinic, if the caller has one of `roles` there (any role if none is named).

    Raises NotYours (a NotFound) without a role in it, Forbidden with another one.
    """
    clinic = session.execute(select(Clinic).where(Clinic.slug == slug)).scalar_one_or_none()
    role = caller.roles.get(clinic.id) if clinic else None
    if clinic is None or role is None:
        raise NotYours(_("There is no clinic “{slug}” that you belong to.").format(slug=slug))
    if roles and role not in roles:
        sentence = _("Your role in this clinic ({role}) does not allow this.")
        raise Forbidden(sentence.format(role=role), clinic_id=clinic.id)
    return clinic


def clinics_of(session: Session, caller: Caller) -> list[Clinic]:
    """Those in which the caller has a role, by name."""
    if not caller.roles:
        return []
    mine = select(Clinic).where(Clinic.id.in_(caller.roles)).order_by(Clinic.name)
    return list(session.execute(mine).scalars())
