"""Written times: with a zone, without one, at both clock changes, and to the millisecond."""

from zoneinfo import ZoneInfo

import pytest

from app.exchange.faults import BadLine, sentence
from app.exchange.times import check_range, clock, day, seconds, stamp
from tests.builders import at

CHICAGO = ZoneInfo("America/Chicago")
NOVEMBER_1 = "2026-11-01"  # the hour from 01:00 happens twice in Chicago


def refusal(function: object, *arguments: object) -> str:
    with pytest.raises(BadLine) as caught:
        function(*arguments)  # type: ignore[operator]
    return sentence(caught.value.reason)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02T09:15:00.250-06:00",
        "2026-11-02T15:15:00.250Z",
        "20261102T151500.25Z",
        "2026-11-02 09:15:00.250",
        "2026-11-02T09:15:00.250999",
    ],
)
def test_iso_times_are_exact_to_the_millisecond(written: str) -> None:
    assert stamp("at", written, CHICAGO) == at("09:15:00.250")


@pytest.mark.parametrize("written", ["", "soon", "2026-11-02", "09:15", "2026-13-02T09:15", "2026-11-02T25:00", "0001"])
def test_what_is_no_date_and_time_is_refused(written: str) -> None:
    assert refusal(stamp, "at", written, CHICAGO) == (
        f"“{written}” in column at is no date and time: write it like 2026-11-02T09:15:00, "
        "with a zone (Z, +01:00) or without one for the clinic's."
    )


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59", "9999-12-31T23:59:59-23:59"])
def test_the_ends_of_the_calendar_break_nothing(written: str) -> None:
    def both(text: str) -> int:
        return check_range("at", text, stamp("at", text, CHICAGO), 1)

    assert refusal(both, written)


def test_a_time_that_spring_left_out_is_refused() -> None:
    assert refusal(stamp, "at", "2026-03-08T02:30:00", CHICAGO) == (
        "“2026-03-08 02:30:00” in column at never was in America/Chicago: "
        "the clock was put forward over it. Give it with its zone."
    )


def test_a_repeated_autumn_time_is_the_first_one_unless_that_breaks_the_order() -> None:
    first, second = at("01:30", NOVEMBER_1), at("01:30", NOVEMBER_1) + 3_600_000
    assert stamp("at", "2026-11-01T01:30", CHICAGO) == first
    assert stamp("at", "2026-11-01T01:30", CHICAGO, not_before=first) == first
    assert stamp("at", "2026-11-01T01:30", CHICAGO, not_before=first + 1) == second
    assert stamp("at", "2026-11-01T01:30", CHICAGO, not_before=second + 1) == first


def test_times_before_2000_or_far_ahead_are_refused() -> None:
    early = stamp("at", "1999-12-31T23:59:59.999Z", CHICAGO)
    assert refusal(check_range, "at", "1999", early, None) == (
        "“1999” in column at is before the year 2000: correct the date."
    )
    assert check_range("at", "2000", early + 1, early + 1) == early + 1
    assert refusal(check_range, "at", "2030", early + 2, early + 1) == (
        "“2030” in column at is more than a day ahead of now: correct the date."
    )


@pytest.mark.parametrize(
    ("written", "ms"),
    [("0", 0), ("0.000", 0), ("12.5", 12_500), ("908.816", 908_816), ("0.0005", 0), ("0.0015", 2), ("1.005", 1005)],
)
def test_seconds_are_exact(written: str, ms: int) -> None:
    assert seconds("start_s", written) == ms


@pytest.mark.parametrize("written", ["", "-1", "1e3", "1e999999999", "1,5", "NaN", "inf", ".5", "99999999999", "٣"])
def test_what_is_no_number_of_seconds_is_refused(written: str) -> None:
    assert "is no number of seconds" in refusal(seconds, "start_s", written)


@pytest.mark.parametrize("written", ["06-Jun-2025", "6-jun-25", "06 Jun 2025", "2025-06-06"])
def test_dates_as_wombat_and_spreadsheets_write_them(written: str) -> None:
    assert day("session date", written).isoformat() == "2025-06-06"


@pytest.mark.parametrize("written", ["31-Feb-2025", "06-Juno-2025", "06-Xyz-2025", "6/6/2025", ""])
def test_what_is_no_date_is_refused(written: str) -> None:
    assert "is no date" in refusal(day, "session date", written)


@pytest.mark.parametrize("written", ["24:00:00", "9:00", "09:60:00", "-1:00:00", "noon"])
def test_what_is_no_time_of_day_is_refused(written: str) -> None:
    assert "is no time of day" in refusal(clock, "start time", written)
    assert clock("start time", "9:05:07").isoformat() == "09:05:07"
