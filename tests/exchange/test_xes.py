"""Sessions as XES: what an independent reader takes from the file is what the timelines say, and the file keeps the
rules of IEEE 1849."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.builders import observed, send
from tests.exchange.exported import ask, week
from tests.people import Town

# a process of its own: pm4py greets whoever loads it, and warns
READ_BY_PM4PY = """
import json, sys
from pm4py.objects.log.importer.xes import importer
log = importer.apply(sys.argv[1], parameters={"show_progress_bar": False})
plain = lambda value: round(value.timestamp() * 1000) if hasattr(value, "timestamp") else value
told = [{"about": dict(trace.attributes),
         "events": [{key: plain(value) for key, value in event.items()} for event in trace]} for trace in log]
about = {"extensions": sorted(log.extensions), "classifiers": log.classifiers}
open(sys.argv[2], "w").write(json.dumps({"log": about, "traces": told}))
"""
KEY = re.compile(r"[A-Za-z_:][\w:.-]*")  # xs:Name, of ASCII
VALUES = {
    "string": re.compile(r".*", re.DOTALL),
    "date": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"),
    "int": re.compile(r"-?\d+"),
    "boolean": re.compile(r"true|false"),
}
STANDARD = {"start", "suspend", "resume", "complete", "ate_abort"}


@pytest.fixture
def ana(town: Town, client: TestClient) -> TestClient:
    week(town, client)
    nested = observed(
        *("08:00 rooming", "08:10 phone!", "08:12 supplies! searching", "08:15 back", "08:20 back"),
        *("08:25 walk-in! vitals", "08:30 left", "08:31 phone?", "08:40 other! forms", "08:50 end"),
        on="2026-11-05",
    )
    send(town["otto"].program(client), nested, device="phone-5")
    return town["ana"].program(client)


def read_by_pm4py(xes: bytes, folder: Path) -> dict[str, Any]:
    (folder / "sessions.xes").write_bytes(xes)
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_BY_PM4PY, folder / "sessions.xes", folder / "told.json"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads((folder / "told.json").read_text())
    return found


def running_ms(events: list[dict[str, Any]]) -> int:
    return sum(
        after["time:timestamp"] - event["time:timestamp"]
        for event, after in pairwise(events)
        if event["lifecycle:transition"] in ("start", "resume")
    )


def test_an_independent_reader_takes_from_it_what_the_timelines_say(ana: TestClient, tmp_path: Path) -> None:
    told = read_by_pm4py(ask(ana, "sessions.xes").content, tmp_path)
    assert told["log"]["extensions"] == ["Concept", "Lifecycle", "Organizational", "Time"]
    assert told["log"]["classifiers"]["Activity"] == ["concept:name"]
    segments = ask(ana, "segments.json").json()["items"]
    assert [trace["about"]["concept:name"] for trace in told["traces"]] == list(
        dict.fromkeys(row["session"] for row in segments)
    )
    steps = set()
    for trace in told["traces"]:
        meant = ana.get(f"/api/v1/sessions/{trace['about']['concept:name']}/timeline").json()
        assert trace["about"]["observed_ms"] == meant["observed_ms"]
        lives: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for event in trace["events"]:
            lives[event["track"], event["concept:instance"]].append(event)
            steps.add(event["lifecycle:transition"])
        for one in meant["occurrences"]:
            life = lives.pop(("task", one["id"]))
            assert {event["code"] for event in life} == {one["task"]}
            assert life[0]["time:timestamp"] == one["start"]
            assert running_ms(life) == one["active_ms"]
            assert (life[-1]["lifecycle:transition"] == "complete") == one["completed"]
            suspended = [event["because"] for event in life if event["lifecycle:transition"] == "suspend"]
            assert suspended.count("interruption") == one["interruptions"]
        for one in meant["interruptions"]:
            life = lives.pop(("interruption", one["id"]))
            assert (life[0]["time:timestamp"], life[-1]["time:timestamp"]) == (one["start"], one["end"])
            assert (running_ms(life), life[-1]["outcome"]) == (one["own_ms"], one["outcome"])
        beside = {one["event"] for one in meant["parallel"]}
        assert sum(running_ms(lives.pop(("parallel", id))) for id in beside) == sum(
            one["end"] - one["start"] for one in meant["parallel"]
        )
        assert sum(running_ms(life) for (track, _id), life in lives.items() if track == "pause") == meant["paused_ms"]
        asked = [life[0]["time:timestamp"] for (track, _id), life in lives.items() if track == "prompt"]
        assert asked == [one["at"] for one in meant["prompts"]]
        assert {track for track, _id in lives} <= {"pause", "prompt"}
    assert steps == STANDARD


def test_the_file_keeps_the_rules_of_the_standard(ana: TestClient) -> None:
    root = ET.fromstring(ask(ana, "sessions.xes").content)
    assert (root.tag, root.attrib["xes.version"]) == ("log", "1849.2016")
    order = ["extension", "global", "classifier", *VALUES, "trace"]
    tags = [child.tag for child in root]
    places = [3 if tag in VALUES else order.index(tag) for tag in tags]
    assert places == sorted(places)
    prefixes = {one.attrib["prefix"] for one in root.iter("extension")}
    for attribute in root.iter():
        if attribute.tag in VALUES:
            assert KEY.fullmatch(attribute.attrib["key"])
            assert VALUES[attribute.tag].fullmatch(attribute.attrib["value"])
            prefix, colon, _name = attribute.attrib["key"].partition(":")
            assert not colon or prefix in prefixes
        elif attribute.tag in ("trace", "event"):
            keys = [child.attrib["key"] for child in attribute if child.tag in VALUES]
            assert len(keys) == len(set(keys))
    scopes = {one.attrib["scope"]: {(a.tag, a.attrib["key"]) for a in one} for one in root.iter("global")}
    for scope, wanted in scopes.items():
        for one in root.iter(scope):
            assert wanted <= {(a.tag, a.attrib.get("key")) for a in one}
    of_events = {key for _tag, key in scopes["event"]}
    for classifier in root.iter("classifier"):
        assert set(classifier.attrib["keys"].split()) <= of_events
    for trace in root.iter("trace"):
        moments = [a.attrib["value"] for a in trace.iter("date")]
        assert moments == sorted(moments)


def test_nobody_who_watched_or_was_watched_is_named(town: Town, ana: TestClient) -> None:
    text = ask(ana, "sessions.xes").text.partition("<trace>")[2]
    for person in town.people.values():
        assert person.id not in text
    assert "MA-01" not in text
    assert "MA-02" not in text
    roles = set(re.findall(r'key="org:role" value="([^"]*)"', text))
    assert roles == {"MA", "observer"}


def test_what_people_timed_themselves_is_not_in_it(ana: TestClient) -> None:
    assert set(re.findall(r'key="mode" value="([^"]*)"', ask(ana, "sessions.xes").text)) == {"observed"}


def test_an_open_session_says_so_and_what_runs_in_it_has_no_end(town: Town, client: TestClient, tmp_path: Path) -> None:
    send(town["otto"].program(client), observed("09:00 rooming", "09:10 phone! callbacks"))
    (trace,) = read_by_pm4py(ask(town["ana"].program(client), "sessions.xes").content, tmp_path)["traces"]
    assert trace["about"]["open"] is True
    assert [event["lifecycle:transition"] for event in trace["events"]] == ["start", "suspend", "start", "start"]


def test_a_log_without_sessions_is_a_log(town: Town, client: TestClient) -> None:
    root = ET.fromstring(ask(town["ana"].program(client), "sessions.xes").content)
    assert root.find("trace") is None
