"""Reading the board: what is reported together, what was answered, and how long that took."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.capture.intake import local_day
from app.capture.models import Report
from app.clinics.models import Clinic
from app.clinics.queries import parsed, versions
from app.db import Database, insert_unless_there, new_id
from app.reports.enough import Voice, enough_since, minutes_of, to_withhold
from app.reports.problems.gather import Part, Rule, gather, lacking, root_of, splits
from app.reports.problems.models import Answer, Change, Problem
from app.summary.periods import monday_of, periods
from app.summary.privacy import are_enough, smallest_cell
from app.summary.window import today

STATES = ("new", "acknowledged", "decided", "done", "declined")
OPEN = ("new", "acknowledged")
SETTLED = ("done", "declined")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a problem's history: when (ms, and the local day), what was said, in which words, about which other
    problem.

    Who said it is not told: the clinic answers, not somebody. `change`: what a decision tries.
    """

    at: int
    day: str
    said: str
    text: str
    other: str | None
    change: Change | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A problem of the board. Figures are of whole weeks that are over (`summary.periods`), and None where they are
    withheld: by day, yesterday's board less that of the day before would be what one person said.

    `since`: the day with which enough had reported it, from which on it can be seen and so be answered.
    `days_to_answer`: local days from then to the first answer; None while there is none.
    """

    id: str
    parts: list[Part]  # what it gathers by rule: its own first, then what was merged into it
    state: str
    since: str
    reports: int | None
    days: int | None
    minutes: float | None
    history: list[Entry]
    days_to_answer: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """`median_days_to_answer` over the answered; `waiting` have none yet, the longest since `waiting_since`."""

    problems: list[Shown]
    answered: int
    waiting: int
    median_days_to_answer: float | None
    waiting_since: str | None


def freshen(held: Database, clinic: Clinic, now: int) -> None:
    """Makes the problem of every stealer that is reported and has none: to be called before a board is read."""
    with held.read() as session:
        missing = lacking(_rules(session, clinic), _parts(session, clinic, now))
    if missing:
        rows = [
            {"id": new_id(now), "clinic_id": clinic.id, "stealer": stealer, "trigger": "", "place": "", "made_at": now}
            for stealer in missing
        ]
        with held.write() as session:
            insert_unless_there(session.connection(), Problem, rows, "id")


def board(session: Session, clinic: Clinic, now: int) -> Board:
    """All problems that enough have reported, or that were answered: those that wait longest first."""
    rules = _rules(session, clinic)
    k = smallest_cell(clinic.smallest_cell)
    parts = _parts(session, clinic, now)
    gathered = gather(rules, parts)
    pools = _pools(parts, k, today(now, clinic.timezone))
    told = {id: _by_period(own, pools) for id, own in gathered.items()}
    hidden = _withheld(told, k)
    history = _histories(session, clinic)
    found = []
    for id, stands_for in _roots(rules).items():
        voices = [voice for some in gathered.get(id, {}).values() for voice in some]
        since = enough_since(voices, k)
        entries = history.get(id, [])
        if since is None and not entries:
            continue
        periods_of = list(told.get(id, {}).values())
        said = [voice for some in periods_of for voice in some]
        shown = id not in hidden and are_enough(said, k)
        found.append(
            Shown(
                id=id,
                parts=[rule.gathers for rule in stands_for],
                state=state_of(entries),
                since=since or entries[0].day,
                reports=sum(voice.n for voice in said) if shown else None,
                days=len({voice.day for voice in said}) if shown else None,
                minutes=minutes_of(periods_of, k) if shown else None,
                history=sorted(
                    (one for rule in stands_for for one in history.get(rule.id, [])), key=lambda one: one.at
                ),
                days_to_answer=_days_to_answer(since, entries),
            )
        )
    found.sort(key=lambda one: (STATES.index(one.state), one.since, one.id))
    return _with_times(found)


def seen_since(session: Session, clinic: Clinic, now: int) -> dict[str, str]:
    """By problem: the day with which enough had reported it; without those that too few did."""
    k = smallest_cell(clinic.smallest_cell)
    gathered = gather(_rules(session, clinic), _parts(session, clinic, now))
    found = {id: enough_since([voice for some in own.values() for voice in some], k) for id, own in gathered.items()}
    return {id: day for id, day in found.items() if day is not None}


def splittable(session: Session, clinic: Clinic, id: str, now: int) -> list[Part]:
    """What a manager may split off this problem."""
    rules = _rules(session, clinic)
    own = gather(rules, _parts(session, clinic, now)).get(id, {})
    return splits(own, rules, smallest_cell(clinic.smallest_cell))


def standing_for(session: Session, clinic: Clinic, id: str) -> str | None:
    """The problem that stands for this one: itself, or what it was merged into; None if the clinic has no such one."""
    rules = {rule.id: rule for rule in _rules(session, clinic)}
    return root_of(id, rules) if id in rules else None


def merged_into(session: Session, id: str) -> list[Part]:
    """What was merged into this problem and can be taken apart again, by rule."""
    rows = session.execute(select(Problem).where(Problem.merged_into == id).order_by(Problem.made_at)).scalars()
    return [Part(one.stealer, one.trigger, one.place) for one in rows]


def state_of(entries: Sequence[Entry]) -> str:
    """The last answer's; what was merged or split says nothing about it."""
    return next((entry.said for entry in reversed(entries) if entry.said in STATES), "new")


def names_of(session: Session, clinic: Clinic) -> dict[str, dict[str, str]]:
    """Labels of stealers and triggers by code, of every list the clinic has had, the newest word for each."""
    names: dict[str, dict[str, str]] = {"stealers": {}, "triggers": {}}
    for version in reversed(versions(session, clinic.id)):
        task_list = parsed(version.body)
        names["stealers"] |= {one.code: one.label for one in task_list.stealers}
        names["triggers"] |= {one.code: one.label for one in task_list.triggers}
    return names


def _rules(session: Session, clinic: Clinic) -> list[Rule]:
    rows = session.execute(select(Problem).where(Problem.clinic_id == clinic.id).order_by(Problem.made_at, Problem.id))
    return [Rule(one.id, Part(one.stealer, one.trigger, one.place), one.merged_into) for one in rows.scalars()]


def _parts(session: Session, clinic: Clinic, now: int) -> dict[Part, list[Voice]]:
    """Reports of days that are over: else whoever looks before and after a report would know what it said."""
    trigger, place = func.coalesce(Report.trigger, ""), func.coalesce(Report.place, "")
    rows = session.execute(
        select(
            Report.stealer,
            trigger,
            place,
            Report.day,
            Report.person_id,
            func.count(),
            func.count(Report.minutes),
            func.sum(Report.minutes),
        )
        .where(Report.clinic_id == clinic.id, ~Report.withdrawn, Report.day < local_day(now, clinic.timezone))
        .group_by(Report.stealer, trigger, place, Report.day, Report.person_id)
    )
    parts: dict[Part, list[Voice]] = defaultdict(list)
    for stealer, its_trigger, its_place, day, person_id, n, timed, minutes in rows:
        parts[Part(stealer, its_trigger, its_place)].append(Voice(day, person_id, n, timed, minutes or 0))
    return parts


Pool = tuple[str, int]  # a stealer, and the number of one of its periods


def _pools(parts: Mapping[Part, Sequence[Voice]], k: int, day: date) -> dict[tuple[str, date], Pool]:
    """The period that each week of a stealer is in, by its Monday, as the summary has them; without unclosed ones."""
    by_stealer: dict[str, dict[date, list[Voice]]] = defaultdict(lambda: defaultdict(list))
    for part, voices in parts.items():
        for voice in voices:
            by_stealer[part.stealer][_week(voice)].append(voice)

    def is_enough(weeks: Collection[Sequence[Voice]], least: int) -> bool:
        return are_enough([voice for week in weeks for voice in week], least)

    return {
        (stealer, monday): (stealer, n)
        for stealer, by_week in by_stealer.items()
        for n, weeks in enumerate(periods(by_week, is_enough, k, day))
        for monday in weeks
    }


def _week(voice: Voice) -> date:
    return monday_of(date.fromisoformat(voice.day))


def _by_period(own: Mapping[Part, Sequence[Voice]], pools: Mapping[tuple[str, date], Pool]) -> dict[Pool, list[Voice]]:
    """What a problem gathers in each closed period."""
    found: dict[Pool, list[Voice]] = defaultdict(list)
    for part, voices in own.items():
        for voice in voices:
            pool = pools.get((part.stealer, _week(voice)))
            if pool is not None:
                found[pool].append(voice)
    return dict(found)


def _withheld(told: Mapping[str, Mapping[Pool, Sequence[Voice]]], k: int) -> set[str]:
    """The summary tells how often each stealer was reported: in each period, problems that share it add up to that."""
    by_pool: dict[Pool, dict[str, Sequence[Voice]]] = defaultdict(dict)
    for id, pools in told.items():
        for pool, voices in pools.items():
            by_pool[pool][id] = voices
    return {id for cells in by_pool.values() if len(cells) > 1 for id in to_withhold(cells, k)}


def _roots(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """By problem that was merged into no other: the rules it stands for, its own first."""
    by_id = {rule.id: rule for rule in rules}
    found: dict[str, list[Rule]] = {rule.id: [rule] for rule in rules if root_of(rule.id, by_id) == rule.id}
    for rule in rules:
        root = root_of(rule.id, by_id)
        if root != rule.id:
            found[root].append(rule)
    return found


def _histories(session: Session, clinic: Clinic) -> dict[str, list[Entry]]:
    changes = session.execute(
        select(Change).where(
            Change.clinic_id == clinic.id, Change.answer_id.is_not(None), Change.withdrawn_at.is_(None)
        )
    ).scalars()
    by_answer = {change.answer_id: change for change in changes}
    rows = session.execute(
        select(Answer)
        .join(Problem, Problem.id == Answer.problem_id)
        .where(Problem.clinic_id == clinic.id)
        .order_by(Answer.at, Answer.id)
    ).scalars()
    found: dict[str, list[Entry]] = defaultdict(list)
    for one in rows:
        day = local_day(one.at, clinic.timezone)
        found[one.problem_id].append(Entry(one.at, day, one.said, one.text, one.other_id, by_answer.get(one.id)))
    return found


def _days_to_answer(since: str | None, entries: Sequence[Entry]) -> int | None:
    answered = next((entry.day for entry in entries if entry.said in STATES), None)
    if answered is None:
        return None
    return max(0, (date.fromisoformat(answered) - date.fromisoformat(since or answered)).days)


def _with_times(problems: list[Shown]) -> Board:
    took = [one.days_to_answer for one in problems if one.days_to_answer is not None]
    waiting = [one.since for one in problems if one.days_to_answer is None]
    return Board(problems, len(took), len(waiting), median(took) if took else None, min(waiting, default=None))
