"""Geometry of the summary's drawings: where each mark stands, in the units of its view box. Pure.

The templates only loop over what is here. A view box is about as wide as a phone, so that its letters are about as
large there as the numbers below say; on wider screens it grows with the column.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 380
HEAT_STEPS = 6  # q1 to q6; q0 is none at all


def scale(value: float, domain: tuple[float, float], room: tuple[float, float]) -> float:
    """`value` on the way from domain[0] to domain[1], as a place in the room, to a tenth of a unit."""
    (low, high), (start, end) = domain, room
    if high == low:
        return start
    return round(start + (value - low) / (high - low) * (end - start), 1)


def nice_ticks(highest: float, most: int = 5) -> list[float]:
    """Round numbers from 0 in equal steps of 1, 2 or 5 times a power of ten: at most `most`, the last >= highest."""
    if highest < 1e-9:  # nothing, or so little that it would draw as nothing
        return [0.0]
    step = 10.0 ** math.floor(math.log10(highest / (most - 1)))
    while True:
        for factor in (1, 2, 5):
            count = math.ceil(round(highest / (step * factor), 9))
            if count <= most - 1:
                return [round(n * step * factor, 9) for n in range(count + 1)]
        step *= 10


def heat_step(value: float, highest: float) -> int:
    """0 for nothing; else 1 to 6, each step as wide as the other, the last one ending at `highest`."""
    if value <= 0 or highest <= 0:
        return 0
    return min(HEAT_STEPS, math.ceil(round(value / highest * HEAT_STEPS, 9)))


def wrapped(text: str, letters: int, lines: int = 2) -> list[str]:
    """The words of `text` on at most so many lines; what does not fit is cut, with a mark that it was."""
    broken = [""]
    for word in text.split():
        longer = f"{broken[-1]} {word}".strip()
        if broken[-1] and len(longer) > letters:
            broken.append(word)
        else:
            broken[-1] = longer
    kept = broken[:lines]
    if len(broken) > lines:
        kept[-1] += " …"
    return [line if len(line) <= letters + 2 else line[: letters + 1].rstrip(" …") + "…" for line in kept]


# --- bars with whiskers ----------------------------------------------------------------------------------------------

BAR_NAMES, BAR_END, ROW, BAR, AXIS = 128, 336, 30, 18, 20


@dataclass(frozen=True, slots=True)
class Bar:
    """What is drawn of one row: `value` with its range in the unit of the axis; `mark`: it is drawn apart."""

    label: str
    value: float
    low: float | None
    high: float | None
    mark: bool = False


@dataclass(frozen=True, slots=True)
class DrawnBar:
    bar: Bar
    lines: list[str]
    y: float  # of the row's middle
    width: float
    whisker: tuple[float, float] | None  # x of its two ends


@dataclass(frozen=True, slots=True)
class Bars:
    height: int
    rows: list[DrawnBar]
    ticks: list[tuple[float, float]]  # x, value
    left: int = BAR_NAMES
    width: int = WIDTH
    thick: int = BAR
    bottom: int = 0


def bars(given: Sequence[Bar], most: float = math.inf) -> Bars:
    """One bar under the other, as given, from 0 on one axis that holds every whisker and ends at `most` at the latest.

    No value may be above `most`.
    """
    highest = max((bar.value if bar.high is None else bar.high for bar in given), default=0)
    values = nice_ticks(highest)
    domain, room = (0.0, min(values[-1] or 1.0, most)), (float(BAR_NAMES), float(BAR_END))
    rows = [
        DrawnBar(
            bar=bar,
            lines=wrapped(bar.label, 15),
            y=place * ROW + ROW / 2,
            width=round(scale(bar.value, domain, room) - BAR_NAMES, 1),
            whisker=None
            if bar.low is None or bar.high is None
            else (scale(bar.low, domain, room), scale(bar.high, domain, room)),
        )
        for place, bar in enumerate(given)
    ]
    bottom = len(rows) * ROW
    ticks = [(scale(value, domain, room), value) for value in values if value <= most]
    return Bars(height=bottom + AXIS, rows=rows, ticks=ticks, bottom=bottom)


# --- heat map of the week --------------------------------------------------------------------------------------------

DAY_NAMES, HEAD, CELL, WIDEST_CELL, NARROWEST_WRITTEN = 36, 30, 28, 44.0, 21.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One weekday (1 Monday to 7) and hour that was observed; `days`: on how many days."""

    weekday: int
    hour: int
    value: float
    days: int
    observed_ms: int


@dataclass(frozen=True, slots=True)
class DrawnCell:
    cell: Cell
    x: float
    y: float
    step: int


@dataclass(frozen=True, slots=True)
class Heat:
    """`highest` is the value at which the last step ends. Cells nobody observed are not there: they are not zero."""

    height: int
    cell_width: float
    cells: list[DrawnCell]
    hours: list[tuple[float, int]]  # x of the middle, hour
    weekdays: list[tuple[float, int]]  # y of the middle, weekday
    highest: float
    written: bool  # whether a cell has room for its number
    width: int = WIDTH
    left: int = DAY_NAMES
    top: int = HEAD
    cell_height: int = CELL


def heat(given: Iterable[Cell]) -> Heat | None:
    """Weekdays down, hours across, from the first hour observed to the last. None where nothing was observed."""
    cells = list(given)
    if not cells:
        return None
    first, last = min(cell.hour for cell in cells), max(cell.hour for cell in cells)
    weekdays = sorted({1, 2, 3, 4, 5} | {cell.weekday for cell in cells})
    wide = min(WIDEST_CELL, round((WIDTH - DAY_NAMES) / (last - first + 1), 2))
    highest = nice_ticks(max(cell.value for cell in cells))[-1]

    def x(hour: int) -> float:
        return round(DAY_NAMES + (hour - first) * wide, 1)

    def y(weekday: int) -> float:
        return HEAD + weekdays.index(weekday) * CELL

    return Heat(
        height=HEAD + len(weekdays) * CELL + 2,
        cell_width=wide,
        cells=[
            DrawnCell(cell, x(cell.hour), y(cell.weekday), heat_step(cell.value, highest))
            for cell in sorted(cells, key=lambda cell: (cell.weekday, cell.hour))
        ],
        hours=[(round(x(hour) + wide / 2, 1), hour) for hour in range(first, last + 1)],
        weekdays=[(y(weekday) + CELL / 2, weekday) for weekday in weekdays],
        highest=highest,
        written=wide >= NARROWEST_WRITTEN,
    )
