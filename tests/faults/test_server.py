"""The server killed, slow, migrated, restored: half a batch never stands, and nothing that was acknowledged goes."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.custody.backup import back_up, faults_of
from app.db import Database
from app.migrate import is_migrated, migrate, revision_of
from tests.faults.amount import Tally, amount
from tests.faults.ledger import Ledger
from tests.faults.machine import dying_at
from tests.faults.phone import Phone
from tests.faults.servers import FAILPOINTS, Nursery, Server
from tests.people import Town

Hand = Callable[..., Phone]


@pytest.fixture
def hand_out(server: Server, town: Town, ledger: Ledger) -> Iterator[Hand]:
    out: list[Phone] = []

    def hand(name: str = "otto") -> Phone:
        out.append(Phone(server.port, town[name].id, town[name].token, ledger))
        return out[-1]

    yield hand
    for phone in out:
        phone.close()


def tap(phone: Phone, times: int = 5) -> None:
    if phone.sitting is None:
        phone.begin()
    for n in range(times):
        phone.tap("start", task=("rooming", "vitals")[n % 2])


def upload(phone: Phone, server: Server, seconds: float = 60) -> None:
    """Until nothing waits."""
    deadline = time.monotonic() + seconds
    while phone.waiting():
        assert time.monotonic() < deadline, phone.fault
        if phone.send() != "taken":
            time.sleep(0.02)


def events(town: Town) -> int:
    with town.database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM events")).scalar_one())


def test_a_server_that_dies_anywhere_leaves_a_whole_batch_or_none(
    server: Server, hand_out: Hand, town: Town, ledger: Ledger, tally: Tally
) -> None:
    runs = amount(1, 20)
    for where in FAILPOINTS * runs:
        server.start(**dying_at(where))
        phone = hand_out()
        tap(phone, 7)
        there = events(town)
        assert phone.send() != "taken", where
        server.wait_until_gone()
        assert events(town) - there == (8 if where in ("after_commit", "mid_response") else 0), where
        server.start()
        upload(phone, server)
        server.kill()
        phone.close()
        tally.add(f"S1 killed at failpoint {where}", "kill -9 of itself at that line",
                  result="a whole batch or none; 0 lost, 0 doubled")  # fmt: skip
    ledger.compare(town.database)


def test_random_kills_under_load_of_eight_clients(
    server: Server, hand_out: Hand, town: Town, ledger: Ledger, tally: Tally
) -> None:
    kills = amount(4, 25)
    chance = random.Random(7)
    server.start()
    phones = [hand_out(name) for name in ("otto", "olga", "mia", "ana") * 2]
    over = threading.Event()

    def tap_and_send(phone: Phone) -> None:
        while not over.is_set():
            tap(phone, 3)
            phone.send()
        upload(phone, server)

    clients = [threading.Thread(target=tap_and_send, args=(phone,)) for phone in phones]
    for client in clients:
        client.start()
    for _kill in range(kills):
        time.sleep(chance.uniform(0.1, 0.5))
        server.kill()
        server.start()
    over.set()
    for client in clients:
        client.join(90)
        assert not client.is_alive()
    found = ledger.compare(town.database)
    assert found.stored == found.saved
    tally.add("S2 random kills under load", "kill -9 by pid, 8 clients without pause", runs=kills,
              result=f"0 of {found.saved} lost or doubled")  # fmt: skip


def test_late_and_slow_answers_make_no_second_tap(
    server: Server, hand_out: Hand, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """The server works on a batch while the phone, out of patience, sends it again and again."""
    server.start(fail={"before_insert": ("sleep:0.4", 0)})
    phone = hand_out()
    tap(phone, 20)
    again = [threading.Thread(target=phone._post_anew, args=(_as_sent(phone),)) for _ in range(4)]
    for request in again:
        request.start()
    upload(phone, server)
    for request in again:
        request.join(20)
    ledger.compare(town.database)
    tally.add("S9 slow server", "failpoint sleeps in every batch while five copies are on their way")


def _as_sent(phone: Phone) -> bytes:
    phone.send("hold")
    return phone.held.pop()


@pytest.mark.on("sqlite", why="PostgreSQL would have to be migrated down, which nobody does")
def test_a_migration_killed_half_way_has_not_happened_and_is_done_at_the_next_start(
    nursery: Nursery, tmp_path: Path, tally: Tally
) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    with contextlib.closing(Database(url)) as database:
        migrate(database, _one_before_the_newest())
        with database.reader.connect() as connection:
            before = revision_of(connection)
    server = Server(nursery, url, tmp_path)
    for _run in range(runs := amount(2, 10)):
        server.start(wait=False, cold=True, fail_from_start=True, fail={"migrated": ("die", 1)})
        server.wait_until_gone()
        with contextlib.closing(Database(url)) as database, database.reader.connect() as connection:
            assert revision_of(connection) == before
            assert faults_of(tmp_path / "old.db") == []
    server.start(cold=True)
    with contextlib.closing(Database(url)) as database:
        assert is_migrated(database)
    server.kill()
    tally.add("S10 migration killed half-way", "failpoint after the last statement, before COMMIT", runs=runs,
              result="the old revision stands; the next start completes it")  # fmt: skip


def _one_before_the_newest() -> str:
    from alembic.script import ScriptDirectory

    from app.migrate import _config

    scripts = ScriptDirectory.from_config(_config())
    newest = scripts.get_revision("head")
    assert isinstance(newest.down_revision, str)
    return newest.down_revision


def test_a_restore_of_yesterdays_backup_brings_nothing_down_that_phones_still_hold(
    server: Server, hand_out: Hand, town: Town, ledger: Ledger, database_url: str, tmp_path: Path, tally: Tally
) -> None:
    """Killed once in the middle, then done, under a serving server."""
    server.start()
    phone, other = hand_out(), hand_out("olga")
    for turn in range(amount(1, 5)):
        for one in (phone, other):
            tap(one, 20)
            upload(one, server)
        backup = tmp_path / f"yesterday-{turn}.db"
        back_up(town.database, backup)
        for one in (phone, other):
            tap(one, 20)
            upload(one, server)
        epoch = phone.epoch
        there = events(town)
        assert server.nursery.run(server, "restore", str(backup), fail={"restoring": ("die", 1)}) < 0
        assert events(town) == there
        assert server.nursery.run(server, "restore", str(backup)) == 0
        assert events(town) < there
        for one in (phone, other):
            one.send(hello=True)  # a page that is opened again
            upload(one, server)
        assert phone.epoch != epoch
        assert events(town) >= there
    ledger.compare(town.database)
    tally.add("S7 older backup restored", "timesink restore under a serving server, killed once half-way",
              runs=amount(1, 5), result="phones send again what they hold; 0 lost, 0 doubled")  # fmt: skip


def test_a_backup_killed_half_way_leaves_nothing_under_its_name(
    server: Server, hand_out: Hand, town: Town, ledger: Ledger, tmp_path: Path, tally: Tally
) -> None:
    server.start()
    phone = hand_out()
    tap(phone, 30)
    upload(phone, server)
    target = tmp_path / "mine.db"
    assert server.nursery.run(server, "backup", str(target), fail={"backed_up": ("die", 1)}) < 0
    assert not target.exists()
    assert server.nursery.run(server, "backup", str(target)) == 0
    assert faults_of(target) == []
    ledger.compare(town.database)
    tally.add("S8 backup killed", "failpoint before its check", result="no file under its name; the next one is sound")


def test_the_servers_clock_set_wrong_and_right_again_moves_no_tap(
    server: Server, hand_out: Hand, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """Raw stamps stay; what was measured by the wrong clock is outvoted or flagged once the right one is heard."""
    server.start()
    phone = hand_out()
    tap(phone)
    upload(phone, server)
    server.kill()
    server.start(clock_ms=3_600_000)
    phone.close()
    tap(phone)
    upload(phone, server)
    server.kill()
    server.start()
    phone.close()
    tap(phone)
    upload(phone, server)
    tap(phone, 1)
    upload(phone, server)
    found = ledger.compare(town.database)
    tally.add("C5 server clock an hour wrong, then right", "its clock, in its process",
              result=f"raw stamps untouched; {found.uncertain} of {found.stored - 1} flagged, rest right")  # fmt: skip
