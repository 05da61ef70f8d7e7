"""The form of standards and allowances: each task as it is reckoned, beside what was observed of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.clinics.tasklist import Task
from app.workload.choices import Chosen
from app.workload.observed import Observed
from app.workload.queries import Gathered
from app.workload.typed import COUNTER, MOST_EXTRAS


@dataclass(frozen=True, slots=True)
class Listed:
    """`by` and `own` as the form has them; `minutes` per unit of `counter` with its range, and `share`, as observed."""

    code: str
    label: str
    by: str
    own: str
    counter: str
    minutes: float | None
    low: float | None
    high: float | None
    share: float


@dataclass(frozen=True, slots=True)
class Tasks:
    """All tasks that have a standard or an allowance of their own; breaks have one together."""

    known: dict[str, Task]
    counters: dict[str, str]
    chosen: Chosen
    observed: Observed

    def listed(self, fields: Mapping[str, str] | None) -> list[Listed]:
        """As chosen, or as just typed."""
        found = []
        for code, task in self.known.items():
            how = self.chosen.of(task, code, self.counters)
            own = how.minutes if how.by == "counter" else how.percent
            by = f"{COUNTER}{how.counter}" if how.by == "counter" else how.by
            counter = how.counter or ""
            unit = self.observed.found.unit_time(code, counter) if counter in self.counters else None
            found.append(
                Listed(
                    code=code,
                    label=task.label,
                    by=fields.get(f"by-{code}", by) if fields else by,
                    own=fields.get(f"own-{code}", "") if fields else _plain(own),
                    counter=counter,
                    minutes=unit.minutes if unit else None,
                    low=unit.low if unit else None,
                    high=unit.high if unit else None,
                    share=self.observed.share(code)[0],
                )
            )
        return found

    def typed(self) -> dict[str, str]:
        """What stands in the fields of the allowances."""
        found = {
            "break_minutes": _plain(self.chosen.break_minutes),
            "absent_days": _plain(self.chosen.absent_days or None),
        }
        for n in range(MOST_EXTRAS):
            extra = self.chosen.extras[n] if n < len(self.chosen.extras) else None
            found |= {f"extra{n}": extra.label if extra else "", f"hours{n}": _plain(extra.hours if extra else None)}
        return found


def tasks_of(gathered: Gathered) -> Tasks:
    known = {code: task for code, task in gathered.labels.tasks.items() if task.kind != "break"}
    return Tasks(known, gathered.labels.counters, gathered.chosen, gathered.observed)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
