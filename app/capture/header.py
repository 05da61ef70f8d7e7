"""A session's header: the first session item, and what later ones change of it. Pure but for `refold`."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.capture.items import CANONICAL
from app.capture.log import shift_of
from app.capture.models import ObservationSession, SessionItem

AMENDABLE = ("day_type", "subject", "planned", "staff_role", "paired_with")


def header_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The amendable columns as a session item gives them; what it leaves out or leaves null is not in the answer."""
    values = {name: fields[name] for name in AMENDABLE if fields.get(name) is not None}
    if "planned" in values:
        values["planned"] = json.dumps(values["planned"])
    return values


def kept(raw: str, mode: str) -> str:
    """What is stored of a session item's JSON.

    A self-timed session belongs to its login and its people are counted by login: a code in it would only tell
    whose code that is (DOMAIN.md, Privacy), so none is kept.
    """
    return raw if mode != "self" else CANONICAL.encode(without_code(json.loads(raw), mode))


def without_code(fields: Mapping[str, Any], mode: str) -> Mapping[str, Any]:
    """The same of its fields."""
    return fields if mode != "self" else {name: value for name, value in fields.items() if name != "subject"}


def fold(first: Mapping[str, Any], amendments: Iterable[tuple[int, str, Mapping[str, Any]]]) -> dict[str, Any]:
    """`amendments`: (corrected at, id, fields). Field by field the last by (at, id) wins."""
    folded: dict[str, Any] = {"staff_role": "MA", **header_values(first)}
    for _at, _id, fields in sorted(amendments, key=lambda amendment: amendment[:2]):
        folded |= header_values(fields)
    return folded


def refold(session: Session, session_id: str) -> None:
    """The header's columns again, from all session items of this session."""
    items = session.execute(
        select(SessionItem.id, SessionItem.device, SessionItem.raw).where(SessionItem.session_id == session_id)
    ).all()
    first: Mapping[str, Any] = {}
    amendments = []
    for item in items:
        fields = json.loads(item.raw)
        if item.id == session_id:
            first = fields
        else:
            shift = shift_of(session, item.device, fields)
            amendments.append((fields["at"] + shift.ms, item.id, fields))
    columns = dict.fromkeys(AMENDABLE) | fold(first, amendments)
    session.execute(update(ObservationSession).where(ObservationSession.id == session_id).values(**columns))
