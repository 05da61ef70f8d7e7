"""A clinic and its sessions put straight into the tables: these tests are about what is read from them."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.capture.days import refold
from app.capture.models import DayItem, ObservationSession, Report, SessionItem
from app.capture.models import Event as StoredEvent
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.tasklist import Task, TaskList
from app.people.models import Person
from app.slices.refresh import cut_anew, keep, stale
from tests.slices.logs import CHICAGO, TASKS, TRIGGERS, Event

_numbers = count(1)


def new_id() -> str:
    return f"00000000-0000-7000-9000-{next(_numbers):012d}"


def task_list(tasks: Sequence[Task] = tuple(TASKS.values()), code: str = "small") -> TaskList:
    return TaskList.model_validate(
        {
            "code": code,
            "label": "Small",
            "categories": [{"code": c, "label": c.capitalize()} for c in sorted({t.category for t in tasks})],
            "tasks": [t.model_dump() for t in tasks],
            "triggers": [{"code": t, "label": t.capitalize()} for t in TRIGGERS],
            "counters": [{"code": "visits", "label": "Visits"}],
        }
    )


def clinic(session: Session, tasks: TaskList | None = None, **fields: Any) -> Clinic:
    row = Clinic(**{"slug": "north", "name": "North", "timezone": CHICAGO, "created_at": 0} | fields)
    session.add(row)
    session.flush()
    publish(session, row, tasks or task_list())
    return row


def publish(session: Session, clinic: Clinic, tasks: TaskList, version: int = 1) -> TaskListVersion:
    row = TaskListVersion(
        clinic_id=clinic.id, code=tasks.code, version=version, body=tasks.model_dump_json(), published_at=0
    )
    session.add(row)
    session.flush()
    return row


def person(session: Session, name: str) -> str:
    """The id of the person of this name, made if need be."""
    found = session.get(Person, name)
    if found is None:
        session.add(Person(id=name, email=f"{name}@north.example", name=name, created_at=0))
        session.flush()
    return name


def observe(session: Session, clinic: Clinic, events: Sequence[Event], **header: Any) -> str:
    """One session with its events, not yet cut; its id. Ids of events are made the session's own."""
    session_id = new_id()
    owner = person(session, header.pop("observer", "olga"))
    version = header.pop("version", None)
    if version is None:
        version = session.query(TaskListVersion.id).filter_by(clinic_id=clinic.id).order_by(TaskListVersion.id).first()
        version = version[0] if version else None
    first = {
        "at": events[0]["at"] if events else 0,
        "mode": "observed",
        "subject": "MA-01",
        "staff_role": "MA",
    } | header
    session.execute(
        insert(ObservationSession),
        {
            "id": session_id,
            "clinic_id": clinic.id,
            "person_id": owner,
            "task_list_version_id": version,
            "day": "1970-01-01",
            **first,
        },
    )
    session.execute(
        insert(SessionItem),
        {
            "id": session_id,
            "session_id": session_id,
            "person_id": owner,
            "device": "phone",
            "raw": json.dumps({"type": "session", "id": session_id, **first}),
            "received_at": first["at"],
        },
    )
    add(session, session_id, events, owner)
    return session_id


def add(session: Session, session_id: str, events: Sequence[Event], owner: str = "olga") -> None:
    """Further events of the session, which makes it stale."""
    rows = [_stored(session_id, own(session_id, event), owner) for event in events]
    if rows:
        session.execute(insert(StoredEvent), rows)
    stale = update(ObservationSession).where(ObservationSession.id == session_id)
    session.execute(stale.values(revision=ObservationSession.revision + 1))


def own(session_id: str, event: Event) -> Event:
    """The event with ids of this session: those of `log` are the same in every log."""
    prefix = session_id[-12:]
    renamed = {name: prefix + event[name][12:] for name in ("id", "target", "of") if name in event}
    return event | renamed


def _stored(session_id: str, event: Event, owner: str) -> dict[str, Any]:
    return {
        "id": event["id"],
        "session_id": session_id,
        "person_id": owner,
        "device": "phone",
        "seq": event["seq"],
        "kind": event["kind"],
        "at": event["at"],
        "raw": json.dumps({"type": "event", "session": session_id, **event}),
        "received_at": event["at"],
    }


def day_log(session: Session, clinic: Clinic, day: str, **fields: Any) -> None:
    session.add(
        DayItem(
            id=new_id(),
            clinic_id=clinic.id,
            person_id=person(session, "mona"),
            day=day,
            at=0,
            raw=json.dumps({"type": "day", "day": day, **fields}),
            received_at=0,
        )
    )
    session.flush()
    refold(session, clinic.id, day)


def report(
    session: Session, clinic: Clinic, who: str | None, day: str, stealer: str, minutes: float | None, **said: Any
) -> None:
    """Nobody (`who` is None): from a poster."""
    session.add(
        Report(
            id=new_id(),
            clinic_id=clinic.id,
            person_id=person(session, who) if who else None,
            day=day,
            stealer=stealer,
            minutes=minutes,
            raw="{}",
            received_at=0,
            **said,
        )
    )
    session.flush()


def refresh(session: Session, clinic_id: int | None = None) -> int:
    """Cuts what is stale within the test's own transaction; how many sessions that were."""
    fresh = [cut_anew(session, session_id) for session_id in stale(session, clinic_id)]
    return sum(keep(session, found) for found in fresh if found is not None)


def observed(session: Session, clinic: Clinic, events: Sequence[Event], **header: Any) -> str:
    """`observe`, and cut."""
    session_id = observe(session, clinic, events, **header)
    refresh(session, clinic.id)
    return session_id
