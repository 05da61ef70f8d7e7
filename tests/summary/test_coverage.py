"""How often the 95 % intervals hold the truth, where it is known: sessions drawn from a made-up clinic, with a seed.

Twelve sessions, as in a fortnight. What chance adds to the share counted: 0.3 points at 5,000 draws.
"""

from collections.abc import Callable

import numpy as np
import pytest

from app.summary.intervals import difference, rate_interval, share_interval
from app.summary.unit_times import MINUTE_TICKS, unit_time

HOUR = 3_600_000
SESSIONS, DRAWS = 12, 5_000
Ratio = tuple[list[int], list[int]]
Dice = np.random.Generator


def observed(dice: Dice, n: int = SESSIONS) -> list[int]:
    """One and a half to four hours each, in ms."""
    return [int(hours * HOUR) for hours in dice.uniform(1.5, 4, n)]


def common(dice: Dice, n: int = SESSIONS) -> Ratio:
    """A task that takes 30 % of the time, 10 points more or less from session to session."""
    wholes = observed(dice, n)
    return [int(whole * share) for whole, share in zip(wholes, dice.beta(6, 14, n), strict=True)], wholes


def rare(dice: Dice, an_hour: float = 1.2, spread: float = 1.0) -> Ratio:
    """A task begun 1.2 times an hour that takes a minute on average, and now and then many: 2 % of the time."""
    wholes, parts = observed(dice), []
    for whole in wholes:
        lengths = dice.lognormal(-(spread**2) / 2, spread, dice.poisson(an_hour * whole / HOUR))
        parts.append(min(whole, int(lengths.sum() * 60_000)))
    return parts, wholes


def counted(dice: Dice) -> Ratio:
    """Four interruptions an hour on average, twice as many in some sessions as in others."""
    wholes = observed(dice)
    return [int(n) for n in dice.poisson(dice.gamma(4, 1, SESSIONS) * np.array(wholes) / HOUR)], wholes


def covered(
    interval: Callable[[list[int], list[int]], tuple[float, float] | None], draw: Callable[[Dice], Ratio], truth: float
) -> float:
    """The share of the intervals that hold the truth; nearly every draw must have one at all."""
    dice = np.random.default_rng(20261128)
    found = [interval(*draw(dice)) for _ in range(DRAWS)]
    given = [one for one in found if one is not None]
    assert len(given) > 0.99 * DRAWS
    return sum(low <= truth <= high for low, high in given) / len(given)


def test_the_share_of_a_common_task_is_covered() -> None:
    assert 0.93 <= covered(share_interval, common, 0.3) <= 0.97


def test_the_share_of_a_rare_and_skewed_task_is_covered() -> None:
    assert 0.93 <= covered(share_interval, rare, 1.2 / 60) <= 0.97


def test_the_rate_of_interruptions_is_covered() -> None:
    assert 0.93 <= covered(rate_interval, counted, 4 / HOUR) <= 0.97


def test_minutes_of_what_only_some_sessions_hold_are_covered() -> None:
    """Sessions without any of it are no data: counted as such, the interval would hold the truth in 88 of 100."""
    dice, found = np.random.default_rng(20261128), []
    for _draw in range(DRAWS):
        counts = {str(n): int(dice.poisson(3)) for n in range(SESSIONS) if dice.random() < 0.5}
        ticks = {id: int(3 * MINUTE_TICKS * dice.lognormal(-0.125, 0.5, n).sum()) for id, n in counts.items()}
        if (unit := unit_time(ticks, counts)) and unit.low is not None and unit.high is not None:
            found.append(unit.low <= 3 <= unit.high)
    assert len(found) > 0.9 * DRAWS
    assert 0.93 <= sum(found) / len(found) <= 0.97


def test_where_a_few_long_ones_decide_the_interval_is_a_little_too_short() -> None:
    # the known limit: begun every hundred minutes, and one in a hundred takes ten times the usual
    found = covered(share_interval, lambda dice: rare(dice, an_hour=0.6, spread=1.2), 0.6 / 60)
    assert 0.90 <= found <= 0.95


@pytest.mark.parametrize(("here", "there"), [(6, 6), (4, 12)])
def test_the_difference_of_two_groups_is_covered(here: int, there: int) -> None:
    dice = np.random.default_rng(20261128)
    held = 0
    for _ in range(DRAWS):
        found = difference(common(dice, here), common(dice, there))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert 0.93 <= held / DRAWS <= 0.97
