"""Short histories by the hundred, against the real server; tests/faults/machine.py has the rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from app.config import Settings
from tests.faults.ledger import unsound
from tests.faults.machine import Histories, House
from tests.faults.servers import Server
from tests.people import Town

RUNS = {"sqlite": 40, "postgresql": 20}
STEPS = 20


@pytest.fixture
def house(server: Server, town: Town, database_url: str, tmp_path: Path) -> Iterator[House]:
    held = House(
        server, town.database, Settings(database_url=database_url, base_url=server.url), town.north.id, tmp_path
    )
    yield held
    server.kill()


@pytest.mark.parametrize("lot", [1, 2, 3])
def test_whatever_happens_what_was_saved_is_there_once(house: House, kind: str, lot: int) -> None:
    """The same ones each time; `make soak` tells new ones. A history that fails is written out: it becomes a test."""

    class Here(Histories):
        pass

    Here.house = house
    ours = settings(
        max_examples=RUNS[kind],
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(lot)(Here), settings=ours)
    assert unsound(house.database) == []
    assert house.runs >= RUNS[kind]
    assert house.taps > 20 * house.runs
    assert min(house.kills, house.restores) > 0
