"""What a clinic chose: by which counter, or share of time, each task is reckoned, and its allowances. Pure."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.clinics.tasklist import Task

By = Literal["counter", "share", "none"]

# of the list that every clinic starts from: what each of these tasks is done for
COUNTER_OF = {
    "rooming": "visits",
    "vitals": "visits",
    "med-rec": "visits",
    "discharge": "visits",
    "procedure-assist": "visits",
    "documentation": "visits",
    "room-turnover": "rooms",
    "vaccines": "vaccines",
    "poc-testing": "tests",
    "callbacks": "messages",
    "forms": "refills-forms",
}
# slack, not work: whoever waits could do something else, and more staff would wait more
NOT_REQUIRED = frozenset(("waiting",))
BREAK_MINUTES = 50.0  # of a day: lunch of 30 and two breaks of 10, as long as nobody has said otherwise


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reckoned(Part):
    """How one task counts. `minutes` per unit of `counter`, or `percent` of working time; None: as observed."""

    by: By
    counter: str | None = None
    minutes: float | None = Field(default=None, ge=0, le=480)
    percent: float | None = Field(default=None, ge=0, le=90)


class Extra(Part):
    """An individual allowance: work that only some do, in hours of a week of the whole clinic."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    hours: float = Field(gt=0, le=400)


class Chosen(Part):
    """`break_minutes` of a day; None: as observed. `absent_days`: of a year, of one MA: leave, holidays, sickness."""

    tasks: dict[str, Reckoned] = {}
    break_minutes: float | None = Field(default=BREAK_MINUTES, ge=0, le=240)
    breaks_are_preset: bool = True
    extras: tuple[Extra, ...] = Field(default=(), max_length=10)
    absent_days: int = Field(default=0, ge=0, le=250)

    def of(self, task: Task | None, code: str, counters: Mapping[str, str]) -> Reckoned:
        """Of a task of the clinic's list; by its share of time if nobody chose and nothing is preset."""
        if code in self.tasks:
            return self.tasks[code]
        if code in NOT_REQUIRED:
            return Reckoned(by="none")
        is_work = task is None or task.kind == "work"
        counter = COUNTER_OF.get(code) if is_work else None
        return Reckoned(by="counter", counter=counter) if counter in counters else Reckoned(by="share")
