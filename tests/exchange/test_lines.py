"""A file as it comes from a spreadsheet: encodings, delimiters, quotes, and lines that cannot be read."""

import codecs

import pytest

from app.exchange.lines import Upload
from tests.exchange.files import imported, only_session, said, upload

HEADER = "session,subject,task,start,end"
GOOD = "A,MA-01,vitals,2026-11-02T09:00:00,2026-11-02T09:05:00"


def as_read(data: bytes) -> list[str]:
    result = imported(Upload("log.csv", data))
    assert [fault.file for fault in result.faults] == ["log.csv"] * len(result.faults)
    return [said(fault) for fault in result.faults] + [session.label for session in result.sessions]


def test_a_plain_file_is_read() -> None:
    assert as_read(f"{HEADER}\n{GOOD}\n".encode()) == ["A"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert as_read(codecs.BOM_UTF8 + f"{HEADER}\r\n{GOOD}\r\n".encode()) == ["A"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_semicolon_and_tab_part_the_columns(delimiter: str) -> None:
    assert as_read(f"{HEADER}\n{GOOD}\n".replace(",", delimiter).encode()) == ["A"]


def test_headings_may_have_capitals_spaces_and_quotation_marks() -> None:
    assert as_read(f'"Session", Subject ,TASK,"Start",End\n{GOOD}\n'.encode()) == ["A"]


def test_the_order_of_the_columns_does_not_matter() -> None:
    turned = upload("end,start,task,subject,session", "2026-11-02T09:05,2026-11-02T09:00,vitals,MA-01,A")
    straight = upload(HEADER, "A,MA-01,vitals,2026-11-02T09:00,2026-11-02T09:05")
    assert only_session(turned) == only_session(straight)


def test_blank_lines_are_passed_over() -> None:
    assert as_read(f"\n,,,,\n{HEADER}\n\n,,,,\n{GOOD}\n\n".encode()) == ["A"]


def test_a_long_file_is_read_whole() -> None:
    lines = [f"S{n // 100},MA-01,vitals,2026-11-02T09:{n // 2 % 50:02}:0{n % 2},2026-11-02T09:{n // 2 % 50:02}:0{n % 2}"
             for n in range(20_000)]  # fmt: skip
    result = imported(upload(HEADER, *lines))
    assert not result.faults
    assert sum(session.rows for session in result.sessions) == 20_000


def test_an_empty_file_says_what_it_lacks() -> None:
    assert as_read(b"") == ["1: The file is empty: give one with a header line."]
    assert as_read(b"\xef\xbb\xbf\r\n") == ["1: The file is empty: give one with a header line."]


def test_a_header_without_lines_is_no_error_but_is_told() -> None:
    result = imported(upload(HEADER))
    assert (result.sessions, result.faults) == ((), ())
    assert [(remark.session, remark.reason.code) for remark in result.remarks] == [("log.csv", "no_lines")]


def test_an_unknown_header_names_the_known_ones() -> None:
    (told,) = as_read(b"when,what\n1,2\n")
    assert told == (
        "1: This header is of no known format. It needs the columns of one of these: "
        "events (session, subject, at, kind); intervals (session, subject, task, start, end); "
        "neutral (observation, subject, behavior, type, start_s, stop_s); "
        "wombat (session date, session id, session start, session end, start time, end time, What (...)); "
        "boris (time, subject, behavior, status). "
        "If it is one of them under other names, rename the columns."
    )


def test_a_format_that_is_asked_for_names_the_columns_that_lack() -> None:
    result = imported(upload("session;subject;task", "A;MA-01;vitals"), format="intervals")
    assert [said(fault) for fault in result.faults] == [
        "1: The header of format intervals needs the columns start, end too."
    ]


def test_a_format_that_is_asked_for_overrides_what_the_header_shows() -> None:
    both = upload(f"{HEADER},at,kind", f"{GOOD},2026-11-02T09:00:00,begin")
    assert imported(both).sessions[0].events[0]["kind"] == "begin"
    assert len(imported(both, format="events").sessions[0].events) == 1
    assert len(imported(both, format="intervals").sessions[0].events) == 3


def test_a_column_that_stands_there_twice_is_refused() -> None:
    assert as_read(b"session,subject,task,start,end,Task\n") == [
        "1: The column task stands in the header twice: remove or rename one."
    ]


def test_columns_of_no_use_are_told() -> None:
    result = imported(upload(f"{HEADER},triger", f"{GOOD},phone"))
    assert [remark.reason.values for remark in result.remarks] == [{"file": "log.csv", "columns": "triger"}]


def test_a_file_in_utf_16_says_how_to_save_it() -> None:
    assert as_read(f"{HEADER}\n{GOOD}\n".encode("utf-16")) == [
        "1: The file is UTF-16 text: save it as “CSV UTF-8” and import that."
    ]


def test_lines_in_another_encoding_are_bad_and_the_others_good() -> None:
    data = f"{HEADER}\nB,MA-01,mêlée,2026-11-02T09:00,2026-11-02T09:05\n{GOOD}\n".encode("latin-1")
    assert as_read(data) == ["2: This line is not UTF-8 text: save the file as “CSV UTF-8” and import that.", "A"]


def test_a_header_in_another_encoding_is_bad() -> None:
    assert as_read(f"{HEADER},café\n{GOOD},1\n".encode("latin-1")) == [
        "1: This line is not UTF-8 text: save the file as “CSV UTF-8” and import that."
    ]


def test_a_line_with_too_many_or_too_few_values_is_bad() -> None:
    assert as_read(f"{HEADER}\n{GOOD},more\nA,MA-01\n{GOOD}\n".encode()) == [
        "2: This line has 6 values where the header has 5 columns.",
        "3: This line has 2 values where the header has 5 columns.",
        "A",
    ]


def test_quotation_marks_that_do_not_close_are_bad() -> None:
    told = as_read(f'{HEADER}\nA,MA-01,"vit"als,2026-11-02T09:00,2026-11-02T09:05\n{GOOD}\n'.encode())
    assert told[0].startswith("2: The quotation marks do not close where they should")
    assert told[1:] == ["A"]


def test_a_quotation_mark_that_never_closes_is_bad_where_it_opens() -> None:
    told = as_read(f'{HEADER}\n{GOOD}\nA,MA-01,"vitals,2026-11-02T09:00,2026-11-02T09:05\n{GOOD}\n'.encode())
    assert told == [
        "3: Lines 3 to 4: The quotation marks do not close where they should (unexpected end of data).",
        "A",
    ]


def test_a_value_too_long_to_be_read_is_told_as_that() -> None:
    told = as_read(f"{HEADER}\nA,MA-01,{'v' * 131_073},x,y\n{GOOD}\n".encode())
    tail = "look for a quotation mark before it that never closes."
    assert told == [f"2: A value is longer than 131072 letters: shorten it, or {tail}", "A"]
    assert as_read(f"{HEADER},{'v' * 131_073}\n{GOOD}\n".encode()) == [told[0].replace("2:", "1:")]


def test_the_line_behind_a_header_of_broken_quotes_is_no_header() -> None:
    told = as_read(f'{HEADER.replace("task", """"task"x""")},task\n{GOOD}\n'.encode())
    assert [line[:2] for line in told] == ["1:", "2:"]


def test_lines_are_numbered_as_in_a_text_editor() -> None:
    header = "session,subject,at,kind,text"
    note = 'A,MA-01,2026-11-02T09:00,note,"two\nlines"'
    told = [said(fault) for fault in imported(upload(header, note, "A,MA-01,never,begin,")).faults]
    assert told[0].startswith("4: “never”")


@pytest.mark.parametrize("hidden", ["\0", "\x1b", "\u200b", "\u202e"])
def test_an_invisible_control_character_in_a_name_is_bad(hidden: str) -> None:
    assert as_read(f"{HEADER}\nA,MA{hidden}-01,vitals,2026-11-02T09:00,2026-11-02T09:05\n".encode()) == [
        "2: The column subject holds an invisible control character: remove it."
    ]


def test_a_no_break_space_is_a_space() -> None:
    session = only_session(upload(HEADER, "A,MA\u00a001,vitals,2026-11-02T09:00,2026-11-02T09:05"))
    assert session.subject == "MA 01"


def test_the_quote_that_guards_a_spreadsheet_from_formulas_is_taken_off() -> None:
    session = only_session(upload(HEADER, "A,'-01,'=vitals,2026-11-02T09:00,2026-11-02T09:05"))
    assert session.subject == "-01"
    assert session.events[1]["task"] == "=vitals"


def test_a_line_without_a_needed_value_is_bad() -> None:
    assert as_read(f"{HEADER}\nA,MA-01,,2026-11-02T09:00,2026-11-02T09:05\n".encode()) == [
        "2: The column task is empty and must not be."
    ]


def test_a_name_that_is_too_long_is_bad() -> None:
    told = as_read(f"{HEADER}\nA,{'M' * 65},vitals,2026-11-02T09:00,2026-11-02T09:05\n".encode())
    assert told == ["2: The value in column subject has 65 letters; at most 64 are kept."]
