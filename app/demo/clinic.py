"""The simulated clinic: its days, who works, who is watched when. Timeless: the last day is an argument."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.demo import parameters as p
from app.demo.assistant import AssistantDay
from app.demo.ledger import Ledger
from app.demo.visits import HOUR, MINUTE, visits

OBSERVERS = 2
# four sittings fill a clinic's day, two for each observer with a rest between
BLOCKS = ((0.0, 2.25), (2.25, 4.5), (4.5, 6.75), (6.75, 9.0))  # hours after opening
NOT_HELD = 0.05  # chance that a planned sitting does not come about
TURNS_AWAY = 0.5  # chance that an observer pauses in a sitting

Window = tuple[int, int]  # ms: begin, end


@dataclass(frozen=True, slots=True)
class Sitting:
    """One observer (from 0) shadows one MA. `windows`: when somebody really watched, with pauses between them."""

    observer: int
    ledger: Ledger
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class ClinicDay:
    """`called_off`: subjects who were scheduled and did not come."""

    day: date
    day_type: str
    ledgers: tuple[Ledger, ...]
    called_off: tuple[str, ...]
    sittings: tuple[Sitting, ...]

    def volumes(self) -> dict[str, int]:
        """The clinic's totals of the day by counter, watched or not."""
        counted = Counter(
            act.fields["counter"] for ledger in self.ledgers for act in ledger.acts if act.kind == "count"
        )
        return dict(sorted((counted + Counter({"no-shows": sum(one.no_shows for one in self.ledgers)})).items()))


def simulate(seed: int, weeks: int, last: date) -> Iterator[ClinicDay]:
    """The weekdays of the `weeks` times seven days that end with `last`, in order.

    A day is drawn from the seed and its own date alone: a longer simulation holds the shorter one's days unchanged.
    """
    for back in range(7 * weeks - 1, -1, -1):
        day = last - timedelta(days=back)
        if day.weekday() < 5:
            yield _clinic_day(seed, day)


def _random(*of: object) -> Random:
    """A stream of chance of its own for each purpose, so that a change to one moves no other."""
    return Random("/".join(map(str, of)))


def _clinic_day(seed: int, day: date) -> ClinicDay:
    rng = _random(seed, day)
    day_type = _day_type(seed, day)
    called_off = (rng.choice(sorted(p.PACE)),) if rng.random() < p.CALLS_OFF else ()
    present = [subject for subject in p.PACE if subject not in called_off]
    load = len(p.PACE) / len(present)
    ledgers = tuple(_lived(seed, day, day_type, subject, number, load) for number, subject in enumerate(present))
    return ClinicDay(day, day_type, ledgers, called_off, tuple(_sittings(rng, day, ledgers)))


def _day_type(seed: int, day: date) -> str:
    """Each week, Monday to Friday, has the same number of days of each type."""
    rng = _random(seed, "week", day - timedelta(days=day.weekday()))
    types = ["typical"] * 5
    for day_type, leans in (("low", p.LEANS_LOW), ("high", p.LEANS_HIGH)):
        for _ in range(p.WEEK[day_type]):
            free = [weekday for weekday, held in enumerate(types) if held == "typical"]
            types[rng.choices(free, [leans[weekday] for weekday in free])[0]] = day_type
    return types[day.weekday()]


def local_ms(day: date, hour: int) -> int:
    """That full hour of the day in the simulated clinic's zone."""
    return int(datetime.combine(day, time(hour), ZoneInfo(p.ZONE)).timestamp()) * 1000


def _lived(seed: int, day: date, day_type: str, subject: str, number: int, load: float) -> Ledger:
    rng = _random(seed, day, subject)
    ledger = Ledger(subject, day_type, local_ms(day, p.OPENING), local_ms(day, p.CLOSING))
    pace = p.PACE[subject]
    jobs, ledger.no_shows = visits(rng, ledger.opening, day_type, pace, load)
    return AssistantDay(rng, ledger, number, pace, jobs).live()


# --- who watches whom ------------------------------------------------------------------------------------------------


def _sittings(rng: Random, day: date, ledgers: tuple[Ledger, ...]) -> Iterator[Sitting]:
    """Every part of the day once, by turns with each MA: what is watched stands for all days of all MAs."""
    turn = day.toordinal() - 2 * (day.toordinal() // 7)  # counts working days
    for block, (begin, end) in enumerate(BLOCKS):
        ledger = ledgers[(turn + block) % len(ledgers)]
        observer = (turn + block) % OBSERVERS
        held, late, early = rng.random() >= NOT_HELD, rng.uniform(0.5, 5), rng.uniform(0.5, 5)
        begins = ledger.opening + round(begin * HOUR + late * MINUTE)
        ends = ledger.opening + round(end * HOUR - early * MINUTE)
        windows = tuple(_windows(rng, ledger, begins, ends))
        if held:
            yield Sitting(observer, ledger, windows)


def _windows(rng: Random, ledger: Ledger, begins: int, ends: int) -> Iterator[Window]:
    """A watcher comes in, and turns away, where one thing at most is in hand: nothing half seen."""
    begin = _plain_from(ledger, begins)
    if rng.random() < TURNS_AWAY:
        away = _plain_from(ledger, begin + round((ends - begin) * rng.uniform(0.2, 0.7)))
        back = _plain_from(ledger, away + round(rng.uniform(2, 8) * MINUTE))
        if begin < away < back < ends:
            yield begin, away
            begin = back
    yield begin, ends


def _plain_from(ledger: Ledger, at: int) -> int:
    """The first instant from `at` on that lies within, not at the edge of, a plain stretch."""
    first = bisect_right(ledger.stretches, at, key=lambda stretch: stretch.end)
    for stretch in ledger.stretches[first:]:
        instant = max(at, stretch.start + 1)
        if stretch.is_plain and instant < stretch.end:
            return instant
    return ledger.closing
