"""Format events: a log of our own kinds."""

import pytest

from tests.exchange.files import imported, log, meaning, only_session, said, upload

HEADER = "session,subject,at,kind,task,trigger,counter,n,text,dimension,value"


def line(at: str, kind: str, session: str = "A", **values: str) -> str:
    columns = HEADER.split(",")[4:]
    return ",".join([session, "MA-01", f"2026-11-02T{at}", kind, *(values.get(column, "") for column in columns)])


def refusals(*lines: str) -> list[str]:
    return [said(fault) for fault in imported(upload(HEADER, *lines)).faults]


def test_every_kind_keeps_its_fields() -> None:
    session = only_session(
        upload(
            HEADER,
            line("09:00:00", "begin"),
            line("09:00:00", "start", task="rooming", dimension="location", value="exam-room"),
            line("09:01:00", "prompt", trigger="phone"),
            line("09:02:00", "interrupt", trigger="supplies", task="searching"),
            line("09:03:00", "resume"),
            line("09:04:00", "parallel_start", task="documentation", trigger="ehr"),
            line("09:05:00", "parallel_stop", task="documentation"),
            line("09:06:00", "context", dimension="location", value="lab"),
            line("09:07:00", "count", counter="visits", n="-2"),
            line("09:07:00", "count", counter="visits"),
            line("09:08:00", "pause", text="private"),
            line("09:09:00", "continue"),
            line("09:10:00", "interrupt", trigger="phone"),
            line("09:11:00", "abandon"),
            line("09:12:00", "note", text="the printer jams as ever"),
            line("09:13:00", "end"),
        )
    )
    assert log(session) == [
        "+0 begin",
        "+0 start rooming location=exam-room",
        "+60 prompt phone",
        "+120 interrupt supplies searching",
        "+180 resume",
        "+240 parallel_start ehr documentation",
        "+300 parallel_stop documentation",
        "+360 context location=lab",
        "+420 count visits -2",
        "+420 count visits",
        "+480 pause private",
        "+540 continue",
        "+600 interrupt phone",
        "+660 abandon",
        "+720 note the printer jams as ever",
        "+780 end",
    ]
    assert meaning(session).observed_ms == 780_000 - 60_000


def test_items_are_numbered_and_whole() -> None:
    session = only_session(upload(HEADER, line("09:00", "begin"), line("09:05", "end")))
    first, last = session.events
    assert first == {
        "type": "event",
        "id": first["id"],
        "session": session.id,
        "seq": 1,
        "at": session.begin,
        "recorded_at": session.begin,
        "kind": "begin",
    }
    assert (last["seq"], last["at"]) == (2, session.begin + 300_000)
    assert session.header("north", "back-of-house", 3) == {
        "type": "session",
        "id": session.id,
        "at": session.begin,
        "clinic": "north",
        "mode": "observed",
        "subject": "MA-01",
        "staff_role": "MA",
        "day_type": None,
        "task_list": "back-of-house",
        "version": 3,
        "paired_with": None,
        "planned": None,
        "consent": None,
    }


def test_taps_of_the_same_second_keep_the_order_of_the_file() -> None:
    session = only_session(
        upload(
            HEADER,
            line("09:00:00", "start", task="vitals"),
            line("09:00:00", "begin"),
            line("09:05:00", "start", task="forms"),
            line("09:05:00", "start", task="callbacks"),
            line("09:09:00", "end"),
            line("09:09:00", "stop"),
        )
    )
    assert [entry.split(" ", 1)[1] for entry in log(session)] == [
        "begin",
        "start vitals",
        "start forms",
        "start callbacks",
        "stop",
        "end",
    ]


def test_in_a_file_without_order_what_ends_comes_before_what_begins() -> None:
    session = only_session(
        upload(
            HEADER,
            line("09:09:00", "end"),
            line("09:05:00", "start", task="forms"),
            line("09:05:00", "stop"),
            line("09:00:00", "start", task="vitals"),
            line("09:00:00", "begin"),
        )
    )
    assert [entry.split(" ", 1)[1] for entry in log(session)] == [
        "begin",
        "start vitals",
        "stop",
        "start forms",
        "end",
    ]


def test_a_local_log_goes_through_the_repeated_autumn_hour() -> None:
    def autumn(clock: str, kind: str) -> str:
        return line(clock, kind).replace("11-02T", "11-01T")

    session = only_session(upload(HEADER, autumn("00:50", "begin"), autumn("01:50", "pause"), autumn("01:10", "end")))
    assert log(session) == ["+0 begin", "+3600 pause", "+4800 end"]


def test_sessions_say_their_mode_day_type_and_role() -> None:
    header = "session,subject,at,kind,mode,day_type,staff_role"
    result = imported(
        upload(
            header,
            "A,MA-01,2026-11-02T09:00,begin,Observed,High,RN",
            "A,,2026-11-02T09:05,end,,,",
            "B,,2026-11-02T10:00,begin,self,unknown,",
            "B,,2026-11-02T10:05,end,,,",
        )
    )
    assert not result.faults
    told = [(one.label, one.subject, one.mode, one.day_type, one.staff_role) for one in result.sessions]
    assert told == [("A", "MA-01", "observed", "high", "RN"), ("B", None, "self", None, "MA")]


def test_a_session_that_never_begins_or_ends_is_kept_and_told() -> None:
    result = imported(upload(HEADER, line("09:05", "start", task="vitals")))
    assert [remark.reason.code for remark in result.remarks] == ["no_begin", "no_end"]
    assert log(result.sessions[0]) == ["+0 start vitals"]


def test_values_a_kind_has_no_use_for_are_left_out_and_told() -> None:
    result = imported(upload(HEADER, line("09:00", "begin", task="vitals", n="1"), line("09:05", "end")))
    assert [(one.reason.code, one.reason.values) for one in result.remarks] == [("unused_values", {"n": 2})]
    assert "task" not in result.sessions[0].events[0]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (line("25:00", "begin"), "“2026-11-02T25:00” in column at is no date and time"),
        (line("09:00", "begun"), "There is no event kind “begun”: write one of begin, end, start,"),
        (line("09:00", "void"), "A line “void” names another event, and this format has no column for that"),
        (line("09:00", "start"), "The column task is empty and must not be."),
        (line("09:00", "prompt"), "The column trigger is empty and must not be."),
        (line("09:00", "context", value="lab"), "The column dimension is empty and must not be."),
        (line("09:00", "start", task="forms", value="lab"), "The column dimension is empty and must not be."),
        (line("09:00", "count", counter="visits", n="1.5"), "“1.5” in column n is no whole number"),
        (line("09:00", "note", text="x" * 141), "The value in column text has 141 letters; at most 140 are kept."),
        (line("09:00", "begin", session=""), "The column session is empty and must not be."),
        (line("09:00", "begin").replace("2026", "1926"), "“1926-11-02T09:00” in column at is before the year 2000"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_spoils_no_other(bad: str, told: str) -> None:
    result = imported(upload(HEADER, line("08:00", "begin"), bad, line("10:00", "end")))
    (fault,) = result.faults
    assert said(fault).startswith(f"3: {told}")
    (session,) = result.sessions
    assert session.incomplete
    assert log(session) == ["+0 begin", "+7200 end"]


def test_words_that_are_not_known_are_bad() -> None:
    header = "session,subject,at,kind,mode,day_type"
    result = imported(
        upload(
            header,
            "A,MA-01,2026-11-02T09:00,begin,watched,",
            "B,MA-01,2026-11-02T09:00,begin,practice,",
            "C,MA-01,2026-11-02T09:00,begin,,busy",
        )
    )
    assert [said(fault) for fault in result.faults] == [
        "2: “watched” in column mode is not known: write one of observed, self.",
        "3: Practice sessions are never stored: leave this session out.",
        "4: “busy” in column day_type is not known: write one of high, typical, low, unknown.",
    ]


def test_a_line_that_contradicts_the_others_about_its_session_is_bad() -> None:
    other = line("09:05", "stop").replace("MA-01", "MA-02")
    assert refusals(other, line("09:00", "begin"), line("09:09", "end")) == [
        "2: It says “MA-02” in column subject, but other lines of session “A” say “MA-01”: "
        "make them agree, or give it a session of its own."
    ]


def test_a_session_without_a_subject_falls_whole() -> None:
    header = "session,subject,at,kind"
    result = imported(upload(header, "A,,2026-11-02T09:05,end", "A,,2026-11-02T09:00,begin"))
    assert [said(fault) for fault in result.faults] == [
        "2: No line of session “A” says who was watched: fill in the column subject."
    ]
    assert result.sessions == ()


def test_a_line_whose_session_does_not_show_makes_every_session_of_its_file_incomplete() -> None:
    result = imported(
        upload(HEADER, line("09:00", "begin"), "A,MA-01"),
        upload(HEADER, line("09:00", "begin", session="B"), name="other.csv"),
    )
    assert {session.label: session.incomplete for session in result.sessions} == {"A": True, "B": False}


def test_one_session_may_be_spread_over_two_files() -> None:
    morning, rest = upload(HEADER, line("09:00", "begin")), upload(HEADER, line("09:09", "end"), name="rest.csv")
    assert log(only_session(morning, rest)) == ["+0 begin", "+540 end"]
