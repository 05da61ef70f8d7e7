"""A task list: what can be observed in a clinic. Pure; a published version is stored whole and never changes."""

import tomllib
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

DEFAULT_LIST = Path(__file__).parent / "task_lists" / "back-of-house.toml"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Part):
    code: Code
    label: Label


class Defined(Named):
    """What observers have to agree on; shown on the pad when it is asked for."""

    includes: str = ""
    excludes: str = ""


class Task(Defined):
    short: str = Field(max_length=24, description="On the button: at most two lines of ten letters.")
    category: Code
    kind: Literal["work", "between", "break", "protected"] = "work"
    scheduled: bool | None = Field(default=True, description="On the clinic's template? None: nobody has said.")
    needs_ma: Literal["yes", "no", "training"] = "yes"
    first: bool = Field(default=False, description="On the first screen of the pad.")
    icon: str = ""


class Trigger(Defined):
    short: str = Field(default="", max_length=24)
    first: bool = False


class Counter(Defined):
    pass


class Dimension(Named):
    values: tuple[Named, ...] = ()


class Stealer(Named):
    """What MAs report; `task` and `trigger`: what is measured of it, so that both can stand side by side."""

    task: Code | None = None
    trigger: Code | None = None


class TaskList(Named):
    categories: tuple[Named, ...]
    tasks: tuple[Task, ...]
    triggers: tuple[Trigger, ...]
    counters: tuple[Counter, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    stealers: tuple[Stealer, ...] = ()

    @model_validator(mode="after")
    def _codes_fit_together(self) -> Self:
        for kind in ("categories", "tasks", "triggers", "counters", "dimensions", "stealers"):
            codes = [part.code for part in getattr(self, kind)]
            twice = sorted({code for code in codes if codes.count(code) > 1})
            if twice:
                raise ValueError(f"{kind}: {', '.join(twice)} stands there twice; a code names one thing")
        categories = {category.code for category in self.categories}
        for task in self.tasks:
            if task.category not in categories:
                raise ValueError(f"task {task.code}: there is no category {task.category}")
        return self

    @cached_property
    def task_by_code(self) -> dict[str, Task]:
        return {task.code: task for task in self.tasks}

    @cached_property
    def trigger_codes(self) -> frozenset[str]:
        return frozenset(trigger.code for trigger in self.triggers)

    @cached_property
    def counter_codes(self) -> frozenset[str]:
        return frozenset(counter.code for counter in self.counters)


@cache  # nobody can change it: read once
def default_list() -> TaskList:
    """`back-of-house`, the list that every new clinic starts from."""
    return TaskList.model_validate(tomllib.loads(DEFAULT_LIST.read_text("utf-8")))
