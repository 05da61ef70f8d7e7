"""Two groups of sessions beside each other: before and after a change, two periods, two clinics; and all of them."""

import re
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from scipy import stats

from app.db import now_ms
from app.people.accounts import give_role
from app.people.models import Person, Role
from tests.builders import observed, send
from tests.people import Town
from tests.webpages import HTMX, is_whole_page, statuses_for, text_of

PAGE, API = "/clinics/north/comparison", "/api/v1/comparison"
WEEK = {"from": "2026-11-02", "to": "2026-11-08"}
CHANGED = {"by": "change", "date": "2026-11-05", **WEEK}
# minutes of searching in an hour, session by session
BEFORE, AFTER = {"2026-11-02": 30, "2026-11-03": 24, "2026-11-04": 36}, {"2026-11-05": 12, "2026-11-06": 6}
AFTER_TOO = {"2026-11-07": 9}


@pytest.fixture
def week(town: Town, client: TestClient) -> Town:
    for day, minutes in {**BEFORE, **AFTER, **AFTER_TOO}.items():
        lines = ("09:00 searching", f"09:{minutes:02} rooming", "10:00 end")
        send(town["otto"].program(client), observed(*lines, on=day, day_type="high" if minutes > 20 else "low"))
    return town


def ask(client: TestClient, town: Town, name: str = "mia", **query: str) -> Any:
    return town[name].program(client).get(API, params={"clinic": "north", **query})


def page(client: TestClient, town: Town, **query: str) -> Response:
    answer: Response = town["mia"].browser(client).get(PAGE, params=query)
    return answer


def row_of(found: Any, code: str) -> Any:
    (row,) = [row for row in found["rows"] if row["code"] == code]
    return row


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_after_a_change_is_set_against_before_it_with_welchs_interval(client: TestClient, week: Town) -> None:
    found = ask(client, week, **CHANGED).json()
    assert [(side["from"], side["to"], side["sessions"]) for side in (found["a"], found["b"])] == [
        ("2026-11-05", "2026-11-08", 3),
        ("2026-11-02", "2026-11-04", 3),
    ]
    after, before = (np.array([*days.values()]) / 60 for days in ({**AFTER, **AFTER_TOO}, BEFORE))
    interval = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    searching = row_of(found, "searching")
    assert (searching["a"], searching["b"]) == pytest.approx((after.mean(), before.mean()))
    assert (searching["low"], searching["high"]) == pytest.approx((interval.low, interval.high))
    assert searching["high"] < 0  # it helped


def test_the_volume_of_the_day_makes_the_groups_by_default(client: TestClient, week: Town) -> None:
    found = ask(client, week, **WEEK).json()
    assert [(side["day_type"], side["days"]) for side in (found["a"], found["b"])] == [("high", 3), ("low", 3)]
    summary = week["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", **WEEK}).json()
    assert found["rows"] == summary["high_low"]["rows"]


def test_a_period_is_set_against_another_or_against_the_one_before(client: TestClient, week: Town) -> None:
    days = {"from": "2026-11-05", "to": "2026-11-07"}
    other = ask(client, week, by="period", **days, other_from="2026-11-03", other_to="2026-11-03").json()
    assert (other["b"]["from"], other["b"]["to"], other["b"]["sessions"]) == ("2026-11-03", "2026-11-03", 1)
    assert row_of(other, "searching")["low"] is None  # one session has no range
    before = ask(client, week, by="period", **days).json()
    assert (before["b"]["from"], before["b"]["to"]) == ("2026-11-02", "2026-11-04")
    assert before["rows"] == ask(client, week, **CHANGED, staff_role="MA").json()["rows"]


def test_two_clinics_are_compared_for_whoever_manages_both(client: TestClient, week: Town) -> None:
    send(
        week["stella"].program(client),
        observed("09:00 searching", "09:30 vitals", "10:00 end", clinic="south", zone="America/New_York"),
    )
    asked = {"by": "clinic", "other": "south", **WEEK}
    assert ask(client, week, **asked).status_code == 404  # to Mia there is no such clinic
    with week.database.write() as session:
        give_role(session, session.get_one(Person, week["mia"].id), week.south.id, Role.OBSERVER, now_ms())
    assert ask(client, week, **asked).status_code == 403
    with week.database.write() as session:
        give_role(session, session.get_one(Person, week["mia"].id), week.south.id, Role.MANAGER, now_ms())
    found = ask(client, week, **asked).json()
    assert [(side["clinic"], side["sessions"]) for side in (found["a"], found["b"])] == [("north", 6), ("south", 1)]
    assert row_of(found, "vitals")["a"] == 0
    overview = week["mia"].program(client).get("/api/v1/overview", params=WEEK).json()
    assert [(one["clinic"], one["sessions"]) for one in overview["items"]] == [("north", 6), ("south", 1)]
    north, south = overview["items"]
    told = week["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", **WEEK}).json()
    for name in ("unscheduled_share", "unscheduled_share_low", "unscheduled_share_high", "observed_ms"):
        assert north[name] == pytest.approx(told[name])
    assert north["per_hour"] == told["interruptions"]["per_hour"]
    assert (south["unscheduled_share"], south["unscheduled_share_low"]) == (0.5, None)
    shown = text_of(page(client, week, **asked))
    assert "All your clinics" in shown
    assert "South Clinic 1 1.0 50%" in shown


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"by": "weather"}, "choose one of day_type, change, period, clinic"),
        ({"by": "change"}, "Say with date= on which day"),
        ({"by": "change", "date": "2026-11-02"}, "on which day after 2026-11-02"),
        ({"by": "change", "date": "2026-12-01"}, "ends"),
        ({"by": "change", "date": "soon"}, "is no day"),
        ({"by": "clinic"}, "with which other clinic"),
        ({"by": "clinic", "other": "north"}, "with which other clinic"),
        ({"by": "period", "other_from": "2026-11-08", "other_to": "2026-11-02"}, "swap the two days"),
        ({"mode": "self"}, "Only observed sessions are compared"),
    ],
)
def test_what_cannot_be_compared_is_told_why(
    client: TestClient, week: Town, query: dict[str, str], sentence: str
) -> None:
    answer = ask(client, week, **WEEK, **query)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    shown = page(client, week, **WEEK, **query)
    assert shown.status_code == 422
    assert sentence in text_of(shown)


def test_comparisons_are_for_managers_and_admins(client: TestClient, week: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(week, client, PAGE) == expected
    assert {name: ask(client, week, name).status_code for name in expected} == expected
    overview = {name: week[name].program(client).get("/api/v1/overview").status_code for name in expected}
    assert overview == {**expected, "stella": 200}
    assert client.get(API, params={"clinic": "north"}).status_code == 401


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_says_what_the_json_says(client: TestClient, week: Town) -> None:
    shown = page(client, week, **CHANGED)
    assert is_whole_page(shown)
    told = text_of(shown)
    searching = row_of(ask(client, week, **CHANGED).json(), "searching")
    low, high = (f"{searching[end] * 100:.1f}" for end in ("low", "high"))
    assert (
        f"Searching {searching['a']:.0%} {searching['b']:.0%} {searching['difference'] * 100:.1f} {low} to {high}"
        in told
    )
    assert "after : Thu, Nov 5, 2026" in told or "after: Thu, Nov 5, 2026" in told
    assert "Nobody was assigned by chance" in told


def test_htmx_gets_the_comparison_alone_below_the_summary(client: TestClient, week: Town) -> None:
    summary = week["mia"].browser(client).get("/clinics/north/summary", params=WEEK).text
    assert re.search(rf'hx-get="{PAGE}" hx-target="#compared"', summary)
    fragment = week["mia"].browser(client).get(PAGE, params=CHANGED, headers=HTMX)
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert "What differs most" in text_of(fragment)
    slip = week["mia"].browser(client).get(PAGE, params={**CHANGED, "date": ""}, headers=HTMX)
    assert slip.status_code == 422
    assert 'role="alert"' in slip.text


def test_where_one_side_saw_nothing_it_says_so(client: TestClient, week: Town) -> None:
    told = text_of(page(client, week, by="period", **WEEK))
    assert "One side has no observed time: there is nothing to compare." in told
    few = text_of(page(client, week, by="change", date="2026-11-07", **WEEK))
    assert "No difference has a range yet" in few


def test_nobody_is_named_in_a_comparison(client: TestClient, week: Town) -> None:
    for query in (CHANGED, WEEK):
        assert "MA-0" not in page(client, week, **query).text
        assert "MA-0" not in ask(client, week, **query).text
