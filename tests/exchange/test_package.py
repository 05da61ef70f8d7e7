"""Sessions as a Data Package: valid for frictionless, and the very tables of the other exports."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.exchange.exported import as_csv, ask, week
from tests.people import Town


@pytest.fixture
def ana(town: Town, client: TestClient) -> TestClient:
    week(town, client)
    return town["ana"].program(client)


@pytest.fixture
def folder(ana: TestClient, tmp_path: Path) -> Path:
    answer = ask(ana, "package.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    return tmp_path


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "data" / f"{table}.csv").read_text("utf-8"), newline="")))


def validated(folder: Path) -> Any:
    import frictionless  # loaded here alone: it brings half a second of imports

    return frictionless.Package(str(folder / "datapackage.json")).validate()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_is_valid_table_by_table_with_keys_types_lengths_and_checksums(folder: Path) -> None:
    report = validated(folder)
    assert report.flatten(["type", "note"]) == []
    assert report.valid
    tables = {task.name: task.stats["rows"] for task in report.tasks if task.type == "table"}
    assert tables == {name: len(rows(folder, name)) for name in tables}
    assert set(tables) == {"sessions", "events", "segments", "occurrences", "interruptions", "tasks"}
    assert tables["sessions"] == 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_table_that_was_changed_afterwards_is_found_out(folder: Path) -> None:
    file = folder / "data" / "segments.csv"
    file.write_text(file.read_text("utf-8").replace("rooming", "vitals", 1), "utf-8")
    assert not validated(folder).valid


@pytest.mark.parametrize("stream", ["events", "segments"])
def test_raw_and_corrected_streams_are_those_of_the_csv_exports(ana: TestClient, folder: Path, stream: str) -> None:
    assert rows(folder, stream) == as_csv(ask(ana, f"{stream}.csv"))
    assert not (folder / "data" / f"{stream}.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_sessions_occurrences_and_interruptions_are_those_of_the_timelines(ana: TestClient, folder: Path) -> None:
    for session in rows(folder, "sessions"):
        meant = ana.get(f"/api/v1/sessions/{session['session']}/timeline").json()
        assert [session[name] for name in ("begin_ms", "end_ms", "observed_ms", "paused_ms")] == [
            str(meant[name]) for name in ("begin", "end", "observed_ms", "paused_ms")
        ]
        for table, key in (("occurrences", "occurrence"), ("interruptions", "interruption")):
            mine = [row for row in rows(folder, table) if row["session"] == session["session"]]
            assert [(row[key], row["start_ms"], row["end_ms"]) for row in mine] == [
                (one["id"], str(one["start"]), str(one["end"])) for one in meant[table]
            ]
        outcomes = [row["outcome"] for row in rows(folder, "interruptions") if row["session"] == session["session"]]
        assert outcomes == [one["outcome"] for one in meant["interruptions"]]


def test_the_task_list_is_there_whole(ana: TestClient, folder: Path) -> None:
    told = json.loads((folder / "task-lists" / "back-of-house-1.json").read_text("utf-8"))
    assert told["version"] == 1
    codes = [task["code"] for task in told["task_list"]["tasks"]]
    assert codes == [row["task"] for row in rows(folder, "tasks")]
    assert {row["task"] for row in rows(folder, "segments")} - {""} <= set(codes)
    assert told["task_list"]["triggers"]


def test_it_says_how_it_came_about_and_leaves_the_licence_to_the_clinic(folder: Path) -> None:
    about = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert "licenses" not in about
    assert (about["name"], about["timezone"]) == ("timesink-north-2026-11-02-2026-11-08", "America/Chicago")
    for resource in about["resources"]:
        assert len((folder / resource["path"]).read_bytes()) == resource["bytes"]
        fields = resource.get("schema", {"fields": []})["fields"]
        assert all(field["description"] for field in fields)
    text = (folder / "README.md").read_text("utf-8")
    for part in ("## Method", "jackknife", "**Interruption**", "No licence is given"):
        assert part in text


def test_no_text_in_it_becomes_a_formula(folder: Path) -> None:
    assert {row["subject"] for row in rows(folder, "sessions")} == {"'=MA-01", "MA-02", "MA-01"}


def test_each_session_says_which_text_the_person_watched_agreed_to(folder: Path) -> None:
    assert {row["subject"]: row["consent"] for row in rows(folder, "sessions")}["MA-02"] == "2"
    assert sorted(row["consent"] for row in rows(folder, "sessions")) == ["", "", "2"]
