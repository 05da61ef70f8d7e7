"""Posters as a manager sees them listed."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.intake import local_day
from app.clinics.models import Clinic
from app.reports.models import Poster


@dataclass(frozen=True, slots=True)
class ShownPoster:
    """`state`: works, over or withdrawn."""

    id: str
    place: str
    until: str
    state: str
    coded_at: int


def posters(session: Session, clinic: Clinic, at: int) -> list[ShownPoster]:
    """Those that work first, then by place. `at`: now, ms."""
    rows = session.execute(select(Poster).where(Poster.clinic_id == clinic.id)).scalars()
    today = local_day(at, clinic.timezone)
    shown = [
        ShownPoster(row.id, row.place, row.until, _state(row, today), row.rotated_at or row.made_at) for row in rows
    ]
    return sorted(shown, key=lambda one: (one.state != "works", one.place.casefold(), one.id))


def _state(poster: Poster, today: str) -> str:
    if poster.revoked_at is not None:
        return "withdrawn"
    return "works" if today <= poster.until else "over"
