"""Reading the roster: which week is valid on a day, what is different on it, and the MA hours that come of both."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic, Roster, RosterDay
from app.clinics.roster.week import Change, Shift, from_json, heads, heads_on, ma_hours


@dataclass(frozen=True, slots=True)
class Week:
    """One repeating week, valid from that day until the next one is."""

    valid_from: str
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Different:
    """One thing that is different on a day, as a person entered it."""

    id: int
    day: str
    change: Change


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The roster of some days. `hours`: MA hours by local hour, 0 to 23, of each day on which a roster is valid.
    `week_hours`: of the repeating week that is valid on the last of them.
    """

    hours: dict[str, list[float]]
    week_hours: float | None

    def total(self, day: str) -> float | None:
        return sum(self.hours[day]) if day in self.hours else None


def weeks(session: Session, clinic: Clinic) -> list[Week]:
    """By the day from which each is valid; of several for one day the newest. A clinic has some a year."""
    rows = session.execute(
        select(Roster.valid_from, Roster.shifts)
        .where(Roster.clinic_id == clinic.id)
        .order_by(Roster.valid_from, Roster.id)
    )
    newest: dict[str, str] = {valid_from: shifts for valid_from, shifts in rows}  # noqa: C416  mypy
    return [Week(valid_from, from_json(json.loads(shifts))) for valid_from, shifts in newest.items()]


def different_days(session: Session, clinic: Clinic, first: str, last: str) -> list[Different]:
    """What is different on the days from `first` to `last`, in order."""
    rows = session.execute(
        select(RosterDay.id, RosterDay.day, RosterDay.kind, RosterDay.shifts)
        .where(RosterDay.clinic_id == clinic.id, RosterDay.day.between(first, last))
        .order_by(RosterDay.day, RosterDay.id)
    )
    return [Different(id, day, Change(kind, from_json(json.loads(shifts)))) for id, day, kind, shifts in rows]


def week_on(found: list[Week], day: str) -> Week | None:
    """The one that is valid on that day."""
    place = bisect_right(found, day, key=lambda week: week.valid_from)
    return found[place - 1] if place else None


def scheduled(session: Session, clinic: Clinic, first: date, last: date) -> Scheduled:
    """The MA hours of every day from `first` to `last` for which a week is valid or shifts of its own were entered."""
    known = weeks(session, clinic)
    changes: dict[str, list[Change]] = defaultdict(list)
    for one in different_days(session, clinic, first.isoformat(), last.isoformat()):
        changes[one.day].append(one.change)
    hours: dict[str, list[float]] = {}
    day = first
    while day <= last:
        name = day.isoformat()
        week = week_on(known, name)
        if week is not None or name in changes:
            of_day = heads_on(week.shifts if week else (), changes[name], day.isoweekday())
            hours[name] = ma_hours(of_day, day, clinic.timezone)
        day += timedelta(days=1)
    valid = week_on(known, last.isoformat())
    return Scheduled(hours, None if valid is None else hours_of_week(valid.shifts))


def hours_of_week(shifts: Sequence[Shift]) -> float:
    """MA hours of a week without a change of clocks."""
    return sum(sum(heads(shifts, weekday)) for weekday in range(1, 8)) / 2
