"""Histories of two phones and a server, invented by Hypothesis: what was called saved is there once, whatever happened.

Every step is real but for the network, which is the phone's own (`Phone.send(how)`): the server is a process on a real
database, killed with -9, at a failpoint or anywhere; backups and restores are those of the commands.
"""

import random
import secrets
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.capture.log import LoggedEvent
from app.clinics.models import Clinic
from app.clinics.publish import publish
from app.clinics.queries import newest_version, parsed
from app.config import Settings
from app.custody.backup import back_up
from app.custody.erase import Order, erase_session
from app.custody.erasing import erasing
from app.custody.restore import restore
from app.db import Database, now_ms
from app.people.accounts import add_person, give_role, make_token, sign_out
from app.people.models import Person, Role
from app.timeline import timeline
from tests.faults.ledger import Ledger
from tests.faults.phone import WAYS, Phone
from tests.faults.servers import FAILPOINTS, Server

TASKS = ("rooming", "vitals", "discharge", "callbacks", "searching", "walking")
TRIGGERS = ("phone", "supplies", "provider-question")
KINDS = ("start", "start", "start", "interrupt", "resume", "stop", "count", "flag", "undo", "amend", "beside", "pause")
LIST = "back-of-house"
JUMPS = (-2 * 3_600_000, -60_000, 61_000, 3_600_000)
TROUBLES = (
    "deliver", "deliver", "set_clock", "reload", "end", "sign_out", "sign_in", "somebody_else_signs_in", "kill",
    "start_again", "die_at", "die_at", "back_up", "restore", "restore", "revise_the_list", "erase",
)  # fmt: skip


@dataclass
class House:
    """What the histories share: a server on a database. Each history has people of its own."""

    server: Server
    database: Database
    settings: Settings
    north: int
    folder: Path
    runs: int = 0
    taps: int = 0
    kills: int = 0
    restores: int = 0
    uncertain: int = 0
    unknowable: int = 0
    quarantined: int = 0
    stamps: int = 0
    did: dict[str, int] = field(default_factory=dict)

    def noted(self, what: str) -> None:
        self.did[what] = self.did.get(what, 0) + 1

    def up(self) -> None:
        if not self.server.lives:
            self.server.wait_until_gone()
            self.server.start()

    def person(self) -> tuple[str, str]:
        """(id, token) of a new observer."""
        with self.database.write() as session:
            made = add_person(session, email=f"{secrets.token_hex(8)}@north.example", name="Otto", at=now_ms())
            give_role(session, made, self.north, Role.OBSERVER, now_ms())
            return made.id, make_token(session, made, now_ms(), 30)

    def token(self, person: str) -> str | None:
        """A new login; None for somebody whom a restored database does not know any more."""
        with self.database.write() as session:
            found = session.get(Person, person)
            return None if found is None else make_token(session, found, now_ms(), 30)

    def newest_version(self) -> int:
        with self.database.read() as session:
            return newest_version(session, session.get_one(Clinic, self.north), LIST).version


class Histories(RuleBasedStateMachine):
    """`house` is given by whoever runs it."""

    house: House

    @initialize(
        seed=st.integers(0, 2**32), off=st.lists(st.sampled_from([0, 250, -10_800_000]), min_size=2, max_size=2)
    )
    def move_in(self, seed: int, off: tuple[int, int]) -> None:
        house = self.house
        house.runs += 1
        house.up()
        self.chance = random.Random(seed)
        self.ledger = Ledger()
        self.backup: Path | None = None
        people = [house.person() for _ in off]
        self.phones = [
            Phone(house.server.port, person, token, self.ledger, wrong_ms=wrong)
            for (person, token), wrong in zip(people, off, strict=True)
        ]

    def begun(self, who: int) -> Phone:
        phone = self.phones[who]
        if phone.sitting is None:
            phone.begin(version=self.house.newest_version())
        return phone

    # --- the phone --------------------------------------------------------------------------------------------------

    @rule(
        who=st.integers(0, 1),
        kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=8),
        how=st.sampled_from(("not yet", "pass", *WAYS)),
        most=st.sampled_from([3, 200]),
    )
    def tap(self, who: int, kinds: list[str], how: str, most: int) -> None:
        phone = self.begun(who)
        for kind in kinds:
            _tap(phone, kind, self.chance)
        if how != "not yet":
            self.house.noted(f"sent, {how}: {phone.send(how, most)}")

    @rule(who=st.integers(0, 1), what=st.sampled_from(TROUBLES), exactly=st.integers(0, 11))
    def trouble(self, who: int, what: str, exactly: int) -> None:
        getattr(self, what)(who, exactly)

    def deliver(self, who: int, exactly: int) -> None:
        """What was held comes after what was sent later."""
        if self.phones[who].held:
            self.house.noted("deliver late")
            self.phones[who].deliver()

    def set_clock(self, who: int, exactly: int) -> None:
        self.phones[who].set_clock(JUMPS[exactly % len(JUMPS)])
        self.house.noted("clock set")

    def reload(self, who: int, exactly: int) -> None:
        self.phones[who].reload()
        self.house.noted("page reloaded")

    def end(self, who: int, exactly: int) -> None:
        if self.phones[who].sitting is not None:
            self.phones[who].tap("end")
            self.house.noted("session ended")

    def sign_out(self, who: int, exactly: int) -> None:
        with self.house.database.write() as session:
            sign_out(session, self.phones[who].token)
        self.house.noted("signed out")

    def sign_in(self, who: int, exactly: int) -> None:
        self.phones[who].token = self.house.token(self.phones[who].person) or self.phones[who].token
        self.house.noted("signed in")

    def somebody_else_signs_in(self, who: int, exactly: int) -> None:
        one, other = self.phones[who], self.phones[1 - who]
        own = one.token
        one.token = other.token
        had = len(one.waiting())
        said = one.send()
        assert said in ("nothing", "forbidden", "signed_out", "unreachable", "busy"), said
        assert len(one.waiting()) == had
        one.token = own
        self.house.noted("somebody else's login")

    # --- the server -------------------------------------------------------------------------------------------------

    def kill(self, who: int, exactly: int) -> None:
        self.house.server.kill()
        self.house.kills += 1
        self.house.noted("killed")

    def start_again(self, who: int, exactly: int) -> None:
        self.house.up()

    def die_at(self, who: int, exactly: int) -> None:
        where = FAILPOINTS[exactly % len(FAILPOINTS)]
        phone = self.begun(who)
        phone.tap("start", task=self.chance.choice(TASKS))
        server = self.house.server
        server.kill()
        server.start(**dying_at(where))
        phone.close()
        said = phone.send("duplicate" if exactly > len(FAILPOINTS) else "pass")
        if said in ("unreachable", "not_ours"):
            server.wait_until_gone()
            self.house.kills += 1
            self.house.noted(f"died at {where}")
        elif server.lives:
            server.kill()
        self.house.up()

    def back_up(self, who: int, exactly: int) -> None:
        target = self.house.folder / f"{secrets.token_hex(6)}.db"
        back_up(self.house.database, target)
        self.backup = target
        self.house.noted("backed up")

    def restore(self, who: int, exactly: int) -> None:
        if self.backup is None:
            return
        self.house.up()
        safety = self.house.folder / f"{secrets.token_hex(6)}-replaced.db"
        restore(self.house.database, self.house.settings, self.backup, safety, now_ms())
        safety.unlink()
        # a list published after the backup is gone with the rest: what was begun on it is refused, and kept
        there = self.house.newest_version()
        self.ledger.may_be_refused |= {
            item_id for item_id, body in self.ledger.taps.items() if body.get("version", 0) > there
        }
        self.house.restores += 1
        self.house.noted("restored")

    def revise_the_list(self, who: int, exactly: int) -> None:
        with self.house.database.write() as session:
            clinic = session.get_one(Clinic, self.house.north)
            publish(session, clinic, parsed(newest_version(session, clinic, LIST).body), now_ms())
        self.house.noted("list revised")

    def erase(self, who: int, exactly: int) -> None:
        """The oldest session, whatever of it has arrived."""
        sittings = self.phones[who].sittings
        if len(sittings) < 2 or sittings[0].id in self.ledger.erased:
            return
        with erasing(self.house.database, self.house.settings) as session:
            erase_session(session, sittings[0].id, Order(self.house.north, None, now_ms()))
        self.ledger.erased.add(sittings[0].id)
        self.house.noted("erased")

    # --- the end of every history -----------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        try:
            self.house.up()
            for phone in self.phones:
                phone.deliver()
                self._upload_all(phone)
            self._judge()
        finally:
            for phone in self.phones:
                phone.close()
        if self.backup is not None:
            self.backup.unlink(missing_ok=True)

    def _upload_all(self, phone: Phone) -> None:
        token = self.house.token(phone.person)
        assert token is not None
        phone.token = token
        for turn in range(40):
            # the first one says hello, as a page does when it is opened: that is how a restored database is noticed
            if phone.send(hello=turn == 0) == "nothing":
                return
        raise AssertionError(f"after healing {len(phone.waiting())} items still wait: {phone.fault}")

    def _judge(self) -> None:
        house = self.house
        for phone in self.phones:
            if phone.times_set > 1:  # set and set back around a page that never reached the server: nobody can notice
                silent = (row.body for row in phone.rows.values() if row.body["load"] not in phone.measured)
                self.ledger.unknowable.update(body["id"] for body in silent)
        found = self.ledger.compare(house.database, whole=False)
        house.taps += found.saved
        house.quarantined += found.quarantined
        house.uncertain += found.uncertain
        house.unknowable += found.unknowable
        for logged in found.logged.values():
            house.stamps += len(logged)
            if logged and not any(event.uncertain for event in logged):
                _is_the_same_story(self.ledger, logged)


def dying_at(where: str) -> dict[str, Any]:
    """The order for a server that dies there at its first batch."""
    return {"half_answers": 1} if where == "mid_response" else {"fail": {where: ("die", 1)}}


def _tap(phone: Phone, kind: str, chance: random.Random) -> None:
    """One gesture; what it means in its place is the timeline's business: every log is taken."""
    sitting = phone.sitting
    assert sitting is not None
    own = [phone.rows[item_id].body for item_id in sitting.taps]
    task = chance.choice(TASKS)
    if kind == "undo":
        phone.tap("void", target=own[-1]["id"]) if len(own) > 1 else phone.tap("stop")
    elif kind == "amend":
        starts = [body for body in own if body["kind"] == "start"]
        if starts:
            phone.tap("amend", target=chance.choice(starts)["id"], changes={"task": task}, reason="another one")
        else:
            phone.tap("start", task=task)
    else:
        fields: dict[str, Any] = {
            "start": {"task": task}, "interrupt": {"trigger": chance.choice(TRIGGERS), "task": task},
            "count": {"counter": "visits"}, "flag": {"text": "fix-later"}, "beside": {"task": task},
        }.get(kind, {})  # fmt: skip
        phone.tap({"flag": "note", "beside": "parallel_start"}.get(kind, kind), **fields)


def _is_the_same_story(ledger: Ledger, logged: list[LoggedEvent]) -> None:
    """What is derived of the server's log is what is derived of the taps as they happened."""
    told = [event.wire for event in logged]
    true = [{**one, "at": ledger.taps[one["id"]]["at"] - ledger.ahead[one["id"]]} for one in told]
    if _order(told) != _order(true):
        return  # taps a few ms apart, measured by different samples: the same to within the bound
    one, other = timeline(told).as_dict(), timeline(true).as_dict()
    for name in ("segments", "interruptions", "parallel", "prompts"):
        assert len(one[name]) == len(other[name]), name
    assert [part["task"] for part in one["segments"]] == [part["task"] for part in other["segments"]]


def _order(log: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """The taps' order, and which of them share a millisecond with the one before: between those lies no segment."""
    by_time = sorted(log, key=lambda one: (one["at"], one["seq"]))
    return [(one["id"], one["at"] == before["at"]) for before, one in pairwise([by_time[0], *by_time])]
