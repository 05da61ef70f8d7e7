"""`python -m bench [measure ...]`: measures Timesink against yardsticks of the same machine in the same minutes.

It judges nothing but itself: the exit code is 0 unless a measurement failed.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import exports, footprint, ingest, report, startup, summary, taps, timetagger, workload
from bench.places import NAMES, Place, places
from bench.report import Measure

Measuring = Callable[[Sequence[Place], Path, int], Iterator[Measure]]


def _footprint(_places: Sequence[Place], folder: Path, rounds: int) -> Iterator[Measure]:
    return footprint.measure(folder, rounds)


def _taps(_places: Sequence[Place], folder: Path, rounds: int) -> Iterator[Measure]:
    return taps.measure(folder, rounds)


def _exports(_places: Sequence[Place], folder: Path, rounds: int) -> Iterator[Measure]:
    return exports.measure(folder, rounds)


MEASURES: dict[str, Measuring] = {
    "ingest": ingest.measure,
    "summary": summary.measure,
    "workload": workload.measure,
    "footprint": _footprint,
    "startup": startup.measure,
    "exports": _exports,
    "taps": _taps,
}


def main() -> None:
    given = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    given.add_argument("measures", nargs="*", metavar="measure", help=f"of {', '.join(MEASURES)}; default all")
    given.add_argument("--rounds", type=int, default=7, help="of each measure; the table shows medians (default 7)")
    given.add_argument("--on", action="append", choices=NAMES, help="one database; default both")
    given.add_argument("--folder", type=Path, help="where databases are made, on the disk to be measured")
    wanted = given.parse_args()
    unknown = set(wanted.measures) - MEASURES.keys()
    if unknown:
        given.error(f"there is no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    peer = timetagger.installed()
    if peer is None:
        print("timetagger is not installed, so nothing is compared with it: `make bench` installs it", file=sys.stderr)
    measured: list[Measure] = []
    machine, versions = report.machine(), {"timetagger": peer} if peer else {}
    for name in wanted.measures or MEASURES:
        with (
            tempfile.TemporaryDirectory(prefix="timesink-bench-", dir=wanted.folder) as folder,
            places(wanted.on or NAMES, Path(folder), wanted.folder) as found,
        ):
            measured += MEASURES[name](found, Path(folder), wanted.rounds)
            versions |= {place.name: place.version for place in found}
            print(f"{name} is measured", file=sys.stderr)
    told = " · ".join(f"{name} {version}" for name, version in versions.items())
    print(f"Measured {machine} · {told} · medians of {wanted.rounds} interleaved rounds\n")
    report.show(measured)


main()
