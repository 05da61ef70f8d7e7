"""A time of day as somebody types it: of all the instants that it may name, the one that is meant."""

import pytest

from app.capture.review.typed import instant
from tests.builders import at

CHICAGO = "America/Chicago"
NOON = at("12:00")


@pytest.mark.parametrize(
    ("typed", "near", "wanted"),
    [
        ("9:41", at("09:40"), at("09:41")),
        ("9:41:07", at("09:40"), at("09:41:07")),
        ("9:41:07.250", at("09:40"), at("09:41:07.250")),
        ("09.41", at("09:40"), at("09:41")),
        ("9h41", at("09:40"), at("09:41")),
        ("9:41 PM", at("11:40"), at("21:41")),
        ("9:41 p.m.", at("11:40"), at("21:41")),
        ("9:41\u202fAM", at("11:40"), at("09:41")),
        ("9:41", at("21:40"), at("21:41")),  # the evening needs no PM
        ("21:41", at("21:40"), at("21:41")),
        ("12:05", at("11:58"), at("12:05")),
        ("12:05", at("23:58"), at("00:05", "2026-11-03")),  # midnight needs no date
        ("0:05", at("23:58"), at("00:05", "2026-11-03")),
        ("23:58", at("00:05", "2026-11-03"), at("23:58")),
        ("9:40", at("09:40:00.250"), at("09:40:00.250")),  # the second that is shown is the instant behind it
        ("1:30", at("01:20", "2026-11-01"), at("01:30", "2026-11-01")),
        ("1:30", at("01:20", "2026-11-01") + 3_600_000, at("01:30", "2026-11-01") + 3_600_000),  # the second time
    ],
)
def test_it_is_the_one_nearest_to_what_is_known(typed: str, near: int, wanted: int) -> None:
    assert instant(typed, near, CHICAGO) == wanted


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "9:60", "9:41:60", "13:00 PM", "0:10 AM", "9", "9:4", "9:41 x"])
def test_what_is_no_time_is_none(typed: str) -> None:
    assert instant(typed, NOON, CHICAGO) is None


def test_a_time_that_the_clock_skips_in_spring_is_none() -> None:
    assert instant("2:30 AM", at("03:10", "2026-03-08"), CHICAGO) is None
    assert instant("3:30 AM", at("03:10", "2026-03-08"), CHICAGO) == at("03:30", "2026-03-08")
