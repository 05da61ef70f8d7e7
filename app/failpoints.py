"""Places at which a test has this process die, stall or run out of disk. tests/faults arms them; nothing else can.

No setting reaches them: a server started as operators start it passes them by.
"""

from collections.abc import Callable

armed: dict[str, Callable[[], object]] = {}


def failpoint(name: str) -> None:
    """Does what a test has armed under this name; else nothing."""
    if armed and (act := armed.get(name)) is not None:
        act()
