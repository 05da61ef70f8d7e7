"""For which days what people say or time themselves is shown: fixed periods that are over, each of enough people. Pure.

If any days could be asked for, the answer for Monday to Friday less that for Monday to Thursday would be Friday, which
one person may have timed. So these figures know periods only, the same for every question: whole weeks, Monday to
Sunday, joined to the next one until enough people stand behind them, and then closed for good. An answer adds up the
closed periods that lie inside the days asked for; whatever is taken from whatever, what is left is periods again.

Periods begin anew every 13 weeks, so that nobody has to read years to know them; what is not enough by then is never
shown. A session or report that arrives after its week is over still counts, and then changes its period.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from app.summary.window import Window

Voices = TypeVar("Voices")
Period = list[date]  # the Mondays of its weeks

FEWEST_PEOPLE = 3  # of a cell, whatever a clinic chooses (DOMAIN.md, Privacy)
FIRST_MONDAY = date(2001, 1, 1)
WEEK = timedelta(days=7)
SPAN_WEEKS = 13


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def known_from(window: Window) -> Window:
    """The days that have to be read to know the periods inside the window: from the begin of their 13 weeks."""
    return Window(_span_of(monday_of(window.first)), window.last, window.today)


def is_over(monday: date, today: date | None) -> bool:
    """Whether the week that begins with this Monday is; None: all of them are."""
    return today is None or monday + WEEK <= today


def periods(
    by_week: Mapping[date, Voices], is_enough: Callable[[Collection[Voices], int], bool], k: int, today: date | None
) -> list[Period]:
    """The closed ones. `by_week`: what people said in each week, by its Monday; weeks of nobody may be left out.
    `is_enough`: whether some weeks' voices are enough for cells of so many people.

    Weeks are joined until they are enough for the smallest cells that any clinic may have, and those for cells of `k`.
    So whatever a clinic's cells are made, its periods are made up of the same: what it shows before its choice less
    what it shows after is never of fewer than that.

    `today`: a week counts when it is over; None: all of them are.
    """
    found: list[Period] = []
    weeks: Period = []  # not enough for the smallest cells yet
    joined: Period = []  # enough for those, not for k
    for monday in sorted(by_week):
        if not is_over(monday, today):
            break
        first = (joined or weeks or [monday])[0]
        if _span_of(first) != _span_of(monday):
            weeks, joined = [], []
        weeks.append(monday)
        if is_enough([by_week[week] for week in weeks], FEWEST_PEOPLE):
            joined, weeks = joined + weeks, []
            if is_enough([by_week[week] for week in joined], k):
                found.append(joined)
                joined = []
    return found


def inside(found: Iterable[Period], window: Window) -> list[Period]:
    """Those that lie wholly inside the days asked for, from the Monday of the first week to the Sunday of the last."""
    return [
        weeks for weeks in found if window.first <= weeks[0] and weeks[-1] + WEEK - timedelta(days=1) <= window.last
    ]


def days_of(found: Iterable[Period]) -> frozenset[str]:
    """All their days, as YYYY-MM-DD."""
    mondays = [monday for weeks in found for monday in weeks]
    return frozenset((monday + timedelta(days=n)).isoformat() for monday in mondays for n in range(7))


def first_and_last(found: Iterable[Period]) -> tuple[str, str] | None:
    """The first and the last day of all of them together."""
    weeks = [monday for period in found for monday in period]
    return (min(weeks).isoformat(), (max(weeks) + timedelta(days=6)).isoformat()) if weeks else None


def _span_of(monday: date) -> date:
    """The Monday with which its 13 weeks begin."""
    weeks = (monday - FIRST_MONDAY).days // 7
    return FIRST_MONDAY + WEEK * (weeks - weeks % SPAN_WEEKS)
