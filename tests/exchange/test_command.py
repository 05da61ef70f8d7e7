"""`timesink import` as people call it: what it says, and its exit codes."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from app.capture.models import ObservationSession
from app.cli import app
from tests.people import Town

HEADER = "session,subject,task,start,end"
GOOD = "A,MA-01,rooming,2026-11-02T09:00,2026-11-02T09:10"
BAD = "A,MA-01,vitals,2026-11-02T09:20,2026-11-02T09:15"


@pytest.fixture
def folder(town: Town, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIMESINK_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(folder: Path, *lines: str, options: str = "--clinic north") -> Result:
    (folder / "log.csv").write_text("\n".join([HEADER, *lines, ""]), "utf-8")
    return CliRunner().invoke(app, ["import", "log.csv", *options.split()])


def sessions(town: Town) -> int:
    with town.database.read() as session:
        return session.execute(select(func.count()).select_from(ObservationSession)).scalar_one()


def test_an_import_says_what_it_did(folder: Path, town: Town) -> None:
    first = run(folder, GOOD)
    assert (first.exit_code, first.stdout) == (0, "Imported 1 session with 1 line; already there: 0.\n")
    again = run(folder, GOOD)
    assert (again.exit_code, again.stdout) == (0, "Imported 0 sessions with 0 lines; already there: 1.\n")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(folder: Path, town: Town) -> None:
    told = run(
        folder,
        GOOD,
        GOOD.replace("rooming", "Faxing").replace("A,", "B,"),
        options="--clinic north --dry-run --add-tasks",
    )
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "2026-11-02 09:00  A  1 line  new",
        "2026-11-02 09:00  B  1 line  new",
        "New on the clinic's list, tasks: Faxing.",
        "Would import 2 sessions with 2 lines; already there: 0. Nothing was written.",
    ]
    assert sessions(town) == 0


def test_a_bad_line_is_told_and_nothing_is_written(folder: Path, town: Town) -> None:
    told = run(folder, GOOD, BAD)
    assert told.exit_code == 1
    assert told.stderr == "log.csv:3: It ends (2026-11-02T09:15) before it starts (2026-11-02T09:20).\n"
    assert told.stdout == ("Nothing was written. 1 line is bad: correct, or import the others with --skip-bad.\n")
    assert sessions(town) == 0


def test_skipping_bad_lines_stores_the_good_ones_and_still_exits_1(folder: Path, town: Town) -> None:
    told = run(folder, GOOD, BAD, options="--clinic north --skip-bad")
    assert told.exit_code == 1
    assert told.stdout.splitlines() == [
        "A: Lines were skipped: the session is incomplete.",
        "Imported 1 session with 1 line; already there: 0. Skipped: 1 line.",
    ]
    assert sessions(town) == 1


def test_unknown_tasks_are_named(folder: Path, town: Town) -> None:
    told = run(folder, GOOD.replace("rooming", "Faxing"))
    assert told.exit_code == 1
    assert told.stderr == "Not on the clinic's list, tasks: Faxing. Rename them, or add them with --add-tasks.\n"
    assert sessions(town) == 0


@pytest.mark.parametrize(
    "options", ["", "--clinic north --format boris-like", "--clinic north --as", "--clinic north nowhere.csv"]
)
def test_wrong_use_exits_2(folder: Path, options: str) -> None:
    assert run(folder, GOOD, options=options).exit_code == 2


def test_an_unknown_clinic_is_named(folder: Path) -> None:
    told = run(folder, GOOD, options="--clinic nowhere")
    assert str(told.exception.detail if told.exception else "") == "There is no clinic “nowhere”."  # type: ignore[attr-defined]
