"""The writers of the roster. Each is told to the audit."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic, Roster, RosterDay
from app.clinics.roster.week import Change, Shift, as_json
from app.errors import NotFound
from app.i18n import _


def keep_week(
    session: Session, clinic: Clinic, shifts: Sequence[Shift], valid_from: str, *, at: int, by: str | None
) -> None:
    """From that day on the week is like this; no shifts: nobody is scheduled."""
    body = json.dumps(as_json(shifts))
    session.add(Roster(clinic_id=clinic.id, valid_from=valid_from, shifts=body, person_id=by, at=at))
    _tell(session, clinic, {"roster_from": valid_from}, at, by)


def keep_change(session: Session, clinic: Clinic, day: str, change: Change, *, at: int, by: str | None) -> None:
    session.add(_row(clinic, day, change, at, by))
    _tell(session, clinic, {"roster_day": day}, at, by)


def keep_days(
    session: Session, clinic: Clinic, days: Mapping[str, Iterable[Shift]], *, at: int, by: str | None
) -> None:
    """Shifts of their own for these days, in place of the week's and of such that were there before."""
    named = sorted(days)
    own = (RosterDay.clinic_id == clinic.id, RosterDay.kind == "instead")
    for first in range(0, len(named), 500):
        session.execute(delete(RosterDay).where(*own, RosterDay.day.in_(named[first : first + 500])))
    session.add_all(_row(clinic, day, Change("instead", tuple(days[day])), at, by) for day in named)
    if named:
        _tell(session, clinic, {"roster_day": named[0], "roster_days": len(named)}, at, by)


def take_back(session: Session, clinic: Clinic, change_id: int, *, at: int, by: str) -> None:
    """The day is again as the week has it. Raises NotFound for what is not this clinic's."""
    row = session.get(RosterDay, change_id)
    if row is None or row.clinic_id != clinic.id:
        raise NotFound(_("This was taken back already."))
    _tell(session, clinic, {"roster_day": row.day}, at, by)
    session.delete(row)


def _row(clinic: Clinic, day: str, change: Change, at: int, by: str | None) -> RosterDay:
    body = json.dumps(as_json(change.shifts))
    return RosterDay(clinic_id=clinic.id, day=day, kind=change.kind, shifts=body, person_id=by, at=at)


def _tell(session: Session, clinic: Clinic, about: dict[str, object], at: int, by: str | None) -> None:
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)
