"""Minutes of work per unit of a counter: observed person time / observed counts (CONTRACT.md, Summary). Pure.

Both come from the same observed sessions, so the time of one person watched is set against what that person counted;
the clinic's volumes of the day log are never put in their place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.summary.intervals import rate_interval
from app.timeline import TICKS

MINUTE_TICKS = 60_000 * TICKS
BySession = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UnitTime:
    """Minutes per unit with their 95 % interval over sessions; both ends None where there is too little data."""

    minutes: float
    low: float | None
    high: float | None


def side_by_side(ticks: BySession, counts: BySession) -> tuple[list[int], list[int]]:
    """Person time and counts of every session that has either, in the order of their ids.

    One that has neither tells nothing of how long a unit takes: as one more session it would only make the interval
    look surer than it is. Where more was taken back than tapped, nothing was counted.
    """
    ids = sorted(id for id in ticks.keys() | counts.keys() if ticks.get(id, 0) or counts.get(id, 0) > 0)
    return [ticks.get(id, 0) for id in ids], [max(0, counts.get(id, 0)) for id in ids]


def unit_time(ticks: BySession, counts: BySession) -> UnitTime | None:
    """Of person time and counts by session; None where there is no time or no count."""
    times, units = side_by_side(ticks, counts)
    if not sum(times) or not sum(units):
        return None
    spread = rate_interval(times, units)
    low, high = (None, None) if spread is None else (spread[0] / MINUTE_TICKS, spread[1] / MINUTE_TICKS)
    return UnitTime(sum(times) / sum(units) / MINUTE_TICKS, low, high)
