"""Grids that the spreadsheet itself colours, so that they stay right when cells are changed: weekday by hour, what
interrupts what, what comes after what."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.exchange.out.book import write
from app.i18n import _
from app.summary.reading import HOUR_MS

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

Cell = Mapping[str, Any]
Sums = dict[str | None, int]

MOST_DOWN, MOST_ACROSS = 40, 30  # of a matrix, so that a sheet of paper holds it: what is left over is added up
OTHERS = "*"  # no code: codes have no asterisk


def heat_sheet(book: "Workbook", looks: dict[str, Any], hours: Sequence[Cell]) -> None:
    """A cell without observed time stays empty: nobody looked, which is not zero."""
    sheet = book.add_worksheet(_("When"))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 24, 7)
    below = _grid(
        sheet, looks, 0, _("Share of unscheduled work"), hours,
        lambda cell: cell["unscheduled_ms"] / cell["observed_ms"], "share", "#e06a1f",
    )  # fmt: skip
    _grid(
        sheet, looks, below + 2, _("Interruptions an observed hour"), hours,
        lambda cell: cell["interruptions"] * HOUR_MS / cell["observed_ms"], "rate", "#3f7ec9",
    )  # fmt: skip


def _grid(
    sheet: "Worksheet",
    looks: dict[str, Any],
    top: int,
    heading: str,
    hours: Sequence[Cell],
    value: Callable[[Cell], float],
    look: str,
    colour: str,
) -> int:
    """Rows are weekdays, columns hours of the clinic's clock from the first to the last observed. Its last row."""
    names = _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")
    first, last = min(cell["hour"] for cell in hours), max(cell["hour"] for cell in hours)
    days = sorted({cell["weekday"] for cell in hours})
    write(sheet, top, 0, heading, looks["strong"])
    write(sheet, top + 1, 0, _("Weekday"), looks["head"])
    for hour in range(first, last + 1):
        write(sheet, top + 1, 1 + hour - first, f"{hour}:00", looks["head"])
    for row, weekday in enumerate(days, top + 2):
        write(sheet, row, 0, names[weekday - 1])
        for cell in hours:
            if cell["weekday"] == weekday:
                write(sheet, row, 1 + cell["hour"] - first, value(cell), looks[look])
    end = top + 1 + len(days)
    scale = {"type": "2_color_scale", "min_color": "#ffffff", "max_color": colour, "min_type": "num", "min_value": 0}
    sheet.conditional_format(top + 2, 1, end, 1 + last - first, scale)
    return end


def matrix_sheet(
    book: "Workbook",
    looks: dict[str, Any],
    name: str,
    heading: str,
    rows: Sequence[Cell],
    down: str,
    across: str,
    named: Callable[[str | None], str],
) -> None:
    """`rows` with a `count` each, by their values of `down` and `across`: the most frequent of either come first, and
    what is rarer than those that fit stands together in the last one.
    """
    exact: dict[tuple[str | None, str | None], int] = defaultdict(int)
    for row in rows:
        exact[row[down], row[across]] += row["count"]
    of_row, rare_rows = _most(_sums(exact, 0), MOST_DOWN)
    of_column, rare_columns = _most(_sums(exact, 1), MOST_ACROSS)
    counts: dict[tuple[str | None, str | None], int] = defaultdict(int)
    for (left, above), n in exact.items():
        counts[OTHERS if left in rare_rows else left, OTHERS if above in rare_columns else above] += n

    def head_of(code: str | None, rare: Sums) -> str:
        return _("{n} others").format(n=len(rare)) if code == OTHERS else named(code)

    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(of_column) + 1, 6)
    write(sheet, 0, 0, heading, looks["strong"])
    sheet.set_row(1, 150)
    write(sheet, 1, 0, "", looks["head"])
    for column, code in enumerate([*of_column, None], 1):
        head = _("All") if column > len(of_column) else head_of(code, rare_columns)
        write(sheet, 1, column, head, looks["upright"])
    for line, (code, total) in enumerate(of_row.items(), 2):
        write(sheet, line, 0, head_of(code, rare_rows))
        for column, other in enumerate(of_column, 1):
            write(sheet, line, column, counts.get((code, other)), looks["whole"])
        write(sheet, line, len(of_column) + 1, total, looks["whole"])
    sheet.freeze_panes(2, 1)
    scale = {"type": "2_color_scale", "min_color": "#ffffff", "max_color": "#3f7ec9", "min_type": "num", "min_value": 0}
    sheet.conditional_format(2, 1, len(of_row) + 1, len(of_column), scale)


def _sums(counts: Mapping[tuple[str | None, str | None], int], place: int) -> Sums:
    """By the code in this place of the pair, the largest first."""
    sums: dict[str | None, int] = defaultdict(int)
    for pair, n in counts.items():
        sums[pair[place]] += n
    return dict(sorted(sums.items(), key=lambda one: (-one[1], one[0] or "")))


def _most(sums: Sums, most: int) -> tuple[Sums, Sums]:
    """The first so many, with the sum of the others behind them if there are any; and those others."""
    if len(sums) <= most:
        return sums, {}
    kept = list(sums.items())[: most - 1]
    rare = dict(list(sums.items())[most - 1 :])
    return {**dict(kept), OTHERS: sum(rare.values())}, rare
