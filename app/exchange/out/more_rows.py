"""Further tables of a data package, a row a session, an occurrence, an interruption, or a task of a list.

The first three come from the timeline, after all corrections; their ids are those of the other tables.
"""

from collections.abc import Iterator

from app.capture.queries import version_agreed
from app.clinics.tasklist import TaskList
from app.exchange.out.rows import ABOUT, Logged, Row, Rows

TASK_COLUMNS = (
    *("task_list", "version", "task", "label", "category", "kind", "scheduled", "needs_ma"),
    *("includes", "excludes"),
)


def _session(logged: Logged) -> Iterator[Row]:
    meant = logged.meant
    begin, end = ((at, logged.written(at)) if at is not None else (None, None) for at in (meant.begin, meant.end))
    day = begin[1][:10] if begin[1] is not None else None
    yield (
        *logged.about(),
        *(day, begin[1], end[1], begin[0], end[0], meant.open),
        *(meant.observed_ms, meant.paused_ms, len(logged.events), len(meant.problems)),
        version_agreed(logged.header.consent),
    )


def _occurrences(logged: Logged) -> Iterator[Row]:
    for one in logged.meant.occurrences:
        yield (
            *(logged.header.id, one.id, one.task, logged.written(one.start), logged.written(one.end)),
            *(one.start, one.end, one.active_ms, one.elapsed_ms, one.interruptions, one.completed),
        )


def _interruptions(logged: Logged) -> Iterator[Row]:
    for one in logged.meant.interruptions:
        yield (
            *(logged.header.id, one.id, one.trigger, logged.written(one.start), logged.written(one.end)),
            *(one.start, one.end, one.depth, one.outcome, one.interrupted_task, one.interrupted_occurrence),
            *(one.gross_ms, one.own_ms),
        )


def tasks(task_list: TaskList, version: int) -> Iterator[Row]:
    """Of one version of a list, for TASK_COLUMNS."""
    for task in task_list.tasks:
        yield (
            *(task_list.code, version, task.code, task.label, task.category, task.kind, task.scheduled),
            *(task.needs_ma, task.includes, task.excludes),
        )


TIMES = ("start", "end", "start_ms", "end_ms")
SESSIONS = Rows(
    "sessions",
    (
        *ABOUT,
        *("day", "begin", "end", "begin_ms", "end_ms", "open", "observed_ms", "paused_ms", "events", "problems"),
        "consent",
    ),
    _session,
)
OCCURRENCES = Rows(
    "occurrences",
    ("session", "occurrence", "task", *TIMES, "active_ms", "elapsed_ms", "interruptions", "completed"),
    _occurrences,
)
INTERRUPTIONS = Rows(
    "interruptions",
    (
        *("session", "interruption", "trigger", *TIMES, "depth", "outcome"),
        *("interrupted_task", "interrupted_occurrence", "gross_ms", "own_ms"),
    ),
    _interruptions,
)
