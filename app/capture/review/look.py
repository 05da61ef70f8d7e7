"""Reading a session for its review: its log on corrected time, its header items, and what a form was based on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.log import LoggedEvent, corrected_events, shift_of
from app.capture.models import ObservationSession, SessionItem
from app.capture.review.history import Change, HeaderItem, change_of, changes, is_change
from app.capture.review.plan import Plan
from app.capture.review.rows import Row, rows
from app.capture.review.wishes import Wish
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.clinics.tasklist import TaskList
from app.timeline import Timeline
from app.timeline.certainty import Doubt, doubt
from app.timeline.corrections import Event

NOBODY = "00000000-0000-0000-0000-000000000000"  # names a plan that is only looked at


@dataclass(frozen=True)
class Look:
    """A session as it stands: everything that its review shows is made of this."""

    observed: ObservationSession
    clinic: Clinic
    task_list: TaskList
    logged: list[LoggedEvent]
    items: list[HeaderItem]

    @property
    def basis(self) -> str:
        """What a form says it was based on: how many events and header items there were. Neither ever gets less."""
        return f"{len(self.logged)}.{len(self.items)}"

    @cached_property
    def events(self) -> list[Event]:
        return [event.wire for event in self.logged]

    @cached_property
    def plan(self) -> Plan:
        return Plan(self.events, NOBODY, 0)

    @property
    def t(self) -> Timeline:
        return self.plan.t

    @cached_property
    def uncertain(self) -> frozenset[str]:
        """The ids of the events whose times could not be measured."""
        return frozenset(event.wire["id"] for event in self.logged if event.uncertain)

    def doubts(self, plan: Plan) -> Doubt:
        """What of the session, with the plan's corrections, still stands on such a time."""
        return doubt(plan.t, plan.events, [step.event for step in plan.steps], self.uncertain)

    @cached_property
    def rows(self) -> list[Row]:
        return rows(self.t, self.plan.steps, self.doubts(self.plan))

    @cached_property
    def changes(self) -> list[Change]:
        return changes(self.logged, self.items)

    def planned(self, change: str, now: int, wishes: Sequence[Wish]) -> Plan:
        plan = Plan(self.events, change, now)
        for wish in wishes:
            wish.into(plan)
        return plan

    def sent_as(self, change: str) -> str | None:
        """The digest of the form that made this change, if it is in the log already; else None."""
        told = [event.raw for event in self.logged if change_of(event) == change]
        told += [dict(item.fields) for item in self.items if item.id == change]
        return str(told[0].get("form")) if told else None

    def meanwhile(self, basis: str) -> list[Change]:
        """What was changed since a form was made. A tap that only carries an open session on is no change."""
        events, _dot, items = basis.partition(".")
        if not (events.isdecimal() and items.isdecimal()) or len(basis) > 20:
            return self.changes
        since = self.logged[int(events) :]
        until = max((event.wire["at"] for event in self.logged[: int(events)]), default=0)
        named = {change_of(event) for event in since if is_change(event)}
        named |= {item.id for item in self.items[int(items) :]}
        late = [event for event in since if not is_change(event) and event.wire["at"] < until]
        return [change for change in self.changes if change.id in named] + [_arrived(event) for event in late]


def _arrived(event: LoggedEvent) -> Change:
    """A tap of the phone's that came late, told like a change."""
    told = Change(event.wire["id"], event.received_at, event.person_id, by_page=False, stands=True)
    told.enter(event.wire)
    return told


def look(session: Session, observed: ObservationSession) -> Look:
    clinic = session.get_one(Clinic, observed.clinic_id)
    task_list = parsed(session.get_one(TaskListVersion, observed.task_list_version_id).body)
    sent = select(SessionItem).where(SessionItem.session_id == observed.id)
    items = []
    for item in session.execute(sent.order_by(SessionItem.received_at, SessionItem.id)).scalars():
        fields = json.loads(item.raw)
        at = fields["at"] + shift_of(session, item.device, fields).ms
        items.append(HeaderItem(item.id, at, item.person_id, item.device, fields))
    return Look(observed, clinic, task_list, corrected_events(session, observed), items)
