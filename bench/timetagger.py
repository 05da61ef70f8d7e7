"""PyPI's timetagger, a time tracker of the same kind, as pip gives it: one process, a SQLite file a user.

It is a dependency of `make bench` alone, and nothing of it is imported: it runs as a process and is spoken to by HTTP.
"""

import gzip
import importlib.util
import json
import re
import secrets
import sqlite3
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

from bench.servers import Server, running

PREFIX = "/timetagger/"
RECORDS = f"{PREFIX}api/v2/records"
# bcrypt of "bench" with the least of work: signing in is not measured
HASH = "$2b$04$4p1Ak.u8Gi6bLlAkj0V8jeJfb4mLIchctim7tl34VgnutbVMNetUe"


def installed() -> str | None:
    """Its version."""
    return version("timetagger") if importlib.util.find_spec("timetagger") else None


@contextmanager
def serving(folder: Path, users: int = 1) -> Iterator[Server]:
    settings = {
        "TIMETAGGER_DATADIR": str(folder / "timetagger"),
        "TIMETAGGER_CREDENTIALS": ",".join(f"user{n}:{HASH}" for n in range(users)),
    }
    command = [sys.executable, "-m", "timetagger", "--bind=127.0.0.1:{port}"]
    with running(command, f"{PREFIX}status", settings, quiet=True) as server:
        yield server


def sign_in(port: int, user: int) -> str:
    """A token, to be sent as the header `authtoken`."""
    asked = {"method": "usernamepassword", "username": f"user{user}", "password": "bench"}
    address = f"http://127.0.0.1:{port}{PREFIX}api/v2/bootstrap_authentication"
    with urllib.request.urlopen(address, data=b64encode(json.dumps(asked).encode())) as answer:
        token: str = json.load(answer)["token"]
    first = urllib.request.Request(
        f"http://127.0.0.1:{port}{RECORDS}?timerange=0-0", headers={"authtoken": token}
    )  # makes the user's tables
    with urllib.request.urlopen(first):
        return token


def record(begin_s: int, end_s: int, task: str) -> dict[str, str | int]:
    """A tap as its page would send it: what was done from when to when."""
    return {"key": secrets.token_urlsafe(6), "mt": end_s, "t1": begin_s, "t2": end_s, "ds": f"#{task}"}


def fill(folder: Path, user: int, records: Iterator[dict[str, str | int]]) -> None:
    """Straight into the user's file: a million PUTs would take an hour. Its tables are there since the sign-in."""
    file = next((folder / "timetagger" / "users").glob(f"user{user}~*.db"))
    connection = sqlite3.connect(file)
    rows = ((json.dumps({**r, "st": r["mt"]}), r["key"], r["mt"], r["t1"], r["t2"]) for r in records)
    connection.executemany("INSERT INTO records (_ob, key, st, t1, t2) VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def page_weight(port: int) -> int:
    """Bytes, as sent with gzip, of its app's page and of the scripts and styles it names: no fonts, no pictures."""
    address = f"http://127.0.0.1:{port}{PREFIX}app/"
    page, weight = _fetched(address)
    named = re.findall(r"(?:src|href)=[\"']?([\w./-]+\.(?:js|css))\b", page.decode())
    return weight + sum(_fetched(urljoin(address, name))[1] for name in set(named))


def _fetched(address: str) -> tuple[bytes, int]:
    """(content, bytes on the way)"""
    asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        sent = answer.read()
        return (gzip.decompress(sent) if answer.headers["Content-Encoding"] == "gzip" else sent), len(sent)
