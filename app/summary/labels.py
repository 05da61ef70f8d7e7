"""What a code is called, and what a task is: by the newest task-list version of the clinic that has the code."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.clinics.tasklist import Task
from app.i18n import _


@dataclass(frozen=True, slots=True)
class Labels:
    """A code that no version has is its own label."""

    tasks: dict[str, Task]
    categories: dict[str, str]
    triggers: dict[str, str]
    counters: dict[str, str]
    stealers: dict[str, str]
    stealer_tasks: dict[str, str]  # what each stands for, where the list says so
    stealer_triggers: dict[str, str]  # the interruptions that it speaks of, likewise

    def task(self, code: str) -> str:
        return self.tasks[code].label if code in self.tasks else code

    def category(self, code: str) -> str:
        """No code: of several together."""
        return self.categories.get(code, code) or _("Other categories")

    def trigger(self, code: str) -> str:
        return self.triggers.get(code, code)


def labels(session: Session, clinic: Clinic) -> Labels:
    """Of all published versions, the newest on top."""
    found = Labels({}, {}, {}, {}, {}, {}, {})
    for body in _bodies(session, clinic):
        task_list = parsed(body)
        for task in task_list.tasks:
            found.tasks.setdefault(task.code, task)
        for category in task_list.categories:
            found.categories.setdefault(category.code, category.label)
        for trigger in task_list.triggers:
            found.triggers.setdefault(trigger.code, trigger.label)
        for counter in task_list.counters:
            found.counters.setdefault(counter.code, counter.label)
        for stealer in task_list.stealers:
            found.stealers.setdefault(stealer.code, stealer.label)
            if stealer.task is not None:
                found.stealer_tasks.setdefault(stealer.code, stealer.task)
            if stealer.trigger is not None:
                found.stealer_triggers.setdefault(stealer.code, stealer.trigger)
    return found


def _bodies(session: Session, clinic: Clinic) -> Iterable[str]:
    wanted = select(TaskListVersion.body).where(TaskListVersion.clinic_id == clinic.id)
    return session.execute(wanted.order_by(TaskListVersion.id.desc())).scalars()
