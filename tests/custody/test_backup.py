"""A backup is whole or not there, holds everything, and restores on either kind of database."""

import json
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from app.capture.models import Fact
from app.clinics.models import Clinic
from app.config import CHECKOUT
from app.custody import command
from app.custody.backup import back_up, faults_of
from app.custody.files import file_of
from app.db import Base, Database
from app.errors import AppError
from app.migrate import migrate
from app.slices.freshen import freshen
from tests.builders import observed, send
from tests.people import Town
from tests.test_cli import Terminal


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path)


@contextmanager
def opened(file: Path) -> Iterator[Database]:
    held = Database(f"sqlite:///{file}")
    yield held
    held.close()


def rows(database: Database) -> dict[str, list[Any]]:
    """Every table's rows, in an order of their own."""
    with database.read() as session:
        return {
            table.name: sorted(json.dumps(list(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


def make_large(database: Database, megabytes: int) -> None:
    with database.write() as session:
        for number in range(megabytes):
            session.add(Fact(name=f"ballast-{number}", value=os.urandom(500_000).hex()))


def test_a_backup_holds_everything_in_one_sound_file_for_its_owner_only(
    town: Town, client: TestClient, database: Database, tmp_path: Path
) -> None:
    send(town["otto"].program(client), observed("09:00 rooming", "09:04 phone!", "09:06 back", "09:30 end"))
    freshen(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    size = back_up(database, folder / "mine.db")
    assert [path.name for path in folder.iterdir()] == ["mine.db"]
    assert size == (folder / "mine.db").stat().st_size > 0
    assert stat.S_IMODE((folder / "mine.db").stat().st_mode) == 0o600
    assert faults_of(folder / "mine.db") == []
    with opened(folder / "mine.db") as copy:
        assert rows(copy) == rows(database)


def test_a_backup_overwrites_nothing_unasked(town: Town, database: Database, tmp_path: Path) -> None:
    target = tmp_path / "mine.db"
    target.write_text("precious")
    with pytest.raises(AppError, match="there already"):
        back_up(database, target)
    assert target.read_text() == "precious"
    back_up(database, target, overwrite=True)
    assert faults_of(target) == []
    with pytest.raises(AppError, match="no folder"):
        back_up(database, tmp_path / "nowhere" / "mine.db")
    with pytest.raises(AppError, match="is a folder"):
        back_up(database, tmp_path)
    file = file_of(database.url)
    if file is not None:
        with pytest.raises(AppError, match="the database itself"):
            back_up(database, file, overwrite=True)


def test_killed_in_the_middle_a_backup_leaves_nothing_under_its_name(terminal: Terminal, database: Database) -> None:
    make_large(database, 16)
    target = terminal.folder / "mine.db"
    for _try in range(5):  # on a busy machine it may be done before anybody looks
        if killed(terminal, ["backup", str(target)], lambda: bool(_parts(terminal.folder))):
            break
        target.unlink()
    assert not target.exists()
    left = _parts(terminal.folder)
    assert left
    for part in left:
        os.utime(part, (time.time() - 90_000,) * 2)  # a day later
    assert "Backed up" in terminal.run("backup", str(target))
    assert faults_of(target) == []
    assert _parts(terminal.folder) == []


def killed(terminal: Terminal, arguments: list[str], reached: Callable[[], bool]) -> bool:
    """Runs a command and kills it (-9) as soon as `reached`; whether that was before it was done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=terminal.folder,
        env=terminal.environment | {"PYTHONPATH": str(CHECKOUT)},
    )
    while process.poll() is None and not reached():
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _parts(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(".mine.db.")]


def test_on_a_full_disk_a_backup_says_so_and_leaves_nothing(terminal: Terminal, database: Database) -> None:
    make_large(database, 8)
    target = terminal.folder / "mine.db"
    done = subprocess.run(
        [sys.executable, "-m", "app", "backup", str(target)],
        cwd=terminal.folder,
        env=terminal.environment | {"PYTHONPATH": str(CHECKOUT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert not target.exists()
    assert _parts(terminal.folder) == []


def test_taps_are_taken_in_while_a_backup_is_made(terminal: Terminal, town: Town, database: Database) -> None:
    make_large(database, 12)
    with terminal.serving() as (address, _printed):
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "backup", str(terminal.folder / "mine.db")],
            cwd=terminal.folder,
            env=terminal.environment | {"PYTHONPATH": str(CHECKOUT)},
        )
        sent = 0
        headers = {"Authorization": f"Bearer {town['otto'].token}"}

        while process.poll() is None:
            items = observed("09:00 rooming", "09:05 end")
            body = {"proto": 1, "batch_id": "b", "device": "phone-1", "items": items}
            answer = httpx.post(f"{address}/api/v1/batches", json=body, headers=headers)
            assert [result["status"] for result in answer.json()["results"]] == ["stored"] * len(items)
            sent += 1
        assert process.wait() == 0
        assert sent > 0
    assert faults_of(terminal.folder / "mine.db") == []


@pytest.mark.on("sqlite", why="a SQLite file is damaged here")
def test_a_damaged_database_is_not_passed_off_as_a_backup(town: Town, database: Database, tmp_path: Path) -> None:
    make_large(database, 2)
    file = file_of(database.url)
    assert file is not None
    database.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'ix_sessions_clinic_id_day'")
        connection.commit()
    with pytest.raises(AppError, match="check"):
        back_up(database, tmp_path / "mine.db")
    assert sorted(path.name for path in tmp_path.iterdir() if "mine" in path.name) == []


@pytest.mark.on("sqlite", why="a revision is put on a SQLite file")
def test_a_database_not_yet_migrated_is_backed_up_as_it_is(tmp_path: Path) -> None:
    with opened(tmp_path / "old.db") as old:
        migrate(old, "slices")
        back_up(old, tmp_path / "mine.db")
    with closing(sqlite3.connect(tmp_path / "mine.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("slices",)]


def test_a_database_made_by_a_newer_timesink_is_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    with pytest.raises(AppError, match="newer Timesink"):
        migrate(database)


def test_where_there_is_no_database_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMESINK_DATABASE_URL", f"sqlite:///{tmp_path}/data/none.db")
    with pytest.raises(AppError, match="no database"):
        command.backup(tmp_path / "mine.db")
    with pytest.raises(AppError, match="no file"):
        command.restore(tmp_path / "mine.db")
    assert not (tmp_path / "data").exists()


def test_a_backup_in_a_command_is_audited_and_takes_the_ledger_along(
    town: Town,
    client: TestClient,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TIMESINK_DATABASE_URL", database.url)
    items = observed("09:00 rooming", "09:05 end", subject="MA-03")
    send(town["otto"].program(client), items)
    command.erase(subject="MA-03", clinic="north")
    (tmp_path / "elsewhere").mkdir()
    command.backup(tmp_path / "elsewhere" / "mine.db")
    assert "1 session; 4 items" in capsys.readouterr().out
    assert items[0]["id"] in (tmp_path / "elsewhere" / "timesink-erasures.jsonl").read_text()
    with database.read() as session:
        assert "backed_up" in {row.action for row in session.execute(text("SELECT action FROM audit"))}


def test_erasing_by_command_refuses_what_it_does_not_know(
    town: Town,
    client: TestClient,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    items = observed("09:00 rooming", "09:05 end", subject="MA-03")
    send(town["otto"].program(client), items)
    session_id = items[0]["id"]
    monkeypatch.setenv("TIMESINK_DATABASE_URL", database_url)
    refused: list[tuple[str, dict[str, Any]]] = [
        ("Name either", {"clinic": "north"}),
        ("Name either", {"session": session_id, "outdated": True}),
        ("Name either", {"session": session_id, "subject": "MA-03", "clinic": "north"}),
        ("--clinic", {"subject": "MA-03"}),
        ("MA-99", {"subject": "MA-99", "clinic": "north"}),
        ("nowhere", {"subject": "MA-03", "clinic": "nowhere"}),
        ("There is no session", {"session": session_id, "clinic": "south"}),
        ("There is no session nonsense", {"session": "nonsense"}),
    ]
    for why, options in refused:
        with pytest.raises(AppError, match=why):
            command.erase(**options)
    command.erase(session=session_id.upper())
    assert "1 session; 4 items" in capsys.readouterr().out
    own_day = observed("09:00 rooming", "09:05 end", mode="self", subject=None)
    send(town["ada"].program(client), own_day)
    command.erase(session=own_day[0]["id"])  # on the server everything may be erased, on its owner's wish
    assert "1 session; 4 items" in capsys.readouterr().out
    send(town["otto"].program(client), observed("09:00 rooming", "09:05 end", on="2025-06-02"))
    with town.database.write() as session:
        session.get_one(Clinic, town.north.id).retention_months = 1
    command.erase(outdated=True)  # for those who have it done by cron
    assert "Erased: 1 thing that was older than its clinic keeps it." in capsys.readouterr().out
