"""Geometry of the two drawings of workload hours, in the units of their view box. Pure; see summary/charts.py."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.summary.charts import AXIS, BAR, BAR_NAMES, ROW, WIDTH, nice_ticks, scale
from app.workload.reckon import Cell

BARS_END = 328.0


@dataclass(frozen=True, slots=True)
class GapBar:
    """The gap of one half-day: from zero to the right what is missing, to the left what is to spare."""

    weekday: int
    half: str
    days: int
    cell: Cell
    gap: float
    y: float
    x: float
    width: float
    whisker: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Gaps:
    height: int
    rows: list[GapBar]
    ticks: list[tuple[float, float]]  # x, hours
    zero: float
    bottom: int
    left: int = BAR_NAMES
    width: int = WIDTH
    thick: int = BAR


def gaps(given: Sequence[tuple[int, str, int, Cell]]) -> Gaps | None:
    """Of average half-days (weekday, half, over how many days, cell); those without a gap are left out."""
    known = [(weekday, half, n, cell, cell.gap) for weekday, half, n, cell in given if cell.gap is not None]
    if not known:
        return None
    ends = [end for *_row, cell, gap in known for end in (gap, cell.gap_low, cell.gap_high, 0.0) if end is not None]
    step = [*nice_ticks(max(max(ends), -min(ends)), 4), 1.0][1]
    below, above = math.ceil(-min(ends) / step - 1e-9), math.ceil(max(ends) / step - 1e-9)
    domain, room = (-below * step, max(above, 1 - below) * step), (float(BAR_NAMES), BARS_END)

    def x(hours: float) -> float:
        return scale(hours, domain, room)

    zero = x(0)
    rows = [
        GapBar(
            weekday=weekday,
            half=half,
            days=n,
            cell=cell,
            gap=gap,
            y=place * ROW + ROW / 2,
            x=min(zero, x(gap)),
            width=round(abs(x(gap) - zero), 1),
            whisker=None if cell.gap_low is None or cell.gap_high is None else (x(cell.gap_low), x(cell.gap_high)),
        )
        for place, (weekday, half, n, cell, gap) in enumerate(known)
    ]
    ticks = [(x(n * step), round(n * step, 9)) for n in range(-below, max(above, 1 - below) + 1)]
    bottom = len(rows) * ROW
    return Gaps(height=bottom + AXIS, rows=rows, ticks=ticks, zero=zero, bottom=bottom)


# --- by hour of the day ----------------------------------------------------------------------------------------------

COLUMNS_LEFT, COLUMNS_TOP, COLUMNS_BOTTOM, WIDEST_COLUMN = 28.0, 8.0, 168.0, 44.0


@dataclass(frozen=True, slots=True)
class HourColumn:
    """`x`: the column's middle; `scheduled`: y of the bar's top, None where no roster says."""

    hour: int
    days: int
    cell: Cell
    x: float
    scheduled: float | None
    required: float | None
    whisker: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Columns:
    columns: list[HourColumn]
    ticks: list[tuple[float, float]]  # y, MAs
    wide: float
    left: float = COLUMNS_LEFT
    bottom: float = COLUMNS_BOTTOM
    width: int = WIDTH
    height: int = 200


def columns(given: Sequence[tuple[int, int, Cell]]) -> Columns | None:
    """Of an average day (hour, over how many days, cell): how many MAs are scheduled, and how many are needed."""
    if not given:
        return None
    ends = [end for _h, _n, cell in given for end in (cell.required, cell.high, cell.scheduled) if end is not None]
    values = nice_ticks(max(ends), 5)
    domain, room = (0.0, values[-1] or 1.0), (COLUMNS_BOTTOM, COLUMNS_TOP)
    first, last = given[0][0], given[-1][0]
    wide = min(WIDEST_COLUMN, round((WIDTH - COLUMNS_LEFT) / (last - first + 1), 1))

    def y(value: float) -> float:
        return scale(value, domain, room)

    return Columns(
        columns=[
            HourColumn(
                hour=hour,
                days=n,
                cell=cell,
                x=round(COLUMNS_LEFT + (hour - first + 0.5) * wide, 1),
                scheduled=None if cell.scheduled is None else y(cell.scheduled),
                required=None if cell.required is None else y(cell.required),
                whisker=None if cell.low is None or cell.high is None else (y(cell.low), y(cell.high)),
            )
            for hour, n, cell in given
        ],
        ticks=[(y(value), value) for value in values],
        wide=wide,
    )
