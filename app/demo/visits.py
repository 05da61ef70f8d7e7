"""The patients booked with one MA's provider on one day, as the work that they bring."""

from dataclasses import dataclass
from random import Random

from app.demo import parameters as p

MINUTE, HOUR = 60_000, 3_600_000


@dataclass(slots=True)
class Job:
    """Steps (task, ms) to be done one after the other from `due` on; `then`, some ms after the last, what follows."""

    due: int
    steps: list[tuple[str, int]]
    then: tuple[int, "Job"] | None = None

    @property
    def work_ms(self) -> int:
        return sum(ms for _task, ms in self.steps) + (self.then[1].work_ms if self.then else 0)


def length_ms(rng: Random, minutes: float) -> int:
    """A lognormal length with this mean, in ms, two seconds at least."""
    factor = rng.lognormvariate(-(p.SPREAD**2) / 2, p.SPREAD)
    return max(2_000, round(minutes * MINUTE * factor))


def visits(rng: Random, opening: int, day_type: str, pace: float, load: float) -> tuple[list[Job], int]:
    """The work of those who came, and how many did not. `load`: 1, or more where the MAs present share out the work."""
    booked = round(p.VISITS[day_type] * load * rng.uniform(0.85, 1.15))
    came = []
    for hour in sorted(rng.choices(list(p.ARRIVALS), list(p.ARRIVALS.values()), k=booked)):
        arrives = opening + (hour - p.OPENING) * HOUR + rng.randrange(HOUR)
        is_here = rng.random() >= p.NO_SHOW
        job = _visit(rng, arrives, pace)  # drawn for a no-show too: it moves nobody else's chance
        if is_here:
            came.append(job)
    return came, booked - len(came)


def _visit(rng: Random, arrives: int, pace: float) -> Job:
    is_complex = rng.random() < p.COMPLEX
    slower = pace * (1.35 if is_complex else 1.0)

    def steps(*tasks: str) -> list[tuple[str, int]]:
        return [(task, length_ms(rng, p.MINUTES[task] * slower)) for task in tasks]

    needs = [task for task, chance in p.DURING_VISIT.items() if rng.random() < chance * (1.5 if is_complex else 1.0)]
    leaving = Job(0, steps(*needs, "discharge", "room-turnover"))
    if rng.random() < p.PROCEDURE:
        leaving = Job(0, steps("procedure-assist"), (length_ms(rng, 4.0), leaving))
    coming = ("rooming", "vitals", "med-rec") if rng.random() < 0.85 else ("rooming", "vitals")
    return Job(arrives, steps(*coming), (length_ms(rng, p.PROVIDER * slower), leaving))
