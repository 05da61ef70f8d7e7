"""GET /api/v1/workload: for whom, and exactly the shape of the contract."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.clinics.roster.keep import keep_week
from app.clinics.roster.week import shift
from app.db import new_id
from tests.builders import MONDAY, at, observed, send
from tests.people import Town

ASK = f"/api/v1/workload?clinic=north&from={MONDAY}&to=2026-11-06"


def day_item(on: str, **volumes: int) -> dict[str, Any]:
    moment = at("18:00", on)
    return {"type": "day", "id": new_id(moment), "clinic": "north", "day": on, "at": moment, "volumes": volumes}


@pytest.fixture
def north(client: TestClient, town: Town) -> dict[str, TestClient]:
    """Everybody's program; one observed hour, one day log, and 2 MAs from 8 to 12."""
    items = observed("09:00 rooming", "09:40 searching", "09:50 lunch", "09:59 #visits 4", "10:00 end")
    send(town["otto"].program(client), [*items, day_item(MONDAY, visits=30)])
    with town.database.write() as session:
        keep_week(session, town.north, [shift((1,), "8:00", "12:00", "2")], "2026-01-01", at=0, by=None)
    return {name: person.program(client) for name, person in town.people.items()}


def test_it_answers_as_the_contract_has_it(north: dict[str, TestClient]) -> None:
    answer = north["mia"].get(ASK)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    (row,) = told["rows"]
    assert row == {
        "day": MONDAY,
        "half": "am",
        # 30 visits x 10 minutes, a sixth of the time for searching, 50 of 480 minutes for breaks
        "required_hours": pytest.approx(5 / (1 - 1 / 6 - 50 / 480)),
        "required_low": None,
        "required_high": None,
        "scheduled_hours": 8,
        "gap_hours": pytest.approx(5 / (1 - 1 / 6 - 50 / 480) - 8),
        "volumes": "logged",
    }
    assert told["standards"] == [
        {"task": "rooming", "counter": "visits", "minutes_per_unit": 10, "low": None, "high": None}
        | {"source": "observed"}
    ]
    assert [(one["allowance"], one["of"], one["source"]) for one in told["allowances"]] == [
        ("searching", "category", "observed"),
        ("breaks", "category", "preset"),
    ]
    assert told["ratio"] == pytest.approx(8 / row["required_hours"])
    assert told["gap_fte"] == pytest.approx(row["gap_hours"] / 40)  # the roster has Mondays alone
    assert [hour["hour"] for hour in told["by_hour"]] == [8, 9, 10, 11]
    assert sum(hour["required_hours"] for hour in told["by_hour"]) == pytest.approx(row["required_hours"])


@pytest.mark.parametrize(("name", "status"), [("ana", 200), ("mia", 200), ("otto", 403), ("ada", 403), ("stella", 404)])
def test_it_is_for_managers_and_admins_of_the_clinic(north: dict[str, TestClient], name: str, status: int) -> None:
    assert north[name].get(ASK).status_code == status


def test_strangers_have_to_sign_in_and_what_makes_no_sense_is_refused(
    north: dict[str, TestClient], client: TestClient
) -> None:
    assert client.get(ASK).status_code == 401
    for asked in ("from=2026-11-03&to=2026-11-02", "from=tomorrow", "from=2010-01-01&to=2026-11-02", "day=monday"):
        assert north["mia"].get(f"/api/v1/workload?clinic=north&{asked}").status_code == 400


def test_without_a_roster_the_gap_is_unknown_and_without_volumes_what_is_required(
    client: TestClient, town: Town
) -> None:
    mia = town["mia"].program(client)
    assert mia.get(ASK).json()["rows"] == []
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    (row,) = [row for row in mia.get(ASK).json()["rows"] if row["half"] == "am"] or [{}]
    assert row == {}  # volumes alone say nothing of hours: nobody observed, nothing is set
    send(town["otto"].program(client), observed("09:00 rooming", "09:59 #visits 4", "10:00 end"))
    (row,) = mia.get(ASK).json()["rows"]
    assert row["required_hours"] == pytest.approx(30 * 15 / 60 / (1 - 50 / 480))
    assert (row["scheduled_hours"], row["gap_hours"]) == (None, None)
    answer = mia.get(ASK).json()
    assert (answer["ratio"], answer["gap_fte"]) == (None, None)
