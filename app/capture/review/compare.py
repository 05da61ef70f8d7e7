"""Two timelines of the same session side by side: how much time is said differently, and where. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.timeline import Timeline, pieces

Said = tuple[object, ...]
NOT_WATCHED: Said = ("pause",)


@dataclass(frozen=True, slots=True)
class Difference:
    """`ms`: the time of which something else is said. `start` and `end` enclose it; None if nothing differs."""

    ms: int
    start: int | None
    end: int | None


def difference(before: Timeline, after: Timeline) -> Difference:
    """What counts is what was coded: task, trigger, depth, what ran beside, and whether anybody watched."""
    ms, first, last = 0, None, None
    for start, end, one, other in _together(_said(before), _said(after)):
        if one != other:
            ms += end - start
            first = start if first is None else first
            last = end
    return Difference(ms, first, last)


def _said(t: Timeline) -> list[tuple[int, int, Said]]:
    watched: list[tuple[int, int, Said]] = [
        (piece.start, piece.end, (piece.task, piece.trigger, piece.depth, frozenset(piece.parallel)))
        for piece in pieces(t)
    ]
    return sorted([*watched, *((start, end, NOT_WATCHED) for start, end in t.pauses)], key=lambda part: part[:2])


def _together(
    one: list[tuple[int, int, Said]], other: list[tuple[int, int, Said]]
) -> Iterator[tuple[int, int, Said | None, Said | None]]:
    """Cut wherever either is cut; None where one of them says nothing, being outside of its session."""
    cuts = sorted({edge for start, end, _said in (*one, *other) for edge in (start, end)})
    places = [0, 0]
    for start, end in pairwise(cuts):
        found: list[Said | None] = []
        for n, parts in enumerate((one, other)):
            while places[n] < len(parts) and parts[places[n]][1] <= start:
                places[n] += 1
            part = parts[places[n]] if places[n] < len(parts) else None
            found.append(part[2] if part and part[0] <= start else None)
        yield start, end, found[0], found[1]
