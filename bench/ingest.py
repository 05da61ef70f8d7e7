"""Taking taps in, against an endpoint that does nothing: the same bodies to both, in turns, on the same machine.

Every cell is bounded in requests and in seconds, because a session has about a thousand events and the slicer cuts
what has changed a second later, as it does in a clinic. Its work after a cell is waited for, so that it disturbs the
next cell no more than it must.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from app.db import Database
from app.slices.refresh import stale
from bench import servers
from bench.client import Answers, Client
from bench.disk import sync_p50_ms
from bench.phones import Phone, settle
from bench.report import Measure

SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Cell:
    """So many phones at once, each sending so many batches at most of so many taps."""

    phones: int
    batches: int
    taps: int

    def __str__(self) -> str:
        return f"{self.phones} x {self.taps}"


CELLS = (Cell(1, 800, 1), Cell(8, 600, 1), Cell(32, 600, 1), Cell(1, 8, 100))


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of both servers at a cell; ms and taps a second."""

    sync_p50: float
    noop_p50: float
    noop_rate: float
    our_p50: float
    our_p99: float
    our_rate: float


def measure(database_url: str, folder: Path, rounds: int) -> Iterator[Measure]:
    """Rounds go through all cells, so that a slow minute of the machine touches each of them."""
    phones = settle(database_url, max(cell.phones for cell in CELLS))
    database = Database(database_url)
    done: dict[Cell, list[Round]] = {cell: [] for cell in CELLS}
    with servers.noop() as noop, servers.timesink(database_url) as ours:
        for n in range(rounds + 1):
            for cell in CELLS:
                took = _round(
                    cell, phones[: cell.phones], noop.port, ours.port, database, folder, ours_first=n % 2 == 1
                )
                if n:  # the first round warms both up
                    done[cell].append(took)
    database.close()
    for cell in CELLS:
        yield from _told(cell, done[cell])


def _round(
    cell: Cell, phones: Sequence[Phone], noop: int, ours: int, database: Database, folder: Path, *, ours_first: bool
) -> Round:
    asyncio.run(_sit_down(phones, ours))
    bodies = [[phone.batch(cell.taps) for _ in range(cell.batches)] for phone in phones]
    turns = ["ours", "noop"] if ours_first else ["noop", "ours"]
    answers = {}
    for turn in turns:
        _let_settle(database)
        if turn == "noop":
            sync_p50 = sync_p50_ms(folder)
            answers[turn] = asyncio.run(_send(phones, bodies, noop, "/batches"))
        else:
            answers[turn] = asyncio.run(_send(phones, bodies, ours, "/api/v1/batches"))
            _check(answers[turn], cell)
    hundredths = quantiles(answers["ours"].ms, n=100)
    return Round(
        sync_p50=sync_p50,
        noop_p50=median(answers["noop"].ms),
        noop_rate=_rate(answers["noop"], cell),
        our_p50=median(answers["ours"].ms),
        our_p99=hundredths[98],
        our_rate=_rate(answers["ours"], cell),
    )


async def _sit_down(phones: Sequence[Phone], port: int) -> None:
    for phone in phones:
        client = await Client.to(port, Authorization=f"Bearer {phone.token}")
        status, body = await client.post("/api/v1/batches", phone.sitting())
        await client.close()
        if status != 200 or body.count(b'"stored"') != 200:
            raise RuntimeError(f"a session was not taken: {status} {body[:300]!r}")


async def _send(phones: Sequence[Phone], bodies: list[list[bytes]], port: int, path: str) -> Answers:
    clients = [await Client.to(port, Authorization=f"Bearer {phone.token}") for phone in phones]
    requests = [
        [client.posting(path, body) for body in waiting] for client, waiting in zip(clients, bodies, strict=True)
    ]
    answers = Answers()
    begun = time.perf_counter()
    sending = (client.send_each(its, answers, begun + SECONDS) for client, its in zip(clients, requests, strict=True))
    await asyncio.gather(*sending)
    answers.elapsed_s = time.perf_counter() - begun
    for client in clients:
        await client.close()
    return answers


def _let_settle(database: Database, patience_s: float = 30.0) -> None:
    """Until the slicer has cut what the cell before changed."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        with database.read() as session:
            if not stale(session):
                return
        time.sleep(0.05)
    raise RuntimeError(f"slices are still stale after {patience_s} s")


def _check(answers: Answers, cell: Cell) -> None:
    """A measure of anything but taps stored would be worth nothing."""
    for status, body in zip(answers.statuses, answers.bodies, strict=True):
        if status != 200 or body.count(b'"stored"') != cell.taps:
            raise RuntimeError(f"a batch was not taken: {status} {body[:300]!r}")


def _rate(answers: Answers, cell: Cell) -> float:
    return len(answers.ms) * cell.taps / answers.elapsed_s


def _told(cell: Cell, rounds: list[Round]) -> Iterator[Measure]:
    p50 = median(r.our_p50 for r in rounds)
    p99 = f"p99 {median(r.our_p99 for r in rounds):.2f} ms"
    rate = median(r.our_rate for r in rounds)
    slower = median(r.our_p50 / (r.noop_p50 + r.sync_p50) for r in rounds)
    share = median(r.our_rate / r.noop_rate for r in rounds)
    least = f"do-nothing {median(r.noop_p50 for r in rounds):.3f} ms + sync {median(r.sync_p50 for r in rounds):.3f} ms"
    bound = 3.5 if cell == CELLS[0] else None
    yield Measure(f"ingest {cell}: p50 / (do-nothing + sync)", f"{p50:.3f} ms, {p99}", least, slower, at_most=bound)
    bound = 0.30 if cell == CELLS[2] else None
    least = f"do-nothing {median(r.noop_rate for r in rounds):.0f} taps/s"
    yield Measure(f"ingest {cell}: taps/s / do-nothing", f"{rate:.0f} taps/s", least, share, at_least=bound)
