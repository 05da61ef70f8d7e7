"""The days beside each other: one column each, by week or month where there are many, whole to the unit."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.summary.stacks import OTHERS, stacks

HOUR = 3_600_000
LIST = [f"kind-{n}" for n in range(9)]


def days(n: int, first: date = date(2026, 11, 2), **changed: Any) -> list[dict[str, Any]]:
    one = {"day_type": "high", "observed_ms": 4 * HOUR, "categories": {"kind-1": HOUR, "kind-0": 2 * HOUR}}
    one |= {"volumes": {"visits": 10}} | changed
    return [one | {"day": (first + timedelta(days=nth)).isoformat()} for nth in range(n)]


@pytest.mark.parametrize(
    ("n", "step", "columns"), [(28, "day", 28), (29, "week", 5), (182, "week", 26), (183, "month", 7)]
)
def test_many_days_are_drawn_by_week_and_many_weeks_by_month(n: int, step: str, columns: int) -> None:
    drawn = stacks(days(n), LIST)
    assert drawn is not None
    assert (drawn.step, len(drawn.columns)) == (step, columns)
    assert sum(column.observed_ms for column in drawn.columns) == n * 4 * HOUR
    assert sum(column.volume or 0 for column in drawn.columns) == n * 10


def test_a_column_is_the_whole_of_its_observed_time_and_what_was_idle_stays_empty() -> None:
    drawn = stacks(days(1), LIST)
    assert drawn is not None
    (column,) = drawn.columns
    assert [(part.code, part.share, part.y, part.height) for part in column.parts] == [
        ("kind-0", 0.5, 105.0, 75.0),
        ("kind-1", 0.25, 67.5, 37.5),
    ]
    assert (drawn.top, drawn.bottom) == (30, 180)


def test_a_day_without_a_log_has_no_volume_rather_than_none_at_all() -> None:
    drawn = stacks(days(1, volumes={}), LIST)
    assert drawn is not None
    assert drawn.columns[0].volume is None


def test_no_two_categories_that_are_seen_have_one_colour() -> None:
    seen = {"kind-0": HOUR, "kind-7": HOUR}
    drawn = stacks(days(1, categories=seen), LIST)
    assert drawn is not None
    assert drawn.nths == [0, 1]
    kept = stacks(days(1, categories={"kind-3": HOUR, "new": HOUR}), LIST[:5])
    assert kept is not None
    assert (kept.codes, kept.nths) == (["kind-3", "new"], [3, 5])


def test_of_more_categories_than_colours_the_smallest_are_drawn_together() -> None:
    seen = {f"kind-{n}": (9 - n) * HOUR for n in range(9)}
    drawn = stacks(days(1, categories=seen), LIST)
    assert drawn is not None
    assert drawn.codes == [*(f"kind-{n}" for n in range(6)), OTHERS]
    assert len(set(drawn.nths)) == 7
    whole = {code: drawn.columns[0].share(code) for code in drawn.codes}
    assert whole[OTHERS] == whole["kind-3"]  # 3 + 2 + 1 hours, and 6
    assert sum(whole.values()) == sum(seen.values()) / drawn.columns[0].observed_ms


def test_of_no_day_there_is_no_drawing() -> None:
    assert stacks([], LIST) is None
