"""What a pad has saved because it could not send it: taken in as if the phone had sent it at last."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from typer.testing import CliRunner

from app.capture.models import Event, ObservationSession, QuarantinedItem
from app.cli import app as commands
from app.clinics.members import remove
from app.db import Database, now_ms
from app.web import form_token
from tests.builders import at, envelope, observed, send, session_item
from tests.people import Member, Town
from tests.webpages import text_of

THREE_HOURS = 3 * 3_600_000
MORNING = ("09:00 rooming", "09:04 phone! callbacks", "09:06 back", "09:10 vitals", "09:30 end")
SAMPLE = {"load": "load-1", "mono": 2_400_500.0, "wall": at("09:40") + THREE_HOURS, "offset_ms": -THREE_HOURS,
          "rtt_ms": 80}  # fmt: skip


def wrong(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a phone stamps them whose clock is three hours ahead."""
    late = [
        {**one, **{name: one[name] + THREE_HOURS for name in ("at", "recorded_at") if name in one}} for one in items
    ]
    return [{**one, "load": "load-1", "mono": float(one["at"] - late[0]["at"]) + 500.0} for one in late]


def copy_of(*taps: tuple[Member, list[dict[str, Any]]], **changed: Any) -> bytes:
    """As static/js/badge.js writes it."""
    rows = [{"person": member.id, "body": body} for member, items in taps for body in items]
    head = {
        "proto": 1,
        "device": "phone-1",
        "app": "1.0.0",
        "load": "load-1",
        "clock": {"wall": at("09:41") + THREE_HOURS, "mono": 2_460_500.0, "samples": [SAMPLE]},
    }
    return json.dumps({**head, "rows": rows} | changed).encode()


def brought(client: TestClient, member: Member, *files: bytes, clinic: str = "north", **options: str) -> Response:
    parts = [("file", (f"timesink-waiting-{n}.json", data, "application/json")) for n, data in enumerate(files)]
    answer: Response = member.program(client).post("/api/v1/imports", data={"clinic": clinic, **options}, files=parts)
    return answer


def log(client: TestClient, member: Member, session: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = member.program(client).get(f"/api/v1/sessions/{session}/events").json()["items"]
    return items


def count(database: Database, model: Any) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_copy_gives_what_the_phone_would_have_sent(town: Town, client: TestClient) -> None:
    items, otto = wrong(observed(*MORNING)), town["otto"]
    told = brought(client, otto, copy_of((otto, items))).json()
    assert (told["written"], told["items"], told["stored"], told["duplicate"]) == (True, len(items), len(items), 0)
    assert told["sessions"] == [items[0]["id"]]
    kept = log(client, otto, items[0]["id"])
    derived = {"device", "person", "received_at", "at_corrected", "uncertain"}
    assert [{k: v for k, v in one.items() if k not in derived} for one in kept] == items[1:]
    assert {one["device"] for one in kept} == {"phone-1"}
    assert [one["at_corrected"] for one in kept] == [one["at"] - THREE_HOURS for one in items[1:]]
    assert not any(one["uncertain"] for one in kept)
    # and when the phone finds its way home after all, nothing comes twice
    sent = send(otto.program(client), items, load="load-1", clock={"wall": 0, "mono": 0.0, "samples": [SAMPLE]})
    assert {result["status"] for result in sent["results"]} == {"duplicate"}
    assert brought(client, otto, copy_of((otto, items))).json()["duplicate"] == len(items)


def test_of_a_copy_only_what_is_lacking_is_taken_in_and_a_look_writes_nothing(
    town: Town, client: TestClient, database: Database
) -> None:
    items, otto = observed(*MORNING), town["otto"]
    send(otto.program(client), items[:4])
    looked = brought(client, otto, copy_of((otto, items)), dry_run="true").json()
    assert (looked["dry_run"], looked["written"], looked["stored"], looked["duplicate"]) == (True, False, 3, 4)
    assert count(database, Event) == 3
    assert brought(client, otto, copy_of((otto, items))).json()["stored"] == 3
    assert count(database, Event) == len(items) - 1


def test_an_admin_brings_what_somebody_tapped_who_has_left(town: Town, client: TestClient, database: Database) -> None:
    items, otto, ana = observed(*MORNING), town["otto"], town["ana"]
    with database.write() as session:
        remove(session, town.north, otto.id, now_ms(), ana.id)
    assert send_as(client, otto, items) == 403
    for who in ("olga", "mia"):
        answer = brought(client, town[who], copy_of((otto, items)))
        assert answer.status_code == 403, answer.text
        assert "only an admin" in answer.json()["detail"]
    assert brought(client, ana, copy_of((otto, items))).json()["stored"] == len(items)
    with database.read() as session:
        observed_by = session.get_one(ObservationSession, items[0]["id"]).person_id
    assert observed_by == otto.id  # it stays the observer's


def send_as(client: TestClient, member: Member, items: list[dict[str, Any]]) -> int:
    status: int = member.program(client).post("/api/v1/batches", json=envelope(items)).status_code
    return status


def test_of_somebody_unknown_here_it_has_to_be_said_whose_it_is(town: Town, client: TestClient) -> None:
    """The server was set up anew: its people have other ids than the phone knows."""
    items, ana, olga = observed(*MORNING), town["ana"], town["olga"]
    stranger = Member("0199aaaa-0000-7000-8000-000000000001", "old@north.example", "", "")
    answer = brought(client, ana, copy_of((stranger, items)))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_owner")
    assert brought(client, ana, copy_of((stranger, items)), **{"as": olga.email}).json()["stored"] == len(items)
    assert len(log(client, olga, items[0]["id"])) == len(items) - 1


def test_two_peoples_taps_in_one_copy_stay_apart(town: Town, client: TestClient) -> None:
    otto, olga = town["otto"], town["olga"]
    his, hers = observed("09:00 rooming", "09:10 end"), observed("10:00 vitals", "10:10 end")
    assert brought(client, town["ana"], copy_of((otto, his), (olga, hers))).json()["stored"] == 8
    assert {one["person"] for one in log(client, otto, his[0]["id"])} == {otto.id}
    assert {one["person"] for one in log(client, olga, hers[0]["id"])} == {olga.id}


def test_what_belongs_to_another_clinic_waits_for_its_own_import(
    town: Town, client: TestClient, database: Database
) -> None:
    otto = town["otto"]
    here = observed("09:00 rooming", "09:10 end")
    there = observed("10:00 rooming", "10:10 end", clinic="south")
    told = brought(client, town["ana"], copy_of((otto, here + there))).json()
    assert (told["stored"], told["elsewhere"], told["quarantined"]) == (4, 4, 0)
    assert count(database, QuarantinedItem) == 0
    stella = brought(client, town["stella"], copy_of((otto, here + there)), clinic="south").json()
    assert (stella["stored"], stella["elsewhere"]) == (4, 4)


def test_a_bad_item_is_kept_aside_and_its_neighbours_are_stored(town: Town, client: TestClient) -> None:
    otto = town["otto"]
    items = observed("09:00 rooming", "09:05 no-such-task", "09:10 end")
    told = brought(client, otto, copy_of((otto, items))).json()
    assert (told["stored"], told["quarantined"]) == (4, 1)
    assert "no task “no-such-task”" in told["refused"][0]["detail"]


@pytest.mark.parametrize(
    "data", [b'{"proto":1}', b"{", b'{"proto":1,"rows":[1]}', b'{"proto":1,"rows":{"a":1}}', b'{"proto":7,"rows":[]}']
)
def test_what_is_no_copy_is_refused_by_its_name(town: Town, client: TestClient, data: bytes) -> None:
    answer = brought(client, town["otto"], data)
    assert answer.status_code == 400
    assert "timesink-waiting-0.json" in answer.json()["detail"]


def test_a_copy_without_a_device_and_one_beside_a_table_are_refused(town: Town, client: TestClient) -> None:
    assert brought(client, town["otto"], copy_of((town["otto"], []), device=None)).json()["code"] == "unreadable"
    answer = brought(client, town["otto"], copy_of((town["otto"], [])), b"session,subject,at,kind\n")
    assert answer.json()["code"] == "mixed_files"


def test_the_command_takes_a_copy_too(town: Town, client: TestClient, database: Database, tmp_path: Path) -> None:
    otto = town["otto"]
    items = observed(*MORNING)
    (tmp_path / "waiting.json").write_bytes(copy_of((otto, items)))
    run = ["import", str(tmp_path / "waiting.json"), "--clinic", "north"]
    environment = {"TIMESINK_DATABASE_URL": database.url}
    looked = CliRunner().invoke(commands, [*run, "--dry-run"], env=environment)
    assert looked.stdout == "7 items in the copy: 7 would be taken in, 0 are there already. Nothing was written.\n"
    done = CliRunner().invoke(commands, run, env=environment)
    assert (done.exit_code, done.stdout) == (0, "7 items in the copy: 7 taken in, 0 there already.\n")
    assert len(log(client, otto, items[0]["id"])) == 6


def test_the_page_shows_what_would_happen_and_then_takes_it_in(town: Town, client: TestClient) -> None:
    ana, otto = town["ana"].browser(client), town["otto"]
    items = observed(*MORNING)
    path = "/clinics/north/import"
    token = {"token": form_token(town["ana"].cookie)}
    file = {"file": ("waiting.json", copy_of((otto, items)), "application/json")}
    looked = ana.post(path, data=token | {"step": "preview"}, files=file)
    assert "7 items in the copy: 7 would be taken in, 0 are there already." in text_of(looked)
    previewed = looked.text.split('name="previewed" value="')[1].split('"')[0]
    other = {"file": ("waiting.json", copy_of((otto, items[:3])), "application/json")}
    changed = ana.post(path, data=token | {"step": "import", "previewed": previewed}, files=other)
    assert "is not what it was when you looked" in text_of(changed)
    done = ana.post(path, data=token | {"step": "import", "previewed": previewed}, files=file)
    assert "7 items in the copy: 7 taken in, 0 there already." in text_of(done)
    assert len(log(client, otto, items[0]["id"])) == 6


def test_an_erased_session_stays_erased(town: Town, client: TestClient) -> None:
    otto = town["otto"]
    items = observed(*MORNING)
    send(otto.program(client), items)
    assert town["ana"].program(client).delete(f"/api/v1/sessions/{items[0]['id']}").status_code in (200, 204)
    told = brought(client, otto, copy_of((otto, [session_item(at("08:00")), *items]))).json()
    assert told["stored"] == 1
    assert told["stored"] + told["duplicate"] + told["gone"] == len(items) + 1
    assert otto.program(client).get(f"/api/v1/sessions/{items[0]['id']}/events").status_code == 404
