"""Sessions that read like a log: `day("09:00 rooming", "09:04 supplies!", "09:06 back", "09:20 end")`.

The words after the time: a task code starts it · `code!` a trigger interrupts (`code! task` with its work) ·
`back` resumes · `left` abandons · `stop` · `+task` beside (`+task code?` prompted) · `-task` ends that ·
`code?` was only asked · `pause`, `on` · `#counter` or `#counter 3` · `@dimension value` · `end`.
The first time begins the session; a day has no `end` unless it says so.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient

from app.db import new_id

CHICAGO = "America/Chicago"
MONDAY = "2026-11-02"


def at(clock: str, day: str = MONDAY, zone: str = CHICAGO) -> int:
    """ms of a local time such as `09:04` or `09:04:30.250`."""
    return round(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def _meaning(words: str) -> dict[str, Any]:
    first, _space, rest = words.partition(" ")
    plain = {"back": "resume", "left": "abandon", "stop": "stop", "pause": "pause", "on": "continue", "end": "end"}
    if first in plain:
        return {"kind": plain[first]}
    if first.endswith("!"):
        return {"kind": "interrupt", "trigger": first[:-1]} | ({"task": rest} if rest else {})
    if first.endswith("?"):
        return {"kind": "prompt", "trigger": first[:-1]}
    if first.startswith("+"):
        return {"kind": "parallel_start", "task": first[1:]} | ({"trigger": rest.rstrip("?")} if rest else {})
    if first.startswith("-"):
        return {"kind": "parallel_stop", "task": first[1:]}
    if first.startswith("#"):
        return {"kind": "count", "counter": first[1:]} | ({"n": int(rest)} if rest else {})
    if first.startswith("@"):
        return {"kind": "context", "dimension": first[1:], "value": rest}
    return {"kind": "start", "task": first}


def day(*lines: str, on: str = MONDAY, zone: str = CHICAGO) -> list[dict[str, Any]]:
    """The events of such a log, `begin` included, without a session."""
    events: list[dict[str, Any]] = []
    for line in lines:
        clock, _space, words = line.partition(" ")
        moment = at(clock, on, zone)
        if not events:
            events.append(_event(moment, {"kind": "begin"}))
        events.append(_event(moment, _meaning(words)))
    for seq, event in enumerate(events, 1):
        event["seq"] = seq
    return events


def _event(moment: int, meaning: dict[str, Any]) -> dict[str, Any]:
    return {"type": "event", "id": new_id(moment), "at": moment, "recorded_at": moment, **meaning}


def session_item(at_ms: int, **changed: Any) -> dict[str, Any]:
    return {
        "type": "session",
        "id": new_id(at_ms),
        "at": at_ms,
        "clinic": "north",
        "mode": "observed",
        "subject": "MA-01",
        "staff_role": "MA",
        "day_type": "typical",
        "task_list": "back-of-house",
        "version": 1,
        "paired_with": None,
        "planned": None,
        "consent": None,
    } | changed


def in_session(session: dict[str, Any], events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [session, *({**event, "session": session["id"]} for event in events)]


def observed(*lines: str, on: str = MONDAY, zone: str = CHICAGO, **header: Any) -> list[dict[str, Any]]:
    """All items of one session, header first."""
    events = day(*lines, on=on, zone=zone)
    return in_session(session_item(events[0]["at"], **header), events)


def envelope(items: list[Any], **changed: Any) -> dict[str, Any]:
    return {"proto": 1, "batch_id": str(uuid.uuid4()), "device": "phone-1", "app": "1.0.0", "items": items} | changed


def batches(items: list[Any], size: int = 200) -> Iterator[list[Any]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def send(client: TestClient, items: list[Any], **changed: Any) -> dict[str, Any]:
    """Posts items as one batch and answers what the server said, which must be 200."""
    # json.dumps and not the client's: a phone may well send half a surrogate pair or NaN
    body = json.dumps(envelope(items, **changed))
    answer = client.post("/api/v1/batches", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def statuses(told: dict[str, Any]) -> list[str]:
    """One word per item: its status, with the code where it was refused."""
    return [" ".join(filter(None, (result["status"], result.get("code")))) for result in told["results"]]
