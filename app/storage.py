"""What is wrong with the place where everything is kept: a word for programs, a sentence for whoever can mend it."""

from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from app.errors import AppError
from app.i18n import _

BUSY, FULL, BROKEN, READ_ONLY, GONE = "busy", "storage_full", "storage_error", "storage_read_only", "database"
DAMAGED, MOVED = "storage_damaged", "storage_moved"

# SQLite's primary result codes (sqlite.org/rescode.html)
OF_SQLITE = {5: BUSY, 6: BUSY, 8: READ_ONLY, 10: BROKEN, 11: DAMAGED, 13: FULL, 14: GONE, 26: DAMAGED}
# PostgreSQL's codes and their classes (its manual, appendix A); the longest that fits
OF_POSTGRESQL = {
    "25006": READ_ONLY, "40": BUSY, "53100": FULL, "53": BUSY, "55": BUSY, "57014": BUSY, "58": BROKEN,
    "XX001": DAMAGED, "XX002": DAMAGED,
}  # fmt: skip
RETRY_AFTER_S = {BUSY: 2, FULL: 30, BROKEN: 30, READ_ONLY: 60, DAMAGED: 60, MOVED: 60}
LASTING = frozenset({FULL, BROKEN, READ_ONLY, DAMAGED, MOVED})  # not over in a moment


def reason_of(error: DBAPIError) -> str | None:
    """Why the database did not do it, if that lies with the database; None for a statement that is wrong."""
    orig: Any = error.orig
    code = getattr(orig, "sqlite_errorcode", None)
    if code is not None:
        found = OF_SQLITE.get(code & 0xFF)
    else:
        state = getattr(orig, "sqlstate", None) or ""
        found = next((OF_POSTGRESQL[state[:n]] for n in (5, 2) if state[:n] in OF_POSTGRESQL), None)
    return found or (GONE if isinstance(error, OperationalError) else None)


def refusal(reason: str) -> AppError:
    """503 with the reason. Whatever it was about has not been kept, and has not been acknowledged."""
    sentences = {
        BUSY: _("Somebody else is writing to the database. Nothing of this was kept; it is tried again shortly."),
        FULL: _("The server's disk is full. Nothing of this was kept; taps wait on the phones until there is room."),
        BROKEN: _(
            "The server's disk does not take what is written. Nothing of this was kept; taps wait on the phones."
        ),
        READ_ONLY: _("The database may only be read. Nothing of this was kept; taps wait on the phones."),
        DAMAGED: _(
            "The database is damaged, so this server writes nothing any more. Whoever runs it stops it, and restores "
            "the newest backup with “timesink restore”; taps wait on the phones."
        ),
        MOVED: _(
            "The database's file was moved or replaced under the running server, which therefore writes nothing any "
            "more. Whoever runs it puts the file back and starts the server again; taps wait on the phones."
        ),
    }
    otherwise = _("The database cannot take this at the moment. Nothing of it was kept; it is tried again shortly.")
    headers = {"Retry-After": str(RETRY_AFTER_S.get(reason, 5))}
    return AppError(503, reason, sentences.get(reason, otherwise), headers=headers)
