"""Format boris: the tabular event export of the BORIS tool."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.exchange.layout import Choices
from app.exchange.lines import Upload
from tests.exchange.files import imported, log, meaning, number, only_session, said, task_ms

COLUMNS = "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tModifiers\tBehavioral category\tComment\tStatus"
BEGIN = round(datetime(2026, 11, 2, 9, tzinfo=ZoneInfo("America/Chicago")).timestamp() * 1000)


def line(time: str, behavior: str, status: str, subject: str = "ma-1", modifiers: str = "", length: str = "") -> str:
    return "\t".join([time, "a.mp4", length, "25.0", subject, behavior, modifiers, "", "", status])


def export(*lines: str, called: str = "morning", date: str = "2026-11-02 09:00:00", header: str = COLUMNS) -> Upload:
    above = [
        f"Observation id\t{called}\t\t",
        "\t\t",
        "Media file(s)\t\t",
        "Player #1\ta.mp4\t",
        f"Observation date\t{date}",
    ]
    below = ["", "independent variables", "variable\tvalue", "a\t12", ""]
    return Upload("boris.tsv", "\n".join([*above, *below, header, *lines, ""]).encode())


def test_a_start_and_its_stop_are_one_stretch_counted_from_the_observations_date() -> None:
    session = only_session(
        export(
            line("3.300", "Talk", "START"),
            line("7.750", "Talk", "STOP"),
            line("9.900", "Walk", "START", length="20.5"),
            line("12", "Walk", "STOP"),
        )
    )
    assert (session.label, session.subject, session.begin) == ("morning (ma-1)", "ma-1", BEGIN)
    assert log(session) == ["+0 begin", "+3.3 start Talk", "+7.75 stop", "+9.9 start Walk", "+12 stop", "+20.5 end"]


def test_each_subject_is_a_session_of_its_own() -> None:
    result = imported(
        export(
            line("1", "Talk", "START"),
            line("2", "Talk", "START", subject="ma-2"),
            line("3", "Talk", "STOP"),
            line("5", "Talk", "STOP", subject="ma-2"),
            line("6", "Walk", "POINT", subject=""),
        )
    )
    assert not result.faults
    told = {one.label: (task_ms(one), meaning(one).counts) for one in result.sessions}
    assert told == {
        "morning (ma-1)": ({"Talk": 2000}, {}),
        "morning (ma-2)": ({"Talk": 3000}, {}),
        "morning (No focal subject)": ({}, {"Walk": 1}),
    }


def test_codes_that_overlap_run_beside_each_other() -> None:
    session = only_session(
        export(
            line("0", "Talk", "START"),
            line("2", "Walk", "START"),
            line("4", "Walk", "STOP"),
            line("5", "Phone", "START"),
            line("10", "Talk", "STOP"),
            line("12", "Phone", "STOP"),
        )
    )
    assert task_ms(session) == {"Talk": 10_000, "Walk": 2000, "Phone": 7000}
    assert number(session) == {"Talk": 1, "Walk": 1, "Phone": 1}
    assert [one.task for one in meaning(session).parallel] == ["Walk", "Phone"]


def test_a_modifier_is_the_detail_and_tells_overlapping_states_of_one_code_apart() -> None:
    lines = (
        line("0", "Talk", "START", modifiers="loud"),
        line("2", "Talk", "START", modifiers="low"),
        line("3", "Talk", "STOP", modifiers="loud"),
        line("6", "Talk", "STOP", modifiers="low"),
    )
    (fault,) = imported(export(*lines)).faults
    assert said(fault).startswith("13: It overlaps line 12 of the same task “Talk” in session “morning (ma-1)”")
    session = only_session(export(*lines), choices=Choices(merge=True))
    assert (task_ms(session), meaning(session).segments[0].context) == ({"Talk": 6000}, {"detail": "loud"})


def test_lines_that_fit_no_other_are_named_by_their_place_in_the_file() -> None:
    result = imported(
        export(
            line("1", "Talk", "STOP"),
            line("2", "Walk", "START"),
            line("3", "Walk", "START"),
            line("4", "Walk", "STOP"),
            line("soon", "Walk", "START"),
            line("5", "Walk", "BEGIN"),
            line("6", "", "START"),
        )
    )
    assert [said(fault) for fault in result.faults] == [
        "12: “Talk” of ma-1 stops here, but no line before started it: add the START.",
        "14: “Walk” of ma-1 starts here while the one of line 13 still runs: add its STOP before this line.",
        "16: “soon” in column time is no number of seconds from 0 on, such as 12.500.",
        "17: “BEGIN” in column status is not known: write one of start, stop, point.",
        "18: The column behavior is empty and must not be.",
    ]
    (session,) = result.sessions
    assert (task_ms(session), session.incomplete) == ({"Walk": 2000}, True)


def test_a_state_that_never_stops_runs_to_the_end_and_is_told() -> None:
    result = imported(export(line("2", "Talk", "START", length="10"), line("4", "Walk", "POINT")))
    assert not result.faults
    assert task_ms(result.sessions[0]) == {"Talk": 8000}
    assert "never_stopped" in {remark.reason.code for remark in result.remarks}


def test_the_order_of_the_lines_decides_nothing_even_within_one_millisecond() -> None:
    lines = [
        line("0", "Talk", "START"),
        line("5", "Talk", "STOP"),
        line("5", "Talk", "START"),
        line("5", "Talk", "STOP"),
        line("5", "Talk", "START"),
        line("9", "Talk", "STOP"),
    ]
    one, other = only_session(export(*lines)), only_session(export(*reversed(lines)))
    assert (task_ms(one), number(one)) == ({"Talk": 9000}, {"Talk": 3})
    assert [event["id"] for event in one.events] == [event["id"] for event in other.events]


def test_times_may_be_written_as_hours_and_the_columns_divided_by_commas() -> None:
    tabbed = export(line("00:01:02.500", "Talk", "START"), line("01:00:00.000", "Talk", "STOP"))
    session = only_session(Upload("a.csv", tabbed.data.replace(b"\t", b",")))
    assert task_ms(session) == {"Talk": 3_600_000 - 62_500}


def test_an_observation_without_a_date_stands_in_nobodys_way_and_is_told_from_others_of_its_name() -> None:
    one = only_session(export(line("0", "Talk", "START"), line("5", "Talk", "STOP"), date=""))
    other = only_session(export(line("0", "Walk", "START"), line("5", "Walk", "STOP"), date=""))
    assert (one.undated, one.label == other.label, one.id == other.id) == (True, True, False)


def test_a_date_that_is_none_is_a_fault_and_no_session() -> None:
    result = imported(export(line("0", "Talk", "START"), date="some day"))
    assert [fault.reason.code for fault in result.faults] == ["bad_time"]
    assert not result.sessions


def test_an_export_without_events_is_told() -> None:
    result = imported(export())
    assert (result.faults, [remark.reason.code for remark in result.remarks]) == ((), ["no_lines", "ignored_columns"])


def test_a_file_without_such_a_header_is_refused_with_the_columns_it_lacks() -> None:
    (fault,) = imported(export(header="Time\tSubject\tBehavior"), format="boris").faults
    assert said(fault) == "1: The header of format boris needs the columns time, subject, behavior, status too."
