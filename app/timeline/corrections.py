"""Which events stand after the corrections, and in which order (TIMELINE.md, From log to timeline, 1 and 2)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.timeline.records import Problem

Event = Mapping[str, Any]
CORRECTIONS = ("void", "amend")


def corrected(events: Iterable[Event]) -> tuple[list[Event], list[Problem]]:
    """The surviving events with their amended values by (at, seq, id), and the problems of the corrections.

    Arrival order and exact copies make no difference. The given events are never changed: an amended event
    comes back as a new dict.
    """
    log = {event["id"]: event for event in events}
    corrections = sorted((e for e in log.values() if e["kind"] in CORRECTIONS), key=_age)
    facts = {id: event for id, event in log.items() if event["kind"] not in CORRECTIONS}
    struck = _struck({c["id"]: c for c in corrections})
    problems = _apply([c for c in corrections if c["id"] not in struck], facts, log)
    return sorted(facts.values(), key=_place), problems


def struck(events: Iterable[Event]) -> set[str]:
    """The ids of the corrections that have been taken back."""
    corrections = sorted((e for e in events if e["kind"] in CORRECTIONS), key=_age)
    return _struck({correction["id"]: correction for correction in corrections})


def _age(correction: Event) -> tuple[int, str]:
    recorded_at = correction.get("recorded_at")
    return correction["at"] if recorded_at is None else recorded_at, correction["id"]


def _place(event: Event) -> tuple[int, int, str]:
    return event["at"], event["seq"], event["id"]


def _struck(corrections: dict[str, Event]) -> set[str]:
    """The ids of the corrections taken back by a void that is not itself struck; `corrections` oldest first."""
    struck: set[str] = set()
    for id, correction in reversed(corrections.items()):
        if id not in struck and correction["kind"] == "void" and correction["target"] in corrections:
            struck.add(correction["target"])
    return struck


def _apply(standing: list[Event], facts: dict[str, Event], log: dict[str, Event]) -> list[Problem]:
    """Void and amend `facts` in place, oldest correction first."""
    problems = []
    for correction in standing:
        id, target = correction["id"], correction["target"]
        if target not in log:
            problems.append(Problem("unknown_target", id))
        elif correction["kind"] == "void":
            # gone for the amendments after it too; one aimed at a correction has struck it already
            facts.pop(target, None)
        elif log[target]["kind"] in CORRECTIONS:
            problems.append(Problem("amended_correction", id))
        elif target in facts:
            facts[target] = {**facts[target], **correction["changes"]}
    return problems
