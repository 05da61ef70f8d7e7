"""A subject's code out of a clinic's day logs, where it stands among those asked at short notice to flex.

The rest of the item is the clinic's and stays; its receipt becomes a tombstone, because what the item's digest says
together with what remains would give the code away.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.capture import days
from app.capture.items import CANONICAL
from app.capture.models import DayItem, QuarantinedItem, Receipt
from app.capture.receipts import entomb
from app.capture.turns import of_day, take_turns
from app.clinics.models import Clinic
from app.custody.models import ErasedItem
from app.db import insert_unless_there

ASKED = "flex_asks"


@dataclass(frozen=True, slots=True)
class Rest:
    """What an item says without the code: JSON, or None for a refused one, of which nothing is kept."""

    id: str
    remaining: str | None


def take_out(session: Session, clinic: Clinic, sought: str, at: int) -> int:
    """Takes the code (case-folded) out of every day item of the clinic; answers out of how many."""
    days_first = select(DayItem.id, DayItem.raw).where(DayItem.clinic_id == clinic.id).order_by(DayItem.day)
    kept = session.execute(days_first).all()
    refused = session.execute(
        select(QuarantinedItem.id, QuarantinedItem.item_id, QuarantinedItem.raw).where(
            QuarantinedItem.clinic_id == clinic.id
        )
    ).all()
    changed = 0
    for row in kept:
        remaining = without(row.raw, sought)
        if remaining is not None:
            put(session, Rest(row.id, remaining), clinic.id, at)
            changed += 1
    ids = {row.id for row in kept}
    for number, item_id, raw in refused:
        if without(raw, sought) is not None:
            session.execute(delete(QuarantinedItem).where(QuarantinedItem.id == number))
            if item_id not in ids:  # else it had reused the id of one that stays
                put(session, Rest(item_id, None), clinic.id, at)
            changed += 1
    return changed


def without(raw: str, sought: str) -> str | None:
    """The item without the code; None if it does not name it."""
    fields: Any = json.loads(raw)
    asked = fields.get(ASKED) if isinstance(fields, dict) and fields.get("type") == "day" else None
    if not isinstance(asked, list):
        return None
    left = [code for code in asked if not (isinstance(code, str) and code.strip().casefold() == sought)]
    return None if len(left) == len(asked) else CANONICAL.encode({**fields, ASKED: left})


def put(session: Session, rest: Rest, clinic_id: int | None, at: int) -> None:
    """Puts what remains in the item's place, wherever it stands, and sees to it that it does not come again.

    An item erased twice keeps what remained after the second time.
    """
    row = {"id": rest.id, "clinic_id": clinic_id, "remaining": rest.remaining, "at": at}
    if not insert_unless_there(session.connection(), ErasedItem, [row], "id"):
        session.execute(update(ErasedItem).where(ErasedItem.id == rest.id).values(remaining=rest.remaining, at=at))
    session.execute(delete(QuarantinedItem).where(QuarantinedItem.item_id == rest.id))
    _keep_the_id(session, [rest.id], at)
    item = session.execute(select(DayItem.clinic_id, DayItem.day).where(DayItem.id == rest.id)).one_or_none()
    if item is not None and rest.remaining is not None:
        slug = session.get_one(Clinic, item.clinic_id).slug
        take_turns(session, [of_day(slug, item.day)])
        session.execute(update(DayItem).where(DayItem.id == rest.id).values(raw=rest.remaining))
        days.refold(session, item.clinic_id, item.day)


def _keep_the_id(session: Session, ids: Iterable[str], at: int) -> None:
    rows = [{"id": id, "digest": "", "status": "gone", "received_at": at} for id in ids]
    insert_unless_there(session.connection(), Receipt, rows, "id")
    entomb(session, Receipt.id.in_([row["id"] for row in rows]))
