"""A disk that is full, fails, is gone or lies: never an acknowledgement for what is not kept, and reading goes on."""

import contextlib
import http.client
import json
import os
import pwd
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.custody.backup import back_up
from app.custody.files import file_of
from app.db import Database
from tests.conftest import Templates
from tests.faults.amount import Tally, amount
from tests.faults.ledger import Ledger
from tests.faults.phone import Phone
from tests.faults.servers import Nursery, Server
from tests.people import Town, settle
from tests.postgresql import Cluster
from tests.test_cli import Terminal

ROOT = os.geteuid() == 0
needs_mount = pytest.mark.skipif(not ROOT or not shutil.which("mount"), reason="only root may mount a small disk")
ON_SQLITE = pytest.mark.on("sqlite", why="it is about SQLite's file")


def program(port: int, token: str, path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
    """(status, headers, JSON) of a call."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
        with connection.getresponse() as answer:
            return (
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                json.loads(answer.read()),
            )
    finally:
        connection.close()


def upload(phone: Phone) -> tuple[int, dict[str, str], Any]:
    envelope = {"proto": 1, "batch_id": "b", "device": phone.device, "items": phone.waiting()[:200]}
    return program(phone.port, phone.token, "/api/v1/batches", envelope)


def refused_with(phone: Phone, code: str) -> dict[str, Any]:
    """An upload must say why nothing can be kept: RFC 9457, 503, Retry-After."""
    status, headers, said = upload(phone)
    assert (status, said["code"], said["status"]) == (503, code, 503), said
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["retry-after"]) > 0
    told: dict[str, Any] = said
    return told


def reads_go_on(phone: Phone) -> None:
    session = phone.sittings[-1].id
    for path in (
        f"/api/v1/sessions/{session}/timeline", f"/api/v1/sessions/{session}/events", "/api/v1/clinics/north/pad",
        "/api/v1/sessions?clinic=north", "/readyz",
    ):  # fmt: skip
        assert program(phone.port, phone.token, path)[0] == 200, path


def tap(phone: Phone, times: int = 20) -> None:
    if phone.sitting is None:
        phone.begin()
    for n in range(times):
        phone.tap("start", task=("rooming", "vitals")[n % 2])


def until_refused(phone: Phone, most: int = 4000) -> None:
    """Taps and uploads until the server takes no more."""
    for _turn in range(most // 100):
        tap(phone, 100)
        if phone.send() != "taken":
            assert phone.fault == "busy", phone.fault
            return
    raise AssertionError("the disk never became full")


@pytest.fixture
def phone(server: Server, town: Town, ledger: Ledger) -> Iterator[Phone]:
    with server:
        held = Phone(server.port, town["otto"].id, town["otto"].token, ledger)
        tap(held)
        assert held.send() == "taken"
        yield held
        held.close()


# --- a small disk ----------------------------------------------------------------------------------------------------


@dataclass
class Disk:
    folder: Path
    url: str

    def fill(self) -> None:
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
            while ballast.write(b"\0" * 4096) == 4096:
                pass

    def make_room(self) -> None:
        (self.folder / "ballast").unlink()


@pytest.fixture
def disk(kind: str, templates: Templates, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Disk]:
    """A database on a disk of its own, of few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    with ExitStack() as undo:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=True)
        undo.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
        if kind == "sqlite":
            shutil.copy(templates.empty, folder / "timesink.db")
            yield Disk(folder, f"sqlite:///{folder}/timesink.db")
        else:
            cluster: Cluster = request.getfixturevalue("_cluster")
            for path in (folder, *folder.parents[: len(folder.parts) - 3]):
                path.chmod(0o755)
            place = folder / "place"
            place.mkdir()
            os.chown(place, pwd.getpwnam("postgres").pw_uid, -1)
            name = f"small_{os.urandom(4).hex()}"
            cluster.run(f"CREATE TABLESPACE {name} LOCATION '{place}'")
            undo.callback(cluster.run, f"DROP TABLESPACE {name}")
            url = cluster.create(name, template=str(templates.empty), tablespace=name)
            undo.callback(cluster.drop, url)
            yield Disk(folder, url)


@needs_mount
def test_a_full_disk_acknowledges_nothing_reads_on_and_recovers_when_there_is_room(
    nursery: Nursery, disk: Disk, kind: str, tmp_path: Path, ledger: Ledger, tally: Tally
) -> None:
    database = Database(disk.url)
    town = settle(database)
    runs = amount(1, 5)
    with Server(nursery, disk.url, tmp_path) as server:
        phone = Phone(server.port, town["otto"].id, town["otto"].token, ledger)
        tap(phone)
        assert phone.send() == "taken"
        for _run in range(runs):
            disk.fill()
            until_refused(phone)
            assert "full" in refused_with(phone, "storage_full")["detail"]
            waiting = len(phone.waiting())
            reads_go_on(phone)
            tap(phone, 1)
            assert phone.send() == "busy"
            assert len(phone.waiting()) == waiting + 1
            disk.make_room()
            while phone.waiting():
                assert phone.send() == "taken"
        ledger.compare(database)
        phone.close()
    database.close()
    how = "tmpfs of 24 MB filled to the last page, room made again" + (" (a tablespace)" if kind != "sqlite" else "")
    tally.add("S3 disk full", how, runs=runs, result="503 storage_full, reading goes on; 0 lost, 0 doubled")


@needs_mount
@ON_SQLITE
def test_a_disk_that_may_only_be_read_is_read(
    nursery: Nursery, disk: Disk, tmp_path: Path, ledger: Ledger, tally: Tally
) -> None:
    database = Database(disk.url)
    town = settle(database)
    database.close()
    with Server(nursery, disk.url, tmp_path) as server:
        phone = Phone(server.port, town["otto"].id, town["otto"].token, ledger)
        tap(phone)
        assert phone.send() == "taken"
        server.stop()
        subprocess.run(["mount", "-o", "remount,ro", str(disk.folder)], check=True)
        said = Terminal(disk.url, tmp_path).run("serve", "--port", str(server.port), code=1)
        assert len(said.strip().splitlines()) == 1, said
        assert said.startswith("The database cannot be used")
        subprocess.run(["mount", "-o", "remount,rw", str(disk.folder)], check=True)
        server.start()
        tap(phone)
        assert phone.send() == "taken"
        phone.close()
    database = Database(disk.url)
    ledger.compare(database)
    database.close()
    tally.add("S6 database may only be read", "tmpfs remounted read-only", result="refuses to start, one clear line")


@ON_SQLITE
def test_a_write_that_fails_is_never_acknowledged(
    server: Server, town: Town, ledger: Ledger, database_url: str, tally: Tally
) -> None:
    file = file_of(database_url)
    assert file is not None
    server.start(file_limit=file.stat().st_size + 300_000)
    with contextlib.closing(Phone(server.port, town["otto"].id, town["otto"].token, ledger)) as phone:
        tap(phone)
        assert phone.send() == "taken"
        for _run in range(runs := amount(1, 5)):
            until_refused(phone)
            while upload(phone)[0] == 200:  # SQLite copied its log meanwhile, which made room once more
                until_refused(phone)
            refused_with(phone, "storage_error")
            reads_go_on(phone)
            limit, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit + 600_000, hard))
            while phone.waiting():
                assert phone.send() == "taken"
    ledger.compare(town.database)
    tally.add(
        "S4 write fails", "RLIMIT_FSIZE of the server's process, raised again", runs=runs,
        result="503 storage_error, reading goes on; 0 lost, 0 doubled",
    )  # fmt: skip


@ON_SQLITE
def test_a_commit_that_fails_is_never_acknowledged(server: Server, town: Town, ledger: Ledger, tally: Tally) -> None:
    """Whatever SQLite says at that moment, the phone hears why and keeps everything."""
    said = {"SQLITE_IOERR": "storage_error", "SQLITE_FULL": "storage_full", "SQLITE_BUSY": "busy",
            "SQLITE_READONLY": "storage_read_only", "SQLITE_CORRUPT": "storage_damaged"}  # fmt: skip
    for error, code in said.items():
        server.start(fail={"before_commit": (f"broken:{error}", 1)})
        phone = Phone(server.port, town["otto"].id, town["otto"].token, ledger)
        tap(phone, 3)
        status, _headers, problem = program(
            server.port, phone.token, "/api/v1/batches",
            {"proto": 1, "batch_id": "b", "device": phone.device, "items": phone.waiting()},
        )  # fmt: skip
        assert (status, problem["code"]) == (503, code)
        # damage is for good: nothing is written any more before somebody has looked
        assert phone.send() == ("busy" if code == "storage_damaged" else "taken")
        server.kill()
        server.start()
        phone.close()
        assert phone.send() in ("taken", "nothing")
        server.kill()
        phone.close()
    ledger.compare(town.database)
    tally.add(
        "S4 commit fails", "failpoint before COMMIT raises SQLite's own error", runs=len(said),
        result="503 with the reason; 0 lost, 0 doubled",
    )  # fmt: skip


# --- a database that is damaged, moved, held -------------------------------------------------------------------------


@ON_SQLITE
def test_a_damaged_database_takes_nothing_and_a_restore_and_the_phones_bring_all_of_it_back(
    server: Server, town: Town, ledger: Ledger, phone: Phone, database_url: str, tmp_path: Path, tally: Tally
) -> None:
    file = file_of(database_url)
    assert file is not None
    back_up(town.database, tmp_path / "yesterday.db")
    tap(phone, 300)
    while phone.waiting():
        assert phone.send() == "taken"
    town.database.close()
    server.stop()
    with sqlite3.connect(file) as connection:  # the pages of one table, as a bad disk would leave them
        pages = [row[0] for row in connection.execute("SELECT pageno FROM dbstat WHERE name IN ('receipts', 'events')")]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with file.open("r+b") as damaged:
        for page in pages:
            damaged.seek((page - 1) * size)
            damaged.write(b"\xa5" * size)
    server.start()
    phone.close()
    tap(phone, 5)
    waiting = len(phone.waiting())
    assert phone.send() == "busy"
    assert "restore" in refused_with(phone, "storage_damaged")["detail"]
    assert len(phone.waiting()) == waiting
    server.stop()
    terminal = Terminal(database_url, tmp_path)
    terminal.run("restore", str(tmp_path / "yesterday.db"))
    server.start()
    phone.close()
    for turn in range(5):
        phone.send(hello=turn == 0)
    assert phone.waiting() == []
    with contextlib.closing(Database(database_url)) as restored:
        ledger.compare(restored)
    tally.add(
        "S7 corrupt database, older backup restored", "pages of two tables overwritten; timesink restore",
        result="503 storage_damaged, never an ack; 0 lost, 0 doubled",
    )  # fmt: skip


@ON_SQLITE
def test_no_database_at_all_under_that_name_is_one_clear_line(tmp_path: Path, tally: Tally) -> None:
    (tmp_path / "notes.db").write_bytes(b"Dear diary, this is no database." * 200)
    said = Terminal(f"sqlite:///{tmp_path}/notes.db", tmp_path).run("serve", code=1)
    assert len(said.strip().splitlines()) == 1, said
    assert "not a database" in said
    tally.add("S6 not a database", "a text file under the name", result="refuses to start, one clear line")


def test_a_database_of_a_newer_timesink_is_left_as_it_is(
    database: Database, database_url: str, tmp_path: Path, tally: Tally
) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'of-tomorrow'"))
    said = Terminal(database_url, tmp_path).run("serve", code=1)
    assert len(said.strip().splitlines()) == 1, said
    assert "update this one first" in said
    tally.add("S6 newer schema", "a revision that this code does not know", result="refuses to start, one clear line")


@ON_SQLITE
@pytest.mark.parametrize("what", ["moved away", "replaced by a copy"])
def test_a_database_moved_under_a_running_server_is_written_to_no_more(
    server: Server, town: Town, ledger: Ledger, phone: Phone, database_url: str, what: str, tally: Tally
) -> None:
    """SQLite would go on writing into the file that nobody finds any more, and each tap would be acknowledged."""
    file = file_of(database_url)
    assert file is not None
    aside = file.with_name("aside.db")
    if what == "moved away":
        file.rename(aside)
    else:
        town.database.close()
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(file, aside)
        aside.rename(file)
    tap(phone, 5)
    waiting = len(phone.waiting())
    assert phone.send() == "busy"
    assert "moved" in refused_with(phone, "storage_moved")["detail"]
    assert len(phone.waiting()) == waiting
    if what == "moved away":
        aside.rename(file)
    server.stop()
    server.start()
    phone.close()
    assert phone.send() == "taken"
    with contextlib.closing(Database(database_url)) as again:
        ledger.compare(again)
    tally.add("S6 file moved or replaced under the server", "rename of the database's file",
              result="503 storage_moved, never an ack; 0 lost, 0 doubled")  # fmt: skip


@ON_SQLITE
@pytest.mark.parametrize(("held_s", "said"), [(2.0, "taken"), (6.5, "busy")])
def test_a_database_that_somebody_else_writes_to_is_waited_for_a_while(
    phone: Phone, town: Town, ledger: Ledger, database_url: str, held_s: float, said: str, tally: Tally
) -> None:
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    _in_the_background(held_s, lambda: other.execute("COMMIT"))
    tap(phone, 5)
    begun = time.monotonic()
    assert phone.send() == said
    took = time.monotonic() - begun
    assert took < 6.4
    if said == "busy":
        reads_go_on(phone)
        assert len(phone.waiting()) == 5
        time.sleep(max(0.0, begun + held_s + 0.2 - time.monotonic()))
        assert phone.send() == "taken"
    other.close()
    ledger.compare(town.database)
    tally.add("S5 database locked", "another connection holds BEGIN IMMEDIATE for 2 s and 6.5 s",
              result="waits, then 503 busy; 0 lost, 0 doubled")  # fmt: skip


@pytest.mark.on("postgresql", why="SQLite has no such locks")
def test_a_table_that_somebody_holds_is_waited_for_a_while(
    phone: Phone, town: Town, ledger: Ledger, tally: Tally
) -> None:
    with town.database.writer.connect() as other:
        other.execute(text("LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE"))
        tap(phone, 5)
        begun = time.monotonic()
        refused_with(phone, "busy")
        assert time.monotonic() - begun < 15
        other.rollback()
    assert phone.send() == "taken"
    ledger.compare(town.database)
    tally.add("S5 database locked", "a table locked for ever", result="503 busy after 10 s; 0 lost, 0 doubled")


@pytest.mark.on("postgresql", why="it is about a server")
def test_connections_that_are_cut_cost_a_retry(phone: Phone, town: Town, ledger: Ledger, tally: Tally) -> None:
    for _run in range(runs := amount(5, 50)):
        tap(phone, 3)
        with town.database.writer.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE datname = current_database() AND pid <> pg_backend_pid()"))  # fmt: skip
        phone.send()
        while phone.waiting():
            phone.send()
    ledger.compare(town.database)
    tally.add("S2 PostgreSQL restarted", "every connection of the server terminated", runs=runs)


def _in_the_background(seconds: float, act: Any) -> None:
    import threading

    threading.Timer(seconds, act).start()
