"""What-if: the same basis reckoned as it is and with levers moved. Pure; it asks no database (`carried.py`)."""

from dataclasses import dataclass

from app.workload.basis import INTERRUPTIONS, Basis
from app.workload.levers import NOTHING, TRIGGER, Levers
from app.workload.reckon import Cell, Workload, reckon

HALF = 50.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One average half-day before and after."""

    weekday: int
    half: str
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class WhatIf:
    basis: Basis
    levers: Levers
    before: Workload
    after: Workload
    rows: list[Compared]

    @property
    def is_changed(self) -> bool:
        return self.before.total != self.after.total


def what_if(basis: Basis, levers: Levers, before: Workload | None = None) -> WhatIf:
    """`before`: the workload of the basis as it is, if it is known already."""
    before = before or reckon(basis)
    after = before if levers == NOTHING else reckon(basis, levers)
    then = {(weekday, half): cell for weekday, half, _n, cell in after.by_weekday}
    rows = [
        Compared(weekday, half, cell, then[weekday, half])
        for weekday, half, _n, cell in before.by_weekday
        if (weekday, half) in then
    ]
    return WhatIf(basis, levers, before, after, rows)


def movable(basis: Basis) -> list[tuple[str, str, str]]:
    """Tasks that need no MA, or none but with training: (code, label, needs_ma), by name."""
    tasks = [(one.task, one.label, one.needs_ma) for one in basis.standards]
    tasks += [(one.code, one.label, one.needs_ma) for one in basis.allowances if one.kind in ("work", "between")]
    return sorted((one for one in tasks if one[2] != "yes"), key=lambda one: one[1])


def cuttable(basis: Basis) -> tuple[list[tuple[str, str]], list[str]]:
    """Time sinks: tasks (code, label) by name, and triggers with time of their own, the longest first."""
    tasks = [(one.task, one.label) for one in basis.standards]
    tasks += [(one.code, one.label) for one in basis.allowances if one.kind in ("work", "between")]
    has_own_time = any(one.code == INTERRUPTIONS for one in basis.allowances)
    triggers = sorted(basis.sinks, key=lambda trigger: -basis.sinks[trigger]) if has_own_time else []
    return sorted(tasks, key=lambda one: one[1]), [f"{TRIGGER}{trigger}" for trigger in triggers]
