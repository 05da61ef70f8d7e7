"""Fixtures that everything shares: a fresh migrated database on SQLite or PostgreSQL, the app on it, its people.

TIMESINK_TEST_DATABASE says on which kind: `sqlite` (as long as nothing is said), `postgresql`, or `both` as in
`make test`. A test that holds a database then runs once on each, beside each other in one session; any other runs once.
What can only be true of one kind, or what no database can make a difference to, says so with
`@pytest.mark.on("sqlite", why="...")`; the nearest such mark counts, so a test can take back its file's.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.clinics.models import Clinic
from app.config import Settings
from app.db import Database
from app.main import create_app, furnish
from app.migrate import migrate
from tests import postgresql
from tests.browser.launching import browser, launching, playwright
from tests.demo.week import simulate_weeks
from tests.people import Member, Town, settle

KINDS = ("sqlite", "postgresql")
ASKED = os.environ.get("TIMESINK_TEST_DATABASE") or "sqlite"
MEMORY, ENOUGH = Path("/dev/shm"), 2 << 30
BASE_URL = "http://testserver"
__all__ = ["browser", "launching", "playwright"]  # fixtures of the browser tests, and of tests/faults


def pytest_configure() -> None:
    """What tests write, they write into memory where there is enough: a thousand databases make a slow disk wait."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH:
        tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY)  # also that of the browsers and servers we start


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """A quarter of the time goes into waiting for browsers, servers and timers: one process more than cores."""
    return (os.cpu_count() or 1) + 1


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" not in metafunc.fixturenames:
        return
    asked = KINDS if ASKED == "both" else (ASKED,)
    mark = metafunc.definition.get_closest_marker("on")
    kinds: list[Any] = [kind for kind in asked if mark is None or kind in mark.args]
    if not kinds and mark:
        kinds = [pytest.param(asked[0], marks=pytest.mark.skip(f"on {mark.args[0]} alone: {mark.kwargs['why']}"))]
    metafunc.parametrize("kind", kinds, indirect=True)


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "kind" not in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.pure)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Of the database that this test is given: `sqlite` or `postgresql`."""
    assert request.param in KINDS, f"TIMESINK_TEST_DATABASE is {ASKED}: say sqlite, postgresql or both"
    found: str = request.param
    return found


@pytest.fixture(scope="session")
def _cluster() -> Iterator[postgresql.Cluster]:
    with postgresql.cluster() as running:
        yield running


@dataclass(frozen=True)
class Templates:
    """Two databases to be copied for every test, by path or name: migrated and empty, and with `tests.people` in it."""

    empty: Path | str
    settled: Path | str
    people: dict[str, Member]


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


def _settled(url: str) -> dict[str, Member]:
    database = Database(url)
    people = settle(database).people
    database.close()
    return people


def _simulated(url: str, people: dict[str, Member]) -> None:
    database = Database(url)
    simulate_weeks(database, people["mia"], 1)
    database.close()


@pytest.fixture(scope="session")
def _sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    empty, settled = (tmp_path_factory.mktemp("template") / f"{name}.db" for name in ("empty", "settled"))
    _migrated(f"sqlite:///{empty}")
    shutil.copy(empty, settled)
    return Templates(empty, settled, _settled(f"sqlite:///{settled}"))


@pytest.fixture(scope="session")
def _postgresql_templates(_cluster: postgresql.Cluster) -> Templates:
    _migrated(_cluster.create("template_empty"))
    return Templates(
        "template_empty", "template_settled", _settled(_cluster.create("template_settled", template="template_empty"))
    )


@pytest.fixture(scope="session")
def _sqlite_demo(_sqlite_templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "demo.db"
    shutil.copy(_sqlite_templates.settled, path)
    _simulated(f"sqlite:///{path}", _sqlite_templates.people)
    return path


@pytest.fixture(scope="session")
def _postgresql_demo(_postgresql_templates: Templates, _cluster: postgresql.Cluster) -> str:
    url = _cluster.create("template_demo", template=str(_postgresql_templates.settled))
    _simulated(url, _postgresql_templates.people)
    return "template_demo"


@pytest.fixture
def templates(kind: str, request: pytest.FixtureRequest) -> Templates:
    found: Templates = request.getfixturevalue(f"_{kind}_templates")
    return found


@pytest.fixture
def database_url(kind: str, templates: Templates, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database; in it the town or the demo clinic for tests that ask for that."""
    template = templates.settled if "town" in request.fixturenames else templates.empty
    if "demo_clinic" in request.fixturenames:
        template = request.getfixturevalue(f"_{kind}_demo")
    if kind == "postgresql":
        cluster: postgresql.Cluster = request.getfixturevalue("_cluster")
        url = cluster.create(f"test_{os.urandom(6).hex()}", template=str(template))
        yield url
        cluster.drop(url)
    else:
        path = tmp_path / "timesink.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    held = Database(database_url)
    yield held
    held.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, base_url=BASE_URL)


@pytest.fixture(scope="session")
def _app() -> FastAPI:
    """One for all tests that call it in turn: FastAPI makes its two hundred routes anew at each app's first request."""
    return create_app(Settings(database_url="sqlite:////nowhere/timesink.db", base_url=BASE_URL))


@pytest.fixture
def client(_app: FastAPI, settings: Settings) -> Iterator[TestClient]:
    """The app as a stranger sees it, with its writer and slicer running."""
    furnish(_app, settings)
    with TestClient(_app, base_url=BASE_URL, follow_redirects=False) as running:
        yield running


@pytest.fixture
def town(database: Database, templates: Templates) -> Town:
    return Town.found(database, templates.people)


@pytest.fixture
def demo_clinic(town: Town) -> Clinic:
    """A week of the simulated clinic, of which Mia is a manager too."""
    with town.database.read() as session:
        return session.execute(select(Clinic).where(Clinic.slug == "demo")).scalar_one()
