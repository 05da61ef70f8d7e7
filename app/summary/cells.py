"""The same time by weekday and hour, and by day. A cell without observed time is left out, never zero. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.summary.days import Log
from app.summary.figures import Figures
from app.summary.rounding import whole_ms
from app.summary.rows import EpisodeRow, HourRow, PointRow, TimeRow, TransitionRow
from app.timeline import TICKS


@dataclass(slots=True)
class Cell:
    days: set[str] = field(default_factory=set)
    observed_ms: int = 0
    idle_ticks: int = 0
    unscheduled_ticks: int = 0
    interruptions: int = 0
    categories: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def by_hour(rows: Iterable[HourRow], episodes: Iterable[EpisodeRow], unscheduled_ms: int) -> list[Figures]:
    """By weekday (1 Monday to 7) and local hour; each cell's categories, idle and uncoded time add up to it."""
    cells: dict[tuple[int, int], Cell] = defaultdict(Cell)
    for row in rows:
        cell = cells[row.weekday, row.hour]
        cell.observed_ms += row.primary_ms
        cell.idle_ticks += row.idle_ticks
        cell.unscheduled_ticks += row.unscheduled_ticks
        if row.primary_ms:
            cell.days.add(row.day)
        if row.category is not None:
            cell.categories[row.category] += row.person_ticks
    for episode in episodes:
        cells[episode.weekday, episode.hour].interruptions += episode.n
    unscheduled = whole_ms({key: cells[key].unscheduled_ticks for key in sorted(cells)}, unscheduled_ms)
    return [
        {
            "weekday": weekday,
            "hour": hour,
            "days": len(cell.days),
            "observed_ms": cell.observed_ms,
            "unscheduled_ms": unscheduled[weekday, hour],
            "idle_ms": cell.idle_ticks // TICKS,
            "interruptions": cell.interruptions,
            "categories": whole_ms(dict(sorted(cell.categories.items()))),
        }
        for (weekday, hour), cell in sorted(cells.items())
        if cell.observed_ms
    ]


def by_day(
    rows: Iterable[TimeRow],
    episodes: Iterable[EpisodeRow],
    points: Iterable[PointRow],
    hours: Iterable[HourRow],
    logs: Mapping[str, Log],
    types: Mapping[str, str],
    unscheduled_ms: int,
) -> list[Figures]:
    """By local day. A day with a log and no observation is not here; its volumes are in the totals."""
    cells: dict[str, Cell] = defaultdict(Cell)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        cells[row.day].observed_ms += row.primary_ms
        cells[row.day].unscheduled_ticks += row.unscheduled_ticks
    for episode in episodes:
        cells[episode.day].interruptions += episode.n
    for point in points:
        if point.kind == "count":
            counts[point.day][point.code] += point.n
    for hour in hours:
        if hour.category is not None:
            cells[hour.day].categories[hour.category] += hour.person_ticks
    unscheduled = whole_ms({day: cells[day].unscheduled_ticks for day in sorted(cells)}, unscheduled_ms)
    return [
        {
            "day": day,
            "day_type": types.get(day, "unknown"),
            "observed_ms": cell.observed_ms,
            "unscheduled_ms": unscheduled[day],
            "interruptions": cell.interruptions,
            "categories": whole_ms(dict(sorted(cell.categories.items()))),
            "counts": dict(sorted(counts[day].items())),
            "volumes": (logs.get(day) or {}).get("volumes") or {},
            "log": logs.get(day),
        }
        for day, cell in sorted(cells.items())
        if cell.observed_ms
    ]


def counted(points: Iterable[PointRow]) -> dict[str, int]:
    """Taps of each counter over all observed sessions."""
    sums: dict[str, int] = defaultdict(int)
    for point in points:
        if point.kind == "count":
            sums[point.code] += point.n
    return dict(sorted(sums.items()))


def transitions(rows: Iterable[TransitionRow]) -> list[Figures]:
    """From one task in hand to the next, the most frequent first."""
    ordered = sorted(rows, key=lambda row: (-row.n, row.from_task, row.to_task))
    return [{"from": row.from_task, "to": row.to_task, "count": row.n} for row in ordered]
