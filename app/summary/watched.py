"""What was watched, session by session: what unit times and shares of working time are made of. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.summary.session_queries import SessionCountRow, SessionTaskRow
from app.summary.unit_times import UnitTime, unit_time
from app.timeline import TICKS


@dataclass(frozen=True, slots=True)
class Watched:
    """What was watched, session by session: observed time, person time by task, counts by counter.

    `uncoded_ticks`: time inside interruptions without any task. Ticks are 1/720720 ms.
    """

    observed_ticks: dict[str, int]
    task_ticks: dict[str, dict[str, int]]
    uncoded_ticks: dict[str, int]
    counts: dict[str, dict[str, int]]

    @property
    def sessions(self) -> list[str]:
        return list(self.observed_ticks)

    @property
    def total_ticks(self) -> int:
        return sum(self.observed_ticks.values())

    def unit_time(self, task: str, counter: str) -> UnitTime | None:
        """None where the task was never seen or the counter never tapped."""
        return unit_time(self.task_ticks.get(task, {}), self.counts.get(counter, {}))


def watched(rows: Iterable[SessionTaskRow], counts: Iterable[SessionCountRow]) -> Watched:
    """Sessions without observed time are left out, and their counts with them."""
    observed: dict[str, int] = defaultdict(int)
    uncoded: dict[str, int] = defaultdict(int)
    by_task: dict[str, dict[str, int]] = defaultdict(dict)
    by_counter: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        observed[row.session_id] += row.primary_ms * TICKS
        if row.uncoded_ticks:
            uncoded[row.session_id] += row.uncoded_ticks
        if row.task is not None and row.person_ticks:
            by_task[row.task][row.session_id] = row.person_ticks
    sessions = {id: ticks for id, ticks in sorted(observed.items()) if ticks}
    for count in counts:
        if count.session_id in sessions:
            by_counter[count.code][count.session_id] = max(0, count.n)  # more were taken back than tapped
    return Watched(
        sessions,
        {task: _of(ticks, sessions) for task, ticks in by_task.items()},
        _of(uncoded, sessions),
        dict(by_counter),
    )


def _of(ticks: Mapping[str, int], sessions: Mapping[str, int]) -> dict[str, int]:
    return {id: n for id, n in ticks.items() if id in sessions}
