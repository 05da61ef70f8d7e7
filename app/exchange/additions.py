"""A task list with the names of a file added to it (CONTRACT.md, Imports, --add-tasks). Pure."""

from dataclasses import dataclass

from app.clinics.tasklist import Counter, Named, Task, TaskList, Trigger
from app.exchange.layout import Codes
from app.exchange.names import LABEL_LIMIT, Matched, coin, match, short
from app.exchange.reading import Names

CATEGORY = Named(code="imported", label="Imported")


@dataclass(frozen=True, slots=True)
class Fit:
    """The names of a file against a task list: what they mean there, and those that it lacks."""

    codes: Codes
    lacking: Names


def fit(names: Names, task_list: TaskList) -> Fit:
    tasks = _matched(names.tasks, task_list.tasks)
    triggers = _matched(names.triggers, task_list.triggers)
    counters = _matched(names.counters, task_list.counters)
    return Fit(
        Codes(tasks.codes, triggers.codes, counters.codes),
        Names(tasks.unknown, triggers.unknown, counters.unknown),
    )


def _matched(names: tuple[str, ...], known: tuple[Named, ...]) -> Matched:
    return match(names, [(one.code, one.label) for one in known])


def with_names(task_list: TaskList, lacking: Names) -> TaskList:
    """The list with a task, trigger or counter for each name: code = slug, kind work, scheduled unknown.

    New tasks stand in a category of their own at the end of the pad, until somebody sorts them.
    """
    tasks = coin(lacking.tasks, {task.code for task in task_list.tasks})
    triggers = coin(lacking.triggers, {trigger.code for trigger in task_list.triggers})
    counters = coin(lacking.counters, {counter.code for counter in task_list.counters})
    known = {category.code for category in task_list.categories}
    new_category = (CATEGORY,) if tasks and CATEGORY.code not in known else ()
    return TaskList(
        **{name: getattr(task_list, name) for name in ("code", "label", "dimensions", "stealers")},
        categories=(*task_list.categories, *new_category),
        tasks=(*task_list.tasks, *(_task(name, code) for name, code in tasks.items())),
        triggers=(*task_list.triggers, *(_trigger(name, code) for name, code in triggers.items())),
        counters=(*task_list.counters, *(Counter(code=code, label=_label(name)) for name, code in counters.items())),
    )


def _task(name: str, code: str) -> Task:
    return Task(code=code, label=_label(name), short=short(name), category=CATEGORY.code, kind="work", scheduled=None)


def _trigger(name: str, code: str) -> Trigger:
    return Trigger(code=code, label=_label(name), short=short(name))


def _label(name: str) -> str:
    return name[:LABEL_LIMIT]
