"""A figure with its interval, and whether that interval tells anything. Pure."""

from dataclasses import dataclass

# An interval that says nothing: over more than half of all there is, or to more than so many times the figure itself,
# unless both ends lie so near each other that it is small whichever holds.
MOST_OF_ALL = 0.5
MOST_TIMES = 4
NEAR_SHARE, NEAR_RATE = 0.05, 1.0  # of observed time; an hour


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its 95 % interval, both ends None where there is too little data for one."""

    value: float
    low: float | None
    high: float | None

    def times(self, factor: float) -> "Range":
        return Range(self.value * factor, *(None if end is None else end * factor for end in (self.low, self.high)))

    def says_nothing(self, near: float, whole: float | None = None) -> bool:
        """Too wide to conclude from. `near`: a width that is always narrow; `whole`: the most that is possible."""
        if self.low is None or self.high is None or self.high - self.low <= near:
            return False
        return self.high > MOST_TIMES * self.value or (whole is not None and self.high - self.low > MOST_OF_ALL * whole)
