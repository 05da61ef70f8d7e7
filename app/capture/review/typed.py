"""Times of day as people type them: the instant that is meant lies near one that is known. Pure."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CLOCK = re.compile(
    r"\s*(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,3}))?)?\s*([ap])?\.?\s*(?:m\.?)?\s*", re.IGNORECASE
)
FARTHEST_MS = 13 * 3_600_000  # half a day, and the hour by which clocks change
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str, near: int, zone: str) -> int | None:
    """ms since the epoch of a time on the clinic's wall such as `9:41:07 AM`, `9:41` or `21:41:07`: of all the
    instants that it may name the one nearest to `near`. So the evening needs no PM, midnight no date, and of the hour
    that autumn repeats it is the right one. A time that shows the same second as `near` is `near` itself.

    None for what is no time, and for one that the clock skips in spring.
    """
    found = CLOCK.fullmatch(text.replace("\u202f", " ").replace("\xa0", " "))
    if found is None:
        return None
    hours, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    millisecond = int((found[4] or "0").ljust(3, "0"))
    if hours > (12 if found[5] else 23) or (found[5] and hours == 0) or minute > 59 or second > 59:
        return None
    half = (found[5] or "").lower()
    possible = [hours % 12 + 12 * (half == "p")] if half else [hours, hours + 12] if 0 < hours < 12 else [hours]
    possible += [0] if hours == 12 and not half else []
    there = (EPOCH + timedelta(milliseconds=near)).astimezone(ZoneInfo(zone))
    there = there.replace(minute=minute, second=second, microsecond=millisecond * 1000)
    instants = [
        at
        for days in (-1, 0, 1)
        for hour in possible
        for fold in (0, 1)
        if (at := moment((there + timedelta(days=days)).replace(hour=hour, fold=fold), zone))
    ]
    instants = [at for at in instants if abs(at - near) <= FARTHEST_MS]
    if not instants:
        return None
    best = min(instants, key=lambda at: (abs(at - near), at))
    return near if not found[4] and best // 1000 == near // 1000 else best


def moment(local: datetime, zone: str) -> int | None:
    """ms since the epoch of a local time (its `fold` counts), None for one that the clock skips in spring."""
    at = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) != local.replace(tzinfo=None, fold=0):
        return None
    return round((at - EPOCH) / timedelta(milliseconds=1))
