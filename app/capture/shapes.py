"""The shapes of CONTRACT.md, as the API describes them: what a batch is, and what is answered. Nothing runs them."""

from typing import Any, Literal

from pydantic import BaseModel

from app.capture.envelope import MOST_ITEMS, Envelope
from app.capture.items import (
    AMENDED_REPORT,
    AMENDED_SESSION,
    DAY,
    EVENTS,
    NEW_SESSION,
    REPORT,
    SCHEMAS,
    Fields,
)
from app.clinics.tasklist import Dimension, Named, Stealer, Task, Trigger
from app.openapi import Schema, inlined
from app.timeline.records import Interruption, Note, Occurrence, Parallel, Problem, Prompt, Segment

UUID_SCHEMA: Schema = {"type": "string", "format": "uuid"}


class Result(BaseModel):
    """Of one item, in order. Every status means that the server has it for good, or that it is gone for good."""

    id: str | None
    status: Literal["stored", "duplicate", "quarantined", "gone"]
    code: str | None = None
    detail: str | None = None


class Holding(BaseModel):
    """Of one session, for the asking device: how many of its numbers are held, and which ranges are missing.

    `elsewhere`: how many events of it other devices have sent.
    """

    session: str
    have: int
    missing: list[tuple[int, int]]
    quarantined: int
    elsewhere: int


class Server(BaseModel):
    received: int
    sent: int


class BatchAnswer(BaseModel):
    timesink: Literal[1]
    batch_id: str
    db_epoch: str
    server: Server
    results: list[Result]
    sessions: list[Holding]
    min_proto: int


class Nudge(BaseModel):
    """After how long the pad asks whether a task is still going; `usual_ms` where that follows from what is usual."""

    after_ms: int
    usual_ms: int | None


class Agreement(BaseModel):
    """`text`: paragraphs, read out before somebody is watched. The session says to which version was agreed."""

    version: int
    text: list[str]


class Pad(BaseModel):
    clinic: str
    timezone: str
    task_list: str
    version: int
    tasks: list[Task]
    categories: list[Named]
    triggers: list[Trigger]
    counters: list[Named]
    dimensions: list[Dimension]
    subjects: list[str]
    stealers: list[Stealer]
    consent: Agreement
    nudge: dict[str, Nudge] | None


class SessionHeader(BaseModel):
    """`subject` and `observer` are null for those who may not know them; `begin` and `end` without a begin.

    `consent`: the version of the text that the person watched agreed to; null where nobody said so.
    """

    id: str
    clinic: str
    mode: Literal["observed", "self"]
    subject: str | None
    staff_role: str
    day_type: str | None
    task_list: str
    version: int
    observer: str | None
    begin: int | None
    end: int | None
    open: bool
    observed_ms: int
    events: int
    quarantined: int
    incomplete: bool
    consent: int | None


class SessionList(BaseModel):
    items: list[SessionHeader]
    next: str | None


class SentEvent(BaseModel):
    """As it was sent, with whatever else stood in it."""

    id: str
    session: str
    seq: int
    at: int
    kind: str
    device: str
    person: str
    received_at: int
    at_corrected: int
    uncertain: bool


class EventList(BaseModel):
    items: list[SentEvent]
    next: str | None


class Totals(BaseModel):
    task_ms: dict[str, int]
    person_ms: dict[str, float]
    idle_ms: int
    multitask_ms: int
    interruption_ms: int
    trigger_ms: dict[str, int]


class TimelineAnswer(BaseModel):
    session: str
    begin: int | None
    end: int | None
    open: bool
    observed_ms: int
    paused_ms: int
    segments: list[Segment]
    parallel: list[Parallel]
    interruptions: list[Interruption]
    prompts: list[Prompt]
    occurrences: list[Occurrence]
    counts: dict[str, int]
    notes: list[Note]
    problems: list[Problem]
    totals: Totals


def batch_body() -> dict[str, Any]:
    """The request body of a batch. An item that is otherwise is not refused, but kept in quarantine with a reason."""
    schema = inlined(Envelope.model_json_schema())
    schema["properties"]["items"] = {"type": "array", "maxItems": MOST_ITEMS, "items": {"anyOf": list(_items())}}
    schema["properties"]["proto"] = {"const": 1}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _items() -> list[Schema]:
    events = [_item("event", fields, kind) for kind, fields in EVENTS.items()]
    return [
        _item("session", NEW_SESSION),
        _item("session", AMENDED_SESSION),
        *events,
        _item("report", REPORT),
        _item("report", AMENDED_REPORT),
        _item("day", DAY),
    ]


def _item(type_: str, fields: Fields, kind: str | None = None) -> Schema:
    """One kind of item, from the very table by which it is checked."""
    required, optional = fields
    fixed: dict[str, Schema] = {"type": {"const": type_}, "id": UUID_SCHEMA}
    if kind is not None:
        fixed["kind"] = {"const": kind}
    return {
        "type": "object",
        "title": kind or (type_ if "amends" not in required else f"{type_}, amended"),
        "required": [*fixed, *required],
        "properties": {
            **fixed,
            **{name: SCHEMAS[check] for name, check in required.items()},
            **{name: {"anyOf": [SCHEMAS[check], {"type": "null"}]} for name, check in optional.items()},
        },
    }
