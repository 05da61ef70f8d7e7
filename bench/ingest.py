"""Taking taps in: ours on each database, an endpoint that does nothing, and timetagger, in turns on the same machine.

Every cell is bounded in requests and in seconds, because a session has about a thousand events and the slicer cuts
what has changed a second later, as it does in a clinic. What it has not cut when a turn ends is cut as for somebody
who reads a summary, so that it disturbs the next turn no more than it must.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.db import Database
from bench import servers, takers, timetagger
from bench.client import Answers, Client
from bench.disk import sync_p50_ms
from bench.phones import settle
from bench.places import Place
from bench.report import Measure
from bench.takers import Taker

SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Cell:
    """So many phones at once, each sending so many batches at most of so many taps."""

    phones: int
    batches: int
    taps: int

    def __str__(self) -> str:
        return f"{self.phones} x {self.taps}"


CELLS = ONE, EIGHT, MANY, BATCH = (Cell(1, 800, 1), Cell(8, 600, 1), Cell(32, 400, 1), Cell(1, 8, 100))


@dataclass(frozen=True, slots=True)
class Turn:
    """One server's turn at a cell; ms and taps a second. `sync_p50`: the disk's, just before."""

    sync_p50: float
    p50: float
    p99: float
    rate: float


Turns = dict[str, list[Turn]]  # by the taker's name; the n-th of each belong to one round


def measure(places: Sequence[Place], folder: Path, rounds: int) -> Iterator[Measure]:
    """Rounds go through all cells and in each through all servers, so that a slow minute touches them all."""
    with ExitStack() as stack:
        found = _takers(places, folder, stack)
        done: dict[Cell, Turns] = {cell: {taker.name: [] for taker in found} for cell in CELLS}
        for n in range(rounds + 1):
            for cell in CELLS:
                for taker in found if n % 2 else found[::-1]:
                    turn = _turn(cell, taker, folder)
                    if n:  # the first round warms everything up
                        done[cell][taker.name].append(turn)
        held = {taker.name: servers.resident_mb(taker.server.pid) for taker in found}
    for place in places:
        for cell in CELLS:
            yield from _told(cell, place.name, done[cell])
    peer = held.get("timetagger")
    for place in places:
        name, mb = f"memory after this, {place.name}", held[place.name]
        if peer:
            yield Measure(f"{name} / timetagger", f"{mb:.0f} MB", f"{peer:.0f} MB", mb / peer)


def _takers(places: Sequence[Place], folder: Path, stack: ExitStack) -> list[Taker]:
    most = max(cell.phones for cell in CELLS)
    ours = []
    for place in places:
        url = place.new("ingest")
        phones = settle(url, most)
        database = Database(url)
        stack.callback(database.close)
        ours.append(takers.timesink(place.name, stack.enter_context(servers.timesink(url)), phones, database))
    unheard = settle(f"sqlite:///{folder / 'unheard.db'}", most)  # phones of their own, for seq goes on with each tap
    found = [takers.noop(stack.enter_context(servers.noop()), unheard), *ours]
    if timetagger.installed():
        found.append(takers.peer(stack.enter_context(timetagger.serving(folder, most)), most))
    return found


def _turn(cell: Cell, taker: Taker, folder: Path) -> Turn:
    bodies = taker.bodies(cell.phones, cell.batches, cell.taps)
    taker.rest()
    sync_p50 = sync_p50_ms(folder)
    answers = asyncio.run(_send(taker, bodies))
    for status, body in zip(answers.statuses, answers.bodies, strict=True):
        taker.check(status, body, cell.taps)
    taker.rest()
    rate = len(answers.ms) * cell.taps / answers.elapsed_s
    p99 = sorted(answers.ms)[len(answers.ms) * 99 // 100]
    return Turn(sync_p50, median(answers.ms), p99, rate)


async def _send(taker: Taker, bodies: list[list[bytes]]) -> Answers:
    clients = [await Client.to(taker.server.port, **headers) for headers in taker.headers[: len(bodies)]]
    requests = [
        [client.sending(taker.method, taker.path, body) for body in waiting]
        for client, waiting in zip(clients, bodies, strict=True)
    ]
    answers = Answers()
    begun = time.perf_counter()
    sending = (client.send_each(its, answers, begun + SECONDS) for client, its in zip(clients, requests, strict=True))
    await asyncio.gather(*sending)
    answers.elapsed_s = time.perf_counter() - begun
    for client in clients:
        await client.close()
    return answers


def _told(cell: Cell, place: str, turns: Turns) -> Iterator[Measure]:
    """The bounds are those of the default database."""
    ours, least, peer = turns[place], turns["do-nothing"], turns.get("timetagger")
    bound = place == "SQLite"
    name = f"ingest {cell}, {place}"
    p50, rate = f"{_median(ours, 'p50'):.2f} ms", f"{_median(ours, 'rate'):.0f} taps/s"
    yield Measure(
        f"{name}: p50 / (do-nothing + sync)",
        f"{p50}, p99 {_median(ours, 'p99'):.1f} ms",
        f"{_median(least, 'p50'):.2f} + {_median(ours, 'sync_p50'):.2f} ms",
        median(a.p50 / (b.p50 + a.sync_p50) for a, b in zip(ours, least, strict=True)),
        at_most=3.5 if bound and cell == ONE else None,
    )
    yield Measure(
        f"{name}: taps/s / do-nothing",
        rate,
        f"{_median(least, 'rate'):.0f} taps/s",
        _ratio(ours, least, "rate"),
        at_least=0.30 if bound and cell == MANY else None,
    )
    if peer is None:
        return
    if cell == ONE:
        yield Measure(
            f"{name}: p50 / timetagger",
            p50,
            f"{_median(peer, 'p50'):.2f} ms",
            _ratio(ours, peer, "p50"),
            at_most=0.5 if bound else None,
        )
    else:
        yield Measure(
            f"{name}: taps/s / timetagger",
            rate,
            f"{_median(peer, 'rate'):.0f} taps/s",
            _ratio(ours, peer, "rate"),
            at_least={MANY: 4.0, BATCH: 2.0}.get(cell) if bound else None,
        )
    if cell == MANY:
        yield Measure(
            f"{name}: p99 / timetagger",
            f"{_median(ours, 'p99'):.1f} ms",
            f"{_median(peer, 'p99'):.1f} ms",
            _ratio(ours, peer, "p99"),
            at_most=0.5 if bound else None,
        )


def _median(turns: list[Turn], figure: str) -> float:
    return float(median(getattr(turn, figure) for turn in turns))


def _ratio(these: list[Turn], those: list[Turn], figure: str) -> float:
    return float(median(getattr(a, figure) / getattr(b, figure) for a, b in zip(these, those, strict=True)))
