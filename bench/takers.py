"""The servers that taps are sent to, and how each is spoken to: one that does nothing, ours, and timetagger."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.db import Database
from app.slices.freshen import freshen
from app.slices.refresh import stale
from bench import timetagger
from bench.client import Client
from bench.phones import TAP_MS, Phone, tasks
from bench.servers import Server

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Taker:
    """`bodies(phones, batches, taps)`: what each of so many phones is going to send, made before the clock starts.
    `check` raises on an answer that did not take so many taps: a measure of anything else would be worth nothing.
    `rest` returns once the server has nothing left to do."""

    name: str
    server: Server
    method: str
    path: str
    headers: Sequence[Headers]
    bodies: Callable[[int, int, int], list[list[bytes]]]
    check: Callable[[int, bytes, int], None]
    rest: Callable[[], None]


def noop(server: Server, phones: Sequence[Phone]) -> Taker:
    """Gets what a phone would send, of the same size and form."""

    def bodies(count: int, batches: int, taps: int) -> list[list[bytes]]:
        for phone in phones[:count]:
            phone.sitting()
        return [[phone.batch(taps) for _ in range(batches)] for phone in phones[:count]]

    def check(status: int, body: bytes, taps: int) -> None:
        if status != 200 or json.loads(body)["count"] != taps:
            raise RuntimeError(f"not counted: {status} {body[:300]!r}")

    return Taker("do-nothing", server, "POST", "/batches", _tokens(phones), bodies, check, lambda: None)


def timesink(name: str, server: Server, phones: Sequence[Phone], database: Database) -> Taker:
    def bodies(count: int, batches: int, taps: int) -> list[list[bytes]]:
        asyncio.run(_sit_down(phones[:count], server.port))
        return [[phone.batch(taps) for _ in range(batches)] for phone in phones[:count]]

    def check(status: int, body: bytes, taps: int) -> None:
        if status != 200 or body.count(b'"stored"') != taps:
            raise RuntimeError(f"a batch was not taken: {status} {body[:300]!r}")

    headers = _tokens(phones)
    return Taker(name, server, "POST", "/api/v1/batches", headers, bodies, check, lambda: _rest(database))


def peer(server: Server, users: int) -> Taker:
    """timetagger: a record put is a tap. Each phone is a user of its own, which is a file of its own."""

    def bodies(count: int, batches: int, taps: int) -> list[list[bytes]]:
        begun = int(time.time()) - batches * taps * TAP_MS // 1000
        return [[_records(begun + n * taps * TAP_MS // 1000, taps) for n in range(batches)] for _ in range(count)]

    def check(status: int, body: bytes, taps: int) -> None:
        if status != 200 or len(json.loads(body)["accepted"]) != taps:
            raise RuntimeError(f"timetagger did not take records: {status} {body[:300]!r}")

    headers = [{"authtoken": timetagger.sign_in(server.port, n)} for n in range(users)]
    return Taker("timetagger", server, "PUT", timetagger.RECORDS, headers, bodies, check, lambda: None)


def _records(begun: int, taps: int) -> bytes:
    each = TAP_MS // 1000
    made = [timetagger.record(begun + n * each, begun + (n + 1) * each, tasks[n % len(tasks)]) for n in range(taps)]
    return json.dumps(made).encode()


def _tokens(phones: Sequence[Phone]) -> list[Headers]:
    return [{"Authorization": f"Bearer {phone.token}"} for phone in phones]


async def _sit_down(phones: Sequence[Phone], port: int) -> None:
    for phone in phones:
        client = await Client.to(port, Authorization=f"Bearer {phone.token}")
        status, body = await client.post("/api/v1/batches", phone.sitting())
        await client.close()
        if status != 200 or body.count(b'"stored"') != 200:
            raise RuntimeError(f"a session was not taken: {status} {body[:300]!r}")


def _rest(database: Database) -> None:
    """Cuts what the turn before changed, as reading a summary does: the slicer alone would take its time."""
    with database.read() as session:
        behind = bool(stale(session))
    if behind:
        freshen(database)
