"""A session's event log as it truly was: raw events from the table, put on the server's clock."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.clock import NO_SHIFT, Sample, Shift, Stamp, shifts
from app.capture.items import is_possible, known_to
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
        wire = known_to(raw)
        if not is_possible(raw["at"] + shift.ms, row.received_at):  # a sample that leads there was no good one
            shift = Shift(0, True)
        events.append(
            LoggedEvent(raw, _moved(wire, shift), row.person_id, row.device, row.received_at, shift.uncertain)
        )
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
    return Stamp(load, mono, recorded_at if isinstance(recorded_at, int) else fields["at"])


def _moved(wire: dict[str, Any], shift: Shift) -> dict[str, Any]:
    if shift.ms == 0:
        return wire
    moved = {**wire, "at": wire["at"] + shift.ms}
    if wire.get("recorded_at") is not None:
        moved["recorded_at"] = wire["recorded_at"] + shift.ms
    if "at" in (wire.get("changes") or {}):
        moved["changes"] = {**wire["changes"], "at": wire["changes"]["at"] + shift.ms}
    return moved
