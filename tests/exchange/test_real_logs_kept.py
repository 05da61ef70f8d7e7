"""Real logs beside the checkout, imported by the API into a database: what is kept equals what each file says."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.exchange.test_real_logs import BORIS, DATA, by_the_file, points_of
from tests.people import Town

CASES = [DATA / "cases" / f"{name}.csv" for name in ("pair_dog_04", "dog_02", "infant_a", "boris_live", "boris_obs1")]
TOGGL = DATA / "cases" / "toggl_first_half.csv"

pytestmark = pytest.mark.skipif(not TOGGL.exists(), reason="the folder of real logs is not there")


def post(caller: TestClient, path: Path, **fields: str) -> dict[str, Any]:
    file = (path.name, path.read_bytes(), "text/csv")
    told = caller.post("/api/v1/imports", data={"clinic": "north", **fields}, files={"file": file})
    answer: dict[str, Any] = told.json()
    assert told.status_code in (200, 422), told.text
    return answer


def kept(caller: TestClient, told: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """(session, task) to (total ms, number), by the timelines of the sessions that are there now."""
    found = {}
    for session in told["sessions"]:
        timeline = caller.get(f"/api/v1/sessions/{session['id']}/timeline").json()
        tasks = [one["task"] for one in (*timeline["occurrences"], *timeline["parallel"])]
        for task in set(tasks):
            found[session["label"], task] = timeline["totals"]["task_ms"].get(task, 0), tasks.count(task)
    return found


def by_code(caller: TestClient, figures: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """With the codes of the clinic's list in the place of the file's names."""
    pad = caller.get("/api/v1/clinics/north/pad").json()
    codes = {one["label"]: one["code"] for one in (*pad["tasks"], *pad["counters"])}
    return {(session, codes[name]): value for (session, name), value in figures.items()}


@pytest.mark.parametrize("path", [*CASES, BORIS], ids=lambda path: str(path.stem))
def test_what_is_kept_equals_the_file(town: Town, client: TestClient, path: Path) -> None:
    """Two coders of one dog, a dog alone, mother and infant in five streams, BORIS: codes overlap in most of them."""
    ana = town["ana"].program(client)
    told = post(ana, path, add_tasks="true")
    assert told["written"]
    source = DATA / "cases" / "boris_obs1.csv" if path == BORIS else path
    assert kept(ana, told) == by_code(ana, by_the_file(source))
    counted = {
        (one["label"], code): n
        for one in told["sessions"]
        for code, n in ana.get(f"/api/v1/sessions/{one['id']}/timeline").json()["counts"].items()
    }
    assert counted == by_code(ana, dict(points_of(source)))
    assert {one["status"] for one in post(ana, path)["sessions"]} == {"there"}


def test_entries_that_overlap_one_of_their_own_project_are_refused_unless_they_are_to_be_joined(
    town: Town, client: TestClient
) -> None:
    ana = town["ana"].program(client)
    refused = post(ana, TOGGL, add_tasks="true")
    assert [(one["line"], one["code"]) for one in refused["bad_lines"]] == [(3, "overlaps")]
    assert not refused["written"]
    told = post(ana, TOGGL, add_tasks="true", merge="true")
    assert kept(ana, told) == by_code(ana, by_the_file(TOGGL))
