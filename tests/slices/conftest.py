from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database
from app.migrate import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    migrate(database)
    yield database
    database.close()
