"""What a clinic no longer keeps is erased by itself; what has nobody in it stays."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from app.audit.models import Entry
from app.capture.models import DayLog, Event, ObservationSession, QuarantinedItem, Report
from app.clinics.models import Clinic
from app.clinics.privacy import first_day_kept
from app.config import Settings
from app.custody.retention import erase_outdated
from app.custody.schedule import HOUR_MS, START_MS, Schedule
from app.reports.pulse.models import Pulse
from app.reports.top_three.models import Picks
from tests.builders import at, observed, send, statuses
from tests.people import Town
from tests.reports.test_day_log import day_item
from tests.reports.wall import amend, report
from tests.webpages import statuses_for, submit, text_of

PAGE = "/clinics/north/privacy"
OLD, YOUNG = "2026-06-01", "2026-11-02"
NOW = at("12:00", "2026-11-28")


@pytest.mark.parametrize(
    ("today", "months", "first"),
    [
        ("2026-11-28", 1, "2026-10-28"),
        ("2026-11-28", 11, "2025-12-28"),
        ("2026-03-31", 1, "2026-03-01"),
        ("2026-12-31", 3, "2026-10-01"),
        ("2027-01-31", 2, "2026-12-01"),
        ("2028-02-29", 12, "2027-03-01"),
    ],
)
def test_months_are_months_of_the_calendar(today: str, months: int, first: str) -> None:
    assert first_day_kept(date.fromisoformat(today), months) == date.fromisoformat(first)


def counts(town: Town) -> dict[str, int]:
    with town.database.read() as session:
        return {
            model.__tablename__: session.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (ObservationSession, Event, Report, Picks, Pulse, DayLog)
        }


def keep_for(town: Town, months: int | None) -> None:
    with town.database.write() as session:
        session.get_one(Clinic, town.north.id).retention_months = months


def test_what_is_older_than_the_clinic_keeps_goes_and_no_late_phone_brings_it_back(
    town: Town, client: TestClient, settings: Settings
) -> None:
    old = [*observed("09:00 rooming", "09:10 end", on=OLD), report(at=at("09:00", OLD))]
    later = amend(old[-1], expected=True)
    young = [*observed("09:00 rooming", "09:10 end", on=YOUNG), report(at=at("09:00", YOUNG))]
    days = [day_item(day, scheduled=4, flex_asks=["MA-01"]) for day in (OLD, YOUNG)]
    phone = town["otto"].program(client)
    refused = report(trigger="no-such", at=at("09:00", OLD))
    send(phone, [*old, later, *young, *days, refused])
    with town.database.write() as session:
        session.execute(update(QuarantinedItem).values(received_at=at("09:00", OLD)))
    with town.database.write() as session:
        for day in (OLD, YOUNG):
            of = {"clinic_id": town.north.id, "person_id": town["ada"].id, "day": day, "at": 0}
            session.add(Pulse(id=f"pulse-{day}", pace=3, **of))
            session.add(Picks(id=f"picks-{day}", week=day, first="a", second="b", third="c", **of))
    before = counts(town)
    assert erase_outdated(town.database, settings, NOW) == 0  # without a limit all is kept
    keep_for(town, 3)
    assert erase_outdated(town.database, settings, NOW) == 6
    halved = {name: n // 2 for name, n in before.items()}
    assert counts(town) == {**halved, "day_logs": 2}
    with town.database.read() as session:
        bodies = {row.day: row.body for row in session.execute(select(DayLog.day, DayLog.body))}
        audited = session.execute(select(Entry.about).where(Entry.action == "erased")).scalars().all()
    assert "MA-01" not in bodies[OLD]
    assert '"scheduled": 4' in bodies[OLD]
    assert "MA-01" in bodies[YOUNG]
    assert [about for about in audited if about and "retention" in about] == [
        '{"for":"retention","before":"2026-08-28","sessions":1,"said":3,"day_items":1,"refused":1}'
    ]
    assert set(statuses(send(phone, [*old, later, refused]))) == {"gone session_erased"}
    assert erase_outdated(town.database, settings, NOW) == 0
    assert counts(town) == {**halved, "day_logs": 2}


def test_serve_looks_five_minutes_after_its_start_and_then_once_an_hour(
    town: Town, client: TestClient, settings: Settings
) -> None:
    def sessions_at(now: int) -> int:
        schedule.erase_if_due(now)
        return counts(town)["sessions"]

    schedule = Schedule(town.database, settings)  # never started: time is given to it here
    keep_for(town, 1)
    send(town["otto"].program(client), observed("09:00 rooming", "09:10 end", on=OLD))
    assert [sessions_at(NOW + later) for later in (0, START_MS - 1, START_MS)] == [1, 1, 0]
    send(town["otto"].program(client), observed("09:00 rooming", "09:10 end", on=OLD))
    again = NOW + START_MS + HOUR_MS
    assert [sessions_at(at) for at in (again - 1, again)] == [1, 0]


def test_the_other_clinic_keeps_what_it_wants(town: Town, client: TestClient, settings: Settings) -> None:
    items = [
        *observed("09:00 rooming", "09:10 end", on=OLD, clinic="south"),
        report(at=at("09:00", OLD), clinic="south"),
    ]
    send(town["stella"].program(client), items)
    keep_for(town, 1)
    assert erase_outdated(town.database, settings, NOW) == 0
    assert counts(town)["sessions"] == 1


def test_an_admin_chooses_the_smallest_cell_and_the_months(town: Town, client: TestClient) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 403, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, PAGE) == expected
    for who, status in (("mia", 403), ("stella", 404), ("ana", 303)):
        assert submit(client, town[who], PAGE, cell="7", months="18").status_code == status
    with town.database.read() as session:
        clinic = session.get_one(Clinic, town.north.id)
        assert (clinic.smallest_cell, clinic.retention_months) == (7, 18)
    audit = text_of(town["ana"].browser(client).get("/clinics/north/audit"))
    assert "smallest cell: 7 people · kept for 18 months" in audit
    submit(client, town["ana"], PAGE, cell="7", months="")
    with town.database.read() as session:
        assert session.get_one(Clinic, town.north.id).retention_months is None


@pytest.mark.parametrize(
    ("cell", "months", "why"),
    [
        ("2", "", "from 3 to 50"),
        ("many", "", "from 3 to 50"),
        ("5", "0", "from 1 to 120"),
        ("5", "1.5", "from 1 to 120"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(town: Town, client: TestClient, cell: str, months: str, why: str) -> None:
    refused = submit(client, town["ana"], PAGE, cell=cell, months=months)
    assert refused.status_code == 422
    assert why in text_of(refused)
    with town.database.read() as session:
        clinic = session.get_one(Clinic, town.north.id)
        assert (clinic.smallest_cell, clinic.retention_months) == (5, None)
