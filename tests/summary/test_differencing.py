"""Nothing that fewer than k people said or timed can be had by taking answers from one another.

Not only any two: every answer to every question is written down as a sum over what single people did on single days,
and no linear combination of them may consist of what fewer than k people did. Tried on a small invented clinic.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import Database
from app.errors import BadRequest
from app.summary import queries
from app.summary.queries import Scope
from app.summary.rows import ReportRow
from app.summary.summary import summary
from app.summary.window import DAY_TYPES, Filters, Window, filters
from app.timeline import TICKS
from tests.builders import day
from tests.slices.stored import clinic, observed, report

K = 3
PEOPLE = [f"ma-{n}" for n in range(6)]
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 29)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
WINDOWS = [Window(first, last) for first in DAYS for last in DAYS if first <= last]
WHOLE_WEEKS = [one for one in WINDOWS if one.first.weekday() == 0 and one.last.weekday() == 6]
STEALERS = ("searching", "forms", "phone")

Atom = tuple[str, ...]  # person first
Sum = dict[Atom, float]
Figures = dict[str, Any]
Timed = tuple[str, str, str | None, dict[str, float]]  # person, day, task, parts from which all figures add up


def small_clinic(session: Session, seed: int) -> Clinic:
    """Six people who time a day now and then, some tasks of few of them, and report what steals their time."""
    chance = random.Random(seed)
    north = clinic(session, smallest_cell=K)
    for one in DAYS:
        for n, who in enumerate(PEOPLE):
            # hardly anybody in the second week, so that weeks have to be joined
            if chance.random() < (0.06 if 7 <= (one - FIRST).days < 14 else 0.3):
                lines = ["09:00 rooming", f"09:{chance.randrange(10, 30)} vitals"]
                lines += [f"09:{chance.randrange(30, 40)} phone!", "09:45 back"] * (chance.random() < 0.4)
                lines += [f"09:{chance.randrange(46, 49)} +callbacks phone?", "09:49 -callbacks"] * (n == 1)
                lines += ["09:50 pause", "09:52 on"] * (n == 2)
                # in one clinic two more tasks of few people, in the other callbacks are the only one
                last = "searching" if seed % 2 == 0 or n % 2 else "waiting"
                lines += [f"09:{chance.randrange(53, 58)} {last}"] * (n < 4 or seed % 2 == 0)
                lines += ["09:58 stop", f"10:{chance.randrange(10, 50)} end"]
                observed(session, north, day(*lines, on=one.isoformat()), mode="self", observer=who, subject=None)
            for stealer in STEALERS:
                if chance.random() < 0.15:
                    report(session, north, who, one.isoformat(), stealer, chance.choice([5.0, 10.0, None]))
    return north


# --- answers as sums over people and days ----------------------------------------------------------------------------


def timed_by(session: Session, north: Clinic) -> list[Timed]:
    scope = Scope(north.id, Window(FIRST, LAST), Filters(mode="self"))
    rows = queries.times(session, scope)
    owners = queries.headers(session, {row.session_id for row in rows})
    found: list[Timed] = []
    for row in rows:
        inside = row.interruption_ms * TICKS
        parts = {
            "own": row.own_unscheduled_ticks,
            "idle": row.idle_ticks,
            "rest": row.person_ticks - row.own_unscheduled_ticks - row.idle_ticks,
            "inside": inside,
            "prompted": row.unscheduled_ticks - inside - row.own_unscheduled_ticks,
            "shared": row.task_ms * TICKS - row.person_ticks if row.task is not None else 0,
            **{name: getattr(row, name) * TICKS for name in ("paused_ms", "multitask_ms", "edited_ms", "uncertain_ms")},
        }
        found.append((owners[row.session_id].person_id, row.day, row.task, parts))
    for one in queries.episodes(session, scope):
        found.append((owners[one.session_id].person_id, one.day, None, {"episodes": one.n * TICKS}))
    return found


def sums_of(figures: Figures, timed: Iterable[Timed]) -> Iterator[Sum]:
    """Every figure that the answer shows, each checked against what it must be the sum of."""
    first, last = figures["pooled"]["first_day"], figures["pooled"]["last_day"]
    mine = [one for one in timed if first is not None and first <= one[1] <= last]

    def told(value: float | None, parts: tuple[str, ...], tasks: set[str] | None = None) -> Sum:
        if value is None:
            return {}
        found: Sum = defaultdict(float)
        for who, on, task, has in mine:
            for part in parts:
                if (tasks is None or task in tasks) and has.get(part):
                    found[who, on, str(task), part] += has[part]
        assert sum(found.values()) / TICKS == pytest.approx(value, abs=2)
        return found

    person = ("own", "rest", "idle")
    yield told(figures["observed_ms"], person)
    yield told(figures["idle_ms"], ("idle",))
    yield told(figures["interruption_ms"], ("inside",))
    yield told(figures["unscheduled_ms"], ("inside", "own", "prompted"))
    for name in ("paused_ms", "multitask_ms", "edited_ms", "uncertain_ms"):
        yield told(figures[name], (name,))
    yield told(figures["interruptions"]["count"], ("episodes",))
    for row in figures["tasks"]:
        yield told(row["person_ms"], person, {row["task"]})
        yield told(row["task_ms"], (*person, "shared"), {row["task"]})
    codes = {row["category"]: {t["task"] for t in figures["tasks"] if t["category"] == row["category"]}
             for row in figures["categories"]}  # fmt: skip
    for row in figures["categories"]:
        yield told(row["person_ms"], person, codes[row["category"]])
        yield told(row["task_ms"], (*person, "shared"), codes[row["category"]])


def reported_by(session: Session, north: Clinic) -> list[ReportRow]:
    return queries.reports(session, Scope(north.id, Window(FIRST, LAST), Filters()))


def sums_of_reports(figures: Figures, reported: Iterable[ReportRow]) -> Iterator[Sum]:
    for shown in figures["reports"]:
        mine = [
            row for row in reported
            if row.stealer == shown["stealer"] and (shown["first_day"] or "~") <= row.day <= (shown["last_day"] or "")
        ]  # fmt: skip
        for name, value in (("count", "n"), ("minutes", "minutes")):
            if shown[name] is not None:
                found = {(row.person_id or "", row.day, row.stealer, name): getattr(row, value) or 0 for row in mine}
                assert sum(found.values()) == shown[name]
                yield {atom: n for atom, n in found.items() if n}


# --- what can be derived ---------------------------------------------------------------------------------------------


def derivable(sums: Iterable[Sum], k: int = K) -> list[tuple[str, ...]]:
    """The groups of fewer than k people of whom alone some linear combination of these sums tells something.

    There is one if taking away all that they did makes the sums less independent of one another.
    """
    rows = list({tuple(sorted(one.items())): one for one in sums if one}.values())
    atoms = sorted({atom for one in rows for atom in one})
    place = {atom: n for n, atom in enumerate(atoms)}
    matrix = np.zeros((len(rows), len(atoms)))
    for n, one in enumerate(rows):
        for atom, value in one.items():
            matrix[n, place[atom]] = 1  # a sum is of whole cells: how large each is plays no part
            assert value
    rank = np.linalg.matrix_rank(matrix) if rows else 0
    people = sorted({atom[0] for atom in atoms})
    leaks = []
    for size in range(1, k):
        for group in combinations(people, size):
            others = [place[atom] for atom in atoms if atom[0] not in group]
            if (np.linalg.matrix_rank(matrix[:, others]) if others and rows else 0) < rank:
                leaks.append(group)
    return leaks


def test_the_check_finds_what_can_be_derived() -> None:
    monday: Sum = {(who, "mon"): 1 for who in "abc"}
    friday: Sum = {("a", "fri"): 1}
    assert derivable([monday]) == []
    assert derivable([monday, monday | friday]) == [("a",), ("a", "b"), ("a", "c")]
    both: Sum = {(who, "tue"): 1 for who in "ab"}
    assert derivable([monday | both, both | friday, monday | friday]) == [("a",), ("a", "b"), ("a", "c")]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_combination_of_answers_tells_of_fewer_than_k_people(database: Database, seed: int) -> None:
    with database.write() as session:
        north = small_clinic(session, seed)
        timed, reported = timed_by(session, north), reported_by(session, north)
        sums: list[Sum] = []
        said: list[Sum] = []
        shown = 0
        # an admin who has the smallest cell made larger and smaller again sees both answers
        for north.smallest_cell, windows in ((K, WINDOWS), (K + 1, WHOLE_WEEKS), (5, WHOLE_WEEKS)):
            for window in windows:
                figures = summary(session, north, window, Filters(mode="self"))
                sums += sums_of(figures, timed)
                shown += figures["observed_ms"] is not None
                said += sums_of_reports(figures, reported)
        assert 10 < shown < len(WINDOWS)
        assert len({tuple(sorted(one)) for one in sums}) > 20
        assert len({tuple(sorted(one)) for one in said}) > 6
        assert derivable(sums) == []
        assert derivable(said) == []
        # had each of those answers been looked at by itself alone, there would be something
        naive: list[Sum] = [
            {(who, on): 1.0 for who, on, _task, _parts in timed if first.isoformat() <= on <= last.isoformat()}
            for first, last in ((window.first, window.last) for window in WINDOWS)
        ]
        assert derivable(one for one in naive if len({atom[0] for atom in one}) >= K)


def test_filters_make_no_further_pools(database: Database) -> None:
    with database.write() as session:
        north = small_clinic(session, 1)
        whole = Window(FIRST, LAST)
        wanted = summary(session, north, whole)["reports"]
        assert any(row["count"] for row in wanted)
        for asked in (
            {"staff_role": "RN"},
            {"task_list": "other"},
            {"uncertain": "left_out"},
            {"settling": "left_out"},
        ):
            assert summary(session, north, whole, filters(**asked))["reports"] == wanted
        for day_type in DAY_TYPES:
            found = summary(session, north, whole, filters(day_type=day_type))
            assert (found["reports"], found["reported_observed"]) == ([], [])
            assert "reports" in found["withheld"]
    for name, value in (("day_type", "high"), ("staff_role", "MA"), ("task_list", "small"), ("uncertain", "left_out"),
                        ("settling", "left_out")):  # fmt: skip
        with pytest.raises(BadRequest):
            filters(mode="self", **{name: value})


def test_a_week_that_is_not_over_is_not_shown_however_many_timed_it(database: Database) -> None:
    with database.write() as session:
        north = clinic(session, smallest_cell=K)
        for who in PEOPLE:
            observed(session, north, day("09:00 rooming", "10:00 end"), mode="self", observer=who, subject=None)
        told = {
            today.day: summary(session, north, Window(FIRST, LAST, today), Filters(mode="self"))["sessions"]
            for today in (date(2026, 11, 8), date(2026, 11, 9))
        }
    assert told == {8: None, 9: 6}
