"""What MAs say steals time beside what was measured of the same tasks and interruptions: never merged; the gap is a
finding. Pure.

Two wholes of different size are compared as shares of their own: of all minutes reported of these tasks, and of all
observed person time in them. Nurses reported 19 % documentation where 8 % was observed (Ampt 2007).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.summary.figures import Figures
from app.summary.labels import Labels


def task_of(stealer: str, labels: Labels) -> str | None:
    """The task that a stealer stands for: as the clinic's list has it, else the one of the same code."""
    mapped = labels.stealer_tasks.get(stealer)
    return mapped or (stealer if stealer in labels.tasks else None)


def beside_observed(reports: Iterable[Figures], person_ms: Mapping[str, int], labels: Labels) -> list[Figures]:
    """`reports` as they are shown: what is withheld there is in no figure here. Empty for fewer than two tasks."""
    minutes: dict[str, float] = defaultdict(float)
    for report in reports:
        task = task_of(report["stealer"], labels)
        if task is not None and report["minutes"] is not None:
            minutes[task] += report["minutes"]
    reported, observed = sum(minutes.values()), sum(person_ms.get(task, 0) for task in minutes)
    if len(minutes) < 2 or not reported or not observed:
        return []
    rows = [
        {
            "task": task,
            "label": labels.task(task),
            "reported_minutes": said,
            "reported_share": said / reported,
            "observed_ms": person_ms.get(task, 0),
            "observed_share": person_ms.get(task, 0) / observed,
            "gap": said / reported - person_ms.get(task, 0) / observed,
        }
        for task, said in minutes.items()
    ]
    return sorted(rows, key=lambda row: (-row["reported_share"], row["task"]))


def beside_interruptions(reports: Iterable[Figures], by_trigger: Iterable[Figures], labels: Labels) -> list[Figures]:
    """How often what breaks in was reported, beside how often it was seen to, and for how long; most reported first.

    Of reports that are shown. `interruptions` and `ms`: as `interruptions.by_trigger` has them.
    """
    seen = {row["trigger"]: row for row in by_trigger}
    counts: dict[str, int] = defaultdict(int)
    for report in reports:
        trigger = labels.stealer_triggers.get(report["stealer"])
        if trigger is not None and report["count"] is not None:
            counts[trigger] += report["count"]
    rows = [
        {
            "trigger": trigger,
            "label": labels.trigger(trigger),
            "reports": n,
            "interruptions": seen[trigger]["count"] if trigger in seen else 0,
            "ms": seen[trigger]["ms"] if trigger in seen else 0,
        }
        for trigger, n in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row["reports"], row["trigger"]))
