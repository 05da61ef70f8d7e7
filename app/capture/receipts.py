"""Receipts: one row per item id, for ever. Their unique index decides what is new; nobody looks first."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from app.capture.intake import DUPLICATE, GONE, STORED, Intake, Outcome, refuse_reused
from app.capture.items import Item
from app.capture.models import Receipt
from app.db import insert_unless_there


def claim(intake: Intake, items: list[Item]) -> list[Item]:
    """The items whose id nobody has used: from now on it is theirs. The others are recognised and answered."""
    rows = [
        {"id": item.id, "digest": item.digest, "status": "stored", "received_at": intake.now}
        for item in items
        if item.id is not None
    ]
    claimed = insert_unless_there(intake.connection, Receipt, rows, "id")
    known = [item for item in items if item.id not in claimed]
    if known:
        held = {
            receipt.id: receipt
            for receipt in intake.session.execute(
                select(Receipt.id, Receipt.digest, Receipt.status, Receipt.code, Receipt.detail).where(
                    Receipt.id.in_([item.id for item in known])
                )
            )
        }
        for item in known:
            assert item.id is not None
            receipt = held[item.id]
            if receipt.status == "gone":
                outcome = GONE
            elif receipt.digest != item.digest:
                outcome = refuse_reused(intake, item)
            elif receipt.status == "quarantined":  # said again: the first answer may have been lost on its way
                outcome = Outcome("quarantined", receipt.code, receipt.detail)
            else:
                outcome = DUPLICATE
            intake.outcomes[item.id] = outcome
    return [item for item in items if item.id in claimed]


def settle(intake: Intake, fresh: list[Item]) -> None:
    """Receipts are claimed as stored; the few that turned out otherwise are told so."""
    changed = [
        {"key": item.id, "status": outcome.status, "code": outcome.code, "detail": outcome.detail}
        for item in fresh
        if item.id and (outcome := intake.outcomes.setdefault(item.id, STORED)).status != "stored"
    ]
    set_receipts(intake.session, changed)
    gone = [item.id for item in fresh if item.id and intake.outcomes[item.id] is GONE]
    if gone:
        entomb(intake.session, Receipt.id.in_(gone))


def entomb(session: Session, *which: ColumnElement[bool]) -> None:
    """Makes tombstones of receipts: the id stays taken for ever, nothing of what stood under it does.

    Not even its digest: of a tap, few enough things can be said for all of them to be tried.
    """
    told = {"status": GONE.status, "code": GONE.code, "detail": None, "digest": ""}
    session.execute(update(Receipt).where(*which).values(told), execution_options={"synchronize_session": False})


def set_receipts(session: Session, changed: list[dict[str, Any]]) -> None:
    if changed:
        told: dict[str, Any] = {name: bindparam(name) for name in ("status", "code", "detail")}
        table = Receipt.__table__
        session.connection().execute(update(Receipt).where(table.c.id == bindparam("key")).values(told), changed)
