"""What a clinic no longer wants to keep: erased by itself, once it is older than the clinic's months.

Sessions with all that was sent of them, reports, top three, pulses, what was kept aside, and who was asked to flex.
What the clinic logged of its days, answered and tried has nobody in it and stays. As with every erasure the ids stay as
tombstones.
"""

import json
import logging
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.intake import local_day
from app.capture.items import CANONICAL
from app.capture.models import DayItem, ObservationSession, QuarantinedItem, Receipt, Report, ReportAmendment
from app.capture.receipts import entomb
from app.clinics.models import Clinic
from app.clinics.privacy import first_day_kept
from app.config import Settings
from app.custody import day_logs
from app.custody.erase import Order, entomb_session, forget_refused
from app.custody.erasing import erasing
from app.db import Database
from app.reports.pulse.models import Pulse
from app.reports.top_three.models import Picks

AT_ONCE = 20  # sessions in one transaction: taps wait for it
SAID_AT_ONCE = 500

log = logging.getLogger("timesink")


def erase_outdated(database: Database, settings: Settings, now: int) -> int:
    """Erases what is due in every clinic, in short transactions; answers how many things that were."""
    erased = 0
    for clinic_id, day in _limits(database, now).items():
        found = _in_clinic(database, settings, clinic_id, day, now)
        if found:
            log.info("retention: erased %s things older than %s", found, day)
        erased += found
    return erased


def _limits(database: Database, now: int) -> dict[int, str]:
    """By clinic: the first day that it keeps."""
    with database.read() as session:
        clinics = session.execute(select(Clinic).where(Clinic.retention_months.is_not(None))).scalars()
        return {
            clinic.id: first_day_kept(
                date.fromisoformat(local_day(now, clinic.timezone)), clinic.retention_months or 0
            ).isoformat()
            for clinic in clinics
        }


def _in_clinic(database: Database, settings: Settings, clinic_id: int, day: str, now: int) -> int:
    erased = {"sessions": 0, "said": 0, "day_items": 0, "refused": 0}
    while True:
        with database.read() as session:  # mostly there is nothing, and then nobody has to wait
            sessions, said, asked = _due(session, clinic_id, day)
            refused = _refused(session, clinic_id, day)
        if not (sessions or said or asked or refused):
            break
        with erasing(database, settings) as session:
            for session_id in sessions:
                entomb_session(session, session_id, Order(clinic_id, None, now))
            _forget_said(session, said)
            for id, remaining in asked:
                day_logs.put(session, day_logs.Rest(id, remaining), clinic_id, now)
            forget_refused(session, [session.get_one(QuarantinedItem, id) for id in refused])
        for name, n in zip(erased, (len(sessions), len(said), len(asked), len(refused)), strict=True):
            erased[name] += n
    if any(erased.values()):
        with database.write() as session:
            about = {"for": "retention", "before": day, **{name: n for name, n in erased.items() if n}}
            record(session, at=now, action=Action.ERASED, person_id=None, clinic_id=clinic_id, about=about)
    return sum(erased.values())


def _due(session: Session, clinic_id: int, day: str) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Ids of sessions that began before this day, and of what was said before; day items with codes, without them."""
    old = select(ObservationSession.id).where(ObservationSession.clinic_id == clinic_id, ObservationSession.day < day)
    sessions = list(session.execute(old.limit(AT_ONCE)).scalars())
    said = [
        id
        for model in (Report, Picks, Pulse)
        for id in session.execute(
            select(model.id).where(model.clinic_id == clinic_id, model.day < day).limit(SAID_AT_ONCE)
        ).scalars()
    ]
    items = session.execute(select(DayItem.id, DayItem.raw).where(DayItem.clinic_id == clinic_id, DayItem.day < day))
    asked = [(id, _without_codes(raw)) for id, raw in items if json.loads(raw).get(day_logs.ASKED)]
    return sessions, said, asked[:SAID_AT_ONCE]


def _refused(session: Session, clinic_id: int, day: str) -> list[int]:
    """What was kept aside before this day and belongs to no session that is kept; those go with their sessions."""
    zone = ZoneInfo(session.get_one(Clinic, clinic_id).timezone)
    before = datetime.combine(date.fromisoformat(day), time(), zone).timestamp() * 1000
    kept = select(ObservationSession.id).where(ObservationSession.id == QuarantinedItem.session_id).exists()
    old = select(QuarantinedItem.id).where(
        QuarantinedItem.clinic_id == clinic_id, QuarantinedItem.received_at < before, ~kept
    )
    return list(session.execute(old.limit(SAID_AT_ONCE)).scalars())


def _without_codes(raw: str) -> str:
    return CANONICAL.encode({**json.loads(raw), day_logs.ASKED: None})


def _forget_said(session: Session, ids: Sequence[str]) -> None:
    words = select(ReportAmendment.id).where(ReportAmendment.report_id.in_(ids))
    entomb(session, Receipt.id.in_([*ids, *session.execute(words).scalars()]))
    session.execute(delete(ReportAmendment).where(ReportAmendment.report_id.in_(ids)))
    for model in (Report, Picks, Pulse):
        session.execute(delete(model).where(model.id.in_(ids)))
