"""An import from files to the database: prepared by reading alone, then written session by session.

Whether anything is written is decided before the first write: bad lines are known by then, and every item has been
through the outbox's own checks. Each session is one transaction, so that phones wait for one session at most; an
import that is broken off leaves whole sessions, and the same command adds the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import DAY_MS, check_shape, check_times, check_words, read_item
from app.capture.models import ObservationSession
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.publish import publish
from app.clinics.queries import newest_version, parsed
from app.clinics.tasklist import TaskList
from app.db import Database
from app.errors import AppError
from app.exchange.additions import fit, with_names
from app.exchange.faults import Fault, Reason, Remark
from app.exchange.formats.shape import Terms
from app.exchange.imported import ImportedSession
from app.exchange.layout import Choices, lay_out
from app.exchange.lines import Upload
from app.exchange.reading import NO_NAMES, Names, names, read
from app.exchange.stored import Held, erased, held
from app.i18n import _
from app.people.access import Caller

AT_ONCE = 200  # items in one batch, as on the wire (CONTRACT.md, Outbox)

Status = Literal["new", "longer", "there", "erased"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how. `format`: None recognises it from each header."""

    uploads: Sequence[Upload]
    format: str | None = None
    choices: Choices = field(default_factory=Choices)
    add_tasks: bool = False
    skip_bad: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with one session. `longer`: it is there, and gets the lines it lacked. `items`: those to send.

    `flags`: it has all its lines, but what its header says of those left out is no longer so.
    """

    session: ImportedSession
    status: Status
    items: tuple[dict[str, Any], ...]
    flags: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that an import would do. `lacking`: names that are on no list; `added`: they join it, as `task_list`."""

    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]
    lacking: Names
    added: Names
    task_list: TaskList
    base: TaskListVersion
    skip_bad: bool

    @property
    def is_refused(self) -> bool:
        """Nothing is written: lines are bad and are not to be skipped, or names are unknown."""
        return self.lacking.any or (bool(self.faults) and not self.skip_bad)


def prepare(session: Session, clinic: Clinic, owner: Caller, order: Order, now: int) -> Prepared:
    """Everything but the writing; only reads. `now`: the server's clock, ms."""
    reading = read(order.uploads, Terms(clinic.slug, ZoneInfo(clinic.timezone), now + DAY_MS), order.format)
    ids = [draft.id for draft in reading.drafts]
    there, gone = held(session, ids), erased(session, ids)
    base = newest_version(session, clinic)
    task_list = parsed(base.body)
    # names matter for what is still to come: a label changed since must not bring back what is there as a new task
    coming = [
        draft
        for draft in reading.drafts
        if draft.id not in there or not draft.line_ids() <= there[draft.id].events.keys()
    ]
    lacking = fit(names(coming, order.choices.unobserved), task_list).lacking
    added = lacking if order.add_tasks else NO_NAMES
    if added.any:
        task_list = with_names(task_list, added)
    laid_out = lay_out(reading, fit(names(reading.drafts), task_list).codes, order.choices)
    plan = _Plan(clinic, owner, now, there, gone, base, task_list, order.skip_bad, list(laid_out.faults))
    for one in laid_out.sessions:
        plan.take(one, checked=added.any or not lacking.any)
    return Prepared(
        steps=tuple(plan.steps),
        faults=tuple(plan.faults),
        remarks=tuple(one for one in laid_out.remarks if order.skip_bad or one.reason.code != "incomplete"),
        lacking=NO_NAMES if order.add_tasks else lacking,
        added=added,
        task_list=task_list,
        base=base,
        skip_bad=order.skip_bad,
    )


@dataclass(slots=True)
class _Plan:
    """What to do with each session, given what is there."""

    clinic: Clinic
    owner: Caller
    now: int
    there: dict[str, Held]
    gone: set[str]
    base: TaskListVersion
    task_list: TaskList
    skip_bad: bool
    faults: list[Fault]
    steps: list[Step] = field(default_factory=list)

    def take(self, one: ImportedSession, *, checked: bool) -> None:
        """`checked`: all its names are known, so that the outbox's checks can be asked."""
        held = self.there.get(one.id)
        if one.id in self.gone:
            self.steps.append(Step(one, "erased", ()))
        elif held is None:
            version = self.base.version + (self.task_list != parsed(self.base.body))
            header = one.header(self.clinic.slug, self.base.code, version)
            self._send(one, "new", (header, *one.events), self.task_list, checked)
        elif held.differs_from(one):
            self._fault(one, "laid_out_otherwise")
        elif one.line_ids <= held.events.keys():
            # only its owner's file says whether it is whole
            told = one if held.owner == self.owner.id else replace(one, incomplete=held.incomplete)
            self.steps.append(Step(told, "there", (), flags=told.incomplete != held.incomplete))
        elif held.owner != self.owner.id:
            self._fault(one, "not_owner")
        elif held.from_files - {event["id"] for event in one.events}:
            self._fault(one, "other_lines")
        else:
            rest = tuple(event for event in one.events if event["id"] not in held.events)
            self._send(one, "longer", rest, parsed(held.version.body), checked)

    def _send(
        self, one: ImportedSession, status: Status, items: tuple[dict[str, Any], ...], words: TaskList, checked: bool
    ) -> None:
        refusal = next(filter(None, (self._refusal(item, words) for item in items)), None) if checked else None
        if refusal is None:
            self.steps.append(Step(one, status, items))
        else:
            self._fault(one, "refused", detail=refusal)

    def _refusal(self, sent: dict[str, Any], words: TaskList) -> str | None:
        """What the outbox would say against this item: it must be known before anything is written."""
        item = read_item(sent)
        fault = check_shape(item) or check_words(item.fields, words) or check_times(item.fields, 0, self.now)
        return fault.detail if fault else None

    def _fault(self, one: ImportedSession, code: str, **values: object) -> None:
        if one.incomplete and not self.skip_bad:
            return  # its bad lines are told, and what follows from their absence would only hide them
        reason = Reason(code, {**values, "session": one.label})
        self.faults.append(Fault(one.file, one.line, reason, one.label, of_session=True))


def carry_out(
    database: Database,
    clinic: Clinic,
    owner: Caller,
    prepared: Prepared,
    now: int,
    *,
    by: str | None,
    tell: Callable[[Step], None] = lambda _step: None,
) -> None:
    """Writes what was prepared: the task list first, if names join it, then each session in a transaction of its own.

    `by`: who asked for it (None: a command); the audit hears of it with the first session. `tell` is called after each.
    Raises AppError, with nothing more written, if the database has changed meanwhile in a way that matters.
    """
    assert not prepared.is_refused
    if prepared.added.any:
        _publish(database, clinic, prepared, now, by)
    steps = [step for step in prepared.steps if step.items or step.flags]
    for step in prepared.steps:
        if step.items or step.flags:
            with database.write() as session:
                _store(session, owner, step, now)
                if step is steps[0]:
                    told = {"person": owner.id, "sessions": len(steps), "items": sum(len(one.items) for one in steps)}
                    record(session, at=now, action=Action.IMPORTED, person_id=by, clinic_id=clinic.id, about=told)
        tell(step)


def _publish(database: Database, clinic: Clinic, prepared: Prepared, now: int, by: str | None) -> None:
    try:
        with database.write() as session:
            if newest_version(session, clinic).id != prepared.base.id:
                raise _changed_meanwhile()
            published = publish(session, clinic, prepared.task_list, now)
            # on PostgreSQL another may publish after that look: a list without its names must not take its place
            if published.version != prepared.base.version + 1:
                raise _changed_meanwhile()
            about = {"task_list": published.code, "version": published.version}
            record(session, at=now, action=Action.TASK_LIST_PUBLISHED, person_id=by, clinic_id=clinic.id, about=about)
    except IntegrityError:  # or at the same time: the index lets one through
        raise _changed_meanwhile() from None


def _store(session: Session, owner: Caller, step: Step, now: int) -> None:
    for first in range(0, len(step.items), AT_ONCE):
        items = [read_item(sent) for sent in step.items[first : first + AT_ONCE]]
        answer = append(session, owner, Batch(step.session.device, items), now)
        if any(result["status"] not in ("stored", "duplicate") for result in answer["results"]):
            raise _changed_meanwhile()
    session.execute(
        update(ObservationSession)
        .where(ObservationSession.id == step.session.id)
        .values(incomplete=step.session.incomplete)
    )


def _changed_meanwhile() -> AppError:
    return AppError(
        409,
        "changed_meanwhile",
        _("The clinic's data changed while this was being imported. Import the same files again: nothing comes twice."),
    )
