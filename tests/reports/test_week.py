"""The top three of a week and the pulse of a day: once each, without typing, and shown pooled when the week is over."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from app.db import now_ms
from app.reports.pulse.models import Pulse
from app.reports.pulse.say import ANSWERS, pool
from app.reports.top_three.models import Picks
from app.reports.top_three.pick import rank
from app.reports.weeks import last_day_of, monday_of, week_before, week_over
from app.summary.window import today
from app.web import form_token
from tests.people import Town
from tests.reports.wall import hang, phone, scan
from tests.webpages import HTMX, statuses_for, submit, text_of

THREE, PULSE = "/clinics/north/top-three", "/clinics/north/pulse"
DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")
HERE = {"Sec-Fetch-Site": "same-origin"}


def rows(town: Town, model: type[Picks | Pulse]) -> int:
    with town.database.read() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def a_week_ago(town: Town, model: type[Picks | Pulse]) -> None:
    """As if all of it had been said in the week before, spread over three of its days."""
    with town.database.write() as session:
        monday = week_before(monday_of(today(now_ms(), "America/Chicago")))
        for n, id in enumerate(session.execute(select(model.id).order_by(model.id)).scalars().all()):
            day = date.fromordinal(date.fromisoformat(monday).toordinal() + n % 3).isoformat()
            week = {"week": monday} if model is Picks else {}
            session.execute(update(model).where(model.id == id).values(day=day, **week))


def test_a_week_is_monday_to_sunday_and_shown_when_it_is_over() -> None:
    assert monday_of(date(2026, 11, 8)) == "2026-11-02"
    assert last_day_of("2026-11-02") == "2026-11-08"
    now = date(2026, 11, 28)
    assert week_over("", now) == "2026-11-16"
    assert week_over("2026-11-28", now) == week_over("2999-01-01", now) == week_over("never", now) == "2026-11-16"
    assert week_over("2026-11-05", now) == "2026-11-02"


@pytest.mark.parametrize("path", [THREE, PULSE])
def test_everybody_who_may_report_may_say_it(town: Town, client: TestClient, path: str) -> None:
    told = statuses_for(town, client, path)
    assert told == dict.fromkeys(("otto", "olga", "mia", "ana", "ada"), 200) | {"stella": 404}
    assert "What everybody" in text_of(town["ada"].browser(client).get(path))
    assert phone(client).get(path).status_code == 303
    at_the_wall = scan(client, hang(town)[1].token).get(path)
    assert at_the_wall.status_code == 200
    assert "What everybody" not in text_of(at_the_wall)  # a poster's code reads nothing but the board
    assert scan(client, hang(town, clinic="south")[1].token).get(path).status_code in (303, 404)


@pytest.mark.parametrize("path", ["/api/v1/top-three", "/api/v1/pulse", "/api/v1/changes"])
def test_programs_read_it_with_an_account_alone(town: Town, client: TestClient, path: str) -> None:
    asked = f"{path}?clinic=north"
    told = {name: town[name].program(client).get(asked).status_code for name in ("ada", "otto", "mia", "stella")}
    assert told == {"ada": 200, "otto": 200, "mia": 200, "stella": 404}
    assert scan(client, hang(town)[1].token).get(asked).status_code == 401


# --- three picks -----------------------------------------------------------------------------------------------------


def test_three_taps_in_order_without_typing(town: Town, client: TestClient) -> None:
    ada = town["ada"].browser(client)
    first = ada.get(THREE)
    assert "What stole most of your time this week?" in text_of(first)
    second = ada.get(f"{THREE}?again=yes&picked=phone", headers=HTMX)
    assert not second.text.startswith("<!doctype")
    assert "And after that?" in text_of(second)
    third = text_of(ada.get(f"{THREE}?again=yes&picked=phone&picked=searching"))
    assert "And third?" in third
    last = text_of(ada.get(f"{THREE}?again=yes&picked=phone&picked=searching&picked=forms"))
    assert "1. Phone calls 2. Looking for supplies 3. Forms and approvals Send these three" in last
    sent = submit(client, town["ada"], THREE, picked=["phone", "searching", "forms"])
    assert sent.status_code == 303
    assert "Kept for this week." in text_of(ada.get(THREE))


@pytest.mark.parametrize("picked", [[], ["phone"], ["phone", "phone", "forms"], ["phone", "forms", "nothing"]])
def test_what_is_no_three_is_refused(town: Town, client: TestClient, picked: list[str]) -> None:
    refused = submit(client, town["ada"], THREE, picked=picked)
    assert refused.status_code == 422
    assert "Pick three different ones" in text_of(refused)
    assert rows(town, Picks) == 0


def test_of_an_account_the_last_three_of_a_week_count(town: Town, client: TestClient) -> None:
    everybody = ("otto", "olga", "mia", "ana", "ada")
    for who in everybody:
        submit(client, town[who], THREE, picked=["forms", "redo", "other"])
        submit(client, town[who], THREE, picked=["phone", "searching", "forms"])
    told = text_of(town["ada"].browser(client).get(THREE))
    assert "Too few took part in that week" in told  # this one is not over
    with town.database.write() as session:
        session.execute(update(Picks).values(week=week_before(monday_of(today(now_ms(), "America/Chicago")))))
    told = text_of(town["ada"].browser(client).get(THREE))
    assert "5 took part. 1 Phone calls 5 have it among the three 2 Looking for supplies 5 have it" in told
    found = town["mia"].program(client).get("/api/v1/top-three?clinic=north").json()
    assert [(one["rank"], one["stealer"], one["named"]) for one in found["items"]] == [
        (1, "phone", 5), (2, "searching", 5), (3, "forms", 5)
    ]  # fmt: skip


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return client.post(path, data=fields, headers=HERE)


def test_at_a_poster_a_phone_says_it_once_a_week_and_nothing_tells_it_from_another(
    town: Town, client: TestClient
) -> None:
    token = hang(town)[1].token
    one, other = scan(client, token), scan(client, token)
    first = post(one, THREE, picked=["phone", "searching", "forms"])
    assert first.status_code == 303
    again = post(one, THREE, picked=["forms", "searching", "phone"])
    assert again.status_code == 422
    assert "picked on this phone already" in text_of(again)
    assert "Kept for this week." in text_of(one.get(THREE))
    second = post(other, THREE, picked=["phone", "searching", "forms"])
    assert first.headers["set-cookie"] == second.headers["set-cookie"]
    assert rows(town, Picks) == 2
    with town.database.read() as session:
        assert session.execute(select(Picks.person_id).distinct()).scalars().all() == [None]


def test_picks_from_posters_are_shown_from_k_on_three_days_on(town: Town, client: TestClient) -> None:
    token = hang(town)[1].token
    for _n in range(5):
        post(scan(client, token), THREE, picked=["phone", "searching", "forms"])
    api = "/api/v1/top-three?clinic=north"
    with town.database.write() as session:
        session.execute(update(Picks).values(week=week_before(monday_of(today(now_ms(), "America/Chicago")))))
    assert town["mia"].program(client).get(api).json()["took_part"] is None
    a_week_ago(town, Picks)
    assert town["mia"].program(client).get(api).json()["took_part"] == 5


def test_what_few_picked_is_named_as_not_shown(town: Town, client: TestClient) -> None:
    for n, who in enumerate(("otto", "olga", "mia", "ana", "ada")):
        submit(client, town[who], THREE, picked=["phone", "searching", "forms" if n else "redo"])
    with town.database.write() as session:
        session.execute(update(Picks).values(week=week_before(monday_of(today(now_ms(), "America/Chicago")))))
    told = text_of(town["mia"].browser(client).get(THREE))
    assert "needed to keep those hidden: Forms and approvals, Doing work twice." in told
    assert "1 Phone calls 5 have it" in told


def of(person: str | None, *three: str, day: str = DAYS[0]) -> Picks:
    first, second, third = three
    return Picks(id=f"{person}{day}", person_id=person, day=day, first=first, second=second, third=third)


def test_a_stealer_that_few_picked_hides_another_with_it_so_that_it_cannot_be_taken_from_the_whole() -> None:
    picks = [of(f"p{n}", "phone", "searching", "forms" if n else "redo") for n in range(6)]
    found = rank("2026-11-02", picks, 5)
    assert found.took_part == 6
    assert [one.stealer for one in found.ranked] == ["phone", "searching"]
    assert found.withheld == ["forms", "redo"]


def test_equal_points_share_a_rank() -> None:
    picks = [of(f"p{n}", *(("phone", "forms", "redo") if n % 2 else ("forms", "phone", "redo"))) for n in range(6)]
    assert [(one.rank, one.stealer) for one in rank("2026-11-02", picks, 5).ranked] == [
        (1, "forms"), (1, "phone"), (3, "redo")
    ]  # fmt: skip


# --- the pulse -------------------------------------------------------------------------------------------------------


def test_the_day_is_answered_by_taps_each_of_which_may_be_skipped(town: Town, client: TestClient) -> None:
    sent = submit(client, town["ada"], PULSE, pace="4", pause="missed")
    assert sent.status_code == 303
    assert "Kept for today." in text_of(town["ada"].browser(client).get(PULSE))
    assert "more than can be done" in text_of(town["ada"].browser(client).get(f"{PULSE}?again=yes"))
    with town.database.read() as session:
        (kept,) = session.execute(select(Pulse)).scalars()
        assert (kept.pace, kept.pause, kept.lunch, kept.stayed, kept.reached) == (4, "missed", None, None, None)
    for odd in ({}, {"pace": "6"}, {"pause": "perhaps", "pace": "1"}):
        assert submit(client, town["ada"], PULSE, **odd).status_code == 422
    assert rows(town, Pulse) == 1


def test_at_a_poster_the_day_is_answered_once_on_a_phone(town: Town, client: TestClient) -> None:
    at_the_wall = scan(client, hang(town)[1].token)
    assert post(at_the_wall, PULSE, pace="2", reached="yes").status_code == 303
    assert post(at_the_wall, PULSE, pace="3").status_code == 422
    assert rows(town, Pulse) == 1


def test_the_pulse_is_pooled_over_a_week_that_is_over(town: Town, client: TestClient) -> None:
    for who in ("otto", "olga", "mia", "ana", "ada"):
        submit(client, town[who], PULSE, pace="1")
        submit(client, town[who], PULSE, pace="5", stayed="30")
    api = "/api/v1/pulse?clinic=north"
    assert {one["n"] for one in town["mia"].program(client).get(api).json()["items"]} == {None}
    with town.database.write() as session:
        session.execute(update(Pulse).values(day=week_before(monday_of(today(now_ms(), "America/Chicago")))))
    found = {one["question"]: one for one in town["mia"].program(client).get(api).json()["items"]}
    assert found["pace"] == {"question": "pace", "n": 5, "answers": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 5}}
    assert found["lunch"] == {"question": "lunch", "n": None, "answers": {}}
    told = text_of(town["mia"].browser(client).get(PULSE))
    assert "more than can be done 5" in told
    assert "Your lunch" not in told.split("What everybody answered")[1]


def said(person: str, **answers: Any) -> Pulse:
    return Pulse(id=person, person_id=person, day=DAYS[0], **{name: answers.get(name) for name in ANSWERS})


def test_an_answer_that_few_gave_hides_another_with_it() -> None:
    pulses = [said(f"p{n}", pace=5 if n < 6 else 4 if n < 11 else 1) for n in range(12)]
    pace = next(one for one in pool(pulses, 5) if one.question == "pace")
    assert pace.n == 12
    assert pace.answers == {"1": None, "2": 0, "3": 0, "4": None, "5": 6}


def test_a_form_of_another_site_says_nothing_in_anybodys_name(town: Town, client: TestClient) -> None:
    token = {"token": form_token(town["ada"].cookie)}
    browser = town["ada"].browser(client)
    for path, fields in ((THREE, {"picked": ["phone", "forms", "redo"]}), (PULSE, {"pace": "1"})):
        forged = browser.post(path, data={**token, **fields}, headers={"Sec-Fetch-Site": "cross-site"})
        assert forged.status_code == 403
        assert browser.post(path, data=fields).status_code == 403
    assert rows(town, Picks) == rows(town, Pulse) == 0
