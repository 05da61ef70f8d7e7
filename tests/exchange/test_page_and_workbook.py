"""Every table of the summary's page, cell for cell, beside the workbook of the same days: a week of the demo clinic."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from openpyxl.workbook import Workbook

from app.clinics.models import Clinic
from app.clinics.tasklist import default_list
from tests.demo.week import LAST
from tests.exchange.exported import as_book, ask, sheet_rows
from tests.people import Town

# Monday to Sunday, because what is reported is shown for whole weeks
MONDAY = LAST - timedelta(days=LAST.weekday())
DAYS = {"clinic": "demo", "from": MONDAY.isoformat(), "to": (MONDAY + timedelta(days=6)).isoformat()}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LABELS = {one.code: one.label for one in (*default_list().triggers, *default_list().counters)}
MINUTES_A_DAY = 480
Cells = list[list[str]]


def demo_manager(town: Town, demo_clinic: Clinic, client: TestClient) -> TestClient:
    """Manager of the demo clinic too."""
    return town["mia"].browser(client)


mia = pytest.fixture(demo_manager)


@pytest.fixture
def answer(mia: TestClient) -> Response:
    found: Response = mia.get("/clinics/demo/summary", params={"from": DAYS["from"], "to": DAYS["to"]})
    assert found.status_code == 200
    return found


@pytest.fixture
def page(answer: Response) -> dict[str, Cells]:
    """Its tables by their first heads, each as rows of texts, the header left out."""
    tables = (list(_rows(table)) for table in re.findall(r"<table.*?</table>", answer.text, re.DOTALL))
    return {" ".join(rows[0][:2]): rows[1:] for rows in tables}


def _rows(table: str) -> Iterator[list[str]]:
    for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        yield [" ".join(html.unescape(re.sub(r"<[^>]+>.*?</[^>]+>", "", cell)).split()) for cell in cells]


@pytest.fixture
def book(town: Town, mia: TestClient, client: TestClient) -> Workbook:
    return as_book(ask(town["mia"].program(client), "summary.xlsx", **DAYS))


def test_what_a_days_minutes_go_to(page: dict[str, Cells], book: Workbook) -> None:
    tasks = {row["Name"]: row for row in sheet_rows(book, "Tasks")}
    shown = page["What minutes a day"]
    assert len(shown) == 12
    for name, value, low, high, share, _ranks in shown:
        shares = (tasks[name][head] for head in ("Share", "Share, low", "Share, high"))
        assert [value, low, high] == [_minutes(one) for one in shares], name
        assert share == _percent(tasks[name]["Share"]), name


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _minutes(share: float | None) -> str:
    return "–" if share is None else f"{share * MINUTES_A_DAY:.1f}"


@pytest.mark.parametrize(
    ("title", "figure", "times"),
    [("When % of observed time", "Unscheduled (h)", 100), ("When an observed hour", "Interruptions", 1)],
)
def test_when_it_happens(page: dict[str, Cells], book: Workbook, title: str, figure: str, times: int) -> None:
    hours = {f"{WEEKDAYS[row['Weekday'] - 1]} {row['Hour']}": row for row in sheet_rows(book, "Hours")}
    assert len(page[title]) == len(hours) > 30
    for when, value, _observed, days in page[title]:
        row = hours[_in_24_hours(when)]
        assert value == f"{times * row[figure] / row['Observed (h)']:.1f}", when
        assert days == str(row["Days"]), when


def _in_24_hours(when: str) -> str:
    weekday, hour, half = when.split()
    return f"{weekday} {int(hour) % 12 + (12 if half == 'PM' else 0)}"


def test_what_interrupts(page: dict[str, Cells], book: Workbook) -> None:
    triggers = {LABELS[row["Trigger"]]: row for row in sheet_rows(book, "Triggers")}
    assert len(page["Trigger switched"]) == len(triggers) > 10
    for name, *figures in page["Trigger switched"]:
        row = triggers[name]
        told = [row["Number"], row["Only asked"], row["Beside"], round(row["Own time (h)"] * 60)]
        assert figures == [str(figure) for figure in told], name


def test_what_was_counted(page: dict[str, Cells], book: Workbook) -> None:
    figures: dict[str, Any] = {str(name): value for name, value, *_ in book["All figures"].values}
    codes = {LABELS[name.split(".")[1]]: name.split(".")[1] for name in figures if name.startswith("volumes.")}
    assert len(page["What tapped in sessions"]) == len(codes) > 5
    for name, *shown in page["What tapped in sessions"]:
        told = [figures.get(f"{kind}.{codes[name]}") for kind in ("counts", "volumes")]
        assert shown == ["–" if figure is None else str(figure) for figure in told], name


@pytest.mark.parametrize(
    ("title", "sheet", "most"),
    [("What minutes a day", "Time sinks", 12), ("Unscheduled work minutes a day", "Unscheduled", 5)],
)
def test_the_longest_with_ranges_and_the_ranks_they_may_have(
    page: dict[str, Cells], book: Workbook, title: str, sheet: str, most: int
) -> None:
    rows = sheet_rows(book, sheet)
    assert len(page[title]) == most
    for place, (shown, row) in enumerate(zip(page[title], rows, strict=False)):
        tied = set((row["Cannot be told apart from"] or "").split())
        first = place + 1 - sum(other["Code"] in tied for other in rows[:place])
        last = place + 1 + sum(other["Code"] in tied for other in rows[place + 1 :])
        minutes = [_minutes(row[head]) for head in ("Share", "Share, low", "Share, high")]
        ranks = str(first) if first == last else f"{first}–{last}"
        assert shown == [row["Name"], *minutes, _percent(row["Share"]), ranks]


def test_categories_unit_times_and_what_was_reported_beside_observed(page: dict[str, Cells], book: Workbook) -> None:
    categories = sheet_rows(book, "Categories")
    assert page["Category share"] == [
        [row["Name"], _percent(row["Share"]), f"{_percent(row['Share, low'])} – {_percent(row['Share, high'])}"]
        for row in categories
    ]
    units = sheet_rows(book, "Minutes each")
    assert len(units) > 3
    assert [row[:2] for row in page["For one minutes"]] == [
        [row["Name"], f"{row['Minutes each']:.1f}"] for row in units
    ]
    beside = sheet_rows(book, "Reported, observed")
    assert page["Task reported"] == [
        [row["Name"], _percent(row["Reported, share"]), _percent(row["Observed, share"]), f"{100 * row['Gap']:.1f}"]
        for row in beside
    ]


def test_high_against_low_volume(page: dict[str, Cells], book: Workbook) -> None:
    rows = sheet_rows(book, "High and low")
    shown = page["Compared high volume"]
    assert len(shown) == min(20, len(rows))
    for (name, a, b, difference), row in zip(shown, rows, strict=False):
        in_percent = row["Measure"].endswith("share")
        said = _percent if in_percent else "{:.1f}".format
        assert [name, a, b] == [row["Name"], said(row["High volume"]), said(row["Low volume"])]
        gap = row["Difference"]
        assert difference == ("–" if gap is None else f"{gap * (100 if in_percent else 1):.1f}".replace("-", "-"))


def test_what_comes_after_what(page: dict[str, Cells], book: Workbook) -> None:
    told: dict[str, int] = {}
    for row in sheet_rows(book, "Next"):
        told[row["From"]] = told.get(row["From"], 0) + row["Number"]
    names = {one.code: one.label for one in default_list().tasks}
    shown = [rows for title, rows in page.items() if title.startswith(" ")][-1]
    assert {row[0]: int(row[-1]) for row in shown}.items() <= {names[code]: n for code, n in told.items()}.items()


def _text(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_what_was_reported_and_what_is_withheld(page: dict[str, Cells], book: Workbook) -> None:
    rows = sheet_rows(book, "Reports")
    assert len(page["What reports"]) == len(rows) > 4
    labels = {one.code: one.label for one in default_list().stealers}
    for (name, count, minutes), row in zip(page["What reports"], rows, strict=True):
        assert name == labels[row["Time stealer"]]
        assert count == ("withheld" if row["Number"] is None else str(row["Number"]))
        assert minutes == ("–" if row["Minutes"] is None else f"{row['Minutes']:.0f}")
    assert {row["Number"] is None for row in rows} == {True, False}


def test_how_much_the_figures_stand_on_and_the_breaks(answer: Response, book: Workbook) -> None:
    told = _text(answer.text.partition("<main")[2])
    figures: dict[str, Any] = {str(name): value for name, value, *_ in book["All figures"].values}
    sessions, people, observers, days = (figures[name] for name in ("sessions", "people", "observers", "days"))
    hours = figures["observed_ms"] / 3_600_000
    stands_on = f"{sessions} sessions · {people} people watched · {days} days · {hours:.1f} hours observed"
    assert f"{stands_on} · {observers} observers" in told
    types = [figures[f"day_types.{name}"] for name in ("high", "typical", "low")]
    assert "Days: {} high, {} typical, {} low volume".format(*types) in told
    breaks = [f"{name.capitalize()} {figures[f'breaks.{name}']}" for name in ("due", "taken", "late", "missed")]
    assert " ".join(breaks) in told
    assert f"{figures['interruptions.per_hour']:.1f} an observed hour" in told


def test_hours_required_and_scheduled(town: Town, client: TestClient, mia: TestClient, book: Workbook) -> None:
    """Page, JSON and workbook say the same, half-day for half-day; a filter leaves them out."""
    told: Any = town["mia"].program(client).get("/api/v1/workload", params=DAYS).json()
    rows = sheet_rows(book, "Required by half-day")
    assert len(rows) == len(told["rows"]) == 10
    names = {"Required (h)": "required_hours", "Required, low": "required_low", "Required, high": "required_high",
             "Scheduled (h)": "scheduled_hours", "Missing (h)": "gap_hours", "Half": "half", "Day": "day"}  # fmt: skip
    for row, one in zip(rows, told["rows"], strict=True):
        assert {name: row[head] for head, name in names.items()} == {name: one[name] for name in names.values()}
    assert [row["Minutes each"] for row in sheet_rows(book, "Activity standards")] == [
        one["minutes_per_unit"] for one in told["standards"]
    ]
    whole: dict[str, Any] = {str(name): value for name, value, *_ in book["Required, whole"].values}
    assert whole["workload.gap_fte"] == told["gap_fte"]
    page = _text(mia.get("/clinics/demo/workload", params={"from": DAYS["from"], "to": DAYS["to"]}).text)
    for row in rows:
        shown = [row[head] for head in ("Required (h)", "Required, low", "Required, high", "Scheduled (h)")]
        assert " ".join(f"{value:.1f}" for value in shown) in page, row
    assert f"{whole['workload.ratio']:.2f} below 1: too few" in page
    high = as_book(ask(town["mia"].program(client), "summary.xlsx", **DAYS, day_type="high"))
    assert "Required by half-day" not in high.sheetnames


def test_day_by_day(page: dict[str, Cells], book: Workbook) -> None:
    days = sheet_rows(book, "Days")
    shown = page["Day volume"]
    assert len(shown) == len(days) == 5
    for (_day, volume, observed, unscheduled, rate, visits), row in zip(shown, days, strict=True):
        assert volume == f"{row['Volume']} volume"
        assert observed == f"{row['Observed (h)']:.1f}"
        assert unscheduled == f"{row['Unscheduled (h)'] / row['Observed (h)']:.0%}"
        assert rate == f"{row['Interruptions'] / row['Observed (h)']:.1f}"
        assert visits == str(row["Volume: visits"])


def test_what_interrupts_what(page: dict[str, Cells], book: Workbook) -> None:
    told: dict[str, int] = {}
    for row in sheet_rows(book, "Interrupted"):
        told[LABELS[row["Trigger"]]] = told.get(LABELS[row["Trigger"]], 0) + row["Number"]
    matrix: Any = next(rows for title, rows in page.items() if title.startswith(" "))
    assert {row[0]: int(row[-1]) for row in matrix} == told
    assert [sum(map(int, row[1:-1])) for row in matrix] == [int(row[-1]) for row in matrix]
