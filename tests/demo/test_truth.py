"""What the app answers about the demo clinic is what really happened there, added up without any of its rules."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import Database
from app.demo.clinic import ClinicDay, Sitting, simulate
from app.demo.truth import SIXTIETHS, Truth, truth, whole_days
from app.demo.writing import Made, fill, found
from app.slices import freshen
from app.summary.intervals import rate_interval, share_interval
from app.summary.summary import summary
from app.summary.window import Window
from tests.demo.test_simulation import BREAKS, UNSCHEDULED
from tests.demo.week import LAST

NOW = 1_795_400_000_000  # 2026-11-22 in Chicago
Figures = dict[str, Any]


def watched(sittings: list[Sitting]) -> Truth:
    return truth(((sitting.ledger, sitting.windows) for sitting in sittings), UNSCHEDULED, BREAKS)


def written(database: Database, seed: int, weeks: int) -> tuple[Clinic, list[ClinicDay]]:
    made = Made(seed, weeks, LAST.isoformat())
    with database.write() as session:
        clinic = found(session, "demo", made, NOW)
    fill(database, clinic, made, NOW, lambda done, total: None)
    freshen.freshen(database, clinic.id)
    return clinic, made.days


def asked(session: Session, clinic: Clinic, first: date, last: date) -> Figures:
    return summary(session, clinic, Window(first, last))


# -- to the millisecond


@pytest.mark.parametrize("seed", [1, 2])
def test_the_summary_is_what_really_happened_where_somebody_watched(database: Database, seed: int) -> None:
    clinic, days = written(database, seed, 1)
    with database.read() as session:
        for day in days:
            assert_tells(asked(session, clinic, day.day, day.day), list(day.sittings))
        whole = asked(session, clinic, LAST - timedelta(days=6), LAST)
    sittings = [sitting for day in days for sitting in day.sittings]
    assert_tells(whole, sittings)
    assert_intervals(whole, sittings)
    assert whole["people"] == 4
    assert whole["observers"] == 2
    assert whole["open_sessions"] == whole["uncertain_ms"] == 0
    assert whole["edited_ms"] > 0
    assert whole["paused_ms"] == sum(
        back - away for sitting in sittings for (_b, away), (back, _e) in pairwise(sitting.windows)
    )
    assert whole["volumes"] == dict(sorted(sum((Counter(day.volumes()) for day in days), Counter()).items()))
    assert {row["day"]: row["day_type"] for row in whole["by_day"]} == {
        day.day.isoformat(): day.day_type for day in days
    }


def assert_tells(answer: Figures, sittings: list[Sitting]) -> None:
    """Exactly these sittings, to the ms (person time, which is shared out, to the ms above or below)."""
    really = watched(sittings)
    assert answer["sessions"] == len(sittings)
    for name in ("observed_ms", "idle_ms", "multitask_ms", "interruption_ms"):
        assert answer[name] == getattr(really, name), name
    assert answer["unscheduled_ms"] == pytest.approx(really.unscheduled / SIXTIETHS, abs=1)
    tasks = {row["task"]: row for row in answer["tasks"]}
    assert {task: row["task_ms"] for task, row in tasks.items() if row["task_ms"]} == dict(really.task_ms)
    for task, row in tasks.items():
        assert row["person_ms"] == pytest.approx(really.person[task] / SIXTIETHS, abs=1), task
        assert row["occurrences"] == really.occurrences[task], task
    assert_interruptions(answer["interruptions"], really)
    assert answer["counts"] == dict(sorted(really.counts.items()))


def assert_interruptions(answer: Figures, really: Truth) -> None:
    by_trigger, by_task, outcomes = Counter[str](), Counter[tuple[str | None, str]](), Counter[str]()
    for (trigger, task, outcome), n in really.interruptions.items():
        by_trigger[trigger] += n
        by_task[task, trigger] += n
        outcomes[outcome] += n
    assert answer["count"] == by_trigger.total()
    assert {name: n for name, n in answer["outcomes"].items() if n} == dict(outcomes)
    assert {(row["task"], row["trigger"]): row["count"] for row in answer["by_task"]} == dict(by_task)
    rows = {row["trigger"]: row for row in answer["by_trigger"]}
    assert {code: row["ms"] for code, row in rows.items() if row["ms"]} == dict(really.trigger_ms)
    for column, true in (("count", by_trigger), ("prompts", really.prompts), ("both", really.both)):
        assert {code: row[column] for code, row in rows.items() if row[column]} == dict(true), column


def assert_intervals(answer: Figures, sittings: list[Sitting]) -> None:
    """Over the sessions as they really were."""
    each = [watched([sitting]) for sitting in sittings]
    wholes = [SIXTIETHS * one.observed_ms for one in each]
    for row in answer["tasks"]:
        interval = share_interval([one.person[row["task"]] for one in each], wholes)
        if interval is None:
            assert row["share_low"] is row["share_high"] is None
        else:
            assert (row["share_low"], row["share_high"]) == pytest.approx(interval, rel=1e-9)
    rate = rate_interval([one.interruptions.total() for one in each], [one.observed_ms for one in each])
    assert rate is not None
    told = answer["interruptions"]["per_hour_low"], answer["interruptions"]["per_hour_high"]
    assert told == pytest.approx([3_600_000 * end for end in rate], rel=1e-9)


# -- and beyond what was watched


SEEDS = range(100, 124)
MEASURED = ("rooming", "vitals", "documentation", "callbacks", "searching", "waiting", "vaccines", "lunch")


def test_intervals_cover_the_true_shares_of_all_days_about_as_often_as_they_say() -> None:
    """Two dozen fortnights: in each, two observers see a quarter of what happens; the intervals tell of the rest.

    The true shares are those of all days of all MAs in all of them. Nominal: 95 %. A figure that missed three times
    in 24 would still pass by itself; all of them together may not.
    """
    fortnights = [list(simulate(seed, 2, LAST)) for seed in SEEDS]
    really = truth(
        whole_days(ledger for day in chain.from_iterable(fortnights) for ledger in day.ledgers), UNSCHEDULED, BREAKS
    )
    covered: dict[str, list[bool]] = defaultdict(list)
    for days in fortnights:
        each = [watched([sitting]) for day in days for sitting in day.sittings]
        wholes = [SIXTIETHS * one.observed_ms for one in each]
        for task in MEASURED:
            interval = share_interval([one.person[task] for one in each], wholes)
            covered[task].append(interval is not None and interval[0] <= really.share(task) <= interval[1])
        interval = share_interval([one.unscheduled for one in each], wholes)
        covered["unscheduled"].append(interval is not None and interval[0] <= really.unscheduled_share <= interval[1])
        rate = rate_interval([one.interruptions.total() for one in each], [one.observed_ms for one in each])
        true_rate = really.interruptions_per_hour / 3_600_000
        covered["interruptions"].append(rate is not None and rate[0] <= true_rate <= rate[1])
    shares = {name: sum(held) / len(held) for name, held in covered.items()}
    assert min(shares.values()) >= 0.85, shares
    assert 0.92 <= sum(shares.values()) / len(shares) <= 0.995, shares
