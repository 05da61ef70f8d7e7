"""Written times as ms since the epoch, UTC: exact, never through a float."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from app.exchange.faults import BadLine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
EARLIEST = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // MILLISECOND  # CONTRACT.md: before 2000 is absurd_time
SECONDS = re.compile(r"[0-9]{1,10}(\.[0-9]{1,9})?")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})")
WRITTEN_DATE = re.compile(r"([0-9]{1,2})[-\s]([A-Za-z]{3})[-\s]([0-9]{4}|[0-9]{2})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def stamp(column: str, text: str, zone: ZoneInfo, not_before: int | None = None) -> int:
    """ISO 8601 with a zone, or local in `zone`; what is finer than a ms is cut off.

    `not_before` (ms) chooses between the two instants of a repeated autumn hour, see `local`. Raises BadLine.
    """
    if " " not in text and "T" not in text.upper():
        raise BadLine("bad_time", column=column, value=text)  # a date alone would pass for its midnight
    try:
        moment = datetime.fromisoformat(text)
        at = epoch_ms(moment) if moment.tzinfo else local(column, moment, zone, not_before)
    except (ValueError, OverflowError):
        raise BadLine("bad_time", column=column, value=text) from None
    return at


def epoch_ms(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


def local(column: str, wall: datetime, zone: ZoneInfo, not_before: int | None = None) -> int:
    """The instant at which the clocks of `zone` showed `wall` (naive; what is finer than a ms is cut off).

    In the hour that autumn repeats it is the first of the two instants, unless that lies before `not_before` and the
    second does not. A time that spring left out raises BadLine.
    """
    wall = wall.replace(microsecond=wall.microsecond // 1000 * 1000)
    first = epoch_ms(wall.replace(tzinfo=zone, fold=0))
    if _wall(first, zone) != wall:
        raise BadLine("no_such_local_time", column=column, value=wall.isoformat(sep=" "), zone=zone.key)
    if not_before is not None and first < not_before:
        second = epoch_ms(wall.replace(tzinfo=zone, fold=1))
        if second >= not_before:
            return second
    return first


def local_day(at: int, zone: ZoneInfo) -> date:
    """The day on the calendar of `zone` at this instant (ms)."""
    return _wall(at, zone).date()


def _wall(at: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + at * MILLISECOND).astimezone(zone).replace(tzinfo=None, fold=0)


def seconds(column: str, text: str) -> int:
    """A count of seconds from 0 on, as ms; what is finer is rounded half to even. Raises BadLine."""
    if not SECONDS.fullmatch(text):
        raise BadLine("bad_seconds", column=column, value=text)
    return int((Decimal(text) * 1000).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def day(column: str, text: str) -> date:
    """`06-Jun-2025` (English months, as WOMBAT writes), with two digits of the year as spreadsheets save it, or ISO."""
    written = WRITTEN_DATE.fullmatch(text)
    try:
        if written is None:
            return date.fromisoformat(text)
        of_month, month, year = written.groups()
        return date(int(year) + (2000 if len(year) == 2 else 0), MONTHS.index(month.lower()) + 1, int(of_month))
    except ValueError:
        raise BadLine("bad_date", column=column, value=text) from None


def clock(column: str, text: str) -> time:
    """A time of day, `hh:mm:ss`. Raises BadLine."""
    parts = CLOCK.fullmatch(text)
    try:
        if parts is not None:
            return time(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        pass
    raise BadLine("bad_clock_time", column=column, value=text)


def at_or_after(column: str, on: date, at: time, zone: ZoneInfo, not_before: int) -> int:
    """That time of day on `on` if it is not before `not_before` (ms; in either repeated hour), else the day after."""
    wall = datetime.combine(on, at)
    same_day = local(column, wall, zone, not_before)
    return same_day if same_day >= not_before else local(column, wall + timedelta(days=1), zone)


def check_range(column: str, text: str, at: int, latest: int | None) -> int:
    """`at`, unless it is before 2000 or after `latest` (both in ms): then BadLine."""
    if at < EARLIEST:
        raise BadLine("too_early", column=column, value=text)
    if latest is not None and at > latest:
        raise BadLine("too_late", column=column, value=text)
    return at
