"""What somebody has said with an account (reports, top three, pulse), withdrawn by that person: for good.

As with a subject's code, the ids stay as tombstones: a late phone brings nothing back, nor does an older backup.
"""

from collections.abc import Collection

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.capture.models import QuarantinedItem, Report, ReportAmendment
from app.capture.queries import is_report
from app.custody import day_logs
from app.custody.codes import forget_codes
from app.custody.day_logs import Rest
from app.reports.day_log.models import OwnCode
from app.reports.pulse.models import Pulse
from app.reports.top_three.models import Picks

SAID = (Report, Picks, Pulse)


def erase_said(session: Session, person_id: str, ids: Collection[str] | None, at: int) -> int:
    """Erases what this person has said under these ids, or, with None, all of it; answers how much it was.

    In the caller's transaction, which should be `scrubbing`. Not written to the audit: what people say of their own
    day is for nobody to read there.
    """
    erased = 0
    for model in SAID:
        own = select(model.id, model.clinic_id).where(model.person_id == person_id)
        for row in session.execute(own if ids is None else own.where(model.id.in_(ids))).all():
            words = select(ReportAmendment.id).where(ReportAmendment.report_id == row.id)
            for id in (row.id, *session.execute(words).scalars().all()):
                day_logs.put(session, Rest(id, None), row.clinic_id, at)
                forget(session, id)
            erased += 1
    for item_id, clinic_id in _refused_reports(session, person_id, ids):
        day_logs.put(session, Rest(item_id, None), clinic_id, at)
        erased += 1
    if ids is None:
        forget_codes(session, OwnCode.person_id == person_id, at=at)
    return erased


def _refused_reports(session: Session, person_id: str, ids: Collection[str] | None) -> list[tuple[str, int | None]]:
    """What this person reported and could not be taken."""
    own = select(QuarantinedItem.item_id, QuarantinedItem.clinic_id).where(
        QuarantinedItem.person_id == person_id, is_report()
    )
    wanted = own if ids is None else own.where(QuarantinedItem.item_id.in_(ids))
    return [(row.item_id, row.clinic_id) for row in session.execute(wanted)]


def forget(session: Session, id: str) -> None:
    """Deletes what was said under this id, whatever it is, and every later word about it."""
    session.execute(delete(ReportAmendment).where(or_(ReportAmendment.id == id, ReportAmendment.report_id == id)))
    for model in SAID:
        session.execute(delete(model).where(model.id == id))
