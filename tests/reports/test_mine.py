"""My data: what is kept of somebody with an account, as a page and a file, and withdrawn for good."""

import json
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.capture.models import QuarantinedItem, Receipt, Report, ReportAmendment
from app.config import Settings
from app.custody.backup import back_up
from app.custody.models import ErasedItem
from app.custody.restore import restore
from app.db import now_ms
from app.people.accounts import give_role
from app.people.models import Person, Role
from app.reports.day_log.models import OwnCode
from app.reports.pulse.models import Pulse
from app.reports.top_three.models import Picks
from tests.builders import observed, send, statuses
from tests.people import Town
from tests.reports.wall import amend, hang, post, report, scan
from tests.webpages import statuses_for, submit, text_of

MINE = "/my-data"


def speak(town: Town, client: TestClient, who: str = "ada") -> list[dict[str, object]]:
    """A report with a later word about it, three picks, a pulse, a code."""
    first = report(minutes=5, trigger="supplies")
    items = [first, amend(first, expected=True)]
    assert statuses(send(town[who].program(client), items)) == ["stored", "stored"]
    submit(client, town[who], "/clinics/north/top-three", picked=["phone", "searching", "forms"])
    submit(client, town[who], "/clinics/north/pulse", pace="4", lunch="missed")
    submit(client, town[who], "/clinics/north/flex-asks", code=f"{who}-1")
    return items


def kept(town: Town) -> dict[str, int]:
    models = (Report, ReportAmendment, Picks, Pulse, OwnCode)
    with town.database.read() as session:
        return {
            model.__tablename__: session.execute(select(func.count()).select_from(model)).scalar_one()
            for model in models
        }


def test_everybody_sees_the_own_and_nobody_anothers(town: Town, client: TestClient) -> None:
    speak(town, client)
    at_the_wall = scan(client, hang(town)[1].token)
    post(at_the_wall, [report(stealer="redo")], person="poster-north")
    mine = text_of(town["ada"].browser(client).get(MINE))
    for said in (
        "Time stealer: Looking for supplies, Supplies missing, 5 min",
        "Top three of the week: Phone calls, Looking for supplies, Forms and approvals",
        "How the day was: 2 answers",
        "Your code in North Clinic: ADA-1.",
    ):
        assert said in mine
    assert "Doing work twice" not in mine  # what was said at a poster is nobody's
    assert statuses_for(town, client, MINE) == dict.fromkeys(("otto", "olga", "mia", "ana", "ada", "stella"), 200)
    for other in ("ana", "mia", "stella"):
        assert "Nothing." in text_of(town[other].browser(client).get(MINE))
    assert client.get(MINE).status_code == 303


def test_the_file_holds_every_field(town: Town, client: TestClient) -> None:
    items = speak(town, client)
    answer = town["ada"].browser(client).get(f"{MINE}.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="timesink-my-data.json"'
    told = json.loads(answer.text)
    assert (told["name"], told["email"], told["codes"]) == ("Ada", "ada@north.example", {"north": "ada-1"})
    what = {one["kind"]: one["what"] for one in told["said"]}
    assert what["report"] == {
        "stealer": "searching", "minutes": 5, "trigger": "supplies", "expected": True, "withdrawn": False
    }  # fmt: skip
    assert (what["three"]["first"], what["pulse"]["pace"], what["pulse"]["lunch"]) == ("phone", 4, "missed")
    assert next(one["id"] for one in told["said"] if one["kind"] == "report") == items[0]["id"]


def test_one_thing_is_withdrawn_for_good_and_no_late_phone_brings_it_back(town: Town, client: TestClient) -> None:
    items = speak(town, client)
    done = submit(client, town["ada"], MINE, id=str(items[0]["id"]))
    assert done.status_code == 303
    assert kept(town) == {"reports": 0, "report_amendments": 0, "picks": 1, "pulses": 1, "own_codes": 1}
    assert statuses(send(town["ada"].program(client), items)) == ["gone session_erased"] * 2
    assert kept(town)["reports"] == 0
    with town.database.read() as session:
        told = session.execute(select(Receipt.digest).where(Receipt.id == items[0]["id"])).scalar_one()
    assert told == ""


def test_nobody_withdraws_what_another_said(town: Town, client: TestClient) -> None:
    items = speak(town, client)
    before = kept(town)
    for who in ("otto", "ana", "stella"):
        submit(client, town[who], MINE, id=str(items[0]["id"]))
        submit(client, town[who], MINE)
    assert kept(town) == before
    assert submit(client, None, MINE, id=str(items[0]["id"])).headers["location"].startswith("/sign-in")


def test_all_is_withdrawn_and_an_older_backup_does_not_bring_it_back(
    town: Town, client: TestClient, settings: Settings, tmp_path: Path
) -> None:
    with town.database.write() as session:
        give_role(session, session.get_one(Person, town["otto"].id), town.north.id, Role.ASSISTANT, 1)
    speak(town, client)
    speak(town, client, "otto")
    backup = tmp_path / "before.db"
    back_up(town.database, backup)
    submit(client, town["ada"], MINE)
    submit(client, town["otto"], "/clinics/north/flex-asks", step="forget")
    ottos = {"reports": 1, "report_amendments": 1, "picks": 1, "pulses": 1}
    submit(client, town["otto"], "/clinics/north/flex-asks", code="otto-1")  # said again since: it stays forgotten
    assert kept(town) == {**ottos, "own_codes": 1}
    restore(town.database, settings, backup, tmp_path / "replaced.db", now_ms())
    assert kept(town) == {**ottos, "own_codes": 0}
    with town.database.read() as session:
        assert session.execute(select(func.count()).select_from(ErasedItem)).scalar_one() == 6


def test_sessions_under_the_own_code_are_told_and_nothing_that_was_seen_in_them(town: Town, client: TestClient) -> None:
    phone = town["otto"].program(client)
    send(phone, observed("09:00 rooming", "09:10 end", subject="MA-02", consent=3))
    send(phone, observed("10:00 vitals", "10:20 end", subject="ma-03"))
    for who, status in (("ada", 303), ("otto", 403), ("mia", 403), ("ana", 403), ("stella", 404)):
        assert submit(client, town[who], "/clinics/north/flex-asks", code="ma-02").status_code == status
    browser = town["ada"].browser(client)
    mine = text_of(browser.get(MINE))
    assert "Mon, Nov 2, 2026 , 9:00 AM – 9:10 AM North Clinic · agreed to version 3 of the text" in mine
    assert ("10:00" in mine, "Rooming" in mine) == (False, False)
    (watched,) = json.loads(browser.get(f"{MINE}.json").text)["watched"]
    assert (watched["day"], watched["consent"]) == ("2026-11-02", 3)
    assert "watched" not in text_of(town["otto"].browser(client).get(MINE))


def test_reports_that_were_refused_are_the_senders_too(town: Town, client: TestClient) -> None:
    send(town["ada"].program(client), [report(trigger="no-such")])
    assert "A report that could not be taken" in text_of(town["ada"].browser(client).get(MINE))
    submit(client, town["ada"], MINE)
    with town.database.read() as session:
        assert session.execute(select(func.count()).select_from(QuarantinedItem)).scalar_one() == 0
    assert "Nothing." in text_of(town["ada"].browser(client).get(MINE))
