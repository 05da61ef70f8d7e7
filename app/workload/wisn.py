"""WISN's arithmetic: WHO, Workload indicators of staffing need, user's manual (2010). Pure; times in hours.

Its words: an *activity standard* is the time that one unit of a health service activity takes; the *workload* is the
number of units; *available working time* is what one person works in a year; a *category allowance* is work that
everybody does beside and that is in no statistics, as a share of working time; an *individual allowance* is what only
some do, in hours. Published worked example (Human Resources for Health, s12960-017-0186-3, table 3): 100,000 visits x
0.25 h are 25,000 h, 3,125 days of 8 h; 179 days are available of one person; 3,125 / 179 = 17.46 staff.
"""

from collections.abc import Iterable


def standard_workload(units: Iterable[tuple[float, float]]) -> float:
    """Hours of the health service activities: the sum of volume x hours per unit."""
    return sum(volume * hours for volume, hours in units)


def available_hours(days: float, hours_a_day: float) -> float:
    """Available working time of one person: working days of a year less leave, sickness and training, in hours."""
    return days * hours_a_day


def category_factor(share: float) -> float:
    """Category allowance factor: 1 / (1 - share), for work that everybody does beside, as a share of working time.

    Raises ValueError for a share outside 0 <= share < 1: then nothing would be left for the activities.
    """
    if not 0 <= share < 1:
        raise ValueError(f"a category allowance is a share from 0 to below 1, not {share}")
    return 1 / (1 - share)


def individual_factor(hours: float, available: float) -> float:
    """Individual allowance factor: hours of what only some do / available hours of one person; in staff."""
    return hours / available


def staff_required(workload: float, available: float, category: float = 1.0, individual: float = 0.0) -> float:
    """Standard workload (hours) / available hours of one person x category factor + individual factor; in staff."""
    return workload / available * category + individual


def required_hours(workload: float, category: float = 1.0, individual: float = 0.0) -> float:
    """The same not divided into people: hours of activities x category factor + hours of individual allowances."""
    return workload * category + individual


def ratio(existing: float, required: float) -> float | None:
    """WISN ratio: existing / required, of staff or of hours. 1.2: a fifth more than needed; below 1: too few."""
    return existing / required if required else None
