"""Phones in the middle of a shift: each with its own observer, login and session, sending what relay.js sends."""

import itertools
import json
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.clinics.publish import create_clinic
from app.clinics.tasklist import default_list
from app.db import Database, new_id, now_ms
from app.migrate import migrate
from app.people.accounts import add_person, give_role, make_token
from app.people.models import Role

TAP_MS = 20_000  # one tap in twenty seconds: a thousand in a shift
SAMPLE_MS = 60_000  # the phone takes a clock sample a minute; with taps travel the last one told and what is newer
ALREADY = 199  # events of a session before the clock starts; with its header they fill one batch
CLINIC = "north"

tasks = [task.code for task in default_list().tasks if task.kind == "work"]
triggers = [trigger.code for trigger in default_list().triggers]


@dataclass(slots=True)
class Phone:
    """`sitting` begins a session; `batch` is the next taps in it, as a body ready to be sent."""

    person: str
    token: str
    device: str = field(default_factory=lambda: secrets.token_hex(16))
    load: str = ""
    session: str = ""
    _begun: int = 0
    _taps: Iterator[dict[str, Any]] = field(default_factory=lambda: iter(()))
    _told: int = 0  # number of the newest clock sample sent

    def sitting(self) -> bytes:
        """A new session with the events that it has already."""
        self._begun, self._told = now_ms() - 1200 * TAP_MS, 0
        self.session, self.load = new_id(self._begun), secrets.token_hex(8)
        header = {"type": "session", "id": self.session, "at": self._begun, "clinic": CLINIC, "mode": "observed",
                  "subject": "MA-03", "staff_role": "MA", "day_type": "high", "task_list": "back-of-house",
                  "version": 1, "paired_with": None, "planned": None, "consent": None}  # fmt: skip
        self._taps = self._tapping()
        return self._body([header, *itertools.islice(self._taps, ALREADY)])

    def batch(self, size: int) -> bytes:
        return self._body(list(itertools.islice(self._taps, size)))

    def _tapping(self) -> Iterator[dict[str, Any]]:
        """Begins, then works: mostly one task after another, sometimes interrupted."""
        dice = random.Random(self.session)
        for seq in itertools.count(1):
            at = self._begun + seq * TAP_MS
            if seq == 1:
                meaning = {"kind": "begin"}
            elif seq % 10 == 0:
                meaning = {"kind": "interrupt", "trigger": dice.choice(triggers), "task": dice.choice(tasks)}
            elif seq % 10 == 1:
                meaning = {"kind": "resume"}
            else:
                meaning = {"kind": "start", "task": dice.choice(tasks)}
            yield {"type": "event", "id": new_id(), "session": self.session, "seq": seq, "at": at, "recorded_at": at,
                   **meaning, "load": self.load, "mono": float(seq * TAP_MS)}  # fmt: skip

    def _body(self, items: list[dict[str, Any]]) -> bytes:
        tapped_at = items[-1]["at"] - self._begun
        told, self._told = self._told, tapped_at // SAMPLE_MS
        minutes = [{"load": self.load, "mono": float(n * SAMPLE_MS), "wall": self._begun + n * SAMPLE_MS,
                    "offset_ms": -120, "rtt_ms": 38} for n in range(told, self._told + 1)]  # fmt: skip
        clock = {"wall": now_ms(), "mono": 1200.0 * TAP_MS, "samples": minutes}
        return json.dumps({"proto": 1, "batch_id": new_id(), "device": self.device, "app": "1.0.0", "load": self.load,
                           "person": self.person, "clock": clock, "items": items}).encode()  # fmt: skip


def settle(database_url: str, observers: int) -> Sequence[Phone]:
    """A migrated database with one clinic, and a phone in the hand of each of its observers."""
    database = Database(database_url)
    migrate(database)
    phones = []
    with database.write() as session:
        clinic = create_clinic(session, slug=CLINIC, name="North Clinic", timezone="America/Chicago", at=now_ms())
        for n in range(observers):
            person = add_person(session, email=f"observer{n}@north.example", name="", at=now_ms())
            give_role(session, person, clinic.id, Role.OBSERVER, now_ms())
            phones.append(Phone(person.id, make_token(session, person, now_ms(), 30)))
    database.close()
    return phones
