"""Erasing: nothing of a session stays but its ids, and nothing brings it back."""

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, inspect, select

from app.audit.models import Entry
from app.capture.models import (
    DayItem,
    DayLog,
    Erasure,
    Event,
    ObservationSession,
    PendingItem,
    QuarantinedItem,
    Receipt,
    SessionItem,
)
from app.config import Settings
from app.custody import ledger
from app.custody.erase import Order, erase_subject
from app.custody.erasing import erasing
from app.custody.files import file_of
from app.db import Base, Database, new_id, now_ms
from app.slices.freshen import freshen
from tests.builders import MONDAY, at, day, in_session, observed, send, session_item, statuses
from tests.people import Town

NAMES = ("otto", "olga", "mia", "ana", "ada", "stella")


@pytest.fixture
def otto(town: Town, client: TestClient) -> TestClient:
    return town["otto"].program(client)


@pytest.fixture
def ana(town: Town, client: TestClient) -> TestClient:
    return town["ana"].program(client)


def count(database: Database, table: type[Any], *conditions: Any) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def busy_day(**header: Any) -> list[dict[str, Any]]:
    return observed("09:00 rooming", "09:04 supplies! searching", "09:06 back", "09:20 #visits", "09:30 end", **header)


def everything(database: Database) -> str:
    """All rows of all tables, as text."""
    with database.read() as session:
        tables = Base.metadata.sorted_tables
        return json.dumps({table.name: [list(row) for row in session.execute(select(table))] for table in tables})


def subject_erased(database: Database, settings: Settings, town: Town, code: str) -> None:
    with erasing(database, settings) as session:
        erase_subject(session, town.north, code, Order(town.north.id, None, now_ms()))


def test_nothing_of_an_erased_session_stays_but_its_ids(otto: TestClient, ana: TestClient, database: Database) -> None:
    items = busy_day(subject="MA-77")
    kept = observed("11:00 vitals", "11:10 end", subject="MA-78")
    noted = {**items[1], "id": new_id(), "kind": "note", "text": "a spilled cup", "seq": 90}
    refused = {**items[1], "id": new_id(), "kind": "dance", "seq": 91}
    send(otto, [*items, *kept, noted, refused])
    freshen(database)
    answer = ana.delete(f"/api/v1/sessions/{items[0]['id']}")
    assert answer.status_code == 200
    assert answer.json() == {"session": items[0]["id"], "erased_items": len(items) + 2}
    held = everything(database)
    for gone in ("MA-77", "a spilled cup", "dance"):
        assert gone not in held
    assert "MA-78" in held
    assert count(database, ObservationSession) == 1
    assert count(database, Event) == len(kept) - 1
    assert count(database, SessionItem) == 1
    assert count(database, QuarantinedItem) == 0
    assert count(database, Erasure, Erasure.session_id == items[0]["id"]) == 1
    ids = [item["id"] for item in (*items, noted, refused)]
    tombstones = Receipt.id.in_(ids), Receipt.status == "gone", Receipt.digest == ""
    assert count(database, Receipt, *tombstones) == len(ids)
    assert count(database, Receipt, Receipt.status == "stored") == len(kept)
    assert ana.get(f"/api/v1/sessions/{items[0]['id']}").status_code == 404
    assert ana.delete(f"/api/v1/sessions/{items[0]['id']}").status_code == 404


def test_every_table_that_knows_sessions_is_emptied_by_an_erasure(database: Database) -> None:
    known = {"sessions", "session_items", "events", "pending_items", "quarantine", "erasures"}
    known |= {"holdings", "slices", "occurrence_slices", "interruption_slices", "point_slices", "occurrence_lengths"}
    known |= {"transition_slices"}
    with database.read() as session:
        looking = inspect(session.connection())
        tables = looking.get_table_names()
        naming = {name for name in tables if "session_id" in {column["name"] for column in looking.get_columns(name)}}
        referring = {
            name for name in tables if "sessions" in {key["referred_table"] for key in looking.get_foreign_keys(name)}
        }
    assert naming | referring <= known, "erase.py does not know these tables"


def test_a_late_phone_brings_nothing_back(otto: TestClient, ana: TestClient, database: Database) -> None:
    items = busy_day()
    send(otto, items)
    session_id = items[0]["id"]
    assert ana.delete(f"/api/v1/sessions/{session_id}").status_code == 200
    late = {**items[1], "id": new_id(), "seq": 50, "kind": "note", "text": "an unmistakable cup"}
    told = send(otto, [*items, late])
    assert statuses(told) == ["gone session_erased"] * (len(items) + 1)
    assert told["sessions"] == [{"session": session_id, "have": 0, "missing": [], "quarantined": 0, "elsewhere": 0}]
    assert statuses(send(otto, [late])) == ["gone session_erased"]
    assert count(database, Event) == count(database, ObservationSession) == count(database, PendingItem) == 0
    assert "unmistakable" not in everything(database)


def test_taps_that_come_while_their_session_is_erased_are_gone_or_never_were(
    otto: TestClient, ana: TestClient, town: Town, client: TestClient, database: Database
) -> None:
    header, *begun = busy_day()
    send(otto, [header, *begun])
    session_id = str(header["id"])
    answers: list[list[str]] = []
    erased = threading.Event()

    def tap(device: str) -> None:
        phone = town["otto"].program(client)
        for seq in range(1, 5000):
            last = erased.is_set()  # asked before: what is sent after it must be gone
            late = {**begun[-1], "id": new_id(), "kind": "note", "text": "a late one", "seq": seq}
            answers.append(statuses(send(phone, [late], device=device)))
            if last:
                break

    phones = [threading.Thread(target=tap, args=(f"phone-{number}",)) for number in range(2, 5)]
    for phone in phones:
        phone.start()
    while len(answers) < 6:
        assert any(phone.is_alive() for phone in phones)
        time.sleep(0.001)
    assert ana.delete(f"/api/v1/sessions/{session_id}").status_code == 200
    erased.set()
    for phone in phones:
        phone.join()
    assert {tuple(answer) for answer in answers} == {("stored",), ("gone session_erased",)}
    freshen(database)
    assert count(database, Event) == count(database, PendingItem) == count(database, ObservationSession) == 0
    assert count(database, Receipt, Receipt.status != "gone") == 0


def test_not_even_what_is_wrong_with_a_late_item_is_kept(
    otto: TestClient, ana: TestClient, town: Town, client: TestClient, database: Database
) -> None:
    items = busy_day()
    send(otto, items)
    session_id = items[0]["id"]
    assert ana.delete(f"/api/v1/sessions/{session_id}").status_code == 200
    event = {**items[1], "session": session_id}
    late = [
        {**event, "id": new_id(), "seq": 60, "kind": "dance"},  # of no known kind
        {**event, "id": new_id(), "seq": 61, "kind": "start", "task": "no-such-task"},
        {**event, "seq": 62, "kind": "stop"},  # a known id that says something else
        {**items[0], "clinic": "nowhere"},
        {**items[0], "task_list": "no-such-list"},
        session_item(at("09:00"), amends=session_id, subject="MA-99"),
        session_item(at("09:00"), amends=session_id, day_type="stormy"),
    ]
    for item in late:
        assert statuses(send(otto, [item])) == ["gone session_erased"], item
    # nor when it comes from somebody else
    olga = town["olga"].program(client)
    assert statuses(send(olga, [{**event, "id": new_id(), "seq": 63}])) == ["gone session_erased"]
    assert count(database, QuarantinedItem) == count(database, PendingItem) == count(database, Event) == 0
    assert "MA-99" not in everything(database)


def test_an_import_leaves_an_erased_session_out(ana: TestClient, database: Database) -> None:
    log = "session,subject,task,start,end\ns1,MA-01,rooming,2026-11-02 09:00:00,2026-11-02 09:30:00\n"

    def imported() -> Any:
        return ana.post("/api/v1/imports?clinic=north", files={"file": ("log.csv", log)})

    assert imported().status_code == 200
    with database.read() as session:
        (session_id,) = session.execute(select(ObservationSession.id)).scalars()
    assert ana.delete(f"/api/v1/sessions/{session_id}").status_code == 200
    imported()
    assert count(database, ObservationSession) == count(database, Event) == 0


def test_only_an_admin_of_the_clinic_may_erase(town: Town, client: TestClient, otto: TestClient) -> None:
    items = busy_day()
    send(otto, items)
    address = f"/api/v1/sessions/{items[0]['id']}"
    got = {name: town[name].program(client).delete(address).status_code for name in NAMES if name != "ana"}
    assert got == {"otto": 403, "olga": 403, "mia": 403, "ada": 403, "stella": 404}
    assert client.delete(address).status_code == 401
    assert town["ana"].browser(client).delete(f"/api/v1/sessions/{new_id()}").status_code == 404
    assert town["ana"].browser(client).delete(address).status_code == 200


def test_somebody_elses_own_day_is_not_the_admins_to_erase(
    town: Town, client: TestClient, ana: TestClient, database: Database
) -> None:
    items = observed("09:00 rooming", "09:30 end", mode="self", subject=None)
    send(town["ada"].program(client), items)
    assert ana.delete(f"/api/v1/sessions/{items[0]['id']}").status_code == 404
    assert count(database, ObservationSession) == 1


def test_an_erasure_is_written_to_the_audit_and_says_nothing_of_the_content(
    ana: TestClient, otto: TestClient, town: Town, database: Database
) -> None:
    items = busy_day(subject="MA-77")
    send(otto, items)
    ana.delete(f"/api/v1/sessions/{items[0]['id']}")
    with database.read() as session:
        (entry,) = session.execute(select(Entry).where(Entry.action == "erased")).scalars()
    assert (entry.person_id, entry.clinic_id) == (town["ana"].id, town.north.id)
    assert json.loads(entry.about or "") == {"session": items[0]["id"], "items": len(items)}


def test_a_subject_is_erased_in_one_clinic_with_all_sessions(
    otto: TestClient, town: Town, client: TestClient, database: Database, settings: Settings
) -> None:
    hers, same, others = busy_day(subject="MA-03"), busy_day(subject="ma-03 "), busy_day(subject="MA-04")
    never_kept = session_item(at("12:00"), subject="MA-03", task_list="no-such-list")
    waiting = in_session(never_kept, day("12:00 rooming"))
    elsewhere = busy_day(subject="MA-03", clinic="south")
    send(otto, [*hers, *same, *others, *waiting])
    send(town["stella"].program(client), elsewhere)
    subject_erased(database, settings, town, "MA-03")
    with database.read() as session:
        left = set(session.execute(select(ObservationSession.id)).scalars())
    assert left == {others[0]["id"], elsewhere[0]["id"]}
    assert count(database, PendingItem) == count(database, QuarantinedItem) == 0
    assert statuses(send(otto, [*hers, *waiting])) == ["gone session_erased"] * (len(hers) + len(waiting))


def test_a_subjects_code_is_taken_out_of_the_day_logs_and_the_rest_of_them_stays(
    town: Town, client: TestClient, database: Database, settings: Settings
) -> None:
    mia = town["mia"].program(client)
    item = {"type": "day", "id": new_id(), "clinic": "north", "day": MONDAY, "at": at("18:00"), "day_type": "high"}
    item |= {"volumes": {"visits": 41}, "flex_asks": ["MA-02", "MA-03"]}
    assert statuses(send(mia, [item])) == ["stored"]
    subject_erased(database, settings, town, "MA-02")
    with database.read() as session:
        (log,) = session.execute(select(DayLog)).scalars()
        (kept,) = session.execute(select(DayItem.raw)).scalars()
    assert json.loads(log.body)["flex_asks"] == json.loads(kept)["flex_asks"] == ["MA-03"]
    assert json.loads(log.body)["volumes"] == {"visits": 41}
    assert statuses(send(mia, [item])) == ["gone session_erased"]
    subject_erased(database, settings, town, "MA-03")
    with database.read() as session:
        assert json.loads(session.execute(select(DayItem.raw)).scalar_one())["flex_asks"] == []


def test_what_was_refused_from_a_stranger_goes_with_the_session(
    otto: TestClient, ana: TestClient, town: Town, client: TestClient, database: Database
) -> None:
    items = busy_day()
    send(otto, items)
    stray = {**items[1], "id": new_id(), "seq": 70, "session": items[0]["id"].upper()}
    assert statuses(send(town["stella"].program(client), [stray])) == ["quarantined not_yours"]
    assert ana.delete(f"/api/v1/sessions/{items[0]['id']}").status_code == 200
    assert count(database, QuarantinedItem) == 0


def test_erasing_a_session_leaves_the_receipt_of_an_id_that_it_had_reused(
    otto: TestClient, ana: TestClient, database: Database
) -> None:
    kept, items = busy_day(), busy_day()
    send(otto, kept)
    send(otto, items)
    reused = {**items[1], "id": kept[1]["id"], "seq": 80}
    assert statuses(send(otto, [reused])) == ["quarantined id_reused"]
    assert ana.delete(f"/api/v1/sessions/{items[0]['id']}").status_code == 200
    assert statuses(send(otto, [kept[1]])) == ["duplicate"]
    assert count(database, QuarantinedItem) == 0


@pytest.mark.on("sqlite", why="PostgreSQL overwrites in its own time")
def test_what_is_erased_is_no_longer_in_the_file(
    otto: TestClient, ana: TestClient, database: Database, database_url: str
) -> None:
    items = busy_day(subject="somebody-quite-unmistakable")
    send(otto, items)
    file = file_of(database_url)
    assert file is not None

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))

    assert b"unmistakable" in on_disk()
    assert ana.delete(f"/api/v1/sessions/{items[0]['id']}").status_code == 200
    assert b"unmistakable" not in on_disk()
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_ledger_names_what_was_erased_and_a_line_cut_short_hides_no_other(
    otto: TestClient, town: Town, database: Database, settings: Settings, tmp_path: Path
) -> None:
    kept_apart = settings.model_copy(update={"backup_dir": tmp_path / "backups"})
    (tmp_path / "backups").mkdir()
    first, second = busy_day(subject="MA-03"), busy_day(subject="MA-04")
    send(otto, [*first, *second])
    subject_erased(database, kept_apart, town, "MA-03")
    file = tmp_path / "backups" / ledger.NAME
    assert [(stone.id, stone.clinic) for stone in ledger.read(file.parent)] == [(first[0]["id"], "north")]
    file.write_bytes(file.read_bytes() + b'{"kind":"sess')
    subject_erased(database, kept_apart, town, "MA-04")
    assert [stone.id for stone in ledger.read(file.parent)] == [first[0]["id"], second[0]["id"]]
    assert "MA-0" not in file.read_text()


def test_an_erasure_stands_where_no_ledger_can_be_written(
    otto: TestClient, town: Town, database: Database, settings: Settings, tmp_path: Path
) -> None:
    nowhere = settings.model_copy(update={"backup_dir": tmp_path / "no" / "such" / "folder"})
    send(otto, busy_day(subject="MA-03"))
    subject_erased(database, nowhere, town, "MA-03")
    assert count(database, ObservationSession) == 0
