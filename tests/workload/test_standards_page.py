"""Standards and allowances: what is preset, what a person sets, and what comes of it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.audit.models import Action, Entry
from app.clinics.tasklist import default_list
from app.workload.models import Choices
from tests.builders import MONDAY, send
from tests.people import Town
from tests.webpages import is_whole_page, statuses_for, submit, text_of
from tests.workload.test_api import ASK, day_item
from tests.workload.test_pages import mornings, roster

STANDARDS = "/clinics/north/workload/standards"


@pytest.fixture
def asked(client: TestClient, town: Town) -> Any:
    """What the API tells, with three hours observed on Monday and 30 visits logged."""
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    mornings(town, client)
    roster(town, 2)
    mia = town["mia"].program(client)
    return lambda: mia.get(ASK).json()


def monday(told: Any) -> Any:
    (row,) = (row for row in told["rows"] if row["day"] == MONDAY)
    return row


def test_the_page_is_for_managers_and_admins(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, STANDARDS) == expected
    for name, status in (("otto", 403), ("ada", 403), ("stella", 404)):
        assert submit(client, town[name], STANDARDS, break_minutes="10").status_code == status
    with town.database.read() as session:
        assert session.query(Choices).count() == 0


def test_every_task_but_breaks_can_be_set_and_what_is_preset_stands_there(client: TestClient, town: Town) -> None:
    page = town["mia"].browser(client).get(STANDARDS)
    assert is_whole_page(page)
    for task in default_list().tasks:
        assert (f'name="by-{task.code}"' in page.text) == (task.kind != "break"), task.code
    assert 'name="break_minutes" inputmode="decimal" maxlength="8" value="50"' in page.text
    assert "never observed" in text_of(page)


def test_minutes_that_a_person_set_take_the_place_of_observed_ones(client: TestClient, town: Town, asked: Any) -> None:
    before = asked()
    assert [one["source"] for one in before["standards"]] == ["observed"]
    answer = submit(client, town["mia"], STANDARDS, **{"by-rooming": "counter:visits", "own-rooming": "12,5"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{STANDARDS}?kept=yes")
    (standard,) = asked()["standards"]
    assert standard == {
        "task": "rooming", "counter": "visits", "minutes_per_unit": 12.5, "low": None, "high": None, "source": "set"
    }  # fmt: skip
    page = town["ana"].browser(client).get(answer.headers["location"])
    assert 'name="own-rooming" inputmode="decimal" maxlength="8" value="12.5"' in page.text
    submit(client, town["mia"], STANDARDS, **{"by-rooming": "counter:visits", "break_minutes": "50"})  # emptied again
    assert asked()["standards"] == before["standards"]
    with town.database.read() as session:
        assert session.query(Choices).count() == 2
        assert session.query(Entry).filter_by(action=Action.SETTINGS_CHANGED).count() == 3  # one is the roster's


def test_a_standard_that_nobody_could_observe_can_be_set(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), [day_item(MONDAY, visits=30, messages=12)])
    roster(town, 2)
    choices = {"by-callbacks": "counter:messages", "own-callbacks": "5", "break_minutes": "0"}
    submit(client, town["mia"], STANDARDS, **choices)
    told = town["mia"].program(client).get(ASK).json()
    assert monday(told)["required_hours"] == pytest.approx(1)
    assert told["allowances"] == []


def test_allowances_stretch_what_is_required(client: TestClient, town: Town, asked: Any) -> None:
    """15 % of the time by hand, 96 minutes of breaks in 8 hours, and 5 hours a week of some."""
    choices = {
        "by-rooming": "counter:visits", "own-rooming": "10", "by-searching": "share", "own-searching": "15",
        "break_minutes": "96", "extra0": "Lead duties", "hours0": "5",
    }  # fmt: skip
    submit(client, town["mia"], STANDARDS, **choices)
    told = asked()
    assert monday(told)["required_hours"] == pytest.approx(5 / (1 - 0.15 - 0.2) + 1)
    assert [(one["allowance"], one["of"], one["source"]) for one in told["allowances"]] == [
        ("searching", "category", "set"),
        ("breaks", "category", "set"),
        ("Lead duties", "individual", "set"),
    ]
    assert {row["required_low"] for row in told["rows"]} == {None}  # nothing that was observed is left in it


def test_a_task_that_is_not_required_is_left_out(client: TestClient, town: Town, asked: Any) -> None:
    submit(client, town["mia"], STANDARDS, **{"by-searching": "none", "break_minutes": "0"})
    told = asked()
    assert told["allowances"] == []
    (standard,) = told["standards"]
    assert monday(told)["required_hours"] == pytest.approx(30 * standard["minutes_per_unit"] / 60)


def test_days_away_tell_how_many_must_be_employed(client: TestClient, town: Town, asked: Any) -> None:
    assert asked()["standards"]
    path = f"/clinics/north/workload?from={MONDAY}&to={MONDAY}"
    mia = town["mia"].browser(client)
    assert "must be employed" not in text_of(mia.get(path))
    submit(client, town["mia"], STANDARDS, absent_days="81", break_minutes="50")
    page = text_of(mia.get(path))
    assert "must be employed: of 260 working days of a year one is away on 81" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"by-rooming": "counter:visits", "own-rooming": "ten"}, "Rooming: “ten” is no number."),
        ({"by-rooming": "counter:visits", "own-rooming": "1e9"}, "“1e9” is no number."),
        ({"by-rooming": "counter:visits", "own-rooming": "481"}, "Rooming: at most 480 minutes for one."),
        ({"by-rooming": "share", "own-rooming": "95"}, "Rooming: at most 90 % of working time."),
        ({"by-rooming": "counter:patients"}, "Rooming: choose what it is reckoned by."),
        ({"by-rooming": "magic"}, "Rooming: choose what it is reckoned by."),
        ({"break_minutes": "300"}, "Breaks: at most 240 minutes of a day."),
        ({"absent_days": "12.5"}, "Days away: a whole number"),
        ({"extra0": "Lead", "hours0": ""}, "Work of some: give a name"),
        ({"extra0": "", "hours0": "3"}, "Work of some: give a name"),
    ],
)
def test_what_does_not_fit_is_refused_and_stays_in_the_form(
    client: TestClient, town: Town, wrong: dict[str, str], sentence: str
) -> None:
    answer = submit(client, town["mia"], STANDARDS, **{"break_minutes": "50", **wrong})
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    for value in wrong.values():
        assert f'value="{value}"' in answer.text or value in ("magic", "counter:patients", "")
    with town.database.read() as session:
        assert session.query(Choices).count() == 0
