"""From the start of the process to the first 200 of /readyz, on a database that is there and migrated.

Against an interpreter that only imports what every such server imports, and timetagger from start to answer.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median

from bench import servers, timetagger
from bench.phones import settle
from bench.places import Place
from bench.report import Measure

BARE = "import fastapi, sqlalchemy"


def measure(places: Sequence[Place], folder: Path, rounds: int) -> Iterator[Measure]:
    starting: dict[str, Callable[[], float]] = {"bare": _bare_ms}
    for place in places:
        url = place.new("startup")
        settle(url, 1)
        starting[place.name] = partial(_ready_ms, partial(servers.timesink, url))
    if timetagger.installed():
        starting["timetagger"] = partial(_ready_ms, partial(timetagger.serving, folder))
    took: dict[str, list[float]] = {name: [] for name in starting}
    for n in range(rounds + 1):
        for name in starting if n % 2 else list(starting)[::-1]:
            ms = starting[name]()
            if n:  # the first reads files from the disk
                took[name].append(ms)
    for place in places:
        yield _told(f"start-up, {place.name}: to ready / `{BARE}`", took[place.name], took["bare"])
        if "timetagger" in took:
            yield _told(f"start-up, {place.name}: to ready / timetagger", took[place.name], took["timetagger"])


def _told(name: str, ours: list[float], other: list[float]) -> Measure:
    ratio = median(a / b for a, b in zip(ours, other, strict=True))
    return Measure(name, f"{median(ours):.0f} ms", f"{median(other):.0f} ms", ratio)


def _bare_ms() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE], check=True)
    return (time.perf_counter() - begun) * 1000


def _ready_ms(serve: Callable[[], AbstractContextManager[servers.Server]]) -> float:
    begun = time.perf_counter()
    with serve():
        return (time.perf_counter() - begun) * 1000
