"""A restore replaces everything at once, under a serving server too, and brings back nothing that was erased."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from app.audit.models import Entry
from app.capture.models import DayItem, DayLog, Event, Fact, ObservationSession, Receipt
from app.capture.queries import db_epoch
from app.cli import app as commands
from app.config import Settings
from app.custody import ledger
from app.custody.backup import back_up, faults_of
from app.custody.erase import Order, erase_session, erase_subject
from app.custody.erasing import erasing
from app.custody.files import file_of
from app.custody.restore import Restored, restore
from app.custody.rows import tables_of
from app.db import Database, new_id, now_ms
from app.errors import AppError
from app.migrate import is_migrated, migrate
from app.people.accounts import sign_out
from app.reports.models import Poster
from app.reports.posters import revoke, rotate
from app.slices.freshen import freshen
from tests.builders import MONDAY, at, batches, envelope, observed, send, statuses
from tests.custody.test_backup import killed, make_large, opened, rows
from tests.people import Town, settle
from tests.reports.wall import NEXT_YEAR, hang, phone
from tests.test_cli import Terminal

OWN = ("facts", "audit", "logins", "links", "erasures", "erased_items", "receipts")  # what a restore does not just copy


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path)


@pytest.fixture
def otto(town: Town, client: TestClient) -> TestClient:
    return town["otto"].program(client)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "mine.db"


def restored(database: Database, settings: Settings, backup: Path) -> Restored:
    copy = backup.parent.parent / f"replaced-{time.monotonic_ns()}.db"
    return restore(database, settings, backup, copy, now_ms())


def epoch(database: Database) -> str:
    with database.read() as session:
        return db_epoch(session)


def sessions(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.execute(select(ObservationSession.id)).scalars())


def without(held: dict[str, list[Any]], *names: str) -> dict[str, list[Any]]:
    return {name: found for name, found in held.items() if name not in names}


def test_a_restore_puts_everything_back_and_makes_phones_send_again(
    otto: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    before, since = observed("09:00 rooming", "09:30 end"), observed("10:00 vitals", "10:30 end")
    send(otto, before)
    freshen(database)
    back_up(database, backup)
    held = rows(database)
    told = send(otto, since)
    done = restored(database, settings, backup)
    assert without(rows(database), *OWN) == without(held, *OWN)
    assert rows(database)["receipts"] == held["receipts"]
    assert done.erased_again == 0
    again = send(otto, [*before, *since])
    assert again["db_epoch"] != told["db_epoch"]
    assert statuses(again) == ["duplicate"] * len(before) + ["stored"] * len(since)
    assert is_migrated(database)


def test_what_a_restore_replaces_is_kept_as_a_backup(
    otto: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    freshen(database)
    back_up(database, backup)
    since = observed("10:00 vitals", "10:30 end")
    send(otto, since)
    freshen(database)
    held = rows(database)
    done = restored(database, settings, backup)
    assert sessions(database) == set()
    assert done.safety_copy is not None
    assert faults_of(done.safety_copy) == []
    with opened(done.safety_copy) as copy:
        assert rows(copy) == held
    restored(database, settings, done.safety_copy)
    assert sessions(database) == {since[0]["id"]}


def test_a_backup_restores_on_either_kind_of_database(
    otto: TestClient, database: Database, settings: Settings, backup: Path, tmp_path: Path
) -> None:
    send(otto, observed("09:00 rooming", "09:04 phone!", "09:06 back", "09:30 end"))
    freshen(database)
    back_up(database, backup)
    held = rows(database)
    other = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/other/timesink.db"})
    with opened(tmp_path / "other" / "timesink.db") as sqlite:
        migrate(sqlite)
        assert restored(sqlite, other, backup).safety_copy is None  # nobody had an account
        assert without(rows(sqlite), "facts", "audit", "links") == without(held, "facts", "audit", "links")
        back_up(sqlite, backup.parent / "back.db")
    restored(database, settings, backup.parent / "back.db")
    assert without(rows(database), "facts", "audit", "links") == without(held, "facts", "audit", "links")
    send(otto, observed("11:00 rooming", "11:30 end"))  # rows are numbered on after those that were put there


def test_an_erased_session_does_not_come_back_with_an_old_backup(
    otto: TestClient, town: Town, database: Database, settings: Settings, backup: Path
) -> None:
    erased, kept = observed("09:00 rooming", "09:30 end"), observed("10:00 vitals", "10:30 end")
    send(otto, [*erased, *kept])
    freshen(database)
    back_up(database, backup)
    with erasing(database, settings) as session:
        erase_session(session, erased[0]["id"], Order(town.north.id, town["ana"].id, now_ms()))
    assert restored(database, settings, backup).erased_again == 1
    assert sessions(database) == {kept[0]["id"]}
    assert statuses(send(otto, erased)) == ["gone session_erased"] * len(erased)
    assert restored(database, settings, backup).erased_again == 1


@pytest.mark.parametrize("beside", ["database", "backup"])
def test_nor_when_the_database_that_knew_of_it_is_lost(
    otto: TestClient, town: Town, database: Database, settings: Settings, backup: Path, tmp_path: Path, beside: str
) -> None:
    folder = backup.parent if beside == "backup" else tmp_path / "new"
    folder.mkdir(exist_ok=True)
    erased, never_there = observed("09:00 rooming", "09:30 end"), observed("10:00 vitals", "10:30 end")
    send(otto, erased)
    freshen(database)
    back_up(database, backup)
    send(otto, never_there)  # after the backup: it would only come from a phone
    with erasing(database, settings.model_copy(update={"backup_dir": folder})) as session:
        for items in (erased, never_there):
            erase_session(session, items[0]["id"], Order(town.north.id, None, now_ms()))
    fresh = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/new/timesink.db"})
    with opened(tmp_path / "new" / "timesink.db") as replacement:
        migrate(replacement)
        assert restored(replacement, fresh, backup).erased_again == 2
        assert sessions(replacement) == set()
        with replacement.read() as session:
            assert session.execute(select(func.count()).select_from(Event)).scalar_one() == 0
            assert {stone.id for stone in ledger.tombstones(session)} == {erased[0]["id"], never_there[0]["id"]}


def test_a_code_taken_out_of_a_day_log_does_not_come_back_either(
    town: Town, client: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    mia = town["mia"].program(client)
    item = {"type": "day", "id": new_id(), "clinic": "north", "day": MONDAY, "at": at("18:00")}
    item |= {"flex_asks": ["MA-02", "MA-03", "MA-04"]}
    send(mia, [item])
    freshen(database)
    back_up(database, backup)
    for code in ("MA-02", "MA-03"):
        with erasing(database, settings.model_copy(update={"backup_dir": backup.parent})) as session:
            erase_subject(session, town.north, code, Order(town.north.id, None, now_ms()))
    restored(database, settings, backup)
    with database.read() as session:
        kept = session.execute(select(DayItem.raw)).scalar_one()
        log = session.execute(select(DayLog.body)).scalar_one()
        assert session.execute(select(Receipt.status).where(Receipt.id == item["id"])).scalar_one() == "gone"
    assert json.loads(kept)["flex_asks"] == json.loads(log)["flex_asks"] == ["MA-04"]


def test_a_login_ended_since_the_backup_stays_ended(
    otto: TestClient, town: Town, client: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    freshen(database)
    back_up(database, backup)
    with database.write() as session:
        sign_out(session, town["mia"].token)
    restored(database, settings, backup)
    address = "/api/v1/clinics/north/pad"
    assert town["mia"].program(client).get(address).status_code == 401
    assert otto.get(address).status_code == 200


def test_a_poster_withdrawn_or_renewed_since_the_backup_stays_ended(
    otto: TestClient, town: Town, client: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    (withdrawn, old), (renewed, replaced), (_poster, good) = hang(town, "Lab"), hang(town, "Desk"), hang(town, "Hall")
    freshen(database)
    back_up(database, backup)
    with database.write() as session:
        revoke(session, session.get_one(Poster, withdrawn.id), at=now_ms(), by=None)
        rotate(session, town.north, session.get_one(Poster, renewed.id), until=NEXT_YEAR, at=now_ms(), by=None)
    restored(database, settings, backup)
    for codes, status in ((old, 403), (replaced, 403), (good, 200)):
        assert phone(client).post("/api/v1/posters", json={"token": codes.token}).status_code == status


def test_the_audit_goes_on_over_a_restore(
    otto: TestClient, town: Town, client: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    items = observed("09:00 rooming", "09:30 end")
    send(otto, items)
    freshen(database)
    back_up(database, backup)
    assert town["ana"].program(client).delete(f"/api/v1/sessions/{items[0]['id']}").status_code == 200
    done = restored(database, settings, backup)
    with database.read() as session:
        entries = session.execute(select(Entry.action, Entry.person_id, Entry.about).order_by(Entry.id)).all()
    assert [(entry.action, entry.person_id) for entry in entries[-2:]] == [
        ("erased", town["ana"].id),
        ("restored", None),
    ]
    assert done.safety_copy is not None
    assert json.loads(entries[-1].about) == {"file": "mine.db", "kept": done.safety_copy.name, "erased_again": 1}


def test_facts_are_still_guarded_after_a_restore(
    otto: TestClient, database: Database, settings: Settings, backup: Path
) -> None:
    send(otto, observed("09:00 rooming", "09:30 end"))
    freshen(database)
    back_up(database, backup)
    restored(database, settings, backup)
    for statement in ("UPDATE events SET at = 0", "DELETE FROM events", "DELETE FROM session_items"):
        with pytest.raises(Exception, match="append-only"), database.write() as session:
            session.execute(text(statement))


def test_an_older_backup_is_brought_up_to_date(tmp_path: Path, database: Database, settings: Settings) -> None:
    with opened(tmp_path / "old.db") as old:
        migrate(old, "slices")
        with old.transaction() as connection:
            connection.execute(
                text(
                    "INSERT INTO clinics (slug, name, timezone, weekly_hours, smallest_cell, created_at)"
                    " VALUES ('west', 'West', 'America/Denver', 40, 5, 0)"
                )
            )
        back_up(old, tmp_path / "backup.db")
    held = (tmp_path / "backup.db").read_bytes()
    restore(database, settings, tmp_path / "backup.db", tmp_path / "replaced.db", now_ms())
    assert is_migrated(database)
    with database.read() as session:
        assert session.execute(text("SELECT slug FROM clinics")).scalars().all() == ["west"]
    assert (tmp_path / "backup.db").read_bytes() == held  # the backup itself is not touched


def test_what_is_no_sound_backup_changes_nothing(
    otto: TestClient, database: Database, settings: Settings, backup: Path, tmp_path: Path
) -> None:
    send(otto, observed("09:00 rooming", "09:30 end"))
    make_large(database, 1)
    freshen(database)
    back_up(database, backup)
    held = rows(database)
    whole = backup.read_bytes()

    def refused(why: str, content: bytes | None) -> None:
        bad = tmp_path / "bad.db"
        if content is None:
            bad.unlink(missing_ok=True)
        else:
            bad.write_bytes(content)
        with pytest.raises(AppError, match=why):
            restore(database, settings, bad, tmp_path / "replaced.db", now_ms())
        assert rows(database) == held
        assert not (tmp_path / "replaced.db").exists()

    refused("no file", None)
    refused("no sound backup", b"hello, I am a spreadsheet" * 100)
    refused("no sound backup", whole[: len(whole) // 2])
    refused("not one of Timesink's", b"")
    with sqlite3.connect(tmp_path / "newer.db") as connection:
        sqlite3.connect(backup).backup(connection)
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    connection.close()
    refused("newer Timesink", (tmp_path / "newer.db").read_bytes())


def test_nothing_is_replaced_of_which_no_copy_can_be_kept(
    otto: TestClient, database: Database, settings: Settings, backup: Path, tmp_path: Path
) -> None:
    send(otto, observed("09:00 rooming", "09:30 end"))
    freshen(database)
    back_up(database, backup)
    held = rows(database)
    (tmp_path / "replaced.db").write_text("taken")
    with pytest.raises(AppError, match="there already"):
        restore(database, settings, backup, tmp_path / "replaced.db", now_ms())
    assert rows(database) == held


class Phone(threading.Thread):
    """Sends a session a moment, as a phone does, and remembers what the server has acknowledged."""

    def __init__(self, address: str, token: str) -> None:
        super().__init__()
        self.address, self.headers = address, {"Authorization": f"Bearer {token}"}
        self.acknowledged: list[list[dict[str, Any]]] = []
        self.epochs: list[str] = []
        self.answers: set[int] = set()
        self.stopping = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self.address, headers=self.headers, timeout=60) as web:
            while not self.stopping.is_set():
                items = observed("09:00 rooming", "09:30 end")
                answer = web.post("/api/v1/batches", json=envelope(items))
                self.answers.add(answer.status_code)
                if answer.status_code == 200:
                    assert {result["status"] for result in answer.json()["results"]} == {"stored"}
                    self.acknowledged.append(items)
                    self.epochs.append(answer.json()["db_epoch"])
                self.stopping.wait(0.05)


def test_restored_under_a_serving_server_no_acknowledged_tap_is_lost(
    terminal: Terminal, town: Town, database: Database, backup: Path
) -> None:
    first = observed("07:00 rooming", "07:30 end")
    with terminal.serving() as (address, _printed):
        headers = {"Authorization": f"Bearer {town['otto'].token}"}
        assert httpx.post(f"{address}/api/v1/batches", json=envelope(first), headers=headers).status_code == 200
        terminal.run("backup", str(backup))
        phone = Phone(address, town["otto"].token)
        phone.start()
        while len(phone.acknowledged) < 5:
            time.sleep(0.01)
        printed = terminal.run("restore", str(backup))
        until = len(phone.acknowledged) + 5
        while len(phone.acknowledged) < until and phone.is_alive():
            time.sleep(0.01)
        phone.stopping.set()
        phone.join()
        assert phone.answers <= {200, 503}  # put off at most, never refused and never broken
        assert len(set(phone.epochs)) == 2
        # the very server that was running all the time reads what was restored, and what came since
        listed = httpx.get(f"{address}/api/v1/sessions?clinic=north&limit=1000", headers=headers).json()["items"]
        changed = phone.epochs.index(phone.epochs[-1])
        since = {items[0]["id"] for items in phone.acknowledged[changed:]}
        assert {item["id"] for item in listed} == {first[0]["id"]} | since
        kept = re.search(r"kept as (\S+\.db)\.", printed)
        assert kept is not None
        with opened(Path(kept[1])) as copy:
            assert sessions(copy) == {first[0]["id"]} | {items[0]["id"] for items in phone.acknowledged[:changed]}
        # the phone, seeing another epoch, sends again
        every = [item for items in phone.acknowledged for item in items]
        for some in batches(every):
            again = httpx.post(f"{address}/api/v1/batches", json=envelope(some), headers=headers).json()
            assert {result["status"] for result in again["results"]} <= {"stored", "duplicate"}
    assert sessions(database) == {first[0]["id"]} | {items[0]["id"] for items in phone.acknowledged}


@pytest.mark.on("postgresql", why="SQLite has one lock for all")
def test_a_restore_gives_way_to_whoever_reads_the_tables_in_another_order(
    town: Town, database: Database, settings: Settings, backup: Path
) -> None:
    """Found by `make soak`: each waited for what the other held, and PostgreSQL ended the restore."""
    back_up(database, backup)
    with database.reader.connect() as reader, database.reader.connect() as watcher, ThreadPoolExecutor(1) as other:
        with database.reader.connect() as connection:
            first, *_others, last = [table.name for table in tables_of(connection)]
        reader.execute(text("SET LOCAL deadlock_timeout = '5s'"))  # so that the restore is the one to notice
        reader.execute(text(f"SELECT count(*) FROM {last}"))
        restoring = other.submit(restored, database, settings, backup)
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while watcher.execute(waits).scalar_one() == 0:
            time.sleep(0.01)
        with suppress(OperationalError):  # on a machine so slow that the restore had looked before
            reader.execute(text(f"SELECT count(*) FROM {first}"))
        reader.rollback()
        assert restoring.result(60).safety_copy is not None


def test_killed_in_the_middle_a_restore_has_not_happened(
    terminal: Terminal, town: Town, database: Database, backup: Path, otto: TestClient
) -> None:
    make_large(database, 8)
    freshen(database)
    back_up(database, backup)
    send(otto, observed("09:00 rooming", "09:30 end"))
    freshen(database)
    held = rows(database)
    places = (terminal.folder, backup.parent)  # the copy is done: from now on the rows are replaced
    for _try in range(5):  # on a busy machine it may be done before anybody looks
        if killed(terminal, ["restore", str(backup)], lambda: any(_copies(places))):
            break
        for copy in _copies(places):
            restored(database, Settings(database_url=database.url), copy)
            copy.unlink()
        held = rows(database)
    else:
        raise AssertionError("it was always done before it could be killed")
    assert rows(database) == held
    send(otto, observed("10:00 rooming", "10:30 end"))


def _copies(places: Iterable[Path]) -> list[Path]:
    return [copy for place in places for copy in place.glob("timesink-replaced-*.db")]


@pytest.mark.on("sqlite", why="a SQLite file is damaged here")
def test_a_damaged_database_is_set_aside_once_nobody_has_it_open(
    terminal: Terminal, town: Town, database: Database, backup: Path, client: TestClient
) -> None:
    freshen(database)
    back_up(database, backup)
    file = file_of(database.url)
    assert file is not None
    client.__exit__(None, None, None)
    database.close()
    with terminal.serving():
        with file.open("r+b") as raw:
            raw.seek(100)
            raw.write(b"\xff" * 8000)
        assert "stop" in terminal.run("restore", str(backup), code=1)
        assert not list(terminal.folder.glob("*.damaged"))
    printed = terminal.run("restore", str(backup))
    assert "damaged" in printed
    (aside,) = terminal.folder.glob("*.damaged")
    assert b"\xff" * 8000 in aside.read_bytes()
    with Database(database.url).read() as session:
        assert session.execute(text("SELECT count(*) FROM people")).scalar_one() == 6


def test_what_two_restores_in_one_second_replace_is_kept_under_two_names(
    town: Town, database: Database, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(database, backup)
    monkeypatch.setattr("app.custody.command.now_ms", lambda: at("09:00"))
    for _time in range(2):
        done = CliRunner().invoke(commands, ["restore", str(backup)], env={"TIMESINK_DATABASE_URL": database.url})
        assert done.exit_code == 0, done.output
    copies = _copies({tmp_path, backup.parent})
    assert sorted(copy.name.partition("Z")[2] for copy in copies) == ["-2.db", ".db"]
    assert [faults_of(copy) for copy in copies] == [[], []]


def test_every_restore_makes_another_epoch(database: Database, settings: Settings, backup: Path) -> None:
    settle(database)
    freshen(database)
    back_up(database, backup)
    seen = {epoch(database)}
    for _time in range(2):
        restored(database, settings, backup)
        seen.add(epoch(database))
    assert len(seen) == 3
    with database.read() as session:
        assert session.execute(select(func.count()).select_from(Fact).where(Fact.name == "db_epoch")).scalar_one() == 1
