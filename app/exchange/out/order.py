"""An export of rows, from the question to the audit: what is in the files is known to whom they were given."""

from collections.abc import Sequence

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.db import Database
from app.exchange.out.rows import Rows, session_ids
from app.slices.freshen import freshen
from app.summary.window import Window


def order_rows(
    database: Database, clinic: Clinic, window: Window, kind: Rows, format: str, person_id: str | None, now: int
) -> Sequence[str]:
    """The ids of the sessions whose rows go out, written to the audit before the first of them does.

    `person_id`: who asked; None for the command. `now`: the server's clock, ms.
    """
    freshen(database, clinic.id)  # which day a session belongs to is derived
    with database.read() as session:
        ids = session_ids(session, clinic, window)
    about = {
        "what": kind.name,
        "format": format,
        "from": window.first.isoformat(),
        "to": window.last.isoformat(),
        "sessions": len(ids),
    }
    with database.write() as session:
        record(session, at=now, action=Action.EXPORTED, person_id=person_id, clinic_id=clinic.id, about=about)
    return ids
