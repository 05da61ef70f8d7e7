"""What other rooms read of the clinic's own voice."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.reports.problems.changes import kind_names
from app.reports.problems.models import Change


@dataclass(frozen=True, slots=True)
class ChangeTried:
    """Something the clinic tries: `day` is the first on which it is so (before it is before, from it on is after).

    `kind`: a code of `changes.KINDS`; `label`: what people read, in the clinic's own words if it gave any.
    `problem_id`: the problem of the board that it answers, None if none.
    """

    id: str
    day: str
    kind: str
    label: str
    problem_id: str | None


def changes(session: Session, clinic: Clinic) -> list[ChangeTried]:
    """All that the clinic tries or has tried, oldest first; without what was noted by mistake."""
    rows = session.execute(
        select(Change.id, Change.day, Change.kind, Change.label, Change.problem_id)
        .where(Change.clinic_id == clinic.id, Change.withdrawn_at.is_(None))
        .order_by(Change.day, Change.id)
    )
    names = kind_names()
    return [ChangeTried(row.id, row.day, row.kind, row.label or names[row.kind], row.problem_id) for row in rows]
