"""Backups on a schedule: one for each period, by one process, and old ones go."""

import time
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from app.audit.models import Entry
from app.config import Settings
from app.custody.backup import faults_of
from app.custody.ledger import NAME
from app.custody.models import BackupRun
from app.custody.schedule import HOUR_MS, back_up_if_due, backups_in
from app.db import Database
from tests.people import Town
from tests.test_cli import Terminal

NOON = 1_795_176_000_000 // (24 * HOUR_MS) * 24 * HOUR_MS + 12 * HOUR_MS
DAY = 24 * HOUR_MS


@pytest.fixture
def scheduled(settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "backups").mkdir()
    return settings.model_copy(update={"backup_dir": tmp_path / "backups", "backup_keep": 3})


def runs(database: Database) -> list[BackupRun]:
    with database.read() as session:
        return list(session.execute(select(BackupRun).order_by(BackupRun.period)).scalars())


def test_each_period_gets_one_backup(database: Database, scheduled: Settings, town: Town) -> None:
    first = back_up_if_due(database, scheduled, NOON)
    assert first is not None
    assert faults_of(first) == []
    for later in (1, HOUR_MS, DAY // 2 - 1):
        assert back_up_if_due(database, scheduled, NOON + later) is None
    second = back_up_if_due(database, scheduled, NOON + DAY // 2)
    assert second is not None
    assert backups_in(first.parent) == [second, first]
    with database.read() as session:
        made = session.execute(select(Entry.about).where(Entry.action == "backed_up").order_by(Entry.id)).scalars()
        assert list(made) == [f'{{"file":"{file.name}"}}' for file in (first, second)]


def test_switched_off_there_is_none(database: Database, settings: Settings) -> None:
    assert back_up_if_due(database, settings, NOON) is None
    assert runs(database) == []


def test_of_several_at_once_one_makes_it(database: Database, scheduled: Settings, town: Town) -> None:
    made: list[Path | None] = []
    together = Barrier(4)

    def look() -> None:
        own = Database(database.url)  # as another process has
        together.wait()
        made.append(back_up_if_due(own, scheduled, NOON))
        own.close()

    threads = [Thread(target=look) for _process in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert sum(file is not None for file in made) == 1


def test_old_backups_go_and_nothing_else_does(database: Database, scheduled: Settings, town: Town) -> None:
    folder = scheduled.backup_dir
    assert folder is not None
    others = [
        "timesink-replaced-20200101T000000Z.db",
        "timesink-20200101T000000Z.db.gz",
        "timesink-20200101.db",
        "my-timesink-20200101T000000Z.db",
        "holiday.jpg",
    ]
    for name in others:
        (folder / name).write_text("somebody's")
    made = [back_up_if_due(database, scheduled, NOON + day * DAY) for day in range(5)]
    assert backups_in(folder) == made[:1:-1]
    assert {path.name for path in folder.iterdir()} - {path.name for path in made if path} == {*others}


def test_a_failed_backup_is_noted_and_tried_again_after_an_hour(
    database: Database, scheduled: Settings, town: Town
) -> None:
    folder = scheduled.backup_dir
    assert folder is not None
    folder.rmdir()
    assert back_up_if_due(database, scheduled, NOON) is None
    (run,) = runs(database)
    assert run.fault is not None
    assert str(folder) in run.fault
    folder.mkdir()
    assert back_up_if_due(database, scheduled, NOON + HOUR_MS - 1) is None
    assert back_up_if_due(database, scheduled, NOON + HOUR_MS) is not None
    (run,) = runs(database)
    assert run.fault is None


def test_what_a_killed_process_began_is_begun_again(database: Database, scheduled: Settings, town: Town) -> None:
    with database.write() as session:
        session.add(BackupRun(period=NOON - NOON % DAY, began_at=NOON))
    assert back_up_if_due(database, scheduled, NOON + HOUR_MS - 1) is None
    assert back_up_if_due(database, scheduled, NOON + HOUR_MS) is not None


def test_serve_makes_a_backup_when_it_starts(database_url: str, tmp_path: Path, town: Town) -> None:
    terminal = Terminal(database_url, tmp_path)
    folder = tmp_path / "kept"
    folder.mkdir()
    terminal.environment["TIMESINK_BACKUP_DIR"] = str(folder)
    with terminal.serving():
        for _try in range(600):
            if backups_in(folder):
                break
            time.sleep(0.05)
    (made,) = backups_in(folder)
    assert faults_of(made) == []
    assert not (folder / NAME).exists()  # nothing was erased
