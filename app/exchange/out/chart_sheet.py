"""The sheet of all further charts, each native and beside the few cells that it draws.

What is drawn stands on the other sheets too; here it is in the order and the unit of the chart, with how far each
interval reaches to either side, which is what spreadsheets want for error bars.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.exchange.out.book import write, write_heads
from app.exchange.out.definitions import title
from app.exchange.out.rows import Value
from app.i18n import _
from app.summary.charts import nice_ticks

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

Figures = Mapping[str, Any]

MOST = 10  # bars of a chart
TALL = 20  # rows of the sheet that a chart takes
A_PAGE = 3  # charts on a sheet of paper
BESIDE = 9  # column in which its cells begin
HOUR_MS = 3_600_000
COLOURS = ("#2f6fbf", "#c4571a", "#3f8f6b", "#8a5aa8", "#8a7a1f", "#5b6472", "#b4481e")
LIGHT, GREY = "#d9dee5", "#5b6472"
SHARES = ("unscheduled_share", "task_share", "trigger_share")


@dataclass(frozen=True, slots=True)
class Block:
    """A chart and its cells: a row a bar, label first, then a number for each of `series`.

    `ranges`: of the one series, both ends for each row. `look`: of the numbers. `stacked`: columns on each other.
    """

    heading: str
    unit: str
    series: tuple[str, ...]
    rows: Sequence[tuple[str, tuple[Value, ...]]]
    look: str
    format: str
    ranges: list[tuple[float | None, float | None]] | None = None
    stacked: bool = False


def chart_sheet(book: "Workbook", looks: Mapping[str, Any], figures: Figures) -> None:
    """One under the other; no sheet where there is nothing to draw."""
    blocks = [block for block in _blocks(figures) if block.rows]
    if not blocks:
        return
    sheet = book.add_worksheet(_("Charts"))
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, BESIDE - 1, 9)
    sheet.set_column(BESIDE, BESIDE, 30)
    sheet.set_column(BESIDE + 1, BESIDE + 12, 12)
    sheet.print_area(0, 0, len(blocks) * TALL, BESIDE - 1)  # on paper the pictures alone: the numbers have sheets
    sheet.set_h_pagebreaks([n * TALL for n in range(A_PAGE, len(blocks), A_PAGE)])
    for n, block in enumerate(blocks):
        top = n * TALL
        sheet.insert_chart(
            top, 0, _chart(book, looks, sheet, block, top), {"object_position": 3, "x_offset": 4, "y_offset": 4}
        )


def _blocks(figures: Figures) -> Iterator[Block]:
    yield _categories(figures["categories"])
    yield _by_day(figures["by_day"], {row["category"]: row["label"] for row in figures["categories"]})
    yield _high_low(figures["high_low"]["rows"])
    yield _units(figures["units"])
    yield _reported(figures["reported_observed"])
    labels = {entry["code"]: entry["label"] for entry in figures["sinks_unscheduled"]}
    yield _triggers(figures["interruptions"]["by_trigger"], labels)


def _categories(rows: Iterable[Figures]) -> Block:
    shown = [row for row in rows if row["share"] is not None][:MOST]
    return Block(
        _("Categories of work"),
        _("Share of observed time; lines: 95 % interval"),
        (title("share"),),
        [(row["label"], (row["share"],)) for row in shown],
        "share",
        "0%",
        [(row["share_low"], row["share_high"]) for row in shown],
    )


def _by_day(rows: Iterable[Figures], labels: Mapping[str, str]) -> Block:
    days = list(rows)
    codes = [code for code in labels if any(code in row["categories"] for row in days)]
    return Block(
        _("Observed hours by day and category"),
        _("Hours of person time; the volume of the day beside it"),
        tuple(labels[code] for code in codes),
        [
            (
                f"{row['day']} {row['day_type']}",
                tuple(row["categories"].get(code, 0) / HOUR_MS for code in codes),
            )
            for row in days
            if codes
        ],
        "hours",
        "0.0",
        stacked=True,
    )


def _high_low(rows: Iterable[Figures]) -> Block:
    """The shares that differ most, whichever way."""
    known = [row for row in rows if row["figure"] in SHARES and row["difference"] is not None]
    shown = sorted(known, key=lambda row: -abs(row["difference"]))[:MOST]
    return Block(
        _("High against low volume: what differs most"),
        _("Share on high-volume days less share on low ones; lines: 95 % interval"),
        (title("difference"),),
        [(row["label"], (row["difference"],)) for row in shown],
        "share",
        "0%",
        [(row["low"], row["high"]) for row in shown],
    )


def _units(rows: Iterable[Figures]) -> Block:
    shown = [row for row in rows if row["minutes_per_unit"] is not None][:MOST]
    return Block(
        _("Minutes each"),
        _("Observed minutes for each one counted; lines: 95 % interval"),
        (title("minutes_per_unit"),),
        [(row["label"], (row["minutes_per_unit"],)) for row in shown],
        "rate",
        "0",
        [(row["minutes_per_unit_low"], row["minutes_per_unit_high"]) for row in shown],
    )


def _reported(rows: Iterable[Figures]) -> Block:
    return Block(
        _("Reported beside observed"),
        _("Share of what was reported of these tasks, and of what was observed of them"),
        (title("reported_share"), title("observed_share")),
        [(row["label"], (row["reported_share"], row["observed_share"])) for row in rows][:MOST],
        "share",
        "0%",
    )


def _triggers(rows: Iterable[Figures], labels: Mapping[str, str]) -> Block:
    return Block(
        _("What interrupts"),
        _("How often it broke into something, and how often somebody was only asked"),
        (title("count"), title("prompts")),
        [(labels.get(row["trigger"], row["trigger"]), (row["count"], row["prompts"])) for row in rows][:MOST],
        "whole",
        "0",
    )


def _chart(book: "Workbook", looks: Mapping[str, Any], sheet: "Worksheet", block: Block, top: int) -> "Chart":
    first, last = top + 1, top + len(block.rows)
    heads = [("", False), *((name, True) for name in block.series)]
    if block.ranges is not None:
        heads += [(head, True) for head in (_("Low"), _("High"), _("Above"), _("Below"))]
    write_heads(sheet, top, heads, looks, BESIDE)
    for row, (label, values) in enumerate(block.rows, first):
        write(sheet, row, BESIDE, label)
        for column, value in enumerate(values, BESIDE + 1):
            write(sheet, row, column, value, looks[block.look])
    kind = {"type": "column", "subtype": "stacked"} if block.stacked else {"type": "bar"}
    chart = book.add_chart(kind)
    for n in range(len(block.series)):
        column = BESIDE + 1 + n
        chart.add_series(
            {
                "name": [sheet.name, top, column],
                "categories": [sheet.name, first, BESIDE, last, BESIDE],
                "values": [sheet.name, first, column, last, column],
                "fill": {"color": COLOURS[n % len(COLOURS)]},
                "gap": 50,
                **(_error_bars(looks, sheet, block, first) if n == 0 else {}),
            }
        )
    chart.set_title({"name": block.heading, "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom"} if len(block.series) > 1 else {"none": True})
    words = {"name": block.unit, "name_font": {"bold": False, "size": 9, "color": GREY}}
    numbers = {"num_format": block.format, "major_gridlines": {"visible": True, "line": {"color": LIGHT}}}
    if block.stacked:
        chart.set_x_axis({"text_axis": True, "num_font": {"size": 8, "rotation": -45}})
        chart.set_y_axis({**words, **numbers, "min": 0})
    else:
        # the longest on top; the labels stay at the left of bars that go below zero
        chart.set_y_axis({"reverse": True, "crossing": "max", "label_position": "low", "num_font": {"size": 9}})
        chart.set_x_axis({**words, **numbers, **_ends(block)})
    chart.set_size({"width": 600, "height": 360})
    return chart


def _ends(block: Block) -> dict[str, float]:
    """Ends of the axis beyond all bars and their intervals: a spreadsheet by itself looks at the bars alone."""
    values = [value for _label, row in block.rows for value in row if isinstance(value, int | float)]
    values += [end for ends in block.ranges or [] for end in ends if end is not None]
    lowest, highest = min([0, *values]), max([0, *values])
    if lowest == highest:
        return {}
    return {"min": -nice_ticks(-lowest)[-1], "max": nice_ticks(highest)[-1]}


def _error_bars(looks: Mapping[str, Any], sheet: "Worksheet", block: Block, first: int) -> dict[str, object]:
    if block.ranges is None:
        return {}
    from xlsxwriter.utility import quote_sheetname, xl_range_abs

    low, above = BESIDE + 2, BESIDE + 4
    for row, ((_label, values), ends) in enumerate(zip(block.rows, block.ranges, strict=True), first):
        value = values[0]
        reach: tuple[Value, Value] = (0, 0)
        if ends[0] is not None and ends[1] is not None and isinstance(value, int | float):
            reach = ends[1] - value, value - ends[0]
        for column, shown in enumerate((*ends, *reach), low):
            write(sheet, row, column, shown, looks[block.look])
    last = first + len(block.rows) - 1

    def cells(column: int) -> str:
        return f"={quote_sheetname(sheet.name)}!{xl_range_abs(first, column, last, column)}"

    return {
        "x_error_bars": {
            "type": "custom",
            "plus_values": cells(above),
            "minus_values": cells(above + 1),
            "line": {"color": "#222222", "width": 1.25},
        }
    }
