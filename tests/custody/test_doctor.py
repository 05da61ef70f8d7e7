"""Every fault that the doctor can find, provoked; and nothing found where all is well."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.config import CHECKOUT, Settings
from app.custody.doctor import examine
from app.custody.erase import Order, erase_session
from app.custody.erasing import erasing
from app.custody.files import file_of
from app.custody.schedule import HOUR_MS, back_up_if_due, backups_in
from app.db import Database, now_ms
from tests.builders import observed, send
from tests.people import Town
from tests.test_cli import Terminal

on_sqlite = pytest.mark.on("sqlite", why="it is about a file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


@pytest.fixture
def well(database: Database, settings: Settings, folder: Path, town: Town) -> Settings:
    """An installation with which nothing is wrong."""
    whole = settings.model_copy(update={"base_url": "https://timesink.example", "backup_dir": folder})
    assert back_up_if_due(database, whole, now_ms()) is not None
    return whole


def faults(settings: Settings, now: int | None = None, least_free: int = 1) -> str:
    """All that is wrong, in one text; empty where nothing is."""
    found = examine(settings, now or now_ms(), least_free)
    return "\n".join(f"{finding.check}: {fault}" for finding in found for fault in finding.faults)


def observe(town: Town, client: TestClient) -> str:
    items = observed("09:00 rooming", "09:30 end")
    send(town["otto"].program(client), items)
    return str(items[0]["id"])


def file_path(database: Database) -> Path:
    found = file_of(database.url)
    assert found is not None
    return found


def test_a_well_installation_has_no_fault(well: Settings, town: Town, client: TestClient) -> None:
    observe(town, client)
    assert faults(well) == ""


def test_a_database_out_of_reach(well: Settings, tmp_path: Path) -> None:
    gone = {"database_url": "postgresql+psycopg://nobody@/none?host=/nonexistent&connect_timeout=2"}
    assert "cannot be reached" in faults(well.model_copy(update=gone))
    none = well.model_copy(update={"database_url": f"sqlite:///{tmp_path}/nothing/timesink.db"})
    assert "There is no database" in faults(none)
    assert not (tmp_path / "nothing").exists()


def test_an_empty_database(well: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch(mode=0o600)
    empty = well.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})
    assert "is empty" in faults(empty)


@on_sqlite
def test_a_damaged_database(well: Settings, database: Database) -> None:
    database.close()
    with file_path(database).open("r+b") as raw:
        raw.seek(4096 * 3)
        raw.write(b"\x55" * 4096 * 3)
    assert "is damaged" in faults(well)


@on_sqlite
def test_a_file_that_is_no_database(well: Settings, tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear all, " * 500)
    assert "not a database" in faults(well.model_copy(update={"database_url": f"sqlite:///{tmp_path}/letter.db"}))


@on_sqlite
def test_a_database_that_is_somebody_elses(well: Settings, database: Database) -> None:
    """As root everything may be written: then the doctor is asked as nobody."""
    database.close()
    file = file_path(database)
    file.chmod(0o444)
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from app.custody.checks import damage\n"
        "os.getuid() or os.setuid(65534)\n"
        f"print(*damage(Path({str(file)!r})))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert "must be this account's to write" in done.stdout


def test_a_database_behind_or_ahead_of_the_code(well: Settings, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'slices'"))
    assert "stands at revision “slices”" in faults(well)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert "update Timesink" in faults(well)


def test_rows_that_refer_to_nothing(well: Settings, database: Database, town: Town) -> None:
    statement = f"INSERT INTO memberships VALUES ('{'0' * 36}', {town.north.id}, 'observer', 0)"
    if not database.is_sqlite:
        with database.write() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(statement))
    else:
        with closing(sqlite3.connect(file_path(database))) as careless, careless:
            careless.execute(statement)
    assert "Rows refer to others that are not there" in faults(well)
    assert "memberships" in faults(well)


def test_a_clock_that_went_back(well: Settings, town: Town, client: TestClient) -> None:
    observe(town, client)
    told = faults(well, now_ms() - HOUR_MS)
    assert "The newest tap came in at" in told
    assert "long past" not in told
    assert "one of the two clocks is wrong" in told
    assert "long past" in faults(well, 86_400_000)


def test_a_disk_that_is_nearly_full(well: Settings, folder: Path) -> None:
    told = faults(well, least_free=1 << 60)
    assert "MB are free" in told
    assert str(folder) in told


@on_sqlite
def test_a_database_that_everybody_may_read(well: Settings, database: Database, folder: Path) -> None:
    file_path(database).chmod(0o644)
    (backup,) = backups_in(folder)
    backup.chmod(0o644)
    told = faults(well)
    assert f"chmod 600 {file_path(database)}" in told
    assert f"chmod 600 {backup}" in told


@on_sqlite
def test_a_log_without_end(well: Settings, database: Database) -> None:
    reading = sqlite3.connect(file_path(database), isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM facts").fetchone()
    with database.write() as session:
        for number in range(70):
            session.execute(text("INSERT INTO facts VALUES (:name, zeroblob(1000000))"), {"name": f"ballast-{number}"})
    assert "has grown to" in faults(well)
    reading.close()


def test_sessions_that_are_never_added_up(well: Settings, town: Town, client: TestClient, database: Database) -> None:
    session_id = observe(town, client)
    client.__exit__(None, None, None)  # the server stops
    with database.write() as session:
        session.execute(text("UPDATE sessions SET revision = revision + 1 WHERE id = :id"), {"id": session_id})
    assert "to be added up" not in faults(well)
    later = faults(well, now_ms() + 11 * 60_000)
    assert "1 session has waited" in later


def test_backups_that_are_not_made(well: Settings, folder: Path) -> None:
    assert "are off" in faults(well.model_copy(update={"backup_dir": None}))
    assert "is not there" in faults(well.model_copy(update={"backup_dir": folder / "nowhere"}))
    (made,) = backups_in(folder)
    assert "two periods old" in faults(well, now_ms() + 49 * HOUR_MS)
    made.unlink()
    assert "There is no backup" in faults(well)


def test_a_backup_that_failed_or_never_ended(well: Settings, database: Database, folder: Path) -> None:
    with database.write() as session:
        session.execute(text("UPDATE backup_runs SET file = NULL, fault = 'no space left on device'"))
    assert "failed: no space left on device" in faults(well)
    with database.write() as session:
        session.execute(text("UPDATE backup_runs SET fault = NULL, began_at = 0"))
    assert "never ended" in faults(well)


def test_a_backup_that_cannot_be_read(well: Settings, folder: Path) -> None:
    (made,) = backups_in(folder)
    with made.open("r+b") as raw:
        raw.seek(4096 * 2)
        raw.write(os.urandom(4096 * 4))
    assert "cannot be used" in faults(well)


def test_a_ledger_that_lacks_erasures(
    well: Settings, town: Town, client: TestClient, database: Database, folder: Path
) -> None:
    session_id = observe(town, client)
    with erasing(database, well.model_copy(update={"backup_dir": None})) as session:
        erase_session(session, session_id, Order(town.north.id, None, now_ms()))
    told = faults(well)
    assert str(folder) in told
    assert "lacks 1 erasure:" in told
    assert back_up_if_due(database, well, now_ms() + 25 * HOUR_MS) is not None
    assert "lacks" not in faults(well)


def test_addresses_that_serve_phones_ill(well: Settings) -> None:
    for base_url, why in (
        (None, "is not set"),
        ("http://127.0.0.1:8000", "no phone can reach"),
        ("http://10.0.0.5:8000", "which is not https"),
    ):
        assert why in faults(well.model_copy(update={"base_url": base_url}))
    lan = well.model_copy(update={"lan_origins": ["http://10.0.0.7:8000"]})
    assert "http://10.0.0.7:8000, which is not https" in faults(lan)


def test_the_command_ends_with_1_where_anything_is_wrong(well: Settings, tmp_path: Path, folder: Path) -> None:
    terminal = Terminal(well.database_url, tmp_path)
    terminal.environment["TIMESINK_BASE_URL"] = "https://timesink.example"
    assert terminal.run("doctor", code=1) == ""
    terminal.environment["TIMESINK_BACKUP_DIR"] = str(folder)
    said = terminal.run("doctor")
    assert said.splitlines()[0] == "✓ Database"
    assert "✗" not in said
