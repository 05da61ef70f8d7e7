"""The simulated clinic into the database: people, then every item through `append`, as from their phones.

Every id follows from the simulation, so a run that was broken off is made whole by the next, and nothing comes twice.
Which clinics are simulated stands in the table of facts, with what made them: only that tells them from real ones.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.capture.models import Fact
from app.clinics.models import Clinic
from app.clinics.publish import create_clinic
from app.clinics.queries import newest_version
from app.clinics.roster.keep import keep_week
from app.clinics.roster.week import shift
from app.db import Database
from app.demo import parameters as p
from app.demo import saying, watching
from app.demo.answering import answer_reports
from app.demo.clinic import ClinicDay, simulate
from app.demo.ids import Ids
from app.demo.speaking import say_how_it_was
from app.errors import AppError
from app.i18n import _
from app.people.access import Caller
from app.people.accounts import add_person, give_role, person_by_email
from app.people.models import Membership, Person, Role

FACT = "demo_clinics"  # JSON: by the clinic's id, a `Made`
AT_ONCE = 200  # items in one batch, as on the wire (CONTRACT.md, Outbox)
SMALLEST_CELL = 3  # four MAs: with the usual five nothing they report could ever be shown
PEOPLE = (
    ("admin", "Ada Quill", Role.ADMIN),
    ("manager", "Maya Ortiz", Role.MANAGER),
    ("observer-1", "Oscar Lind", Role.OBSERVER),
    ("observer-2", "Olivia Chen", Role.OBSERVER),
    ("ma-01", "Inés Prado", Role.ASSISTANT),
    ("ma-02", "Ben Okafor", Role.ASSISTANT),
    ("ma-03", "Lena Vogel", Role.ASSISTANT),
    ("ma-04", "Tariq Noor", Role.ASSISTANT),
)


@dataclass(frozen=True, slots=True)
class Made:
    """What a demo clinic was made from. `whole`: all of it has been written."""

    seed: int
    weeks: int
    last: str
    whole: bool = False

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.last) - timedelta(days=7 * self.weeks - 1)

    @property
    def days(self) -> list[ClinicDay]:
        return list(simulate(self.seed, self.weeks, date.fromisoformat(self.last)))


@dataclass(frozen=True, slots=True)
class Parcel:
    """Items that one person's phone sends."""

    sender: str
    device: str
    items: Sequence[dict[str, Any]]


def email_of(name: str, slug: str) -> str:
    """`.example` is nobody's: no mail of a demo reaches anyone."""
    return f"{name}@{slug}.example"


def made_of(session: Session, clinic: Clinic) -> Made | None:
    """What this clinic was made from, if it is a simulated one."""
    held = _facts(session).get(str(clinic.id))
    return Made(**held) if held is not None else None


def real_clinics(session: Session) -> list[str]:
    """Short names of the clinics that are not simulated."""
    simulated = _facts(session)
    rows = session.execute(select(Clinic.id, Clinic.slug).order_by(Clinic.slug))
    return [slug for id, slug in rows if str(id) not in simulated]


def _facts(session: Session) -> dict[str, dict[str, Any]]:
    fact = session.get(Fact, FACT)
    held: dict[str, dict[str, Any]] = json.loads(fact.value) if fact is not None else {}
    return held


def _note_down(session: Session, clinic: Clinic, made: Made) -> None:
    session.merge(Fact(name=FACT, value=json.dumps({**_facts(session), str(clinic.id): asdict(made)})))


def found(session: Session, slug: str, made: Made, now: int) -> Clinic:
    """A new clinic with its people, none of whom can sign in yet, marked as simulated.

    Raises AppError if one of its addresses belongs to somebody already: that account would get a role it never had.
    """
    clinic = create_clinic(session, slug=slug, name=_("Demo clinic (simulated)"), timezone=p.ZONE, at=now)
    clinic.smallest_cell = SMALLEST_CELL
    record(session, at=now, action=Action.SET_UP, person_id=None, clinic_id=clinic.id, about={"simulated": True})
    for name, shown, role in PEOPLE:
        email = email_of(name, slug)
        if person_by_email(session, email) is not None:
            raise AppError(
                409, "taken", _("{email} has an account already: give the demo another --clinic.").format(email=email)
            )
        give_role(session, add_person(session, email=email, name=shown, at=now), clinic.id, role, now)
    first = made.first_day.isoformat()
    keep_week(session, clinic, [shift(*one) for one in p.ROSTER], first, at=now, by=None)
    _note_down(session, clinic, made)
    return clinic


def fill(database: Database, clinic: Clinic, made: Made, now: int, tell: Callable[[int, int], object]) -> None:
    """Writes what is not there yet. `tell` hears (parcels done, of how many).

    Each parcel is a transaction, so that phones wait for one at most.
    """
    with database.read() as session:
        version = newest_version(session, clinic).version
        people = _callers(session, clinic)
    days = made.days
    parcels = list(_parcels(days, made.seed, clinic.slug, version))
    for done, parcel in enumerate(parcels, 1):
        with database.write() as session:
            for first in range(0, len(parcel.items), AT_ONCE):
                items = [read_item(item) for item in parcel.items[first : first + AT_ONCE]]
                append(session, people[email_of(parcel.sender, clinic.slug)], Batch(parcel.device, items), now)
        tell(done, len(parcels))
    with database.write() as session:
        manager = people[email_of("manager", clinic.slug)].id
        mas = {subject: people[email_of(subject.lower(), clinic.slug)].id for subject in p.PACE}
        say_how_it_was(session, clinic, days, seed=made.seed, people=mas)
        answer_reports(session, clinic, seed=made.seed, last=date.fromisoformat(made.last), manager=manager)
        _note_down(session, clinic, Made(made.seed, made.weeks, made.last, whole=True))


def _callers(session: Session, clinic: Clinic) -> dict[str, Caller]:
    """By e-mail address, with the role in this clinic alone."""
    rows = session.execute(
        select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.clinic_id == clinic.id)
    )
    return {
        person.email: Caller(
            person.id, person.name, person.email, person.language, {clinic.id: Role(role)}, secret="", seen_at=0
        )
        for person, role in rows
    }


def _parcels(days: Sequence[ClinicDay], seed: int, slug: str, version: int) -> Iterator[Parcel]:
    """Day by day. The clinic's name decides the ids alone: under another name the same things happen."""

    def chance(name: str) -> tuple[Random, Ids]:
        return Random(name), Ids(Random(f"{slug}/{name}"))

    for day in days:
        name = f"{seed}/{day.day}"
        for n, sitting in enumerate(day.sittings):
            sender, (rng, ids) = f"observer-{sitting.observer + 1}", chance(f"{name}/sitting/{n}")
            yield Parcel(sender, f"{slug}-{sender}-phone", watching.items(sitting, slug, version, rng, ids))
        for ledger in day.ledgers:
            sender, (rng, ids) = ledger.subject.lower(), chance(f"{name}/reports/{ledger.subject}")
            yield Parcel(sender, f"{slug}-{sender}-phone", list(saying.reports(ledger, slug, rng, ids)))
        yield Parcel("manager", f"{slug}-manager-desk", [saying.day_item(day, slug, *chance(f"{name}/log"))])
