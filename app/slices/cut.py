"""One session's timeline cut at the full hours of its clinic's zone: the rows of the slice tables. Pure.

Every measure is an exact whole number, so that sums over any rows are those of the timeline (TIMELINE.md, Measures;
CONTRACT.md, Summary).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.clinics.tasklist import Task
from app.timeline import TICKS, Piece, Timeline, cut_at_hours, hour_start, local_hour, pieces, shares, timeline
from app.timeline.certainty import Doubt, doubt, without_effect
from app.timeline.corrections import CORRECTIONS, Event, corrected
from app.timeline.records import Segment

Row = dict[str, Any]
Stretch = tuple[int, int]

# a task that its session's list does not hold: nobody has said anything of it
UNKNOWN_TASK = Task(code="unknown", label="?", short="?", category="unknown", kind="work", scheduled=None)
SETTLING_MS = 1_800_000  # from its begin: observer and observed get used to each other


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows of one session, by table, keyed by column (without the session's own), in a fixed order."""

    timeline: Timeline
    slices: list[Row]
    occurrences: list[Row]
    interruptions: list[Row]
    points: list[Row]
    transitions: list[Row]
    lengths: list[Row]


class When(NamedTuple):
    """Where in its session a row belongs: the full hour, and whether the session is still settling in."""

    hour_at: int
    settling: bool


class SliceKey(NamedTuple):
    when: When
    task: str | None
    trigger: str | None
    prompted_by: str | None
    uncertain: bool


@dataclass(slots=True)
class Measures:
    primary_ms: int = 0
    task_ms: int = 0
    person_ticks: int = 0
    unscheduled_ticks: int = 0
    multitask_ms: int = 0
    paused_ms: int = 0
    edited_ms: int = 0


def cut(
    events: Sequence[Event],
    uncertain: Set[str],
    zone: str,
    tasks: Mapping[str, Task],
    taken_back: Set[str] = frozenset(),
    entered: Set[str] = frozenset(),
) -> Cut:
    """The slices of one session.

    `events`: its log on corrected time, corrections included; `uncertain`: the ids of those whose time could not be
    measured; `zone`: the clinic's IANA zone; `tasks`: by code, of the task-list version the session was coded with;
    `taken_back`: the ids of taps that were undone in the moment itself, whose time is not edited by that; `entered`:
    of events that nobody tapped, but somebody entered on a page afterwards.
    """
    standing, _ = corrected(events)
    t = timeline(events)
    raw = _raw_stretches(events, (taken_back - {event["id"] for event in standing}) | entered)
    doubts = doubt(t, events, standing, uncertain)
    clock = Clock(zone, (t.begin or 0) + SETTLING_MS)
    return Cut(
        timeline=t,
        slices=_time_rows(t, raw, doubts, clock, tasks),
        occurrences=_occurrence_rows(t, doubts, clock),
        interruptions=_interruption_rows(t, doubts, clock),
        points=_point_rows(t, standing, doubts, clock),
        transitions=_transition_rows(t, doubts, clock),
        lengths=[
            {"task": one.task, "active_ms": one.active_ms} for one in t.occurrences if one.completed and one.active_ms
        ],
    )


# -- when


@dataclass(frozen=True, slots=True)
class Clock:
    """Of one session. `settled_at`: the instant until which it settles in."""

    zone: str
    settled_at: int

    def parts(self, start: int, end: int) -> Iterator[tuple[When, int, int]]:
        """[start, end) by where it belongs: (where, from, to), in order, filling it exactly."""
        for hour_at, begun, over in cut_at_hours(start, end, self.zone):
            settled = min(max(begun, self.settled_at), over)
            if begun < settled:
                yield When(hour_at, True), begun, settled
            if settled < over:
                yield When(hour_at, False), settled, over

    def when(self, at: int) -> When:
        """Of what belongs whole to the instant of its begin."""
        return When(hour_start(at, self.zone), at < self.settled_at)

    def columns(self, when: When) -> Row:
        local = local_hour(when.hour_at, self.zone)
        return {"day": local.day.isoformat(), "weekday": local.weekday, "hour": local.hour, **when._asdict()}


# -- time


def _time_rows(
    t: Timeline,
    raw: Mapping[object, list[Stretch]] | None,
    doubts: Doubt,
    clock: Clock,
    tasks: Mapping[str, Task],
) -> list[Row]:
    sums: dict[SliceKey, Measures] = defaultdict(Measures)
    for piece in pieces(t):
        coded_alike = raw.get(_coding(piece), []) if raw is not None else None
        uncertain = doubts.touches(piece.start, piece.end)
        for when, start, end in clock.parts(piece.start, piece.end):
            primary = sums[SliceKey(when, piece.task, piece.trigger, _prompter(piece, piece.task), uncertain)]
            _add_instant(primary, piece, end - start)
            if coded_alike is not None:
                primary.edited_ms += end - start - _overlap_ms(coded_alike, start, end)
            _add_tasks(sums, when, piece, end - start, tasks, uncertain=uncertain)
    for begun, over in t.pauses:
        uncertain = begun in doubts.moments or over in doubts.moments
        for when, start, end in clock.parts(begun, over):
            sums[SliceKey(when, None, None, None, uncertain)].paused_ms += end - start
    return [_time_row(key, sums[key], clock, tasks) for key in sorted(sums, key=_in_order)]


def _add_instant(primary: Measures, piece: Piece, ms: int) -> None:
    """What holds of the instant as a whole goes to the row of the primary track."""
    primary.primary_ms += ms
    if piece.trigger is not None:
        primary.unscheduled_ticks += ms * TICKS
    if len(piece.tasks) > 1:
        primary.multitask_ms += ms
    if not piece.tasks:
        primary.person_ticks += ms * TICKS  # idle, or interruption time without a task: it completes the whole


def _add_tasks(
    sums: dict[SliceKey, Measures], when: When, piece: Piece, ms: int, tasks: Mapping[str, Task], *, uncertain: bool
) -> None:
    running = piece.tasks
    if not running:
        return
    for task, ticks in zip(running, shares(len(running), ms), strict=True):
        prompter = _prompter(piece, task)
        row = sums[SliceKey(when, task, piece.trigger, prompter, uncertain)]
        row.task_ms += ms
        row.person_ticks += ticks
        if piece.trigger is None and _is_unscheduled(tasks.get(task, UNKNOWN_TASK), prompter):
            row.unscheduled_ticks += ticks


def _is_unscheduled(task: Task, prompter: str | None) -> bool:
    """Outside interruptions: by its list's mark, or because a trigger brought it; a break never is."""
    return task.kind != "break" and (task.scheduled is False or prompter is not None)


def _prompter(piece: Piece, task: str | None) -> str | None:
    """What prompted the task, where it runs in parallel; also beside itself, for then it is one task."""
    return next((trigger for beside, trigger in piece.parallel if beside == task), None)


def _time_row(key: SliceKey, sums: Measures, clock: Clock, tasks: Mapping[str, Task]) -> Row:
    task = tasks.get(key.task, UNKNOWN_TASK) if key.task is not None else None
    return {
        **clock.columns(key.when),
        "task": key.task,
        "category": task.category if task else None,
        "kind": task.kind if task else None,
        "trigger": key.trigger,
        "prompted_by": key.prompted_by,
        "unscheduled": task is not None and task.kind != "break" and task.scheduled is False,
        "uncertain": key.uncertain,
        **{name: getattr(sums, name) for name in Measures.__slots__},
    }


def _in_order(key: SliceKey) -> tuple[int, bool, str, str, str, bool]:
    return (
        key.when.hour_at,
        not key.when.settling,
        key.task or "",
        key.trigger or "",
        key.prompted_by or "",
        key.uncertain,
    )


# -- what was corrected


def _coding(piece: Piece) -> object:
    """What was said of an instant; of the tasks beside the primary one the order says nothing."""
    return piece.task, piece.trigger, piece.depth, frozenset(piece.parallel)


def _raw_stretches(events: Sequence[Event], slips: Set[str]) -> dict[object, list[Stretch]] | None:
    """What the taps alone, without any correction, said: stretches of time by coding. None if none was corrected.

    `slips`: taps that were undone in the moment itself, and what was no tap; they said nothing.
    """
    taps = [event for event in events if event["kind"] not in CORRECTIONS and event["id"] not in slips]
    if len(taps) == len(events):
        return None
    said: dict[object, list[Stretch]] = defaultdict(list)
    for piece in pieces(timeline(taps)):
        said[_coding(piece)].append((piece.start, piece.end))
    return said


def _overlap_ms(stretches: Sequence[Stretch], start: int, end: int) -> int:
    """How much of [start, end) lies in `stretches`, which are in order and disjoint."""
    ms = 0
    for n in range(max(0, bisect_right(stretches, (start, end)) - 1), len(stretches)):
        begun, over = stretches[n]
        if begun >= end:
            break
        ms += max(0, min(end, over) - max(start, begun))
    return ms


# -- what belongs whole to the hour in which it began, and points


def _occurrence_rows(t: Timeline, doubts: Doubt, clock: Clock) -> list[Row]:
    depth_at_first: dict[str, int] = {}
    uncertain = set()
    for segment in t.segments:
        if segment.occurrence is not None:
            depth_at_first.setdefault(segment.occurrence, segment.depth)
            if doubts.touches(segment.start, segment.end):
                uncertain.add(segment.occurrence)
    sums: dict[tuple[When, str, bool], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for occurrence in t.occurrences:
        if occurrence.active_ms == 0:
            continue  # a mis-tap put right at once
        row = sums[clock.when(occurrence.start), occurrence.task, occurrence.id in uncertain]
        row[0] += 1
        if occurrence.completed:
            row[1] += 1
            row[2] += occurrence.active_ms
            row[3] += depth_at_first[occurrence.id] > 0
    names = ("occurrences", "completed", "completed_active_ms", "in_interruption")
    return [
        {**clock.columns(when), "task": task, "uncertain": doubtful}
        | dict(zip(names, sums[when, task, doubtful], strict=True))
        for when, task, doubtful in sorted(sums)
    ]


def _interruption_rows(t: Timeline, doubts: Doubt, clock: Clock) -> list[Row]:
    return [
        {
            **clock.columns(clock.when(episode.start)),
            "trigger": episode.trigger,
            "task": episode.interrupted_task,
            "depth": episode.depth,
            "outcome": episode.outcome,
            "gross_ms": episode.gross_ms,
            "own_ms": episode.own_ms,
            "uncertain": doubts.touches(episode.start, episode.end),
        }
        for episode in t.interruptions
    ]


def _point_rows(t: Timeline, standing: Sequence[Event], doubts: Doubt, clock: Clock) -> list[Row]:
    idle = without_effect(t)
    asked = {(e["at"], e["trigger"]) for e in standing if e["kind"] == "prompt" and e["id"] in doubts.events}
    sums: dict[tuple[When, str, str, bool], int] = defaultdict(int)
    for prompt in t.prompts:
        sums[clock.when(prompt.at), "prompt", prompt.trigger, (prompt.at, prompt.trigger) in asked] += 1
    for event in standing:
        when, uncertain = clock.when(event["at"]), event["id"] in doubts.events
        if event["kind"] == "count":
            n = event.get("n")
            sums[when, "count", event["counter"], uncertain] += 1 if n is None else n
        elif event["kind"] == "parallel_start" and event.get("trigger") and event["id"] not in idle:
            sums[when, "both", event["trigger"], uncertain] += 1
    return [
        {**clock.columns(when), "kind": kind, "code": code, "n": n, "uncertain": uncertain}
        for (when, kind, code, uncertain), n in sorted(sums.items())
    ]


def _transition_rows(t: Timeline, doubts: Doubt, clock: Clock) -> list[Row]:
    """From one task in hand to the next one, interruptions and idleness between them passed over, pauses not."""
    sums: dict[tuple[When, str, str, bool], int] = defaultdict(int)
    before: Segment | None = None
    for segment in t.segments:
        if segment.depth or segment.task is None:
            continue
        if before is not None and before.occurrence != segment.occurrence:
            unobserved = _overlap_ms(t.pauses, before.end, segment.start) > 0
            if before.task is not None and not unobserved:
                uncertain = segment.start in doubts.moments
                sums[clock.when(segment.start), before.task, segment.task, uncertain] += 1
        before = segment
    return [
        {**clock.columns(when), "from_task": left, "to_task": taken, "n": n, "uncertain": uncertain}
        for (when, left, taken, uncertain), n in sorted(sums.items())
    ]
