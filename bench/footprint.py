"""What a phone loads to open the pad, what all of static/ weighs, and what an idle server holds in memory."""

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path

from fastapi.testclient import TestClient

from app import assets
from app.config import Settings
from app.db import Database, now_ms
from app.main import create_app
from app.people.accounts import sign_in
from app.people.models import Person
from bench import servers, timetagger
from bench.phones import settle
from bench.report import Measure

PAGE_BYTES, STATIC_BYTES, IDLE_MB = 45_000, 60_000, 120
IDLE_S = 5.0


def measure(folder: Path, _rounds: int) -> Iterator[Measure]:
    url = f"sqlite:///{folder / 'idle.db'}"
    person = settle(url, 1)[0].person
    page = sum(map(_compressed, _pad_and_what_it_loads(url, person)))
    everything = sum(map(_compressed, assets.as_sent().values()))
    with servers.timesink(url) as server:
        time.sleep(IDLE_S)
        held = servers.resident_mb(server.pid)
    peer = _of_timetagger(folder) if timetagger.installed() else None
    yield Measure(
        "phone page as sent, gzipped, all in", f"{page} bytes", f"{PAGE_BYTES} bytes", page / PAGE_BYTES, at_most=1
    )
    yield Measure(
        "static/ as sent, gzipped, every file",
        f"{everything} bytes",
        f"{STATIC_BYTES} bytes",
        everything / STATIC_BYTES,
        at_most=1,
    )
    yield Measure("idle server, resident", f"{held:.0f} MB", f"{IDLE_MB} MB", held / IDLE_MB, at_most=1)
    if peer:
        weight, mb = peer
        yield Measure("phone page / timetagger's, no pictures", f"{page} bytes", f"{weight} bytes", page / weight)
        yield Measure("idle server / timetagger", f"{held:.0f} MB", f"{mb:.0f} MB", held / mb)


def _of_timetagger(folder: Path) -> tuple[int, float]:
    """(what its app's page weighs in bytes, what its idle server holds in MB)"""
    with timetagger.serving(folder) as server:
        time.sleep(IDLE_S)
        held = servers.resident_mb(server.pid)
        return timetagger.page_weight(server.port), held


def _compressed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def _pad_and_what_it_loads(url: str, person: str) -> Iterator[bytes]:
    """The page, and every file of static/ that it or one of its scripts names, however deep."""
    database = Database(url)
    with database.write() as session:
        cookie = sign_in(session, session.get_one(Person, person), now_ms(), 1)
    database.close()
    with TestClient(create_app(Settings(database_url=url, base_url="http://testserver"))) as client:
        page = client.get("/pad", cookies={"timesink": cookie}).content
    yield page
    waiting = set(re.findall(r"/static/([\w./-]+)", page.decode()))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        content = assets.as_sent()[name]
        yield content
        if name.endswith(".js"):
            waiting |= {f"js/{found}" for found in re.findall(r"from ?[\"']\./([\w.-]+)", content.decode())} - seen
        elif name.endswith(".webmanifest"):
            waiting |= set(re.findall(r"/static/([\w./-]+)", content.decode())) - seen
