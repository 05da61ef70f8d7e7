"""Reading the day log: one day, the two weeks with their gaps, and the visits of earlier days."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.models import DayLog, ObservationSession
from app.clinics.models import Clinic
from app.reports.day_log.fields import Log, flat

SPAN = 14  # days on one page: the summary's two weeks
HISTORY = 90  # logged days that say what is usual
FRIDAY = 5


@dataclass(frozen=True, slots=True)
class LoggedDay:
    """`log`: flat; empty where nothing was logged. `is_gap`: something should have been, and the day is over."""

    day: str
    log: Log
    observed: bool
    is_today: bool
    is_gap: bool


def log_of(session: Session, clinic_id: int, day: str) -> Log:
    """The day's log, flat; empty where there is none."""
    held = session.get(DayLog, (clinic_id, day))
    return flat(json.loads(held.body)) if held else {}


def logged_days(session: Session, clinic: Clinic, last: date, today: date) -> list[LoggedDay]:
    """The two weeks that end with `last`, newest first. Working days without a log are gaps: Monday to Friday, and
    any other on which somebody was observed.
    """
    days = [(last - timedelta(days=n)).isoformat() for n in range(SPAN)]
    logs = _logs(session, clinic.id, days[-1], days[0])
    observed = set(
        session.execute(
            select(ObservationSession.day)
            .where(
                ObservationSession.clinic_id == clinic.id,
                ObservationSession.mode == "observed",
                ObservationSession.day.between(days[-1], days[0]),
            )
            .distinct()
        ).scalars()
    )
    found = []
    for day in days:
        is_working = date.fromisoformat(day).isoweekday() <= FRIDAY or day in observed
        is_gap = is_working and day not in logs and day < today.isoformat()
        found.append(LoggedDay(day, logs.get(day, {}), day in observed, day == today.isoformat(), is_gap))
    return found


def _logs(session: Session, clinic_id: int, first: str, last: str) -> dict[str, Log]:
    rows = session.execute(
        select(DayLog.day, DayLog.body).where(DayLog.clinic_id == clinic_id, DayLog.day.between(first, last))
    )
    return {day: flat(json.loads(body)) for day, body in rows}


def logs_of(session: Session, clinic_id: int, days: Sequence[str]) -> dict[str, Log]:
    """The logs of these days, by day, for those that have one."""
    return _logs(session, clinic_id, min(days), max(days)) if days else {}


def visits_of_other_days(session: Session, clinic: Clinic, day: str) -> list[int]:
    """Visits on the newest logged days, without this one."""
    rows = session.execute(
        select(DayLog.body)
        .where(DayLog.clinic_id == clinic.id, DayLog.day != day)
        .order_by(DayLog.day.desc())
        .limit(HISTORY)
    )
    bodies: list[dict[str, Any]] = [json.loads(body) for (body,) in rows]
    visits = ((body.get("volumes") or {}).get("visits") for body in bodies)
    return [n for n in visits if n is not None]


def asked_by_day(session: Session, clinic_id: int, first: str, last: str) -> dict[str, list[str]]:
    """Codes of those asked at short notice, by day, for days on which it was said who was, or that nobody was."""
    rows = session.execute(
        select(DayLog.day, DayLog.body).where(DayLog.clinic_id == clinic_id, DayLog.day.between(first, last))
    )
    said = ((day, json.loads(body).get("flex_asks")) for day, body in rows)
    return {day: asked for day, asked in said if asked is not None}


def watched_codes(session: Session, clinic_id: int, first: str, last: str) -> set[str]:
    """Codes under which somebody was observed on these days."""
    found = select(ObservationSession.subject).where(
        ObservationSession.clinic_id == clinic_id,
        ObservationSession.mode == "observed",
        ObservationSession.day.between(first, last),
        ObservationSession.subject.is_not(None),
    )
    return {code for code in session.execute(found.distinct()).scalars() if code is not None}
