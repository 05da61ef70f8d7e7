"""What was measured, as a table: figure, yardstick of the same run, their ratio, and the bound where there is one."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """`ratio` is the median of the rounds' ratios, not the ratio of the medians."""

    name: str
    figure: str
    yardstick: str
    ratio: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def bound(self) -> str:
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else ""

    @property
    def verdict(self) -> str:
        if self.at_most is None and self.at_least is None:
            return ""
        kept = (self.at_most is None or self.ratio <= self.at_most) and (
            self.at_least is None or self.ratio >= self.at_least
        )
        return "ok" if kept else "over"


def machine() -> str:
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    return (
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z} · {os.cpu_count()} cores, load {load} · "
        f"{platform.platform(terse=True)} · Python {platform.python_version()}"
    )


def show(measures: list[Measure]) -> None:
    """Markdown, aligned so that it reads as well where it is printed."""
    rows = [("measure", "figure", "yardstick", "ratio", "bound", "")]
    rows += [(m.name, m.figure, m.yardstick, f"{m.ratio:.3f}", m.bound, m.verdict) for m in measures]
    widths = [max(len(row[n]) for row in rows) for n in range(6)]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    for row in rows:
        print("|", " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)), "|")
