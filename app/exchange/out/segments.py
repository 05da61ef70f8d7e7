"""Segments row by row: what the events mean, uncut, after all corrections (TIMELINE.md, What comes out).

Rows of the track `primary` never overlap and add up to the observed time; those of the track `parallel` are tasks that
ran beside them. A session stands whole under the day on which it began.
"""

from collections.abc import Iterator

from app.exchange.out.rows import ABOUT, Logged, Row, Rows, Value

COLUMNS = (
    *ABOUT,
    *("open", "track", "day", "start", "end", "start_ms", "end_ms", "ms"),
    *("task", "label", "category", "kind", "scheduled"),
    *("occurrence", "interruption", "trigger", "depth", "context"),
)


def _of_session(logged: Logged) -> Iterator[Row]:
    about = *logged.about(), logged.meant.open
    for segment in logged.meant.segments:
        yield (
            *about,
            "primary",
            *_times(logged, segment.start, segment.end),
            *_task(logged, segment.task),
            *(segment.occurrence, segment.interruption, segment.trigger, segment.depth, dict(segment.context)),
        )
    for beside in logged.meant.parallel:
        yield (
            *about,
            "parallel",
            *_times(logged, beside.start, beside.end),
            *_task(logged, beside.task),
            *(beside.event, None, beside.trigger, None, None),
        )


def _times(logged: Logged, start: int, end: int) -> tuple[Value, ...]:
    begun = logged.written(start)
    return begun[:10], begun, logged.written(end), start, end, end - start


def _task(logged: Logged, code: str | None) -> tuple[Value, ...]:
    """By the session's own version of the task list."""
    if code is None:
        return None, None, None, None, None
    task = logged.task_list.task_by_code.get(code)
    if task is None:
        return code, code, None, None, None
    return code, task.label, task.category, task.kind, task.scheduled


SEGMENTS = Rows("segments", COLUMNS, _of_session)
