"""Rounds of the soak: eight phones, each with a schedule of faults of its own, on one server that is killed at random.

A schedule is made of its seed alone. What it meets depends on the machine's timing too, so a seed that fails is tried
again in a loop rather than once (`TIMESINK_SEED=... make soak`).
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.custody.backup import back_up, faults_of
from app.db import Database
from tests.faults.ledger import HEALED_WITHIN_S, Found, Ledger
from tests.faults.machine import dying_at
from tests.faults.pocket import Pocket, fingers
from tests.faults.servers import FAILPOINTS, Server

STRIKES = (
    "drop_request", "drop_response", "drop_response", "reset", "reset_response", "duplicate", "hold", "delay",
    "truncate", "trickle", "silence", "swallow", "portal", "portal_json", "portal_redirect", "bad_gateway",
    "gateway_timeout", "unavailable", "too_many", "gateway_400", "late_gateway", "refuse",
)  # fmt: skip


@dataclass
class Phase:
    fault: str
    times: int  # 0: until the next phase
    taps: int
    least_s: float


@dataclass
class Schedule:
    """What one phone goes through."""

    pocket: Pocket
    seed: int
    taps: int
    chance: random.Random = field(init=False)
    phases: list[Phase] = field(default_factory=list)
    until: float = 0.0
    done: bool = False

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        left = self.taps
        while left > 0:
            fault = self.chance.choice(STRIKES)
            taps = min(left, self.chance.randint(8, 24))
            times = 0 if fault == "refuse" else self.chance.choice((0, 1, 1, 2))
            self.phases.append(Phase(fault, times, taps, self.chance.uniform(0.2, 0.6)))
            left -= taps

    def step(self, now: float, state: dict[str, Any]) -> None:
        """The next phase, once the fingers are through with this one and its faults had time to strike."""
        if self.done or now < self.until or state["busy"]:
            return
        network = self.pocket.network
        if self.chance.random() < 0.6:
            network.heal()
            self.pocket.hurry()
        if not self.phases:
            self.done = True
            return
        phase = self.phases.pop()
        if phase.times:
            network.next(phase.fault, times=phase.times)
        else:
            network.always(phase.fault)
        self.pocket.taps(fingers(self.chance, phase.taps))
        self.until = now + phase.least_s


@dataclass
class Kills:
    """When the server dies, and how."""

    server: Server
    chance: random.Random
    wanted: int
    next_at: float = 0.0
    done: Counter[str] = field(default_factory=Counter)

    def step(self, now: float) -> None:
        if not self.server.lives:  # of a failpoint
            self._again()
        elif self.done.total() < self.wanted and now >= self.next_at:
            if self.next_at:
                self.server.kill()
                self.done["kill -9 at a random moment"] += 1
                self._again()
            self.next_at = now + self.chance.uniform(0.3, 1.0)

    def _again(self) -> None:
        self.server.wait_until_gone()
        if self.done.total() < self.wanted and self.chance.random() < 0.5:
            where = self.chance.choice(FAILPOINTS)
            order = dying_at(where)
            n = self.chance.randint(1, 6)
            order = {"half_answers": n} if "half_answers" in order else {"fail": {where: ("die", n)}}
            self.server.start(wait=False, **order)  # phones are waiting: it may be dead before anybody could ask it
        else:
            self.server.start(wait=False)


@dataclass
class Backups:
    """One after another while everybody writes, each with what was acknowledged before it began."""

    database: Database
    folder: Path
    made: list[tuple[Path, set[str]]] = field(default_factory=list)
    _thread: threading.Thread | None = None
    failed: list[str] = field(default_factory=list)

    def step(self, acknowledged: Callable[[], set[str]]) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        target = self.folder / f"backup-{len(self.made)}.db"
        before = acknowledged()
        self._thread = threading.Thread(target=self._make, args=(target, before))
        self._thread.start()

    def _make(self, target: Path, before: set[str]) -> None:
        try:
            back_up(self.database, target)
        except Exception as error:
            self.failed.append(repr(error))
            return
        self.made.append((target, before))

    def check(self) -> int:
        """Each opens, is sound, and is a prefix of the history: all of what was acknowledged before, and no gap."""
        if self._thread is not None:
            self._thread.join(60)
        assert self.failed == []
        for file, before in self.made:
            assert faults_of(file) == []
            copy = Database(f"sqlite:///{file}")
            with copy.read() as session:
                held = set(session.execute(text("SELECT id FROM receipts")).scalars())
                rows = session.execute(text("SELECT session_id, device, seq FROM events")).all()
            copy.close()
            missing = before - held
            assert not missing, f"{file.name} lacks {len(missing)} of what was acknowledged before it began"
            numbers: dict[tuple[str, str], set[int]] = {}
            for row in rows:
                numbers.setdefault((row[0], row[1]), set()).add(row[2])
            for whose, seqs in numbers.items():
                assert seqs == set(range(1, len(seqs) + 1)), f"{file.name} has gaps in {whose}"
            file.unlink()
        return len(self.made)


@dataclass
class Result:
    found: Found
    struck: Counter[str]
    kills: Counter[str]
    backups: int
    healed_s: float
    requests: int


def play(
    server: Server, database: Database, pockets: list[Pocket], ledger: Ledger, seed: int, *, taps: int, kills: int,
    folder: Path,
) -> Result:  # fmt: skip
    """One round: `taps` of each phone under its faults, then all is healed, then everything has to be there."""
    schedules = [Schedule(pocket, seed * 100 + n, taps) for n, pocket in enumerate(pockets)]
    deaths = Kills(server, random.Random(seed), kills)
    backups = Backups(database, folder)
    begun = time.monotonic()
    while not all(schedule.done for schedule in schedules):
        assert time.monotonic() - begun < 240, f"round {seed} does not end"
        pockets[0].page.wait_for_timeout(20)
        now = time.monotonic()
        deaths.step(now)
        for schedule in schedules:
            schedule.step(now, schedule.pocket.state())
        backups.step(lambda: set().union(*(pocket.acknowledged() for pocket in pockets)))
    server.kill()
    server.start()
    healed = time.monotonic()
    for pocket in pockets:
        pocket.network.heal()
        pocket.hurry()
    for pocket in pockets:
        while (state := pocket.state())["waiting"] or state["busy"]:
            assert time.monotonic() - healed < HEALED_WITHIN_S, f"round {seed}: {state} a minute after healing"
            pocket.page.wait_for_timeout(50)
        assert state["refused"] == [], f"round {seed}: {state}"
    took = time.monotonic() - healed
    made = backups.check()
    return Result(
        ledger.compare(database),
        Counter(seen.fault for pocket in pockets for seen in pocket.network.seen),
        deaths.done,
        made,
        took,
        sum(len(pocket.network.seen) for pocket in pockets),
    )
