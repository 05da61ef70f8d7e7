"""Shifts by half-hours: what was typed, what is different on a day, and the days on which clocks change."""

from datetime import date

import pytest

from app.clinics.roster.week import Change, as_json, from_json, heads, heads_on, ma_hours, shift, slot_hours
from app.errors import BadRequest

CHICAGO = "America/Chicago"
WEEK = (shift(range(1, 6), "8:00", "17:00", "3"), shift((1,), "9:30", "12:00", "1"), shift((6,), "08:00", "12:00", "2"))


def hours(found: list[float]) -> dict[int, float]:
    return {hour: n for hour, n in enumerate(found) if n}


def test_a_week_is_counted_by_half_hours() -> None:
    monday = heads(WEEK, 1)
    assert (monday[15], monday[16], monday[18], monday[19], monday[23], monday[24], monday[34]) == (0, 3, 3, 4, 4, 3, 0)
    assert sum(heads(WEEK, 2)) == 3 * 18
    assert sum(heads(WEEK, 6)) == 2 * 8
    assert sum(heads(WEEK, 7)) == 0


def test_hours_of_a_day_add_up_to_its_shifts() -> None:
    found = ma_hours(heads(WEEK, 1), date(2026, 11, 2), CHICAGO)
    assert hours(found) == {8: 3, 9: 3.5, 10: 4, 11: 4, 12: 3, 13: 3, 14: 3, 15: 3, 16: 3}


def test_a_day_can_be_closed_short_longer_or_wholly_different() -> None:
    absent = Change("absent", (shift((), "8:00", "17:00", "1"),))
    extra = Change("extra", (shift((), "16:00", "18:00", "2"),))
    instead = Change("instead", (shift((), "10:00", "14:00", "2"),))
    assert sum(heads_on(WEEK, [absent], 2)) == 2 * 18
    assert heads_on(WEEK, [extra], 2)[32:37] == [5, 5, 2, 2, 0]
    assert sum(heads_on(WEEK, [instead], 1)) == 2 * 8
    assert sum(heads_on(WEEK, [absent, instead], 1)) == 1 * 8  # whoever is absent is absent from the new shifts
    assert sum(heads_on(WEEK, [instead, extra, Change("closed")], 1)) == 0
    assert min(heads_on((), [absent], 1)) == 0  # never below nobody


def test_the_hour_that_spring_skips_is_none_and_the_one_that_autumn_repeats_is_two() -> None:
    night = heads([shift((7,), "0:00", "4:00", "2")], 7)
    spring, autumn, plain = date(2026, 3, 8), date(2026, 11, 1), date(2026, 11, 8)
    assert hours(ma_hours(night, plain, CHICAGO)) == {0: 2, 1: 2, 2: 2, 3: 2}
    assert hours(ma_hours(night, spring, CHICAGO)) == {0: 2, 1: 2, 3: 2}
    assert hours(ma_hours(night, autumn, CHICAGO)) == {0: 2, 1: 4, 2: 2, 3: 2}
    assert [sum(slot_hours(day, CHICAGO)) for day in (spring, autumn, plain)] == [23, 25, 24]
    # a zone whose clock changes by half an hour
    assert [sum(slot_hours(date(2026, *day), "Australia/Lord_Howe")) for day in ((4, 5), (10, 4))] == [24.5, 23.5]


@pytest.mark.parametrize(
    ("begin", "end", "mas", "sentence"),
    [
        ("8:15", "12:00", "1", "“8:15” is no time of the roster"),
        ("8", "12:00", "1", "“8” is no time"),
        ("8:00", "24:30", "1", "“24:30” is no time"),
        ("\u0668:00", "12:00", "1", "is no time"),
        ("22:00", "6:00", "1", "ends before it begins"),
        ("8:00", "8:00", "1", "ends before it begins"),
        ("8:00", "12:00", "0", "“0” is no number of MAs"),
        ("8:00", "12:00", "2.5", "is no number of MAs"),
        ("8:00", "12:00", "99999999", "is no number of MAs"),
        ("8:00", "12:00", "", "is no number of MAs"),
    ],
)
def test_what_is_no_shift_is_refused_with_a_sentence(begin: str, end: str, mas: str, sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence):
        shift((1,), begin, end, mas)


def test_a_shift_reads_back_as_it_was_kept() -> None:
    until_midnight = shift((5, 1, 1), "18:00:00", "24:00", " 2 ")
    assert until_midnight.days == (1, 5)
    assert from_json(as_json((*WEEK, until_midnight))) == (*WEEK, until_midnight)
