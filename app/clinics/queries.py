"""Reading clinics and their published task lists."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic, TaskListVersion
from app.clinics.tasklist import TaskList


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


def versions(session: Session, clinic_id: int) -> Sequence[TaskListVersion]:
    """All published versions of a clinic, newest first."""
    rows = select(TaskListVersion).where(TaskListVersion.clinic_id == clinic_id).order_by(TaskListVersion.id.desc())
    return session.execute(rows).scalars().all()


def clinic_by_slug(session: Session, slug: str) -> Clinic | None:
    """For commands, which nobody calls from outside; requests go through `access.clinic_for`."""
    return session.execute(select(Clinic).where(Clinic.slug == slug)).scalar_one_or_none()
