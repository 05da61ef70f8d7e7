"""The checks of `timesink doctor`. Each looks at one thing and tells every fault in a sentence that says what to do."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, Table, and_, exists, func, not_, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.capture.models import Event, ObservationSession, SessionItem
from app.config import Settings
from app.custody import ledger
from app.custody.backup import damage_of, dangling, faults_of
from app.custody.files import file_of, folder_of
from app.custody.rows import tables_of
from app.custody.schedule import HOUR_MS, backups_in, last_run
from app.db import Database
from app.i18n import _, ngettext
from app.migrate import is_known, newest_revision, revision_of

JANUARY_2026_MS = 1_767_225_600_000  # no tap was ever taken before
MINUTE_MS = 60_000
ASTRAY_MS = 5 * MINUTE_MS
LEAST_FREE = 500_000_000
LARGEST_LOG = 64_000_000
STUCK_MS = 10 * MINUTE_MS
AT_HOME = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. `now` in ms, by this machine's clock; `least_free`, bytes that should be free on a disk."""

    settings: Settings
    database: Database
    now: int
    least_free: int = LEAST_FREE

    @property
    def file(self) -> Path | None:
        return file_of(self.settings.database_url)


def damage(file: Path) -> list[str]:
    if not os.access(file, os.R_OK | os.W_OK) or not os.access(file.parent, os.W_OK):
        sentence = _("{file} and its folder must be this account's to write: see who owns them (ls -l), and chown.")
        return [sentence.format(file=file)]
    found = damage_of(file)
    sentence = _("The database {file} is damaged ({why}): stop the server and restore a backup.")
    return [sentence.format(file=file, why="; ".join(found[:3]))] if found else []


def unreachable(patient: Patient) -> list[str]:
    try:
        with patient.database.reader.connect() as connection:
            connection.execute(text("SELECT 1"))
            revision = revision_of(connection)
    except SQLAlchemyError as error:
        why = getattr(error, "orig", None) or error
        sentence = _("The database cannot be reached: {why}. Is it running, and TIMESINK_DATABASE_URL right?")
        return [sentence.format(why=" ".join(str(why).split()).rstrip(".?"))]
    newest = newest_revision()
    if revision == newest:
        return []
    if revision is None:
        return [_("The database is empty: “timesink serve” or “timesink setup” makes its tables.")]
    if is_known(revision):
        sentence = _("The database stands at revision “{held}”, this code at “{newest}”: back it up, then start serve.")
    else:
        sentence = _("The database stands at “{held}”, which this code ({newest}) does not know: update Timesink.")
    return [sentence.format(held=revision, newest=newest)]


def references(patient: Patient) -> Iterator[str]:
    sentence = _("Rows refer to others that are not there ({what}): restore a backup, or have somebody look at them.")
    if patient.file is not None:
        found = dangling(patient.file)
    else:
        with patient.database.reader.connect() as connection:
            found = list(_dangling_on_postgresql(connection))
    if found:
        yield sentence.format(what="; ".join(found[:3]))


def _dangling_on_postgresql(connection: Connection) -> Iterator[str]:
    for table in tables_of(connection):
        for column in table.columns:
            for key in column.foreign_keys:
                n = _orphans(connection, table, column.name, key.column.table, key.column.name)
                if n:
                    yield f"{n} of {table.name} to {key.column.table.name}"


def _orphans(connection: Connection, child: Table, column: str, parent: Table, referred: str) -> int:
    held = parent.alias()
    there = exists(select(1).select_from(held).where(held.c[referred] == child.c[column]))
    lost = select(func.count()).select_from(child).where(and_(child.c[column].is_not(None), not_(there)))
    found: int = connection.execute(lost).scalar_one()
    return found


def clock(patient: Patient) -> Iterator[str]:
    shown = _shown(patient.now)
    if patient.now < JANUARY_2026_MS:
        yield _("This machine's clock says {now}, which is long past: set it, and switch on NTP.").format(now=shown)
    with patient.database.read() as session:
        newest = session.execute(select(Event.received_at).order_by(Event.receipt.desc()).limit(1)).scalar()
    if newest is not None and newest > patient.now + ASTRAY_MS:
        sentence = _("The newest tap came in at {newest}, but this machine's clock says {now}: set it, switch on NTP.")
        yield sentence.format(newest=_shown(newest), now=shown)
    other = _time_of_files(patient.file.parent) if patient.file is not None else _time_of_server(patient.database)
    if abs(other - patient.now) > ASTRAY_MS:
        sentence = _("Where the database lies it is {other}, here it is {now}: one of the two clocks is wrong.")
        yield sentence.format(other=_shown(other), now=shown)


def _time_of_files(folder: Path) -> int:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".timesink-clock-") as made:
        return os.stat(made.name).st_mtime_ns // 1_000_000


def _time_of_server(database: Database) -> int:
    with database.reader.connect() as connection:
        seconds = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
    return round(float(seconds) * 1000)


def _shown(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def disk(patient: Patient) -> Iterator[str]:
    size = patient.file.stat().st_size if patient.file is not None else 0
    needed = max(patient.least_free, 2 * size)  # a backup, and as much again to grow
    folders = (folder_of(patient.settings.database_url), patient.settings.backup_dir)
    for folder in dict.fromkeys(folders):
        if folder is None or not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free
        if free < needed:
            sentence = _(
                "Only {free} MB are free where {folder} lies, and {needed} should be: a full disk keeps no taps."
            )
            yield sentence.format(free=free // 10**6, folder=folder, needed=needed // 10**6)


def permissions(patient: Patient) -> Iterator[str]:
    private = [patient.file] if patient.file is not None else []
    folder = patient.settings.backup_dir
    private += backups_in(folder)[:1] if folder is not None and folder.is_dir() else []
    for file in private:
        if file.stat().st_mode & 0o007:
            sentence = _("Everybody on this machine can read {file}: chmod 600 {file}")
            yield sentence.format(file=file)


def log(patient: Patient) -> Iterator[str]:
    if patient.file is None:
        return
    log = patient.file.with_name(f"{patient.file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > LARGEST_LOG:
        sentence = _(
            "The database's log {file} has grown to {size} MB: something reads without end. Restart the server."
        )
        yield sentence.format(file=log, size=size // 10**6)


def sessions(patient: Patient) -> Iterator[str]:
    stale = ObservationSession.sliced_revision < ObservationSession.revision
    its_last = [
        select(func.max(table.received_at)).where(table.session_id == ObservationSession.id).scalar_subquery()
        for table in (Event, SessionItem)
    ]
    last = func.coalesce(*its_last)
    with patient.database.read() as session:
        waiting = select(func.count()).where(stale, last < patient.now - STUCK_MS)
        n = session.execute(waiting).scalar_one()
    if n:
        sentence = ngettext(
            "{n} session has waited over ten minutes to be added up: is serve running? “timesink rebuild” does it.",
            "{n} sessions have waited over ten minutes to be added up: is serve running? “timesink rebuild” does it.",
            n,
        )
        yield sentence.format(n=n)


def address(settings: Settings) -> Iterator[str]:
    if settings.base_url is None:
        yield _(
            "TIMESINK_BASE_URL is not set: links in invitations lead to this machine only. Set it to what people type."
        )
    elif urlsplit(settings.base_url).hostname in AT_HOME:
        sentence = _("TIMESINK_BASE_URL is {address}, which no phone can reach: set it to what people type.")
        yield sentence.format(address=settings.base_url)
    plain = [settings.base_url] if settings.base_url and settings.base_url.startswith("http://") else []
    for address in [*plain, *settings.lan_origins]:
        if address.startswith("http://") and urlsplit(address).hostname not in AT_HOME:
            sentence = _(
                "Phones come over {address}, which is not https: the pad then does not open without network, and its "
                "storage may be cleared. Put a TLS proxy in front (README, A phone on the clinic's network)."
            )
            yield sentence.format(address=address)


def backups(patient: Patient) -> Iterator[str]:
    folder = patient.settings.backup_dir
    if folder is None:
        yield _("Backups on schedule are off: set TIMESINK_BACKUP_DIR to a folder, on another disk if there is one.")
        return
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield _("The folder for backups, {folder}, is not there or not this account's to write.").format(folder=folder)
        return
    run = last_run(patient.database)
    if run is not None and run.fault is not None:
        yield _("The last backup on schedule failed: {why}").format(why=run.fault)
    elif run is not None and run.file is None and run.began_at < patient.now - HOUR_MS:
        sentence = _("The backup begun at {when} never ended: its process was stopped. Is serve running?")
        yield sentence.format(when=_shown(run.began_at))
    yield from _newest_backup(patient, folder)


def _newest_backup(patient: Patient, folder: Path) -> Iterator[str]:
    held = backups_in(folder)
    if not held:
        yield _("There is no backup in {folder} yet: “timesink serve” makes one when it starts.").format(folder=folder)
        return
    made_at = datetime.strptime(held[0].name, "timesink-%Y%m%dT%H%M%SZ.db").replace(tzinfo=UTC).timestamp() * 1000
    if made_at < patient.now - 2 * patient.settings.backup_every_hours * HOUR_MS:
        sentence = _("The newest backup, {file}, is two periods old: is serve running, and what does its log say?")
        yield sentence.format(file=held[0])
    faults = faults_of(held[0])
    if faults:
        sentence = _("The newest backup, {file}, cannot be used ({why}): look at that disk, and make another.")
        yield sentence.format(file=held[0], why="; ".join(faults[:3]))


def erasures(patient: Patient) -> Iterator[str]:
    with patient.database.read() as session:
        known = ledger.tombstones(session)
    for folder in ledger.folders(patient.settings):
        lacking = ledger.missing(folder, known) if folder.is_dir() else []
        if lacking:
            sentence = ngettext(
                "{file} lacks {n} erasure: if the database were lost, a backup would bring it back. “timesink backup” "
                "into that folder writes it.",
                "{file} lacks {n} erasures: if the database were lost, a backup would bring them back. “timesink "
                "backup” into that folder writes them.",
                len(lacking),
            )
            yield sentence.format(file=folder / ledger.NAME, n=len(lacking))
