"""Format neutral: seconds from the start of an observation."""

import pytest

from tests.builders import at
from tests.exchange.files import imported, log, meaning, number, only_session, said, task_ms, upload

HEADER = "observation,subject,behavior,type,start_s,stop_s,modifier,observation_start,observation_length_s"
DATED = "2026-11-02T09:00:00"


def line(behavior: str, start: str, stop: str, *, type: str = "state", modifier: str = "", whose: str = "dog",
         date: str = DATED, length: str = "600.000") -> str:  # fmt: skip
    return f"video,{whose},{behavior},{type},{start},{stop},{modifier},{date},{length}"


def test_second_0_begins_the_session_and_its_length_ends_it() -> None:
    session = only_session(upload(HEADER, line("trial", "10.250", "20.001"), line("latency", "12.000", "13.500")))
    assert session.begin == at("09:00")
    assert log(session) == [
        "+0 begin",
        "+10.25 start trial",
        "+12 parallel_start latency",
        "+13.5 parallel_stop latency",
        "+20.001 stop",
        "+600 end",
    ]
    assert task_ms(session) == {"trial": 9751, "latency": 1500}


def test_a_state_that_never_stopped_runs_to_the_end() -> None:
    session = only_session(upload(HEADER, line("trial", "10.000", "")))
    assert task_ms(session) == {"trial": 590_000}


def test_without_a_length_the_session_ends_with_its_last_line() -> None:
    session = only_session(upload(HEADER, line("trial", "10", "", length=""), line("tap", "70", "70", length="")))
    assert log(session)[-1] == "+70 end"
    assert task_ms(session) == {"trial": 60_000}


def test_points_are_counts_and_modifiers_the_detail() -> None:
    result = imported(
        upload(
            HEADER,
            line("trial", "10.000", "20.000", modifier="first"),
            line("choice", "15.000", "15.000", type="point", modifier="left"),
            line("choice", "16.000", "", type="point"),
            line("trial", "20.000", "30.000"),
        )
    )
    (session,) = result.sessions
    assert log(session)[1:5] == [
        "+10 start trial detail=first",
        "+15 count choice",
        "+16 count choice",
        "+20 start trial detail=none",
    ]
    assert meaning(session).counts == {"choice": 2}
    assert number(session) == {"trial": 2}
    assert [remark.reason.code for remark in result.remarks] == ["details_left_out"]


def test_each_subject_of_an_observation_is_a_session_of_its_own() -> None:
    result = imported(
        upload(
            HEADER,
            line("look", "1.000", "5.000", whose="mother"),
            line("look", "2.000", "6.000", whose="child"),
        )
    )
    assert not result.faults
    assert sorted((one.label, one.subject) for one in result.sessions) == [
        ("video (child)", "child"),
        ("video (mother)", "mother"),
    ]


def test_an_observation_without_a_date_stands_in_january_2000() -> None:
    result = imported(upload(HEADER, line("trial", "10.000", "20.000", date="", length="")))
    (session,) = result.sessions
    assert session.undated
    assert session.begin == at("00:00", "2000-01-03")
    assert [(remark.reason.code, remark.reason.values) for remark in result.remarks] == [
        ("undated", {"origin": "2000-01-03 00:00:00"})
    ]


def test_undated_observations_of_one_name_in_two_files_are_two_sessions() -> None:
    one = upload(HEADER, line("trial", "10", "20", date=""), line("trial", "30", "40", date=""), name="dog_1.csv")
    two = upload(HEADER, line("trial", "11", "21", date=""), line("trial", "30", "40", date=""), name="dog_2.csv")
    result = imported(one, two)
    assert len(result.sessions) == 2
    assert not result.faults
    assert {session.id for session in result.sessions} == {only_session(one).id, only_session(two).id}


def test_the_same_observation_in_two_files_is_one_session() -> None:
    one = upload(HEADER, line("trial", "10", "20"), line("trial", "30", "40"), name="single.csv")
    pooled = upload(HEADER, line("trial", "30", "40"), line("trial", "10", "20"), name="pooled.csv")
    assert only_session(one, pooled) == only_session(one)


def test_lines_beyond_the_stated_length_stretch_the_session() -> None:
    result = imported(upload(HEADER, line("trial", "10.000", "601.000")))
    assert log(result.sessions[0])[-1] == "+601 end"
    assert [remark.reason.code for remark in result.remarks] == ["longer_than_stated"]


def test_seconds_are_real_seconds_across_a_clock_change() -> None:
    across = line("trial", "0", "86400", date="2026-10-31T12:00:00", length="")
    assert task_ms(only_session(upload(HEADER, across))) == {"trial": 86_400_000}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (line("trial", "-1.000", "2"), "“-1.000” in column start_s is no number of seconds"),
        (line("trial", "", "2"), "The column start_s is empty and must not be."),
        (line("trial", "", "2", date=""), "The column start_s is empty and must not be."),
        (line("trial", "3", "2"), "It ends (2) before it starts (3)."),
        (line("trial", "3", "4", type="point"), "It is a point but ends at another time (4)"),
        (line("trial", "3", "4", type="span"), "“span” in column type is not known"),
        (line("", "3", "4"), "The column behavior is empty and must not be."),
        (line("trial", "3", "4", length="long"), "“long” in column observation_length_s is no number of seconds"),
        (line("trial", "3", "4", date="today"), "“today” in column observation_start is no date and time"),
        (line("trial", "3", "4", date="2026-03-08T02:30"), "“2026-03-08 02:30:00” in column observation_start never"),
        (line("trial", "3", "4", whose=""), "The column subject is empty and must not be."),
    ],
)
def test_a_bad_line_says_what_is_wrong(bad: str, told: str) -> None:
    (fault,) = imported(upload(HEADER, bad)).faults
    assert said(fault).startswith(f"2: {told}")
    assert fault.session == "video"


def test_a_line_that_gives_another_length_than_the_others_is_bad() -> None:
    lines = (line("trial", "1", "2"), line("trial", "3", "4", length="700"), line("trial", "5", "6"))
    (fault,) = imported(upload(HEADER, *lines)).faults
    assert said(fault).startswith("3: It says “700” in column observation_length_s, but other lines")
    assert "say “600.000”" in said(fault)
