"""What people say or time themselves is shown pooled, and no cell of fewer than k of them (DOMAIN.md, Privacy). Pure.

Nor one from which such a cell can be derived: where cells add up to a known whole, hiding a single one would hide
nothing, and neither would hiding several that together stand for fewer than k people. And where answers for different
days can be subtracted, the days are fixed periods (periods.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Any, Protocol, TypeVar

from app.summary.figures import Figures
from app.summary.periods import FEWEST_PEOPLE, Period, first_and_last, inside, is_over, monday_of, periods
from app.summary.rows import EpisodeRow, ReportRow, TimeRow
from app.summary.sinks import ranked
from app.summary.window import Window
from app.timeline import TICKS

FEWEST_DAYS = 3

T = TypeVar("T")

Cell = tuple[str, str]  # source and code
IDLE: Cell = ("idle", "")
UNCODED: Cell = ("uncoded", "")

# not from sessions: the question itself, the clinic's own day log, and the reports with a rule of their own
NOT_TIMED = frozenset(
    ("clinic", "from", "to", "timezone", "mode", "filters", "pooled", "volumes", "breaks", "reports", "withheld")
)
# of self-timed sessions only these can be shown at all; a figure that is new stays hidden until it is thought of here
PARTICIPATION = ("sessions", "open_sessions", "people", "observers", "days", "day_types", "protocol")
MADE_UP_OF_SESSIONS = ("paused_ms", "multitask_ms", "interruption_ms", "edited_ms", "uncertain_ms")
SHARES_OF_TIME = ("edited_share", "uncertain_share")
TOTALS = ("observed_ms", "idle_ms", *MADE_UP_OF_SESSIONS)
UNSCHEDULED = ("unscheduled_ms", "unscheduled_share", "unscheduled_share_low", "unscheduled_share_high")
POOLED = frozenset(
    (*PARTICIPATION, *TOTALS, *SHARES_OF_TIME, *UNSCHEDULED, "tasks", "categories", "sinks", "interruptions")
)
RATES = ("count", "per_hour", "per_hour_low", "per_hour_high")
WHAT_A_TASK_IS = ("task", "label", "category", "kind", "scheduled")
OF_A_TASK = (*WHAT_A_TASK_IS, "task_ms", "person_ms", "share", "share_low", "share_high", "hours_per_week")


def smallest_cell(asked_for: int) -> int:
    """k: what the clinic has set, but never below three."""
    return max(FEWEST_PEOPLE, asked_for)


def reports(rows: Iterable[ReportRow], window: Window, k: int) -> tuple[list[Figures], list[str]]:
    """What MAs reported, by stealer, in periods of enough of them, and the names of what is withheld.

    `rows`: of the days from which the periods of the window can be known (`periods.known_from`). Of a week that is not
    over not even the stealer is named: who looked before and after somebody had spoken would know what was said.
    """
    by_stealer: dict[str, dict[date, list[ReportRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        monday = monday_of(date.fromisoformat(row.day))
        if is_over(monday, window.today):
            by_stealer[row.stealer][monday].append(row)
    shown, withheld = [], []
    for stealer, by_week in sorted(by_stealer.items()):
        if not any(window.first <= date.fromisoformat(row.day) for rows in by_week.values() for row in rows):
            continue
        closed = inside(periods(by_week, _said_by_enough, k, window.today), window)
        told = [[row for week in period for row in by_week[week]] for period in closed]
        days = first_and_last(closed)
        least = [
            [row for week in period for row in by_week[week]]
            for period in periods(by_week, _said_by_enough, FEWEST_PEOPLE, window.today)
            if any(period[0] in weeks for weeks in closed)
        ]
        minutes = None if _minutes(least, FEWEST_PEOPLE) is None else _minutes(told, k)
        shown.append(
            {
                "stealer": stealer,
                "count": sum(row.n for rows in told for row in rows) if told else None,
                "minutes": minutes,
                "first_day": days[0] if days else None,
                "last_day": days[1] if days else None,
            }
        )
        if not told:
            withheld.append(f"reports.{stealer}")
        elif minutes is None:
            withheld.append(f"reports.{stealer}.minutes")
    return shown, withheld


class Said(Protocol):
    """`n` reports of one day: of the person with this account, or, without one, of anybody before a poster."""

    @property
    def day(self) -> str: ...
    @property
    def person_id(self) -> str | None: ...
    @property
    def n(self) -> int: ...


def are_enough(said: Iterable[Said], k: int) -> bool:
    """Whether at least k people said it, or k reports of nobody in particular on three days.

    People with an account are counted as people; whoever stood before a poster cannot be, so there reports are counted:
    five of one bad morning may be one person's. The two are not added up: somebody with an account may stand before a
    poster too.
    """
    people, anonymous, days = set(), 0, set()
    for one in said:
        if one.person_id is not None:
            people.add(one.person_id)
        else:
            anonymous += one.n
            days.add(one.day)
    return len(people) >= k or (anonymous >= k and len(days) >= FEWEST_DAYS)


def _said_by_enough(weeks: Collection[Collection[Said]], k: int) -> bool:
    return are_enough([one for week in weeks for one in week], k)


def _minutes(told: Collection[Collection[ReportRow]], k: int) -> float | None:
    """Of all periods together; None where too few people in one of them said how long it took, or nobody did."""
    timed = [[row._replace(n=row.timed) for row in rows if row.timed] for rows in told]
    if not any(timed) or any(rows and not are_enough(rows, k) for rows in timed):
        return None
    return sum(row.minutes or 0 for rows in timed for row in rows)


def enough_people(weeks: Iterable[Set[str]], k: int) -> bool:
    """Whether those who timed their own day in some weeks are at least k."""
    return len(set().union(*weeks)) >= k


def protect_pool(
    summary: Figures,
    rows: Iterable[TimeRow],
    episodes: Iterable[EpisodeRow],
    people: Mapping[str, str],
    pool: Sequence[Period],
    least: Sequence[Period],
    k: int,
) -> Figures:
    """The summary of self-timed sessions without what fewer than k people stand behind.

    `people`: who timed each session that has observed time. `pool`: the periods that the summary is of; `least`: those
    that they are made up of, of the smallest cells that any clinic may have. Shown at all:
    totals, tasks and categories; details by hour, day, trigger or role would need many more people than a clinic has.
    What is withheld in one period is withheld in whatever that period is a part of, so that every answer adds up
    figures which each period shows. Without a period, nothing is shown.
    """
    if not pool:
        return _without(summary, summary.keys() - NOT_TIMED)
    timed = [(row.day, row) for row in rows if row.session_id in people]
    broken = [(row.day, people[row.session_id]) for row in episodes if row.session_id in people]
    of = ((pool, k), (least, FEWEST_PEOPLE))
    parts = [(part, fewest) for some, fewest in of for part in _by_period(timed, some)]
    cells = [(_people_behind_cells(part, people), fewest) for part, fewest in parts]
    hidden = set().union(*(cells_to_hide(found, fewest) for found, fewest in cells))
    few_broken = any(_few(set(part), fewest) for some, fewest in of for part in _by_period(broken, some))
    names = (summary.keys() - NOT_TIMED - POOLED).union(
        *(_totals_to_hide(part, people, hidden, fewest) for part, fewest in parts)
    )
    shown_tasks = [row for row in summary["tasks"] if any(("task", row["task"]) in found for found, _fewest in cells)]
    pooled = summary | {
        "tasks": [_only(row, WHAT_A_TASK_IS if ("task", row["task"]) in hidden else OF_A_TASK) for row in shown_tasks],
        "sinks": _sinks(summary["sinks"], hidden),
        "interruptions": _only(summary["interruptions"], () if few_broken else RATES),
        "withheld": [
            *summary["withheld"],
            "sinks.trigger",
            *(f"interruptions.{name}" for name in summary["interruptions"] if name not in RATES),
            *(f"interruptions.{name}" for name in RATES if few_broken),
            *sorted({f"tasks.{name}" for row in shown_tasks for name in row if name not in OF_A_TASK}),
            *sorted(f"tasks.{code}" for source, code in hidden if source == "task"),
        ],
    }
    pooled = _without(pooled, names)
    return _without_task_time(pooled) if any(_few_shared(part, people, fewest) for part, fewest in parts) else pooled


def _by_period(found: Iterable[tuple[str, T]], pool: Sequence[Period]) -> list[list[T]]:
    """What lies in each of the periods; `found` with the days."""
    place = {monday: n for n, weeks in enumerate(pool) for monday in weeks}
    parts: list[list[T]] = [[] for _period in pool]
    for day, one in found:
        parts[place[monday_of(date.fromisoformat(day))]].append(one)
    return parts


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


def _few(people: Set[str], k: int) -> bool:
    """Whether there are too few to be shown. A figure of nobody is a plain zero."""
    return 0 < len(people) < k


def _people_behind_cells(rows: Iterable[TimeRow], people: Mapping[str, str]) -> dict[Cell, set[str]]:
    """Who stands behind each of the cells that observed time splits into: its tasks, idle, and uncoded time."""
    behind: dict[Cell, set[str]] = defaultdict(set)
    for row in rows:
        who = people[row.session_id]
        if row.task is not None:
            behind["task", row.task].add(who)
        elif row.idle_ticks:
            behind[IDLE].add(who)
        if row.task is None and row.person_ticks > row.idle_ticks:
            behind[UNCODED].add(who)
    return behind


def _totals_to_hide(rows: Collection[TimeRow], people: Mapping[str, str], hidden: Set[Cell], k: int) -> set[str]:
    """Names of totals that fewer than k people make up, or from which a hidden figure could be derived."""
    behind = {name: {people[row.session_id] for row in rows if getattr(row, name)} for name in MADE_UP_OF_SESSIONS}
    names = {name for name, who in behind.items() if _few(who, k)}
    names |= {share for share in SHARES_OF_TIME if share.replace("_share", "_ms") in names}
    # less the time inside interruptions, unscheduled time is that of a few tasks outside
    outside = {people[row.session_id] for row in rows if row.unscheduled_ticks > row.interruption_ms * TICKS}
    if hidden or _few(outside, k) or "interruption_ms" in names:
        names.update(UNSCHEDULED)
    if hidden:
        names.add("categories")  # less its tasks that are shown, a category is those that are not
    if IDLE in hidden:
        names.add("idle_ms")
    return names


def _few_shared(rows: Iterable[TimeRow], people: Mapping[str, str], k: int) -> bool:
    """Task time less person time is what a task shared with others: whether too few people did two at once."""
    sharing: dict[str | None, set[str]] = defaultdict(set)
    for row in rows:
        if row.task is not None and row.task_ms * TICKS > row.person_ticks:
            sharing[row.task].add(people[row.session_id])
    return any(_few(who, k) for who in sharing.values())


def _without_task_time(summary: Figures) -> Figures:
    hidden = {name: [row | {"task_ms": None} for row in summary[name]] for name in ("tasks", "categories")}
    return summary | hidden | {"withheld": [*summary["withheld"], "categories.task_ms", "tasks.task_ms"]}


def _sinks(entries: Iterable[Figures], hidden: Set[Cell]) -> list[Figures]:
    """The tasks that are shown, ranked among themselves."""
    kept = [entry for entry in entries if entry["source"] == "task" and ("task", entry["code"]) not in hidden]
    codes = {entry["code"] for entry in kept}
    tied = [entry | {"tied_with": [code for code in entry["tied_with"] if code in codes]} for entry in kept]
    return ranked(tied)


def _without(summary: Figures, names: Set[str]) -> Figures:
    """Without these figures, and with their names among the withheld."""
    in_order = [name for name in summary if name in names]
    return summary | {
        **{name: _empty(summary[name]) for name in in_order},
        "withheld": [*summary["withheld"], *in_order],
    }


def _only(figures: Figures, names: Collection[str]) -> Figures:
    return {name: value if name in names else _empty(value) for name, value in figures.items()}


def _empty(value: Any) -> Any:
    """Lists without entries; of an object with fixed names each figure null; else null."""
    if isinstance(value, list):
        return []
    if isinstance(value, dict):
        return {name: _empty(part) for name, part in value.items()}
    return None
