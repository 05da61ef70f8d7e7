"""What a file of rows is made of, and the sessions whose rows go into it, one after the other.

Only observed sessions: what people timed themselves is shown pooled and never row by row (DOMAIN.md, Privacy). Who
observed stands there as an id, because studies compare observers; nothing in these files says whose id it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.capture.log import LoggedEvent, corrected_events
from app.capture.models import ObservationSession
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.clinics.tasklist import TaskList
from app.db import Database
from app.summary.window import Window
from app.timeline import Timeline, timeline

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Value = str | int | float | bool | dict[str, Any] | None
Row = Sequence[Value]


@dataclass(frozen=True)
class Logged:
    """One session with its events in order of receipt, on corrected time, and the task list it was coded with."""

    header: ObservationSession
    version: TaskListVersion
    events: list[LoggedEvent]
    zone: ZoneInfo

    @property
    def task_list(self) -> TaskList:
        return parsed(self.version.body)

    @cached_property
    def meant(self) -> Timeline:
        """What the events mean: several tables of one session ask for it."""
        return timeline([event.wire for event in self.events])

    def about(self) -> tuple[Value, ...]:
        """The values of ABOUT."""
        one = self.header
        day_type = one.day_type or "unknown"
        listed = self.version.code, self.version.version
        return one.id, one.subject, one.staff_role, day_type, one.mode, *listed, one.person_id

    def written(self, at: int) -> str:
        """An instant (ms) as ISO 8601 to the ms, on the clinic's clock and with its offset from UTC."""
        return (EPOCH + timedelta(milliseconds=at)).astimezone(self.zone).isoformat(timespec="milliseconds")


# what every row says of its session
ABOUT = ("session", "subject", "staff_role", "day_type", "mode", "task_list", "version", "observer")


@dataclass(frozen=True, slots=True)
class Rows:
    """A kind of rows: its name in addresses and commands, its columns, and the rows of one session in order."""

    name: str
    columns: tuple[str, ...]
    of_session: Callable[[Logged], Iterator[Row]]


def session_ids(session: Session, clinic: Clinic, window: Window) -> Sequence[str]:
    """Of the observed sessions that began on these local days, by begin. Whoever calls freshens the slices first."""
    begun = func.coalesce(ObservationSession.begin_at, ObservationSession.at)
    wanted = select(ObservationSession.id).where(
        ObservationSession.clinic_id == clinic.id,
        ObservationSession.mode == "observed",
        ObservationSession.day.between(window.first.isoformat(), window.last.isoformat()),
    )
    return session.execute(wanted.order_by(ObservationSession.day, begun, ObservationSession.id)).scalars().all()


def logged_sessions(
    database: Database, clinic: Clinic, ids: Iterable[str], tell: Callable[[], object] = lambda: None
) -> Iterator[Logged]:
    """These sessions one after the other: in memory is one of them at a time.

    Each is read in a transaction of its own, which ends before it is handed on: a slow reader holds nothing up, and a
    session that was erased meanwhile is left out. `tell` is called after each session.
    """
    zone = ZoneInfo(clinic.timezone)
    for id in ids:
        with database.read() as session:
            logged = _logged(session, id, zone)
        if logged is not None:
            yield logged
        tell()


def _logged(session: Session, id: str, zone: ZoneInfo) -> Logged | None:
    found = session.get(ObservationSession, id)
    if found is None:
        return None
    version = session.get_one(TaskListVersion, found.task_list_version_id)
    return Logged(found, version, corrected_events(session, found), zone)
