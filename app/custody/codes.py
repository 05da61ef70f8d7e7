"""Which code is whose, forgotten for good: each saying leaves a tombstone, so that no older backup brings it back.

The tombstone is an id that follows from what was said, when and by whom, and tells none of it.
"""

from collections.abc import Collection
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.custody.models import ErasedItem
from app.db import insert_unless_there
from app.reports.day_log.models import OwnCode

NAMESPACE = UUID("1b0c6a52-5f0d-4c8e-9a55-6f1d0b3c7e21")


def forget_codes(session: Session, *which: ColumnElement[bool], at: int) -> None:
    """Deletes these own codes. In a transaction that should be `erasing`, which tells the ledgers."""
    for id, own in _said(session, *which).items():
        row = {"id": id, "clinic_id": own.clinic_id, "remaining": None, "at": at}
        insert_unless_there(session.connection(), ErasedItem, [row], "id")
        session.delete(own)
    session.flush()


def forget_again(session: Session, ids: Collection[str]) -> None:
    """Those of an older backup that were forgotten since."""
    for id, own in _said(session).items():
        if id in ids:
            session.delete(own)
    session.flush()


def _said(session: Session, *which: ColumnElement[bool]) -> dict[str, OwnCode]:
    rows = session.execute(select(OwnCode, Clinic.slug).join(Clinic, Clinic.id == OwnCode.clinic_id).where(*which))
    return {str(uuid5(NAMESPACE, f"{slug}/{own.person_id}/{own.code}/{own.at}")): own for own, slug in rows}
