"""What is known of a clinic's days beside the observations: the day log, and whether it was a busy day."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.capture.models import DayLog, ObservationSession
from app.clinics.models import Clinic
from app.summary.window import Window
from app.timeline import hour_start, local_hour

Log = dict[str, Any]

# who was asked to stay late is for that person's own page, never for a manager's (DOMAIN.md, Privacy)
PERSONAL = "flex_asks"
KNOWN_TYPES = frozenset(("high", "typical", "low"))
BREAKS = ("breaks", "lunches")


def day_logs(session: Session, clinic: Clinic, window: Window) -> dict[str, Log]:
    """The day logs of the window by day, in order, without what concerns single people."""
    rows = session.execute(
        select(DayLog.day, DayLog.body)
        .where(DayLog.clinic_id == clinic.id, DayLog.day.between(window.first.isoformat(), window.last.isoformat()))
        .order_by(DayLog.day)
    )
    return {day: {k: v for k, v in json.loads(body).items() if k != PERSONAL} for day, body in rows}


def day_types(session: Session, clinic: Clinic, window: Window, logs: Mapping[str, Log]) -> dict[str, str]:
    """high, typical or low by day: as the day log says, else as the day's sessions say if they agree.

    Sessions of every mode and role speak, for it is the clinic's day; one over midnight speaks for both days. Days of
    which nothing is known are left out: they are `unknown`.
    """
    said = _said_by_sessions(session, clinic, window)
    agreed = {day: types.pop() for day, types in said.items() if len(types) == 1}
    return agreed | _logged(logs)


def disagreeing_days(session: Session, clinic: Clinic, window: Window) -> dict[str, set[str]]:
    """Days that are `unknown` though their sessions say something, for they do not say the same; what they say by day,
    in order. A day whose log says it is none of them.
    """
    said = _said_by_sessions(session, clinic, window)
    settled = _logged(day_logs(session, clinic, window))
    days = window.days()
    return {day: said[day] for day in sorted(said) if len(said[day]) > 1 and day not in settled and day in days}


def _said_by_sessions(session: Session, clinic: Clinic, window: Window) -> dict[str, set[str]]:
    said: dict[str, set[str]] = defaultdict(set)
    for begin_at, end_at, day_type in _observed_sessions(session, clinic, window):
        if day_type in KNOWN_TYPES and begin_at is not None and end_at is not None:
            for day in _days_between(begin_at, end_at, clinic.timezone):
                said[day].add(day_type)
    return said


def _logged(logs: Mapping[str, Log]) -> dict[str, str]:
    return {day: log["day_type"] for day, log in logs.items() if log.get("day_type") in KNOWN_TYPES}


def _observed_sessions(
    session: Session, clinic: Clinic, window: Window
) -> Iterable[Row[int | None, int | None, str | None]]:
    # a session is filed under the day of its begin: the day before may reach into the window
    first = (window.first - timedelta(days=1)).isoformat()
    return session.execute(
        select(ObservationSession.begin_at, ObservationSession.end_at, ObservationSession.day_type).where(
            ObservationSession.clinic_id == clinic.id,
            ObservationSession.day.between(first, window.last.isoformat()),
            ObservationSession.observed_ms > 0,
        )
    )


def _days_between(begin_at: int, end_at: int, zone: str) -> Iterable[str]:
    day = local_hour(hour_start(begin_at, zone), zone).day
    last = local_hour(hour_start(end_at - 1, zone), zone).day
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)


def volumes(logs: Iterable[Log]) -> dict[str, int]:
    """The clinic's own totals over the days logged, by counter."""
    sums: dict[str, int] = defaultdict(int)
    for log in logs:
        for counter, n in (log.get("volumes") or {}).items():
            sums[counter] += n
    return dict(sorted(sums.items()))


def breaks(logs: Iterable[Log]) -> dict[str, int]:
    """Breaks and lunches together, over the days on which any of it was logged; taken = due less missed."""
    with_breaks = [log for log in logs if any(name.startswith(BREAKS) for name in log)]
    due, late, missed = (
        sum(log.get(f"{kind}_{what}") or 0 for log in with_breaks for kind in BREAKS)
        for what in ("due", "late", "missed")
    )
    return {
        "days_logged": len(with_breaks),
        "due": due,
        "taken": max(0, due - missed),
        "late": late,
        "missed": missed,
    }
