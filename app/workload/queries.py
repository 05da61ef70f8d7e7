"""Reads what workload hours are reckoned from: eight or nine SELECTs, whatever the number of events behind them.

Unit times and shares are those of the observed sessions of the days asked for; where nobody observed on them (a week
to come), of the 13 weeks before. Where sessions of MAs are among them, only those.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.roster.queries import Scheduled, scheduled
from app.summary import session_queries
from app.summary.days import day_logs
from app.summary.labels import Labels, labels
from app.summary.queries import Scope, trigger_times
from app.summary.session_queries import TaskHourRow
from app.summary.watched import Watched, watched
from app.summary.window import Filters, Window
from app.workload.basis import Basis, Day, Extra
from app.workload.choices import Chosen
from app.workload.models import Choices, Plan
from app.workload.observed import Observed, figures

DAYS_BEFORE = 91
STAFF_ROLE = "MA"
MOST_DAYS = 92  # on a page, which carries them all for its what-if, and in a workbook


@dataclass(frozen=True, slots=True)
class Gathered:
    """The basis, and what a page tells beside it."""

    basis: Basis
    observed: Observed
    chosen: Chosen
    labels: Labels
    has_roster: bool
    has_volumes: bool
    by_share: list[tuple[str, str, bool, bool]]  # task, counter it has no standard for; whether unit time, volume known


def are_few(window: Window) -> bool:
    """Whether required hours of these days are shown to people; programs may ask for more."""
    return (window.last - window.first).days < MOST_DAYS


def gather(session: Session, clinic: Clinic, window: Window, *, sinks: bool = False) -> Gathered:
    """Whoever calls freshens the slices first. `sinks`: also what each trigger takes, for a what-if."""
    chosen = choices(session, clinic)
    known = labels(session, clinic)
    roster = scheduled(session, clinic, window.first, window.last)
    logs = day_logs(session, clinic, Window(_before(window.first), window.last))
    found, scope, rows = _observed(session, clinic, window)
    uncoded = _uncoded(session, scope) if sinks else {}
    logged = {day: log["volumes"] for day, log in logs.items() if log.get("volumes")}
    counters = {counter for volumes in logged.values() for counter in volumes}
    observed = Observed(found, rows, uncoded, counters)
    standards, allowances, by_share = figures(chosen, known, observed, clinic.weekly_hours)
    basis = Basis(
        clinic=clinic.slug,
        first=window.first.isoformat(),
        last=window.last.isoformat(),
        weekly_hours=clinic.weekly_hours,
        absent_days=chosen.absent_days,
        sessions=len(found.sessions),
        observed_from=scope.window.first.isoformat() if found.sessions else None,
        observed_to=scope.window.last.isoformat() if found.sessions else None,
        standards=standards,
        allowances=allowances,
        extras=[Extra(label=extra.label, hours=extra.hours) for extra in chosen.extras],
        spread=observed.spread(standards, allowances),
        profile=observed.profiles(standards, allowances),
        presence=observed.presence(),
        days=list(_days(window, roster, logged, {one.counter for one in standards})),
        days_asked=(window.last - window.first).days + 1,
        week_hours=roster.week_hours,
        sinks=observed.sink_parts(),
    )
    return Gathered(basis, observed, chosen, known, bool(roster.hours), bool(logged), by_share)


def choices(session: Session, clinic: Clinic) -> Chosen:
    """The newest; what is preset as long as nobody chose."""
    newest = select(Choices.body).where(Choices.clinic_id == clinic.id).order_by(Choices.id.desc()).limit(1)
    body = session.execute(newest).scalar()
    return Chosen() if body is None else Chosen.model_validate_json(body)


def plans(session: Session, clinic: Clinic) -> list[Plan]:
    """What-ifs that have a name, by it."""
    return list(session.execute(select(Plan).where(Plan.clinic_id == clinic.id).order_by(Plan.name)).scalars())


def _observed(session: Session, clinic: Clinic, window: Window) -> tuple[Watched, Scope, list[TaskHourRow]]:
    earlier = Window(_before(window.first), window.first)
    for days in (window, earlier):
        for role in (STAFF_ROLE, None):
            scope = Scope(clinic.id, days, Filters(staff_role=role))
            rows = session_queries.session_tasks(session, scope)
            if any(row.primary_ms for row in rows):
                found = watched(rows, session_queries.session_counts(session, scope))
                return found, scope, session_queries.task_hours(session, scope)
    return watched([], []), scope, []


def _uncoded(session: Session, scope: Scope) -> dict[str, int]:
    """Ticks inside interruptions without a task, by trigger."""
    sums: dict[str, int] = defaultdict(int)
    for row in trigger_times(session, scope):
        sums[row.trigger] += row.uncoded_ticks
    return {trigger: ticks for trigger, ticks in sums.items() if ticks}


def _before(day: date) -> date:
    return day - timedelta(days=DAYS_BEFORE)


# --- days ------------------------------------------------------------------------------------------------------------


def _days(
    window: Window, roster: Scheduled, logged: Mapping[str, dict[str, int]], counters: Iterable[str]
) -> Iterable[Day]:
    """The days on which somebody is scheduled, or volumes were logged. Without a roster: on which they were logged, or,
    where none was (a week to come), those weekdays on which they usually are.
    """
    usual = _Usual(logged)
    some_logged = any(day in logged for day in window.days())
    for n in range((window.last - window.first).days + 1):
        when = window.first + timedelta(days=n)
        day, weekday = when.isoformat(), when.isoweekday()
        hours, volumes = roster.hours.get(day), logged.get(day)
        is_open = sum(hours) > 0 if hours is not None else not some_logged and weekday in usual.weekdays
        if volumes or is_open:
            told = {counter: usual.volume(counter, weekday) for counter in counters} | (volumes or {})
            of_day = {counter: float(n) for counter, n in sorted(told.items()) if n is not None}
            yield Day(day=day, weekday=weekday, hours=hours, volumes=of_day, is_logged=bool(volumes))


class _Usual:
    """What is usual on a weekday: the mean of its logged days, or of all logged days where it has none."""

    def __init__(self, logged: Mapping[str, Mapping[str, int]]) -> None:
        self._by_weekday: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._all: dict[str, list[int]] = defaultdict(list)
        self.weekdays: set[int] = set()
        for day, volumes in logged.items():
            weekday = date.fromisoformat(day).isoweekday()
            self.weekdays.add(weekday)
            for counter, n in volumes.items():
                self._by_weekday[counter, weekday].append(n)
                self._all[counter].append(n)

    def volume(self, counter: str, weekday: int) -> float | None:
        found = self._by_weekday.get((counter, weekday)) or self._all.get(counter)
        return fmean(found) if found else None
