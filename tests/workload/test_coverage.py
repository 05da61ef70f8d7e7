"""How often the range of required hours holds the truth: simulated sessions of a clinic whose truth is known exactly.

Nominal 95 %. With twelve sessions, and a task that a third of them hold, with a long tail.
"""

import math
import random

import pytest

from app.clinics.tasklist import default_list
from app.summary.intervals import rate_interval
from app.summary.labels import Labels
from app.summary.watched import Watched
from app.timeline import TICKS
from app.workload.basis import Basis, Day
from app.workload.choices import Chosen
from app.workload.observed import Observed, figures
from app.workload.reckon import reckon

MINUTE = 60_000 * TICKS
LIST = default_list()
LABELS = Labels(
    tasks={task.code: task for task in LIST.tasks},
    categories={},
    triggers={},
    counters={counter.code: counter.label for counter in LIST.counters},
    stealers={},
    stealer_tasks={},
    stealer_triggers={},
)
SESSIONS, RUNS, LENGTH, VOLUME = 12, 400, 240, 60
ROOMING, CHARTING, SEARCHING, APPROVALS, SOME = 6.0, 3.0, 12.0, 20.0, 0.35


def lognormal(rng: random.Random, mean: float, sigma: float) -> float:
    return rng.lognormvariate(math.log(mean) - sigma**2 / 2, sigma)


def watched(rng: random.Random, rare: bool) -> Watched:
    """Sessions of four hours, each of an observer and an MA with a pace of their own that day."""
    ticks: dict[str, dict[str, int]] = {code: {} for code in ("rooming", "documentation", "searching", "prior-auth")}
    counts: dict[str, int] = {}
    for n in range(SESSIONS):
        id, pace = f"session-{n:02}", lognormal(rng, 1, 0.15)
        counts[id] = max(1, round(rng.gauss(9, 2)))
        visits = range(counts[id])
        minutes = {
            "rooming": pace * sum(lognormal(rng, ROOMING, 0.55) for _visit in visits),
            "documentation": pace * sum(lognormal(rng, CHARTING, 0.55) for _visit in visits),
            "searching": lognormal(rng, SEARCHING, 0.75),
            "prior-auth": lognormal(rng, APPROVALS, 1.0) if rare and rng.random() < SOME else 0.0,
        }
        for code, n_minutes in minutes.items():
            if n_minutes:
                ticks[code][id] = round(n_minutes * MINUTE)
    return Watched(dict.fromkeys(counts, LENGTH * MINUTE), ticks, {}, {"visits": counts})


def basis_of(found: Watched) -> Basis:
    observed = Observed(found, [], {}, {"visits"})
    standards, allowances, _lacking = figures(Chosen(), LABELS, observed, 40)
    day = Day(
        day="2026-11-02", weekday=1, hours=[0.0] * 8 + [4.0] * 9 + [0.0] * 7, volumes={"visits": VOLUME}, is_logged=True
    )
    return Basis(
        clinic="north", first=day.day, last=day.day, weekly_hours=40, absent_days=0, sessions=SESSIONS,
        observed_from=None, observed_to=None, standards=standards, allowances=allowances, extras=[],
        spread=observed.spread(standards, allowances), profile=observed.profiles(standards, allowances),
        presence=observed.presence(), days=[day], days_asked=1, week_hours=None,
    )  # fmt: skip


@pytest.mark.parametrize("rare", [False, True], ids=["common work", "rare and skewed work beside"])
def test_the_range_of_required_hours_holds_the_truth_as_often_as_it_says(rare: bool) -> None:
    shares = (SEARCHING + (SOME * APPROVALS if rare else 0)) / LENGTH + 50 / 480
    truth = VOLUME * (ROOMING + CHARTING) / 60 / (1 - shares)
    rng, held = random.Random(12), 0
    for _run in range(RUNS):
        total = reckon(basis_of(watched(rng, rare))).total
        assert total.low is not None
        assert total.high is not None
        held += total.low <= truth <= total.high
    assert 0.93 <= held / RUNS <= 0.98, held / RUNS


def test_what_only_some_sessions_hold_has_the_range_of_its_unit_time() -> None:
    """The sessions without any of it neither narrow the unit time nor the hours that are reckoned from it."""
    sessions = [f"session-{n:02}" for n in range(SESSIONS)]
    some = dict(zip(sessions, (30, 20, 45, 25), strict=False))
    visits = dict(zip(sessions, (4, 3, 5, 4), strict=False))
    minutes = {"rooming": {id: n * MINUTE for id, n in some.items()}}
    found = Watched(dict.fromkeys(sessions, LENGTH * MINUTE), minutes, {}, {"visits": visits})
    basis = basis_of(found)
    (standard,) = basis.standards
    total = reckon(basis.model_copy(update={"allowances": [], "spread": [basis.spread[0]]})).total
    assert standard.low is not None
    assert standard.high is not None
    low, high = rate_interval(list(some.values()), list(visits.values())) or (0, 0)
    assert (standard.low, standard.high) == pytest.approx((low, high))
    assert total.low == pytest.approx(VOLUME * low / 60, rel=1e-4)
    assert total.high == pytest.approx(VOLUME * high / 60, rel=1e-4)
