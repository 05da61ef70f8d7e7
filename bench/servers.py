"""The servers under test, each a process of its own on a free loopback port, ended by its own process id."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0

HOST_AND_PORT = ("--host", "127.0.0.1", "--port", "{port}")
# what `timesink serve` gives uvicorn, where that is not its default anyway; one worker, uvloop and httptools by default
NOOP = [
    sys.executable,
    *("-m", "uvicorn", "bench.noop:app", *HOST_AND_PORT),
    *("--no-access-log", "--no-server-header", "--log-level", "warning"),
]
TIMESINK = [sys.executable, "-m", "app", "serve", *HOST_AND_PORT]


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def noop() -> Iterator[Server]:
    with running(NOOP, "/openapi.json", {}) as server:
        yield server


@contextmanager
def timesink(database_url: str, port: int | None = None) -> Iterator[Server]:
    with running(TIMESINK, "/readyz", {"TIMESINK_DATABASE_URL": database_url}, port) as server:
        yield server


@contextmanager
def running(
    command: list[str], ready: str, settings: dict[str, str], port: int | None = None, *, quiet: bool = False
) -> Iterator[Server]:
    """The command as a process, from the moment on which it answers at `ready` with 200."""
    port = port or free_port()
    process = subprocess.Popen(
        [part.format(port=port) for part in command],
        cwd=CHECKOUT,
        env=_environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}", process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1000


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """This one's, without what would change a server unasked."""
    ours = ("TIMESINK_", "TIMETAGGER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"TIMESINK_LOG_LEVEL": "warning"} | settings


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with exit code {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    raise RuntimeError(f"{address} does not answer")
