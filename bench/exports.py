"""A million segments as files: how much more memory that takes than one day of them, and how long.

The segments: 36 copies of the summary's two weeks (70 sessions of 400 segments each), one a quarter, sessions and
events alike. Each export is the command in a process of its own, or a request to a server; memory is its highest.
"""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.capture.models import Event, ObservationSession
from app.db import Database
from bench import servers
from bench.phones import CLINIC
from bench.report import Measure
from bench.summary import FIRST, WINDOW, copy_rows, two_weeks

STUDIES = 36
MORE_MB = 100
SINCE = "2017-01-01"
EXPORTS = (("segments", "csv"), ("segments", "json"), ("segments", "xlsx"), ("events", "csv"))


def measure(folder: Path, _rounds: int) -> Iterator[Measure]:
    url = f"sqlite:///{folder / 'million.db'}"
    token, _login = two_weeks(url)
    _many(url)
    for what, format in EXPORTS:
        few, _took, _size = _by_command(url, folder, what, format, str(FIRST))
        many, took, size = _by_command(url, folder, what, format, SINCE)
        yield _more(f"{what}.{format}, by command", many - few, took, size)
    with servers.timesink(url) as server:
        _by_request(server.port, token, str(FIRST))
        before = _highest_mb(server.pid)
        took, size = _by_request(server.port, token, SINCE)
        yield _more("segments.csv, by request", _highest_mb(server.pid) - before, took, size)


def _more(name: str, mb: float, took_s: float, size: int) -> Measure:
    figure = f"{mb:.0f} MB more; {took_s:.0f} s, {size / 1e6:.0f} MB"
    return Measure(f"a million segments: {name}", figure, f"{MORE_MB} MB more", mb / MORE_MB, at_most=1)


def _many(url: str) -> None:
    database = Database(url)
    with database.writer.begin() as connection:
        for quarter in range(1, STUDIES):
            new_id = f"substr({{0}}, 1, 32) || 'x{quarter:03x}'"  # x: none of the ids that are there ends like that
            day = f"date({{0}}, '-{13 * 7 * quarter} days')"
            copy_rows(connection, ObservationSession.__table__, {"id": new_id, "day": day})
            moved = {"id": new_id, "session_id": new_id}
            copy_rows(connection, Event.__table__, moved, leave=("receipt",))
    database.close()


def _by_command(url: str, folder: Path, what: str, format: str, since: str) -> tuple[float, float, int]:
    """(highest resident memory in MB, seconds, bytes of the file)"""
    file = folder / f"export.{format}"
    line = [*(sys.executable, "-m", "app", "export", what, "--clinic", CLINIC, "--from", since),
            *("--to", str(WINDOW.last if since == SINCE else FIRST), "-o", str(file))]  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(line, env={**os.environ, "TIMESINK_DATABASE_URL": url})
    highest = 0.0
    while process.poll() is None:  # what wait4 tells would count this process too, from before the command began
        highest = max(highest, _highest_mb(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"the export of {what} as {format} failed")
    return highest, time.monotonic() - began, file.stat().st_size


def _by_request(port: int, token: str, since: str) -> tuple[float, int]:
    """(seconds, bytes of the answer)"""
    last = WINDOW.last if since == SINCE else FIRST
    began, size = time.monotonic(), 0
    connection = http.client.HTTPConnection("127.0.0.1", port)
    asked = f"/api/v1/exports/segments.csv?clinic={CLINIC}&from={since}&to={last}"
    connection.request("GET", asked, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"the export was answered with {answer.status}")
    while piece := answer.read(1 << 16):
        size += len(piece)
    connection.close()
    return time.monotonic() - began, size


def _highest_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    held = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(held[0]) / 1000 if held else 0.0  # one that has just ended holds none
