"""Before anybody reads slices: cut what is stale. Looks first, because most of the time nothing is."""

from app.db import Database
from app.slices.refresh import has_stale, refresh_stale


def freshen(database: Database, clinic_id: int | None = None) -> None:
    """After this, the slices of the clinic (or of all) tell of every event that was committed before the call.

    One session a transaction: taps that arrive meanwhile wait for one session's slices at most.
    """
    with database.read() as session:
        if not has_stale(session, clinic_id):
            return
    refreshed = 1
    while refreshed:
        with database.write() as session:
            refreshed = refresh_stale(session, clinic_id, limit=1)
