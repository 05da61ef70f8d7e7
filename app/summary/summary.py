"""The summary of a clinic's observations: one answer, many faces: page, JSON, CSV, XLSX (CONTRACT.md, Summary)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.summary import cells, figures, privacy, queries
from app.summary.comparison.compare import compared, side
from app.summary.days import Log, breaks, day_logs, day_types, volumes
from app.summary.duties import on_few
from app.summary.figures import Figures, Observed
from app.summary.interruptions import interruptions
from app.summary.labels import Labels, labels
from app.summary.periods import (
    FEWEST_PEOPLE,
    Period,
    days_of,
    first_and_last,
    inside,
    known_from,
    monday_of,
    periods,
)
from app.summary.queries import Scope
from app.summary.reported import beside_interruptions, beside_observed
from app.summary.rows import (
    EpisodeRow,
    Header,
    HourRow,
    OccurrenceRow,
    OutcomeRow,
    PointRow,
    ReportRow,
    TimeRow,
    TransitionRow,
    TriggerRow,
)
from app.summary.sinks import sinks, unscheduled_sinks
from app.summary.units import counted_work, units
from app.summary.window import DAY_TYPES, Filters, Window

ALL = Filters()
PROTOCOL = {"high": 2, "low": 1}  # days that a study needs at least (DOMAIN.md)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a summary is made of, as read from the database."""

    scope: Scope
    pool: Sequence[Period] | None
    logs: dict[str, Log]
    types: dict[str, str]
    times: list[TimeRow]
    triggers: list[TriggerRow]
    hours: list[HourRow]
    occurrences: list[OccurrenceRow]
    episodes: list[EpisodeRow]
    outcomes: list[OutcomeRow]
    in_the_middle: list[int]
    points: list[PointRow]
    transitions: list[TransitionRow]
    headers: dict[str, Header]
    reports: list[ReportRow]
    labels: Labels


def summary(session: Session, clinic: Clinic, window: Window, filters: Filters = ALL) -> dict[str, Any]:
    """The figures of CONTRACT.md, Summary: durations in ms, shares from 0 to 1, null where there is too little data.

    Reads slices only: whoever calls freshens them first (`slices.freshen`). Anybody who may see the clinic's summary
    may see all of it: what is private is withheld already.
    """
    if filters.mode == "self":
        return _pooled(session, clinic, window)
    return _figures(clinic, gather(session, clinic, window, filters))


def _pooled(session: Session, clinic: Clinic, window: Window) -> dict[str, Any]:
    """Of self-timed sessions, in the periods inside the window in which at least k people timed their own day."""
    k = privacy.smallest_cell(clinic.smallest_cell)
    pool, least = _pool(session, clinic, window, k)
    gathered = gather(session, clinic, window, Filters(mode="self"), pool)
    found = _figures(clinic, gathered)
    return privacy.protect_pool(found, gathered.times, gathered.episodes, _owners(gathered), pool, least, k)


def _pool(session: Session, clinic: Clinic, window: Window, k: int) -> tuple[list[Period], list[Period]]:
    """The periods inside the window, and those of the smallest cells that they are made up of."""
    times = queries.times(session, Scope(clinic.id, known_from(window), Filters(mode="self")))
    headers = queries.headers(session, {row.session_id for row in times})
    people: dict[date, set[str]] = defaultdict(set)
    for row in times:
        if row.primary_ms:
            people[monday_of(date.fromisoformat(row.day))].add(headers[row.session_id].person_id)
    pool = inside(periods(people, privacy.enough_people, k, window.today), window)
    least = periods(people, privacy.enough_people, FEWEST_PEOPLE, window.today)
    return pool, [weeks for weeks in least if any(weeks[0] in period for period in pool)]


def gather(
    session: Session, clinic: Clinic, window: Window, filters: Filters, pool: Sequence[Period] | None = None
) -> Gathered:
    """`pool`: the periods to which sessions are held; the clinic's own day logs are those of the whole window."""
    logs = day_logs(session, clinic, window)
    types = day_types(session, clinic, window, logs)
    left = _days_left(window, filters, types)
    scope = Scope(clinic.id, window, filters, left if pool is None else days_of(pool))
    times = queries.times(session, scope)
    outcomes = queries.outcomes(session, scope)
    resumed = sum(row.n for row in outcomes if row.outcome == "resumed")
    return Gathered(
        scope=scope,
        pool=pool,
        logs={day: log for day, log in logs.items() if left is None or day in left},
        types=types,
        times=times,
        triggers=queries.trigger_times(session, scope),
        hours=queries.hours(session, scope),
        occurrences=queries.occurrences(session, scope),
        episodes=queries.episodes(session, scope),
        outcomes=outcomes,
        in_the_middle=queries.median_resumed(session, scope, resumed),
        points=queries.points(session, scope),
        transitions=queries.transitions(session, scope),
        headers=queries.headers(session, {row.session_id for row in times}),
        reports=queries.reports(session, replace(scope, window=known_from(window))),
        labels=labels(session, clinic),
    )


def _days_left(window: Window, filters: Filters, types: Mapping[str, str]) -> frozenset[str] | None:
    """The days of the type asked for; None if none was asked for."""
    if filters.day_type is None:
        return None
    return frozenset(day for day in window.days() if types.get(day, "unknown") == filters.day_type)


def _figures(clinic: Clinic, got: Gathered) -> Figures:
    """In the order of the contract."""
    observed = figures.observed_time(got.times)
    totals = figures.totals(got.times)
    times = figures.task_times(got.times)
    unscheduled_ms = totals["unscheduled_ms"]
    reports, withheld = _reports(clinic, got)
    broken_off = interruptions(got.episodes, got.outcomes, got.points, got.triggers, observed, got.in_the_middle)
    return {
        "clinic": clinic.slug,
        "from": got.scope.window.first.isoformat(),
        "to": got.scope.window.last.isoformat(),
        "timezone": clinic.timezone,
        "mode": got.scope.filters.mode,
        "filters": {name: value for name, value in asdict(got.scope.filters).items() if name != "mode"},
        "pooled": dict(zip(("first_day", "last_day"), first_and_last(got.pool or ()) or (None, None), strict=True)),
        **_participation(got, observed),
        **totals,
        "edited_share": observed.share(totals["edited_ms"]),
        "uncertain_share": observed.share(totals["uncertain_ms"]),
        **figures.unscheduled_share(got.times, observed, unscheduled_ms),
        "tasks": figures.tasks(times, got.occurrences, got.outcomes, observed, got.labels, clinic.weekly_hours),
        "categories": figures.categories(times, observed, got.labels),
        "by_staff_role": figures.by_staff_role(got.times, got.episodes, got.headers, observed, unscheduled_ms),
        "sinks": sinks(times, got.triggers, observed, got.labels),
        "sinks_unscheduled": unscheduled_sinks(got.times, got.triggers, unscheduled_ms, observed, got.labels),
        "interruptions": broken_off,
        "hours": cells.by_hour(got.hours, got.episodes, unscheduled_ms),
        "by_day": cells.by_day(got.times, got.episodes, got.points, got.hours, got.logs, got.types, unscheduled_ms),
        "counts": cells.counted(got.points),
        "volumes": volumes(got.logs.values()),
        "breaks": breaks(got.logs.values()),
        "reports": reports,
        "reported_observed": beside_observed(reports, {time.task: time.person_ms for time in times}, got.labels),
        "reported_interruptions": beside_interruptions(reports, broken_off["by_trigger"], got.labels),
        "units": units(counted_work(got.times, got.points), got.labels),
        "transitions": cells.transitions(got.transitions),
        "on_few": on_few(times, got.headers, observed),
        "high_low": _high_low(got),
        "withheld": withheld,
    }


def _reports(clinic: Clinic, got: Gathered) -> tuple[list[Figures], list[str]]:
    """Of days of one type they are withheld: what all days have less what those have is what the others have."""
    if got.scope.filters.day_type is not None:
        return [], ["reports"]
    return privacy.reports(got.reports, got.scope.window, privacy.smallest_cell(clinic.smallest_cell))


def _owners(got: Gathered) -> dict[str, str]:
    """Whose each session with observed time in the window is."""
    return {row.session_id: got.headers[row.session_id].person_id for row in got.times if row.primary_ms}


def _participation(got: Gathered, observed: Observed) -> Figures:
    """How many sessions, people and days the figures stand on."""
    headers = [got.headers[id] for id in observed.by_session]
    # whoever times the own day is the person watched
    watched = {header.person_id if got.scope.filters.mode == "self" else header.subject for header in headers}
    days = {row.day for row in got.times if row.primary_ms}
    types = [got.types.get(day, "unknown") for day in days]
    return {
        "sessions": len(headers),
        "open_sessions": sum(header.open for header in headers),
        "people": len(watched - {None}),
        "observers": len({header.person_id for header in headers}),
        "days": len(days),
        "day_types": {day_type: types.count(day_type) for day_type in DAY_TYPES},
        "protocol": {kind: {"wanted": wanted, "done": types.count(kind)} for kind, wanted in PROTOCOL.items()},
    }


def _high_low(got: Gathered) -> Figures:
    """High-volume days (a) against low-volume ones (b)."""
    a, b = (
        side(got.times, got.triggers, got.episodes, got.points, lambda day, kind=kind: got.types.get(day) == kind)  # type: ignore[misc]
        for kind in ("high", "low")
    )
    return {
        "a": {"day_type": "high", **a.size()},
        "b": {"day_type": "low", **b.size()},
        "rows": compared(a, b, got.labels),
    }
