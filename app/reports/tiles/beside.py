"""Each tile's reports beside what was measured of it: its task's time, and the interruptions of its trigger. Pure.

Side by side and never added: what people say and what was watched are two findings, and the gap is a third.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.clinics.tasklist import TaskList


@dataclass(frozen=True, slots=True)
class Beside:
    """`count`, `minutes`: null where nobody, or too few people, said so in weeks that are over. `task_ms`: person time,
    null without a task; so `times` and `trigger_ms`, the interruptions by its trigger and their own time.
    """

    label: str
    count: int | None
    minutes: float | None
    task: str | None
    task_ms: float | None
    trigger: str | None
    times: int | None
    trigger_ms: float | None


def beside(figures: Mapping[str, Any], task_list: TaskList) -> list[Beside]:
    """`figures`: the summary's. Tiles as the list has them now."""
    reports = {row["stealer"]: row for row in figures["reports"]}
    tasks = {row["task"]: row["person_ms"] for row in figures["tasks"]}
    triggers = {row["trigger"]: row for row in figures["interruptions"]["by_trigger"]}
    triggers_called = {trigger.code: trigger.label for trigger in task_list.triggers}
    rows = []
    for tile in task_list.stealers:
        said = reports.get(tile.code, {"count": None, "minutes": None})
        task = task_list.task_by_code.get(tile.task or "")
        broke_in = triggers.get(tile.trigger, {"count": 0, "ms": 0}) if tile.trigger else {"count": None, "ms": None}
        rows.append(
            Beside(
                label=tile.label,
                count=said["count"],
                minutes=said["minutes"],
                task=task.label if task else None,
                task_ms=tasks.get(task.code, 0) if task else None,
                trigger=triggers_called.get(tile.trigger or ""),
                times=broke_in["count"],
                trigger_ms=broke_in["ms"],
            )
        )
    return rows
