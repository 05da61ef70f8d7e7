"""A change into the log: all its events or none, once however often it is sent, and on what it was based."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import LONGEST_TEXT, check_text, read_item
from app.capture.log import REVIEWED_BY
from app.capture.models import ObservationSession
from app.capture.review.compare import difference
from app.capture.review.history import Change
from app.capture.review.look import Look, look
from app.capture.review.plan import Refused
from app.capture.review.wishes import Wish
from app.capture.turns import take_turns
from app.errors import AppError, BadRequest
from app.i18n import _
from app.people.access import Caller

UNEXPLAINED_MS = 60_000  # what changes more of the session than this needs a reason


class Meanwhile(AppError):
    """Somebody has changed the session since the form was made; `changes` says what."""

    def __init__(self, now: Look, changes: list[Change]) -> None:
        super().__init__(409, "changed_meanwhile", _("Somebody has changed this session meanwhile."))
        self.now, self.changes = now, changes


@dataclass(frozen=True, slots=True)
class Form:
    """What every form of the review carries: which change it makes (a UUID), on what it is based, and why.

    `digest` of all that was sent: the same form once more is no second change, but another one under its id is (a
    page that was gone back to).
    """

    change: str
    basis: str | None  # None: it does not matter what else was changed
    reason: str = ""
    digest: str = ""


def save(
    session: Session,
    caller: Caller,
    observed: ObservationSession,
    form: Form,
    now: int,
    wish: Callable[[Look], Sequence[Wish]],
) -> None:
    """Puts into the log what the wishes become. Raises Meanwhile, Refused, or BadRequest without a needed reason.

    `wish` is given the session as it stands by then. In the caller's transaction, which must be undone if it raises.
    """
    fresh = _in_turn(session, observed, form)
    if fresh is None:
        return
    plan = fresh.planned(form.change, now, wish(fresh))
    if not form.reason and difference(fresh.t, plan.t).ms > UNEXPLAINED_MS:
        raise BadRequest(_("This changes more than a minute of the session. Say why."), code="no_reason")
    told = _told(form)
    drafts = [
        {"type": "event", "session": observed.id, "change": form.change, **told, **draft} for draft in plan.drafts
    ]
    _keep(session, caller, form, drafts, now)


def amend_header(
    session: Session, caller: Caller, observed: ObservationSession, form: Form, now: int, values: dict[str, str]
) -> None:
    """Puts other values into the header: `values` by field (day_type, subject, staff_role)."""
    fresh = _in_turn(session, observed, form)
    if fresh is None or not values:
        return
    at = max([now, *(1 + item.at for item in fresh.items)])  # the last word wins: this is to be it
    told = _told(form)
    item = {"type": "session", "id": form.change, "at": at, "amends": observed.id, **told, **values}
    _keep(session, caller, form, [item], now)


def _told(form: Form) -> dict[str, str]:
    """What its events carry besides: kept as sent, though no timeline heeds it."""
    return {"form": form.digest, **({"reason": form.reason} if form.reason else {})}


def _in_turn(session: Session, observed: ObservationSession, form: Form) -> Look | None:
    """The session as it stands once everybody before has finished; None if this very change is in it already."""
    fault = check_text("reason", form.reason)
    if fault is not None:
        raise BadRequest(_("Say it in fewer than {limit} letters.").format(limit=LONGEST_TEXT), code="no_reason")
    take_turns(session, [observed.id])
    here = select(ObservationSession).where(ObservationSession.id == observed.id)
    fresh = look(session, session.execute(here, execution_options={"populate_existing": True}).scalar_one())
    sent_as = fresh.sent_as(form.change)
    if sent_as == form.digest:
        return None
    if sent_as is not None:
        raise Meanwhile(fresh, fresh.meanwhile(form.basis or ""))
    news = [] if form.basis is None else fresh.meanwhile(form.basis)
    if news:
        raise Meanwhile(fresh, news)
    return fresh


def _keep(session: Session, caller: Caller, form: Form, items: Sequence[dict[str, Any]], now: int) -> None:
    """Through the same door as every tap. What is refused there undoes all of it."""
    if not items:
        return
    batch = Batch(REVIEWED_BY + form.change, [read_item(item) for item in items])
    told = append(session, caller, batch, now)
    refused = [result for result in told["results"] if result["status"] != "stored"]
    if refused:
        raise Refused(refused[0].get("detail") or _("This session does not take changes any more."))
