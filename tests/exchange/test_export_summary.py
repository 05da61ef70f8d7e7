"""The summary as a file: the same numbers on the page, in JSON, in CSV and in the workbook."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl.workbook import Workbook

from app.clinics.tasklist import default_list
from app.db import new_id
from app.exchange.out.summary_book import PAGE_WIDTH, SHEETS
from tests.builders import observed, send, statuses
from tests.exchange.exported import TUESDAY, WEEK, as_book, as_csv, ask, in_csv, sheet_rows, week, without_apostrophe
from tests.people import Town
from tests.webpages import text_of

FORMATS = ("csv", "json", "xlsx")
LOGGED_AT = 1_793_736_600_000


@pytest.fixture
def mia(town: Town, client: TestClient) -> TestClient:
    week(town, client)
    for n, name in enumerate(("ana", "mia", "otto", "olga", "ada")):
        own = ("13:00 rooming", f"13:{10 + n} phone!", "13:20 back", "13:30 vitals", "13:40 stop", "14:00 end")
        own_day = observed(*own, on="2026-11-06", mode="self", subject=None)
        assert set(statuses(send(town[name].program(client), own_day, device=f"own-{n}"))) == {"stored"}
    log = {"type": "day", "id": new_id(), "clinic": "north", "day": TUESDAY, "at": LOGGED_AT, "day_type": "low",
           "volumes": {"visits": 41}, "breaks_due": 8, "breaks_missed": 1}  # fmt: skip
    send(town["mia"].program(client), [log], device="desk")
    return town["mia"].program(client)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure of the JSON with its path: `tasks[rooming].share`, with lists of words as one text."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for n, part in enumerate(value):
            yield from leaves(part, f"{path}[{n}]")
    elif isinstance(value, list):
        if value or path.endswith("tied_with"):
            yield path, " ".join(value)
    else:
        yield path, value


@pytest.mark.parametrize("format", FORMATS)
def test_it_is_for_managers_and_admins_of_the_clinic(town: Town, client: TestClient, format: str) -> None:
    told = {name: ask(town[name].program(client), f"summary.{format}").status_code for name in town.people}
    assert told == {"ana": 200, "mia": 200, "otto": 403, "olga": 403, "ada": 403, "stella": 404}
    assert ask(client, f"summary.{format}").status_code == 401


def test_the_json_is_the_answer_of_the_api(mia: TestClient) -> None:
    assert ask(mia, "summary.json").json() == mia.get("/api/v1/summary", params=WEEK).json()
    asked = {"mode": "observed", "day_type": "low", "staff_role": "MA", "task_list": "back-of-house"}
    filtered = ask(mia, "summary.json", **asked).json()
    assert filtered == mia.get("/api/v1/summary", params={**WEEK, **asked}).json()
    assert filtered["sessions"] == 1


@pytest.mark.parametrize("mode", ["observed", "self"])
def test_the_csv_has_every_figure_of_the_json_digit_for_digit(mia: TestClient, mode: str) -> None:
    figures = ask(mia, "summary.json", mode=mode).json()
    lines = as_csv(ask(mia, "summary.csv", mode=mode))
    rows: dict[str, list[tuple[str, ...]]] = {}
    told = {}
    for line in lines:
        key = line["key"], line["key_2"]
        of_table = rows.setdefault(line["table"], [])
        if key not in of_table:
            of_table.append(key)
        place = line["table"] if line["table"] == "summary" else f"{line['table']}[{of_table.index(key)}]"
        told[f"{place}.{line['figure']}".removeprefix("summary.")] = without_apostrophe(line["value"])
    keys = re.compile(
        r"(tasks|interruptions\.by_task|reported_observed)\[\d+\]\.task|.*\]\.(label|category|source|code|trigger|staff_role|weekday|hour|day|stealer|counter|from|to|figure)"
    )
    wanted = {path: in_csv(value) for path, value in leaves(figures)}
    missing = {path for path in wanted if path not in told}
    assert {path for path in missing if not keys.fullmatch(path)} == set()
    assert told == {path: wanted[path] for path in told}
    assert len(told) > (200 if mode == "observed" else 60)


def test_the_csv_names_the_row_of_each_figure(mia: TestClient) -> None:
    lines = as_csv(ask(mia, "summary.csv"))
    (share,) = [one for one in lines if (one["table"], one["key"], one["figure"]) == ("tasks", "rooming", "share")]
    assert (share["label"], float(share["value"])) == ("Rooming", ask(mia, "summary.json").json()["tasks"][0]["share"])
    cell = {
        one["figure"]: one["value"] for one in lines if (one["table"], one["key"], one["key_2"]) == ("hours", "1", "9")
    }
    assert (cell["observed_ms"], cell["days"]) == ("3600000", "1")


def names_of(book: Workbook, sheet: str) -> dict[str, str]:
    """What the definitions of the workbook say a column is called in the JSON."""
    rows = [row for row in book["Definitions"].iter_rows(values_only=True) if sheet in str(row[3]).split(", ")]
    return {str(head): str(name) for head, _meaning, name, _sheet in rows}


@pytest.mark.parametrize("mode", ["observed", "self"])
def test_the_workbook_read_back_has_every_figure_of_the_json(mia: TestClient, mode: str) -> None:
    figures = ask(mia, "summary.json", mode=mode).json()
    book = as_book(ask(mia, "summary.xlsx", mode=mode))
    told: dict[str, Any] = {}
    for row in sheet_rows(book, "All figures"):
        told[row["Figure"]] = row["Value"]
    for table, name in SHEETS.items():
        if table == "summary" or name() not in book.sheetnames:
            continue
        named = names_of(book, name())
        for n, row in enumerate(sheet_rows(book, name())):
            in_units = [head for head in row if head.endswith((" (h)", " (min)"))]
            for head, value in row.items():
                if head in in_units:
                    exact = row[named[head]]
                    unit = 3_600_000 if head.endswith("(h)") else 60_000
                    assert value is exact is None or value == pytest.approx(exact / unit, rel=1e-15)
                else:
                    told[f"{table}[{n}].{named[head]}"] = value
    wanted = {path: None if value == "" else value for path, value in leaves(figures)}
    assert {path: value for path, value in wanted.items() if path not in told and value is not None} == {}
    assert {path: wanted.get(path) for path in told} == told
    assert len(told) > (250 if mode == "observed" else 60)


def test_the_workbook_has_native_charts_colours_and_definitions_and_nothing_that_runs(mia: TestClient) -> None:
    book = as_book(ask(mia, "summary.xlsx"))
    assert [len(sheet._charts) for sheet in book if sheet.title == "Summary"] == [3]  # type: ignore[attr-defined]
    when = book["When"].conditional_formatting
    assert len(list(when)) == 2
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    words = [row[0] for row in book["Definitions"].iter_rows(values_only=True)]
    assert {"Observed time", "Unscheduled", "Interruption", "Text in CSV", "Not measured"} <= set(words)
    assert book.sheetnames[0] == "Summary"
    assert book.active is book["Summary"]


def test_on_paper_the_widest_sheet_takes_several_pages_rather_than_tiny_letters(mia: TestClient) -> None:
    counters = [counter.code for counter in default_list().counters]
    logged = ("scheduled", "present", "call_offs", "overtime_minutes", "breaks_late", "lunches_due", "lunches_late",
              "lunches_missed", "backlog")  # fmt: skip
    log = {"type": "day", "id": new_id(), "clinic": "north", "day": TUESDAY, "at": LOGGED_AT,
           "volumes": dict.fromkeys(counters, 9), **dict.fromkeys(logged, 1)}  # fmt: skip
    assert statuses(send(mia, [log], device="desk")) == ["stored"]
    days = as_book(ask(mia, "summary.xlsx"))["Days"]
    printed = [cell.column_letter for cell in days[days.print_area.split("!")[1].replace("$", "")][0]]
    heads = [days[f"{letter}1"].value for letter in printed]
    assert "Observed (h)" in heads
    assert "observed_ms" not in heads  # the same once more
    width = sum(days.column_dimensions[letter].width for letter in printed)
    assert (days.page_setup.fitToWidth, days.page_setup.fitToHeight) == (math.ceil(width / PAGE_WIDTH), 0)
    assert width > PAGE_WIDTH
    assert days.print_title_cols == "$A:$A"


def test_every_column_of_every_sheet_is_defined(mia: TestClient) -> None:
    book = as_book(ask(mia, "summary.xlsx"))
    for table, name in SHEETS.items():
        if table != "summary" and name() in book.sheetnames:
            named = names_of(book, name())
            assert set(sheet_rows(book, name())[0]) == set(named)
    defined = [row for row in book["Definitions"].iter_rows(values_only=True) if row[3]]
    assert len(defined) > 30
    assert [row[0] for row in defined if not row[1]] == []


def test_the_page_shows_the_numbers_of_the_workbook(town: Town, mia: TestClient) -> None:
    for minute in range(6):  # sessions so alike that something can be concluded from them
        send(
            town["otto"].program(mia),
            observed(f"10:0{minute} rooming", "10:40 phone! callbacks", "11:00 back", "12:30 searching", "13:00 end"),
            device=f"phone-1{minute}",
        )
    page = text_of(
        town["mia"].browser(mia).get("/clinics/north/summary", params={"from": WEEK["from"], "to": WEEK["to"]})
    )
    front = {row[0]: row[1:4] for row in as_book(ask(mia, "summary.xlsx"))["Summary"].iter_rows(4, values_only=True)}
    value, low, high = front["Unscheduled, hours of a full-time MA's day"]
    assert f"About {value:.1f} hours of each full-time MA's 8-hour day" in page
    assert f"(likely {low:.1f} to {high:.1f})" in page
    rate, low, high = front["Interruptions an observed hour"]
    assert f"{rate:.1f} an observed hour" in page
    assert f"{front['Sessions'][0]} sessions · {front['People watched'][0]} people watched" in page
    first = sheet_rows(as_book(ask(mia, "summary.xlsx")), "Time sinks")[0]
    assert f"{first['Name']}: {first['Share'] * 480:.0f} minutes a day" in page


def test_a_range_that_says_nothing_is_in_the_file_and_no_headline(town: Town, mia: TestClient) -> None:
    page = text_of(
        town["mia"].browser(mia).get("/clinics/north/summary", params={"from": WEEK["from"], "to": WEEK["to"]})
    )
    front = {row[0]: row[1:4] for row in as_book(ask(mia, "summary.xlsx"))["Summary"].iter_rows(4, values_only=True)}
    value, low, high = (float(str(cell)) for cell in front["Unscheduled, hours of a full-time MA's day"])
    assert low < value < high
    assert "Too uncertain to say how much of each full-time MA's day goes into work nobody scheduled" in page
    assert f"{high:.1f})" not in page
    assert None not in front["Interruptions an observed hour"]
    assert page.count("too uncertain to say") >= 3


def test_a_clinic_without_observations_still_gets_whole_files(town: Town, client: TestClient) -> None:
    mia = town["mia"].program(client)
    book = as_book(ask(mia, "summary.xlsx"))
    assert book.sheetnames == ["Summary", "All figures", "Definitions"]
    assert {one["figure"]: one["value"] for one in as_csv(ask(mia, "summary.csv"))}["sessions"] == "0"


def test_the_workbook_says_what_it_was_asked_for(mia: TestClient) -> None:
    asked = as_book(ask(mia, "summary.xlsx", day_type="low", staff_role="MA"))["Summary"]["A3"].value
    assert asked == "Only: Volume: low, Role: MA"
    assert as_book(ask(mia, "summary.xlsx"))["Summary"]["A3"].value is None


def test_what_is_withheld_on_the_page_is_withheld_in_the_files(town: Town, client: TestClient) -> None:
    send(town["ada"].program(client), observed("15:00 rooming", "15:40 end", mode="self", subject=None))
    mia = town["mia"].program(client)
    figures = ask(mia, "summary.json", mode="self").json()
    assert "observed_ms" in figures["withheld"]
    told = {one["figure"]: one["value"] for one in as_csv(ask(mia, "summary.csv", mode="self"))}
    assert (told["observed_ms"], told["sessions"]) == ("", "")
    rows = sheet_rows(as_book(ask(mia, "summary.xlsx", mode="self")), "All figures")
    assert {row["Figure"]: row["Value"] for row in rows}["observed_ms"] is None


def test_what_people_timed_is_the_same_pool_in_every_face(town: Town, mia: TestClient) -> None:
    figures = ask(mia, "summary.json", mode="self").json()
    assert (figures["sessions"], figures["pooled"]) == (6, {"first_day": "2026-11-02", "last_day": "2026-11-08"})
    page = text_of(
        town["mia"]
        .browser(mia)
        .get("/clinics/north/summary", params={"from": WEEK["from"], "to": WEEK["to"], "mode": "self"})
    )
    assert "6 sessions · 5 people watched · 2 days" in page
    assert "Of whole weeks that are over: Mon, Nov 2, 2026 – Sun, Nov 8, 2026" in page
    for row in figures["sinks"][:5]:
        minutes = " ".join(f"{row[name] * 480:.1f}" for name in ("share", "share_low", "share_high"))
        assert f"{row['label']} {minutes} {row['share']:.0%}" in page
    assert "By trigger" not in page


@pytest.mark.parametrize("asked", [{"day_type": "high"}, {"staff_role": "MA"}, {"task_list": "back-of-house"},
                                   {"settling": "left_out"}, {"uncertain": "left_out"}])  # fmt: skip
def test_a_pool_of_what_people_timed_is_cut_by_no_filter(town: Town, mia: TestClient, asked: dict[str, str]) -> None:
    files = ("summary.json", "summary.csv", "summary.xlsx", "charts/sinks.svg", "charts.zip")
    told = {ask(mia, file, mode="self", **asked).status_code for file in files}
    told.add(mia.get("/api/v1/summary", params={**WEEK, "mode": "self", **asked}).status_code)
    assert told == {400}


def test_the_page_says_so_and_keeps_the_form(town: Town, mia: TestClient) -> None:
    params = {"from": WEEK["from"], "to": WEEK["to"], "mode": "self", "day_type": "high"}
    page = town["mia"].browser(mia).get("/clinics/north/summary", params=params)
    assert page.status_code == 422
    assert "ask for it without other filters" in text_of(page)


def test_a_hostile_code_is_inert_in_every_file(town: Town, client: TestClient) -> None:
    send(town["otto"].program(client), observed("09:00 rooming", "09:10 end", staff_role="=1+1"))
    mia = town["mia"].program(client)
    lines = [one for one in as_csv(ask(mia, "summary.csv")) if one["table"] == "by_staff_role"]
    assert {one["key"] for one in lines} == {"'=1+1"}
    cell = as_book(ask(mia, "summary.xlsx"))["Roles"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_files_are_named_after_what_is_in_them(mia: TestClient) -> None:
    for format in FORMATS:
        told = ask(mia, f"summary.{format}").headers["content-disposition"]
        assert told == f'attachment; filename="timesink-north-summary-2026-11-02-2026-11-08.{format}"'
    assert json.loads(ask(mia, "summary.json").text)["clinic"] == "north"
