"""The workload as the API answers it (CONTRACT.md, `GET /api/v1/workload`). Pure: nothing here reckons."""

from typing import Any

from app.workload.basis import Basis
from app.workload.reckon import Cell, Workload


def answer(basis: Basis, found: Workload) -> dict[str, Any]:
    """Hours and FTE; a gap above zero is missing, below zero to spare; null where something is not known."""
    return {
        "clinic": basis.clinic,
        "rows": [
            {
                "day": row.day.day,
                "half": row.half,
                **_hours(row.cell),
                "volumes": "logged" if row.day.is_logged else "usual",
            }
            for row in found.rows
        ],
        "by_hour": [{"hour": hour, "days": days, **_hours(cell)} for hour, days, cell in found.by_hour],
        "standards": [
            {
                "task": one.task,
                "counter": one.counter,
                "minutes_per_unit": one.minutes,
                "low": one.low,
                "high": one.high,
                "source": one.source,
            }
            for one in basis.standards
        ],
        "allowances": [
            *(
                {
                    "allowance": one.code,
                    "of": "category",
                    "kind": one.kind,
                    "share": one.share,
                    "low": one.low,
                    "high": one.high,
                    "hours_per_week": None,
                    "source": one.source,
                }
                for one in basis.allowances
            ),
            *(
                {
                    "allowance": extra.label,
                    "of": "individual",
                    "kind": None,
                    "share": None,
                    "low": None,
                    "high": None,
                    "hours_per_week": extra.hours,
                    "source": "set",
                }
                for extra in basis.extras
            ),
        ],
        "ratio": found.ratio,
        "gap_fte": found.gap_fte,
        "gap_fte_low": found.gap_fte_low,
        "gap_fte_high": found.gap_fte_high,
        "sessions": basis.sessions,
        "observed_from": basis.observed_from,
        "observed_to": basis.observed_to,
    }


def _hours(cell: Cell) -> dict[str, float | None]:
    return {
        "required_hours": cell.required,
        "required_low": cell.low,
        "required_high": cell.high,
        "scheduled_hours": cell.scheduled,
        "gap_hours": cell.gap,
    }
