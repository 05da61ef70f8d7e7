"""Fixtures that everything shares: a fresh migrated database on SQLite or PostgreSQL, the app on it, its people."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.db import Database
from app.main import create_app
from app.migrate import migrate
from tests import postgresql
from tests.people import Town, settle

ON_POSTGRESQL = os.environ.get("TIMESINK_TEST_DATABASE") == "postgresql"
BASE_URL = "http://testserver"


@pytest.fixture(scope="session")
def _cluster() -> Iterator[postgresql.Cluster]:
    with postgresql.cluster() as running:
        yield running


@pytest.fixture(scope="session")
def _template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database that went through all migrations, to be copied for every test: path or name."""
    if ON_POSTGRESQL:
        cluster: postgresql.Cluster = request.getfixturevalue("_cluster")
        url = cluster.create("template_timesink")
        name = "template_timesink"
    else:
        name = str(tmp_path_factory.mktemp("template") / "timesink.db")
        url = f"sqlite:///{name}"
    database = Database(url)
    migrate(database)
    database.close()
    return name


@pytest.fixture
def database_url(_template: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty database."""
    if ON_POSTGRESQL:
        cluster: postgresql.Cluster = request.getfixturevalue("_cluster")
        url = cluster.create(f"test_{os.urandom(6).hex()}", template=_template)
        yield url
        cluster.drop(url)
    else:
        path = tmp_path / "timesink.db"
        shutil.copy(_template, path)
        yield f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    held = Database(database_url)
    yield held
    held.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, base_url=BASE_URL)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """The app as a stranger sees it, with its writer and slicer running."""
    with TestClient(create_app(settings), base_url=BASE_URL, follow_redirects=False) as running:
        yield running


@pytest.fixture
def town(database: Database) -> Town:
    return settle(database)
