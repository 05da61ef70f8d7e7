"""Who is asked at short notice to flex, and how evenly: the own number beside the median, the spread without names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.reports.day_log.queries import asked_by_day, watched_codes

WEEKS = 4  # fixed: two windows that could be chosen freely could be taken from each other


@dataclass(frozen=True, slots=True)
class Spread:
    """How often each of `people` was asked on the `days` that say so; without k people only that it is withheld."""

    people: int
    days: int
    lowest: int | None
    median: float | None
    highest: int | None

    @property
    def withheld(self) -> bool:
        return self.median is None


def asks_by_code(asked: Mapping[str, Sequence[str]], watched: set[str]) -> dict[str, int]:
    """Times asked, by code (case-folded). Who was watched in these weeks and never asked counts with none."""
    counts = {code.strip().casefold(): 0 for code in watched}
    for codes in asked.values():
        for code in {code.strip().casefold() for code in codes}:
            counts[code] = counts.get(code, 0) + 1
    return counts


def spread(counts: Mapping[str, int], days: int, k: int) -> Spread:
    """Withheld where fewer than k people are known: then the three figures would be somebody's."""
    numbers = sorted(counts.values())
    if len(numbers) < k:
        return Spread(len(numbers), days, None, None, None)
    return Spread(len(numbers), days, numbers[0], median(numbers), numbers[-1])


def four_weeks(session: Session, clinic: Clinic, today: date) -> tuple[dict[str, int], int]:
    """(times asked by code, days on which it was said) of the four weeks that end today."""
    first, last = (today - timedelta(days=7 * WEEKS - 1)).isoformat(), today.isoformat()
    asked = asked_by_day(session, clinic.id, first, last)
    return asks_by_code(asked, watched_codes(session, clinic.id, first, last)), len(asked)
