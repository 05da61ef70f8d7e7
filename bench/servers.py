"""The servers under test, each a process of its own on a free loopback port, ended by its own process id."""

import os
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

# what `timesink serve` gives uvicorn, where that is not its default anyway; one worker, uvloop and httptools by default
NOOP = [
    sys.executable,
    "-m",
    "uvicorn",
    "bench.noop:app",
    "--no-access-log",
    "--no-server-header",
    "--log-level",
    "warning",
]
TIMESINK = [sys.executable, "-m", "app", "serve"]


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
    with _running(NOOP, "/openapi.json", {}) as server:
        yield server


@contextmanager
def timesink(database_url: str, port: int | None = None) -> Iterator[Server]:
    with _running(
        TIMESINK, "/readyz", {"TIMESINK_DATABASE_URL": database_url, "TIMESINK_LOG_LEVEL": "warning"}, port
    ) as server:
        yield server


@contextmanager
def _running(command: list[str], ready: str, settings: dict[str, str], port: int | None = None) -> Iterator[Server]:
    port = port or free_port()
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=CHECKOUT,
        env={name: value for name, value in os.environ.items() if not name.startswith("TIMESINK_")} | settings,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}", process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with exit code {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"{address} does not answer")
