"""Events and segments row by row: for whom, what stands in them, and the same in every format."""

import json
import re
import tracemalloc
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.models import Entry
from app.db import Database
from app.exchange.out.files import Format, session_file
from app.exchange.out.rows import session_ids
from app.slices.freshen import freshen
from app.summary.window import Window
from tests.builders import observed, send
from tests.exchange.exported import HOSTILE, TUESDAY, as_book, as_csv, ask, in_csv, sheet_rows, week, without_apostrophe
from tests.people import Town

MINUTE = 60_000
MOMENT = 1_795_400_000_000
FILES = (
    *("events.csv", "events.json", "segments.csv", "segments.json", "segments.xlsx"),
    *("sessions.xes", "package.zip"),
)


@pytest.fixture
def ana(town: Town, client: TestClient) -> TestClient:
    week(town, client)
    return town["ana"].program(client)


def items(caller: TestClient, what: str, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(caller, f"{what}.json", **asked).json()["items"]
    return found


@pytest.mark.parametrize("file", FILES)
def test_rows_are_for_admins_of_the_clinic(town: Town, client: TestClient, file: str) -> None:
    told = {name: ask(town[name].program(client), file).status_code for name in town.people}
    assert told == {"ana": 200, "mia": 403, "otto": 403, "olga": 403, "ada": 403, "stella": 404}
    assert ask(client, file).status_code == 401
    assert ask(town["ana"].program(client), file, clinic="west").status_code == 404


@pytest.mark.parametrize("file", FILES)
def test_every_export_of_rows_is_audited_before_it_goes_out(town: Town, ana: TestClient, file: str) -> None:
    ask(town["mia"].program(ana), file)
    ask(ana, file)
    with town.database.read() as session:
        entries = session.execute(select(Entry).where(Entry.action == "exported")).scalars().all()
    (entry,) = entries
    assert (entry.person_id, entry.clinic_id) == (town["ana"].id, town.north.id)
    what, _dot, format = file.partition(".")
    assert json.loads(entry.about or "") == {
        "what": what,
        "format": format,
        "from": "2026-11-02",
        "to": "2026-11-08",
        "sessions": 3,
    }


def test_a_segment_says_whose_it_is_when_it_was_and_what_was_done(town: Town, ana: TestClient) -> None:
    answer = ask(ana, "segments.csv", **{"from": TUESDAY, "to": TUESDAY})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    wanted = 'attachment; filename="timesink-north-segments-2026-11-03-2026-11-03.csv"'
    assert answer.headers["content-disposition"] == wanted
    ids: dict[str, str] = {town["olga"].id: "OLGA"}
    for found in re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer.text):
        ids.setdefault(found, f"id-{len(ids)}")
    text = answer.content.decode("utf-8-sig")
    for found, name in ids.items():
        text = text.replace(found, name)
    about = "id-1,MA-02,MA,typical,observed,back-of-house,1,OLGA,false,primary,2026-11-03"
    assert text.splitlines() == [
        "session,subject,staff_role,day_type,mode,task_list,version,observer,open,track,day,start,end,start_ms,end_ms,"
        "ms,task,label,category,kind,scheduled,occurrence,interruption,trigger,depth,context",
        f"{about},2026-11-03T13:00:00.000-06:00,2026-11-03T13:20:00.000-06:00,1793732400000,1793733600000,1200000,"
        "vitals,Vitals,patient-flow,work,true,id-2,,,0,",
        f"{about},2026-11-03T13:20:00.000-06:00,2026-11-03T13:30:00.000-06:00,1793733600000,1793734200000,600000,"
        "callbacks,Callbacks and messages,care-coordination,work,false,id-3,id-3,phone,1,",
        f"{about},2026-11-03T13:30:00.000-06:00,2026-11-03T13:40:00.000-06:00,1793734200000,1793734800000,600000,"
        "callbacks,Callbacks and messages,care-coordination,work,false,id-3,,,0,",
        f"{about},2026-11-03T13:40:00.000-06:00,2026-11-03T13:50:00.000-06:00,1793734800000,1793735400000,600000,"
        ",,,,,,,,0,",
        f"{about},2026-11-03T13:50:00.000-06:00,2026-11-03T14:10:00.000-06:00,1793735400000,1793736600000,1200000,"
        "lunch,Lunch,recovery,break,true,id-4,,,0,",
    ]


def test_the_segments_are_those_of_the_timelines(ana: TestClient) -> None:
    exported = items(ana, "segments")
    for id in dict.fromkeys(row["session"] for row in exported):
        meant = ana.get(f"/api/v1/sessions/{id}/timeline").json()
        mine = [row for row in exported if row["session"] == id]
        names = ("task", "occurrence", "interruption", "trigger", "depth", "context")
        told = [({name: row[name] for name in names}, row["start_ms"], row["end_ms"]) for row in mine]
        assert told[: len(meant["segments"])] == [
            ({name: one[name] for name in names}, one["start"], one["end"]) for one in meant["segments"]
        ]
        beside = [row for row in mine if row["track"] == "parallel"]
        assert [(row["task"], row["trigger"], row["ms"]) for row in beside] == [
            (one["task"], one["trigger"], one["end"] - one["start"]) for one in meant["parallel"]
        ]
        assert len(mine) == len(meant["segments"]) + len(meant["parallel"])
        assert {row["open"] for row in mine} == {meant["open"]}


def test_the_primary_segments_add_up_to_the_summarys_observed_time(town: Town, ana: TestClient) -> None:
    summary = ask(ana, "summary.json").json()
    primary = [row["ms"] for row in items(ana, "segments") if row["track"] == "primary"]
    assert sum(primary) == summary["observed_ms"] == (95 + 70 + 80) * MINUTE


def test_events_are_as_they_were_received_with_corrections(ana: TestClient) -> None:
    exported = items(ana, "events")
    for id in dict.fromkeys(row["session"] for row in exported):
        raw = ana.get(f"/api/v1/sessions/{id}/events").json()["items"]
        mine = [row for row in exported if row["session"] == id]
        for row, event in zip(mine, raw, strict=True):
            names = ("kind", "task", "trigger", "counter", "n", "text", "dimension", "value", "target", "reason")
            assert {name: row[name] for name in names} == {name: event.get(name) for name in names}
            assert (row["event"], row["seq"], row["device"]) == (event["id"], event["seq"], event["device"])
            assert (row["at_ms"], row["at_sent_ms"]) == (event["at_corrected"], event["at"])
    assert [row["target"] is not None for row in exported].count(True) == 1


@pytest.mark.parametrize("what", ["events", "segments"])
def test_csv_and_json_and_xlsx_hold_the_same(ana: TestClient, what: str) -> None:
    told = items(ana, what)
    assert told
    lines = as_csv(ask(ana, f"{what}.csv"))
    assert [{k: without_apostrophe(v) for k, v in line.items()} for line in lines] == [
        {name: in_csv(value) for name, value in row.items()} for row in told
    ]
    if what == "segments":
        rows = sheet_rows(as_book(ask(ana, "segments.xlsx")), "Segments")
        as_told = [{k: json.loads(v) if k == "context" and v else v for k, v in row.items()} for row in rows]
        assert as_told == [{**row, "context": row["context"] or None} for row in told]


def test_the_workbook_of_rows_defines_each_of_its_columns_and_says_nothing_of_others(ana: TestClient) -> None:
    book = as_book(ask(ana, "segments.xlsx"))
    told = [row[0] for row in book["Definitions"].iter_rows(values_only=True) if row[0] and row[1]]
    assert told == ["Which sessions", "Text in CSV", "Column", *sheet_rows(book, "Segments")[0]]
    assert book["Segments"].print_title_rows == "$1:$1"


def test_what_people_timed_themselves_is_in_no_export_of_rows(town: Town, ana: TestClient) -> None:
    for what in ("events", "segments"):
        assert {row["mode"] for row in items(ana, what)} == {"observed"}
    assert items(ana, "segments", clinic="north", **{"from": "2026-11-02", "to": "2026-11-02"})
    stella = town["stella"].program(ana)
    assert ask(stella, "segments.json", clinic="south").json()["items"] == []


def test_a_session_stands_whole_under_the_local_day_of_its_begin(town: Town, client: TestClient) -> None:
    late = observed("23:30 rooming", "23:50 vitals", on="2026-11-05")
    end = {**late[-1], "id": late[-1]["id"][:-4] + "ffff", "kind": "end", "seq": 9, "at": late[-1]["at"] + 30 * MINUTE}
    send(town["otto"].program(client), [*late, {k: v for k, v in end.items() if k != "task"}])
    ana = town["ana"].program(client)
    on = {day: len(items(ana, "segments", **{"from": day, "to": day})) for day in ("2026-11-05", "2026-11-06")}
    assert on == {"2026-11-05": 2, "2026-11-06": 0}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(town: Town, client: TestClient, text: str) -> None:
    send(town["otto"].program(client), observed("09:00 rooming", f"09:05 @tool {text}", "09:06 #visits -2", "09:10 end",
                                                subject=text))  # fmt: skip
    ana = town["ana"].program(client)
    for line in as_csv(ask(ana, "events.csv")):
        assert line["subject"] == f"'{text}"
        assert line["n"] in ("", "-2")
    assert {line["subject"] for line in as_csv(ask(ana, "segments.csv"))} == {f"'{text}"}
    cells = [cell for sheet in as_book(ask(ana, "segments.xlsx")) for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert not any(cell.hyperlink for cell in cells)
    assert text in {cell.value for cell in cells}


def test_a_log_without_corrections_can_be_imported_again(town: Town, client: TestClient) -> None:
    send(town["otto"].program(client), observed("09:00 rooming", "09:05 phone! callbacks", "09:10 back", "09:20 end",
                                                subject="=MA-01"))  # fmt: skip
    ana, stella = town["ana"].program(client), town["stella"].program(client)
    file = {"file": ("events.csv", ask(ana, "events.csv").content, "text/csv")}
    told = stella.post("/api/v1/imports", data={"clinic": "south"}, files=file)
    assert told.status_code == 200, told.text
    (one,) = told.json()["sessions"]
    assert one["subject"] == "=MA-01"
    ours = ask(ana, "segments.json").json()["items"]
    theirs = ask(stella, "segments.json", clinic="south").json()["items"]
    names = ("track", "start_ms", "end_ms", "ms", "task", "trigger", "depth")
    assert [[row[name] for name in names] for row in theirs] == [[row[name] for name in names] for row in ours]


@pytest.mark.parametrize("file", ["events.xlsx", "segments.xes", "summary.zip"])
def test_a_format_that_there_is_not_is_refused_by_name(town: Town, client: TestClient, file: str) -> None:
    answer = ask(town["ana"].program(client), file)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")
    assert "format" in answer.json()["detail"]


def test_days_are_checked_as_in_the_summary(town: Town, client: TestClient) -> None:
    answer = ask(town["ana"].program(client), "segments.csv", **{"from": "2026-11-09"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_window")


@pytest.mark.parametrize(("what", "format"), [("segments", "csv"), ("sessions", "xes"), ("package", "zip")])
def test_memory_does_not_grow_with_the_number_of_sessions(
    town: Town, client: TestClient, what: str, format: Format
) -> None:
    """In memory is one session at a time: six times as many of them need no more."""
    otto, clocks = town["otto"].program(client), [f"{9 + n // 60:02}:{n % 60:02}" for n in range(180)]
    busy = [f"{clock} {('rooming', 'vitals', 'walking')[n % 3]}" for n, clock in enumerate(clocks)]
    for n in range(12):
        send(otto, observed(*busy, on=f"2026-11-{n + 2:02}"), device=f"phone-{n}")
    freshen(town.database)

    def peak(days: Window) -> int:
        with town.database.read() as session:
            ids = session_ids(session, town.north, days)
        tracemalloc.start()
        longest = max(map(len, taken(town.database, ids, days)), default=0)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert longest > 1000
        return held

    def taken(database: Database, ids: Any, days: Window) -> Iterator[bytes]:
        return session_file(database, town.north, days, ids, what, format, MOMENT)

    few, many = (Window(date(2026, 11, 2), date(2026, 11, last)) for last in (3, 13))
    peak(few)  # what is loaded once
    assert peak(many) < 2 * peak(few)
