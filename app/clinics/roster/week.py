"""Shifts, and the MA hours that come of them on a day. Pure.

Times of day are minutes since local midnight in steps of 30, 0 to 1440; weekdays 1 (Monday) to 7.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.errors import BadRequest
from app.i18n import _

HALF_HOUR = 30
SLOTS = 48  # half-hours of a day
MOST_MAS = 200
CLOCK = re.compile(r"([0-9]{1,2}):(00|30)(?::00)?")  # some browsers' time fields send seconds too
KINDS = ("closed", "absent", "extra", "instead")


@dataclass(frozen=True, slots=True)
class Shift:
    """So many MAs from `begin` until `end` on these weekdays; of a single day's shift `days` is empty."""

    days: tuple[int, ...]
    begin: int
    end: int
    mas: int


@dataclass(frozen=True, slots=True)
class Change:
    """What is different on one day.

    closed: nobody works. absent, extra: so many fewer or more, in these hours. instead: these shifts and no others.
    """

    kind: str
    shifts: tuple[Shift, ...] = ()


def shift(days: Iterable[int], begin: str, end: str, mas: str) -> Shift:
    """A shift as it was typed: times like 8:00 or 17:30, on the full or half hour; `mas` a whole number.

    Raises BadRequest, with a sentence, for anything else.
    """
    first, last = minutes_of(begin), minutes_of(end) or 24 * 60  # a time field has no 24:00
    if last <= first:
        sentence = _("{begin} to {end} ends before it begins: write a shift over midnight as two, one until 24:00.")
        raise BadRequest(sentence.format(begin=begin, end=end), code="bad_shift")
    typed = mas.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 6 and 1 <= int(typed) <= MOST_MAS):
        sentence = _("“{mas}” is no number of MAs: give a whole number from 1 to {most}.")
        raise BadRequest(sentence.format(mas=mas, most=MOST_MAS), code="bad_mas")
    return Shift(tuple(sorted(set(days))), first, last, int(typed))


def minutes_of(clock: str) -> int:
    """Minutes since midnight of 8:00, 08:30 or 24:00. Raises BadRequest for what is no full or half hour."""
    typed = CLOCK.fullmatch(clock.strip())
    found = int(typed[1]) * 60 + int(typed[2]) if typed else -1
    if not 0 <= found <= 24 * 60:
        sentence = _("“{clock}” is no time of the roster: write full and half hours, such as 8:00 or 17:30.")
        raise BadRequest(sentence.format(clock=clock), code="bad_clock")
    return found


def clock_of(minutes: int) -> str:
    """08:00; the end of the day is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def heads(shifts: Iterable[Shift], weekday: int | None = None) -> list[int]:
    """How many MAs in each of the 48 half-hours: of this weekday, or of all shifts given."""
    found = [0] * SLOTS
    for one in shifts:
        if weekday is None or weekday in one.days:
            for slot in range(one.begin // HALF_HOUR, one.end // HALF_HOUR):
                found[slot] += one.mas
    return found


def heads_on(week: Sequence[Shift], changes: Iterable[Change], weekday: int) -> list[int]:
    """The same with what is different on that day; never below none."""
    found = heads(week, weekday)
    changed = list(changes)
    for change in changed:
        if change.kind == "instead":
            found = heads(change.shifts)
    for kind, sign in (("absent", -1), ("extra", 1)):  # whoever is absent cannot take away from who comes in addition
        for change in changed:
            if change.kind == kind:
                found = [max(0, n + sign * more) for n, more in zip(found, heads(change.shifts), strict=True)]
    return [0] * SLOTS if any(change.kind == "closed" for change in changed) else found


@lru_cache(maxsize=4096)
def slot_hours(day: date, zone: str) -> tuple[float, ...]:
    """How long each half-hour of the clock lasts on this day: 0.5 hours, but 0 where the clock leaps over it in spring
    and 1 where it comes twice in autumn.
    """
    there = ZoneInfo(zone)
    begin = datetime.combine(day, time(), there).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), there).astimezone(UTC)
    found = [0.0] * SLOTS
    while begin < end:
        local = begin.astimezone(there)
        found[(local.hour * 60 + local.minute) // HALF_HOUR] += 0.5
        begin += timedelta(minutes=HALF_HOUR)
    return tuple(found)


def ma_hours(of_day: Sequence[int], day: date, zone: str) -> list[float]:
    """MA hours by hour of the clinic's clock, 0 to 23, from how many there are in each half-hour."""
    lasting = slot_hours(day, zone)
    by_slot = [n * hours for n, hours in zip(of_day, lasting, strict=True)]
    return [by_slot[2 * hour] + by_slot[2 * hour + 1] for hour in range(24)]


def as_json(shifts: Iterable[Shift]) -> list[dict[str, object]]:
    return [
        {"days": list(one.days), "from": clock_of(one.begin), "to": clock_of(one.end), "mas": one.mas} for one in shifts
    ]


def from_json(found: Iterable[dict[str, object]]) -> tuple[Shift, ...]:
    return tuple(
        Shift(tuple(one["days"]), minutes_of(str(one["from"])), minutes_of(str(one["to"])), int(str(one["mas"])))  # type: ignore[arg-type]
        for one in found
    )
