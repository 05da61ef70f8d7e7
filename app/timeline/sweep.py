"""One sweep over observed time, on which every measure and every slice is built (TIMELINE.md, Measures)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from app.timeline.records import Timeline

# one ms in parts that up to 16 tasks share without a remainder: the least common multiple of 1 to 16
TICKS = 720_720

Running = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval of observed time (ms since the epoch, never of no length) in which nothing changes.

    `task` and `occurrence`: the primary track, None while idle or in uncoded interruption time. `trigger`: that
    of the innermost interruption, None at depth 0. `parallel`: (task, trigger) of each task that runs beside it,
    in the order of their parallel_start.
    """

    start: int
    end: int
    task: str | None
    trigger: str | None
    depth: int
    occurrence: str | None
    parallel: Running

    @property
    def ms(self) -> int:
        return self.end - self.start

    @property
    def tasks(self) -> list[str]:
        """The different tasks that run in it, the primary one first: a task beside itself is one."""
        running = [self.task] if self.task is not None else []
        running += [task for task, _ in self.parallel if task != self.task]
        return running


def shares(k: int, ms: int) -> list[int]:
    """`ms` shared equally among `k` tasks, in ticks; sums to ms * TICKS exactly.

    Beyond 16 tasks a share may be one tick larger than another: the first ones get the remainder.
    """
    each, rest = divmod(ms * TICKS, k)
    return [each + 1] * rest + [each] * (k - rest)


def pieces(t: Timeline) -> Iterator[Piece]:
    """Observed time in order, cut wherever a segment or a parallel task begins or ends."""
    changes = _beside(t)
    upcoming = 0
    parallel: Running = ()
    for segment in t.segments:
        at = segment.start
        while at < segment.end:
            while upcoming < len(changes) and changes[upcoming][0] <= at:
                parallel = changes[upcoming][1]
                upcoming += 1
            until = min(segment.end, changes[upcoming][0]) if upcoming < len(changes) else segment.end
            yield Piece(at, until, segment.task, segment.trigger, segment.depth, segment.occurrence, parallel)
            at = until


def _beside(t: Timeline) -> list[tuple[int, Running]]:
    """(moment, what runs in parallel from then on), in order, for every moment at which that changes."""
    edges = [(p.start, n) for n, p in enumerate(t.parallel)] + [(p.end, n) for n, p in enumerate(t.parallel)]
    running: dict[int, tuple[str, str | None]] = {}
    changes = []
    for moment, touched in groupby(sorted(edges), key=itemgetter(0)):
        for _, n in touched:
            # each stretch has two edges: the first lets it in, the second out
            if running.pop(n, None) is None:
                running[n] = (t.parallel[n].task, t.parallel[n].trigger)
        changes.append((moment, tuple(running.values())))
    return changes
