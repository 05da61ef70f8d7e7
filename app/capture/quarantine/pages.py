"""One item in quarantine: what was sent and why it was refused; repaired by a new event, or dismissed."""

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.capture import queries
from app.capture.access import session_for
from app.capture.items import UUID
from app.capture.models import ObservationSession, QuarantinedItem
from app.capture.quarantine.settle import REPAIRABLE, dismiss, is_ones_own, quarantined_for, repair, sent
from app.capture.review.typed import instant
from app.capture.story import words_of
from app.clinics.access import clinics_of
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import newest_version, parsed
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest, NotFound
from app.forms import UNPROCESSABLE, Fault, Fields
from app.i18n import _
from app.people.access import Caller, SignedIn, StillHere
from app.people.models import MANAGING
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded, StillHere], include_in_schema=False)

SHOWN = ("kind", "task", "trigger", "counter", "n", "dimension", "value", "target")
CHOICES = 50
WHILE_MS = 14 * 86_400_000  # as long as a phone shows what was refused


@router.get("/quarantine")
def everything(request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    """All that the caller may see to: of the own phones and sessions, and of the clinics that the caller manages."""
    with held.read() as session:
        clinics = clinics_of(session, caller)
        since = now_ms() - WHILE_MS
        managed = [clinic for clinic in clinics if caller.may(clinic.id, *MANAGING)]
        listed = [(clinic, queries.refused_of(session, caller, clinic)) for clinic in managed]
        reports = {clinic.slug: queries.count_refused_reports(session, clinic, since) for clinic in managed}
        seen = {item.id for _clinic, items in listed for item in items}
        mine = [item for item in queries.refused_of(session, caller) if item.id not in seen]
    zones = {clinic.timezone for clinic in clinics}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    return render(
        request, "capture/quarantine.html", caller=caller, mine=mine, listed=listed, zone=zone, reports=reports
    )


@router.get("/quarantine/{number}")
def quarantined(number: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        item = quarantined_for(session, caller, _number(number))
        return _page(request, session, caller, item, str(uuid4()), {})


@router.post("/quarantine/{number}")
def settle(number: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields) -> Response:
    change = fields.get("change", "").lower()
    try:
        with held.write() as session:
            item = quarantined_for(session, caller, _number(number))
            session_id = item.session_id
            if fields.get("do") == "dismiss":
                dismiss(session, caller, item, now_ms())
            else:
                meant = _meant(session, caller, item, fields)
                if not UUID.fullmatch(change):
                    raise BadRequest(_("This form has lost what it was about. Reload the page."))
                session_id = repair(session, caller, item, meant.pop("session"), meant, change, now_ms())
    except BadRequest as error:
        with held.read() as session:
            item = quarantined_for(session, caller, _number(number))
            return _page(request, session, caller, item, change, fields, Fault(error.detail, error.code))
    request.app.state.slicer.wake()
    with held.read() as session:
        kept = session_id is not None and session.get(ObservationSession, session_id) is not None
    return see_other(f"/sessions/{session_id}/review" if kept else "/sessions")


def _number(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 12:
        raise NotFound(_("There is nothing of this number in quarantine any more."))
    return int(text)


def _session_of(session: Session, caller: Caller, item: QuarantinedItem, chosen: str) -> ObservationSession | None:
    """Its own session where it is kept here, else the one that was chosen for it, by whoever may correct that."""
    own = session.get(ObservationSession, item.session_id) if item.session_id else None
    if own is not None or not UUID.fullmatch(chosen.lower()):
        return own
    return session_for(session, caller, chosen, *MANAGING)


def _meant(session: Session, caller: Caller, item: QuarantinedItem, fields: dict[str, str]) -> dict[str, Any]:
    """What was typed, as an event's fields. Raises BadRequest with the name of the field that is missing."""
    observed = _session_of(session, caller, item, fields.get("session", ""))
    if observed is None:
        raise BadRequest(_("Choose the session that it belongs to."), code="session")
    zone = session.get_one(Clinic, observed.clinic_id).timezone
    at = instant(fields.get("at", ""), _near(observed, item), zone)
    if at is None:
        raise BadRequest(_("Write the time like 9:41:07 AM."), code="at")
    kind = fields.get("kind", "")
    if kind not in REPAIRABLE:
        raise BadRequest(_("Choose what it was."), code="kind")
    n = fields.get("n", "").strip()
    if kind == "count" and not (n.removeprefix("-").isdecimal() and len(n) < 6):
        raise BadRequest(_("How many? Write a whole number."), code="n")
    words = {name: fields[name] for name in ("task", "trigger", "counter") if fields.get(name)}
    return {"session": observed.id, "kind": kind, "at": at, **words, **({"n": int(n)} if kind == "count" else {})}


def _near(observed: ObservationSession, item: QuarantinedItem) -> int:
    """The time it says, if that can be near its session; else when that began."""
    begin = observed.at if observed.begin_at is None else observed.begin_at
    at = queries.as_refused(item).at
    return at if at is not None and abs(at - begin) < 86_400_000 else begin


def _spelled(value: Any) -> str:
    """Anything may stand in what was refused, half a surrogate pair too, which no page can be sent with."""
    text = str(value)[:80]
    return text if text.isprintable() else ascii(text)[1:-1]


def _page(
    request: Request,
    session: Session,
    caller: Caller,
    item: QuarantinedItem,
    change: str,
    typed: dict[str, str],
    fault: Fault | None = None,
) -> Response:
    observed = _session_of(session, caller, item, typed.get("session", ""))
    clinic = session.get(Clinic, observed.clinic_id if observed else item.clinic_id or 0)
    clinic = clinic or next(iter(clinics_of(session, caller)), None)  # it names none: its words are those of the own
    was = sent(item)
    shown: dict[str, Any] = {
        "item": item,
        "told": queries.as_refused(item),
        "was": {name: _spelled(was[name]) for name in SHOWN if was.get(name) is not None},
        "observed": observed,
        "zone": clinic.timezone if clinic else "UTC",
        "change": change,
        "typed": {**{n: _spelled(was.get(n) or "") for n in ("kind", "task", "trigger", "counter", "n")}, **typed},
        "near": _near(observed, item) if observed else None,
        "kinds": REPAIRABLE,
        "fault": fault,
        "is_tap": was.get("type") in (None, "event"),
        "choices": [],
        "audited": not is_ones_own(session, item),
    }
    if observed is None and shown["is_tap"]:
        shown["choices"] = _choices(session, caller, item, clinic)
    if clinic is not None:
        version = (
            session.get_one(TaskListVersion, observed.task_list_version_id)
            if observed
            else newest_version(session, clinic)
        )
        shown["task_list"] = parsed(version.body)
        shown["words"] = words_of(shown["task_list"])
        if clinic.id in caller.roles:
            shown["clinic"] = clinic
    status = UNPROCESSABLE if fault else 200
    return render(request, "capture/quarantined.html", status, caller=caller, **shown)


def _choices(session: Session, caller: Caller, item: QuarantinedItem, clinic: Clinic | None) -> list[dict[str, Any]]:
    """The sessions that it could belong to: the caller's own, and for managers the clinic's."""
    if clinic is not None and caller.may(clinic.id, *MANAGING):
        window = queries.Window(mode="observed")
        found, _following = queries.sessions_of_clinic(session, caller, clinic, window, CHOICES, None)
        return [{**one, "timezone": clinic.timezone} for one in found]
    return queries.my_sessions(session, caller, CHOICES)[0]
