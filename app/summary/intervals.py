"""95 % intervals of shares and rates, with the session as the sampling unit (CONTRACT.md, Intervals; DOMAIN.md).

A figure is a ratio of sums over sessions: task time over observed time, interruptions over observed time. Its
variance is that of the delete-one-session jackknife (Efron and Tibshirani 1993, An Introduction to the Bootstrap,
chapter 11), on a scale without bounds: the logit of a share, the logarithm of a rate. No random numbers.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

Interval = tuple[float, float]

FEWEST_SESSIONS = 3
LEVEL = 0.95
LARGEST_LOG = 700.0  # beyond it exp() leaves the range of a float: such an interval says nothing


@dataclass(frozen=True, slots=True)
class Difference:
    """Ratio of group a minus ratio of group b, in the unit of the ratios; low and high None: too little data."""

    value: float
    low: float | None
    high: float | None


def share_interval(parts: Sequence[int], wholes: Sequence[int]) -> Interval | None:
    """The 95 % interval of sum(parts) / sum(wholes), where 0 <= part <= whole in every session.

    One part and one whole per session, in any unit that both have. None where the data cannot carry one: fewer than
    three sessions, a share of 0 or 1, all of it (or all of the rest) in one session, or no spread at all.
    """
    rests = [whole - part for part, whole in zip(parts, wholes, strict=True)]
    return _transformed(parts, rests, back=lambda logit: 1 / (1 + math.exp(-logit)))


def rate_interval(counts: Sequence[int], exposures: Sequence[int]) -> Interval | None:
    """The 95 % interval of sum(counts) / sum(exposures), in counts per unit of exposure.

    One count and one exposure (> 0) per session. None under the conditions of `share_interval`.
    """
    return _transformed(counts, exposures, back=math.exp)


def difference(a: tuple[Sequence[int], Sequence[int]], b: tuple[Sequence[int], Sequence[int]]) -> Difference | None:
    """Ratio of a minus ratio of b, each given as (numerators, denominators) with one entry per session.

    The jackknife deletes each session of both groups in turn; the two variances add up, and the degrees of freedom
    are Welch's (Biometrika 34, 1947). None without any denominator; no interval where one group has fewer than three
    sessions or no spread.
    """
    if not sum(a[1]) or not sum(b[1]):
        return None
    value = sum(a[0]) / sum(a[1]) - sum(b[0]) / sum(b[1])
    variances = [_jackknife_variance(_ratios_without_each(*group)) for group in (a, b)]
    if variances[0] is None or variances[1] is None:
        return Difference(value, None, None)
    return _welch(value, (variances[0], len(a[0])), (variances[1], len(b[0])))


def _welch(value: float, a: tuple[float, int], b: tuple[float, int]) -> Difference:
    """The interval of a difference from each group's (variance, number of sessions)."""
    together = a[0] + b[0]
    freedom = together**2 / sum(variance**2 / (n - 1) for variance, n in (a, b))
    reach = t_quantile(0.5 + LEVEL / 2, freedom) * math.sqrt(together)
    return Difference(value, value - reach, value + reach)


def _transformed(above: Sequence[int], below: Sequence[int], back: Callable[[float], float]) -> Interval | None:
    """The interval of log(sum(above) / sum(below)), transformed back: part against rest is the logit of the share."""
    all_above, all_below = sum(above), sum(below)
    if len(above) < FEWEST_SESSIONS or max(above) == all_above or max(below) == all_below:
        return None  # without one of the sessions nothing would be left above or below
    variance = _jackknife_variance(
        # whole numbers divide correctly rounded: sessions that are alike give the very same float
        [math.log((all_above - a) / (all_below - b)) for a, b in zip(above, below, strict=True)]
    )
    if variance is None:
        return None
    centre = math.log(all_above / all_below)
    reach = t_quantile(0.5 + LEVEL / 2, len(above) - 1) * math.sqrt(variance)
    if abs(centre) + reach > LARGEST_LOG:
        return None
    return back(centre - reach), back(centre + reach)


def _ratios_without_each(above: Sequence[int], below: Sequence[int]) -> list[float]:
    all_above, all_below = sum(above), sum(below)
    return [(all_above - a) / (all_below - b) if all_below > b else math.nan for a, b in zip(above, below, strict=True)]


def _jackknife_variance(values: Sequence[float]) -> float | None:
    """(n-1)/n times the squared deviations of the delete-one values; None where they carry no variance."""
    n = len(values)
    if n < FEWEST_SESSIONS or not all(map(math.isfinite, values)) or min(values) == max(values):
        return None
    mean = math.fsum(values) / n
    return (n - 1) / n * math.fsum([(value - mean) ** 2 for value in values])


@lru_cache(maxsize=1024)
def t_quantile(p: float, freedom: float) -> float:
    """The value that Student's t with `freedom` > 0 degrees (whole or not) stays below with probability p.

    Newton's method on the upper tail from the normal quantile: the tail is convex and the normal quantile lies below,
    so no step overshoots. Relative error below 1e-11 up to 10,000 degrees of freedom.
    """
    if not 0 < p < 1 or not freedom > 0:
        raise ValueError(f"t_quantile needs 0 < p < 1 and freedom > 0, not {p} and {freedom}")
    if p < 0.5:
        return -t_quantile(1 - p, freedom)
    if p == 0.5:
        return 0.0
    wanted, t = 1 - p, NormalDist().inv_cdf(p)
    for _ in range(200):
        step = (_upper_tail(t, freedom) - wanted) / _density(t, freedom)
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def _density(t: float, freedom: float) -> float:
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    return math.exp(scale - (freedom + 1) / 2 * math.log1p(t * t / freedom))


def _upper_tail(t: float, freedom: float) -> float:
    """P(T > t) for t >= 0: half the regularised incomplete beta function at freedom / (freedom + t^2)."""
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t), t * t / (freedom + t * t)) / 2


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """I_x(a, b); `rest` is 1 - x, given apart because subtracting would lose its digits.

    The continued fraction of DLMF 8.17.22, from the side on which it converges fast.
    """
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, rest, x)
    if x <= 0:
        return 0.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest))
    return front / (a * _beta_fraction(a, b, x))


def _beta_fraction(a: float, b: float, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)) of DLMF 8.17.22 by Lentz's method as Thompson and Barnett (1986) modified it."""
    tiny = 1e-300
    fraction, c, d = 1.0, 1.0, 0.0
    for step in range(1, 10_000):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + term * d) or tiny)
        c = (1 + term / c) or tiny
        fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return fraction
