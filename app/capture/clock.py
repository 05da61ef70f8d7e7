"""What time it truly was: a device's stamps put on the server's clock. Pure, recomputable; raw stamps stay as sent.

Method: ../shared/research/reliability.md, section 3.5. Within one page load the wall and the monotonic clock run side
by side. Where they part by a second or more (the device slept, or somebody set its clock: it cannot tell which) a new
*stretch* begins. All stamps of a stretch are moved by the offset of its best sample, the one with the shortest round
trip. A stretch without a sample carries on from its neighbour, and its stamps are flagged uncertain. So are those of a
stretch of which the server has only seen when a request came, and not how long that was on its way (*one way*).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

APART_MS = 1000
LONGEST_WAY_MS = 20_000.0  # after that a phone gives up
ONE_WAY_RTT_MS = 2 * LONGEST_WAY_MS  # good to half of it, like any sample; no measured one is as slow


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a device noted something: page load, monotonic and wall clock, in ms."""

    load: str
    mono: float
    wall: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Server minus device, as measured by the device with an answer; good to half the round trip."""

    load: str
    mono: float
    wall: int
    offset_ms: float
    rtt_ms: float

    @property
    def is_one_way(self) -> bool:
        return self.rtt_ms >= LONGEST_WAY_MS


@dataclass(frozen=True, slots=True)
class Shift:
    """To be added to the wall stamp; `uncertain` where it is carried over rather than measured."""

    ms: int
    uncertain: bool


NO_SHIFT = Shift(0, False)


@dataclass(slots=True)
class _Stretch:
    marks: list[Stamp | Sample]
    jump_ms: float  # wall minus monotonic time since the last mark of the stretch before
    offset_ms: float | None = None
    doubtful: bool = False


def shifts(stamps: Iterable[Stamp], samples: Sequence[Sample]) -> dict[Stamp, Shift]:
    """For every stamp of one device its shift. Without any sample the device's clock is taken as true."""
    wanted = list(dict.fromkeys(stamps))
    if not samples:
        return dict.fromkeys(wanted, NO_SHIFT)
    by_load: dict[str, list[Stamp]] = {}
    for stamp in wanted:
        by_load.setdefault(stamp.load, []).append(stamp)
    found: dict[Stamp, Shift] = {}
    for load, marks in by_load.items():
        own = [sample for sample in samples if sample.load == load]
        found |= _by_own_samples(marks, own) if own else _by_other_loads(marks, samples)
    return found


def _by_own_samples(stamps: list[Stamp], samples: list[Sample]) -> dict[Stamp, Shift]:
    stretches = [part for stretch in _stretches([*stamps, *samples]) for part in _split_where_samples_differ(stretch)]
    for stretch in stretches:
        measured = [mark for mark in stretch.marks if isinstance(mark, Sample)]
        if measured:
            best = min(measured, key=lambda sample: sample.rtt_ms)
            stretch.offset_ms, stretch.doubtful = best.offset_ms, best.is_one_way
    _carry(stretches)
    return {
        mark: Shift(round(stretch.offset_ms or 0), stretch.doubtful)
        for stretch in stretches
        for mark in stretch.marks
        if isinstance(mark, Stamp)
    }


def _stretches(marks: list[Stamp | Sample]) -> list[_Stretch]:
    marks.sort(key=lambda mark: (mark.mono, isinstance(mark, Stamp)))
    stretches = [_Stretch([marks[0]], 0.0)]
    for before, mark in pairwise(marks):
        jump = (mark.wall - before.wall) - (mark.mono - before.mono)
        if abs(jump) >= APART_MS:
            stretches.append(_Stretch([], jump))
        stretches[-1].marks.append(mark)
    return stretches


def _split_where_samples_differ(stretch: _Stretch) -> list[_Stretch]:
    """Two samples that cannot both be right: something happened between them that the two clocks do not show."""
    parts, current = [], _Stretch([], stretch.jump_ms)
    last: Sample | None = None
    between: list[Stamp | Sample] = []
    for mark in stretch.marks:
        if not isinstance(mark, Sample):
            between.append(mark)
            continue
        if last is not None and abs(mark.offset_ms - last.offset_ms) > _tolerance(last, mark):
            parts.append(current)
            if between:
                parts.append(_Stretch(between, 0.0, offset_ms=last.offset_ms, doubtful=True))
            current, between = _Stretch([], 0.0), []
        current.marks += [*between, mark]
        between, last = [], mark
    current.marks += between
    parts.append(current)
    return parts


def _carry(stretches: list[_Stretch]) -> None:
    """Stretches without a sample: a clock set back carries on by the monotonic clock, a gap by the wall (it slept)."""
    for before, stretch in pairwise(stretches):
        if stretch.offset_ms is None and before.offset_ms is not None:
            stretch.offset_ms = before.offset_ms - min(stretch.jump_ms, 0.0)
            stretch.doubtful = True
    for after, stretch in pairwise(reversed(stretches)):
        if stretch.offset_ms is None and after.offset_ms is not None:
            stretch.offset_ms = after.offset_ms + min(after.jump_ms, 0.0)
            stretch.doubtful = True


def _by_other_loads(stamps: list[Stamp], samples: Sequence[Sample]) -> dict[Stamp, Shift]:
    """A page load that never spoke to the server: the sample nearest by wall clock.

    Sure only where the last sample before and the first after it agree; on one side alone nobody knows whether the
    clock was set in between.
    """
    in_order = sorted(samples, key=lambda sample: (sample.wall, sample.rtt_ms))
    walls = [sample.wall for sample in in_order]
    found = {}
    for stamp in stamps:
        place = bisect_right(walls, stamp.wall)
        around = in_order[max(0, place - 1) : place + 1]
        nearest = min(around, key=lambda sample: (abs(sample.wall - stamp.wall), sample.rtt_ms))
        agree = len(around) == 2 and abs(around[0].offset_ms - around[1].offset_ms) <= _tolerance(*around)
        found[stamp] = Shift(round(nearest.offset_ms), not agree or any(sample.is_one_way for sample in around))
    return found


def _tolerance(one: Sample, other: Sample) -> float:
    """How far two samples of one unmoved clock may be apart."""
    return (one.rtt_ms + other.rtt_ms) / 2 + APART_MS
