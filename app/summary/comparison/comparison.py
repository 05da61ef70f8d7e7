"""Two groups of sessions of clinics beside each other (CONTRACT.md, comparison): one answer for page and JSON.

Reads slices only: whoever calls freshens them first. Observed sessions alone: what people timed themselves would split
into groups of too few.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, get_args

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.errors import BadRequest
from app.i18n import _
from app.summary import queries
from app.summary.comparison.compare import Side, compared, side
from app.summary.days import day_logs, day_types
from app.summary.labels import Labels, labels
from app.summary.queries import Scope
from app.summary.window import DayType, Filters, Window, window

Figures = dict[str, Any]
By = Literal["day_type", "change", "period", "clinic"]
WAYS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True)
class Group:
    """Which sessions one side is made of; `day_type`: of these days only."""

    clinic: Clinic
    window: Window
    day_type: DayType | None = None


def two_groups(
    by: str,
    clinic: Clinic,
    days: Window,
    *,
    day: str | None,
    other_days: tuple[str | None, str | None],
    other: Clinic | None,
) -> tuple[Group, Group]:
    """What is to be compared, a with b: high with low volume, after with before, these days or this clinic with others.

    Raises BadRequest where what was asked does not say.
    """
    if by == "day_type":
        return Group(clinic, days, "high"), Group(clinic, days, "low")
    if by == "change":
        changed = window(day, None, days.last).first if day else None
        if changed is None or not days.first < changed <= days.last:
            raise BadRequest(
                _("Say with date= on which day after {first}, and until {last}, the change was made.").format(
                    first=days.first, last=days.last
                ),
                code="bad_change",
            )
        return Group(clinic, Window(changed, days.last)), Group(clinic, Window(days.first, changed - timedelta(days=1)))
    if by == "period":
        first, last = other_days
        return Group(clinic, days), Group(clinic, window(first, last, days.last) if first or last else before(days))
    if by == "clinic":
        if other is None or other.id == clinic.id:
            raise BadRequest(_("Say with other= with which other clinic to compare."), code="bad_clinic")
        return Group(clinic, days), Group(other, days)
    raise BadRequest(
        _("by={value} is not known: choose one of {words}.").format(value=by, words=", ".join(WAYS)),
        code="bad_parameter",
    )


def comparison(session: Session, by: str, groups: tuple[Group, Group], filters: Filters) -> Figures:
    """The figures of both groups with their differences; a task that only b's clinic knows has its name from there."""
    a, b = groups
    sides = _sides(session, groups, filters)
    known = labels(session, a.clinic)
    if b.clinic.id != a.clinic.id:
        known = _together(known, labels(session, b.clinic))
    return {
        "clinic": a.clinic.slug,
        "by": by,
        "a": _about(a, sides[0]),
        "b": _about(b, sides[1]),
        "rows": compared(*sides, known),
    }


def _sides(session: Session, groups: tuple[Group, Group], filters: Filters) -> tuple[Side, Side]:
    a, b = (_side(session, group, filters) for group in groups)
    return a, b


def _side(session: Session, group: Group, filters: Filters) -> Side:
    days = None
    wanted = group.day_type or filters.day_type
    if wanted is not None:
        types = day_types(session, group.clinic, group.window, day_logs(session, group.clinic, group.window))
        days = frozenset(day for day in group.window.days() if types.get(day, "unknown") == wanted)
        if group.day_type and filters.day_type not in (None, group.day_type):
            days = frozenset()
    scope = Scope(group.clinic.id, group.window, replace(filters, day_type=None), days)
    return side(
        queries.times(session, scope),
        queries.trigger_times(session, scope),
        queries.episodes(session, scope),
        queries.points(session, scope),
    )


def _about(group: Group, side: Side) -> Figures:
    return {
        "clinic": group.clinic.slug,
        "from": group.window.first.isoformat(),
        "to": group.window.last.isoformat(),
        "day_type": group.day_type,
        **side.size(),
    }


def _together(first: Labels, second: Labels) -> Labels:
    """By the first where both have a code."""
    names = Labels.__slots__
    return Labels(*({**getattr(second, name), **getattr(first, name)} for name in names))


def middle_of(days: Window) -> date:
    """The first day of its second half: where a change is looked for until its day is said."""
    return min(days.last, days.first + (days.last - days.first) // 2 + timedelta(days=1))


def before(days: Window) -> Window:
    """The period of the same length that ends before it."""
    last = days.first - timedelta(days=1)
    return Window(last - (days.last - days.first), last)
