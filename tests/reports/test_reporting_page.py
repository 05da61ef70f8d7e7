"""What people can report in a clinic, and what they agree to before: a manager's page."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.models import Entry
from app.capture.models import Report
from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed
from app.clinics.tasklist import Stealer, TaskList, default_list
from app.db import now_ms
from app.reports.tiles.beside import beside
from app.reports.tiles.publish import Row, rows_of
from app.summary.summary import summary
from app.summary.window import today, window
from app.web import form_token
from tests.builders import at, observed, send, statuses
from tests.people import Town
from tests.reports.wall import hang, phone, post, report, scan
from tests.webpages import text_of

PAGE = "/clinics/north/reporting"


def held(town: Town) -> TaskList:
    with town.database.read() as session:
        return parsed(newest_version(session, town.north).body)


def fields(rows: list[Row], **changed: str) -> dict[str, str]:
    """The form as a browser sends it."""
    sent: dict[str, str] = {}
    for n, row in enumerate(rows):
        sent |= {f"order-{n}": str(n + 1), f"code-{n}": row.code, f"label-{n}": row.label}
        sent |= {f"task-{n}": row.task, f"trigger-{n}": row.trigger}
    return sent | changed


def keep(client: TestClient, town: Town, name: str, what: str, **sent: str) -> Any:
    browser = town[name].browser(client)
    base = re.search(r'name="base" value="(\d+)"', town["mia"].browser(client).get(PAGE).text)
    assert base is not None
    data = {"base": base[1], "token": form_token(town[name].cookie)} | sent
    return browser.post(f"{PAGE}/{what}", data=data)


def test_every_tile_of_the_default_list_is_measured_by_something_that_there_is() -> None:
    task_list = default_list()
    assert 8 <= len(task_list.stealers) <= 12
    for stealer in task_list.stealers:
        assert stealer.task is None or stealer.task in task_list.task_by_code
        assert stealer.trigger is None or stealer.trigger in task_list.trigger_codes
    assert sum(bool(stealer.task or stealer.trigger) for stealer in task_list.stealers) >= 7


def test_a_manager_renames_adds_removes_sorts_and_maps_tiles(client: TestClient, town: Town) -> None:
    rows = rows_of(held(town).stealers)
    assert [row.label for row in rows].count("") == 2
    rows[0] = Row("searching", "Looking for the thermometer", "searching", "equipment")
    rows[3] = Row(rows[3].code, "")
    rows[10] = Row("", "Faxing", "forms", "")
    rows[11] = Row("", "Phone calls again", "", "phone")
    answer = keep(client, town, "mia", "tiles", **fields(rows, **{"order-10": "1", "order-0": "1"}))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?kept=yes")
    kept = held(town).stealers
    assert kept[:2] == (
        Stealer(code="searching", label="Looking for the thermometer", task="searching", trigger="equipment"),
        Stealer(code="faxing", label="Faxing", task="forms"),
    )
    assert kept[-1] == Stealer(code="phone-calls-again", label="Phone calls again", trigger="phone")
    assert len(kept) == 11
    _poster, codes = hang(town)
    tiles = phone(client).post("/api/v1/posters", json={"token": codes.token}).json()["tiles"]
    assert tiles[1] == {"code": "faxing", "label": "Faxing"}
    assert town["otto"].program(client).get("/api/v1/clinics/north/pad").json()["version"] == 2
    with town.database.read() as session:
        last = session.execute(select(Entry).order_by(Entry.id.desc()).where(Entry.action != "denied")).scalars()
        assert "task_list_published" in [entry.action for entry in last]


def test_what_is_kept_unchanged_makes_no_version(client: TestClient, town: Town) -> None:
    assert keep(client, town, "mia", "tiles", **fields(rows_of(held(town).stealers))).status_code == 303
    assert town["otto"].program(client).get("/api/v1/clinics/north/pad").json()["version"] == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({f"label-{n}": "" for n in range(3)}, "these are 7"),
        ({"label-0": "x" * 41}, "40 letters at most"),
        ({"label-0": "PHONE CALLS"}, "stands there twice"),
        ({"task-0": "no-such"}, "that the list has"),
        ({"trigger-0": "no-such"}, "that the list has"),
        ({"base": "999"}, "changed the list meanwhile"),
    ],
    ids=["few", "long", "twice", "task", "trigger", "meanwhile"],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(
    client: TestClient, town: Town, changed: dict[str, str], sentence: str
) -> None:
    answer = keep(
        client, town, "mia", "tiles", **fields(rows_of(held(town).stealers), **{"label-9": "Mine", **changed})
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Mine"' in answer.text
    assert held(town) == default_list()


def test_codes_are_not_to_be_had_by_typing_them(client: TestClient, town: Town) -> None:
    """A hidden code that is none of the list's is no code; the same code twice names one tile."""
    rows = rows_of(held(town).stealers)
    rows[0] = Row("../..", "First", "", "")
    keep(client, town, "mia", "tiles", **fields(rows))
    assert held(town).stealers[0] == Stealer(code="first", label="First")


def test_a_changed_text_is_asked_for_again_and_told_with_each_report(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    scanning = scan(client, codes.token)
    ours = scanning.post("/api/v1/posters", json={"token": codes.token}).json()["consent"]
    assert ours["version"] == 1
    assert any("no name, no account" in line for line in ours["text"])
    answer = keep(client, town, "ana", "consent", text="Be kind.\r\n\r\n  Nobody is judged. \r\n")
    assert answer.status_code == 303
    keep(client, town, "ana", "consent", text="Be kind.\nNobody is judged.")  # the same: no new version
    told = scanning.post("/api/v1/posters", json={"token": codes.token}).json()["consent"]
    assert told == {"version": 2, "text": ["Be kind.", "Nobody is judged."]}
    account = town["ada"].browser(client).get("/api/v1/clinics/north/reporting").json()
    assert (account["consent"], account["person"], account["place"]) == (told, town["ada"].id, None)
    assert statuses(post(scanning, [report(consent=2), report(consent="yes")]).json()) == [
        "stored",
        "quarantined malformed",
    ]
    with town.database.read() as session:
        assert session.execute(select(Report.consent)).scalars().all() == [2]
    for text in ("", " \n ", "x" * 4001):
        assert keep(client, town, "ana", "consent", text=text).status_code == 422


def test_what_is_read_out_before_somebody_is_watched_is_versioned_and_told_with_the_session(
    client: TestClient, town: Town
) -> None:
    otto = town["otto"].browser(client)
    ours = otto.get("/api/v1/clinics/north/pad").json()["consent"]
    assert ours["version"] == 1
    assert any("never for pay, discipline" in line for line in ours["text"])
    assert keep(client, town, "otto", "read-out", text="Mine.").status_code == 403
    for text in ("", "x" * 4001):
        assert keep(client, town, "ana", "read-out", text=text).status_code == 422
    assert keep(client, town, "ana", "read-out", text="May I watch?\nSay stop.").status_code == 303
    assert otto.get("/api/v1/clinics/north/pad").json()["consent"] == {
        "version": 2,
        "text": ["May I watch?", "Say stop."],
    }
    assert "version 2" in text_of(town["ana"].browser(client).get("/clinics/north/audit"))
    assert scan(client, hang(town)[1].token).get("/api/v1/clinics/north/pad").status_code == 401
    for consent, told in (
        (2, "agreed to version 2 of the text"),
        (None, "no agreement noted"),
        ("x", "no agreement noted"),
    ):
        items = observed("09:00 rooming", "09:10 end", consent=consent)
        send(town["otto"].program(client), items)
        header = otto.get(f"/api/v1/sessions/{items[0]['id']}").json()
        assert header["consent"] == (consent if consent == 2 else None)
        assert told in text_of(otto.get(f"/sessions/{items[0]['id']}"))


def test_reports_stand_beside_what_was_measured_of_them(client: TestClient, town: Town) -> None:
    """Ten minutes of searching, a phone call of two; supplies are reported by enough, calls by too few."""
    day = today(now_ms(), "America/Chicago").isoformat()
    lines = ("09:00 searching", "09:10 rooming", "09:20 phone!", "09:22 back", "09:30 end")
    post(town["otto"].browser(client), observed(*lines, on=day))
    _poster, codes = hang(town)
    with town.database.write() as session:
        session.get_one(Clinic, town.north.id).smallest_cell = 3
    items = [report("searching", minutes=4) | {"at": at("06:00", on)} for on in last_week(day)]
    post(scan(client, codes.token), [*items, report("phone", minutes=4) | {"at": at("06:00", day)}])
    page = town["mia"].browser(client).get(PAGE).text
    with town.database.read() as session:
        clinic = session.get_one(Clinic, town.north.id)
        figures = summary(session, clinic, window(None, None, today(now_ms(), clinic.timezone)))
    rows = {row.label: row for row in beside(figures, held(town))}
    searching, phone_calls, twice = (rows[name] for name in ("Looking for supplies", "Phone calls", "Doing work twice"))
    assert (searching.count, searching.minutes, searching.task, searching.task_ms) == (3, 12, "Searching", 600_000)
    assert (searching.trigger, searching.times, searching.trigger_ms) == ("Supplies missing", 0, 0)
    assert (phone_calls.count, phone_calls.minutes, phone_calls.times, phone_calls.trigger_ms) == (
        None,
        None,
        1,
        120_000,
    )
    assert (twice.count, twice.task, twice.trigger) == (None, None, None)
    assert "Searching, 10 min" in page
    assert "Phone, 1 time, 2 min" in page


def last_week(day: str) -> list[str]:
    """Its first three days: reports are shown once their week is over."""
    monday = date.fromisoformat(day) - timedelta(days=7 + date.fromisoformat(day).weekday())
    return [(monday + timedelta(days=n)).isoformat() for n in range(3)]


@pytest.mark.parametrize("path", [PAGE, "/clinics/north/posters"])
def test_who_may_see_and_change_it(client: TestClient, town: Town, path: str) -> None:
    for name, status in (("ana", 200), ("mia", 200), ("otto", 403), ("ada", 403), ("stella", 404)):
        assert town[name].browser(client).get(path).status_code == status, name
    assert phone(client).get(path).status_code == 303
    for name, status in (("otto", 403), ("ada", 403), ("stella", 404)):
        for what in ("tiles", "consent"):
            assert keep(client, town, name, what, text="Mine").status_code == status
    assert town["stella"].browser(client).get("/api/v1/clinics/north/reporting").status_code == 404


# --- posters, by hand ------------------------------------------------------------------------------------------------


def test_a_manager_makes_renews_and_withdraws_a_poster(client: TestClient, town: Town) -> None:
    mia, token = town["mia"].browser(client), form_token(town["mia"].cookie)

    def code_on(page: str) -> str:
        found = re.search(r"<b>([0-9A-Z]{4}-[0-9A-Z]{4})</b>", page)
        assert found is not None
        return found[1]

    wrong = mia.post("/clinics/north/posters", data={"token": token, "place": " ", "until": "2030-01-01"})
    assert wrong.status_code == 422
    assert "Say where the poster will hang" in wrong.text
    past = mia.post("/clinics/north/posters", data={"token": token, "place": "Lab", "until": "2020-01-01"})
    assert past.status_code == 422
    assert 'value="Lab"' in past.text
    usual = re.search(r'name="until" type="date" value="([0-9-]+)"', mia.get("/clinics/north/posters").text)
    assert usual is not None
    made = mia.post("/clinics/north/posters", data={"token": token, "place": "Lab", "until": usual[1]})
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    scan(client, code_on(made.text))
    listed = mia.get("/clinics/north/posters").text
    assert code_on(made.text) not in listed
    found = re.search(r'data-poster="([0-9a-f-]+)"', listed)
    assert found is not None
    base = f"/clinics/north/posters/{found[1]}"
    renewed = mia.post(f"{base}/code", data={"token": token, "until": usual[1]})
    assert code_on(renewed.text) != code_on(made.text)
    assert phone(client).post("/api/v1/posters", json={"token": code_on(made.text)}).status_code == 403
    scan(client, code_on(renewed.text))
    assert mia.post(f"{base}/withdraw", data={"token": token}).status_code == 303
    assert "withdrawn" in mia.get("/clinics/north/posters").text
    assert phone(client).post("/api/v1/posters", json={"token": code_on(renewed.text)}).status_code == 403
    stella = town["stella"]
    theirs = stella.browser(client).post(
        f"/clinics/south/posters/{found[1]}/withdraw", data={"token": form_token(stella.cookie)}
    )
    assert theirs.status_code == 404
