"""Clinics and days that are not as usual, each as the page that a manager opens; figures where they are the point."""

from datetime import date, timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.tasklist import Task
from app.db import Database, now_ms
from app.summary.reading import read
from app.summary.summary import summary
from app.summary.window import Window, today
from tests.builders import day, observed, send
from tests.people import Town
from tests.slices.stored import clinic, task_list
from tests.slices.stored import observed as stored
from tests.webpages import text_of

SUMMARY = "/clinics/north/summary"
WEEK = {"from": "2026-11-02", "to": "2026-11-08"}
HOUR = 3_600_000
HOUR_LONG = ("09:00 rooming", "09:20 supplies!", "09:30 back", "09:40 searching", "10:00 end")


def told(client: TestClient, town: Town, **query: str) -> str:
    answer = town["mia"].browser(client).get(SUMMARY, params={**WEEK, **query})
    assert answer.status_code == 200
    return text_of(answer)


def test_nothing_yet_says_what_to_do_next_and_offers_what_mas_timed(client: TestClient, town: Town) -> None:
    shown = told(client, town)
    assert "Nothing was observed in these days." in shown
    assert "observe one high-volume morning from the pad" in shown
    assert "days timed by MAs" in shown
    assert "What to try" not in shown
    assert "0 sessions" not in shown


def test_one_session_has_figures_no_range_and_no_advice(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), observed(*HOUR_LONG))
    shown = told(client, town)
    assert "Too little to conclude from: 1 session, 1 h observed." in shown
    assert "no range yet" in shown
    assert "Nothing yet: with so little observed, chance would choose." in shown
    assert "2 high-volume days are missing. 1 lower-volume day is missing." in shown
    assert "three sessions on high-volume days and three on low-volume ones are the least" in shown


def test_only_self_timed_days_are_no_observation_and_stay_apart(client: TestClient, town: Town) -> None:
    send(town["ada"].program(client), observed(*HOUR_LONG, mode="self", subject=None))
    assert "Nothing was observed in these days." in told(client, town)
    assert "these days hold no whole weeks, already over, in which 5 people timed their own day" in told(
        client, town, mode="self"
    )


def test_an_open_session_counts_up_to_its_last_tap_and_is_told(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), observed(*HOUR_LONG[:-1]))
    shown = told(client, town)
    assert "1 still open (counted up to its last tap)" in shown
    assert "40 min observed" in shown


def test_a_window_into_the_future_says_from_when(client: TestClient, town: Town) -> None:
    now = today(now_ms(), town.north.timezone)
    ahead = {"from": (now + timedelta(days=1)).isoformat(), "to": (now + timedelta(days=3)).isoformat()}
    shown = told(client, town, **ahead)
    assert "are still to come: nothing can have been observed on them." in shown
    assert "Nothing was observed in these days." in shown
    assert "still to come" not in told(client, town, **{"from": now.isoformat(), "to": now.isoformat()})


def test_without_a_day_log_volumes_and_breaks_are_not_zero_but_missing(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), observed(*HOUR_LONG))
    shown = told(client, town)
    assert "No day log of these days says anything of breaks. Write the day log" in shown
    assert "Nothing was counted in the sessions, and no day log of these days holds a volume." in shown
    assert "Due 0" not in shown


def test_a_day_log_without_any_observation_is_shown_all_the_same(client: TestClient, town: Town) -> None:
    log = {"type": "day", "id": "01900000-0000-7000-8000-000000000001", "clinic": "north", "day": "2026-11-02"}
    send(town["mia"].program(client), [{**log, "at": 1_793_650_000_000, "breaks_due": 8, "volumes": {"visits": 41}}])
    shown = told(client, town)
    assert "Nothing was observed in these days." in shown
    assert "Visits – 41" in shown
    assert "Due 8" in shown


def four_hundred(session: Session) -> Clinic:
    tasks = [
        Task.model_validate({"code": f"task-{n}", "label": f"Task {n}", "short": f"T{n}", "category": f"kind-{n % 9}"})
        for n in range(400)
    ]
    north = clinic(session, task_list(tasks))
    for start in range(4):
        lines = [f"{9 + n // 60:02}:{n % 60:02} task-{(start + n * 7) % 400}" for n in range(400)]
        stored(session, north, day(*lines, "15:40 end", on=f"2026-11-0{2 + start}"))
    return north


def test_four_hundred_tasks_are_all_in_the_figures_and_the_page_shows_the_first(database: Database) -> None:
    with database.write() as session:
        found = summary(session, four_hundred(session), Window(date(2026, 11, 2), date(2026, 11, 8)))
    assert len(found["tasks"]) == len(found["sinks"]) == 400
    assert sum(task["person_ms"] for task in found["tasks"]) == found["observed_ms"] == 4 * 400 * 60_000
    reading = read(found, 40)
    assert reading.chart is not None
    assert reading.next is not None
    assert (len(reading.chart.rows), len(reading.all_sinks), len(reading.next.rows)) == (5, 12, 6)


# --- days on which the clock changes ---------------------------------------------------------------------------------


def cells(session: Session, on: str, *lines: str) -> dict[tuple[int, int], int]:
    north = clinic(session)
    stored(session, north, day(*lines, on=on))
    found = summary(session, north, Window(date.fromisoformat(on), date.fromisoformat(on)))
    assert found["observed_ms"] == sum(hour["observed_ms"] for hour in found["hours"])
    assert found["by_day"][0]["observed_ms"] == found["observed_ms"]
    assert found["interruptions"]["per_hour"] == found["interruptions"]["count"] * HOUR / found["observed_ms"]
    return {(hour["weekday"], hour["hour"]): hour["observed_ms"] // 60_000 for hour in found["hours"]}


def test_in_autumn_an_hour_of_the_clock_holds_two_and_both_count(database: Database) -> None:
    log = ("00:30 rooming", "00:40 phone!", "00:50 back", "02:30 end")
    with database.write() as session:
        # Chicago, Sunday 1 November 2026: 01:00 to 02:00 comes twice
        assert cells(session, "2026-11-01", *log) == {(7, 0): 30, (7, 1): 120, (7, 2): 30}


def test_in_spring_the_hour_that_is_skipped_is_in_no_cell(database: Database) -> None:
    log = ("01:30 rooming", "01:40 phone!", "01:50 back", "03:30 end")
    with database.write() as session:
        # Sunday 8 March 2026: after 01:59 comes 03:00
        assert cells(session, "2026-03-08", *log) == {(7, 1): 30, (7, 3): 30}


def test_every_odd_figure_is_a_figure_in_the_json_too(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), observed(*HOUR_LONG))
    found: dict[str, Any] = (
        town["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", **WEEK}).json()
    )
    assert found["high_low"]["rows"] == found["units"] == found["reported_observed"] == found["on_few"] == []
    assert found["protocol"] == {"high": {"wanted": 2, "done": 0}, "low": {"wanted": 1, "done": 0}}


def test_of_imported_tasks_that_nobody_has_marked_no_headline_is_made(client: TestClient, town: Town) -> None:
    rows = ["session,subject,task,start,end"]
    for day_of in ("2026-11-02", "2026-11-03", "2026-11-04"):
        rows += [f"{day_of},MA-01,Odd job,{day_of}T09:00,{day_of}T09:40"]
        rows += [f"{day_of},MA-01,Rooming,{day_of}T09:40,{day_of}T10:00"]
    files = {"file": ("log.csv", "\n".join(rows), "text/csv")}
    answer = (
        town["mia"]
        .program(client)
        .post("/api/v1/imports", params={"clinic": "north", "add_tasks": "true"}, files=files)
    )
    assert answer.status_code == 200, answer.text
    shown = told(client, town)
    assert "Of 67% of the time nobody has said whether it is on the template" in shown
    assert "About 0.0 hours" not in shown
