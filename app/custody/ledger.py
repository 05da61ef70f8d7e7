"""The ledger of erasures: a file of tombstones beside the database, and beside its backups.

A restore takes the erasures made since the backup from the database that it replaces. Where that is lost, this file
knows them: a line of JSON for each, ids only. It is only added to. What a database holds is the truth; the file is
brought up to it after every erasure and with every backup, so a line missed once is there the next time.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.models import Erasure
from app.clinics.models import Clinic
from app.config import Settings
from app.custody.files import folder_of, sync
from app.custody.models import ErasedItem

NAME = "timesink-erasures.jsonl"
SESSION, ITEM = "session", "item"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A session, or an item of a day log with what remains of it. The clinic by its slug: ids differ by database."""

    kind: str
    id: str
    at: int
    clinic: str | None = None
    person: str | None = None
    remaining: str | None = None

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.kind, self.id, self.remaining


def folders(settings: Settings) -> list[Path]:
    """Where ledgers of this installation lie: with the SQLite file, and with the backups on schedule."""
    beside = folder_of(settings.database_url)
    return list(dict.fromkeys(folder for folder in (beside, settings.backup_dir) if folder is not None))


def tombstones(session: Session) -> list[Tombstone]:
    """All that the database knows, oldest first."""
    slugs = {row.id: row.slug for row in session.execute(select(Clinic.id, Clinic.slug))}
    sessions = session.execute(select(Erasure)).scalars()
    items = session.execute(select(ErasedItem)).scalars()
    found = [Tombstone(SESSION, row.session_id, row.at, _slug(slugs, row.clinic_id), row.person_id) for row in sessions]
    found += [Tombstone(ITEM, row.id, row.at, _slug(slugs, row.clinic_id), None, row.remaining) for row in items]
    return sorted(found, key=lambda tombstone: (tombstone.at, tombstone.id))


def _slug(slugs: dict[int, str], clinic_id: int | None) -> str | None:
    return None if clinic_id is None else slugs.get(clinic_id)


def read(folder: Path) -> list[Tombstone]:
    """What the ledger in this folder says; nothing where there is none. A line cut short by a crash is left out."""
    try:
        lines = (folder / NAME).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return list(_read_lines(lines))


def _read_lines(lines: Iterable[str]) -> Iterator[Tombstone]:
    for line in lines:
        try:
            said: Any = json.loads(line)
            yield Tombstone(**said)
        except (ValueError, TypeError):
            continue


def newest(stones: Iterable[Tombstone]) -> list[Tombstone]:
    """Of several about the same thing the last one, oldest first."""
    last = {(stone.kind, stone.id): stone for stone in sorted(stones, key=lambda stone: stone.at)}
    return sorted(last.values(), key=lambda stone: (stone.at, stone.id))


def missing(folder: Path, known: Iterable[Tombstone]) -> list[Tombstone]:
    """Those that the ledger in this folder does not hold yet."""
    held = {tombstone.key for tombstone in read(folder)}
    return [tombstone for tombstone in known if tombstone.key not in held]


def bring_up_to_date(folder: Path, known: Iterable[Tombstone]) -> int:
    """Adds what is missing and answers how many lines; on disk when this returns. Raises OSError."""
    fresh = missing(folder, known)
    if not fresh:
        return 0
    path = folder / NAME
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as ledger:
        if ledger.tell() and not path.read_bytes().endswith(b"\n"):
            ledger.write(b"\n")  # the last line was cut short; the next one must not join it
        for tombstone in fresh:
            ledger.write(json.dumps(asdict(tombstone), separators=(",", ":")).encode() + b"\n")
        ledger.flush()
        os.fsync(ledger.fileno())
    sync(folder)
    return len(fresh)
