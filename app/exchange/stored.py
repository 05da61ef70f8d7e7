"""What the database already holds of the sessions of a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.items import IMPORTED_BY
from app.capture.models import Erasure, Event, ObservationSession
from app.clinics.models import TaskListVersion

AT_ONCE = 500  # ids in one query


@dataclass(slots=True)
class Held:
    """A session that is there: its owner, its version of the task list, and its events by id.

    `from_files`: those that came by an import, and not from a phone or a correction.
    """

    owner: str
    version: TaskListVersion
    incomplete: bool
    events: set[str] = field(default_factory=set)
    from_files: set[str] = field(default_factory=set)


def held(session: Session, ids: Iterable[str]) -> dict[str, Held]:
    """Those of these sessions that are there, by id."""
    found: dict[str, Held] = {}
    for some in _in_parts(sorted(ids)):
        headers = (
            select(
                ObservationSession.id,
                ObservationSession.person_id,
                ObservationSession.incomplete,
                TaskListVersion,
            )
            .join(TaskListVersion, TaskListVersion.id == ObservationSession.task_list_version_id)
            .where(ObservationSession.id.in_(some))
        )
        for row in session.execute(headers):
            found[row.id] = Held(row.person_id, row.TaskListVersion, row.incomplete)
        events = select(Event.session_id, Event.id, Event.device).where(Event.session_id.in_(some))
        for session_id, event_id, device in session.execute(events):
            found[session_id].events.add(event_id)
            if device.startswith(IMPORTED_BY):
                found[session_id].from_files.add(event_id)
    return found


def erased(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of these sessions that were erased: nothing brings them back."""
    gone: set[str] = set()
    for some in _in_parts(sorted(ids)):
        gone.update(session.execute(select(Erasure.session_id).where(Erasure.session_id.in_(some))).scalars())
    return gone


def _in_parts(ids: list[str]) -> Iterator[list[str]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))
