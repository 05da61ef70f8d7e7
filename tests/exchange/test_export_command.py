"""`timesink export` as people call it: into a file or to standard output, whole or not at all."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.audit.models import Entry
from app.cli import app
from app.errors import BadRequest, NotFound
from app.exchange.out.rows import Row
from app.exchange.out.texts import csv_pieces
from tests.exchange.exported import ask, week
from tests.people import Town

WEEK = "--clinic north --from 2026-11-02 --to 2026-11-08"


@pytest.fixture
def folder(town: Town, client: TestClient, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    week(town, client)
    monkeypatch.setenv("TIMESINK_DATABASE_URL", database_url)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def run(line: str) -> Result:
    return CliRunner().invoke(app, ["export", *line.split()])


@pytest.mark.parametrize(
    "file",
    ["events.csv", "events.json", "segments.csv", "segments.json", "summary.csv", "summary.json", "sessions.xes"],
)
def test_it_writes_what_the_api_answers(folder: Path, town: Town, client: TestClient, file: str) -> None:
    what, _dot, format = file.partition(".")
    told = run(f"xes {WEEK}" if format == "xes" else f"{what} {WEEK} --format {format}")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout_bytes == ask(town["ana"].program(client), file).content


@pytest.mark.parametrize("what", ["segments", "summary"])
def test_the_files_name_says_the_format(folder: Path, what: str) -> None:
    told = run(f"{what} {WEEK} -o {what}.xlsx")
    assert (told.exit_code, told.stdout) == (0, "")
    assert load_workbook(folder / f"{what}.xlsx").sheetnames[-1] in ("Segments", "Definitions")
    assert [path.name for path in folder.iterdir()] == [f"{what}.xlsx"]


def test_csv_is_what_comes_without_a_word(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(f"summary {WEEK}").stdout_bytes.decode("utf-8-sig"))))
    assert rows[0]["figure"] == "clinic"


def test_an_export_that_fails_leaves_the_file_of_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "rows.csv").write_text("of before")

    def broken_off(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
        yield next(csv_pieces(columns, rows))
        raise OSError("the disk went away")

    monkeypatch.setattr("app.exchange.out.files.csv_pieces", broken_off)
    told = run(f"segments {WEEK} -o rows.csv")
    assert told.exit_code == 1
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"rows.csv": "of before"}


def test_exports_of_rows_are_audited_as_the_commands(folder: Path, town: Town) -> None:
    run(f"summary {WEEK}")
    run(f"events {WEEK}")
    with town.database.read() as session:
        (entry,) = session.execute(select(Entry).where(Entry.action == "exported")).scalars()
    assert (entry.person_id, entry.clinic_id) == (None, town.north.id)
    assert json.loads(entry.about or "")["what"] == "events"


@pytest.mark.parametrize("line", ["events", f"events {WEEK} --format pdf"])
def test_wrong_use_exits_2(folder: Path, line: str) -> None:
    assert run(line).exit_code == 2


@pytest.mark.parametrize("line", [f"events {WEEK} --format xlsx", f"events {WEEK} -o events.xlsx"])
def test_a_format_that_there_is_not_is_refused_by_name(folder: Path, line: str) -> None:
    told = run(line).exception
    assert isinstance(told, BadRequest)
    assert told.detail == "There is no xlsx of events: choose one of csv, json."
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("line", [f"xes {WEEK} --format csv", f"xes {WEEK} -o sessions.csv"])
def test_an_event_log_has_one_format(folder: Path, line: str) -> None:
    told = run(line).exception
    assert isinstance(told, BadRequest)
    assert told.detail == "There is no csv of xes: choose one of xes."


def test_the_package_is_an_archive_with_the_tables_of_the_api(folder: Path, town: Town, client: TestClient) -> None:
    assert run(f"package {WEEK} -o package.zip").exit_code == 0
    asked = ask(town["ana"].program(client), "package.zip").content
    with zipfile.ZipFile(folder / "package.zip") as ours, zipfile.ZipFile(io.BytesIO(asked)) as theirs:
        assert ours.namelist() == theirs.namelist()
        for name in ours.namelist():
            if name != "datapackage.json":  # which says when it was made
                assert ours.read(name) == theirs.read(name)


def test_a_clinic_that_is_not_there_is_named(folder: Path) -> None:
    told = run("events --clinic west").exception
    assert isinstance(told, NotFound)
    assert "west" in told.detail


def test_a_file_that_cannot_be_written_is_named(folder: Path) -> None:
    told = run(f"summary {WEEK} -o nowhere/summary.csv").exception
    assert isinstance(told, BadRequest)
    assert told.detail == "nowhere/summary.csv cannot be written: No such file or directory."
