"""`timesink demo` as an operator types it, and as its people then sign in."""

import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.audit.models import Entry
from app.capture.models import DayLog, Event, Fact, ObservationSession, QuarantinedItem, Receipt, Report
from app.clinics.models import Clinic
from app.db import Database, now_ms
from app.demo.command import _found_or_new as found_or_new
from app.demo.writing import PEOPLE, Made, fill, found
from app.errors import AppError
from app.people.models import Link, Membership, Person
from app.reports.access import open_poster
from tests.test_cli import PASSWORD, Terminal, set_up
from tests.webpages import submit

# the command on both is the first test, all its items on both the one that breaks off
ON_SQLITE = pytest.mark.on("sqlite", why="what it prints and refuses knows no database")
TABLES = (Clinic, Person, Membership, ObservationSession, Event, Report, DayLog, Receipt, QuarantinedItem)


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path)


def rows(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        }


def links(printed: str) -> dict[str, str]:
    """By e-mail address: the invitation that was printed."""
    return dict(re.findall(r"(\S+@\S+\.example)\s+http://\S+(/invitation/[\w-]+)", printed))


def weekdays_of_the_week_before(today: date) -> list[str]:
    days = [today - timedelta(days=back) for back in range(7, 0, -1)]
    return [day.isoformat() for day in days if day.weekday() < 5]


def test_one_command_makes_a_week_that_ended_yesterday_with_a_link_for_each_role(
    terminal: Terminal, database: Database
) -> None:
    today = datetime.now(ZoneInfo("America/Chicago")).date()
    printed = terminal.run("demo", "--weeks", "1", "--port", "8123")
    made = rows(database)
    code = re.search(r"/report#([\w-]+), or type ([0-9A-Z]{4}-[0-9A-Z]{4}) at http://127.0.0.1:8123/r", printed)
    assert code is not None
    with database.read() as session:
        assert {open_poster(session, secret, now_ms())[1].slug for secret in code.groups()} == {"demo"}
    assert made["clinics"] == 1
    assert made["people"] == made["memberships"] == len(PEOPLE) == 8
    assert 15 <= made["sessions"] <= 20
    assert made["events"] > 1000
    assert made["day_logs"] == 5
    assert made["reports"] > 0
    assert made["quarantine"] == 0
    assert set(links(printed)) == {f"{name}@demo.example" for name in ("manager", "observer-1", "ma-01", "admin")}
    assert "http://127.0.0.1:8123/clinics/demo/summary?from=" in printed
    with database.read() as session:
        days = session.execute(select(DayLog.day).order_by(DayLog.day)).scalars().all()
        assert session.execute(select(Person.password_hash).distinct()).scalars().all() == [None]
        assert session.execute(select(func.count()).select_from(Link)).scalar_one() == 4
        audited = Counter(session.execute(select(Entry.action)).scalars())
    assert days in (weekdays_of_the_week_before(today), weekdays_of_the_week_before(today + timedelta(days=1)))
    its_own = {"role_given": 8, "settings_changed": 1, "poster_made": 1, "invited": 4}  # settings: its roster
    assert audited == {"set_up": 1, **its_own}
    assert "follow" in terminal.run("rebuild")


@ON_SQLITE
def test_a_second_run_doubles_nothing_and_prints_new_links(terminal: Terminal, database: Database) -> None:
    with database.write() as session:
        clinic, made = found_or_new(session, "demo", Made(1, 1, "2026-11-21"), False, now_ms())
    fill(database, clinic, made, now_ms(), lambda done, total: None)
    before = rows(database)
    first, second = terminal.run("demo", "--weeks", "1"), terminal.run("demo", "--weeks", "1")
    assert rows(database) == before
    assert "2026-11-21" in second  # its own days, not those that end today
    assert links(first).keys() == links(second).keys()
    assert not set(links(first).values()) & set(links(second).values())
    assert "--seed 1 --weeks 1" in terminal.run("demo", "--weeks", "1", "--seed", "2", code=2)
    assert rows(database) == before


@ON_SQLITE
def test_a_link_opens_once_and_then_the_password_is_what_one_chose(
    terminal: Terminal, client: TestClient, database: Database
) -> None:
    link = links(terminal.run("demo", "--weeks", "1"))["manager@demo.example"]
    assert "Maya Ortiz" in client.get(link).text
    assert submit(client, None, link, name="Maya Ortiz", password=PASSWORD, again=PASSWORD).status_code == 303
    summary = client.get("/clinics/demo/summary")
    assert summary.status_code == 200
    assert "Demo clinic (simulated)" in summary.text
    client.cookies.clear()
    assert client.get(link).status_code == 404
    again = terminal.run("demo", "--weeks", "1")
    assert "manager@demo.example" not in links(again)
    assert re.search(r"manager@demo\.example .*/sign-in with the password you chose", again)


@ON_SQLITE
def test_a_database_with_real_data_is_refused_unless_told_otherwise(terminal: Terminal, database: Database) -> None:
    set_up(terminal)
    before = rows(database)
    refusal = terminal.run("demo", "--weeks", "1", code=2)
    assert "north" in refusal
    assert "--beside-real-data" in refusal
    assert "real one" in terminal.run("demo", "--clinic", "north", "--beside-real-data", code=2)
    assert rows(database) == before
    with database.write() as session:
        clinic, _made = found_or_new(session, "demo", MADE, True, now_ms())
    assert rows(database)["clinics"] == 2
    with database.write() as session:  # it is there now: nothing to refuse
        assert found_or_new(session, "demo", MADE, False, now_ms())[0].id == clinic.id


# -- what cannot be typed


MADE = Made(1, 1, "2026-11-21")


class BrokenOff(Exception):
    pass


def test_a_run_that_was_broken_off_is_made_whole_by_the_next_on_whatever_day(database: Database) -> None:
    with database.write() as session:
        clinic = found(session, "demo", MADE, now_ms())

    def stop_midway(done: int, total: int) -> None:
        if done > total // 2:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        fill(database, clinic, MADE, now_ms(), stop_midway)
    half = rows(database)
    with database.write() as session:
        clinic, made = found_or_new(session, "demo", Made(1, 1, "2026-12-24"), False, now_ms())
    assert made == MADE  # its own days, not those that end today
    fill(database, clinic, made, now_ms(), lambda done, total: None)
    whole = rows(database)
    assert half["sessions"] < whole["sessions"]
    assert whole["quarantine"] == 0
    with database.read() as session:
        stored = session.execute(select(Fact.value).where(Fact.name == "demo_clinics")).scalar_one()
        by_status = session.execute(select(Receipt.status).distinct()).scalars().all()
    assert json.loads(stored)[str(clinic.id)]["whole"] is True
    assert by_status == ["stored"]
    assert whole["receipts"] == whole["sessions"] + whole["events"] + whole["reports"] + whole["day_logs"]


@ON_SQLITE
def test_sent_again_all_is_there_and_under_another_name_all_is_new(database: Database) -> None:
    def made(slug: str) -> Clinic:
        with database.write() as session:
            return found(session, slug, MADE, now_ms())

    clinic = made("demo")
    fill(database, clinic, MADE, now_ms(), lambda done, total: None)
    once = rows(database)
    fill(database, clinic, MADE, now_ms(), lambda done, total: None)
    assert rows(database) == once
    fill(database, made("demo-2"), MADE, now_ms(), lambda done, total: None)
    assert rows(database) == {table: 2 * n for table, n in once.items()}


def test_an_account_that_is_there_already_is_given_no_role(database: Database) -> None:
    with database.write() as session:
        session.add(Person(id="0" * 36, email="manager@demo.example", name="Somebody", created_at=0))
    with pytest.raises(AppError, match="--clinic"), database.write() as session:
        found(session, "demo", MADE, now_ms())
    assert rows(database)["clinics"] == 0
