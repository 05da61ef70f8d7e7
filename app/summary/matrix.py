"""Counts of what met what, ready for a table painted in steps: the largest first. Pure."""

from collections import defaultdict
from dataclasses import dataclass

from app.summary.charts import HEAT_STEPS, heat_step

COLUMNS = 6
ROWS = 18  # as many as the default list has triggers, and a sheet of paper has room for


@dataclass(frozen=True, slots=True)
class Matrix:
    """How often what stands left met what stands above: a trigger a task, or a task the next one.

    The last column holds all others; `left_out`: how many rows there would be besides, each rarer than those here.
    """

    tasks: list[str | None]  # codes; None: broke into idleness
    others: int  # how many further tasks the last column holds
    rows: list[tuple[str, list[tuple[int, int | None]], int]]  # trigger; by column count and heat step; sum
    left_out: int = 0


def matrix(cells: list[tuple[str, str | None, int]], rows: int = ROWS) -> Matrix | None:
    """`rows`: how many at most, the largest."""
    if not cells:
        return None
    of_task: dict[str | None, int] = defaultdict(int)
    of_trigger: dict[str, int] = defaultdict(int)
    counts: dict[tuple[str, str | None], int] = defaultdict(int)
    for left, above, n in cells:
        of_task[above] += n
        of_trigger[left] += n
        counts[left, above] += n
    most = sorted(of_task, key=lambda task: (-of_task[task], task or ""))
    shown, rest = most[:COLUMNS], most[COLUMNS:]
    # at least as high as there are steps: among a handful of single cases none is darker than the others
    highest = max(HEAT_STEPS, *(counts[trigger, task] for trigger in of_trigger for task in shown))

    def stepped(trigger: str) -> list[tuple[int, int | None]]:
        cells: list[tuple[int, int | None]] = [
            (counts[trigger, task], heat_step(counts[trigger, task], highest)) for task in shown
        ]
        # what several tasks add up to is not to be compared with one
        return [*cells, (sum(counts[trigger, task] for task in rest), None)] if rest else cells

    most_first = sorted(of_trigger, key=lambda trigger: (-of_trigger[trigger], trigger))[:rows]
    held = [(trigger, stepped(trigger), of_trigger[trigger]) for trigger in most_first]
    return Matrix(shown, len(rest), held, len(of_trigger) - len(held))
