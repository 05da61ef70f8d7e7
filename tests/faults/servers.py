"""Servers that can be killed by the hundred: forked, in a tenth of a second, from a process that has imported the app.

`python -m tests.faults.servers` is that process. It reads orders, a line of JSON each, and answers each with the pid of
a child that serves: with `cold`, by `timesink serve` itself; else by what that calls, the app made before the fork.
Only in what its order says does a child differ from what operators run: `fail` arms failpoints (app/failpoints.py),
`clock_ms` sets its clock wrong, `file_limit` bounds how far its files may grow, `half_answers` has it die in the
middle of sending its n-th answer to a batch; `command` runs another command than `serve`.
"""

import ctypes
import gc
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from app.config import CHECKOUT

FAILPOINTS = ("before_insert", "mid_batch", "before_commit", "after_commit", "mid_response")
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


# --- in the test -----------------------------------------------------------------------------------------------------


class Nursery:
    """The process that servers are forked from; one for a whole test session."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def bear(self, order: dict[str, Any]) -> int:
        if self._process is None:
            environment = {name: value for name, value in os.environ.items() if not name.startswith("TIMESINK_")}
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.faults.servers"],
                cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def run(self, server: "Server", *command: str, **order: Any) -> int:
        """A command on the server's database; its exit code, below nothing where it was killed."""
        log = server.folder / f"command-{server.port}.log"
        done = server.folder / f"exit-{os.urandom(4).hex()}"
        pid = self.bear(
            {"environment": server.environment, "log": str(log), "cold": True, "fail_from_start": True,
             "command": command, "exit_code": str(done), **order}
        )  # fmt: skip
        while _lives(pid):
            time.sleep(0.01)
        return int(done.read_text()) if done.exists() else -signal.SIGKILL

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.wait(20)
            self._process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`timesink serve` on one database and one port, killed and started as often as a test likes."""

    def __init__(self, nursery: Nursery, database_url: str, folder: Path, **environment: str) -> None:
        self.nursery, self.folder = nursery, folder
        self.port = free_port()
        self.environment = {
            "TIMESINK_DATABASE_URL": database_url, "TIMESINK_BASE_URL": self.url, "TIMESINK_LOG_LEVEL": "warning",
            **environment,
        }  # fmt: skip
        self.pid = 0
        self.started = 0
        self.killed = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"serve-{self.port}.log"

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, *, wait: bool = True, **order: Any) -> "Server":
        """`order`: see the top of this file. `fail`: {failpoint: (action, at its n-th time)}."""
        assert not self.lives, "already there"
        self.pid = self.nursery.bear(
            {"environment": self.environment, "port": self.port, "log": str(self.log), **order}
        )
        self.started += 1
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.ready():
                return
            assert self.lives, f"the server ended before it was ready:\n{self.log.read_text()[-2000:]}"
            time.sleep(0.01)
        raise AssertionError(f"the server was not ready within 30 s:\n{self.log.read_text()[-2000:]}")

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            with connection.getresponse() as answer:
                return answer.status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def lives(self) -> bool:
        return self.pid != 0 and _lives(self.pid)

    def kill(self) -> None:
        """kill -9, by its pid."""
        if self.lives:
            os.kill(self.pid, signal.SIGKILL)
            self.killed += 1
        self.wait_until_gone()

    def stop(self) -> None:
        """As an operator stops it."""
        if self.lives:
            os.kill(self.pid, signal.SIGTERM)
        self.wait_until_gone()

    def wait_until_gone(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while self.lives:
            assert time.monotonic() < deadline, "the server did not end"
            time.sleep(0.005)
        self.pid = 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- in the process that forks, and in its children ------------------------------------------------------------------


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _broken(code: str) -> Callable[[], None]:
    """Fails as the disk would: SQLite's own error, with SQLite's own code."""

    def act() -> None:
        import sqlite3

        from sqlalchemy.exc import OperationalError

        error: Any = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = getattr(sqlite3, code)
        raise OperationalError("COMMIT", None, error)

    return act


def _act(said: str) -> Callable[[], None]:
    what, _colon, how = said.partition(":")
    if what == "sleep":
        return lambda: time.sleep(float(how))
    return _broken(how) if what == "broken" else _die


def _at_the(n: int, act: Callable[[], None]) -> Callable[[], None]:
    """Does it at the n-th time, or, with 0, each time."""
    times = 0

    def count() -> None:
        nonlocal times
        times += 1
        if n in (0, times):
            act()

    return count


def _serve(order: dict[str, Any]) -> None:
    os.environ.update(order["environment"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    from app import cli, failpoints

    fail = {name: _at_the(n, _act(action)) for name, (action, n) in order.get("fail", {}).items()}
    if order.get("fail_from_start"):  # of a migration, say
        failpoints.armed.update(fail)
    else:
        _on_first_batch(lambda: failpoints.armed.update(fail))
    if order.get("clock_ms"):
        true_ns, wrong_ns = time.time_ns, order["clock_ms"] * 1_000_000
        time.time_ns = lambda: true_ns() + wrong_ns
    if order.get("half_answers"):
        _die_in_answer(order["half_answers"])
    if order.get("file_limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], resource.RLIM_INFINITY))
    if order.get("command"):
        sys.argv = ["timesink", *order["command"]]
        code: Any = 0
        try:
            cli.main()
        except SystemExit as error:
            code = error.code
        Path(order["exit_code"]).write_text(str(code or 0))
    elif order.get("cold"):
        cli.serve(host="127.0.0.1", port=order["port"], workers=1)
    else:
        _serve_ready_made(order["port"])


_made: dict[str, Any] = {}  # the app, by its environment: made before the fork, without a connection


def _make_ready(order: dict[str, Any]) -> None:
    """To build the app takes longer than all else; for the next start on the same database it is done already."""
    from app.config import Settings
    from app.main import create_app

    key = json.dumps(order["environment"], sort_keys=True)
    if key not in _made:
        _made.clear()
        names = {name.removeprefix("TIMESINK_").lower(): value for name, value in order["environment"].items()}
        made = _made[key] = create_app(Settings(**names))
        for route in made.routes:  # what FastAPI would make of each of them at the first request
            route.matches({"type": "http", "method": "GET", "path": "/nowhere", "headers": []})


def _serve_ready_made(port: int) -> None:
    import uvicorn

    from app.migrate import migrate

    (app,) = _made.values()
    migrate(app.state.database)
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning", server_header=False)


def _on_first_batch(act: Callable[[], None]) -> None:
    """What the server writes when it starts is no tap."""
    from app import web

    answer = web.Surroundings.__call__

    async def first(self: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") == "/api/v1/batches":
            act()
        await answer(self, scope, receive, send)

    web.Surroundings.__call__ = first  # type: ignore[method-assign]


def _die_in_answer(n: int) -> None:
    """Sends the head and half of the body of the n-th answer to a batch, and dies."""
    from app import web

    answer, count = web.Surroundings.__call__, 0

    async def half(self: Any, scope: Any, receive: Any, send: Any) -> None:
        async def send_half(message: Any) -> None:
            nonlocal count
            if message["type"] == "http.response.body":
                count += 1
                if count == n:
                    body = message["body"]
                    await send({**message, "body": body[: len(body) // 2], "more_body": True})
                    _die()
            await send(message)

        is_batch = scope.get("path") == "/api/v1/batches"
        await answer(self, scope, receive, send_half if is_batch else send)

    web.Surroundings.__call__ = half  # type: ignore[method-assign]


def _warm_up() -> None:
    """All that is done once in a process and then remembered, done before the forks."""
    import tempfile

    from fastapi.testclient import TestClient

    from app.config import Settings
    from app.main import create_app
    from app.migrate import migrate

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{folder}/warm.db"))
        migrate(app.state.database)
        with TestClient(app) as client:
            client.get("/readyz")
            client.post("/api/v1/batches", content=b"{}", headers={"Authorization": "Bearer nobody"})


def _fork_on_order() -> None:
    # what a child would import
    import uvicorn.lifespan.on
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto
    import uvicorn.protocols.websockets.auto  # noqa: F401

    import app.cli
    import app.main  # noqa: F401

    _warm_up()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children: the system buries them
    for line in sys.stdin:
        order = json.loads(line)
        if not order.get("cold"):
            _make_ready(order)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setpgid(0, 0)
            ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)  # no server outlives the tests
            try:
                os.close(0)
                _serve(order)
            except BaseException as error:  # it is told in the log, and must not run on in the parent's loop
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    _fork_on_order()
