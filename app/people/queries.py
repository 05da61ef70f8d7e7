"""Reading who people are."""

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.people.models import Membership, Person


def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Names by id, for those who may know whom they read about."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def belonging(clinic_id: int) -> Select[str, int]:
    """(person_id, since) of everybody with a role in the clinic; `since` in ms. For other queries to build on."""
    return select(Membership.person_id, Membership.created_at.label("since")).where(Membership.clinic_id == clinic_id)
