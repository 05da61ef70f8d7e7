"""What belongs to a clinic and not to a session: reports of time stealers, and the day log."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture import days
from app.capture.clock import Shift
from app.capture.intake import (
    OBSERVING,
    AtPoster,
    Intake,
    anothers_report,
    clinic_of,
    local_day,
    refuse,
    refused,
    unknown_clinic,
)
from app.capture.items import OF_A_REPORT, Fault, Item, check_times, check_volumes
from app.capture.log import shift_by, shift_of
from app.capture.models import DayItem, Report, ReportAmendment
from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed, versions
from app.i18n import _

AMENDED = ("stealer", *OF_A_REPORT, "withdrawn")


def take_report(intake: Intake, item: Item) -> None:
    """A report, or a later word about one; whichever comes first waits for the other."""
    fields = item.fields
    clinic = clinic_of(intake, fields["clinic"])
    if clinic is None:
        refuse(intake, item, unknown_clinic(fields["clinic"]))
        return
    shift = _shift(intake, item)
    if refused(intake, item, check_times(fields, shift.ms, intake.now) or _unknown_word(intake, clinic, fields)):
        return
    take = _add if fields.get("amends") is None else _amend
    report_id = take(intake, item, clinic, shift)
    if report_id is not None:
        refold(intake.session, report_id)


def _unknown_word(intake: Intake, clinic: Clinic, fields: Any) -> Fault | None:
    """Words of every list that the clinic has had are known: a phone may have been without network since.

    With a poster's code only what a tile says can be said: everybody reads the board, and nobody answers for it.
    """
    trigger = fields.get("trigger")
    stealer = fields.get("stealer") if isinstance(intake.caller, AtPoster) else None
    newest = parsed(newest_version(intake.session, clinic).body)
    if trigger in (None, *newest.trigger_codes) and stealer in (None, *(one.code for one in newest.stealers)):
        return None
    lists = [parsed(version.body) for version in versions(intake.session, clinic.id)]
    if trigger is not None and not any(trigger in one.trigger_codes for one in lists):
        return Fault("unknown_trigger", _("The clinic's list has no trigger “{code}”.").format(code=trigger))
    if stealer is not None and not any(stealer == tile.code for one in lists for tile in one.stealers):
        return Fault("malformed", _("The clinic has no tile that says so."))
    return None


def _shift(intake: Intake, item: Item) -> Shift:
    if isinstance(intake.caller, AtPoster):
        return shift_by(intake.samples, item.fields)
    return shift_of(intake.session, intake.device, item.fields)


def _add(intake: Intake, item: Item, clinic: Clinic, shift: Shift) -> str | None:
    assert item.id is not None
    fields = item.fields
    report = Report(
        id=item.id,
        clinic_id=clinic.id,
        person_id=intake.caller.id,
        day=local_day(fields["at"] + shift.ms, clinic.timezone),
        place=_place(intake, fields.get("place")),
        consent=fields.get("consent"),
        raw=item.raw,
        received_at=intake.now,
        **_said(fields),
    )
    intake.session.add(report)
    intake.session.flush()
    return item.id


def _said(fields: Any) -> dict[str, Any]:
    return {name: fields.get(name) for name in ("stealer", *OF_A_REPORT)}


def _place(intake: Intake, named: str | None) -> str | None:
    """Where the poster hangs that was scanned for it: the phone names it, for it may have met another one since."""
    if not isinstance(intake.caller, AtPoster):
        return None
    return named if named in intake.caller.places else intake.caller.place


def _amend(intake: Intake, item: Item, clinic: Clinic, shift: Shift) -> str | None:
    """Only whoever said something takes it back: the same account, or, of what nobody said by name, whoever knows
    its id, which nobody is ever told."""
    assert item.id is not None
    report_id: str = item.fields["amends"].lower()
    report = intake.session.get(Report, report_id)
    if report is not None and (report.clinic_id, report.person_id) != (clinic.id, intake.caller.id):
        refuse(intake, item, anothers_report())
        return None
    amendment = ReportAmendment(
        id=item.id,
        report_id=report_id,
        clinic_id=clinic.id,
        person_id=intake.caller.id,
        at=item.fields["at"] + shift.ms,
        raw=item.raw,
        received_at=intake.now,
    )
    intake.session.add(amendment)
    intake.session.flush()
    return report_id


def refold(session: Session, report_id: str) -> None:
    """What stands of a report: as it came, then field by field the last word on each."""
    report = session.get(Report, report_id)
    if report is None:
        return
    words = session.execute(
        select(ReportAmendment.raw, ReportAmendment.clinic_id, ReportAmendment.person_id)
        .where(ReportAmendment.report_id == report_id)
        .order_by(ReportAmendment.at, ReportAmendment.id)
    )
    stands = {**_said(json.loads(report.raw)), "withdrawn": False}
    for word in words:
        if (word.clinic_id, word.person_id) == (report.clinic_id, report.person_id):
            fields = json.loads(word.raw)
            stands |= {name: fields[name] for name in AMENDED if fields.get(name) is not None}
    for name, value in stands.items():
        setattr(report, name, value)
    session.flush()


def take_day(intake: Intake, item: Item) -> None:
    fields = item.fields
    clinic = clinic_of(intake, fields["clinic"])
    if clinic is None:
        refuse(intake, item, unknown_clinic(fields["clinic"]))
        return
    if not intake.caller.may(clinic.id, *OBSERVING):
        refuse(intake, item, Fault("not_yours", _("Your role in this clinic may not write its day log.")))
        return
    shift = shift_of(intake.session, intake.device, fields)
    task_list = parsed(newest_version(intake.session, clinic).body)
    if refused(intake, item, check_times(fields, shift.ms, intake.now) or check_volumes(fields, task_list)):
        return
    intake.session.add(
        DayItem(
            id=item.id,
            clinic_id=clinic.id,
            person_id=intake.caller.id,
            day=fields["day"],
            at=fields["at"] + shift.ms,
            raw=item.raw,
            received_at=intake.now,
        )
    )
    intake.session.flush()
    days.refold(intake.session, clinic.id, fields["day"])
