"""Ids as phones make them, but drawn from a seed: the same simulation names its items the same, so none comes twice."""

from random import Random
from uuid import UUID


class Ids:
    """UUIDv7 (RFC 9562): 48 bits of the time given, 74 drawn ones."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def at(self, ms: int) -> str:
        value = ms << 80 | self._rng.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return str(UUID(int=value))
