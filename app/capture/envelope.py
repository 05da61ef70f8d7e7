"""The outer form of a batch: read before anything in it is believed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.capture.clock import ONE_WAY_RTT_MS, Sample
from app.capture.intake import Batch
from app.capture.items import LONGEST_MONO_MS, is_possible, read_item
from app.errors import AppError, BadRequest
from app.i18n import _

PROTOCOL = 1
MOST_ITEMS = 200
LARGEST_BATCH = 256 * 1024

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Ms = Annotated[float, Field(allow_inf_nan=False, ge=-1e16, le=1e16)]
Mono = Annotated[float, Field(allow_inf_nan=False, ge=-LONGEST_MONO_MS, le=LONGEST_MONO_MS)]
Instant = Annotated[int, Field(strict=True, ge=-(10**15), le=10**16)]


class ClockReading(BaseModel):
    model_config = ConfigDict(extra="ignore")
    load: Word
    mono: Mono
    wall: Instant
    offset_ms: Ms
    rtt_ms: Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e9)]


class Clock(BaseModel):
    model_config = ConfigDict(extra="ignore")
    wall: Instant
    mono: Mono
    samples: Annotated[list[ClockReading], Field(max_length=500)] = []


class Envelope(BaseModel):
    """Unknown fields are let through, so that a newer phone can speak to an older server."""

    model_config = ConfigDict(extra="ignore")
    proto: Annotated[int, Field(strict=True)]
    batch_id: Word
    device: Word
    app: Annotated[str, Field(max_length=64)] | None = None
    load: Word | None = None
    person: Word | None = None
    clock: Clock | None = None
    items: list[Any]


@dataclass(frozen=True, slots=True)
class Read:
    """An envelope that could be read."""

    batch_id: str
    person: str | None
    batch: Batch


def read_envelope(body: bytes, received_at: int) -> Read:
    """Raises BadRequest for what cannot be read, 413 for too much at once, 426 for a protocol not spoken here."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest(_("The batch is not JSON in UTF-8."), code="unreadable") from None
    if not isinstance(sent, Mapping):
        raise BadRequest(_("The batch is not a JSON object."), code="unreadable")
    proto = sent.get("proto")
    if isinstance(proto, int) and not isinstance(proto, bool) and proto != PROTOCOL:
        sentence = _("This server speaks protocol {ours}, not {theirs}. Update the page; what waits is kept.")
        raise AppError(426, "protocol", sentence.format(ours=PROTOCOL, theirs=proto), min_proto=PROTOCOL)
    try:
        envelope = Envelope.model_validate(sent)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        sentence = _("The batch cannot be read: {where}: {why}.")
        raise BadRequest(sentence.format(where=where, why=fault["msg"]), code="unreadable") from None
    if len(envelope.items) > MOST_ITEMS:
        sentence = _("A batch holds at most {most} items; this one has {n}. Send it in parts.")
        raise AppError(413, "too_many_items", sentence.format(most=MOST_ITEMS, n=len(envelope.items)))
    batch = Batch(envelope.device, [read_item(item) for item in envelope.items], _samples(envelope, received_at))
    return Read(envelope.batch_id, envelope.person, batch)


def read_head(sent: Mapping[str, Any], now: int) -> tuple[str, list[Sample]]:
    """The device, and what it measured of its clock, of something that is no request but was kept by a phone."""
    try:
        envelope = Envelope.model_validate({**sent, "batch_id": "kept", "items": []})
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadRequest(_("The copy cannot be read: {where}.").format(where=where), code="unreadable") from None
    return envelope.device, _own_samples(envelope, now)


def _own_samples(envelope: Envelope, received_at: int) -> list[Sample]:
    # a sample that puts its own moment out of the possible measures nothing
    return [
        Sample(s.load, s.mono, s.wall, s.offset_ms, s.rtt_ms)
        for s in (envelope.clock.samples if envelope.clock else ())
        if is_possible(round(s.wall + s.offset_ms), received_at)
    ]


def _samples(envelope: Envelope, received_at: int) -> list[Sample]:
    """The phone's own samples; without any of this page load, what this very request shows of its clock, one way.

    What it measured in earlier page loads says nothing of a clock that was set since.
    """
    clock = envelope.clock
    if clock is None:
        return []
    samples = _own_samples(envelope, received_at)
    if envelope.load is not None and all(s.load != envelope.load for s in clock.samples):
        samples.append(Sample(envelope.load, clock.mono, clock.wall, received_at - clock.wall, ONE_WAY_RTT_MS))
    return samples
