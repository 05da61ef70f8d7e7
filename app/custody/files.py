"""Files that are there whole or not at all, and that survive a power cut once they are there."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import make_url

from app.errors import AppError
from app.i18n import _

LEFT = re.compile(r"\..+\.[0-9]+-[0-9a-f]{8}\.part(-wal|-shm|-journal)?")


def file_of(database_url: str) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    url = make_url(database_url)
    return Path(url.database).absolute() if url.get_backend_name() == "sqlite" and url.database else None


def folder_of(database_url: str) -> Path | None:
    file = file_of(database_url)
    return None if file is None else file.parent


def stamp(at: int) -> str:
    """An instant (ms) as it stands in file names, in UTC: 20261122T194607Z."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def unused(folder: Path, name: str) -> str:
    """`name`, or the first of name-2, name-3 ... of which no file stands there, whatever its ending."""
    names = chain((name,), (f"{name}-{n}" for n in count(2)))
    return next(one for one in names if not any(folder.glob(f"{one}.*")))


@contextmanager
def written_whole(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Gives a hidden file beside `target` to be filled, for the owner's eyes only, and names it `target` at the end.

    By then it is on disk. If the block raises, or the process dies, nothing stands under the final name. The hidden
    file is removed; after a kill, by whatever is written into this folder a day later. Raises AppError if the folder
    cannot be written to, or if something stands there that may not be overwritten.
    """
    _refuse_unfit(target, overwrite=overwrite)
    part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        _remove_left(target.parent)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        sync(part)
        _give_its_name(part, target, overwrite=overwrite)
        sync(target.parent)
    except OSError as error:
        sentence = _("“{file}” cannot be written: {why}. Is the disk full, or the folder somebody else's?")
        raise AppError(500, "not_written", sentence.format(file=target, why=error.strerror or error)) from error
    finally:
        for left in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + left).unlink(missing_ok=True)


def _refuse_unfit(target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise AppError(400, "no_folder", _("There is no folder “{folder}”.").format(folder=target.parent))
    if target.is_dir():
        raise AppError(400, "is_folder", _("“{file}” is a folder: name a file in it.").format(file=target))
    if target.exists() and not overwrite:
        raise _exists(target)


def _exists(target: Path) -> AppError:
    sentence = _("“{file}” is there already, and nothing is overwritten unasked: choose another name, or --overwrite.")
    return AppError(400, "exists", sentence.format(file=target))


def _give_its_name(part: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(target)
        return
    try:
        target.hardlink_to(part)  # unlike a rename it fails if somebody else has meanwhile taken the name
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without links
        part.rename(target)


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's names, are on disk."""
    with suppress(PermissionError):  # Windows opens no folders; its file system keeps names in a journal
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_left(folder: Path) -> None:
    """What others left half-made when their process was killed: a day old, so that nobody is still at it."""
    for left in folder.iterdir():
        with suppress(OSError):
            if LEFT.fullmatch(left.name) and left.stat().st_mtime < time.time() - 86_400:
                left.unlink()
