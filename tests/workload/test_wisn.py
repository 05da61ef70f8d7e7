"""WISN's arithmetic, by the worked example in print."""

import pytest

from app.workload.wisn import (
    available_hours,
    category_factor,
    individual_factor,
    ratio,
    required_hours,
    staff_required,
    standard_workload,
)


def test_the_published_example_needs_17_46_staff() -> None:
    """Human Resources for Health, s12960-017-0186-3, table 3: 100,000 visits of 0.25 h, 179 days of 8 h a person."""
    workload = standard_workload([(100_000, 0.25)])
    assert workload == 25_000
    assert workload / 8 == 3_125  # days
    staff = staff_required(workload, available_hours(179, 8))
    assert round(staff, 2) == 17.46
    assert staff == pytest.approx(3_125 / 179)


def test_category_allowances_stretch_the_workload_and_individual_ones_add_to_it() -> None:
    """A fifth of everybody's time beside, and 716 hours a year of a few: half a person."""
    assert category_factor(0.2) == pytest.approx(1.25)
    assert category_factor(0) == 1
    available = available_hours(179, 8)
    assert individual_factor(716, available) == 0.5
    assert staff_required(25_000, available, category_factor(0.2), 0.5) == pytest.approx(17.4581 * 1.25 + 0.5, abs=1e-4)
    assert required_hours(100, category_factor(0.2), 8) == 133


@pytest.mark.parametrize("share", [1.0, 1.4, -0.1])
def test_a_category_allowance_that_leaves_nothing_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share from 0 to below 1"):
        category_factor(share)


def test_the_ratio_is_what_there_is_by_what_is_needed() -> None:
    """WHO's reading: 1.2 is a fifth more than needed, below 1 is too few."""
    assert ratio(24, 20) == pytest.approx(1.2)
    assert ratio(15, 20) == 0.75
    assert ratio(15, 0) is None
