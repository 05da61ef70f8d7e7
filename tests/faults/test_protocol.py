"""What phones and versions do to each other: lists revised, sessions erased, poison, forged ids, other protocols."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.clinics.models import Clinic
from app.clinics.publish import publish
from app.clinics.queries import newest_version, parsed
from app.config import Settings
from app.custody.erase import Order, erase_session
from app.custody.erasing import erasing
from app.db import Database, now_ms
from app.reports.models import Poster
from app.reports.posters import revoke
from app.timeline import timeline
from tests.builders import envelope, observed, send, statuses
from tests.faults.amount import Tally
from tests.faults.ledger import Ledger
from tests.people import Town
from tests.reports.wall import hang, post, report, scan

POISON: dict[str, Any] = {
    "a bad type": {"kind": 7}, "a note too long": {"kind": "note", "text": "x" * 9000}, "NaN": {"at": float("nan")},
    "half a surrogate pair": {"kind": "start", "task": "\ud800"}, "number zero": {"seq": 0},
    "an unknown button": {"kind": "start", "task": "no-such"}, "a kind of the future": {"kind": "teleport"},
}  # fmt: skip


@pytest.fixture
def otto(town: Town, client: TestClient) -> TestClient:
    return town["otto"].program(client)


def fifty() -> list[dict[str, Any]]:
    return observed(*(f"09:{minute:02} {('rooming', 'vitals')[minute % 2]}" for minute in range(48)))


@pytest.mark.parametrize("what", POISON)
def test_one_poisonous_tap_in_a_batch_of_fifty(
    otto: TestClient, town: Town, ledger: Ledger, tally: Tally, what: str
) -> None:
    items = fifty()
    items[20] = {**items[20], **POISON[what]}
    for item in items:
        ledger.saved(item, town["otto"].id)
    ledger.may_be_refused.add(items[20]["id"])
    told = statuses(send(otto, items))
    assert len(items) == 50
    assert [status.split()[0] for status in told] == ["stored"] * 20 + ["quarantined"] + ["stored"] * 29
    found = ledger_without_order(ledger, town.database)
    assert (found.stored, found.quarantined) == (49, 1)
    tally.add("P4 poison in a batch of 50", ", ".join(POISON), result="49 stored, 1 kept aside with its reason")


def ledger_without_order(ledger: Ledger, database: Database) -> Any:
    """A tap whose number is poisoned has none."""
    from tests.faults.ledger import look

    found = look(ledger, database)
    found.disordered = []
    assert found.faults() == []
    return found


def test_an_id_used_again_for_something_else_keeps_the_first_and_shows_the_second(
    otto: TestClient, town: Town, ledger: Ledger, tally: Tally
) -> None:
    items = fifty()
    for item in items:
        ledger.saved(item, town["otto"].id)
    send(otto, items)
    forged = {**items[9], "task": "discharge"}
    assert statuses(send(otto, [forged])) == ["quarantined id_reused"]
    assert statuses(send(otto, [items[9]])) == ["duplicate"]
    ledger.compare(town.database)
    tally.add("P5 same id, other content", "forged batch", result="the first stays, the second is kept aside")


def test_other_protocols_are_refused_and_nothing_is_taken(otto: TestClient, town: Town, tally: Tally) -> None:
    items = fifty()
    for proto in (0, 2, 99):
        answer = otto.post("/api/v1/batches", json=envelope(items, proto=proto))
        assert (answer.status_code, answer.json()["min_proto"]) == (426, 1)
    with town.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM receipts")).scalar_one() == 0
    newer = [{**item, "mood": "fine", "v": 2} for item in items]
    assert set(statuses(send(otto, newer, colour="blue"))) == {"stored"}
    with town.database.read() as session:
        raw = session.execute(text("SELECT raw FROM events ORDER BY receipt")).scalars().first()
    assert json.loads(raw or "{}")["mood"] == "fine"
    tally.add("P6 old and new client and server", "proto 0, 2, 99; fields that this server does not know",
              result="426 and kept; unknown fields kept raw")  # fmt: skip


def test_corrections_that_overtake_what_they_correct(
    otto: TestClient, town: Town, ledger: Ledger, tally: Tally
) -> None:
    items = observed("09:00 rooming", "09:05 vitals", "09:10 end")
    session, begin, first, second, end = items
    void = {**end, "id": first["id"][:-2] + "aa", "kind": "void", "target": second["id"], "seq": 5, "at": end["at"]}
    for item in (*items, void):
        ledger.saved(item, town["otto"].id)
    for late in (void, second, end, begin, first, session):
        assert statuses(send(otto, [late])) == ["stored"]
    ledger.compare(town.database)
    told = otto.get(f"/api/v1/sessions/{session['id']}/timeline").json()
    # what it is by the rules, had everything come in order
    assert told["segments"] == json.loads(json.dumps(timeline([begin, first, second, end, void]).as_dict()["segments"]))
    assert [part["task"] for part in told["segments"]] == ["rooming"]
    tally.add("P7 correction before its target", "a batch each, in the worst order", result="held, then applied")


def test_a_list_revised_while_phones_are_on_the_old_one(
    otto: TestClient, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """The old version is accepted for ever; a clinic has nothing else that could be closed under a phone."""
    items = fifty()
    for item in items:
        ledger.saved(item, town["otto"].id)
    send(otto, items[:25])
    with town.database.write() as session:
        clinic = session.get_one(Clinic, town.north.id)
        listed = parsed(newest_version(session, clinic, "back-of-house").body)
        kept = tuple(task for task in listed.tasks if task.code != "vitals")
        stealers = tuple(one for one in listed.stealers if one.task != "vitals")
        publish(session, clinic, listed.model_copy(update={"tasks": kept, "stealers": stealers}), now_ms())
    assert set(statuses(send(otto, items[25:]))) == {"stored"}
    ledger.compare(town.database)
    newer = observed("10:00 vitals", version=2)
    assert statuses(send(otto, newer))[-1] == "quarantined unknown_task"
    tally.add("P1, P2 list revised in a session", "version 2 published, a button taken away",
              result="stored against version 1; 0 lost, 0 doubled")  # fmt: skip


def test_an_erased_session_stays_erased_whatever_still_arrives(
    otto: TestClient, town: Town, ledger: Ledger, settings: Settings, tally: Tally
) -> None:
    items = fifty()
    for item in items:
        ledger.saved(item, town["otto"].id)
    send(otto, items[:30])
    with erasing(town.database, settings) as session:
        erase_session(session, items[0]["id"], Order(town.north.id, None, now_ms()))
    assert set(statuses(send(otto, items))) == {"gone session_erased"}
    ledger.erased.add(items[0]["id"])
    ledger.compare(town.database)
    tally.add("P3 session erased", "timesink erase between two batches", result="gone; nothing of it comes back")


def test_fifty_phones_at_one_poster_and_then_it_is_taken_down(
    client: TestClient, town: Town, ledger: Ledger, tally: Tally
) -> None:
    """Where more come at once than it takes in an hour they are told to wait, and nothing of theirs is half kept."""
    poster, codes = hang(town)
    phones = [scan(client, codes.token) for _phone in range(50)]
    waiting = [[report(clock=f"09:{n:02}"), report("waiting-provider", clock=f"10:{n:02}")] for n in range(50)]
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda one: post(*one), zip(phones, waiting, strict=True)))
    for items, answer in zip(waiting, answers, strict=True):
        if answer.status_code == 200:
            assert set(statuses(answer.json())) <= {"stored"}, answer.json()
            for item in items:
                ledger.saved(item)
        else:
            assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert len(ledger.kept) > 0
    ledger.compare(town.database)
    with town.database.write() as session:
        revoke(session, session.get_one(Poster, poster.id), at=now_ms(), by=town["mia"].id)
    refused = post(phones[0], [report(clock="11:00")])
    assert refused.status_code in (401, 403)
    ledger.compare(town.database)
    tally.add("P8 one poster, 50 phones, then revoked", "50 at once, then the poster taken down",
              result=f"{len(ledger.kept)} stored once, the rest told to wait; then refused and kept")  # fmt: skip
