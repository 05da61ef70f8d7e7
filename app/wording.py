"""How numbers, hours and days are written for people, in the language of the page. Filters of every template.

`_ms` is a duration in ms, an instant is ms since the epoch, a day is `YYYY-MM-DD`; zones are IANA names.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent
from jinja2 import pass_context
from jinja2.runtime import Context

from app.i18n import _

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
# both are written as in the United States, where the clinics are: 1,234.5 and, in English, 9:41 AM
LOCALES = {"en": "en_US", "es": "es_US"}


def _locale(context: Context) -> str:
    language: str = context["language"]
    return LOCALES.get(language, language)


@pass_context
def number(context: Context, value: float, digits: int = 0) -> str:
    """With exactly `digits` decimals; what rounds to nothing has no sign."""
    return format_decimal(round(value, digits) or 0, "#,##0" + ("." + "0" * digits if digits else ""), _locale(context))


@pass_context
def plain(context: Context, value: float) -> str:
    """With a decimal or two only where there are any."""
    return format_decimal(value, "#,##0.##", _locale(context))


@pass_context
def percent(context: Context, share: float, digits: int | None = None) -> str:
    """One decimal below 10 %, where it tells something."""
    shown = digits if digits is not None else 0 if round(share, 3) >= 0.1 or share == 0 else 1
    locale = _locale(context)
    return format_percent(share, "#,##0" + ("." + "0" * shown if shown else "") + "%", locale)


@pass_context
def hours(context: Context, ms: float, digits: int = 1) -> str:
    """A duration in decimal hours, without the unit."""
    return str(number(context, ms / HOUR_MS, digits))


def watch(ms: int) -> str:
    """A duration as the pad's stop-watch shows it: 0:07, 12:40, 1:02:05."""
    minutes, seconds = divmod(ms // 1000, 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def span(ms: float) -> str:
    """A duration in words, to the minute: 3 h 51 min. Below ten minutes to the second: 2 min 40 s.

    What is less than a whole one is cut off, as on every stop-watch: the same time reads alike in words and as `watch`.
    """
    seconds = int(ms // 1000)
    if seconds < 60:
        return _("{s} s").format(s=seconds)
    if seconds < 600:
        minutes, rest = divmod(seconds, 60)
        return _("{m} min {s} s").format(m=minutes, s=rest) if rest else _("{m} min").format(m=minutes)
    whole, minutes = divmod(seconds // 60, 60)
    if not whole:
        return _("{m} min").format(m=minutes)
    return _("{h} h {m} min").format(h=whole, m=minutes) if minutes else _("{h} h").format(h=whole)


@pass_context
def clock(context: Context, at: int, zone: str, seconds: bool = False) -> str:
    """The time of day on the clinic's wall."""
    there = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return format_time(there, "medium" if seconds else "short", tzinfo=ZoneInfo(zone), locale=_locale(context))


@pass_context
def hour_name(context: Context, hour: int) -> str:
    """A full hour in as few letters as the place has: 9 AM, or 14 where hours run to 23."""
    by_halves = "a" in Locale.parse(_locale(context)).time_formats["short"].pattern
    return format_time(time(hour), "h a" if by_halves else "H", locale=_locale(context))


@pass_context
def day(context: Context, iso: str, skeleton: str = "yMMMEd") -> str:
    """With the month in letters: 2/11 means two different days to different people."""
    return format_skeleton(skeleton, date.fromisoformat(iso), locale=_locale(context))


@pass_context
def day_of(context: Context, at: int, zone: str, skeleton: str = "yMMMEd") -> str:
    """The clinic's day of an instant."""
    there = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()
    return str(day(context, there.isoformat(), skeleton))


@pass_context
def weekday(context: Context, number_of_day: int) -> str:
    """1 Monday to 7 Sunday, in short."""
    return format_date(date(2024, 1, number_of_day), "ccc", locale=_locale(context))


def language_name(code: str) -> str:
    """In the language itself: whoever looks for Spanish looks for Español."""
    return (Locale.parse(code).get_display_name() or code).capitalize()


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "plain": plain,
    "percent": percent,
    "hours": hours,
    "watch": watch,
    "span": span,
    "clock": clock,
    "hour_name": hour_name,
    "day": day,
    "day_of": day_of,
    "weekday": weekday,
    "language_name": language_name,
}
