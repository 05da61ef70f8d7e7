"""The outbox at the server's end: exactly once, each item on its own, nothing lost for being wrong."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.capture.models import Event, QuarantinedItem
from app.db import Database, new_id, now_ms
from tests.builders import at, batches, day, envelope, in_session, observed, send, session_item, statuses
from tests.people import Town


@pytest.fixture
def otto(town: Town, client: TestClient) -> TestClient:
    return town["otto"].program(client)


def count(database: Database, table: type[Any]) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def timeline_of(client: TestClient, session: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/api/v1/sessions/{session['id']}/timeline")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_tap_sent_twice_is_kept_once(otto: TestClient, database: Database) -> None:
    items = observed("09:00 rooming", "09:05 end")
    assert statuses(send(otto, items)) == ["stored"] * 4
    assert statuses(send(otto, items)) == ["duplicate"] * 4
    assert count(database, Event) == 3


def test_a_tap_twice_in_one_batch_is_kept_once(otto: TestClient, database: Database) -> None:
    items = observed("09:00 rooming")
    assert statuses(send(otto, [*items, items[-1]])) == ["stored", "stored", "stored", "duplicate"]
    assert count(database, Event) == 2


def test_the_answer_says_what_the_contract_says(otto: TestClient) -> None:
    items = observed("09:00 rooming", "09:05 end")
    sent = envelope(items)
    before = now_ms()
    told = otto.post("/api/v1/batches", json=sent).json()
    assert told["timesink"] == 1
    assert told["batch_id"] == sent["batch_id"]
    assert told["min_proto"] == 1
    assert len(told["db_epoch"]) >= 32
    assert before <= told["server"]["received"] <= told["server"]["sent"] <= now_ms()
    assert told["results"] == [{"id": item["id"], "status": "stored"} for item in items]
    assert told["sessions"] == [{"session": items[0]["id"], "have": 3, "missing": [], "quarantined": 0, "elsewhere": 0}]


def test_same_id_other_content_keeps_the_first_and_quarantines_the_second(otto: TestClient, database: Database) -> None:
    session, _begin, start = observed("09:00 rooming")
    send(otto, [session, _begin, start])
    forged = {**start, "task": "vitals"}
    assert statuses(send(otto, [forged])) == ["quarantined id_reused"]
    assert statuses(send(otto, [forged])) == ["quarantined id_reused"]
    assert timeline_of(otto, session)["segments"] == []  # open: nothing after the start yet
    assert count(database, Event) == 2
    assert count(database, QuarantinedItem) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "dance"}, "unknown_kind"),
        ({"kind": None}, "unknown_kind"),
        ({"task": "knitting"}, "unknown_task"),
        ({"task": None}, "malformed"),
        ({"kind": "interrupt", "trigger": "ghost"}, "unknown_trigger"),
        ({"kind": "count", "counter": "ghosts"}, "unknown_counter"),
        ({"kind": "count", "counter": "visits", "n": 1.5}, "malformed"),
        ({"kind": "note", "text": "x" * 141}, "too_long"),
        ({"kind": "note", "text": "x" * 9000}, "too_long"),
        ({"kind": "note", "text": "lone \ud800 surrogate"}, "malformed"),
        ({"kind": "note", "text": "nul \x00 byte"}, "malformed"),
        ({"at": 915_148_800_000}, "absurd_time"),
        ({"at": 4_000_000_000_000}, "absurd_time"),
        ({"at": 10**40}, "absurd_time"),
        ({"at": "now"}, "malformed"),
        ({"at": True}, "malformed"),
        ({"seq": 0}, "malformed"),
        ({"seq": 2**40}, "malformed"),
        ({"session": 7}, "malformed"),
        ({"id": "not-a-uuid"}, "malformed"),
        ({"id": None}, "malformed"),
        ({"type": "prophecy"}, "malformed"),
        ({"mono": "soon", "load": "a"}, "malformed"),
        ({"kind": "amend", "target": str(uuid.uuid4()), "changes": {"kind": "stop"}}, "malformed"),
        ({"kind": "amend", "target": str(uuid.uuid4()), "changes": {"task": None}}, "malformed"),
        ({"kind": "amend", "target": str(uuid.uuid4()), "changes": {"task": "knitting"}}, "unknown_task"),
        ({"kind": "void"}, "malformed"),
        ({"context": {"location": 5}}, "malformed"),
    ],
)
def test_a_bad_item_is_quarantined_with_its_reason_and_its_neighbours_are_stored(
    otto: TestClient, database: Database, changed: dict[str, Any], code: str
) -> None:
    session, begin, start, end = observed("09:00 rooming", "09:05 end")
    told = send(otto, [session, begin, {**start, **changed}, end])
    assert statuses(told) == ["stored", "stored", f"quarantined {code}", "stored"]
    assert len(told["results"][2]["detail"]) > 10
    assert count(database, QuarantinedItem) == 1
    again = send(otto, [session, begin, {**start, **changed}, end])
    assert statuses(again) == ["duplicate", "duplicate", f"quarantined {code}", "duplicate"]
    assert count(database, QuarantinedItem) == 1


@pytest.mark.parametrize("junk", [7, "tap", None, [], [1, 2], {}, {"id": 5}])
def test_what_is_no_item_at_all_is_kept_in_quarantine_too(otto: TestClient, database: Database, junk: Any) -> None:
    session, begin = observed("09:00 rooming")[:2]
    told = send(otto, [junk, session, begin])
    assert statuses(told) == ["quarantined malformed", "stored", "stored"]
    assert count(database, QuarantinedItem) == 1


def test_not_a_number_in_one_item_sinks_only_that_item(otto: TestClient) -> None:
    session, begin, start = observed("09:00 rooming")
    told = send(otto, [session, begin, {**start, "mono": float("nan"), "load": "a"}])
    assert statuses(told) == ["stored", "stored", "quarantined malformed"]


def test_a_number_used_twice_by_one_device_is_refused_the_second_time(otto: TestClient) -> None:
    session, begin, start = observed("09:00 rooming")
    other = {**start, "id": new_id(), "task": "vitals"}
    assert statuses(send(otto, [session, begin, start, other])) == [*["stored"] * 3, "quarantined seq_reused"]
    assert statuses(send(otto, [{**other, "id": new_id()}], device="phone-2")) == ["stored"]


def test_missing_numbers_are_named_until_they_come(otto: TestClient) -> None:
    session, *events = observed("09:00 rooming", "09:01 vitals", "09:02 med-rec", "09:03 waiting", "09:05 end")
    told = send(otto, [session, events[0], events[3], events[5]])
    assert told["sessions"] == [
        {"session": session["id"], "have": 3, "missing": [[2, 3], [5, 5]], "quarantined": 0, "elsewhere": 0}
    ]
    told = send(otto, [events[1], events[2], events[4]])
    assert told["sessions"] == [{"session": session["id"], "have": 6, "missing": [], "quarantined": 0, "elsewhere": 0}]
    other = send(otto, [session], device="phone-2")
    assert other["sessions"] == [{"session": session["id"], "have": 0, "missing": [], "quarantined": 0, "elsewhere": 6}]


def test_a_quarantined_number_is_held_and_not_missing(otto: TestClient) -> None:
    session, begin, start, end = observed("09:00 rooming", "09:05 end")
    told = send(otto, [session, begin, {**start, "task": "knitting"}, end])
    assert told["sessions"] == [{"session": session["id"], "have": 3, "missing": [], "quarantined": 1, "elsewhere": 0}]


def test_events_before_their_session_wait_for_it(otto: TestClient, database: Database) -> None:
    session, *events = observed("09:00 rooming", "09:05 end")
    bad = {**events[1], "id": new_id(), "seq": 9, "task": "knitting"}
    told = send(otto, [*events, bad])
    assert statuses(told) == ["stored"] * 4
    assert told["sessions"][0]["have"] == 4
    assert count(database, Event) == 0
    assert statuses(send(otto, events)) == ["duplicate"] * 3
    told = send(otto, [session])
    assert told["sessions"] == [
        {"session": session["id"], "have": 4, "missing": [[4, 8]], "quarantined": 1, "elsewhere": 0}
    ]
    assert count(database, Event) == 3
    assert timeline_of(otto, session)["observed_ms"] == 300_000
    assert statuses(send(otto, [bad])) == ["quarantined unknown_task"]


def test_in_one_batch_events_may_stand_before_their_session(otto: TestClient) -> None:
    session, *events = observed("09:00 rooming", "09:05 end")
    assert statuses(send(otto, [*events, session])) == ["stored"] * 4
    assert timeline_of(otto, session)["observed_ms"] == 300_000


def test_a_header_is_changed_by_a_further_item(otto: TestClient) -> None:
    session, *events = observed("09:00 rooming", "09:05 end")
    later = {"type": "session", "id": new_id(), "amends": session["id"], "at": session["at"] + 2, "day_type": "high"}
    earlier = {**later, "id": new_id(), "at": session["at"] + 1, "day_type": "low", "subject": "MA-09"}
    assert statuses(send(otto, [later, *events])) == ["stored"] * 4
    assert statuses(send(otto, [session, earlier])) == ["stored"] * 2
    header = otto.get(f"/api/v1/sessions/{session['id']}").json()
    assert (header["day_type"], header["subject"], header["staff_role"]) == ("high", "MA-09", "MA")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"clinic": "south"}, "unknown_clinic"),
        ({"clinic": "nowhere"}, "unknown_clinic"),
        ({"task_list": "knitting"}, "unknown_task_list"),
        ({"version": 2}, "unknown_task_list"),
        ({"mode": "practice"}, "malformed"),
        ({"day_type": "busy"}, "malformed"),
        ({"subject": "x" * 65}, "too_long"),
    ],
)
def test_a_bad_session_is_quarantined_and_its_events_wait(
    otto: TestClient, database: Database, changed: dict[str, Any], code: str
) -> None:
    session, *events = observed("09:00 rooming", **changed)
    assert statuses(send(otto, [session, *events])) == [f"quarantined {code}", "stored", "stored"]
    assert count(database, Event) == 0


def test_only_the_owner_adds_to_a_session_and_managers_only_correct(town: Town, client: TestClient) -> None:
    session, *events = observed("09:00 rooming", "09:05 end")
    send(town["otto"].program(client), [session, *events])
    void = {**events[0], "id": new_id(), "kind": "void", "target": events[1]["id"], "seq": 1}
    stop = {**events[0], "id": new_id(), "kind": "stop", "seq": 2}
    late = {**stop, "id": new_id(), "seq": 3, "recorded_at": stop["at"] + 60_000}

    def sent_by(name: str) -> list[str]:
        fresh = [{**item, "id": new_id()} for item in (void, stop, late)]
        return statuses(send(town[name].program(client), fresh, device=f"phone of {name}".replace(" ", "-")))

    assert sent_by("mia") == ["stored", "quarantined not_yours", "stored"]
    assert sent_by("ana") == ["stored", "quarantined not_yours", "stored"]
    assert sent_by("olga") == ["quarantined not_yours"] * 3
    assert sent_by("ada") == ["quarantined not_yours"] * 3
    assert sent_by("stella") == ["quarantined not_yours"] * 3


def test_an_assistant_times_the_own_day_and_observes_nobody(town: Town, client: TestClient) -> None:
    ada = town["ada"].program(client)
    own = observed("09:00 rooming", "09:05 end", mode="self", subject=None)
    assert statuses(send(ada, own)) == ["stored"] * 4
    assert statuses(send(ada, observed("09:00 rooming")[:1])) == ["quarantined not_yours"]
    assert town["mia"].program(client).get(f"/api/v1/sessions/{own[0]['id']}/timeline").status_code == 404


def test_reports_and_day_logs_are_kept(town: Town, client: TestClient) -> None:
    moment = at("10:42")
    report = {"type": "report", "id": new_id(), "clinic": "north", "at": moment, "stealer": "searching", "minutes": 5}
    log = {"type": "day", "id": new_id(), "clinic": "north", "day": "2026-11-02", "at": moment, "day_type": "high",
           "volumes": {"visits": 41}, "scheduled": 4}  # fmt: skip
    assert statuses(send(town["ada"].program(client), [report, log])) == ["stored", "quarantined not_yours"]
    mia = town["mia"].program(client)
    later = {**log, "id": new_id(), "at": moment + 1, "day_type": None, "volumes": {"vaccines": 3}, "scheduled": 3}
    unknown = {**log, "id": new_id(), "volumes": {"ghosts": 1}}
    assert statuses(send(mia, [later, {**log, "id": new_id()}, unknown])) == [
        "stored",
        "stored",
        "quarantined unknown_counter",
    ]


def test_another_persons_taps_are_refused_whole(town: Town, client: TestClient, database: Database) -> None:
    answer = (
        town["otto"]
        .program(client)
        .post("/api/v1/batches", json=envelope(observed("09:00 rooming"), person=town["olga"].id))
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "other_person")
    assert count(database, Event) == 0
    own = send(town["otto"].program(client), observed("09:00 rooming"), person=town["otto"].id)
    assert statuses(own) == ["stored"] * 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"tap", 400, "unreadable"),
        (b"\xff\xfe", 400, "unreadable"),
        (b"[]", 400, "unreadable"),
        (b"[" * 100_000, 400, "unreadable"),
        (b"{}", 400, "unreadable"),
        (b'{"proto":1,"batch_id":"b","device":"d"}', 400, "unreadable"),
        (b'{"proto":1,"batch_id":"b","device":"d","items":{}}', 400, "unreadable"),
        (b'{"proto":1,"batch_id":"b","device":"","items":[]}', 400, "unreadable"),
        (b'{"proto":0,"batch_id":"b","device":"d","items":[]}', 426, "protocol"),
        (b'{"proto":2,"batch_id":"b","device":"d","items":[]}', 426, "protocol"),
        (b'{"proto":1,"batch_id":"b","device":"d","items":[' + b"1," * 200 + b"1]}", 413, "too_many_items"),
        (b" " * 262_145, 413, "too_large"),
    ],
)
def test_an_envelope_that_cannot_be_read_is_refused_in_the_one_error_shape(
    otto: TestClient, body: bytes, status: int, code: str
) -> None:
    answer = otto.post("/api/v1/batches", content=body, headers={"Content-Type": "application/json"})
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(told["detail"]) > 10


def test_a_chunked_body_has_the_same_limit(otto: TestClient) -> None:
    chunks = (b" " * 65_536 for _ in range(5))
    answer = otto.post("/api/v1/batches", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_who_is_not_signed_in_gets_401_and_nothing_is_kept(client: TestClient, town: Town, database: Database) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {town['otto'].cookie}"}):
        answer = client.post("/api/v1/batches", json=envelope(observed("09:00 rooming")), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert count(database, Event) == 0


def test_a_browser_needs_json_the_header_and_our_origin(town: Town, client: TestClient) -> None:
    otto = town["otto"].browser(client)
    body = envelope(observed("09:00 rooming"))
    assert otto.post("/api/v1/batches", json=body, headers={"X-Timesink": "1"}).status_code == 200
    assert otto.post("/api/v1/batches", json=body).status_code == 403
    cross = {"X-Timesink": "1", "Sec-Fetch-Site": "cross-site"}
    assert otto.post("/api/v1/batches", json=body, headers=cross).json()["code"] == "foreign_origin"
    plain = {"X-Timesink": "1", "Content-Type": "text/plain"}
    assert otto.post("/api/v1/batches", content=b"{}", headers=plain).status_code == 403
    del otto.headers["Sec-Fetch-Site"]
    assert otto.post("/api/v1/batches", json=body, headers={"X-Timesink": "1"}).status_code == 403
    ours = {"X-Timesink": "1", "Origin": "http://testserver"}
    assert otto.post("/api/v1/batches", json=body, headers=ours).status_code == 200
    theirs = {"X-Timesink": "1", "Origin": "http://testserver.evil.example"}
    assert otto.post("/api/v1/batches", json=body, headers=theirs).status_code == 403


def test_a_wrong_phone_clock_is_put_right_from_its_samples(otto: TestClient) -> None:
    three_hours = 3 * 3_600_000
    wrong = [
        {**item, "at": item["at"] + three_hours}
        | ({"recorded_at": item["recorded_at"] + three_hours} if "recorded_at" in item else {})
        | {"load": "load-1", "mono": float(item["at"] - at("09:00")) + 500.0}
        for item in observed("09:00 rooming", "09:05 end")
    ]
    sample = {"load": "load-1", "mono": 400_500.0, "wall": at("09:06:40") + three_hours, "offset_ms": -three_hours,
              "rtt_ms": 80}  # fmt: skip
    send(otto, wrong)
    assert timeline_of(otto, wrong[0])["begin"] == at("12:00")
    session = wrong[0]
    clock = {"wall": sample["wall"], "mono": sample["mono"], "samples": [sample]}
    send(otto, [], clock=clock, load="load-1")
    assert timeline_of(otto, session)["begin"] == at("09:00")
    events = otto.get(f"/api/v1/sessions/{session['id']}/events").json()["items"]
    assert [(e["at"], e["at_corrected"], e["uncertain"]) for e in events] == [
        (at(t) + three_hours, at(t), False) for t in ("09:00", "09:00", "09:05")
    ]
    listed = otto.get("/api/v1/sessions", params={"clinic": "north"}).json()["items"]
    assert listed[0]["begin"] == at("09:00")


def test_events_are_append_only_for_everybody(otto: TestClient, database: Database) -> None:
    send(otto, observed("09:00 rooming"))
    for statement in ("UPDATE events SET kind = 'stop'", "DELETE FROM events", "DELETE FROM session_items"):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
            session.execute(text(statement))
    with database.write() as session:
        session.execute(
            text("INSERT INTO erasures SELECT id, clinic_id, person_id, 1 FROM sessions"),
        )
        session.execute(text("DELETE FROM events"))
    assert count(database, Event) == 0


def test_a_long_session_in_many_batches_in_any_order_comes_out_the_same(otto: TestClient) -> None:
    clocks = [f"{9 + minute // 60:02d}:{minute % 60:02d}" for minute in range(480)]
    tasks = ["rooming", "vitals", "med-rec", "searching"]
    events = day(*(f"{clock} {tasks[n % 4]}" for n, clock in enumerate(clocks)), "17:00 end")
    session = session_item(events[0]["at"])
    parts = list(batches(in_session(session, events)))
    for part in reversed(parts):
        send(otto, part)
    told = timeline_of(otto, session)
    assert told["observed_ms"] == 8 * 3_600_000
    assert len(told["occurrences"]) == 480
