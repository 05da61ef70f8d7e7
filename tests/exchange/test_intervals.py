"""Format intervals: one task a line; the sweep that makes a primary track and parallel tasks of them."""

import pytest

from app.exchange.layout import Choices
from tests.exchange.files import imported, log, meaning, number, only_session, said, task_ms, upload

HEADER = "session,subject,task,start,end"
FULL = f"{HEADER},type,trigger,observed_from,observed_to"


def row(task: str, start: str, end: str, *more: str) -> str:
    return ",".join(["A", "MA-01", task, _time(start), _time(end), *(_time(value) for value in more)])


def _time(clock: str) -> str:
    return f"2026-11-02T{clock}" if ":" in clock else clock


def test_a_task_follows_another_and_gaps_are_idle() -> None:
    session = only_session(
        upload(
            HEADER,
            row("rooming", "09:00", "09:05"),
            row("vitals", "09:05", "09:10"),
            row("forms", "09:20", "09:30"),
        )
    )
    assert log(session) == [
        "+0 begin",
        "+0 start rooming",
        "+300 start vitals",
        "+600 stop",
        "+1200 start forms",
        "+1800 end",
    ]
    assert task_ms(session) == {"rooming": 300_000, "vitals": 300_000, "forms": 600_000}


def test_a_row_that_starts_while_the_primary_runs_is_parallel_for_its_whole_length() -> None:
    session = only_session(
        upload(
            HEADER,
            row("rooming", "09:00", "09:10"),
            row("documentation", "09:05", "09:20"),
            row("vitals", "09:10", "09:15"),
        )
    )
    assert log(session) == [
        "+0 begin",
        "+0 start rooming",
        "+300 parallel_start documentation",
        "+600 start vitals",
        "+900 stop",
        "+1200 end",
    ]
    assert task_ms(session) == {"rooming": 600_000, "documentation": 900_000, "vitals": 300_000}


def test_of_two_rows_that_start_together_the_longer_one_is_the_primary() -> None:
    session = only_session(upload(HEADER, row("forms", "09:00", "09:05"), row("rooming", "09:00", "09:10")))
    assert log(session)[1:3] == ["+0 start rooming", "+0 parallel_start forms"]


def test_of_two_rows_of_one_start_and_end_the_line_decides() -> None:
    session = only_session(upload(HEADER, row("forms", "09:00", "09:05"), row("calls", "09:00", "09:05")))
    assert log(session)[1:3] == ["+0 start forms", "+0 parallel_start calls"]


def test_a_parallel_task_may_follow_itself_at_once() -> None:
    session = only_session(
        upload(
            HEADER,
            row("rooming", "09:00", "09:30"),
            row("forms", "09:05", "09:10"),
            row("forms", "09:10", "09:15"),
        )
    )
    assert number(session) == {"rooming": 1, "forms": 2}
    assert task_ms(session) == {"rooming": 1_800_000, "forms": 600_000}


def test_rows_of_no_length_count_as_occurrences() -> None:
    session = only_session(
        upload(
            HEADER,
            row("vitals", "09:00", "09:00"),
            row("rooming", "09:00", "09:10"),
            row("forms", "09:10", "09:10"),
            row("calls", "09:10", "09:20"),
            row("fax", "09:20", "09:20"),
        )
    )
    assert number(session) == {"vitals": 1, "rooming": 1, "forms": 1, "calls": 1, "fax": 1}


def test_a_row_of_no_length_while_another_runs_is_kept_and_told() -> None:
    result = imported(upload(HEADER, row("rooming", "09:00", "09:10"), row("forms", "09:05", "09:05")))
    assert [(remark.reason.code, remark.reason.values) for remark in result.remarks] == [("no_length_beside", {"n": 1})]
    assert log(result.sessions[0])[2:4] == ["+300 parallel_start forms", "+300 parallel_stop forms"]


def test_points_are_prompts_where_a_trigger_is_set_and_counts_elsewhere() -> None:
    session = only_session(
        upload(
            FULL,
            row("rooming", "09:00", "09:10", "state", "", "", ""),
            row("", "09:02", "", "point", "phone", "", ""),
            row("visits", "09:03", "09:03", "Point", "", "", ""),
        )
    )
    assert log(session)[2:4] == ["+120 prompt phone", "+180 count visits"]
    assert meaning(session).prompts[0].task == "rooming"


def test_a_parallel_row_keeps_its_trigger_and_a_primary_one_has_no_place_for_it() -> None:
    result = imported(
        upload(
            FULL,
            row("rooming", "09:00", "09:10", "", "phone", "", ""),
            row("forms", "09:05", "09:10", "", "ehr", "", ""),
        )
    )
    assert log(result.sessions[0])[1:3] == ["+0 start rooming", "+300 parallel_start ehr forms"]
    assert [remark.reason.code for remark in result.remarks] == ["trigger_left_out"]


def test_stated_bounds_make_the_session_longer_than_its_rows() -> None:
    bounds = ("", "", "08:50", "09:30")
    session = only_session(upload(FULL, row("rooming", "09:00", "09:10", *bounds)))
    assert log(session) == ["+0 begin", "+600 start rooming", "+1200 stop", "+2400 end"]


def test_rows_outside_the_stated_bounds_are_bad() -> None:
    bounds = ("", "", "09:00", "09:30")
    result = imported(
        upload(
            FULL,
            row("rooming", "09:00", "09:10", *bounds),
            row("forms", "08:59", "09:10", *bounds),
            row("calls", "09:10", "09:31", *bounds),
            row("visits", "09:40", "", "point", *bounds[1:]),
        )
    )
    told = "It lies outside observed_from and observed_to of session “A”."
    assert [said(fault) for fault in result.faults] == [f"{n}: {told}" for n in (3, 4, 5)]


def test_bounds_that_run_backwards_are_bad() -> None:
    result = imported(upload(FULL, row("rooming", "09:00", "09:10", "", "", "09:30", "09:00")))
    assert [said(fault) for fault in result.faults] == ["2: observed_to of session “A” is before its observed_from."]


def test_a_row_that_overlaps_one_of_its_own_task_is_bad_and_names_both_lines() -> None:
    lines = (row("forms", "09:00", "09:10"), row("rooming", "09:01", "09:04"), row("Forms", "09:05", "09:20"))
    result = imported(upload(HEADER, *lines))
    assert [said(fault) for fault in result.faults] == [
        "4: It overlaps line 2 of the same task “Forms” in session “A”: "
        "correct one of the two, or join them with the option “merge”."
    ]
    assert result.sessions[0].incomplete


def test_an_overlap_between_two_files_names_the_other_file() -> None:
    result = imported(
        upload(HEADER, row("forms", "09:00", "09:10")),
        upload(HEADER, row("forms", "09:05", "09:20"), name="rest.csv"),
    )
    assert [(fault.file, said(fault)) for fault in result.faults] == [
        (
            "rest.csv",
            "2: It overlaps line 2 of the same task “forms” in session “A” (log.csv): "
            "correct one of the two, or join them with the option “merge”.",
        )
    ]


def test_merging_joins_rows_that_overlap_one_of_their_own_task() -> None:
    lines = (
        row("forms", "09:00", "09:10"),
        row("forms", "09:05", "09:20"),
        row("forms", "09:15", "09:17"),
        row("forms", "09:20", "09:30"),
    )
    session = only_session(upload(HEADER, *lines), choices=Choices(merge=True))
    assert log(session) == ["+0 begin", "+0 start forms", "+1200 start forms", "+1800 end"]


def test_rows_of_an_unobserved_task_are_pauses() -> None:
    lines = (row("rooming", "09:00", "09:10"), row("Away", "09:10", "09:20"), row("forms", "09:25", "09:30"))
    session = only_session(upload(HEADER, *lines), choices=Choices(unobserved="away"))
    assert log(session) == [
        "+0 begin",
        "+0 start rooming",
        "+600 stop",
        "+600 pause",
        "+1200 continue",
        "+1500 start forms",
        "+1800 end",
    ]
    assert (meaning(session).observed_ms, meaning(session).paused_ms) == (1_200_000, 600_000)


def test_what_ran_in_unobserved_time_is_bad() -> None:
    lines = (row("away", "09:10", "09:20"), row("forms", "09:15", "09:30"))
    result = imported(upload(HEADER, *lines), choices=Choices(unobserved="away"))
    assert [said(fault) for fault in result.faults] == [
        "3: It overlaps line 2, which stands for unobserved time, in session “A”: correct one."
    ]


def test_a_row_through_the_repeated_autumn_hour_has_its_true_length() -> None:
    session = only_session(upload(HEADER, "A,MA-01,forms,2026-11-01T01:50,2026-11-01T01:10"))
    assert task_ms(session) == {"forms": 20 * 60_000}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (row("forms", "09:10", "09:00", "", "", "", ""), "It ends (2026-11-02T09:00) before it starts"),
        (row("forms", "09:10", "", "", "", "", ""), "The column end is empty and must not be."),
        (row("forms", "09:10", "x", "", "", "", ""), "“x” in column end is no date and time"),
        (row("", "09:10", "09:20", "", "", "", ""), "The column task is empty and must not be."),
        (row("forms", "09:10", "09:20", "span", "", "", ""), "“span” in column type is not known"),
        (row("forms", "09:10", "09:20", "point", "", "", ""), "It is a point but ends at another time"),
        (row("", "09:10", "", "point", "", "", ""), "The column task is empty and must not be."),
        ("A,MA-01,forms,2026-03-08T02:30,2026-03-08T03:30,,,,", "“2026-03-08 02:30:00” in column start never was"),
    ],
)
def test_a_bad_row_says_what_is_wrong(bad: str, told: str) -> None:
    (fault,) = imported(upload(FULL, bad)).faults
    assert said(fault).startswith(f"2: {told}")
    assert fault.session == "A"
