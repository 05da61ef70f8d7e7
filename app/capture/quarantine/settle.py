"""Items in quarantine through a getter that knows the person, and the two ways to be done with one."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.access import session_for
from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import EVENTS, read_item
from app.capture.log import REVIEWED_BY
from app.capture.models import ObservationSession, QuarantinedItem, Settled
from app.capture.queries import settled
from app.capture.review.plan import FIRST_FACT
from app.capture.turns import take_turns
from app.db import connection_of, insert_unless_there
from app.errors import BadRequest, Forbidden, NotFound, NotYours
from app.i18n import _
from app.people.access import Caller
from app.people.models import MANAGING

# what a tap can have been meant as; a correction that was refused is made again in the review
REPAIRABLE = ("start", "stop", "interrupt", "resume", "abandon", "prompt", "parallel_start", "parallel_stop",
              "pause", "continue", "count", "begin", "end")  # fmt: skip


def quarantined_for(session: Session, caller: Caller, id: int) -> QuarantinedItem:
    """An unsettled item, for whoever may correct its session; of one without a session for who sent it, and for the
    managers of the clinic that it names.

    Raises NotFound, Forbidden with a role too small.
    """
    item = session.get(QuarantinedItem, id)
    if (
        item is None
        or session.execute(select(settled(QuarantinedItem.id)).where(QuarantinedItem.id == id)).scalar_one()
    ):
        raise NotFound(_("There is nothing of this number in quarantine any more."))
    if item.session_id and session.get(ObservationSession, item.session_id) is not None:
        session_for(session, caller, item.session_id, *MANAGING)
        return item
    if item.person_id == caller.id:
        return item
    if is_ones_own(session, item):
        raise NotYours(_("There is nothing of this number in quarantine any more."))
    if item.clinic_id is None or item.clinic_id not in caller.roles:
        raise NotYours(_("There is nothing of this number in quarantine any more."))
    if not caller.may(item.clinic_id, *MANAGING):
        raise Forbidden(_("Only whoever sent this, managers and admins may see it."), clinic_id=item.clinic_id)
    return item


def sent(item: QuarantinedItem) -> dict[str, Any]:
    """The fields as they were sent; none if it was no object at all."""
    fields = json.loads(item.raw)
    return fields if isinstance(fields, dict) else {}


def repair(
    session: Session,
    caller: Caller,
    item: QuarantinedItem,
    session_id: str,
    meant: Mapping[str, Any],
    change: str,
    now: int,
) -> str:
    """Enters what the tap meant as a new event of this session, linked to the item. Answers the session's id.

    `meant`: kind, `at` in ms, and the fields of its kind. Raises BadRequest if that cannot be kept either; whoever
    settled it first has settled it. In the caller's transaction, which must be undone if it raises.
    """
    observed = session_for(session, caller, session_id, *MANAGING)
    take_turns(session, [observed.id])
    was, kind = sent(item), meant["kind"]
    required, optional = EVENTS[kind]
    fields = {name: value for name, value in meant.items() if name in required or name in optional or name == "kind"}
    seq = was.get("seq")
    event = {
        "type": "event",
        "id": change,
        "session": observed.id,
        "change": change,
        "repairs": item.item_id,
        "reason": _("repaired: {code}").format(code=item.code),
        "seq": seq if isinstance(seq, int) and 0 < seq < FIRST_FACT else FIRST_FACT,
        "recorded_at": max(now, meant["at"] + 1),
        **fields,
    }
    (result,) = append(session, caller, Batch(REVIEWED_BY + change, [read_item(event)]), now)["results"]
    if result["status"] == "duplicate":
        return observed.id
    if result["status"] != "stored":
        raise BadRequest(result.get("detail") or _("This cannot be kept."), code=result.get("code", "cannot_be"))
    _settle(session, caller, item, now, Action.REPAIRED, change, own_day=observed.mode == "self")
    return observed.id


def dismiss(session: Session, caller: Caller, item: QuarantinedItem, now: int) -> None:
    """It counts nowhere, and nobody is asked about it any more."""
    _settle(session, caller, item, now, Action.DISMISSED, None, own_day=is_ones_own(session, item))


def is_ones_own(session: Session, item: QuarantinedItem) -> bool:
    """Whether it belongs to a session in which somebody times themselves, or would have begun one; or is a report."""
    kept = session.get(ObservationSession, item.session_id) if item.session_id else None
    return (kept.mode if kept else sent(item).get("mode")) == "self" or sent(item).get("type") == "report"


def _settle(
    session: Session,
    caller: Caller,
    item: QuarantinedItem,
    now: int,
    action: Action,
    event_id: str | None,
    *,
    own_day: bool,
) -> None:
    """`own_day`: the audit hears nothing of it: who times themselves is for nobody to read there."""
    row = {"quarantine_id": item.id, "person_id": caller.id, "at": now, "event_id": event_id}
    if not insert_unless_there(connection_of(session), Settled, [row], "quarantine_id"):
        raise NotFound(_("Somebody else has just seen to this."))
    if own_day:
        return
    about = {"item": item.item_id, "code": item.code, "session": item.session_id, "event": event_id}
    record(session, at=now, action=action, person_id=caller.id, clinic_id=item.clinic_id, about=about)
