"""What a test tapped and what the pad called saved: the test's own list, to be compared with the database at the end.

    ledger = Ledger()
    phone.gesture("rooming")                # a tap; `gesture` returns once the pad calls it saved
    ledger.note(phone)                      # what the phone's book holds now is what it called saved
    ...                                     # faults; the phone may lose its book meanwhile, the ledger does not
    network.heal()
    ledger.settled(phone)                   # waits, 60 s at most, until nothing waits on the phone
    ledger.compare(database)                # raises AssertionError that names what is lost, doubled, altered ...

`tapped(body)` and `saved(body)` are for tests that have no browser. A body is an item as it is sent. The truth of its
time is its stamp, for the phones run on the server's machine; a test that moves a phone's clock says by how much.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.capture.clock import APART_MS, LONGEST_WAY_MS
from app.capture.items import read_item
from app.capture.log import LoggedEvent, corrected_events
from app.capture.models import ClockSample, ObservationSession
from app.custody.backup import faults_of
from app.custody.files import file_of
from app.db import Database
from app.slices.freshen import freshen, rebuild

HEALED_WITHIN_S = 60.0


class HasBook(Protocol):
    """A phone of tests/browser/phone.py."""

    def items(self) -> list[dict[str, Any]]: ...
    def waiting(self) -> int: ...
    def is_honest(self) -> bool: ...
    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = 15) -> None: ...


@dataclass
class Ledger:
    """Items by id, in the order in which they were tapped. `owner`: whose phone it was; `erased`: sessions that are."""

    taps: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, float] = field(default_factory=dict)  # when it was called saved (monotonic)
    owner: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    may_be_refused: set[str] = field(default_factory=set)  # ids that a test made wrong on purpose
    ahead: dict[str, int] = field(default_factory=dict)  # how far the phone's clock was before the truth, in ms
    unknowable: set[str] = field(default_factory=set)  # taps of which no phone can know when they were
    clock_runs_away: bool = False  # the phone's time is simulated, and the server's is not: nobody's times are judged

    def tapped(self, body: dict[str, Any], owner: str | None = None, ahead_ms: int = 0) -> None:
        """The finger came down. Nothing is promised yet."""
        self.taps.setdefault(body["id"], body)
        self.ahead.setdefault(body["id"], ahead_ms)
        if owner is not None:
            self.owner.setdefault(body["id"], owner)

    def saved(self, body: dict[str, Any], owner: str | None = None, ahead_ms: int = 0) -> None:
        """The pad said so: from now on it may never be lost."""
        self.tapped(body, owner, ahead_ms)
        self.kept.setdefault(body["id"], time.monotonic())

    def note(self, phone: HasBook, ahead_ms: int = 0) -> None:
        """All that the phone's book holds of its own, of which the screen says so, once it has been drawn (I5).

        `ahead_ms`: of the clock that what is new there was stamped by.
        """
        phone.wait_for(phone.is_honest, "the badge to say what the book holds")
        for row in phone.items():
            if not row["body"].get("device"):
                self.saved(row["body"], row["person"], ahead_ms)

    def settled(self, phone: HasBook) -> None:
        """After healing: everything has to be on its way by itself, and the screen says no more and no less (I5)."""
        phone.wait_for(lambda: phone.waiting() == 0, "nothing waiting after healing", HEALED_WITHIN_S)
        phone.wait_for(phone.is_honest, "the badge to say what the book holds")

    def compare(self, database: Database, *, whole: bool = True) -> "Found":
        """The invariants I1 to I4 and I6 to I8 of ../shared/research/reliability.md, 2.2, against the database.

        I4: what the server takes for the time of a tap is half a round trip and a second from the truth at most, or
        called uncertain. The round trip is that of the very sample by which the server has moved the tap.

        Not `whole`: without a look at the soundness of the whole database, which takes longer the more it holds.
        """
        found = look(self, database, whole=whole)
        faults = found.faults()
        assert not faults, f"{len(self.kept)} taps were called saved, and:\n" + "\n".join(faults)
        return found


@dataclass
class Found:
    """What came out of a comparison: ids, or sentences, for each kind of fault."""

    saved: int = 0
    stored: int = 0
    quarantined: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    misowned: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    mistimed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    uncertain: int = 0
    unknowable: int = 0  # mistimed, where nobody can know
    logged: dict[str, list[LoggedEvent]] = field(default_factory=dict, repr=False)  # of each session

    def faults(self) -> list[str]:
        kinds = ("lost", "doubled", "altered", "invented", "misowned", "disordered", "mistimed", "refused", "unsound")
        return [f"{kind} ({len(these)}): {', '.join(these[:8])}" for kind in kinds if (these := getattr(self, kind))]


@dataclass
class _Held:
    """One row of the server's: where it lies and what it says."""

    table: str
    person: str
    session: str | None
    device: str
    seq: int | None
    raw: str


def look(ledger: Ledger, database: Database, *, whole: bool = True) -> Found:
    held, receipts = _held(database)
    found = Found(saved=len(ledger.kept))
    for item_id in ledger.kept:
        _judge(ledger, found, item_id, held.get(item_id, []), receipts.get(item_id))
    ours = {body["session"] for body in ledger.taps.values() if body["type"] == "event"}
    for item_id, rows in held.items():
        if item_id not in ledger.taps and any(row.session in ours for row in rows):
            found.invented.append(f"{item_id} in {rows[0].table}")
    found.disordered = list(_gaps(ledger, held))
    with database.read() as session:
        for session_id in sorted(ours - ledger.erased):
            observed = session.get(ObservationSession, session_id)
            found.logged[session_id] = corrected_events(session, observed) if observed is not None else []
            if not ledger.clock_runs_away:
                _judge_times(ledger, found, found.logged[session_id], session)
    if whole:
        found.unsound = unsound(database)
    return found


def _judge(ledger: Ledger, found: Found, item_id: str, rows: list[_Held], receipt: str | None) -> None:
    body = ledger.taps[item_id]
    whose = body.get("session") if body["type"] == "event" else body["id"]
    if whose in ledger.erased:
        if rows or receipt != "gone":
            found.invented.append(f"{item_id}: erased, and there again")
        return
    told = f"{body['type']} {body.get('kind', '')} {item_id}"
    if not rows or receipt is None:
        found.lost.append(told)
        return
    if len(rows) > 1:
        found.doubled.append(f"{told} in {', '.join(row.table for row in rows)}")
    row = rows[0]
    if row.table == "quarantine":
        found.quarantined += 1
        if item_id not in ledger.may_be_refused:
            found.refused.append(told)
    else:
        found.stored += 1
    if row.raw != read_item(body).raw:
        found.altered.append(told)
    if row.person != ledger.owner.get(item_id, row.person):
        found.misowned.append(f"{told} of {ledger.owner[item_id]} stands under {row.person}")


def _judge_times(ledger: Ledger, found: Found, logged: list[LoggedEvent], session: Session) -> None:
    rtts: dict[tuple[str, int], float] = {}
    of_these = select(ClockSample).where(
        ClockSample.device.in_({event.device for event in logged}),
        ClockSample.rtt_ms < LONGEST_WAY_MS,  # what was seen one way only makes no time certain
    )
    for sample in session.scalars(of_these):
        moves = (sample.device, round(sample.offset_ms))
        rtts[moves] = max(sample.rtt_ms, rtts.get(moves, 0.0))
    for event in logged:
        body = ledger.taps.get(event.raw["id"])
        if body is None:
            continue  # invented, and told as that
        found.uncertain += event.uncertain
        moved_ms = event.wire["at"] - event.raw["at"]
        away_ms = abs(event.wire["at"] - (body["at"] - ledger.ahead[body["id"]]))
        bound_ms = rtts.get((event.device, moved_ms), 0.0) / 2 + APART_MS
        if event.uncertain or away_ms <= bound_ms:
            continue
        if body["id"] in ledger.unknowable:
            found.unknowable += 1
        else:
            found.mistimed.append(f"{body['kind']} {body['id']} by {away_ms} ms, not flagged, {bound_ms:.0f} at most")


def _held(database: Database) -> tuple[dict[str, list[_Held]], dict[str, str]]:
    """Every item that the server holds, by id, wherever it lies; and what it answered for each."""
    held: dict[str, list[_Held]] = {}
    with database.read() as session:
        for table, item_id, owner, device, seq, also in (
            ("session_items", "id", "session_id", "device", "NULL", ""),
            ("events", "id", "session_id", "device", "seq", ""),
            ("pending_items", "id", "session_id", "device", "seq", ""),
            # a second content under an id is kept there beside the first: that is no doubling
            ("quarantine", "item_id", "session_id", "device", "seq", " WHERE code <> 'id_reused'"),
            ("reports", "id", "NULL", "''", "NULL", ""),
            ("day_items", "id", "NULL", "''", "NULL", ""),
        ):
            statement = f"SELECT {item_id}, person_id, {owner}, {device}, {seq}, raw FROM {table}{also}"
            for row in session.execute(text(statement)):
                held.setdefault(row[0], []).append(_Held(table, row[1], row[2], row[3], row[4], row[5]))
        receipts = {row[0]: row[1] for row in session.execute(text("SELECT id, status FROM receipts"))}
    return held, receipts


def _gaps(ledger: Ledger, held: dict[str, list[_Held]]) -> Iterable[str]:
    """I3: per session and device the numbers are 1..n, each once, in the order in which they were tapped."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for item_id in ledger.taps:
        for row in held.get(item_id, []):
            if row.seq is not None and row.session is not None and row.session not in ledger.erased:
                numbers.setdefault((row.session, row.device), []).append(row.seq)
    for (session, device), seqs in numbers.items():
        if sorted(seqs) != list(range(1, len(seqs) + 1)):
            twice = [seq for seq, n in Counter(seqs).items() if n > 1]
            missing = sorted(set(range(1, max(seqs) + 1)) - set(seqs))
            yield f"session {session} of {device}: {len(seqs)} numbers, missing {missing[:5]}, twice {twice[:5]}"


def unsound(database: Database) -> list[str]:
    """I7, and that what is derived follows from the events."""
    file = file_of(database.url)
    faults = faults_of(file) if file is not None else []
    freshen(database)
    changed = rebuild(database)
    return [
        *faults,
        *([f"{changed} sessions had derived rows that do not follow from their events"] if changed else []),
    ]


def read_back(database: Database, session_id: str) -> list[dict[str, Any]]:
    """A session's raw events as the server holds them, in order of receipt."""
    with database.read() as session:
        rows = session.execute(
            text("SELECT raw FROM events WHERE session_id = :id ORDER BY receipt"), {"id": session_id}
        )
        return [json.loads(row[0]) for row in rows]
