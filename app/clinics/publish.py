"""The writers of clinics and task lists."""

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic, TaskListVersion
from app.clinics.tasklist import TaskList, default_list
from app.clinics.zones import known_zones
from app.errors import BadRequest
from app.i18n import _


def create_clinic(session: Session, *, slug: str, name: str, timezone: str, at: int) -> Clinic:
    """A clinic with list `back-of-house`, version 1, published. Raises BadRequest for a slug, name or zone unfit."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 40:
        raise BadRequest(
            _("“{slug}” cannot be a clinic's short name: use small letters, digits and dashes.").format(slug=slug),
            code="bad_slug",
        )
    if not name.strip() or len(name) > 120:
        raise BadRequest(_("Give the clinic a name of at most 120 letters."), code="bad_name")
    if timezone not in known_zones():
        raise BadRequest(
            _("“{zone}” is no time zone this server knows: give a name such as America/Chicago.").format(zone=timezone),
            code="bad_timezone",
        )
    if session.execute(select(Clinic.id).where(Clinic.slug == slug)).first():
        raise BadRequest(_("There is a clinic “{slug}” already.").format(slug=slug), code="clinic_exists")
    clinic = Clinic(slug=slug, name=name.strip(), timezone=timezone, created_at=at)
    session.add(clinic)
    session.flush()
    publish(session, clinic, default_list(), at)
    return clinic


def publish(session: Session, clinic: Clinic, task_list: TaskList, at: int) -> TaskListVersion:
    """The next version of this list. Two publishing at once: the unique index lets one through."""
    highest = select(func.max(TaskListVersion.version)).where(
        TaskListVersion.clinic_id == clinic.id, TaskListVersion.code == task_list.code
    )
    version = TaskListVersion(
        clinic_id=clinic.id,
        code=task_list.code,
        version=(session.execute(highest).scalar() or 0) + 1,
        body=task_list.model_dump_json(),
        published_at=at,
    )
    session.add(version)
    session.flush()
    return version
