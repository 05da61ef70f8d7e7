"""Session items: a new session, an amended header, and what had waited for its session."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.capture import header
from app.capture.intake import (
    GONE,
    OBSERVING,
    STORED,
    Author,
    Home,
    Intake,
    clinic_of,
    home_of,
    is_erased,
    local_day,
    may_correct,
    not_yours,
    refuse,
    refused,
    unknown_clinic,
)
from app.capture.items import Fault, Item, check_times, meant, read_item
from app.capture.log import shift_of
from app.capture.models import ObservationSession, PendingItem, SessionItem
from app.capture.receipts import set_receipts
from app.capture.take_events import take_events, wait
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed, version_of
from app.i18n import _


def take_sessions(intake: Intake, items: list[Item]) -> None:
    """New ones before those that amend a header, so that both may come in one batch."""
    for item in sorted(items, key=lambda item: item.fields.get("amends") is not None):
        if item.fields.get("amends") is None:
            _take_new_session(intake, item)
        else:
            _take_amended_header(intake, item, intake.author)


def _take_new_session(intake: Intake, item: Item) -> None:
    assert item.id is not None
    fields = item.fields
    clinic = clinic_of(intake, fields["clinic"])
    if clinic is None:
        refuse(intake, item, unknown_clinic(fields["clinic"]))
        return
    if fields["mode"] == "observed" and not intake.caller.may(clinic.id, *OBSERVING):
        refuse(intake, item, Fault("not_yours", _("Your role in this clinic may time your own day, not observe.")))
        return
    shift = shift_of(intake.session, intake.device, fields)
    version = _version(intake, clinic, fields)
    fault = check_times(fields, shift.ms, intake.now) or (None if version else _unknown_task_list(fields))
    if fault is not None or version is None:
        refused(intake, item, fault)
        return
    if is_erased(intake, item.id):
        intake.outcomes[item.id] = GONE
        return
    consent = fields.get("consent")
    intake.session.add(
        ObservationSession(
            id=item.id,
            clinic_id=clinic.id,
            person_id=intake.caller.id,
            task_list_version_id=version.id,
            mode=fields["mode"],
            at=fields["at"],
            day=local_day(fields["at"] + shift.ms, clinic.timezone),
            consent=None if consent is None else json.dumps(consent),
            **header.fold(header.without_code(fields, fields["mode"]), ()),
        )
    )
    intake.session.flush()
    assert intake.caller.id is not None  # a poster sends none
    home = Home(item.id, clinic.id, intake.caller.id, fields["mode"], parsed(version.body))
    intake.homes[item.id] = home
    _keep_session_item(intake, item, home, intake.author)
    _take_what_waited(intake, item.id)


def _take_amended_header(intake: Intake, item: Item, author: Author) -> None:
    assert item.id is not None
    session_id = item.fields["amends"].lower()
    home = home_of(intake, session_id)
    if home is None:
        intake.outcomes[item.id] = wait(intake, item, session_id)
        return
    fault = None if may_correct(intake, home, author) else not_yours()
    fault = fault or check_times(item.fields, shift_of(intake.session, author.device, item.fields).ms, intake.now)
    if fault:
        refuse(intake, item, fault, author)
        return
    _keep_session_item(intake, item, home, author)
    header.refold(intake.session, session_id)
    intake.touched.add(session_id)
    if author.person_id != home.owner:
        intake.corrected[session_id, author.person_id] += 1


def _keep_session_item(intake: Intake, item: Item, home: Home, author: Author) -> None:
    intake.session.add(
        SessionItem(
            id=item.id,
            session_id=home.id,
            person_id=author.person_id,
            device=author.device,
            raw=header.kept(item.raw, home.mode),
            received_at=intake.now,
        )
    )
    intake.session.flush()


def _take_what_waited(intake: Intake, session_id: str) -> None:
    """What came before the session is checked now; what fails shows in this answer's count and in the next ones."""
    waiting = (
        intake.session.execute(
            select(PendingItem).where(PendingItem.session_id == session_id).order_by(PendingItem.receipt)
        )
        .scalars()
        .all()
    )
    settled: list[Item] = []
    for pending in waiting:
        item = meant(read_item(json.loads(pending.raw)))
        author = Author(pending.person_id, pending.device)
        settled.append(item)
        intake.session.delete(pending)
        if item.type == "event":
            take_events(intake, [item], author)
        else:
            _take_amended_header(intake, item, author)
    intake.session.flush()
    set_receipts(
        intake.session,
        [
            {"key": item.id, "status": outcome.status, "code": outcome.code, "detail": outcome.detail}
            for item in settled
            if item.id
            for outcome in [intake.outcomes.get(item.id, STORED)]
        ],
    )


def _version(intake: Intake, clinic: Clinic, fields: Mapping[str, Any]) -> TaskListVersion | None:
    return version_of(intake.session, clinic, fields["task_list"], fields["version"])


def _unknown_task_list(fields: Mapping[str, Any]) -> Fault:
    sentence = _("The clinic has no task list “{code}” in version {version}.")
    return Fault("unknown_task_list", sentence.format(code=fields["task_list"], version=fields["version"]))
