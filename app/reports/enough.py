"""When what people say may be shown (DOMAIN.md, Privacy), by the rule of `summary.privacy.are_enough`. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from app.summary.privacy import FEWEST_DAYS, are_enough

__all__ = ["FEWEST_DAYS", "Voice", "are_enough", "enough_since", "minutes_of", "to_withhold"]

Cell = TypeVar("Cell")


@dataclass(frozen=True, slots=True)
class Voice:
    """`n` reports of one day: of the person with this account, or, without one, of anybody before a poster.

    `timed` of them say how long it took, `minutes` together.
    """

    day: str
    person_id: str | None
    n: int = 1
    timed: int = 0
    minutes: float = 0


def minutes_of(parts: Iterable[Collection[Voice]], k: int) -> float | None:
    """What they say it took together; None where in one of the parts too few of them say so, or nobody does."""
    timed = [[replace(voice, n=voice.timed) for voice in voices if voice.timed] for voices in parts]
    if not any(timed) or any(voices and not are_enough(voices, k) for voices in timed):
        return None
    return sum(voice.minutes for voices in timed for voice in voices)


def enough_since(voices: Collection[Voice], k: int) -> str | None:
    """The day with which they became enough; None while they are not."""
    for day in sorted({voice.day for voice in voices}):
        if are_enough((voice for voice in voices if voice.day <= day), k):
            return day
    return None


def to_withhold(cells: Mapping[Cell, Collection[Voice]], k: int) -> set[Cell]:
    """Of cells that add up to a figure shown elsewhere, those whose figures must not be shown.

    Those that are not enough, and then further ones, those of the fewest reports first, until the hidden ones are
    several and together enough: a single hidden one could be had by taking the others from the whole.
    """
    hidden = {cell for cell, voices in cells.items() if voices and not are_enough(voices, k)}
    others = sorted((cell for cell in cells if cell not in hidden and cells[cell]), key=lambda cell: _size(cells[cell]))
    while hidden and others and not (len(hidden) > 1 and are_enough(_all(cells, hidden), k)):
        hidden.add(others.pop(0))
    return hidden


def _size(voices: Iterable[Voice]) -> int:
    return sum(voice.n for voice in voices)


def _all(cells: Mapping[Cell, Collection[Voice]], some: Iterable[Cell]) -> Iterable[Voice]:
    return (voice for cell in some for voice in cells[cell])
