"""The audit is a record that nobody can change afterwards, not even with the database in hand."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.audit.models import Action, Entry
from app.audit.record import LONGEST_VALUE, record
from app.db import Database
from tests.people import Town

AT = 1_793_600_000_000


def write_one(town: Town, **about: object) -> None:
    with town.database.write() as session:
        record(session, at=AT, action=Action.SET_UP, person_id=town["ana"].id, clinic_id=town.north.id, about=about)


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.read() as session:
        return [tuple(row) for row in session.execute(text("SELECT * FROM audit ORDER BY id"))]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'denied'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit (id, at, action) SELECT id, 0, 'denied' FROM audit",
        "TRUNCATE audit",
    ],
)
def test_the_database_itself_refuses_to_change_a_row(town: Town, statement: str) -> None:
    only_on = {"INSERT OR": "sqlite", "TRUNCATE ": "postgresql"}.get(statement[:9], town.database.dialect)
    if only_on != town.database.dialect:
        pytest.skip(f"{only_on} alone knows this statement")
    write_one(town, clinic="north")
    before = rows(town.database)
    with pytest.raises(DatabaseError, match="append-only"), town.database.transaction() as connection:
        connection.execute(text(statement))
    assert rows(town.database) == before != []


def test_a_row_is_part_of_what_it_tells_of(town: Town) -> None:
    """Rolled back with it: the audit never tells of something that did not happen."""
    before = rows(town.database)
    with pytest.raises(LookupError), town.database.write() as session:  # noqa: PT012
        record(session, at=AT, action=Action.ERASED, person_id=None, clinic_id=town.north.id)
        raise LookupError
    assert rows(town.database) == before


def test_what_it_is_about_is_kept_short_and_whole(town: Town) -> None:
    write_one(town, file="\0" + "ñ" * 5000, lines=3, nothing=None)
    with town.database.read() as session:
        told = json.loads(session.query(Entry).order_by(Entry.id.desc()).first().about or "")  # type: ignore[union-attr]
    assert told == {"file": ("\0" + "ñ" * 5000)[:LONGEST_VALUE], "lines": 3}


def test_an_action_that_is_none_is_a_fault_of_ours(town: Town) -> None:
    with pytest.raises(ValueError, match="danced"), town.database.write() as session:
        record(session, at=AT, action="danced", person_id=None, clinic_id=None)
