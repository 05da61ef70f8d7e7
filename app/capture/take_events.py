"""Events: into their session's log, or to wait for a session that has not come yet."""

from collections.abc import Mapping
from typing import Any

from app.capture.holdings import hold
from app.capture.intake import (
    GONE,
    PENDING,
    Author,
    Home,
    Intake,
    Outcome,
    home_of,
    is_erased,
    may_correct,
    not_yours,
    refuse,
)
from app.capture.items import Fault, Item, check_times, check_words
from app.capture.log import shift_of
from app.capture.models import Event, PendingItem
from app.db import insert_unless_there
from app.i18n import _


def take_events(intake: Intake, items: list[Item], author: Author) -> None:
    rows = []
    by_id: dict[str, Item] = {}
    for item in items:
        assert item.id is not None
        session_id = item.fields["session"].lower()
        home = home_of(intake, session_id)
        if home is None:
            intake.outcomes[item.id] = wait(intake, item, session_id)
            continue
        fault = _check_event(intake, item, home, author)
        if fault:
            refuse(intake, item, fault, author)
            continue
        by_id[item.id] = item
        rows.append(
            {
                "id": item.id,
                "session_id": session_id,
                "person_id": author.person_id,
                "device": author.device,
                "seq": item.fields["seq"],
                "kind": item.fields["kind"],
                "at": item.fields["at"],
                "raw": item.raw,
                "received_at": intake.now,
            }
        )
        intake.touched.add(session_id)
    kept = insert_unless_there(intake.connection, Event, rows, "id")
    hold(intake, author.device, [by_id[item_id] for item_id in kept])
    for row in rows:
        home = intake.homes[row["session_id"]]
        if row["id"] in kept and home is not None and home.owner != author.person_id:
            intake.corrected[row["session_id"], author.person_id] += 1
    for item_id in by_id.keys() - kept:
        sentence = _("Another tap of this device already has the number {seq} in this session.")
        fault = Fault("seq_reused", sentence.format(seq=by_id[item_id].fields["seq"]))
        refuse(intake, by_id[item_id], fault, author)


def _check_event(intake: Intake, item: Item, home: Home, author: Author) -> Fault | None:
    fields = item.fields
    if author.person_id != home.owner and not (_is_correction(fields) and may_correct(intake, home, author)):
        return not_yours()
    return check_words(fields, home.task_list) or _check_times(intake, fields, author)


def _check_times(intake: Intake, fields: Mapping[str, Any], author: Author) -> Fault | None:
    """The newest sample that came along tells enough of most taps; the history of a clock is for the doubtful."""
    if author == intake.author and intake.samples:
        fault = check_times(fields, round(intake.samples[-1].offset_ms), intake.now)
        if fault is None:
            return None
    return check_times(fields, shift_of(intake.session, author.device, fields).ms, intake.now)


def _is_correction(fields: Mapping[str, Any]) -> bool:
    """What somebody else may add to a session: corrections, and what was entered after the fact."""
    recorded_at = fields.get("recorded_at")
    return fields["kind"] in ("void", "amend") or (recorded_at is not None and recorded_at > fields["at"])


def wait(intake: Intake, item: Item, session_id: str) -> Outcome:
    """Its session has not come yet, or will never come again."""
    if is_erased(intake, session_id):
        return GONE
    row = {
        "id": item.id,
        "session_id": session_id,
        "person_id": intake.caller.id,
        "device": intake.device,
        "seq": item.fields.get("seq"),
        "raw": item.raw,
        "received_at": intake.now,
    }
    insert_unless_there(intake.connection, PendingItem, [row], "id")
    return PENDING
