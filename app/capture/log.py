"""A session's event log as it truly was: raw events from the table, put on the server's clock."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.clock import NO_SHIFT, Sample, Shift, Stamp, shifts
from app.capture.distrust import trusted
from app.capture.items import DAY_MS, is_possible, known_to
from app.capture.models import ClockSample, Event, ObservationSession

PAGES = "pages"  # the device of what is entered on the server's own pages, in the server's time
REVIEWED_BY = "review-"  # and of what a review enters: one for each change


def is_from_page(device: str) -> bool:
    """Whether an event was entered on a page of this server, and tapped by nobody."""
    return device == PAGES or device.startswith(REVIEWED_BY)


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
    found = {device: shifts(held, samples_for(session, device, held)) for device, held in by_device.items()}
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


def samples_for(session: Session, device: str, stamps: Iterable[Stamp]) -> list[Sample]:
    """Those of the device's samples that bear on the stamps, out of years of them.

    They are those of the stamps' own page loads; for loads that have none, those taken within a day of the stamp by
    the device's wall clock, with the last before them and the first after.
    """
    stamps = list(stamps)
    of_device = select(
        ClockSample.load, ClockSample.mono, ClockSample.wall, ClockSample.offset_ms, ClockSample.rtt_ms
    ).where(ClockSample.device == device)
    own = session.execute(of_device.where(ClockSample.load.in_({stamp.load for stamp in stamps})))
    found = set(trusted(session, (Sample(*row) for row in own)))
    with_own = {sample.load for sample in found}
    walls = [stamp.wall for stamp in stamps if stamp.load not in with_own]
    if walls:
        first, last = min(walls) - DAY_MS, max(walls) + DAY_MS
        within = of_device.where(ClockSample.wall.between(first, last))
        before = of_device.where(ClockSample.wall < first).order_by(ClockSample.wall.desc()).limit(1)
        after = of_device.where(ClockSample.wall > last).order_by(ClockSample.wall).limit(1)
        rows = (row for some in (within, before, after) for row in session.execute(some))
        found.update(trusted(session, (Sample(*row) for row in rows)))
    return sorted(found, key=lambda sample: (sample.load, sample.mono))


def shift_of(session: Session, device: str, fields: Mapping[str, Any]) -> Shift:
    """Of one item on its own, with what is known of its device so far."""
    stamp = _stamp(fields)
    return shifts([stamp], samples_for(session, device, [stamp]))[stamp] if stamp is not None else NO_SHIFT


def shift_by(samples: Sequence[Sample], fields: Mapping[str, Any]) -> Shift:
    """The same with nothing but the samples that came along: of a poster's phones none is kept."""
    stamp = _stamp(fields)
    return shifts([stamp], samples)[stamp] if stamp is not None else NO_SHIFT


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
