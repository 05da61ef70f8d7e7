"""Required against scheduled hours from a basis: by half-day, by hour of the day, together. Pure; no clock, no SQL.

Of a day, with D = volume x minutes per unit of each standard, S their sum, c the shares of all category allowances:
required = S / (1 - c) + individual allowances (WISN, `wisn.py`). A standard's part falls on the hours in which that
task was seen, an allowance's on those in which that work was; both weighed with how many MAs are there.

The range: unit times and shares come from the same sessions, so they vary together. `basis.spread` is their jackknife
covariance; to first order the variance of log(required) is g'Cg with g the derivatives, and the range is transformed
back with t(n-1), as for every rate of the summary. Of a single standard without allowances it is exactly that of its
unit time. None where more than a tenth of the hours stands on observed figures that have no interval themselves.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import add, mul

from app.summary.intervals import LEVEL, t_quantile
from app.workload import wisn
from app.workload.basis import DAY_HOURS_OF_WEEK, HOURS, INTERRUPTIONS, Basis, Day
from app.workload.levers import NOTHING, Levers

NOON = 12
MOST_SHARE = 0.9  # of working time in allowances: beyond it too little is left to reckon from
UNSURE = 0.1  # of the hours that may stand on figures without an interval
HALVES = {"am": range(NOON), "pm": range(NOON, HOURS)}


@dataclass(slots=True)
class Cell:
    """Some hours. `required` None: no volume or no unit time is known; `scheduled` None: no roster says.

    `gradient`: derivatives of `required` by the log of each standard and by each share, in hours; empty for none.
    """

    required: float | None = None
    scheduled: float | None = None
    gradient: list[float] = field(default_factory=list)
    low: float | None = None
    high: float | None = None

    @property
    def gap(self) -> float | None:
        """Hours that are missing (above zero) or to spare (below)."""
        if self.required is None or self.scheduled is None:
            return None
        return self.required - self.scheduled

    @property
    def gap_low(self) -> float | None:
        return None if self.low is None or self.scheduled is None else self.low - self.scheduled

    @property
    def gap_high(self) -> float | None:
        return None if self.high is None or self.scheduled is None else self.high - self.scheduled

    @property
    def verdict(self) -> str:
        """short, spare: by its whole range; even: the range holds both; unsure: no range; unknown: no gap."""
        low, high = self.gap_low, self.gap_high
        if self.gap is None:
            return "unknown"
        if low is None or high is None:
            return "unsure"
        return "short" if low > 0 else "spare" if high < 0 else "even"


@dataclass(frozen=True, slots=True)
class Row:
    day: Day
    half: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Workload:
    """`by_hour`: an average day's hours, over so many days each. `by_weekday`: an average half-day of each weekday.

    `total`: of the days on which both sides are known. `gap_fte`: its gap in full-time MAs, as if every week were so.
    """

    rows: list[Row]
    by_hour: list[tuple[int, int, Cell]]
    by_weekday: list[tuple[int, str, int, Cell]]
    total: Cell
    ratio: float | None
    gap_fte: float | None
    gap_fte_low: float | None
    gap_fte_high: float | None
    required_fte: float | None


def reckon(basis: Basis, levers: Levers = NOTHING) -> Workload:
    """The workload hours of every day of the basis, as they are or with `levers` moved."""
    made = _Reckoning(basis, levers)
    by_day = [(day, list(made.cells(day))) for day in basis.days]
    halves = [
        Row(day, half, made.ranged(_together(cells[hour] for hour in hours)))
        for day, cells in by_day
        for half, hours in HALVES.items()
    ]
    rows = [row for row in halves if row.cell.required or row.cell.scheduled]
    known = [row.cell for row in rows if row.cell.gap is not None]
    total = made.ranged(_together(known))
    weeks = _weeks(basis, rows)
    return Workload(
        rows=rows,
        by_hour=list(_by_hour(made, by_day)),
        by_weekday=list(_by_weekday(made, rows)),
        total=total,
        ratio=wisn.ratio(total.scheduled, total.required) if total.scheduled is not None and total.required else None,
        gap_fte=_fte(total.gap, weeks, basis),
        gap_fte_low=_fte(total.gap_low, weeks, basis),
        gap_fte_high=_fte(total.gap_high, weeks, basis),
        required_fte=_fte(total.required, weeks, basis) if known else None,
    )


class _Reckoning:
    """One basis with its levers: what is the same for every day is worked out once."""

    def __init__(self, basis: Basis, levers: Levers) -> None:
        self.basis, self.levers = basis, levers
        self.hours = [levers.of_standard(one.task) * one.minutes / 60 for one in basis.standards]
        kept = [levers.of_allowance(one.code, basis.sinks) for one in basis.allowances]
        self.kept = kept
        self.shares = [one.share * part for one, part in zip(basis.allowances, kept, strict=True)]
        self.share = sum(self.shares)
        self.factor = wisn.category_factor(self.share) if self.share <= MOST_SHARE else None
        open_weekdays = len({day.weekday for day in basis.days if day.hours is None or any(day.hours)}) or 1
        self.individual = sum(extra.hours for extra in basis.extras) / open_weekdays
        self.reach = t_quantile(0.5 + LEVEL / 2, basis.sessions - 1) if basis.spread else 0.0
        self.spread = _square(basis.spread)
        self.unsure = [one.source == "observed" and one.low is None for one in basis.standards]
        self.falls: dict[tuple[float, ...], list[list[float]]] = {}

    def cells(self, day: Day) -> Iterator[Cell]:
        """One for each hour of the day."""
        presence = day.hours if day.hours and sum(day.hours) else self.basis.presence
        falls = self._falls(presence)
        scheduled = self.levers.scheduled(day)
        parts = [
            self.levers.volume(day.volumes.get(one.counter, 0.0)) * hours
            for one, hours in zip(self.basis.standards, self.hours, strict=True)
        ]
        activities = sum(parts)
        if self.factor is None or not activities:
            yield from (Cell(None, None if scheduled is None else scheduled[hour]) for hour in range(HOURS))
            return
        n, even = len(parts), _normed(presence)
        held = self.levers.held_part(day.volumes)
        for hour in range(HOURS):
            if not presence[hour] and not (held and hour == self.levers.held_at):
                yield Cell(0.0, None if scheduled is None else scheduled[hour])
                continue
            own = [
                part * self._at(one.counter, fall[hour], hour, held)
                for part, one, fall in zip(parts, self.basis.standards, falls, strict=False)
            ]
            beside = sum(share * fall[hour] for share, fall in zip(self.shares, falls[n:], strict=True))
            scale = self.factor * activities
            required = sum(own) + scale * beside + self.individual * even[hour]
            gradient = [o + self.factor * part * beside for o, part in zip(own, parts, strict=True)]
            gradient += [
                part * scale * (fall[hour] + self.factor * beside)
                for part, fall in zip(self.kept, falls[n:], strict=True)
            ]
            yield Cell(required, None if scheduled is None else scheduled[hour], gradient)

    def _at(self, counter: str, fall: float, hour: int, held: float) -> float:
        """What part of a standard's day falls on this hour; visits held for a slot all come at its hour."""
        if not held or counter != "visits":
            return fall
        return fall * (1 - held) + (held if hour == self.levers.held_at else 0)

    def _falls(self, presence: Sequence[float]) -> list[list[float]]:
        """Of each standard, then of each allowance, the part of a day that falls on each hour: adds up to 1."""
        key = tuple(presence)
        if key not in self.falls:
            codes = [one.task for one in self.basis.standards] + [one.code for one in self.basis.allowances]
            self.falls[key] = [_normed(list(map(mul, self.basis.profile[code], presence)), presence) for code in codes]
        return self.falls[key]

    def ranged(self, cell: Cell) -> Cell:
        """With the range of what is required."""
        if not self.spread or not cell.required or not cell.gradient:
            return cell
        loose = sum(abs(g) for g, unsure in zip(cell.gradient, self.unsure, strict=False) if unsure)
        variance = sum(g * sum(map(mul, row, cell.gradient)) for g, row in zip(cell.gradient, self.spread, strict=True))
        if variance <= 0 or loose > UNSURE * cell.required:
            return cell
        reach = self.reach * math.sqrt(variance) / cell.required
        cell.low, cell.high = cell.required * math.exp(-reach), cell.required * math.exp(reach)
        return cell


def _normed(weights: Sequence[float], otherwise: Sequence[float] = ()) -> list[float]:
    """Weights that add up to 1; those of `otherwise` where there are none."""
    total = sum(weights)
    if total > 0:
        return [weight / total for weight in weights]
    return _normed(otherwise) if sum(otherwise) > 0 else [1 / HOURS] * HOURS


def _square(lower: list[list[float]]) -> list[list[float]]:
    n = len(lower)
    return [[lower[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]


def _together(cells: Iterable[Cell]) -> Cell:
    """Sums; unknown where every part is unknown."""
    found = Cell()
    for cell in cells:
        if cell.required is not None:
            found.required = (found.required or 0.0) + cell.required
            if cell.gradient:
                found.gradient = list(map(add, found.gradient, cell.gradient)) if found.gradient else cell.gradient
        if cell.scheduled is not None:
            found.scheduled = (found.scheduled or 0.0) + cell.scheduled
    return found


def _average(cells: Sequence[Cell]) -> Cell:
    """Of cells of which the same is known."""
    found, n = _together(cells), len(cells)
    return Cell(
        None if found.required is None else found.required / n,
        None if found.scheduled is None else found.scheduled / n,
        [g / n for g in found.gradient],
    )


def _by_hour(made: _Reckoning, by_day: list[tuple[Day, list[Cell]]]) -> Iterator[tuple[int, int, Cell]]:
    """Over the days on which both sides are known, or, where that is none, either."""
    days = [cells for _day, cells in by_day if any(cell.gap is not None for cell in cells)]
    days = days or [cells for _day, cells in by_day]
    for hour in range(HOURS) if days else ():
        cell = made.ranged(_average([cells[hour] for cells in days]))
        if cell.required or cell.scheduled:
            yield hour, len(days), cell


def _by_weekday(made: _Reckoning, rows: list[Row]) -> Iterator[tuple[int, str, int, Cell]]:
    known = [row for row in rows if row.cell.gap is not None] or rows
    for weekday in sorted({row.day.weekday for row in known}):
        for half in HALVES:
            cells = [row.cell for row in known if (row.day.weekday, row.half) == (weekday, half)]
            if cells:
                yield weekday, half, len(cells), made.ranged(_average(cells))


def _weeks(basis: Basis, rows: list[Row]) -> float:
    """How many weeks of the roster the known rows are, whatever a lever adds; of the calendar, where no repeating week
    says what one is.
    """
    known = sum(_rostered(row) for row in rows if row.cell.gap is not None)
    if basis.week_hours and known:
        return known / basis.week_hours
    scheduled = sum(_rostered(row) for row in rows)
    return basis.days_asked / 7 * (known / scheduled if scheduled else 1.0)


def _rostered(row: Row) -> float:
    return sum(row.day.hours[hour] for hour in HALVES[row.half]) if row.day.hours else 0.0


def _fte(hours: float | None, weeks: float, basis: Basis) -> float | None:
    return None if hours is None or not weeks else hours / weeks / basis.weekly_hours


def day_hours(basis: Basis) -> float:
    """Of one full-time MA's day."""
    return basis.weekly_hours / DAY_HOURS_OF_WEEK


__all__ = ["HALVES", "INTERRUPTIONS", "Cell", "Row", "Workload", "day_hours", "reckon"]
