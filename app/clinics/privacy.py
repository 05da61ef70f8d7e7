"""How small a cell may be shown, and for how many months what was recorded is kept: choices of the clinic."""

from datetime import date

from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.errors import BadRequest
from app.i18n import _

CELLS = (3, 50)  # people: fewer would be somebody, more would show nothing in any clinic
MONTHS = (1, 120)


def choose_privacy(session: Session, clinic: Clinic, cell: str, months: str, *, at: int, by: str) -> None:
    """`months` empty: everything is kept until it is erased by hand. Raises BadRequest, with a sentence."""
    k = _whole(cell, *CELLS)
    if k is None:
        raise BadRequest(_("Give a number of people from 3 to 50."), code="bad_cell")
    kept = _whole(months, *MONTHS)
    if kept is None and months:
        raise BadRequest(_("Give whole months, from 1 to 120, or leave it empty."), code="bad_months")
    if (k, kept) == (clinic.smallest_cell, clinic.retention_months):
        return
    clinic.smallest_cell, clinic.retention_months = k, kept
    about = {"smallest_cell": k, "retention_months": kept or "-"}
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)


def _whole(typed: str, least: int, most: int) -> int | None:
    fits = typed.isascii() and typed.isdecimal() and len(typed) < 5 and least <= int(typed) <= most
    return int(typed) if fits else None


def first_day_kept(today: date, months: int) -> date:
    """The same day so many months ago; the first of the next where that month has no such day."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    try:
        return date(year, month + 1, today.day)
    except ValueError:
        return date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
