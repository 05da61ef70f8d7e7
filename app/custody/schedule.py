"""What `serve` does by itself: backups, when TIMESINK_BACKUP_DIR is set, and erasing what clinics no longer keep.

Each period of TIMESINK_BACKUP_EVERY_HOURS (counted from 1970, so that a clock change moves nothing) wants one backup.
A thread of every process looks once a minute; a row in the database decides which of them makes it. SQLite copies and
checks without holding Python up, so taps go on. On PostgreSQL any of several hosts may be it: give them one folder.
"""

import logging
import re
import threading
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.audit.models import Action
from app.audit.record import record
from app.config import Settings
from app.custody import ledger
from app.custody.backup import Rest, back_up
from app.custody.files import stamp
from app.custody.models import BackupRun
from app.custody.retention import erase_outdated
from app.db import Database, insert_unless_there, now_ms
from app.errors import AppError

HOUR_MS = 3_600_000
START_MS = 5 * 60_000  # after the start, before the first look at what is older than clinics keep
RETRY_MS = HOUR_MS  # after a failure, or after the process that was at it died
REMEMBERED_MS = 90 * 24 * HOUR_MS
LOOKS_EVERY_S = 60.0
RESTS = 4  # a fifth of the time at most where Python copies rows: it runs one thread at a time, and taps come first
OURS = re.compile(r"timesink-[0-9]{8}T[0-9]{6}Z\.db")  # safety copies of restores are called otherwise, and stay

log = logging.getLogger("timesink")


class Schedule:
    """`start` and `stop` belong to the app's lifespan."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)
        self._retention_at = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """A backup being made is finished first."""
        self._stopping.set()
        self._thread.join()

    def _rest(self, took_s: float) -> None:
        self._stopping.wait(took_s * RESTS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                back_up_if_due(self.database, self.settings, now_ms(), self._rest)
                self.erase_if_due(now_ms())
            except Exception:  # whatever it was: the thread lives on
                log.exception("looking after backups and retention failed; the next look is in a minute")
            self._stopping.wait(LOOKS_EVERY_S)

    def erase_if_due(self, now: int) -> None:
        """Once an hour, in every process: who comes second finds nothing left. Never first thing after the start."""
        if self._retention_at and now >= self._retention_at:
            erase_outdated(self.database, self.settings, now)
        if now >= self._retention_at:
            self._retention_at = now + (HOUR_MS if self._retention_at else START_MS)


def back_up_if_due(database: Database, settings: Settings, now: int, rest: Rest = lambda took_s: None) -> Path | None:
    """Makes the backup of the period in which `now` (ms) lies, unless somebody has or is at it; answers its file.

    A failure is logged, noted for `timesink doctor`, and tried again after an hour.
    """
    folder = settings.backup_dir
    every_ms = settings.backup_every_hours * HOUR_MS
    period = now - now % every_ms
    if folder is None or not _claim(database, period, now):
        return None
    target = folder / f"timesink-{stamp(now)}.db"
    try:
        back_up(database, target, rest=rest)
    except (AppError, OSError, SQLAlchemyError) as error:
        fault = error.detail if isinstance(error, AppError) else str(error)
        log.error("the backup on schedule failed: %s", fault)
        _note(database, period, fault=fault)
        return None
    _note(database, period, file=target)
    _prune(folder, settings.backup_keep)
    log.info("backed up to %s", target)
    return target


def _claim(database: Database, period: int, now: int) -> bool:
    with database.read() as session:
        run = session.get(BackupRun, period)
        if run is not None and (run.file is not None or run.began_at > now - RETRY_MS):
            return False
    with database.write() as session:
        if insert_unless_there(session.connection(), BackupRun, [{"period": period, "began_at": now}], "period"):
            return True
        given_up = BackupRun.period == period, BackupRun.file.is_(None), BackupRun.began_at <= now - RETRY_MS
        again = update(BackupRun).where(*given_up).values(began_at=now, ended_at=None, fault=None)
        return session.execute(again.returning(BackupRun.period)).first() is not None


def _note(database: Database, period: int, *, file: Path | None = None, fault: str | None = None) -> None:
    now = now_ms()
    done = {"ended_at": now, "file": None if file is None else str(file), "fault": fault}
    with database.write() as session:
        session.execute(update(BackupRun).where(BackupRun.period == period).values(done))
        session.execute(delete(BackupRun).where(BackupRun.period < period - REMEMBERED_MS))
        if file is None:
            return
        about = {"file": file.name}
        record(session, at=now, action=Action.BACKED_UP, person_id=None, clinic_id=None, about=about)
        known = ledger.tombstones(session)
    ledger.bring_up_to_date(file.parent, known)


def backups_in(folder: Path) -> list[Path]:
    """Backups on schedule that lie there, newest first: their names tell when they were made."""
    return sorted((path for path in folder.iterdir() if OURS.fullmatch(path.name)), reverse=True)


def last_run(database: Database) -> BackupRun | None:
    with database.read() as session:
        return session.execute(select(BackupRun).order_by(BackupRun.period.desc()).limit(1)).scalar_one_or_none()


def _prune(folder: Path, keep: int) -> None:
    """Only files of our own naming go; whatever else lies there is somebody's."""
    for old in backups_in(folder)[keep:]:
        old.unlink(missing_ok=True)
