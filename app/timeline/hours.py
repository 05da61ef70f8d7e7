"""The full hours of a clinic's time zone (TIMELINE.md, Measures, Hours).

An hour is known by the UTC instant at which it begins (ms since the epoch): the repeated hour of autumn is two,
the one that spring skips is none. Zones are IANA names. An hour begins on the zone's clock, so in Asia/Kolkata
(5:30 ahead) it begins at half past of UTC. For zones whose clock changes by whole hours; in the others the cuts
still lose no time.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.timeline.records import Timeline

HOUR = 3_600_000
QUARTER = 900_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LocalHour:
    """What the clinic's clock says: `weekday` 1 (Monday) to 7, `hour` 0 to 23."""

    day: date
    weekday: int
    hour: int


def hour_start(at_ms: int, zone: str) -> int:
    """The instant at which the zone's full hour around `at_ms` began; both ms since the epoch, UTC."""
    return at_ms - (at_ms + _offset_ms(at_ms // QUARTER, zone)) % HOUR


def cut_at_hours(start: int, end: int, zone: str) -> Iterator[tuple[int, int, int]]:
    """(hour, from, to) for each full hour that [start, end) touches; the pieces fill it exactly."""
    while start < end:
        hour = hour_start(start, zone)
        until = min(end, hour + HOUR)
        yield hour, start, until
        start = until


@lru_cache(maxsize=4096)
def local_hour(hour: int, zone: str) -> LocalHour:
    """The local day, weekday and hour of an hour that `hour_start` gave."""
    local = _local(hour, zone)
    return LocalHour(local.date(), local.isoweekday(), local.hour)


def hour_rows(t: Timeline, zone: str) -> list[list[int | str | None]]:
    """The vectors' `hours.rows`: [hour, task or None, ms] of the primary track, by hour, None first, then task.

    None is any segment without a task, idle or interruption. Parallel tasks are in no row.
    """
    sums: dict[tuple[int, bool, str], int] = defaultdict(int)
    for segment in t.segments:
        for hour, start, end in cut_at_hours(segment.start, segment.end, zone):
            sums[hour, segment.task is not None, segment.task or ""] += end - start
    return [[hour, task if coded else None, ms] for (hour, coded, task), ms in sorted(sums.items())]


@lru_cache(maxsize=4096)
def _offset_ms(quarter: int, zone: str) -> int:
    """How far the zone is ahead of UTC; clocks change on a quarter of an hour of UTC, so it holds for all of it."""
    offset = _local(quarter * QUARTER, zone).utcoffset()
    return 0 if offset is None else offset // timedelta(milliseconds=1)


def _local(at_ms: int, zone: str) -> datetime:
    # not fromtimestamp(at_ms / 1000): a float would round an instant that is not on a full second
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone))
