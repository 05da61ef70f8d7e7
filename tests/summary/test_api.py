"""GET /api/v1/summary: for whom, of what, and never without the last tap."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.builders import MONDAY, observed, send
from tests.people import Town

MINUTE = 60_000
ASK = f"/api/v1/summary?clinic=north&from={MONDAY}&to={MONDAY}"


@pytest.fixture
def north(client: TestClient, town: Town) -> dict[str, TestClient]:
    """Everybody's program, and one observed half hour."""
    send(town["otto"].program(client), observed("09:00 rooming", "09:20 supplies!", "09:25 back", "09:30 end"))
    return {name: person.program(client) for name, person in town.people.items()}


def test_a_manager_reads_the_figures(north: dict[str, TestClient]) -> None:
    answer = north["mia"].get(ASK)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert (found["clinic"], found["from"], found["to"]) == ("north", MONDAY, MONDAY)
    assert (found["sessions"], found["observed_ms"], found["unscheduled_ms"]) == (1, 30 * MINUTE, 5 * MINUTE)
    assert found["tasks"][0]["label"] == "Rooming"


def test_no_committed_tap_is_missed(north: dict[str, TestClient]) -> None:
    assert north["mia"].get(ASK).json()["sessions"] == 1
    send(north["olga"], observed("11:00 vitals", "11:10 end"), device="phone-2")
    assert north["mia"].get(ASK).json()["observed_ms"] == 40 * MINUTE


@pytest.mark.parametrize(("name", "status"), [("ana", 200), ("mia", 200), ("otto", 403), ("ada", 403), ("stella", 404)])
def test_it_is_for_managers_and_admins_of_the_clinic(north: dict[str, TestClient], name: str, status: int) -> None:
    assert north[name].get(ASK).status_code == status


def test_strangers_have_to_sign_in(north: dict[str, TestClient], client: TestClient) -> None:
    answer = client.get(ASK)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_a_clinic_that_is_not_there_is_not_found(north: dict[str, TestClient]) -> None:
    assert north["mia"].get("/api/v1/summary?clinic=west").status_code == 404


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("from=2026-11-03&to=2026-11-02", "before it begins"),
        ("from=tomorrow", "from=tomorrow is no day"),
        ("to=2026-02-30", "to=2026-02-30 is no day"),
        ("from=2010-01-01&to=2026-11-02", "over ten years"),
        ("mode=practice", "mode=practice is not known"),
        ("day_type=busy", "day_type=busy is not known"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    north: dict[str, TestClient], asked: str, sentence: str
) -> None:
    answer = north["mia"].get(f"/api/v1/summary?clinic=north&{asked}")
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_filters_narrow_the_answer(north: dict[str, TestClient]) -> None:
    assert north["mia"].get(f"{ASK}&day_type=typical").json()["sessions"] == 1
    assert north["mia"].get(f"{ASK}&day_type=high").json()["sessions"] == 0
    assert north["mia"].get(f"{ASK}&staff_role=RN").json()["sessions"] == 0
    assert north["mia"].get(f"{ASK}&task_list=back-of-house").json()["sessions"] == 1
    own = north["mia"].get(f"{ASK}&mode=self").json()
    assert (own["mode"], own["sessions"]) == ("self", None)


def test_by_default_it_is_the_last_fourteen_days(north: dict[str, TestClient]) -> None:
    found = north["mia"].get("/api/v1/summary?clinic=north").json()
    assert found["from"] < found["to"]
