"""Where databases are made: SQLite files in a folder, and a PostgreSQL of our own that syncs as a clinic's would."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import postgresql

NAMES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class Place:
    """`new` makes an empty database of that name, `copy` one like another that nobody is using: their addresses."""

    name: str
    version: str
    new: Callable[[str], str]
    copy: Callable[[str, str], str]


@contextmanager
def places(names: Sequence[str], folder: Path, within: Path | None) -> Iterator[list[Place]]:
    """`within` is None for PostgreSQL's default, the temporary folder: its server may run as somebody else."""
    with ExitStack() as stack:
        found = []
        if "SQLite" in names:
            found.append(_sqlite(folder))
        if "PostgreSQL" in names:
            found.append(_postgresql(stack.enter_context(postgresql.cluster(synced=True, within=within))))
        yield found


def _sqlite(folder: Path) -> Place:
    def copy(url: str, name: str) -> str:
        shutil.copy(url.removeprefix("sqlite:///"), folder / f"{name}.db")
        return new(name)

    def new(name: str) -> str:
        return f"sqlite:///{folder / f'{name}.db'}"

    return Place("SQLite", sqlite3.sqlite_version, new, copy)


def _postgresql(cluster: postgresql.Cluster) -> Place:
    def copy(url: str, name: str) -> str:
        return cluster.create(name, template=url.split("?")[0].rsplit("/", 1)[1])

    with psycopg.connect(cluster.server) as connection:
        version = str(connection.info.server_version)
    return Place("PostgreSQL", f"{int(version[:-4])}.{int(version[-4:])}", cluster.create, copy)
