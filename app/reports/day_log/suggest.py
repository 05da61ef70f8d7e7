"""Was it a day of high, typical or low volume? Suggested from the clinic's own history, set by a person. Pure.

By thirds: high is a day with more visits than two thirds of the clinic's other logged days had. Quarters would call
half of all days typical, and then two weeks hold too few of the others to compare them; a fixed number of visits would
be another clinic's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_DAYS = 6  # fewer logged days are no history: a third of them would be one day


@dataclass(frozen=True, slots=True)
class Usual:
    """Visits on the `days` logged: fewer than `low` were on a third of them at most, more than `high` likewise."""

    days: int
    low: int
    high: int

    def day_type(self, visits: int) -> str:
        return "low" if visits < self.low else "high" if visits > self.high else "typical"


def usual(visits: Sequence[int]) -> Usual | None:
    """None where too few days were logged."""
    if len(visits) < LEAST_DAYS:
        return None
    ordered, third = sorted(visits), len(visits) // 3
    return Usual(len(ordered), ordered[third], ordered[-1 - third])
