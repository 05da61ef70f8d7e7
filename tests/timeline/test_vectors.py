"""Every worked example of TIMELINE.md, as given (tests/vectors/*.json)."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from app.timeline import hour_rows, timeline, totals

VECTORS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
}
WITH_HOURS = {name: vector for name, vector in VECTORS.items() if "hours" in vector}


def test_the_examples_are_all_here() -> None:
    assert len(VECTORS) == 46
    assert len(WITH_HOURS) == 3


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_the_log_means_what_the_example_says(vector: dict[str, Any]) -> None:
    assert timeline(vector["events"], vector.get("as_of")).as_dict() == vector["timeline"]


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_the_measures_are_those_of_the_example(vector: dict[str, Any]) -> None:
    vector = copy.deepcopy(vector)
    measured = totals(timeline(vector["events"], vector.get("as_of")))
    expected = vector["totals"]
    # the examples added floats, we convert an exact sum: corner_parallel_order differs in its last binary digit
    assert measured.pop("person_ms") == pytest.approx(expected.pop("person_ms"), rel=0, abs=1e-9)
    assert measured == expected


@pytest.mark.parametrize("vector", WITH_HOURS.values(), ids=WITH_HOURS.keys())
def test_the_hours_are_those_of_the_example(vector: dict[str, Any]) -> None:
    t = timeline(vector["events"], vector.get("as_of"))
    assert hour_rows(t, vector["hours"]["zone"]) == vector["hours"]["rows"]


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_reading_a_log_changes_nothing_in_it(vector: dict[str, Any]) -> None:
    before = copy.deepcopy(vector["events"])
    t = timeline(vector["events"], vector.get("as_of"))
    t.as_dict()["segments"].clear()
    totals(t)
    assert vector["events"] == before
    assert t.as_dict() == vector["timeline"]
