"""`python -m bench [measure ...]`: measures Timesink against yardsticks of the same machine in the same minutes.

It judges nothing but itself: the exit code is 0 unless a measurement failed.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import exports, footprint, ingest, report, summary
from bench.report import Measure

Measuring = Callable[[Path, int], Iterator[Measure]]


def _ingest(folder: Path, rounds: int) -> Iterator[Measure]:
    return ingest.measure(f"sqlite:///{folder / 'ingest.db'}", folder, rounds)


MEASURES: dict[str, Measuring] = {
    "ingest": _ingest,
    "summary": summary.measure,
    "exports": exports.measure,
    "footprint": footprint.measure,
}


def main() -> None:
    given = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    given.add_argument("measures", nargs="*", metavar="measure", help=f"of {', '.join(MEASURES)}; default all")
    given.add_argument("--rounds", type=int, default=7, help="of each measure; the table shows medians (default 7)")
    given.add_argument("--folder", type=Path, help="where databases are made, on the disk to be measured")
    wanted = given.parse_args()
    unknown = set(wanted.measures) - MEASURES.keys()
    if unknown:
        given.error(f"there is no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    print(report.machine())
    measured: list[Measure] = []
    for name in wanted.measures or MEASURES:
        with tempfile.TemporaryDirectory(prefix="timesink-bench-", dir=wanted.folder) as folder:
            measured += MEASURES[name](Path(folder), wanted.rounds)
    report.show(measured)


main()
