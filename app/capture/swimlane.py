"""One session as lanes, a task each, over the hours: geometry in the units of the drawing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.capture.story import Words
from app.timeline import Timeline

WIDTH, NAMES, RIGHT, TOP, LANE, BAR = 1000, 188, 12, 22, 24, 16
MOST_TICKS = 12
MINUTE_MS = 60_000
TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480)


@dataclass(frozen=True, slots=True)
class Block:
    """`colour` None: no task. `label` and `trigger` as people say them, `trigger` of the interruption it lies in."""

    x: float
    y: float
    width: float
    height: float
    label: str | None
    colour: int | None
    trigger: str | None
    at: int
    ms: int
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    label: str | None
    colour: int | None
    y: float


@dataclass(frozen=True, slots=True)
class Swimlane:
    height: int
    lanes: list[Lane]
    blocks: list[Block]
    pauses: list[tuple[float, float]]  # x, width
    ticks: list[tuple[float, int]]  # x, instant
    width: int = WIDTH
    names: int = NAMES


def swimlane(t: Timeline, words: Words, zone: str) -> Swimlane | None:
    """None while nothing has been observed."""
    if t.begin is None or t.end is None or t.end <= t.begin:
        return None
    begin, scale = t.begin, (WIDTH - NAMES - RIGHT) / (t.end - t.begin)

    def x(at: int) -> float:
        return round(NAMES + (at - begin) * scale, 1)

    def width(start: int, end: int) -> float:
        return max(0.8, round((end - start) * scale, 1))  # a tap of a second stays visible

    codes = _lanes(t, words)
    top = {code: TOP + place * LANE for place, code in enumerate(codes)}
    blocks = [
        Block(
            x(s.start),
            top[s.task] + (LANE - BAR) / 2,
            width(s.start, s.end),
            BAR,
            words.task(s.task),
            words.colour(s.task),
            words.trigger(s.trigger),
            s.start,
            s.end - s.start,
        )
        for s in t.segments
    ] + [
        Block(
            x(p.start),
            top[p.task] + (LANE - BAR) / 2,
            width(p.start, p.end),
            BAR,
            words.task(p.task),
            words.colour(p.task),
            words.trigger(p.trigger),
            p.start,
            p.end - p.start,
            beside=True,
        )
        for p in t.parallel
    ]
    return Swimlane(
        height=TOP + len(codes) * LANE + 6,
        lanes=[Lane(words.task(code), words.colour(code), top[code]) for code in codes],
        blocks=blocks,
        pauses=[(x(start), width(start, end)) for start, end in t.pauses],
        ticks=[(x(at), at) for at in ticks(t.begin, t.end, zone)],
    )


def _lanes(t: Timeline, words: Words) -> Sequence[str | None]:
    """The tasks that ran, in the order of the task list; last, if there is any, the time without one."""
    ran = {s.task for s in t.segments} | {p.task for p in t.parallel}
    known = [code for code in words.tasks if code in ran]
    strange = sorted(code for code in ran if code is not None and code not in words.tasks)
    return [*known, *strange, *([None] if None in ran else [])]


def ticks(begin: int, end: int, zone: str) -> list[int]:
    """Round times on the clinic's wall within the session, at most a dozen."""
    minutes = next((m for m in TICK_MINUTES if (end - begin) / (m * MINUTE_MS) <= MOST_TICKS), TICK_MINUTES[-1])
    step = minutes * MINUTE_MS
    offset = datetime.fromtimestamp(begin / 1000, ZoneInfo(zone)).utcoffset()
    shift = round(offset.total_seconds() * 1000) if offset else 0
    first = -(-(begin + shift) // step) * step - shift
    return list(range(first, end + 1, step))
