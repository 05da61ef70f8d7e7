"""The closed forms against scipy and numpy, which the application itself never imports."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from app.summary.intervals import difference, rate_interval, share_interval, t_quantile

HOUR = 3_600_000


def delete_one(above: Sequence[int], below: Sequence[int]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    a, b = np.array(above, dtype=float), np.array(below, dtype=float)
    return np.array([np.delete(a, i).sum() / np.delete(b, i).sum() for i in range(len(a))])


def standard_error(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    n = len(values)
    return float(np.sqrt((n - 1) ** 2 / n * np.var(values, ddof=1)))


@pytest.mark.parametrize("p", [0.51, 0.6, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9999])
@pytest.mark.parametrize("freedom", [1, 1.3, 2, 2.7, 3, 5, 11, 12.34, 30, 69, 100.5, 1000, 10_000])
def test_the_t_quantile_agrees_with_scipy(p: float, freedom: float) -> None:
    assert t_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=1e-10)
    assert t_quantile(1 - p, freedom) == pytest.approx(stats.t.ppf(1 - p, freedom), rel=1e-10)


def test_the_t_quantile_of_one_half_is_zero() -> None:
    assert t_quantile(0.5, 7) == 0


@pytest.mark.parametrize(("p", "freedom"), [(0, 3), (1, 3), (0.9, 0), (0.9, math.nan)])
def test_a_t_quantile_that_does_not_exist_is_refused(p: float, freedom: float) -> None:
    with pytest.raises(ValueError, match="t_quantile needs"):
        t_quantile(p, freedom)


def test_the_interval_of_a_share_is_the_jackknife_of_its_logit() -> None:
    parts, wholes = [600, 900, 300, 1200], [3600, 3000, 2400, 3600]
    error = standard_error(special.logit(delete_one(parts, wholes)))
    centre, reach = special.logit(3000 / 12600), stats.t.ppf(0.975, 3) * error
    expected = (special.expit(centre - reach), special.expit(centre + reach))
    assert share_interval(parts, wholes) == pytest.approx(expected, rel=1e-10)


def test_the_interval_of_a_rate_is_the_jackknife_of_its_logarithm() -> None:
    counts, hours = [12, 7, 20, 9, 15], [2.0, 2.5, 3.0, 1.5, 2.0]
    exposures = [int(h * HOUR) for h in hours]
    error = standard_error(np.log(delete_one(counts, exposures)))
    centre, reach = np.log(63 / (11 * HOUR)), stats.t.ppf(0.975, 4) * error
    expected = (math.exp(centre - reach), math.exp(centre + reach))
    assert rate_interval(counts, exposures) == pytest.approx(expected, rel=1e-10)


def test_a_difference_has_welchs_degrees_of_freedom() -> None:
    a, b = ([600, 900, 300, 1200], [3600, 3000, 2400, 3600]), ([100, 700, 200], [3600, 3600, 1800])
    errors = [standard_error(delete_one(*group)) for group in (a, b)]
    variances = [error**2 for error in errors]
    freedom = sum(variances) ** 2 / (variances[0] ** 2 / 3 + variances[1] ** 2 / 2)
    value = 3000 / 12600 - 1000 / 9000
    reach = stats.t.ppf(0.975, freedom) * math.sqrt(sum(variances))
    found = difference(a, b)
    assert found is not None
    assert found.value == pytest.approx(value, rel=1e-12)
    assert (found.low, found.high) == pytest.approx((value - reach, value + reach), rel=1e-10)


def test_with_equal_denominators_a_difference_is_welchs_test_of_two_means() -> None:
    # the delete-one jackknife of a mean is its ordinary standard error (Efron and Tibshirani, 11.3)
    a, b = [31, 45, 27, 60, 38], [22, 19, 41, 30]
    expected = stats.ttest_ind(np.array(a) / 100, np.array(b) / 100, equal_var=False).confidence_interval(0.95)
    found = difference((a, [100] * 5), (b, [100] * 4))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-10)


def test_fewer_than_three_sessions_have_no_interval() -> None:
    assert share_interval([], []) is None
    assert share_interval([1, 2], [10, 10]) is None
    assert rate_interval([1, 2], [10, 10]) is None


def test_a_share_of_nothing_or_of_everything_has_no_interval() -> None:
    assert share_interval([0, 0, 0, 0], [10, 11, 12, 13]) is None
    assert share_interval([10, 11, 12, 13], [10, 11, 12, 13]) is None
    assert rate_interval([0, 0, 0], [10, 11, 12]) is None


def test_a_task_done_in_a_single_session_has_no_interval() -> None:
    assert share_interval([5, 0, 0, 0], [10, 11, 12, 13]) is None
    assert rate_interval([5, 0, 0, 0], [10, 11, 12, 13]) is None


def test_a_task_that_left_room_for_others_in_a_single_session_has_no_interval() -> None:
    assert share_interval([10, 11, 12, 3], [10, 11, 12, 13]) is None


def test_sessions_that_are_all_alike_have_no_interval_rather_than_one_of_no_width() -> None:
    assert share_interval([100, 200, 300], [1_000, 2_000, 3_000]) is None
    assert rate_interval([1, 2, 3], [7, 14, 21]) is None


def test_a_difference_with_too_few_sessions_has_a_value_and_no_interval() -> None:
    found = difference(([1, 2], [10, 10]), ([3, 4, 6], [10, 10, 10]))
    assert found is not None
    assert found.value == pytest.approx(0.15 - 13 / 30)
    assert (found.low, found.high) == (None, None)


def test_a_difference_against_nothing_observed_does_not_exist() -> None:
    assert difference(([], []), ([3, 4, 6], [10, 10, 10])) is None


WHOLES = st.integers(min_value=1, max_value=8 * HOUR)
SESSIONS = st.lists(
    WHOLES.flatmap(lambda whole: st.tuples(st.integers(min_value=0, max_value=whole), st.just(whole))), max_size=40
)


@given(SESSIONS)
def test_an_interval_lies_around_its_share_and_within_0_and_1(sessions: list[tuple[int, int]]) -> None:
    parts, wholes = [part for part, _ in sessions], [whole for _, whole in sessions]
    found = share_interval(parts, wholes)
    if found is not None:
        assert 0 <= found[0] <= sum(parts) / sum(wholes) <= found[1] <= 1


@given(SESSIONS)
def test_an_interval_does_not_depend_on_the_order_of_the_sessions(sessions: list[tuple[int, int]]) -> None:
    forth, back = sessions, sessions[::-1]
    one = share_interval([p for p, _ in forth], [w for _, w in forth])
    other = share_interval([p for p, _ in back], [w for _, w in back])
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(other, rel=1e-9)


@given(SESSIONS)
def test_the_interval_of_the_rest_mirrors_that_of_the_part(sessions: list[tuple[int, int]]) -> None:
    parts, wholes = [part for part, _ in sessions], [whole for _, whole in sessions]
    found = share_interval(parts, wholes)
    rest = share_interval([whole - part for part, whole in sessions], wholes)
    assert (found is None) == (rest is None)
    if found is not None and rest is not None:
        assert rest == pytest.approx((1 - found[1], 1 - found[0]), abs=1e-9)
