"""The summary as a workbook: a first sheet to read and show, with charts, then a sheet for every table behind it.

The sheets hold the very numbers of the JSON: durations in ms at the right of each sheet, under their names there, and
beside the labels the same in hours or minutes, which charts and people want.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from app.exchange.out.book import LONGEST_WIDTH, open_book, styles, write, write_heads
from app.exchange.out.chart_sheet import chart_sheet
from app.exchange.out.charts import days_chart, sinks_chart
from app.exchange.out.definitions import Definitions, define, meaning, of_summaries, title, words
from app.exchange.out.heat import heat_sheet, matrix_sheet
from app.exchange.out.hours_sheets import hours_sheets
from app.exchange.out.rows import Value
from app.exchange.out.tables import WHOLE, Table, tables
from app.i18n import _
from app.summary.ranges import Range
from app.summary.reading import HOUR_MS, read

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MINUTE_MS = 60_000
PAGE_WIDTH = 180  # letters beside each other on a sheet of paper, at two thirds of their size
NARROW = 90  # letters that fit beside each other on an upright sheet
PRINTED = 80  # rows of a list that is in the order of size: beyond them nobody reads on paper
BY_TIME = ("hours", "by_day")  # in the order of time: printed whole
IN_MINUTES = ("mean_active_ms", "interruptions.resume_ms_median")  # too short for hours
# sheets by table; a table without one is on a sheet of its own name
SHEETS: dict[str, Callable[[], str]] = {
    "sinks": lambda: _("Time sinks"),
    "sinks_unscheduled": lambda: _("Unscheduled"),
    "tasks": lambda: _("Tasks"),
    "categories": lambda: _("Categories"),
    "interruptions.by_trigger": lambda: _("Triggers"),
    "interruptions.by_task": lambda: _("Interrupted"),
    "hours": lambda: _("Hours"),
    "by_day": lambda: _("Days"),
    "by_staff_role": lambda: _("Roles"),
    "reports": lambda: _("Reports"),
    "reported_observed": lambda: _("Reported, observed"),
    "reported_interruptions": lambda: _("Reported, interruptions"),
    "units": lambda: _("Minutes each"),
    "transitions": lambda: _("Next"),
    "high_low.rows": lambda: _("High and low"),
    WHOLE: lambda: _("All figures"),
}
FIRST = tuple(SHEETS)
COMPARED = ("a", "b", "difference", "low", "high")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. `of`: the figure it shows; `unit` ms: divided by that many. `look`: its style's name."""

    head: str
    of: str
    unit: int
    look: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A table on its sheet: the header in row 0, then its rows. `at`: the place of each column by its head."""

    sheet: "Worksheet"
    name: str
    table: Table
    at: dict[str, int]


def write_summary(
    file: IO[bytes], figures: Mapping[str, Any], weekly_hours: int, hours: Mapping[str, Any] | None = None
) -> None:
    """`figures`: what GET /api/v1/summary answers; `hours`: what GET /api/v1/workload does, where it says anything."""
    book = open_book(file)
    looks = styles(book)
    front = book.add_worksheet(_("Summary"))
    found = sorted(tables(figures), key=lambda table: FIRST.index(table.name) if table.name in FIRST else len(FIRST))
    single, lists = next(t for t in found if t.name == WHOLE), [t for t in found if t.name != WHOLE]
    placed = {table.name: _table_sheet(book, looks, table) for table in lists}
    chart_sheet(book, looks, figures)
    if figures["hours"]:
        heat_sheet(book, looks, figures["hours"])
    _matrices(book, looks, figures)
    told = _defined(placed.values())
    told += _single_sheet(book, looks, single)
    if hours is not None:
        told += hours_sheets(book, looks, hours)
    _front(book, front, looks, figures, weekly_hours, placed)
    heads = (_("Column"), _("What it means"), _("In JSON and CSV"), _("Sheets"))
    define(book, looks, Definitions([*words(weekly_hours), *of_summaries()], heads, told))
    front.activate()
    book.close()


# --- a table on its sheet --------------------------------------------------------------------------------------------


def _sheet_name(table: str) -> str:
    return SHEETS[table]() if table in SHEETS else table[:31]


def _columns(table: Table) -> list[Column]:
    """For people first, label before code; then every duration exactly."""
    filled = [name for name in table.columns if any(row.get(name) is not None for row in table.rows)]
    ordered = sorted(filled, key=lambda name: (name != "label", name not in table.keys))
    shown = [_shown(name) for name in ordered]
    return [*shown, *(Column(name, name, 1, "exact") for name in ordered if _is_duration(name))]


def _is_duration(name: str) -> bool:
    return name.endswith(("_ms", "_ms_median")) or name == "ms" or name.startswith("categories.")


def _shown(name: str) -> Column:
    if _is_duration(name):
        head, unit = (_("{title} (min)"), MINUTE_MS) if name in IN_MINUTES else (_("{title} (h)"), HOUR_MS)
        return Column(head.format(title=title(name)), name, unit, "hours")
    return Column(title(name), name, 1, _look(name))


def _look(name: str) -> str:
    last = name.rsplit(".", 1)[-1]
    if name == "scheduled":
        return "word"
    if last.startswith(("share", "unscheduled_share")) or last.endswith("_share") or last == "gap":
        return "share"
    return "rate" if last.startswith(("hours_per_week", "per_hour", "minutes_per_unit")) else "whole"


def _table_sheet(book: "Workbook", looks: dict[str, Any], table: Table) -> Placed:
    name = _sheet_name(table.name)
    sheet = book.add_worksheet(name)
    columns = _columns(table)
    write_heads(sheet, 0, [(one.head, _is_numeric(one, table)) for one in columns], looks)
    widths = [_width(one, table) for one in columns]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for row, values in enumerate(table.rows, 1):
        for column, one in enumerate(columns):
            look = _compared(values) if one.of in COMPARED and "difference" in values else one.look
            write(sheet, row, column, in_unit(values.get(one.of), one.unit), looks[look])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(table.rows), len(columns) - 1)
    told = [width for one, width in zip(columns, widths, strict=True) if one.look != "exact"]
    printed = len(table.rows) if table.name in BY_TIME else min(PRINTED, len(table.rows))
    sheet.print_area(0, 0, printed, len(told) - 1)  # on paper the same once more in ms helps nobody
    if printed < len(table.rows):
        cut = _("The first {n} of {all} rows; the file holds all of them.").format(n=printed, all=len(table.rows))
        sheet.set_footer(f"&L{cut}")
    if sum(told) > NARROW:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(math.ceil(sum(told) / PAGE_WIDTH), 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    return Placed(sheet, name, table, {one.head: column for column, one in enumerate(columns)})


def _compared(row: Mapping[str, Value]) -> str:
    """The look of a row that compares: each is of a measure of its own."""
    return "share" if str(row["figure"]).endswith("share") else "fine_rate"


def _matrices(book: "Workbook", looks: dict[str, Any], figures: Mapping[str, Any]) -> None:
    """What interrupts what, and what comes after what, for the eye; the lists beside them hold the same numbers."""
    tasks = {row["task"]: row["label"] for row in figures["tasks"]}
    triggers = {row["code"]: row["label"] for row in figures["sinks_unscheduled"] if row["source"] == "trigger"}

    def named(code: str | None) -> str:
        return _("Nothing in hand") if code is None else tasks.get(code) or triggers.get(code) or code

    if figures["interruptions"]["by_task"]:
        heading = _("How often a trigger (left) broke into a task (above)")
        by_task = figures["interruptions"]["by_task"]
        matrix_sheet(book, looks, _("What interrupts what"), heading, by_task, "trigger", "task", named)
    if figures["transitions"]:
        heading = _("How often a task (left) was followed by another (above)")
        matrix_sheet(book, looks, _("What comes next"), heading, figures["transitions"], "from", "to", named)


def in_unit(value: Value, unit: int) -> Value:
    return value / unit if unit != 1 and isinstance(value, int | float) else value


def _is_numeric(column: Column, table: Table) -> bool:
    return all(isinstance(row.get(column.of), int | float | None) for row in table.rows)


def _width(column: Column, table: Table) -> float:
    # a float is shown with a decimal or two, however many digits it has
    texts = (value for row in table.rows if not isinstance(value := row.get(column.of), float))
    longest = max((len(str(value or "")) for value in texts), default=0)
    text = longest if column.look == "whole" and column.unit == 1 else 0
    in_two_lines = max(*map(len, column.head.split()), len(column.head) // 2)
    return min(LONGEST_WIDTH, max(9, text + 2, in_two_lines + 3))


def _defined(placed: Iterable[Placed]) -> list[tuple[str, ...]]:
    """Each column once, with the names of the sheets it is on."""
    sheets: dict[tuple[str, str], list[str]] = {}
    for one in placed:
        for column in _columns(one.table):
            sheets.setdefault((column.head, column.of), []).append(one.name)
    return [(head, meaning(of), of, ", ".join(names)) for (head, of), names in sheets.items()]


def _single_sheet(book: "Workbook", looks: dict[str, Any], table: Table) -> list[tuple[str, ...]]:
    """Every figure that is in no list, under its name in the JSON."""
    name = _sheet_name(WHOLE)
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 2, 18)
    heads = _("Figure"), _("Value"), _("In hours or minutes")
    write_heads(sheet, 0, [(head, column > 0) for column, head in enumerate(heads)], looks)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for row, (figure, value) in enumerate(table.rows[0].items(), 1):
        shown = _shown(figure)
        write(sheet, row, 0, figure)
        write(sheet, row, 1, value, looks["whole" if shown.unit != 1 else shown.look])
        if shown.unit != 1:
            write(sheet, row, 2, in_unit(value, shown.unit), looks["hours"])
    sheet.freeze_panes(1, 0)
    return [
        (heads[0], _("The figure's name in JSON and CSV."), "figure", name),
        (heads[1], _("As there."), "value", name),
        (heads[2], _("Durations once more, to be read; those of single interruptions in minutes."), "", name),
    ]


# --- the first sheet -------------------------------------------------------------------------------------------------


def _front(
    book: "Workbook",
    sheet: "Worksheet",
    looks: dict[str, Any],
    figures: Mapping[str, Any],
    weekly_hours: int,
    placed: Mapping[str, Placed],
) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 3, 12)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    write(sheet, 0, 0, _("Summary of the observations"), looks["title"])
    where = _("{clinic}, {from_} to {to}, {zone}; mode: {mode}").format(
        **{name: figures[name] for name in ("clinic", "to", "mode")}, from_=figures["from"], zone=figures["timezone"]
    )
    write(sheet, 1, 0, where, looks["quiet"])
    asked = ", ".join(f"{title(name)}: {value}" for name, value in figures["filters"].items() if value is not None)
    if asked:
        write(sheet, 2, 0, _("Only: {filters}").format(filters=asked), looks["strong"])
    heads = _("Figure"), _("Value"), _("Low"), _("High")
    write_heads(sheet, 3, [(head, column > 0) for column, head in enumerate(heads)], looks)
    row = 4
    for label, one, look in _headline(figures, weekly_hours):
        write(sheet, row, 0, label)
        for column, value in enumerate((one.value, one.low, one.high), 1):
            write(sheet, row, column, value, looks[look])
        row += 1
    if figures["withheld"]:
        write(sheet, row, 0, _("Withheld: see “All figures”."), looks["quiet"])
    charts = [
        sinks_chart(book, looks, placed.get("sinks"), _("Top five of all work"), "#2f6fbf"),
        sinks_chart(
            book, looks, placed.get("sinks_unscheduled"), _("Top five of the work nobody scheduled"), "#c4571a"
        ),
        days_chart(book, placed.get("by_day")),
    ]
    places = ["F1", "F18", f"A{row + 4}"]
    for chart, place in zip(charts, places, strict=True):
        if chart is not None:
            sheet.insert_chart(place, chart, {"object_position": 3})


def _headline(figures: Mapping[str, Any], weekly_hours: int) -> list[tuple[str, Range, str]]:
    """Label, figure with its interval, look: what the page begins with. Withheld figures are left out."""
    reading = read(figures, weekly_hours)
    share = _range(figures, "unscheduled_share")
    of_hours = figures["observed_ms"]
    lines: list[tuple[str, Range | None, str]] = [
        (_("Observed hours"), None if of_hours is None else Range(of_hours / HOUR_MS, None, None), "hours"),
        (_("Sessions"), _plain(figures, "sessions"), "whole"),
        (_("People watched"), _plain(figures, "people"), "whole"),
        (_("Observers"), _plain(figures, "observers"), "whole"),
        (_("Days"), _plain(figures, "days"), "whole"),
        *(
            (said.format(n=figures["protocol"][kind]["wanted"]), _plain(figures["protocol"][kind], "done"), "whole")
            for kind, said in (
                ("high", _("High-volume days, of {n} at least")),
                ("low", _("Low-volume days, of {n} at least")),
            )
        ),
        (_("Share of unscheduled work"), share, "share"),
        (_("Unscheduled, hours of a full-time MA's day"), reading.hours_a_day, "rate"),
        (_("Unscheduled, hours of a full-time MA's week"), reading.hours_a_week, "rate"),
        (_("Interruptions an observed hour"), reading.per_hour, "rate"),
        (_("Share with nothing to code"), _alone(reading.idle_share), "share"),
        (_("Share corrected afterwards"), _alone(figures["edited_share"]), "share"),
    ]
    return [(label, one, look) for label, one, look in lines if one is not None]


def _plain(figures: Mapping[str, Any], name: str) -> Range | None:
    return _alone(figures[name])


def _alone(value: float | None) -> Range | None:
    return None if value is None else Range(value, None, None)


def _range(figures: Mapping[str, Any], name: str) -> Range | None:
    value = figures[name]
    return None if value is None else Range(value, figures[f"{name}_low"], figures[f"{name}_high"])
