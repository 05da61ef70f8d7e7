"""Reading clinics and their published task lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.clinics.models import Clinic, TaskListVersion
from app.clinics.tasklist import TaskList
from app.people.models import Membership, Person, Role


@lru_cache(maxsize=64)
def parsed(body: str) -> TaskList:
    """Of a published version's `body`; keyed by the text itself, so that no other database's list can be meant."""
    return TaskList.model_validate_json(body)


def newest_version(session: Session, clinic: Clinic, code: str | None = None) -> TaskListVersion:
    """What a new session is coded with: the clinic's last published version (of list `code`, if given)."""
    published = select(TaskListVersion).where(TaskListVersion.clinic_id == clinic.id)
    if code is not None:
        published = published.where(TaskListVersion.code == code)
    return session.execute(published.order_by(TaskListVersion.id.desc()).limit(1)).scalar_one()


def version_of(session: Session, clinic: Clinic, code: str, version: int) -> TaskListVersion | None:
    """The one that a session was coded with."""
    its = (TaskListVersion.clinic_id == clinic.id, TaskListVersion.code == code, TaskListVersion.version == version)
    return session.execute(select(TaskListVersion).where(*its)).scalar_one_or_none()


def versions(session: Session, clinic_id: int) -> Sequence[TaskListVersion]:
    """All published versions of a clinic, newest first."""
    rows = select(TaskListVersion).where(TaskListVersion.clinic_id == clinic_id).order_by(TaskListVersion.id.desc())
    return session.execute(rows).scalars().all()


def clinic_by_slug(session: Session, slug: str) -> Clinic | None:
    """For commands, which nobody calls from outside; requests go through `access.clinic_for`."""
    return session.execute(select(Clinic).where(Clinic.slug == slug)).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role in a clinic. `accepted`: has signed in or could, for there is a password."""

    id: str
    name: str
    email: str
    role: Role
    accepted: bool
    only_here: bool


def members(session: Session, clinic: Clinic) -> list[Member]:
    """Everybody with a role in the clinic, by name."""
    other = aliased(Membership)
    others = select(func.count()).where(other.person_id == Person.id, other.clinic_id != clinic.id).scalar_subquery()
    rows = session.execute(
        select(Person.id, Person.name, Person.email, Membership.role, Person.password_hash.is_not(None), others)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.clinic_id == clinic.id)
        .order_by(func.lower(Person.name), Person.email)
    )
    return [
        Member(id, name, email, Role(role), accepted, elsewhere == 0)
        for id, name, email, role, accepted, elsewhere in rows
    ]
