"""What the pages read out of workload hours: the sentence, what is missing to say one, the worst half-days. Pure."""

from dataclasses import dataclass

from app.workload import wisn
from app.workload.basis import Basis
from app.workload.drawing import Columns, Gaps, columns, gaps
from app.workload.queries import Gathered
from app.workload.reckon import Cell, Workload, day_hours, reckon

WORST = 3
WORKING_DAYS = 260  # of a year, before leave, holidays, sickness and training are taken off


@dataclass(frozen=True, slots=True)
class HalfDay:
    """An average half-day of a weekday; `days`: over how many."""

    weekday: int
    half: str
    days: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Reading:
    """`lacks`: why no gap can be told: roster, volumes, observation, standards, allowances; empty if it can.

    `worst`: half-days that are short by their whole range, the shortest first; those that are short at all where there
    is no range. `usual_days`: days reckoned with usual volumes. `staff`: how many to employ so that as many are there.
    """

    found: Workload
    lacks: str
    worst: list[HalfDay]
    usual_days: int
    days: int
    staff: float | None
    chart: Gaps | None
    hours: Columns | None


def read(gathered: Gathered) -> Reading:
    found = reckon(gathered.basis)
    return Reading(
        found=found,
        lacks=_lacks(gathered, found),
        worst=worst(found),
        usual_days=len({row.day.day for row in found.rows if not row.day.is_logged}),
        days=len({row.day.day for row in found.rows}),
        staff=_staff(gathered.basis, found),
        chart=gaps(found.by_weekday),
        hours=columns(found.by_hour),
    )


def worst(found: Workload) -> list[HalfDay]:
    """Half-days of the week that are short, by their whole range where there is one."""
    half_days = [HalfDay(*row) for row in found.by_weekday]
    short = [one for one in half_days if one.cell.verdict == "short"]
    if not any(one.cell.verdict in ("short", "even", "spare") for one in half_days):
        short = [one for one in half_days if (one.cell.gap or 0) > 0]
    return sorted(short, key=lambda one: -(one.cell.gap or 0))[:WORST]


def _lacks(gathered: Gathered, found: Workload) -> str:
    if found.total.gap is not None:
        return ""
    if not gathered.has_volumes:
        return "volumes"
    if not gathered.basis.sessions and not gathered.basis.standards:
        return "observation"
    if not gathered.basis.standards:
        return "standards"
    if not gathered.has_roster:
        return "roster"
    return "allowances" if gathered.basis.days else "days"


def _staff(basis: Basis, found: Workload) -> float | None:
    """WISN's staff required, from a year of weeks like these; None as long as nobody said how much one is away."""
    if not basis.absent_days or found.required_fte is None:
        return None
    hours = found.required_fte * basis.weekly_hours * 52
    available = wisn.available_hours(WORKING_DAYS - basis.absent_days, day_hours(basis))
    return wisn.staff_required(hours, available)
