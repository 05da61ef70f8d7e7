from datetime import date

import pytest

from app.errors import BadRequest
from app.summary.window import Filters, Window, filters, window

TODAY = date(2026, 11, 15)


def test_the_default_is_the_fourteen_days_that_end_today() -> None:
    assert window(None, None, TODAY) == Window(date(2026, 11, 2), TODAY)
    assert window("", "", TODAY) == Window(date(2026, 11, 2), TODAY)


def test_with_an_end_alone_it_is_the_fourteen_days_that_end_there() -> None:
    assert window(None, "2026-03-14", TODAY) == Window(date(2026, 3, 1), date(2026, 3, 14))


def test_with_a_beginning_alone_it_ends_today() -> None:
    assert window("2026-11-10", None, TODAY) == Window(date(2026, 11, 10), TODAY)


def test_both_ends_are_inclusive() -> None:
    assert window("2026-11-02", "2026-11-04", TODAY).days() == ["2026-11-02", "2026-11-03", "2026-11-04"]
    assert window("2026-11-02", "2026-11-02", TODAY).days() == ["2026-11-02"]


@pytest.mark.parametrize("bad", ["2026-02-30", "2026-13-01", "yesterday", "20261102", "2026-W45-1", "2026-11-2", "0"])
def test_a_bad_date_is_refused_by_name_and_value(bad: str) -> None:
    with pytest.raises(BadRequest, match=f"from={bad} is no day") as refused:
        window(bad, "2026-11-15", TODAY)
    assert refused.value.status == 400
    with pytest.raises(BadRequest, match=f"to={bad} is no day"):
        window(None, bad, TODAY)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"ends \(2026-11-01\) before it begins \(2026-11-02\)"):
        window("2026-11-02", "2026-11-01", TODAY)
    with pytest.raises(BadRequest, match="before it begins"):
        window("2026-11-16", None, TODAY)


def test_over_ten_years_are_refused() -> None:
    assert window("2016-11-15", "2026-11-15", TODAY).first == date(2016, 11, 15)
    with pytest.raises(BadRequest, match="over ten years"):
        window("2016-11-14", "2026-11-15", TODAY)
    assert window("2016-02-29", "2026-02-28", TODAY)
    with pytest.raises(BadRequest, match="over ten years"):
        window("2016-02-29", "2026-03-01", TODAY)


@pytest.mark.parametrize(("first", "last"), [(None, "0001-01-05"), ("9999-12-30", "9999-12-31"), ("1899-12-31", None)])
def test_days_at_the_ends_of_the_calendar_are_refused_with_a_sentence(first: str | None, last: str | None) -> None:
    with pytest.raises(BadRequest, match="too far away: give a day of the years 1900 to 2999"):
        window(first, last, TODAY)
    assert window("2999-12-30", "2999-12-31", TODAY).last == date(2999, 12, 31)


def test_filters_default_to_observed_sessions_of_all_kinds() -> None:
    assert filters() == filters("", "", "", "") == Filters("observed", None, None, None)
    assert filters("observed", "unknown", "RN", "night") == Filters("observed", "unknown", "RN", "night")


@pytest.mark.parametrize("mode", ["practice", "Observed", "both"])
def test_a_mode_that_has_no_summary_is_refused(mode: str) -> None:
    with pytest.raises(BadRequest, match=f"mode={mode} is not known: choose one of observed, self"):
        filters(mode=mode)


def test_a_day_type_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadRequest, match="choose one of high, typical, low, unknown"):
        filters(day_type="busy")
