"""A roster from CSV or from a calendar: what it becomes, and every line that does not fit, by number."""

from datetime import date

import pytest

from app.clinics.roster.calendar import is_calendar, read_calendar
from app.clinics.roster.files import read_csv, text_of
from app.clinics.roster.week import Shift, clock_of
from app.errors import BadRequest

CHICAGO = "America/Chicago"


def spoken(shifts: list[Shift]) -> list[str]:
    return [f"{one.mas} {clock_of(one.begin)}-{clock_of(one.end)}" for one in shifts]


def test_a_week_is_read_by_names_or_numbers_with_any_divider() -> None:
    for text in (
        "weekday,from,to,mas\nMonday,8:00,17:00,3\n2,8:30,12:00,1\n",
        "\ufeffmas;to;weekday;from\r\n3;17:00;mon;08:00\r\n\r\n1;12:00;Tue;8:30\r\n",
        'weekday\tfrom\tto\tmas\tnote\n"1"\t8:00\t17:00\t3\tx\nTu\t8:30\t12:00\t1\t\n',
    ):
        found = read_csv(text_of(text.encode()))
        assert found.faults == []
        assert (found.lines, [one.days for one in found.shifts]) == (2, [(1,), (2,)])
        assert spoken(found.shifts) == ["3 08:00-17:00", "1 08:30-12:00"]


def test_single_days_add_up_and_nobody_is_a_day_too() -> None:
    found = read_csv("day,from,to,mas\n2026-11-02,8:00,12:00,2\n2026-11-02,8:00,17:00,1\n2026-11-26,,,0\n")
    assert {day: spoken(shifts) for day, shifts in found.days.items()} == {
        "2026-11-02": ["2 08:00-12:00", "1 08:00-17:00"],
        "2026-11-26": [],
    }


def test_every_line_that_does_not_fit_is_named() -> None:
    found = read_csv(
        "weekday,from,to,mas\nMonday,8:00,17:00,3\nHoliday,8:00,17:00,3\n3,8:15,17:00,3\n4,17:00,8:00,3\n5,8:00\n"
    )
    assert [line for line, _why in found.faults] == [3, 4, 5, 6]
    told = "\n".join(why for _line, why in found.faults)
    for part in ("“Holiday” is no weekday", "“8:15” is no time", "ends before it begins", "“” is no time"):
        assert part in told
    days = read_csv("day,from,to,mas\n02.11.2026,8:00,17:00,3\n2026-02-30,8:00,17:00,3\n")
    assert [line for line, _why in days.faults] == [2, 3]


@pytest.mark.parametrize("text", ["", "name,when\nx,y\n", "weekday,from,mas\n1,8:00,3\n"])
def test_a_file_without_the_columns_is_refused_with_their_names(text: str) -> None:
    with pytest.raises(BadRequest, match="weekday,from,to,mas or day,from,to,mas"):
        read_csv(text)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadRequest, match="no text in UTF-8"):
        text_of(b"\xff\xfe\x00w")


# --- calendars -------------------------------------------------------------------------------------------------------


def calendar(*events: str) -> str:
    inside = "".join(f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{inside}END:VCALENDAR\n".replace("\n", "\r\n")


def days_of(*events: str, first: str = "2026-11-02") -> dict[str, list[str]]:
    text = calendar(*events)
    assert is_calendar(text)
    found = read_calendar(text, CHICAGO, date.fromisoformat(first))
    assert found.faults == []
    return {day: spoken(shifts) for day, shifts in found.days.items()}


def test_each_event_is_one_ma_whatever_it_is_called() -> None:
    """In the clinic's zone, in UTC and in another zone; folded lines, an alarm inside, and equal shifts together."""
    found = days_of(
        "SUMMARY:Inés Prado\\, opening\nDTSTART;TZID=America/Chicago:20261102T080000\n"
        "DTEND;TZID=America/Chicago:20261102\n T170000",
        "DTSTART:20261102T140000Z\nDURATION:PT9H\nBEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT5M\nEND:VALARM",
        'DTSTART;TZID="America/New_York":20261103T093000\nDTEND:20261103T200000Z',
        "DTSTART:20261103T081000\nDTEND:20261103T122000",
        'DTSTART;TZID="Pacific Standard Time":20261104T060000\nDURATION:PT4H',  # as Outlook says it
    )
    assert found == {
        "2026-11-02": ["2 08:00-17:00"],
        "2026-11-03": ["1 08:00-12:30", "1 08:30-14:00"],
        "2026-11-04": ["1 08:00-12:00"],
    }


def test_repetitions_keep_the_time_on_the_wall_over_the_change_of_clocks() -> None:
    found = days_of(
        "DTSTART;TZID=America/Chicago:20261030T080000\nDTEND;TZID=America/Chicago:20261030T120000\n"
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SA;UNTIL=20261128T060000Z\nEXDATE;TZID=America/Chicago:20261114T080000",
        "DTSTART:20261104T130000\nDURATION:PT4H\nRRULE:FREQ=DAILY;COUNT=3",
    )
    assert found == {
        "2026-11-04": ["1 13:00-17:00"],
        "2026-11-05": ["1 13:00-17:00"],
        "2026-11-06": ["1 13:00-17:00"],
        "2026-11-13": ["1 08:00-12:00"],
        "2026-11-27": ["1 08:00-12:00"],
    }


def test_a_moved_occurrence_takes_the_place_of_its_own_and_a_cancelled_one_is_gone() -> None:
    text = calendar(
        "DTSTART:20261102T080000\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;COUNT=3",
        "DTSTART:20261103T080000\nDURATION:PT4H\nSTATUS:CANCELLED",
    ).replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:0\r\nRECURRENCE-ID:20261109T080000\r\nDTSTART:20261110T100000\r\nDURATION:PT2H\r\nEND:VEVENT\r\nEND:VCALENDAR",
    )
    found = read_calendar(text, CHICAGO, date(2026, 11, 2))
    assert {day: spoken(shifts) for day, shifts in found.days.items()} == {
        "2026-11-02": ["1 08:00-12:00"],
        "2026-11-10": ["1 10:00-12:00"],
        "2026-11-16": ["1 08:00-12:00"],
    }


def test_a_night_shift_belongs_to_both_its_days_and_days_before_are_left_alone() -> None:
    assert days_of("DTSTART:20261101T220000\nDTEND:20261102T060000") == {"2026-11-02": ["1 00:00-06:00"]}


def test_what_cannot_be_read_is_named_and_whole_days_are_left_out_aloud() -> None:
    found = read_calendar(
        calendar(
            "DTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261127",
            "DTSTART;TZID=Mars/Base:20261102T080000\nDURATION:PT4H",
            "DTSTART:20261102T080000\nDURATION:PT4H\nRRULE:FREQ=MONTHLY",
            "DTSTART:20261102T080000",
            "DTSTART:2026T\nDURATION:PT4H",
        ),
        CHICAGO,
        date(2026, 11, 2),
    )
    assert found.days == {}
    assert len(found.faults) == 4
    told = "\n".join(why for _line, why in found.faults)
    for part in (
        "“Mars/Base” is no time zone",
        "“FREQ=MONTHLY” is no repetition",
        "does not last",
        "“2026T” is no time",
    ):
        assert part in told
    assert found.faults[0][0] == 8  # the line on which the event begins
    assert found.passed_over == ["1 event of a whole day: left out, for no hours can be told."]
