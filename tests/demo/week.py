"""Weeks of the demo clinic for tests of what is made of it."""

from datetime import date

from app.db import Database
from app.demo.writing import Made, fill, found
from app.people.accounts import give_role
from app.people.models import Person, Role
from app.slices.freshen import freshen
from tests.people import Member

LAST = date(2026, 11, 21)
NOW = 1_795_400_000_000


def simulate_weeks(database: Database, manager: Member, weeks: int) -> None:
    """So many weeks up to LAST. `manager`: who answers for the demo clinic too."""
    made = Made(1, weeks, LAST.isoformat())
    with database.write() as session:
        clinic = found(session, "demo", made, NOW)
        give_role(session, session.get_one(Person, manager.id), clinic.id, Role.MANAGER, NOW)
    fill(database, clinic, made, NOW, lambda done, total: None)
    freshen(database, clinic.id)
