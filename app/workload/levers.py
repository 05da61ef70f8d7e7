"""What could be done: each lever changes the basis in one plain way, and nothing else. Pure.

float: one more MA on all hours of the day. surge: more MAs in some hours. fewer: so many percent fewer patients per
provider hour, so all volumes shrink by that. held: same-day slots held for add-ons and walk-ins, whose visits then come
at that hour instead of when they please (never more than came). moved: a task, or part of it, goes to another role.
sink: a time sink is cut, its time shrinks wherever it counts.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from app.workload.basis import HOURS, INTERRUPTIONS, Day

EVERY_WEEKDAY = (1, 2, 3, 4, 5)
UNPLANNED = ("add-ons", "walk-ins")
TRIGGER = "trigger:"


class Levers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    float_mas: int = Field(default=0, ge=0, le=20)
    surge_mas: int = Field(default=0, ge=0, le=20)
    surge_from: int = Field(default=9, ge=0, le=23)
    surge_hours: int = Field(default=3, ge=1, le=12)
    days: tuple[int, ...] = Field(default=EVERY_WEEKDAY, max_length=7)
    fewer_percent: float = Field(default=0, ge=0, le=90)
    held_slots: int = Field(default=0, ge=0, le=100)
    held_at: int = Field(default=11, ge=0, le=23)
    moved: str = Field(default="", max_length=64)
    moved_percent: float = Field(default=100, ge=0, le=100)
    sink: str = Field(default="", max_length=80)
    sink_percent: float = Field(default=50, ge=0, le=100)

    def scheduled(self, day: Day) -> Sequence[float] | None:
        """MA hours by hour with a float and a surge shift; None where no roster says."""
        if day.hours is None or day.weekday not in self.days or not (self.float_mas or self.surge_mas):
            return day.hours
        surge = range(self.surge_from, min(HOURS, self.surge_from + self.surge_hours))
        is_open = sum(day.hours) > 0
        return [
            hours + self.float_mas * min(1.0, hours) + (self.surge_mas if is_open and hour in surge else 0)
            for hour, hours in enumerate(day.hours)
        ]

    def volume(self, n: float) -> float:
        return n * (1 - self.fewer_percent / 100)

    def of_standard(self, task: str) -> float:
        """What part of a task's time is left."""
        left = 1 - self.moved_percent / 100 if task == self.moved else 1.0
        return left * (1 - self.sink_percent / 100) if task == self.sink else left

    def of_allowance(self, code: str, sinks: Mapping[str, float]) -> float:
        """The same of work without a volume. `sinks`: each trigger's part of the time inside interruptions."""
        if code == INTERRUPTIONS and self.sink.startswith(TRIGGER):
            return 1 - sinks.get(self.sink.removeprefix(TRIGGER), 0.0) * self.sink_percent / 100
        return self.of_standard(code)

    def held_part(self, volumes: Mapping[str, float]) -> float:
        """What part of the day's visits comes at the held hour."""
        visits = volumes.get("visits", 0.0)
        if not self.held_slots or not visits:
            return 0.0
        came = [volumes[counter] for counter in UNPLANNED if counter in volumes]
        slots = min(self.held_slots, sum(came)) if came else self.held_slots
        return min(1.0, slots / visits)


NOTHING = Levers()
