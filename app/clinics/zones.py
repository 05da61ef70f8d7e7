"""The time zones that this server knows."""

from functools import cache
from zoneinfo import available_timezones


@cache
def known_zones() -> frozenset[str]:
    """Read once: it means a walk through every folder of the zones, some 600 files."""
    return frozenset(available_timezones())
