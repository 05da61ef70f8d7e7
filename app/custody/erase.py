"""Erasing: a session with all that was ever sent of it, or everything under a subject's code in one clinic.

What stays are tombstones: the session's id in `erasures`, and the ids of its items among the receipts, without
content. A late phone is answered `gone`, an import leaves the session out, and a restore of an older backup erases it
again (restore.py).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.intake import session_of
from app.capture.items import Item, read_item
from app.capture.models import (
    Erasure,
    Event,
    Holding,
    ObservationSession,
    PendingItem,
    QuarantinedItem,
    Receipt,
    SessionItem,
)
from app.capture.receipts import entomb
from app.capture.turns import take_turns
from app.clinics.models import Clinic
from app.custody import day_logs
from app.custody.codes import forget_codes
from app.db import insert_unless_there
from app.reports.day_log.models import OwnCode
from app.slices.refresh import TABLES

DERIVED: tuple[Table, ...] = (Holding.metadata.tables[Holding.__tablename__], *TABLES)
SENT = (Event, SessionItem, PendingItem)  # beside the quarantine, what phones and importers sent of a session


@dataclass(frozen=True, slots=True)
class Order:
    """Who erases, and when (ms). `person_id` None: a command on the server. `clinic_id` None: no longer known."""

    clinic_id: int | None
    person_id: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How much: sessions, items sent of them (events, headers, waiting and refused ones), and items of day logs."""

    sessions: int
    items: int
    day_items: int = 0


def erase_session(session: Session, session_id: str, order: Order) -> Erased:
    """Erases one session, also one of which only waiting or refused items are there, and writes it to the audit.

    In the caller's transaction, which should be `scrubbing`.
    """
    items = entomb_session(session, session_id, order)
    _write_down(session, order, {"session": session_id, "items": items})
    return Erased(1, items)


def erase_subject(session: Session, clinic: Clinic, subject: str, order: Order) -> Erased:
    """Erases what stands under a subject's code (letter case aside) in this clinic: the sessions, the refused items
    that name it, and the code itself out of the day logs. Reports carry no subject.
    """
    sought = subject.strip().casefold()
    forget_codes(session, OwnCode.clinic_id == clinic.id, OwnCode.code == sought, at=order.at)
    day_items = day_logs.take_out(session, clinic, sought, order.at)  # first, because batches take their turns so
    ids = _sessions_of(session, clinic.id, sought)
    refused = _refused_headers(session, clinic.id, sought)
    ids |= {session_id for session_id, _row in refused if session_id and not _is_there(session, session_id)}
    items = sum(entomb_session(session, session_id, order) for session_id in sorted(ids))
    rest = [row for session_id, row in refused if session_id not in ids]
    forget_refused(session, rest)
    erased = Erased(len(ids), items + len(rest), day_items)
    for session_id in sorted(ids):
        _write_down(session, order, {"session": session_id, "for": "subject"})
    _write_down(
        session,
        order,
        {"subject": subject.strip(), "sessions": erased.sessions, "items": erased.items, "day_items": day_items},
    )
    return erased


def entomb_session(session: Session, session_id: str, order: Order) -> int:
    """The erasure itself, without the audit. Answers how many items there were; again, it finds none."""
    take_turns(session, [session_id])  # a batch that names it is done, or waits
    here = ObservationSession.id == session_id
    session.execute(select(ObservationSession.id).where(here).with_for_update())  # so does whoever cuts it
    # first: the triggers let nothing go whose session does not stand here
    row = {"session_id": session_id, "clinic_id": order.clinic_id, "person_id": order.person_id, "at": order.at}
    insert_unless_there(session.connection(), Erasure, [row], "session_id")
    items = _entomb_items(session, session_id)
    for table in DERIVED:
        session.execute(delete(table).where(table.c.session_id == session_id))
    for model in SENT:
        session.execute(delete(model).where(model.session_id == session_id))
    session.execute(delete(ObservationSession).where(here))
    return items


def _entomb_items(session: Session, session_id: str) -> int:
    refused = session.execute(select(QuarantinedItem).where(_names(session_id))).scalars()
    its = [row for row in refused if row.session_id == session_id or session_of(_item(row)) == session_id]
    for model in SENT:
        entomb(session, Receipt.id.in_(select(model.id).where(model.session_id == session_id)))
    sent = (session.execute(select(func.count()).where(model.session_id == session_id)).scalar_one() for model in SENT)
    return sum(sent) + forget_refused(session, its)


def _names(session_id: str) -> ColumnElement[bool]:
    """Refused items of this session: filed under it, or, if it was foreign to their sender, naming it somewhere."""
    return or_(
        QuarantinedItem.session_id == session_id,
        QuarantinedItem.session_id.is_(None) & func.lower(QuarantinedItem.raw).contains(session_id, autoescape=True),
    )


def forget_refused(session: Session, rows: Iterable[QuarantinedItem]) -> int:
    forgotten = 0
    for row in rows:
        # by its content too: under a reused id the receipt is that of another item
        entomb(session, Receipt.id == row.item_id, Receipt.digest == row.digest)
        session.delete(row)
        forgotten += 1
    session.flush()
    return forgotten


def _sessions_of(session: Session, clinic_id: int, sought: str) -> set[str]:
    rows = session.execute(
        select(ObservationSession.id, ObservationSession.subject).where(ObservationSession.clinic_id == clinic_id)
    )
    return {row.id for row in rows if row.subject and row.subject.strip().casefold() == sought}


def _refused_headers(session: Session, clinic_id: int, sought: str) -> list[tuple[str | None, QuarantinedItem]]:
    """(session they would belong to, row) of this clinic's refused session items that name the subject."""
    rows = session.execute(select(QuarantinedItem).where(QuarantinedItem.clinic_id == clinic_id)).scalars()
    read = ((row, _item(row)) for row in rows)
    return [(session_of(item), row) for row, item in read if item.type == "session" and _is_about(item, sought)]


def _is_about(item: Item, sought: str) -> bool:
    subject = item.fields.get("subject")
    return isinstance(subject, str) and subject.strip().casefold() == sought


def _is_there(session: Session, session_id: str) -> bool:
    return session.get(ObservationSession, session_id) is not None


def _item(row: QuarantinedItem) -> Item:
    return read_item(json.loads(row.raw))


def _write_down(session: Session, order: Order, about: dict[str, object]) -> None:
    record(
        session, at=order.at, action=Action.ERASED, person_id=order.person_id, clinic_id=order.clinic_id, about=about
    )
