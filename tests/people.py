"""Five named people for every test: who works here, in which role, and one stranger.

Clinic north: Ana (admin), Mia (manager), Otto and Olga (observers), Ada (assistant). Clinic south: Stella (admin).
"""

from dataclasses import dataclass

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.clinics.models import Clinic
from app.clinics.publish import create_clinic
from app.db import Database, now_ms
from app.people.accounts import add_person, give_role, make_token, sign_in
from app.people.models import Role

AT = 1_793_600_000_000  # 2026-11-02 in Chicago: when the clinics were set up
NORTH = (
    ("ana", Role.ADMIN),
    ("mia", Role.MANAGER),
    ("otto", Role.OBSERVER),
    ("olga", Role.OBSERVER),
    ("ada", Role.ASSISTANT),
)


@dataclass(frozen=True)
class Member:
    """A person with a browser login and an API token, and a client that calls as either."""

    id: str
    email: str
    cookie: str
    token: str

    def browser(self, client: TestClient) -> TestClient:
        """The same app, called by this person's browser on the secure kind of address."""
        called = TestClient(
            client.app,
            cookies={"timesink": self.cookie},
            headers={"Sec-Fetch-Site": "same-origin"},
            follow_redirects=False,
        )
        called.portal = client.portal  # as on a server: one event loop for all who call
        return called

    def program(self, client: TestClient) -> TestClient:
        called = TestClient(client.app, headers={"Authorization": f"Bearer {self.token}"}, follow_redirects=False)
        called.portal = client.portal
        return called


@dataclass(frozen=True)
class Town:
    """Two clinics and their people."""

    database: Database
    north: Clinic
    south: Clinic
    people: dict[str, Member]

    @classmethod
    def found(cls, database: Database, people: dict[str, Member]) -> "Town":
        """The one that is in the database already."""
        with database.read() as session:
            north, south = session.execute(
                select(Clinic).where(Clinic.slug.in_(("north", "south"))).order_by(Clinic.id)
            ).scalars()
            session.expunge_all()
        return cls(database, north, south, people)

    def __getitem__(self, name: str) -> Member:
        return self.people[name]


def settle(database: Database) -> Town:
    """Makes the two clinics with their people in an empty database."""
    people: dict[str, Member] = {}
    with database.write() as session:
        north = create_clinic(session, slug="north", name="North Clinic", timezone="America/Chicago", at=AT)
        south = create_clinic(session, slug="south", name="South Clinic", timezone="America/New_York", at=AT)
        for clinic, name, role in (*((north, *member) for member in NORTH), (south, "stella", Role.ADMIN)):
            email = f"{name}@{clinic.slug}.example"
            person = add_person(session, email=email, name=name.title(), at=AT)
            give_role(session, person, clinic.id, role, AT)
            people[name] = Member(
                person.id, email, sign_in(session, person, now_ms(), 30), make_token(session, person, now_ms(), 30)
            )
    return Town(database, north, south, people)
