"""A SQLite file so damaged that nothing can be restored into it: set aside, whole, for whoever may still read it."""

import os
from pathlib import Path

from app.custody.backup import damage_of
from app.custody.files import file_of
from app.errors import AppError
from app.i18n import _

# the bytes that every connection to a SQLite file in WAL mode holds a shared lock on (its file format, "locking")
SHARED_FIRST, SHARED_SIZE = 0x40000002, 510


def set_aside_if_damaged(database_url: str, name: Path) -> Path | None:
    """Renames the file to `name`, its log with it, and answers that; None for a sound one, or none, or PostgreSQL.

    Raises AppError while another process has it open: that one would go on writing into the file under its new name.
    """
    file = file_of(database_url)
    if file is None or not file.exists() or not damage_of(file):
        return None
    if _is_open_elsewhere(file):
        sentence = _("The database is damaged, and a server still has it open: stop “timesink serve” and try again.")
        raise AppError(500, "open_elsewhere", sentence)
    for suffix in ("-wal", "-shm", ""):
        beside = file.with_name(file.name + suffix)
        if beside.exists():
            beside.replace(name.with_name(name.name + suffix))
    return name


def _is_open_elsewhere(file: Path) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows: renaming an open file fails there anyway
        return False
    handle = os.open(file, os.O_RDWR)
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
