"""What a summary is asked for: the days, and which sessions of them (CONTRACT.md, Window). Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, TypeVar, get_args

from app.errors import BadRequest
from app.i18n import _
from app.timeline import hour_start, local_hour

Mode = Literal["observed", "self"]
DayType = Literal["high", "typical", "low", "unknown"]
LeftOut = Literal["left_out"]
DAY_TYPES: tuple[DayType, ...] = get_args(DayType)

Word = TypeVar("Word", bound=str)

DEFAULT_DAYS = 14
MOST_YEARS = 10
YEARS = (1900, 2999)  # of which a day may be: those around it can be counted from it


@dataclass(frozen=True, slots=True)
class Window:
    """Local days of the clinic, both inclusive. `today`: when it was asked; None: all of its days are over."""

    first: date
    last: date
    today: date | None = field(default=None, compare=False)

    def days(self) -> list[str]:
        """Every day of it as YYYY-MM-DD."""
        return [(self.first + timedelta(days=n)).isoformat() for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sessions count. None: all of them.

    `settling`: the half hour in which a session settles in does not count. `uncertain`: time, occurrences,
    interruptions and points whose times could not be measured do not count.
    """

    mode: Mode = "observed"
    day_type: DayType | None = None
    staff_role: str | None = None
    task_list: str | None = None
    uncertain: LeftOut | None = None
    settling: LeftOut | None = None


def window(from_: str | None, to: str | None, today: date) -> Window:
    """The days asked for; what is left out comes from the 14 days that end with `to`, or today.

    Raises BadRequest for a bad date, for `to` before `from`, and for more than ten years.
    """
    last = _day("to", to) if to else today
    if not from_:
        return Window(last - timedelta(days=DEFAULT_DAYS - 1), last, today)
    first = _day("from", from_)
    if last < first:
        raise BadRequest(
            _("The window ends ({to}) before it begins ({from_}): swap the two days.").format(from_=first, to=last),
            code="bad_window",
        )
    if (last.year - MOST_YEARS, last.month, last.day) > (first.year, first.month, first.day):
        raise BadRequest(
            _("From {from_} to {to} is over ten years: ask for fewer.").format(from_=first, to=last), code="bad_window"
        )
    return Window(first, last, today)


def filters(
    mode: str | None = None,
    day_type: str | None = None,
    staff_role: str | None = None,
    task_list: str | None = None,
    uncertain: str | None = None,
    settling: str | None = None,
) -> Filters:
    """The filters as asked for; empty text is as if it were left out. Raises BadRequest for words that do not exist.

    A staff role or task list that no session has is no error: it has no sessions. Of what people time themselves
    nothing is left out: two pools that differ by a few minutes, or by a few people, would show whose those are.
    """
    of = _one_of("mode", mode or "observed", get_args(Mode))
    if of == "self" and any((day_type, staff_role, task_list, uncertain, settling)):
        raise BadRequest(
            _("What people timed themselves is shown of all of them together: ask for it without other filters."),
            code="bad_parameter",
        )
    return Filters(
        mode=of,
        day_type=_one_of("day_type", day_type, DAY_TYPES) if day_type else None,
        staff_role=staff_role or None,
        task_list=task_list or None,
        uncertain=_one_of("uncertain", uncertain, get_args(LeftOut)) if uncertain else None,
        settling=_one_of("settling", settling, get_args(LeftOut)) if settling else None,
    )


def today(at: int, zone: str) -> date:
    """The day on the clinic's calendar at this instant."""
    return local_hour(hour_start(at, zone), zone).day


def _day(name: str, value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    # fromisoformat takes 20261102 and 2026-W45-1 too: one way to write a day is enough
    if day is None or day.isoformat() != value:
        raise BadRequest(
            _("{name}={value} is no day: write it as 2026-11-02.").format(name=name, value=value), code="bad_date"
        )
    if not YEARS[0] <= day.year <= YEARS[1]:
        sentence = _("{name}={value} is too far away: give a day of the years {first} to {last}.")
        raise BadRequest(sentence.format(name=name, value=value, first=YEARS[0], last=YEARS[1]), code="bad_date")
    return day


def _one_of(name: str, value: str, words: tuple[Word, ...]) -> Word:
    for word in words:
        if value == word:
            return word
    raise BadRequest(
        _("{name}={value} is not known: choose one of {words}.").format(name=name, value=value, words=", ".join(words)),
        code="bad_parameter",
    )
