"""What was measured, as a table: figure, yardstick of the same run, their ratio, and the bound where there is one."""

import os
import platform
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table


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
        f"{platform.platform(terse=True)} · Python {platform.python_version()} · SQLite {sqlite3.sqlite_version}"
    )


def show(measures: list[Measure]) -> None:
    table = Table("measure", "figure", "yardstick", "ratio", "bound", "", title="Timesink, measured in one run")
    for measure in measures:
        table.add_row(
            measure.name, measure.figure, measure.yardstick, f"{measure.ratio:.3f}", measure.bound, measure.verdict
        )
    Console(width=150, highlight=False).print(table)
