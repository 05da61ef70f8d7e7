"""Short histories by the hundred, against the real server; tests/faults/machine.py has the rules."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app.config import Settings
from tests.faults.amount import SOAK, Tally, amount
from tests.faults.ledger import unsound
from tests.faults.machine import Histories, House
from tests.faults.servers import Server
from tests.people import Town

RUNS = {"sqlite": (40, 64), "postgresql": (20, 16)}  # of each lot: in `make test`, in `make soak`
STEPS = 20


@pytest.fixture
def house(server: Server, town: Town, database_url: str, tmp_path: Path) -> Iterator[House]:
    held = House(
        server, town.database, Settings(database_url=database_url, base_url=server.url), town.north.id, tmp_path
    )
    yield held
    server.kill()


@pytest.mark.parametrize("lot", range(1, 1 + amount(3, 25)))  # each on a database of its own, which they fill
def test_whatever_happens_what_was_saved_is_there_once(house: House, kind: str, lot: int, tally: Tally) -> None:
    """The same ones each time; `make soak` tells new ones. A history that fails is written out: it becomes a test."""
    chosen = random.SystemRandom().randrange(10**6) if SOAK else lot
    runs = amount(*RUNS[kind])

    class Here(Histories):
        pass

    Here.house = house
    ours = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(chosen)(Here), settings=ours)
    assert unsound(house.database) == []
    assert house.runs >= runs
    assert house.taps > 10 * house.runs
    assert house.kills > 0
    tally.add("all of them, in any order", "Hypothesis: taps, lost, doubled, held, killed, clocks set, signed out, "
              "restored, revised, erased", runs=house.runs)  # fmt: skip
    tally.say(
        f"{kind}: histories of seed {chosen}: {house.runs}, with {house.taps} taps, {house.kills} kills, "
        f"{house.restores} restores; 0 lost, 0 doubled; {house.uncertain} of {house.stamps} times flagged, "
        f"{house.unknowable} wrong and not flagged (all where nobody could know)."
    )
