"""The measures of one session (TIMELINE.md, Measures)."""

from collections import defaultdict
from typing import Any

from app.timeline.records import Timeline
from app.timeline.sweep import TICKS, pieces, shares


def totals(t: Timeline) -> dict[str, Any]:
    """The vectors' `totals`, durations in ms.

    `task_ms` {task: all the time it ran}, `person_ms` {task: its equal share of each instant, a float},
    `idle_ms`, `multitask_ms`, `interruption_ms`, `trigger_ms` {trigger of the innermost interruption: ms}.
    Person time is summed in whole ticks and divided once at the end, so nothing is lost on the way.
    """
    task_ms: dict[str, int] = defaultdict(int)
    person_ticks: dict[str, int] = defaultdict(int)
    trigger_ms: dict[str, int] = defaultdict(int)
    idle_ms = multitask_ms = interruption_ms = 0
    for piece in pieces(t):
        ms, tasks = piece.ms, piece.tasks
        if tasks:
            for task, ticks in zip(tasks, shares(len(tasks), ms), strict=True):
                task_ms[task] += ms
                person_ticks[task] += ticks
        elif piece.depth == 0:
            idle_ms += ms
        if len(tasks) > 1:
            multitask_ms += ms
        if piece.trigger is not None:
            interruption_ms += ms
            trigger_ms[piece.trigger] += ms
    return {
        "task_ms": dict(task_ms),
        "person_ms": {task: ticks / TICKS for task, ticks in person_ticks.items()},
        "idle_ms": idle_ms,
        "multitask_ms": multitask_ms,
        "interruption_ms": interruption_ms,
        "trigger_ms": dict(trigger_ms),
    }
