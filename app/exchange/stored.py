"""What the database already holds of the sessions of a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.items import IMPORTED_BY
from app.capture.models import Erasure, Event, ObservationSession
from app.clinics.models import TaskListVersion
from app.exchange.imported import ImportedSession

AT_ONCE = 500  # ids in one query


@dataclass(slots=True)
class Held:
    """A session that is there: its owner, its version of the task list, and its events by id: is it a pause, and when.

    `from_files`: those that came by an import, and not from a phone or a correction.
    """

    owner: str
    version: TaskListVersion
    incomplete: bool
    events: dict[str, tuple[bool, int]] = field(default_factory=dict)
    from_files: set[str] = field(default_factory=set)

    def differs_from(self, one: ImportedSession) -> bool:
        """Whether what is there is another reading of the same lines, left by another option or by lines skipped.

        An id stands for a line or for what follows from it, and a row joined with another (option merge) stops later.
        Which of two rows runs beside the other may differ: where they begin and end together, their order decides.
        """
        read = {event["id"]: (event["kind"] == "pause", event["at"]) for event in one.events}
        if any(read[id] != self.events[id] for id in read.keys() & self.events.keys()):
            return True
        is_all_there = one.line_ids <= self.events.keys()
        return is_all_there and self.incomplete != one.incomplete and self.from_files != read.keys()


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
        events = select(Event.session_id, Event.id, Event.device, Event.kind, Event.at)
        for session_id, event_id, device, kind, at in session.execute(events.where(Event.session_id.in_(some))):
            found[session_id].events[event_id] = kind == "pause", at
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
