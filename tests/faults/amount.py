"""How much a fault test does: a little in `make test`, much in `make soak`, which prints a table of it."""

import os
import sys
from dataclasses import dataclass, field
from typing import Any

SOAK = os.environ.get("TIMESINK_SOAK") == "yes"


def amount(in_test: int, in_soak: int) -> int:
    return in_soak if SOAK else in_test


@dataclass
class Line:
    how: list[str] = field(default_factory=list)
    runs: int = 0
    results: list[str] = field(default_factory=list)

    def tell(self, how: str, result: str) -> None:
        """What several tests say of one fault stands there once."""
        self.how += [part for part in how.split("; ") if part not in self.how]
        self.results += [part for part in result.split("; ") if part not in self.results]


@dataclass
class Tally:
    """The table: for each fault how it was injected, how often, and what came of it."""

    lines: dict[str, Line] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def add(self, fault: str, how: str, *, runs: int = 1, result: str = "0 lost, 0 doubled") -> None:
        """Called once the comparison has passed: a fault that did harm fails its test and stands there as failed."""
        line = self.lines.setdefault(fault, Line())
        line.tell(how, result)
        line.runs += runs

    def progress(self, sentence: str) -> None:
        """For whoever watches a long run."""
        if SOAK:
            print(sentence, file=sys.__stderr__, flush=True)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def as_plain(self) -> dict[str, Any]:
        return {
            "lines": {
                fault: ["; ".join(one.how), one.runs, "; ".join(one.results)] for fault, one in self.lines.items()
            },
            "said": self.said,
        }

    def take(self, other: dict[str, Any]) -> None:
        for fault, (how, runs, result) in other["lines"].items():
            self.add(fault, how, runs=runs, result=result)
        self.said += other["said"]

    def table(self) -> str:
        rows = [
            f"| {fault} | {'; '.join(line.how)} | {line.runs} | {'; '.join(line.results)} |"
            for fault, line in sorted(self.lines.items(), key=lambda item: _in_order(item[0]))
        ]
        head = ["| fault | how it was injected | runs | result |", "|---|---|---:|---|"]
        return "\n".join([*head, *rows, "", *self.said])


def _in_order(fault: str) -> tuple[str, int, str]:
    """N2 before N10."""
    code = fault.split()[0]
    number = "".join(letter for letter in code if letter.isdigit())
    return code[:1], int(number or 0), fault
