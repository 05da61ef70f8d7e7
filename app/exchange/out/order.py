"""An export of sessions, from the question to the audit: what is in the files is known to whom they were given."""

from collections.abc import Sequence

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.db import Database
from app.exchange.out.rows import session_ids
from app.slices.freshen import freshen
from app.summary.window import Window


def order_sessions(
    database: Database, clinic: Clinic, window: Window, what: str, format: str, person_id: str | None, now: int
) -> Sequence[str]:
    """The ids of the sessions that go out, written to the audit before the first of them does.

    `what`: as in FORMATS. `person_id`: who asked; None for the command. `now`: the server's clock, ms.
    """
    freshen(database, clinic.id)  # which day a session belongs to is derived
    with database.read() as session:
        ids = session_ids(session, clinic, window)
    about = {
        "what": what,
        "format": format,
        "from": window.first.isoformat(),
        "to": window.last.isoformat(),
        "sessions": len(ids),
    }
    with database.write() as session:
        record(session, at=now, action=Action.EXPORTED, person_id=person_id, clinic_id=clinic.id, about=about)
    return ids
