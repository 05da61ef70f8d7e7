"""What this disk takes for the least that a durable answer needs: 4 KiB written and synced."""

import os
import time
from pathlib import Path
from statistics import median


def sync_p50_ms(folder: Path, times: int = 100) -> float:
    """The median of `times` writes of 4 KiB, each with an fdatasync, to a file of its own in `folder`."""
    path, block, took = folder / "probe", os.urandom(4096), []
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.pwrite(file, block * 64, 0)
        os.fsync(file)
        for n in range(times):
            begun = time.perf_counter()
            os.pwrite(file, block, 4096 * (n % 64))
            os.fdatasync(file)
            took.append((time.perf_counter() - begun) * 1000)
    finally:
        os.close(file)
        path.unlink()
    return median(took)
