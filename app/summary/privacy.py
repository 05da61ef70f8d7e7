"""What people say or time themselves is shown pooled, and no cell of fewer than k of them (DOMAIN.md, Privacy). Pure.

Nor one from which such a cell can be derived: where cells add up to a known whole, hiding a single one would hide
nothing, and neither would hiding several that together stand for fewer than k people.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from typing import Any

from app.summary.figures import Figures
from app.summary.queries import EpisodeRow, ReportRow, TimeRow
from app.summary.sinks import ranked

FEWEST_PEOPLE = 3

Cell = tuple[str, str]  # source and code
IDLE: Cell = ("idle", "")
UNCODED: Cell = ("uncoded", "")

# figures of the self-timed sessions that are never cut finer than all of them together
NEVER_IN_DETAIL = ("by_staff_role", "sinks_unscheduled", "hours", "by_day", "counts")
WHAT_A_TASK_IS = ("task", "label", "category", "kind", "scheduled")
NEVER_OF_A_TASK = ("occurrences", "completed", "mean_active_ms", "interruptions")
NEVER_OF_INTERRUPTIONS = ("prompts", "both", "outcomes", "resume_ms_median", "by_trigger", "by_task")
UNSCHEDULED = ("unscheduled_ms", "unscheduled_share", "unscheduled_share_low", "unscheduled_share_high")
FROM_SESSIONS = (
    *("sessions", "open_sessions", "people", "observers", "days", "day_types"),
    *("observed_ms", "paused_ms", "idle_ms", "multitask_ms", "interruption_ms", *UNSCHEDULED),
    *("edited_ms", "uncertain_ms", "tasks", "categories", "by_staff_role", "sinks", "sinks_unscheduled"),
    *("interruptions", "hours", "by_day", "counts"),
)


def smallest_cell(asked_for: int) -> int:
    """k: what the clinic has set, but never below three."""
    return max(FEWEST_PEOPLE, asked_for)


def reports(rows: Iterable[ReportRow], k: int) -> tuple[list[Figures], list[str]]:
    """What MAs reported, by stealer, and the names of what is withheld: fewer than k people reported it."""
    shown, withheld = [], []
    for row in rows:
        enough, enough_minutes = row.people >= k, row.people_with_minutes >= k
        shown.append(
            {
                "stealer": row.stealer,
                "count": row.n if enough else None,
                "minutes": row.minutes if enough_minutes else None,
            }
        )
        if not enough:
            withheld.append(f"reports.{row.stealer}")
        elif not enough_minutes:
            withheld.append(f"reports.{row.stealer}.minutes")
    return shown, withheld


def protect_pool(
    summary: Figures,
    rows: Collection[TimeRow],
    episodes: Iterable[EpisodeRow],
    people: Mapping[str, str],
    k: int,
) -> Figures:
    """The summary of self-timed sessions without what fewer than k people stand behind.

    `people`: who timed each session that has observed time. Shown at all: totals, tasks and categories; details by
    hour, day, trigger or role would need many more people than a clinic has. Without k people, nothing is shown.
    """
    if len(set(people.values())) < k:
        return _emptied(summary)
    cells = _people_behind_cells(rows, people)
    hidden = cells_to_hide(cells, k)
    totals = _totals_to_hide(rows, people, hidden, k)
    interruptions, rates = _interruptions(summary["interruptions"], episodes, people, k)
    return (
        summary
        | {name: _empty(summary[name]) for name in (*NEVER_IN_DETAIL, *totals)}
        | {
            "tasks": [_task(row, hidden) for row in summary["tasks"] if ("task", row["task"]) in cells],
            "sinks": _sinks(summary["sinks"], hidden),
            "interruptions": interruptions,
            "withheld": [
                *summary["withheld"],
                *NEVER_IN_DETAIL,
                "sinks.trigger",
                *(f"tasks.{name}" for name in NEVER_OF_A_TASK),
                *(f"interruptions.{name}" for name in (*NEVER_OF_INTERRUPTIONS, *rates)),
                *totals,
                *sorted(f"tasks.{code}" for source, code in hidden if source == "task"),
            ],
        }
    )


def cells_to_hide(people: Mapping[Cell, Set[str]], k: int) -> set[Cell]:
    """Of cells that add up to a known whole, those not to be shown; `people`: who stands behind each.

    Those of fewer than k people (a cell of nobody is empty, and says so), and further ones, those of the fewest people
    first, until the hidden ones are at least two and together stand for at least k people.
    """
    hidden = {cell for cell, who in people.items() if 0 < len(who) < k}
    others = sorted((cell for cell, who in people.items() if len(who) >= k), key=lambda cell: (len(people[cell]), cell))
    while hidden and others and (len(hidden) == 1 or len(set().union(*(people[cell] for cell in hidden))) < k):
        hidden.add(others.pop(0))
    return hidden


def _people_behind_cells(rows: Iterable[TimeRow], people: Mapping[str, str]) -> dict[Cell, set[str]]:
    """Who stands behind each of the cells that observed time splits into: its tasks, idle, and uncoded time."""
    behind: dict[Cell, set[str]] = defaultdict(set)
    for row in rows:
        if row.session_id not in people:
            continue
        who = people[row.session_id]
        if row.task is not None:
            behind["task", row.task].add(who)
        elif row.idle_ticks:
            behind[IDLE].add(who)
        if row.task is None and row.person_ticks > row.idle_ticks:
            behind[UNCODED].add(who)
    return behind


def _totals_to_hide(rows: Collection[TimeRow], people: Mapping[str, str], hidden: Set[Cell], k: int) -> list[str]:
    """Names of totals that fewer than k people make up, or from which a hidden cell could be derived."""
    names = []
    for name in ("paused_ms", "multitask_ms", "interruption_ms", "edited_ms", "uncertain_ms"):
        who = {people[row.session_id] for row in rows if row.session_id in people and getattr(row, name)}
        if 0 < len(who) < k:
            names.append(name)
    if IDLE in hidden:
        names.append("idle_ms")
    return [*names, *UNSCHEDULED, "categories"] if hidden else names


def _interruptions(
    figures: Figures, episodes: Iterable[EpisodeRow], people: Mapping[str, str], k: int
) -> tuple[Figures, tuple[str, ...]]:
    """Their number and rate alone; and the names of these, where too few people were interrupted."""
    shown = figures | {name: _empty(figures[name]) for name in NEVER_OF_INTERRUPTIONS}
    interrupted = {people[row.session_id] for row in episodes if row.session_id in people}
    rates = ("count", "per_hour", "per_hour_low", "per_hour_high") if 0 < len(interrupted) < k else ()
    return shown | dict.fromkeys(rates), rates


def _task(row: Figures, hidden: Set[Cell]) -> Figures:
    if ("task", row["task"]) in hidden:
        return {name: value if name in WHAT_A_TASK_IS else None for name, value in row.items()}
    return row | dict.fromkeys(NEVER_OF_A_TASK)


def _sinks(entries: Iterable[Figures], hidden: Set[Cell]) -> list[Figures]:
    """The tasks that are shown, ranked among themselves."""
    kept = [entry for entry in entries if entry["source"] == "task" and ("task", entry["code"]) not in hidden]
    codes = {entry["code"] for entry in kept}
    tied = [entry | {"tied_with": [code for code in entry["tied_with"] if code in codes]} for entry in kept]
    return ranked(tied)


def _emptied(summary: Figures) -> Figures:
    empty = {name: _empty(summary[name]) for name in FROM_SESSIONS}
    return summary | empty | {"withheld": [*summary["withheld"], *FROM_SESSIONS]}


def _empty(value: Any) -> Any:
    """Lists without entries; of an object with fixed names each figure null; else null."""
    if isinstance(value, list):
        return []
    if isinstance(value, dict):
        return {name: _empty(part) for name, part in value.items()}
    return None
