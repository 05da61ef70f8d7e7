"""Format wombat: the task export of the WOMBAT tool."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exchange.layout import Choices
from app.exchange.lines import Upload
from tests.builders import at
from tests.exchange.files import imported, log, meaning, number, only_session, said, task_ms, upload

COLUMNS = {
    "date": "session date",
    "session": "session id",
    "location": "location id",
    "begin": "session start",
    "end": "session end",
    "id": "observer/session/task id",
    "what": "What (Clinic)",
    "sub": "What (Clinic) (subcategories)",
    "start": "start time",
    "stop": "end time",
    "doctor": "[With Whom] Doctor",
    "patient": "[With Whom] Patient",
    "phone": "[How] Phone",
    "where": "Where",
    "breaks_in": "is interrupting task?",
    "by": "int task id 1",
    "int_start": "int start 1",
    "int_end": "int end 1",
    "by_2": "int task id 2",
    "int_start_2": "int start 2",
    "int_end_2": "int end 2",
}
DEFAULTS = {"date": "02-Nov-2026", "session": "77", "location": "Main", "begin": "09:00:00", "end": "09:30:00"} | {
    "sub": "0",
    "doctor": "0",
    "patient": "0",
    "phone": "0",
    "breaks_in": "false",
}
START = at("09:00")


def row(what: str, start: str, stop: str, **values: str) -> str:
    said = DEFAULTS | {"what": what, "start": start, "stop": stop} | values
    return ",".join(said.get(column, "") for column in COLUMNS)


def export(*rows: str) -> Upload:
    return upload(",".join(COLUMNS.values()), *rows)


def test_rows_follow_each_other_within_the_stated_session() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:10:00"),
            row("Walk", "09:10:00", "09:12:00"),
            row("Talk", "09:15:00", "09:30:00"),
        )
    )
    assert session.begin == START
    assert (session.subject, session.staff_role, session.mode) == ("unknown", "MA", "observed")
    assert log(session) == [
        "+0 begin",
        "+0 start Talk",
        "+600 start Walk",
        "+720 stop",
        "+900 start Talk",
        "+1800 end",
    ]


def test_context_is_what_the_row_ticks_and_nothing_of_the_row_before() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:10:00", sub="Advice", doctor="1", patient="1", phone="1", where="Hall"),
            row("Walk", "09:10:00", "09:12:00", patient="1"),
            row("Talk", "09:12:00", "09:30:00", patient="1"),
        )
    )
    assert [segment.context for segment in meaning(session).segments] == [
        {"detail": "Advice", "location": "Hall", "tool": "Phone", "with-whom": "Doctor+Patient"},
        {"detail": "none", "location": "none", "tool": "none", "with-whom": "Patient"},
        {"detail": "none", "location": "none", "tool": "none", "with-whom": "Patient"},
    ]


def test_an_interruption_that_is_resumed_is_one_episode_with_its_task() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:12:00", where="Hall"),
            row("Phone", "09:05:00", "09:12:00", id="2", breaks_in="true", where="Desk"),
        )
    )
    assert log(session) == [
        "+0 begin",
        "+0 start Talk location=Hall",
        "+300 interrupt unspecified Phone",
        "+300 context location=Desk",
        "+720 resume",
        "+1800 end",
    ]
    assert number(session) == {"Talk": 1, "Phone": 1}
    assert task_ms(session) == {"Talk": 23 * 60_000, "Phone": 7 * 60_000}
    assert [segment.context["location"] for segment in meaning(session).segments] == ["Hall", "Desk", "Hall"]


def test_a_task_inside_that_ends_earlier_is_stopped_there() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:20:00"),
            row("Phone", "09:05:00", "09:08:00", id="2", breaks_in="true"),
            row("Walk", "09:10:00", "09:12:00", id="3"),
            row("Forms", "09:12:00", "09:20:00", id="4"),
        )
    )
    assert log(session) == [
        "+0 begin",
        "+0 start Talk",
        "+300 interrupt unspecified Phone",
        "+480 stop",
        "+600 start Walk",
        "+720 start Forms",
        "+1200 resume",
        "+1800 end",
    ]
    assert [segment.depth for segment in meaning(session).segments] == [0, 1, 1, 1, 1, 0]


def test_what_is_never_resumed_stays_open_to_the_end() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:30:00"),
            row("Talk", "09:05:00", "09:08:00", id="2", breaks_in="true"),
            row("Walk", "09:08:00", "09:30:00", id="3"),
        )
    )
    assert log(session)[2:5] == ["+300 interrupt unspecified Talk", "+480 stop", "+480 start Walk"]
    assert [one.outcome for one in meaning(session).interruptions] == ["open"]
    assert task_ms(session) == {"Talk": 8 * 60_000, "Walk": 22 * 60_000}
    assert number(session) == {"Talk": 2, "Walk": 1}


def test_an_interruption_may_be_interrupted() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:20:00"),
            row("Phone", "09:05:00", "09:20:00", id="2", by="3", int_start="09:10:00", int_end="09:20:00"),
            row("Walk", "09:10:00", "09:20:00", id="3"),
        )
    )
    assert log(session)[2:-1] == [
        "+300 interrupt unspecified Phone",
        "+600 interrupt unspecified Walk",
        "+1200 resume",
        "+1200 resume",
    ]
    assert task_ms(session) == {"Talk": 15 * 60_000, "Phone": 5 * 60_000, "Walk": 10 * 60_000}
    assert number(session) == {"Talk": 1, "Phone": 1, "Walk": 1}


def test_a_row_may_be_interrupted_twice_and_at_once() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:05:00", by_2="3",
                int_start_2="09:05:00", int_end_2="09:06:00"),
            row("Phone", "09:05:00", "09:05:00", id="2"),
            row("Walk", "09:05:00", "09:06:00", id="3"),
        )
    )  # fmt: skip
    assert log(session)[2:-1] == [
        "+300 interrupt unspecified Phone",
        "+300 resume",
        "+300 interrupt unspecified Walk",
        "+360 resume",
    ]
    assert number(session) == {"Talk": 1, "Phone": 1, "Walk": 1}
    assert task_ms(session)["Talk"] == 29 * 60_000


def test_what_goes_on_after_the_interruption_ran_beside_it() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:10:00"),
            row("Phone", "09:05:00", "09:15:00", id="2"),
        )
    )
    assert log(session)[2:-1] == [
        "+300 interrupt unspecified",
        "+300 parallel_start Phone",
        "+600 resume",
        "+900 parallel_stop Phone",
    ]
    assert task_ms(session) == {"Talk": 25 * 60_000, "Phone": 10 * 60_000}


def test_a_parallel_row_that_is_interrupted_runs_in_two_stretches() -> None:
    session = only_session(
        export(
            row("Talk", "09:00:00", "09:30:00", id="1"),
            row("Forms", "09:05:00", "09:20:00", id="2", by="3", int_start="09:08:00", int_end="09:10:00"),
        )
    )
    assert log(session)[2:-1] == [
        "+300 parallel_start Forms",
        "+480 parallel_stop Forms",
        "+600 parallel_start Forms",
        "+1200 parallel_stop Forms",
    ]


def test_a_session_goes_through_midnight() -> None:
    night = {"begin": "23:30:00", "end": "00:30:00"}
    session = only_session(
        export(
            row("Talk", "23:30:00", "00:10:00", **night),
            row("Walk", "00:10:00", "00:20:00", **night),
            row("Talk", "00:20:00", "00:30:00", **night),
        )
    )
    assert session.begin == at("23:30")
    assert log(session)[2:] == ["+2400 start Walk", "+3000 start Talk", "+3600 end"]


def test_a_row_that_ends_before_it_starts_is_no_night_of_work() -> None:
    result = imported(
        export(
            row("Talk", "09:00:00", "09:10:00"),
            row("Walk", "09:12:00", "09:10:00"),
            row("Talk", "09:12:00", "09:30:00"),
        )
    )
    assert [said(fault) for fault in result.faults] == [
        "3: “09:10:00” in column end time is earlier than 09:12:00 and cannot be of the next day, for the session "
        "ends at 09:30:00: correct one of them."
    ]
    assert meaning(result.sessions[0]).observed_ms == 30 * 60_000


def test_a_start_long_before_the_session_is_of_the_next_day_only_if_the_session_goes_on_then() -> None:
    (fault,) = imported(export(row("Talk", "09:00:00", "09:10:00"), row("Walk", "07:10:00", "07:12:00"))).faults
    assert said(fault).startswith("3: “07:10:00” in column start time is earlier than 09:00:00 and cannot be of the")


@pytest.mark.parametrize(
    ("start", "stop", "elapsed", "is_good"),
    [
        ("23:50:00", "00:20:00", "00:30:00", True),
        ("23:50:00", "00:20:00", "", True),
        ("00:20:00", "00:10:00", "", False),
        ("23:50:00", "23:40:00", "00:10:00", False),
        ("00:10:00", "00:40:00", "00:30:00", True),  # the session's end may have been a little early
        ("23:50:00", "02:20:00", "02:30:00", False),
        ("23:50:00", "00:20:00", "soon", False),
    ],
)
def test_a_row_goes_through_midnight_as_its_elapsed_time_and_the_sessions_end_say(
    start: str, stop: str, elapsed: str, is_good: bool
) -> None:
    header = ",".join(COLUMNS.values()) + ",elapsed time"
    night = {"begin": "23:30:00", "end": "00:30:00"}
    result = imported(upload(header, row("Talk", start, stop, **night) + f",{elapsed}"))
    assert not result.faults if is_good else len(result.faults) == 1


def test_a_long_session_does_not_hide_a_row_whose_elapsed_time_says_otherwise() -> None:
    header = ",".join(COLUMNS.values()) + ",elapsed time"
    around = {"begin": "09:00:00", "end": "07:00:00"}
    (fault,) = imported(upload(header, row("Talk", "09:12:00", "07:10:00", **around) + ",00:02:00")).faults
    assert said(fault).endswith("for its elapsed time is 00:02:00: correct one of them.")


def test_a_session_that_ends_a_little_before_it_starts_is_bad_and_no_day_long() -> None:
    (fault,) = imported(export(row("Talk", "09:00:00", "09:10:00", end="08:59:00"))).faults
    assert said(fault) == (
        "2: The session ends (08:59:00) before it starts (09:00:00), but by less than an hour, so no night lies "
        "between them: correct one of them."
    )


def test_a_start_a_little_before_the_session_stretches_it() -> None:
    result = imported(export(row("Talk", "08:59:58", "09:30:00")))
    assert result.sessions[0].begin == START - 2000
    assert [remark.reason.code for remark in result.remarks] == ["longer_than_stated"]


def test_unobserved_rows_are_pauses_even_where_one_breaks_in() -> None:
    session = only_session(
        export(
            row("No observation", "09:00:00", "09:30:00", id="1", by="2", int_start="09:05:00", int_end="09:30:00"),
            row("No Observation", "09:05:00", "09:08:00", id="2"),
            row("Talk", "09:08:00", "09:30:00", id="3"),
        ),
        choices=Choices(unobserved="no observation"),
    )
    assert log(session) == [
        "+0 begin",
        "+0 pause",
        "+300 continue",
        "+300 pause",
        "+480 continue",
        "+480 start Talk",
        "+1800 end",
    ]
    assert meaning(session).paused_ms == 8 * 60_000


def test_no_observation_stays_a_task_unless_it_is_said_to_be_none() -> None:
    assert task_ms(only_session(export(row("No observation", "09:00:00", "09:30:00")))) == {"No observation": 1_800_000}


def test_participants_are_the_subjects_where_the_export_has_them() -> None:
    header = ",".join(COLUMNS.values()) + ",participant id"
    session = only_session(upload(header, row("Talk", "09:00:00", "09:30:00") + ",N-7"))
    assert session.subject == "N-7"


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (row("", "09:00:00", "09:05:00"), "The column what (clinic) is empty and must not be."),
        (row("Talk", "09:00", "09:05:00"), "“09:00” in column start time is no time of day"),
        (row("Talk", "09:00:00", ""), "The column end time is empty and must not be."),
        (row("Talk", "09:00:00", "09:05:00", date="2/11/26"), "“2/11/26” in column session date is no date"),
        (row("Talk", "09:00:00", "09:05:00", session=""), "The column session id is empty and must not be."),
        (
            row("Talk", "09:00:00", "09:05:00", by="2", int_start="09:01:00", int_end="09:06:00"),
            "Its interruption 1 does not lie inside it",
        ),
        (
            row("Talk", "09:00:00", "09:05:00", by="2", int_start="09:01:00", int_end=""),
            "The column int end 1 is empty and must not be.",
        ),
    ],
)
def test_a_bad_row_says_what_is_wrong(bad: str, told: str) -> None:
    (fault,) = imported(export(bad)).faults
    assert said(fault).startswith(f"2: {told}")


def clock(second: int) -> str:
    return f"09:{second // 60:02}:{second % 60:02}"


@st.composite
def any_row(draw: st.DrawFn, id: int) -> tuple[str, int, int, list[tuple[int, int, int]]]:
    """(task, start, end, interruptions as (by, start, end)); every second row breaks into something."""
    start, *cuts, end = sorted(draw(st.lists(st.integers(0, 60), min_size=6, max_size=6)))
    gaps = [(draw(st.integers(1, 6)), a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    return f"T{id}", start, end, gaps[: draw(st.integers(0, 2))]


@settings(deadline=None, max_examples=300)
@given(st.tuples(*(any_row(id) for id in range(1, 7))))
def test_whatever_interrupts_what_the_totals_are_those_of_the_rows(
    rows: tuple[tuple[str, int, int, list[tuple[int, int, int]]], ...],
) -> None:
    lines, expected = [], Counter[str]()
    for id, (task, start, end, gaps) in enumerate(rows, 1):
        more: dict[str, str] = {}
        for n, (by, a, b) in enumerate(gaps):
            suffix = "_2" if n else ""
            more |= {"by" + suffix: str(by), "int_start" + suffix: clock(a), "int_end" + suffix: clock(b)}
        lines.append(row(task, clock(start), clock(end), id=str(id), end="09:02:00", **more))
        expected[task] = 1000 * (end - start - sum(b - a for _, a, b in gaps))
    session = only_session(export(*lines))  # meaning() asserts that nothing is out of place
    assert Counter({task: ms for task, ms in task_ms(session).items() if ms}) == +expected
