"""From grouped rows to the figures of tasks, categories and roles. Pure; every sum is exact to the ms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.summary.intervals import Interval, share_interval
from app.summary.labels import Labels
from app.summary.rounding import rounded_ms, whole_ms
from app.summary.rows import EpisodeRow, Header, OccurrenceRow, OutcomeRow, TimeRow
from app.timeline import TICKS

Figures = dict[str, Any]
BySession = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Observed:
    """Observed time of each session that has any, in ms, and together: what shares and rates are divided by."""

    by_session: dict[str, int]
    total_ms: int
    ticks: list[int]  # the same by session, in ticks

    def share(self, ms: int) -> float | None:
        return ms / self.total_ms if self.total_ms else None

    def interval(self, ticks: BySession) -> Interval | None:
        """Of the share whose person time in each session is given; a session without any may be left out."""
        return share_interval([ticks.get(id, 0) for id in self.by_session], self.ticks)


@dataclass(frozen=True, slots=True)
class TaskTime:
    """One task over all sessions. `ticks`: person time by session; `person_ms`: all of it, in whole ms."""

    task: str
    category: str
    kind: str
    task_ms: int
    person_ms: int
    ticks: dict[str, int]


def observed_time(rows: Iterable[TimeRow]) -> Observed:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.session_id] += row.primary_ms
    by_session = {id: ms for id, ms in sorted(sums.items()) if ms}
    return Observed(by_session, sum(by_session.values()), [ms * TICKS for ms in by_session.values()])


def totals(rows: list[TimeRow]) -> dict[str, int]:
    """The figures of all observed time, in ms and in the order of the contract."""
    return {
        "observed_ms": sum(row.primary_ms for row in rows),
        "paused_ms": sum(row.paused_ms for row in rows),
        "idle_ms": sum(row.idle_ticks for row in rows) // TICKS,
        "multitask_ms": sum(row.multitask_ms for row in rows),
        "interruption_ms": sum(row.interruption_ms for row in rows),
        "unscheduled_ms": rounded_ms(sum(row.unscheduled_ticks for row in rows)),
        "edited_ms": sum(row.edited_ms for row in rows),
        "uncertain_ms": sum(row.uncertain_ms for row in rows),
    }


def unscheduled_share(rows: Iterable[TimeRow], observed: Observed, unscheduled_ms: int) -> Figures:
    """The share of observed time that went into work nobody scheduled: what the summary's first sentence tells."""
    ticks: dict[str, int] = defaultdict(int)
    for row in rows:
        ticks[row.session_id] += row.unscheduled_ticks
    interval = observed.interval(ticks)
    return {"unscheduled_share": observed.share(unscheduled_ms), **low_and_high("unscheduled_share", interval)}


def task_times(rows: Iterable[TimeRow]) -> list[TaskTime]:
    """By task; in whole ms they add up to all observed time in which a task ran."""
    task_ms: dict[tuple[str, str, str], int] = defaultdict(int)
    ticks: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.task is not None and row.category is not None and row.kind is not None:
            key = row.task, row.category, row.kind
            task_ms[key] += row.task_ms
            ticks[key][row.session_id] += row.person_ticks
    person_ms = whole_ms({key: sum(ticks[key].values()) for key in sorted(ticks)})
    return [TaskTime(*key, task_ms[key], person_ms[key], dict(ticks[key])) for key in sorted(ticks)]


def tasks(
    times: Iterable[TaskTime],
    occurrences: Iterable[OccurrenceRow],
    outcomes: Iterable[OutcomeRow],
    observed: Observed,
    labels: Labels,
    weekly_hours: int,
) -> list[Figures]:
    """Every task that ran, began or was broken into in the window, by person time, then code."""
    by_task: dict[str, list[TaskTime]] = defaultdict(list)
    for time in times:
        by_task[time.task].append(time)
    done = {row.task: row for row in occurrences}
    broken: dict[str, int] = defaultdict(int)
    for row in outcomes:
        if row.task is not None:
            broken[row.task] += row.n
    rows = [
        _task(code, by_task.get(code, []), observed, labels, weekly_hours)
        | _occurrences(done.get(code), broken.get(code, 0))
        for code in by_task.keys() | done.keys() | broken.keys()
    ]
    return sorted(rows, key=lambda row: (-row["person_ms"], row["task"]))


def _task(code: str, times: list[TaskTime], observed: Observed, labels: Labels, weekly_hours: int) -> Figures:
    known = labels.tasks.get(code)
    person_ms = sum(time.person_ms for time in times)
    share = observed.share(person_ms)
    return {
        "task": code,
        "label": labels.task(code),
        "category": known.category if known else next((time.category for time in times), None),
        "kind": known.kind if known else next((time.kind for time in times), None),
        "scheduled": known.scheduled if known else None,
        "task_ms": sum(time.task_ms for time in times),
        "person_ms": person_ms,
        "share": share,
        **low_and_high("share", observed.interval(together(time.ticks for time in times))),
        "hours_per_week": None if share is None else share * weekly_hours,
    }


def _occurrences(row: OccurrenceRow | None, interruptions: int) -> Figures:
    completed = row.completed if row else 0
    return {
        "occurrences": row.occurrences if row else 0,
        "completed": completed,
        "mean_active_ms": (2 * row.completed_active_ms + completed) // (2 * completed) if row and completed else None,
        "interruptions": interruptions,
    }


def categories(times: Iterable[TaskTime], observed: Observed, labels: Labels) -> list[Figures]:
    """By the category that each session's own list gave its tasks; by person time, then code."""
    by_category: dict[str, list[TaskTime]] = defaultdict(list)
    for time in times:
        by_category[time.category].append(time)
    rows = []
    for code, held in by_category.items():
        person_ms = sum(time.person_ms for time in held)
        rows.append(
            {
                "category": code,
                "label": labels.category(code),
                "task_ms": sum(time.task_ms for time in held),
                "person_ms": person_ms,
                "share": observed.share(person_ms),
                **low_and_high("share", observed.interval(together(time.ticks for time in held))),
            }
        )
    return sorted(rows, key=lambda row: (-row["person_ms"], row["category"]))


def by_staff_role(
    rows: Iterable[TimeRow],
    episodes: Iterable[EpisodeRow],
    headers: Mapping[str, Header],
    observed: Observed,
    unscheduled_ms: int,
) -> list[Figures]:
    unscheduled: dict[str, int] = defaultdict(int)
    interruptions: dict[str, int] = defaultdict(int)
    for row in rows:
        unscheduled[headers[row.session_id].staff_role] += row.unscheduled_ticks
    for episode in episodes:
        if episode.session_id in headers:
            interruptions[headers[episode.session_id].staff_role] += episode.n
    whole = whole_ms(dict(sorted(unscheduled.items())), unscheduled_ms)
    sessions: dict[str, list[int]] = defaultdict(list)
    for id, ms in observed.by_session.items():
        sessions[headers[id].staff_role].append(ms)
    return [
        {
            "staff_role": role,
            "sessions": len(sessions[role]),
            "observed_ms": sum(sessions[role]),
            "unscheduled_ms": whole[role],
            "interruptions": interruptions[role],
        }
        for role in sorted(sessions)
    ]


def together(parts: Iterable[BySession]) -> dict[str, int]:
    """Added up session by session."""
    sums: dict[str, int] = defaultdict(int)
    for part in parts:
        for id, ticks in part.items():
            sums[id] += ticks
    return dict(sums)


def low_and_high(name: str, interval: Interval | None) -> dict[str, float | None]:
    """`name`_low and `name`_high; both None where there is too little data."""
    low, high = interval if interval is not None else (None, None)
    return {f"{name}_low": low, f"{name}_high": high}
