"""What belongs to a clinic and not to a session: reports of time stealers, and the day log."""

from app.capture import days
from app.capture.intake import (
    OBSERVING,
    Intake,
    clinic_of,
    local_day,
    refuse,
    refused,
    unknown_clinic,
)
from app.capture.items import Fault, Item, check_times, check_volumes, check_words
from app.capture.log import shift_of
from app.capture.models import DayItem, Report
from app.clinics.queries import newest_version, parsed
from app.i18n import _


def take_report(intake: Intake, item: Item) -> None:
    fields = item.fields
    clinic = clinic_of(intake, fields["clinic"])
    if clinic is None:
        refuse(intake, item, unknown_clinic(fields["clinic"]))
        return
    shift = shift_of(intake.session, intake.device, fields)
    task_list = parsed(newest_version(intake.session, clinic).body)
    if refused(intake, item, check_times(fields, shift.ms, intake.now) or check_words(fields, task_list)):
        return
    intake.session.add(
        Report(
            id=item.id,
            clinic_id=clinic.id,
            person_id=intake.caller.id,
            day=local_day(fields["at"] + shift.ms, clinic.timezone),
            stealer=fields["stealer"],
            minutes=fields.get("minutes"),
            expected=fields.get("expected"),
            trigger=fields.get("trigger"),
            raw=item.raw,
            received_at=intake.now,
        )
    )
    intake.session.flush()


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
