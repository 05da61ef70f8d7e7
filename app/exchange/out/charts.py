"""Native charts: each draws cells of a sheet, so that whoever changes a cell, or pastes the chart elsewhere, still has
a chart and no picture."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from app.exchange.out.book import write
from app.exchange.out.definitions import title
from app.exchange.out.rows import Value
from app.exchange.out.tables import Table
from app.i18n import _

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

TOP = 5
GREY = "#5b6472"


class Placed(Protocol):
    """A table on its sheet, header in row 0. `at`: the place of each column by its head."""

    @property
    def sheet(self) -> "Worksheet": ...
    @property
    def name(self) -> str: ...
    @property
    def table(self) -> Table: ...
    @property
    def at(self) -> dict[str, int]: ...


def sinks_chart(
    book: "Workbook", looks: Mapping[str, Any], placed: Placed | None, heading: str, colour: str
) -> "Chart | None":
    """The first five as bars of their share, with their intervals; None where there are none."""
    if placed is None:
        return None
    rows = placed.table.rows[:TOP]
    label, share = placed.at[title("label")], placed.at[title("share")]
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": title("share"),
            "categories": [placed.name, 1, label, len(rows), label],
            "values": [placed.name, 1, share, len(rows), share],
            "fill": {"color": colour},
            "gap": 60,
            **_error_bars(looks, placed, len(rows)),
        }
    )
    chart.set_title({"name": heading, "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"none": True})
    # the longest on top; crossed at its far end by the other axis, which so stays below
    chart.set_y_axis({"reverse": True, "crossing": "max", "num_font": {"size": 10}, "line": {"color": GREY}})
    chart.set_x_axis(
        {
            "min": 0,
            "max": _beyond(rows),
            "num_format": "0%",
            "name": _("Share of observed time; lines: 95 % interval"),
            "name_font": {"bold": False, "size": 9, "color": GREY},
            "major_gridlines": {"visible": True, "line": {"color": "#d9dee5"}},
        }
    )
    chart.set_size({"width": 560, "height": 320})
    return chart


def _beyond(rows: Iterable[Mapping[str, Value]]) -> float:
    """The next full 5 % above all bars and their intervals: a spreadsheet by itself looks at the bars alone."""
    ends = [value for row in rows for value in (row["share"], row["share_high"]) if isinstance(value, float)]
    return math.ceil(max(ends, default=0.05) * 20) / 20


def _error_bars(looks: Mapping[str, Any], placed: Placed, n: int) -> dict[str, object]:
    """From cells at the right of the sheet, because spreadsheets draw error bars of cell ranges only."""
    rows = placed.table.rows
    if not any(row["share_low"] is not None for row in rows[:n]):
        return {}
    first = max(placed.at.values()) + 2
    for column, head in enumerate((_("For the chart: above"), _("For the chart: below")), first):
        placed.sheet.set_column(column, column, 14)
        write(placed.sheet, 0, column, head, looks["quiet"])
    for row, values in enumerate(rows[:n], 1):
        share, low, high = (values[name] for name in ("share", "share_low", "share_high"))
        known = isinstance(share, float) and isinstance(low, float) and isinstance(high, float)
        for column, reach in ((first, (high, share)), (first + 1, (share, low))):
            write(placed.sheet, row, column, reach[0] - reach[1] if known else 0, looks["share"])  # type: ignore[operator]
    return {
        "x_error_bars": {
            "type": "custom",
            "plus_values": _range(placed.name, first, n),
            "minus_values": _range(placed.name, first + 1, n),
            "line": {"color": "#222222", "width": 1.25},
        }
    }


def _range(sheet: str, column: int, n: int) -> str:
    from xlsxwriter.utility import quote_sheetname, xl_range_abs

    return f"={quote_sheetname(sheet)}!{xl_range_abs(1, column, n, column)}"


def days_chart(book: "Workbook", placed: Placed | None) -> "Chart | None":
    """Observed and unscheduled hours by day."""
    if placed is None:
        return None
    n, day = len(placed.table.rows), placed.at[title("day")]
    chart = book.add_chart({"type": "column"})
    for figure, colour in (("observed_ms", "#8fb4de"), ("unscheduled_ms", "#c4571a")):
        column = placed.at[_("{title} (h)").format(title=title(figure))]
        chart.add_series(
            {
                "name": [placed.name, 0, column],
                "categories": [placed.name, 1, day, n, day],
                "values": [placed.name, 1, column, n, column],
                "fill": {"color": colour},
                "gap": 60,
                "overlap": 100,
            }
        )
    chart.set_title({"name": _("Hours by day"), "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"text_axis": True, "num_font": {"size": 9, "rotation": -45}})
    chart.set_y_axis(
        {"min": 0, "num_format": "0.0", "major_gridlines": {"visible": True, "line": {"color": "#d9dee5"}}}
    )
    chart.set_size({"width": 560, "height": 320})
    return chart
