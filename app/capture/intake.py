"""One call of `append` at work: what it knows, what it has decided, and how it refuses what cannot be accepted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from app.capture.clock import Sample
from app.capture.items import UUID, Fault, Item
from app.capture.models import Erasure, ObservationSession, QuarantinedItem
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.clinics.tasklist import TaskList
from app.db import Prepared, connection_of, insert_unless_there
from app.i18n import _
from app.people.access import Caller
from app.people.models import MANAGING, Role

OBSERVING = (Role.OBSERVER, *MANAGING)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one device sends at once, its envelope already read."""

    device: str
    items: Sequence[Item]
    samples: Sequence[Sample] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: stored, duplicate, quarantined or gone. Each means durable custody after the commit."""

    status: str
    code: str | None = None
    detail: str | None = None

    def as_dict(self, sent_id: Any) -> dict[str, Any]:
        told = {"id": sent_id, "status": self.status, "code": self.code, "detail": self.detail}
        return {name: value for name, value in told.items() if value is not None or name == "id"}


@dataclass(frozen=True, slots=True)
class AtPoster:
    """Whoever stands before a clinic's poster: may report as an assistant may, do nothing else, and is nobody."""

    clinic_id: int
    place: str
    places: frozenset[str]  # of all posters of the clinic: what waited on the phone may come from another one
    id: None = None

    @property
    def roles(self) -> dict[int, Role]:
        return {self.clinic_id: Role.ASSISTANT}

    def may(self, clinic_id: int, *roles: Role) -> bool:
        return self.roles.get(clinic_id) in roles


Sender = Caller | AtPoster
STORED, DUPLICATE = Outcome("stored"), Outcome("duplicate")
PENDING = Outcome("pending")  # told to the phone as stored: it is kept
GONE = Outcome("gone", "session_erased")


@dataclass(frozen=True, slots=True)
class Author:
    """Whose item it is: the caller, or, for an item that waited for its session, who sent it then."""

    person_id: str | None
    device: str


@dataclass(slots=True)
class Home:
    """The session that an event belongs to."""

    id: str
    clinic_id: int
    owner: str
    mode: str
    task_list: TaskList


@dataclass(slots=True)
class Intake:
    """One call of `append` at work."""

    session: Session
    caller: Sender
    device: str
    now: int
    samples: Sequence[Sample]  # of the device's clock, as they came with this batch
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # by item id
    touched: set[str] = field(default_factory=set)  # sessions whose timeline may have changed
    corrected: Counter[tuple[str, str | None]] = field(default_factory=Counter)  # by others: items by (session, author)
    homes: dict[str, Home | None] = field(default_factory=dict)
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = connection_of(self.session)

    @property
    def author(self) -> Author:
        return Author(self.caller.id, self.device)


def refused(intake: Intake, item: Item, fault: Fault | None) -> bool:
    if fault is None:
        return False
    refuse(intake, item, fault)
    return True


def refuse(intake: Intake, item: Item, fault: Fault, author: Author | None = None) -> Outcome:
    """To quarantine: kept raw with the reason. A foreign session is not named there: it must not show to its people.

    What belongs to an erased session is not kept there either: it is gone, whatever is wrong with it.
    """
    by = author or intake.author
    session_id = session_of(item)
    if session_id is not None and is_erased(intake, session_id):
        return _decided(intake, item, fault, GONE)
    home = intake.homes.get(session_id) if session_id else None
    clinic_id = home.clinic_id if home else None
    seq = item.fields.get("seq")
    row = {
        "item_id": item.id or item.digest[:36],
        "digest": item.digest,
        "code": fault.code,
        "detail": fault.detail,
        "session_id": session_id if home is None or home.clinic_id in intake.caller.roles else None,
        "clinic_id": clinic_id if clinic_id in intake.caller.roles else _clinic_id(intake, item),
        "person_id": by.person_id,
        "device": by.device,
        "seq": seq if isinstance(seq, int) and 0 < seq < 2**31 else None,
        "raw": item.raw,
        "received_at": intake.now,
    }
    insert_unless_there(intake.connection, QuarantinedItem, [row], "item_id")
    return _decided(intake, item, fault, Outcome("quarantined", fault.code, fault.detail))


def _decided(intake: Intake, item: Item, fault: Fault, outcome: Outcome) -> Outcome:
    if item.id is not None and fault.code != "id_reused":  # a reused id is that of another item, decided before
        intake.outcomes[item.id] = outcome
    return outcome


def refuse_reused(intake: Intake, item: Item) -> Outcome:
    return refuse(
        intake, item, Fault("id_reused", _("Another item with this id was kept before; this one says something else."))
    )


def session_of(item: Item) -> str | None:
    if item.type == "report":
        return None
    named = item.fields.get("session") if item.type == "event" else item.fields.get("amends")
    if item.type == "session" and named is None:
        return item.id
    lowered = named.lower() if isinstance(named, str) else ""
    return lowered if UUID.fullmatch(lowered) else None


def _clinic_id(intake: Intake, item: Item) -> int | None:
    clinic = clinic_of(intake, item.fields.get("clinic"))
    return clinic.id if clinic else None


def clinic_of(intake: Intake, slug: Any) -> Clinic | None:
    """A clinic the caller belongs to: a foreign one is as unknown as one that does not exist.

    Not every text can be looked up: to ask for half a surrogate pair, or on PostgreSQL for NUL, fails the whole batch.
    """
    if not isinstance(slug, str) or not slug.isprintable() or not intake.caller.roles:
        return None
    mine = select(Clinic).where(Clinic.slug == slug, Clinic.id.in_(intake.caller.roles))
    return intake.session.execute(mine).scalar_one_or_none()


HOME = Prepared(
    select(ObservationSession.clinic_id, ObservationSession.person_id, ObservationSession.mode, TaskListVersion.body)
    .join(TaskListVersion, TaskListVersion.id == ObservationSession.task_list_version_id)
    .where(ObservationSession.id == bindparam("session_id"))
)


def home_of(intake: Intake, session_id: str) -> Home | None:
    if session_id not in intake.homes:
        found = HOME.rows(intake.connection, session_id=session_id)
        intake.homes[session_id] = None
        for clinic_id, owner, mode, body in found:
            intake.homes[session_id] = Home(session_id, clinic_id, owner, mode, parsed(body))
    return intake.homes[session_id]


def is_erased(intake: Intake, session_id: str) -> bool:
    return intake.session.get(Erasure, session_id) is not None


def may_correct(intake: Intake, home: Home, author: Author) -> bool:
    """The owner; for observed sessions also that clinic's managers and admins (what waited: only the owner's own)."""
    if author.person_id == home.owner:
        return True
    is_caller = author.person_id == intake.caller.id
    return is_caller and home.mode == "observed" and intake.caller.may(home.clinic_id, *MANAGING)


def unknown_clinic(slug: str) -> Fault:
    return Fault("unknown_clinic", _("There is no clinic “{slug}” that you belong to.").format(slug=slug))


def not_yours() -> Fault:
    return Fault("not_yours", _("Only the observer of this session, and its clinic's managers, may add to it."))


def anothers_report() -> Fault:
    return Fault("not_yours", _("Only whoever made this report may change it or take it back."))


def reports_only() -> Fault:
    return Fault("not_yours", _("With a poster's code nothing but reports can be sent."))


def local_day(at: int, zone: str) -> str:
    """The day on the clinic's calendar, YYYY-MM-DD, of an instant in ms."""
    return (datetime.fromtimestamp(at // 1000, UTC).astimezone(ZoneInfo(zone))).date().isoformat()
