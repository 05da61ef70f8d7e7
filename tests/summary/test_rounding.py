from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.summary.rounding import rounded_ms, whole_ms
from app.timeline import TICKS


def test_the_largest_remainder_is_rounded_up() -> None:
    # 1.25 + 2.5 + 0.25 = 4: the half gets the missing ms
    assert whole_ms({"a": 5 * TICKS // 4, "b": 5 * TICKS // 2, "c": TICKS // 4}) == {"a": 1, "b": 3, "c": 0}


def test_of_equal_remainders_the_first_is_rounded_up() -> None:
    assert whole_ms({"a": TICKS // 2, "b": TICKS // 2}) == {"a": 1, "b": 0}


def test_a_half_goes_up() -> None:
    assert rounded_ms(TICKS // 2) == 1
    assert rounded_ms(TICKS // 2 - 1) == 0
    assert rounded_ms(7 * TICKS) == 7


def test_nothing_rounds_to_nothing() -> None:
    assert whole_ms({}) == {}


@given(st.dictionaries(st.integers(), st.integers(0, 10**15), max_size=30))
def test_the_parts_add_up_and_none_is_off_by_a_ms(ticks: dict[int, int]) -> None:
    whole = whole_ms(ticks)
    assert sum(whole.values()) == rounded_ms(sum(ticks.values()))
    for key, part in ticks.items():
        assert abs(whole[key] - Fraction(part, TICKS)) < 1
