"""Before anybody reads slices: cut what is stale. And all of it again, for `timesink rebuild`."""

import logging
import time
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.capture.models import ObservationSession
from app.db import Database
from app.errors import AppError
from app.slices.refresh import cut_anew, keep, mend, stale
from app.storage import LASTING, reason_of

log = logging.getLogger("timesink")


def freshen(
    database: Database, clinic_id: int | None = None, rest: Callable[[float], object] = lambda took_s: None
) -> int:
    """After this, the slices of the clinic (or of all) tell of every event that was committed before the call.

    Returns how many sessions were cut. The cutting is done outside of any write transaction, and each session has a
    transaction of its own: a tap that arrives meanwhile waits for one session's rows to be written, never for a
    timeline to be computed. `rest` is called after each session with the seconds it took, for whoever is in no hurry.
    Where nothing can be written (a full disk) the slices stay as they were: reading goes on.
    """
    with database.read() as session:
        ids = stale(session, clinic_id)
    cut = 0
    for session_id in ids:
        begun = time.perf_counter()
        try:
            with database.read() as session:
                fresh = cut_anew(session, session_id)
        except (ArithmeticError, LookupError, TypeError, ValueError):  # a fault of ours in one log must not hide others
            log.exception("session %s cannot be cut; its slices stay as they were", session_id)
            continue
        if fresh is not None:
            try:
                with database.write() as session:
                    cut += keep(session, fresh)
            except (DBAPIError, AppError) as error:
                reason = error.code if isinstance(error, AppError) else reason_of(error)
                if reason not in LASTING:
                    raise
                log.error("%s: slices stay as they were until something can be written again", reason)
                break
        rest(time.perf_counter() - begun)
    return cut


def rebuild(database: Database) -> int:
    """Cuts every session anew, writes those whose rows come out different and returns how many did: 0 if all is well.

    What was stale is freshened first and does not count.
    """
    freshen(database)
    with database.read() as session:
        ids = session.execute(select(ObservationSession.id).order_by(ObservationSession.id)).scalars().all()
    mended = 0
    for session_id in ids:
        with database.write() as session:
            mended += mend(session, session_id)
    return mended
