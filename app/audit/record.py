"""The writers of the audit. Each adds one row in the caller's transaction: what is rolled back was never done."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import Action, Entry
from app.db import Database

LONGEST_VALUE = 200  # letters of one value of `about`: the audit names things, it does not keep them
HOUR_MS = 3_600_000
MOST_AN_HOUR = 20  # rows of one person (or of nobody) about one kind of refusal


def record(
    session: Session,
    *,
    at: int,
    action: str,
    person_id: str | None,
    clinic_id: int | None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Adds a row: at `at` (ms), `person_id` did `action` (one of `Action`) in `clinic_id`.

    `about` holds what else is worth knowing, as few flat values: codes, ids, counts; never a secret, never anything
    about a patient. Raises ValueError for an action that is none.
    """
    told = {name: _short(value) for name, value in (about or {}).items() if value is not None}
    row = Entry(
        at=at,
        action=Action(action).value,
        person_id=person_id,
        clinic_id=clinic_id,
        about=json.dumps(told, separators=(",", ":")) if told else None,
    )
    session.add(row)
    session.flush()


def record_refusal(
    database: Database,
    *,
    at: int,
    action: Action,
    person_id: str | None,
    clinic_id: int | None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """The same for what was refused, in a transaction of its own: only so many rows an hour.

    Anybody can be refused without end, and must not fill the disk by it, nor hold up those who write. The last row of
    an hour says that it is the last (`more` in `about`).
    """
    with database.read() as reading:
        room = _room(reading, action, person_id, at)
    if room > 0:
        told = {**(about or {}), **({"more": True} if room == 1 else {})}
        with database.write() as session:
            record(session, at=at, action=action, person_id=person_id, clinic_id=clinic_id, about=told)


def _room(session: Session, action: Action, person_id: str | None, at: int) -> int:
    """How many more refusals of this kind to this person may be written down in the hour that ends at `at`."""
    same = Entry.person_id == person_id, Entry.action == action.value, Entry.at > at - HOUR_MS
    written: int = session.execute(select(func.count()).where(*same)).scalar_one()
    return MOST_AN_HOUR - written


def _short(value: Any) -> Any:
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
