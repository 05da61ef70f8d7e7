"""Rows and points as events: which row was the primary task, which ran beside it, where nothing ran.

The rule is CONTRACT.md's (Imports, `intervals`): by start, end descending, line; a row that starts while the primary
runs is a parallel task for its whole length, else it is the primary; gaps are idle. Rows of no length go before the
others of their start: behind them they would be parallel stretches of no length, which a timeline leaves out, and the
file's number of rows would be lost.

An interrupted row (WOMBAT) suspends the primary track. What starts meanwhile and ends before it goes on is the work
of that interruption; what ends later ran beside it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.exchange.ids import derived
from app.exchange.records import Break, Point, Row

UNSPECIFIED = "unspecified"  # the trigger of interruptions whose cause the file does not tell (DOMAIN.md)

NONE = "none"  # what a dimension is set to where a row states nothing: on the wire it cannot be empty

# what comes first of all that happens in one millisecond: ends, then what is taken up again, then starts
CONTINUE, PARALLEL_STOP, RESUME, STOP, OPEN, PAUSE, POINT = range(7)
AFTER = 1_000_000_000  # behind all that the same row does in that millisecond

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Happening:
    """An event in the making, with its place among those of one millisecond. `fields` name things as written.

    `opens`: the row that begins with it. It carries the context.
    """

    id: str
    at: int
    kind: str
    place: tuple[int, ...]
    fields: Mapping[str, object] = field(default_factory=dict)
    opens: Row | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """What each row is. `track`: the rows of the primary track, in order. `beside`: the parallel ones.

    `brought`: (id of an interrupted row, n of its break) to the row that broke in then.
    `inside`: id of a row of the track to the end of the break that it lies in.
    """

    track: list[Row]
    beside: list[Row]
    brought: dict[tuple[str, int], Row]
    inside: dict[str, int]


def in_order(rows: Iterable[Row], end: int) -> list[Row]:
    """The order of the sweep. `end`: where rows that never stopped stop."""

    def key(row: Row) -> tuple[int, bool, int, tuple[int, int]]:
        return row.start, stop_of(row, end) > row.start, -stop_of(row, end), row.line.place

    return sorted(rows, key=key)


def stop_of(row: Row, end: int) -> int:
    return end if row.end is None else row.end


def active(row: Row, end: int) -> list[Stretch]:
    """The row without its interruptions; stretches of no length only where the row is nothing else."""
    stretches, since = [], row.start
    for gap in row.breaks:
        stretches.append((since, gap.start))
        since = gap.end
    stretches.append((since, stop_of(row, end)))
    return [stretch for stretch in stretches if stretch[0] < stretch[1]] or [(row.start, row.start)]


def overlap(one: Row, other: Row, end: int) -> bool:
    """Whether two rows share time, or one of no length lies within the other."""
    return any(a < d and c < b for a, b in active(one, end) for c, d in active(other, end))


def happenings(rows: list[Row], pauses: list[Row], points: list[Point], end: int) -> tuple[list[Happening], Roles]:
    """All events of a session but its begin and end, in order. `rows` in the order of the sweep."""
    roles = cast(rows, end)
    nth = {row.id: n for n, row in enumerate(rows)}
    found = [
        *_openings(roles, nth),
        *_interruptions(roles, nth, end),
        *_stops(roles, nth, end),
        *(one for row in roles.beside for one in _parallel(row, nth[row.id], end)),
        *(one for n, row in enumerate(pauses) for one in _pause(row, n, end)),
        *(_point(point) for point in points),
    ]
    found.sort(key=lambda one: (one.at, one.place, one.id))
    return list(_in_context(found)), roles


def cast(rows: list[Row], end: int) -> Roles:
    """Who is primary and who is parallel. `rows` in the order of the sweep."""
    roles = Roles([], [], {}, {})
    named = {row.ref: row for row in rows if row.ref is not None}
    running: list[Row] = []  # the primary row and, before it, those that are suspended around it
    for row in rows:
        while running and stop_of(running[-1], end) <= row.start:
            running.pop()
        gap = _gap(running[-1], row, end, named) if running else None
        if running and gap is None:
            roles.beside.append(row)
            continue
        if gap is not None:
            n, around = gap, running[-1]
            roles.inside[row.id] = around.breaks[n].end
            if _breaks_in(row, around.breaks[n], named):
                roles.brought.setdefault((around.id, n), row)
        roles.track.append(row)
        running.append(row)
    return roles


def _gap(around: Row, row: Row, end: int, named: Mapping[str, Row]) -> int | None:
    """The break of `around` that this row lies in from begin to end: its number."""
    for n, gap in enumerate(around.breaks):
        begins_inside = gap.start <= row.start < gap.end
        is_all_of_it = gap.by is not None and named.get(gap.by) is row and gap.start == row.start == gap.end
        if (begins_inside or is_all_of_it) and stop_of(row, end) <= gap.end:
            return n
    return None


def _breaks_in(row: Row, gap: Break, named: Mapping[str, Row]) -> bool:
    """Whether the break begins with this row: it is the one named, or none is and it starts at that moment."""
    by = named.get(gap.by) if gap.by is not None else None
    return row.start == gap.start and (by is None or by is row)


def _openings(roles: Roles, nth: Mapping[str, int]) -> Iterator[Happening]:
    brought = {row.id for row in roles.brought.values()}
    for row in roles.track:
        if row.id not in brought:
            yield Happening(row.id, row.start, "start", (OPEN, nth[row.id]), {"task": row.task}, row)


def _interruptions(roles: Roles, nth: Mapping[str, int], end: int) -> Iterator[Happening]:
    """An interrupt with the task that broke in, under that row's id; a resume unless the session ends then."""
    for row in roles.track:
        for n, gap in enumerate(row.breaks):
            by = roles.brought.get((row.id, n))
            fields = {"trigger": UNSPECIFIED} | ({"task": by.task} if by else {})
            id = by.id if by else derived(row.id, "interrupt", n)
            yield Happening(id, gap.start, "interrupt", (OPEN, nth[row.id], n + 1), fields, by)
            if gap.end < end:
                yield Happening(derived(row.id, "resume", n), gap.end, "resume", _resumed(gap, nth[row.id], n))


def _resumed(gap: Break, nth: int, n: int) -> tuple[int, ...]:
    """Of two that end in the same millisecond the inner one, whose row began later, goes first."""
    return (RESUME, -nth, n) if gap.end > gap.start else (OPEN, nth, n + 1, AFTER)


def _stops(roles: Roles, nth: Mapping[str, int], end: int) -> Iterator[Happening]:
    """Where a row of the track ends and no other takes over, nor the task that it had interrupted.

    The task that broke in is stopped in any case where it ends before its interruption does: so the contract says.
    """
    brought = {row.id for row in roles.brought.values()}
    last_start = {row.start: nth[row.id] for row in roles.track}
    for row in roles.track:
        at = stop_of(row, end)
        followed = last_start.get(at, -1) > nth[row.id] and row.id not in brought
        if at < end and not followed and roles.inside.get(row.id) != at:
            place = (STOP, nth[row.id]) if at > row.start else (OPEN, nth[row.id], AFTER)
            yield Happening(derived(row.id, "stop"), at, "stop", place)


def _parallel(row: Row, nth: int, end: int) -> Iterator[Happening]:
    for n, (start, stop) in enumerate(active(row, end)):
        id = row.id if n == 0 else derived(row.id, "parallel_start", n)
        fields = {"task": row.task} | ({"trigger": row.trigger} if row.trigger is not None else {})
        yield Happening(id, start, "parallel_start", (OPEN, nth, n), fields)
        if stop < end:
            place = (PARALLEL_STOP, nth) if stop > start else (OPEN, nth, n, AFTER)
            fields = {"task": row.task, "of": id}
            yield Happening(derived(row.id, "parallel_stop", n), stop, "parallel_stop", place, fields)


def _pause(row: Row, nth: int, end: int) -> Iterator[Happening]:
    for n, (start, stop) in enumerate(active(row, end)):
        id = row.id if n == 0 else derived(row.id, "pause", n)
        yield Happening(id, start, "pause", (PAUSE, nth, n))
        if stop < end:
            place = (CONTINUE,) if stop > start else (PAUSE, nth, n, AFTER)
            yield Happening(derived(row.id, "continue", n), stop, "continue", place)


def _point(point: Point) -> Happening:
    place = (POINT, *point.line.place)
    if point.trigger is not None:
        return Happening(point.id, point.at, "prompt", place, {"trigger": point.trigger})
    return Happening(point.id, point.at, "count", place, {"counter": point.counter})


def _in_context(found: Iterable[Happening]) -> Iterator[Happening]:
    """Each row in the context that its own line states and in no other.

    A context stays until it is changed (TIMELINE.md), so what the row before had and this one has not is set to
    `NONE`. A start says it itself; behind an interrupt stand context events. A resume brings the old one back.
    """
    context: dict[str, str] = {}
    suspended: list[dict[str, str]] = []
    for one in found:
        if one.kind == "interrupt":
            suspended.append(context)
        elif one.kind == "resume":
            context = suspended.pop()
        if one.opens is None:
            yield one
            continue
        stated = {**dict.fromkeys((d for d, value in context.items() if value != NONE), NONE), **one.opens.context}
        if one.kind == "start":
            yield _with_context(one, stated)
        else:
            yield one
            yield from _changes(one, context, stated)
        context = {**context, **stated}


def _with_context(start: Happening, stated: dict[str, str]) -> Happening:
    if not stated:
        return start
    fields = {**start.fields, "context": dict(sorted(stated.items()))}
    return Happening(start.id, start.at, start.kind, start.place, fields, start.opens)


def _changes(interrupt: Happening, context: dict[str, str], stated: dict[str, str]) -> Iterator[Happening]:
    for dimension, value in sorted(stated.items()):
        if context.get(dimension, NONE) != value:
            fields = {"dimension": dimension, "value": value}
            yield Happening(
                derived(interrupt.id, "context", dimension), interrupt.at, "context", interrupt.place, fields
            )
