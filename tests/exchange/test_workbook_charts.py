"""The workbook's further charts and grids: what each draws are the figures of the JSON, with their intervals."""

import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from app.exchange.out.book import open_book, styles
from app.exchange.out.heat import MOST_ACROSS, MOST_DOWN, matrix_sheet
from app.exchange.out.summary_book import PRINTED, _table_sheet
from app.exchange.out.tables import Table
from tests.exchange.exported import as_book, ask
from tests.exchange.test_page_and_workbook import DAYS, demo_manager
from tests.people import Town

HOUR_MS = 3_600_000
Drawn = dict[str, tuple[float, ...]]

mia = pytest.fixture(demo_manager)


def drawn(book: Workbook) -> dict[str, tuple[Drawn, dict[str, tuple[float, float]]]]:
    """By heading: the values of each label, series after series, and what its error bars reach to, low and high."""
    found = {}
    sheet = book["Charts"]
    for chart in sheet._charts:  # type: ignore[attr-defined]
        heading = chart.title.tx.rich.p[0].r[0].t
        series = [(_cells(book, one.cat.strRef.f), _cells(book, one.val.numRef.f), one.errBars) for one in chart.series]
        labels = series[0][0]
        values = {label: tuple(one[1][n] for one in series) for n, label in enumerate(labels)}
        reach = {}
        if series[0][2] is not None:
            plus, minus = (_cells(book, end.numRef.f) for end in (series[0][2].plus, series[0][2].minus))
            for n, label in enumerate(labels):
                reach[label] = values[label][0] - minus[n], values[label][0] + plus[n]
        found[heading] = values, reach
    return found


def _cells(book: Workbook, reference: str) -> list[Any]:
    sheet, _bang, cells = reference.rpartition("!")
    return [cell.value for row in book[sheet.strip("'")][cells.replace("$", "")] for cell in row]


def intervals(rows: list[dict[str, Any]], low: str, high: str) -> dict[str, Any]:
    return {row["label"]: pytest.approx((row[low], row[high])) for row in rows if row[low] is not None}


def test_every_chart_draws_the_figures_with_their_intervals(town: Town, mia: TestClient, client: TestClient) -> None:
    program = town["mia"].program(client)
    figures = ask(program, "summary.json", **DAYS).json()
    charts = drawn(as_book(ask(program, "summary.xlsx", **DAYS)))
    assert len(charts) == 6

    values, reach = charts["Categories of work"]
    assert values == {row["label"]: (row["share"],) for row in figures["categories"]}
    assert reach == intervals(figures["categories"], "share_low", "share_high")

    values, _none = charts["Observed hours by day and category"]
    assert sum(map(sum, values.values())) * HOUR_MS == pytest.approx(
        sum(sum(row["categories"].values()) for row in figures["by_day"])
    )
    assert list(values) == [f"{row['day']} {row['day_type']}" for row in figures["by_day"]]

    values, reach = charts["Minutes each"]
    assert values == {row["label"]: (row["minutes_per_unit"],) for row in figures["units"]}
    known = {label: ends for label, ends in reach.items() if ends[0] != ends[1]}
    assert known == intervals(figures["units"], "minutes_per_unit_low", "minutes_per_unit_high")

    values, reach = charts["High against low volume: what differs most"]
    shares = [row for row in figures["high_low"]["rows"] if row["figure"].endswith("share")]
    biggest = sorted(shares, key=lambda row: -abs(row["difference"]))[:10]
    assert values == {row["label"]: (row["difference"],) for row in biggest}
    known = {label: ends for label, ends in reach.items() if ends[0] != ends[1]}
    assert known == intervals(biggest, "low", "high")

    values, _none = charts["Reported beside observed"]
    assert values == {
        row["label"]: (row["reported_share"], row["observed_share"]) for row in figures["reported_observed"]
    }
    values, _none = charts["What interrupts"]
    assert list(values.values()) == [
        (row["count"], row["prompts"]) for row in figures["interruptions"]["by_trigger"][:10]
    ]


@pytest.mark.parametrize(
    ("sheet", "path"), [("What interrupts what", "interruptions.by_task"), ("What comes next", "transitions")]
)
def test_each_grid_adds_up_to_its_list(town: Town, mia: TestClient, client: TestClient, sheet: str, path: str) -> None:
    program = town["mia"].program(client)
    rows: Any = ask(program, "summary.json", **DAYS).json()
    for part in path.split("."):
        rows = rows[part]
    book = as_book(ask(program, "summary.xlsx", **DAYS))
    heads, *lines = book[sheet].iter_rows(2, values_only=True)
    assert heads[-1] == "All"
    counts = sorted(int(str(cell)) for line in lines for cell in line[1:-1] if cell is not None)
    assert counts == sorted(row["count"] for row in rows)
    assert all(sum(int(str(cell)) for cell in line[1:-1] if cell is not None) == line[-1] for line in lines)


def test_a_grid_of_many_codes_fits_a_sheet_of_paper_and_still_adds_up() -> None:
    rows = [
        {"from": f"t-{n:02}", "to": f"t-{(n * 7 + step) % 60:02}", "count": 60 - n}
        for n in range(60)
        for step in (1, 2)
    ]
    file = io.BytesIO()
    book = open_book(file)
    matrix_sheet(book, styles(book), "Next", "What comes next", rows, "from", "to", str)
    book.close()
    heads, *lines = load_workbook(file)["Next"].iter_rows(2, values_only=True)
    assert (len(lines), lines[-1][0]) == (MOST_DOWN, "21 others")
    assert (len(heads), heads[-2:]) == (MOST_ACROSS + 2, ("31 others", "All"))
    cells = [[int(str(cell)) for cell in line[1:] if cell is not None] for line in lines]
    assert all(sum(line[:-1]) == line[-1] for line in cells)
    assert sum(line[-1] for line in cells) == sum(int(str(row["count"])) for row in rows)


def test_of_a_long_list_paper_holds_the_first_rows_and_says_so() -> None:
    rows: Any = tuple({"from": f"t-{n}", "to": "rooming", "count": 300 - n} for n in range(250))
    file = io.BytesIO()
    book = open_book(file)
    for name in ("transitions", "hours"):  # the one in the order of size, the other of time
        _table_sheet(book, styles(book), Table(name, ("from", "to"), ("from", "to", "count"), rows))
    book.close()
    read = load_workbook(file)
    assert read["Next"].print_area.endswith(f"${PRINTED + 1}")
    footer: Any = read["Next"].oddFooter
    assert footer.left.text == "The first 80 of 250 rows; the file holds all of them."
    assert read["Next"].max_row == 251
    assert read["Hours"].print_area.endswith("$251")
