"""What an import comes to, ready for the outbox: sessions with their wire events, faults and remarks."""

from dataclasses import dataclass
from typing import Any

from app.exchange.faults import Fault, Remark


@dataclass(frozen=True, slots=True)
class ImportedSession:
    """One session, ready for the outbox. `begin` is ms since the epoch: of its begin, or of its first event.

    `line_ids`: the ids that stand for its lines whatever their order; where the database has them all, it has the
    session. `device` is the same as long as the items are. `incomplete`: a line of it could not be imported. `file`,
    `line`: where its first line stands.
    """

    id: str
    label: str
    subject: str | None
    mode: str
    day_type: str | None
    staff_role: str
    begin: int
    undated: bool
    incomplete: bool
    file: str
    line: int
    rows: int
    device: str
    line_ids: frozenset[str]
    events: tuple[dict[str, Any], ...]

    def header(self, clinic: str, task_list: str, version: int) -> dict[str, Any]:
        """The session item (CONTRACT.md, Outbox)."""
        return {
            "type": "session",
            "id": self.id,
            "at": self.begin,
            "clinic": clinic,
            "mode": self.mode,
            "subject": self.subject,
            "staff_role": self.staff_role,
            "day_type": self.day_type,
            "task_list": task_list,
            "version": version,
            "paired_with": None,
            "planned": None,
            "consent": None,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """All that the files give: sessions by begin, then label; faults by file and line; remarks."""

    sessions: tuple[ImportedSession, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]
