"""A session's event log as it truly was: raw events from the table, put on the server's clock."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.clock import NO_SHIFT, Sample, Shift, Stamp, shifts
from app.capture.models import ClockSample, Event, ObservationSession


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """`raw` as sent; `wire` the same on corrected time, as the timeline takes it."""

    raw: dict[str, Any]
    wire: dict[str, Any]
    person_id: str
    device: str
    received_at: int
    uncertain: bool


def corrected_events(session: Session, observed: ObservationSession) -> list[LoggedEvent]:
    """All events of the session, corrections included, in order of receipt."""
    rows = session.execute(
        select(Event.raw, Event.person_id, Event.device, Event.received_at)
        .where(Event.session_id == observed.id)
        .order_by(Event.receipt)
    ).all()
    raws = [json.loads(row.raw) for row in rows]
    stamps = [_stamp(raw) for raw in raws]
    by_device: dict[str, list[Stamp]] = {}
    for row, stamp in zip(rows, stamps, strict=True):
        if stamp is not None:
            by_device.setdefault(row.device, []).append(stamp)
    found = {device: shifts(held, samples_of(session, device)) for device, held in by_device.items()}
    events = []
    for row, raw, stamp in zip(rows, raws, stamps, strict=True):
        shift = found[row.device][stamp] if stamp is not None else NO_SHIFT
        events.append(LoggedEvent(raw, _moved(raw, shift), row.person_id, row.device, row.received_at, shift.uncertain))
    return events


def samples_of(session: Session, device: str) -> list[Sample]:
    rows = session.execute(
        select(ClockSample.load, ClockSample.mono, ClockSample.wall, ClockSample.offset_ms, ClockSample.rtt_ms).where(
            ClockSample.device == device
        )
    )
    return [Sample(*row) for row in rows]


def shift_of(fields: Mapping[str, Any], samples: Iterable[Sample]) -> Shift:
    """Of one item on its own, with what is known of its device so far."""
    stamp = _stamp(fields)
    return shifts([stamp], list(samples))[stamp] if stamp is not None else NO_SHIFT


def _stamp(fields: Mapping[str, Any]) -> Stamp | None:
    """The tap itself was stamped (`recorded_at`), even where what it tells of (`at`) lies earlier."""
    load, mono = fields.get("load"), fields.get("mono")
    if load is None or mono is None:
        return None
    recorded_at = fields.get("recorded_at")
    return Stamp(load, mono, fields["at"] if recorded_at is None else recorded_at)


def _moved(raw: dict[str, Any], shift: Shift) -> dict[str, Any]:
    if shift.ms == 0:
        return raw
    wire = {**raw, "at": raw["at"] + shift.ms}
    if raw.get("recorded_at") is not None:
        wire["recorded_at"] = raw["recorded_at"] + shift.ms
    if "at" in (raw.get("changes") or {}):
        wire["changes"] = {**raw["changes"], "at": raw["changes"]["at"] + shift.ms}
    return wire
