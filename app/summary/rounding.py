"""Whole ms out of ticks, so that the parts still add up to the whole. Pure."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from app.timeline import TICKS

Key = TypeVar("Key", bound=Hashable)


def rounded_ms(ticks: int) -> int:
    """The nearest whole ms; a half goes up."""
    return (2 * ticks + TICKS) // (2 * TICKS)


def whole_ms(ticks: Mapping[Key, int], total_ms: int | None = None) -> dict[Key, int]:
    """Each part in whole ms, by the method of the largest remainder: the parts add up to `total_ms` exactly.

    Without `total_ms` it is their sum, rounded. Every part is rounded up or down to a neighbouring ms; where
    remainders are equal, the part that comes first in `ticks` is rounded up.
    """
    if total_ms is None:
        total_ms = rounded_ms(sum(ticks.values()))
    whole = {key: part // TICKS for key, part in ticks.items()}
    missing = total_ms - sum(whole.values())
    if missing:
        for key in sorted(ticks, key=lambda key: -(ticks[key] % TICKS))[:missing]:
            whole[key] += 1
    return whole
