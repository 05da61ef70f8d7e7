"""Geometry of two figures side by side on one line each: high and low volume, reported and observed. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.summary.charts import AXIS, BAR_END, BAR_NAMES, WIDTH, nice_ticks, scale, wrapped

ROW = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """`a` is drawn as a square, `b` as a circle, both in the unit of the axis; `sure`: they differ beyond chance.

    `difference` with its interval, None where there is none.
    """

    label: str
    a: float
    b: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def sure(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class DrawnPair:
    pair: Pair
    lines: list[str]
    y: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Pairs:
    height: int
    bottom: int
    rows: list[DrawnPair]
    ticks: list[tuple[float, float]]  # x, value
    left: int = BAR_NAMES
    width: int = WIDTH


def pairs(given: Sequence[Pair], most: float = math.inf) -> Pairs | None:
    """One line under the other, as given, on one axis from 0 that ends at `most` at the latest. None of none."""
    if not given:
        return None
    values = nice_ticks(max(max(one.a, one.b) for one in given))
    domain, room = (0.0, min(values[-1] or 1.0, most)), (float(BAR_NAMES + 6), float(BAR_END - 10))
    rows = [
        DrawnPair(
            one, wrapped(one.label, 18), n * ROW + ROW / 2, scale(one.a, domain, room), scale(one.b, domain, room)
        )
        for n, one in enumerate(given)
    ]
    bottom = len(rows) * ROW
    ticks = [(scale(value, domain, room), value) for value in values if value <= most]
    return Pairs(height=bottom + AXIS, bottom=bottom, rows=rows, ticks=ticks)
