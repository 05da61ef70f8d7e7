"""The SELECTs stay searches on (clinic, mode, day): the years before the window must cost nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.db import Database
from app.slices.refresh import stale
from app.summary.summary import summary
from app.summary.window import Filters, Window
from tests.summary.clinic import worked_clinic

WEEK = Window(date(2026, 11, 2), date(2026, 11, 8))


pytestmark = pytest.mark.on("sqlite", why="PostgreSQL rightly scans tables as small as these")


def plans(session: Session, act: Callable[[], object], concerning: str) -> list[list[str]]:
    """SQLite's plan of each SELECT that `act` sends and that names `concerning`."""
    asked: list[tuple[str, Any]] = []
    session.flush()
    connection = session.connection()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    act()
    event.remove(connection, "before_cursor_execute", note)
    return [
        [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        for statement, values in asked
        if concerning in statement
    ]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"day_type": "high"},
        {"staff_role": "MA"},
        {"task_list": "small"},
        {"uncertain": "left_out", "settling": "left_out"},
    ],
)
def test_the_slices_are_searched_by_clinic_mode_and_day(database: Database, filters: dict[str, Any]) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        found = plans(session, lambda: summary(session, north, WEEK, Filters(**filters)), "slices.clinic_id")
    assert len(found) == 9
    for plan in found:
        assert any("(clinic_id=? AND mode=? AND day" in step for step in plan), plan
        assert not any(step.startswith("SCAN") for step in plan), plan


def test_looking_for_stale_sessions_reads_the_index_of_stale_ones(database: Database) -> None:
    with database.write() as session:
        north = worked_clinic(session)
        clinics = (north.id, None)
        found = plans(session, lambda: [stale(session, id) for id in clinics], "sliced_revision")
    assert len(found) == 2
    for plan in found:
        assert "ix_sessions_stale" in plan[0], plan
