"""Geometry of the days beside each other, each the whole of what was observed of it, by category. Pure.

There are seven colours: of more categories the largest six have one each, and the others the seventh together.
More than four weeks are drawn by week, more than half a year by month: a column must stay wide enough to be touched.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from app.summary.charts import WIDTH

MOST_DAYS, MOST_WEEKS = 28, 26
COLOURS = 7
OTHERS = ""  # the code of all further categories together
LEFT, HEAD, TALL, FOOT = 34, 30, 150, 30
WIDEST = 40.0

Step = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Part:
    """One category of one column: `share` of its observed time; `nth`: its place among the categories."""

    nth: int
    code: str
    share: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """`first`: its first day. `volume`: the clinic's visits of these days, None where no log says; `day_type`: of one
    day only.
    """

    first: str
    x: float
    observed_ms: int
    volume: int | None
    day_type: str | None
    labelled: bool
    parts: list[Part]

    def share(self, code: str) -> float:
        return next((part.share for part in self.parts if part.code == code), 0.0)


@dataclass(frozen=True, slots=True)
class Stacks:
    step: Step
    columns: list[Column]
    codes: list[str]  # categories that are drawn, in the order of the list, with `nth` as their place in it
    nths: list[int]
    column_width: float
    width: int = WIDTH
    height: int = HEAD + TALL + FOOT
    left: int = LEFT
    top: int = HEAD
    bottom: int = HEAD + TALL


def stacks(by_day: Sequence[Mapping[str, Any]], categories: Sequence[str]) -> Stacks | None:
    """Of the summary's days; what was idle or without a task stays empty above the stack. None of no day."""
    if not by_day:
        return None
    step = _step(by_day)
    held: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in by_day:
        held[_first(date.fromisoformat(row["day"]), step).isoformat()].append(row)
    seen: dict[str, int] = defaultdict(int)
    for row in by_day:
        for code, ms in row["categories"].items():
            seen[code] += ms
    groups = _groups({code: ms for code, ms in seen.items() if ms}, categories)
    wide = min(WIDEST, (WIDTH - LEFT) / len(held))
    every = max(1, round(34 / wide))
    columns = [
        _column(first, rows, groups, round(LEFT + n * wide, 1), n % every == 0)
        for n, (first, rows) in enumerate(sorted(held.items()))
    ]
    codes = list(groups)
    nths = [categories.index(code) if code in categories else len(categories) for code in codes]
    if len({nth % COLOURS for nth in nths}) < len(codes):  # of a list with many categories two would look alike
        nths = list(range(len(codes)))
    return Stacks(step, columns, codes, nths, round(wide, 1))


def _groups(seen: Mapping[str, int], categories: Sequence[str]) -> dict[str, list[str]]:
    """What is drawn as one, by its code, in the order of the list. `seen`: ms of each category."""
    codes = [*(code for code in categories if code in seen), *sorted(seen.keys() - set(categories))]
    if len(codes) <= COLOURS:
        return {code: [code] for code in codes}
    largest = sorted(codes, key=lambda code: -seen[code])[: COLOURS - 1]
    return {code: [code] for code in codes if code in largest} | {OTHERS: [c for c in codes if c not in largest]}


def _step(by_day: Sequence[Mapping[str, Any]]) -> Step:
    if len(by_day) <= MOST_DAYS:
        return "day"
    weeks = {_first(date.fromisoformat(row["day"]), "week") for row in by_day}
    return "week" if len(weeks) <= MOST_WEEKS else "month"


def _first(day: date, step: Step) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _column(
    first: str, rows: Sequence[Mapping[str, Any]], groups: Mapping[str, list[str]], x: float, labelled: bool
) -> Column:
    observed_ms = sum(row["observed_ms"] for row in rows)
    parts, y = [], float(HEAD + TALL)
    for nth, (code, held) in enumerate(groups.items()):
        share = sum(row["categories"].get(one, 0) for row in rows for one in held) / observed_ms
        height = round(share * TALL, 1)
        y = round(y - height, 1)
        parts.append(Part(nth, code, share, y, height))
    return Column(
        first=first,
        x=x,
        observed_ms=observed_ms,
        volume=_volume(rows),
        day_type=rows[0]["day_type"] if len(rows) == 1 else None,
        labelled=labelled,
        parts=parts,
    )


def _volume(rows: Iterable[Mapping[str, Any]]) -> int | None:
    logged = [row["volumes"]["visits"] for row in rows if "visits" in row["volumes"]]
    return sum(logged) if logged else None
