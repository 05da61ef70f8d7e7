"""Restoring a backup into the live database, while the server goes on serving.

Weighed: putting the backup's file in the database's place. A server that has the old file open would go on taking
taps into a file without a name. So the rows are replaced inside the live database, in one transaction, on both kinds:
everybody else sees the old content until it commits, the new content from then on; killed half-way, nothing happened.
The lock is held from before the safety copy is made, so the copy holds every tap that was ever acknowledged.

What a restore does not take back: erasures (from the replaced database, and from the ledgers), and the audit's rows.
The new `db_epoch` makes phones send again what they still hold.
"""

import secrets
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.audit.models import Action, Entry
from app.audit.record import record
from app.capture.models import Fact
from app.clinics.models import Clinic
from app.config import Settings
from app.custody import day_logs, ledger
from app.custody.backup import back_up_file, back_up_rows, copy_file, faults_of, open_to_read
from app.custody.codes import forget_again
from app.custody.erase import Order, entomb_session
from app.custody.erasing import erasing, overwrite
from app.custody.files import file_of
from app.custody.ledger import Tombstone
from app.custody.rows import copy_rows, empty, tables_of
from app.custody.said import forget
from app.db import Database
from app.errors import AppError
from app.failpoints import failpoint
from app.i18n import _
from app.migrate import is_known, migrate
from app.people.models import Link, Login, Person
from app.reports.models import Poster

PATIENCE_S = 60  # for those who hold a table on PostgreSQL
DEADLOCK, TRIES = "40P01", 20  # somebody read the last of the tables and now wants the first


@dataclass(frozen=True, slots=True)
class Restored:
    """`safety_copy`: what was replaced, as a backup; None if nobody had an account yet. `erased_again`: sessions and
    items of day logs that the backup still held, or that phones might still send."""

    safety_copy: Path | None
    erased_again: int


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What the replaced database knows and the backup does not."""

    tombstones: list[Tombstone]
    logins: set[str]  # hashes of the secrets that are good
    posters: set[str]  # and of the posters' tokens
    entries: list[dict[str, object]]  # of the audit


def restore(database: Database, settings: Settings, backup: Path, safety_copy: Path, now: int) -> Restored:
    """Puts the content of `backup` in the place of the database's, which is at the newest revision.

    `safety_copy`: where to keep what is replaced. Ledgers of erasures are looked for beside the backup, too. `now` in
    ms. Raises AppError, with the database as it was, if the backup is no sound backup of Timesink or is of a newer
    one, or if the safety copy cannot be written.
    """
    refuse_unfit(backup)
    with tempfile.TemporaryDirectory(prefix=".timesink-restore-", dir=safety_copy.parent) as folder:
        staged = _staged(backup, Path(folder))
        try:
            with staged.reader.connect() as source, erasing(database, settings) as session:
                ledgers = [*ledger.folders(settings), backup.absolute().parent]
                return _replace(database, session, source, safety_copy, ledgers, backup.name, now)
        finally:
            staged.close()


def refuse_unfit(backup: Path) -> None:
    """Raises AppError unless the file is a sound backup that this code understands."""
    if not backup.is_file():
        raise AppError(404, "no_backup", _("There is no file “{file}”.").format(file=backup))
    faults = faults_of(backup)
    if faults:
        sentence = _("“{file}” is no sound backup, and nothing was changed: {why}.")
        raise AppError(400, "unsound", sentence.format(file=backup, why="; ".join(faults)))
    revision = _revision(backup)
    if revision is None:
        sentence = _("“{file}” is a database, but not one of Timesink's. Nothing was changed.")
        raise AppError(400, "foreign", sentence.format(file=backup))
    if not is_known(revision):
        sentence = _("“{file}” was made by a newer Timesink: update this one first. Nothing was changed.")
        raise AppError(400, "newer", sentence.format(file=backup))


def _revision(backup: Path) -> str | None:
    try:
        with closing(open_to_read(backup)) as connection:
            connection.execute("SELECT value FROM facts WHERE name = 'db_epoch'").fetchone()
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else str(found[0])


def _staged(backup: Path, folder: Path) -> Database:
    """A copy of the backup at the newest revision: the backup itself is not touched."""
    copy = folder / "staged.db"
    copy_file(backup, copy)
    staged = Database(f"sqlite:///{copy}")
    migrate(staged)
    return staged


def _replace(
    database: Database,
    session: Session,
    source: Connection,
    safety_copy: Path,
    ledgers: Sequence[Path],
    name: str,
    now: int,
) -> Restored:
    live = session.connection()
    tables = tables_of(live)
    _hold(live, [table.name for table in tables])
    kept = _keep(database, session, safety_copy)
    handed_on = _handed_on(session, source, ledgers)
    overwrite(session, "OFF")  # what goes here was never to be erased, and what comes takes its place
    with empty(live, tables):
        copy_rows(source, live, tables)
        failpoint("restoring")
    overwrite(session, "ON")
    session.execute(update(Fact).where(Fact.name == "db_epoch").values(value=secrets.token_hex(16)))
    if kept:
        _end_logins(session, handed_on.logins)
        _end_posters(session, handed_on.posters, now)
    _go_on_with_audit(session, handed_on.entries)
    erased = _erase_again(session, handed_on.tombstones)
    about = {"file": name, "kept": safety_copy.name if kept else None, "erased_again": erased}
    record(session, at=now, action=Action.RESTORED, person_id=None, clinic_id=None, about=about)
    return Restored(safety_copy if kept else None, erased)


def _hold(live: Connection, names: Iterable[str]) -> None:
    """Nobody writes from here on. On SQLite nobody does since the transaction began."""
    if live.dialect.name == "postgresql":
        live.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
        quoted = ", ".join(f'"{name}"' for name in names)
        for tried in range(1, TRIES + 1):
            try:
                with live.begin_nested():  # given up whole: what is held already would stay in the other's way
                    live.execute(text(f"LOCK TABLE {quoted} IN ACCESS EXCLUSIVE MODE"))
                return
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != DEADLOCK or tried == TRIES:
                    raise


def _keep(database: Database, session: Session, safety_copy: Path) -> bool:
    if session.execute(select(func.count()).select_from(Person)).scalar_one() == 0:
        return False
    file = file_of(database.url)
    if file is not None:
        back_up_file(file, safety_copy)
    else:
        back_up_rows(session.connection(), safety_copy)
    return True


def _handed_on(session: Session, source: Connection, ledgers: Sequence[Path]) -> HandedOn:
    newest = source.execute(select(func.coalesce(func.max(Entry.at), 0))).scalar_one()
    entries = session.execute(select(Entry.__table__).where(Entry.at > newest).order_by(Entry.id)).mappings()
    return HandedOn(
        ledger.newest([*ledger.tombstones(session), *(stone for folder in ledgers for stone in ledger.read(folder))]),
        set(session.execute(select(Login.secret_hash)).scalars()),
        set(session.execute(select(Poster.token_hash).where(Poster.revoked_at.is_(None))).scalars()),
        [{name: value for name, value in row.items() if name != "id"} for row in entries],
    )


def _end_logins(session: Session, good: set[str]) -> None:
    """A login that has been ended since, or a link, must not come to life again with the backup."""
    held = session.execute(select(Login.secret_hash)).scalars().all()
    for secret_hash in set(held) - good:
        session.execute(delete(Login).where(Login.secret_hash == secret_hash))
    session.execute(delete(Link).where(Link.used_at.is_(None)))


def _end_posters(session: Session, good: set[str], now: int) -> None:
    """Nor one that was withdrawn since, or given a new code: a sheet that works must be known to be there."""
    for poster in session.execute(select(Poster).where(Poster.revoked_at.is_(None))).scalars():
        if poster.token_hash not in good:
            poster.revoked_at = now
    session.flush()


def _go_on_with_audit(session: Session, entries: list[dict[str, object]]) -> None:
    """What was done since the backup was done, even if its trace is gone."""
    people = set(session.execute(select(Person.id)).scalars())
    clinics = set(session.execute(select(Clinic.id)).scalars())
    for entry in entries:
        person = entry["person_id"] if entry["person_id"] in people else None
        clinic = entry["clinic_id"] if entry["clinic_id"] in clinics else None
        session.execute(insert(Entry).values({**entry, "person_id": person, "clinic_id": clinic}))


def _erase_again(session: Session, handed_on: Iterable[Tombstone]) -> int:
    clinics = {row.slug: row.id for row in session.execute(select(Clinic.slug, Clinic.id))}
    people = set(session.execute(select(Person.id)).scalars())
    held = {(stone.kind, stone.id): stone.at for stone in ledger.tombstones(session)}
    fresh = [stone for stone in handed_on if held.get((stone.kind, stone.id), -1) < stone.at]
    for stone in fresh:
        clinic_id = clinics.get(stone.clinic or "")
        if stone.kind == ledger.SESSION:
            person_id = stone.person if stone.person in people else None
            entomb_session(session, stone.id, Order(clinic_id, person_id, stone.at))
        else:
            day_logs.put(session, day_logs.Rest(stone.id, stone.remaining), clinic_id, stone.at)
            if stone.remaining is None:
                forget(session, stone.id)
    forget_again(session, {stone.id for stone in fresh})
    return len(fresh)
