"""Passwords, links, logins and limits: what lets somebody in, and what no longer does."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.db import Database
from app.errors import AppError, BadRequest, NotFound
from app.people import accounts, attempts
from app.people.access import DAY_MS, HOUR_MS, find_caller
from app.people.models import Link, Login, Person
from app.people.passwords import check_password, hash_password, is_outdated, verify_password

NOW = 1_793_600_000_000
GOOD = "seven quiet lamps"


@pytest.fixture
def ana(database: Database) -> Person:
    with database.write() as session:
        person = accounts.add_person(session, email="Ana@North.example ", name="Ana", at=NOW)
        accounts.set_password(session, person, GOOD)
    return person


@pytest.mark.parametrize(
    "password",
    ["short", "password1234", "aaaaaaaaaaaaaaaa", "qwertyqwerty12", "timesinktimesink", "ananorthana1", "x" * 1025],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(BadRequest, match=r"\w+ \w+ \w+"):
        check_password(password, "Ana", "ananorth")


def test_a_long_plain_password_is_taken_and_hashed_with_argon2id() -> None:
    check_password(GOOD, "Ana")
    stored = hash_password(GOOD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(stored, GOOD)
    assert not verify_password(stored, GOOD + "!")
    assert not verify_password(None, GOOD)
    assert not verify_password("not a hash", GOOD)
    assert not is_outdated(stored)


def test_the_address_is_one_account_however_it_is_written(database: Database, ana: Person) -> None:
    with database.write() as session:
        assert accounts.add_person(session, email="ANA@north.example", name="Another", at=NOW).id == ana.id
        assert accounts.authenticate(session, " Ana@NORTH.example", GOOD) is not None
        assert accounts.authenticate(session, "ana@north.example", "wrong wrong wrong") is None
        assert accounts.authenticate(session, "nobody@north.example", GOOD) is None


def test_a_disabled_account_is_let_in_nowhere(database: Database, ana: Person) -> None:
    with database.write() as session:
        secret = accounts.sign_in(session, ana, NOW, 30)
        session.get_one(Person, ana.id).disabled_at = NOW
    with database.write() as session:
        assert accounts.authenticate(session, ana.email, GOOD) is None
        assert find_caller(session, "browser", secret, NOW + 1, DAY_MS) is None


def test_a_login_ends_when_idle_when_old_and_when_signed_out(database: Database, ana: Person) -> None:
    with database.write() as session:
        secret = accounts.sign_in(session, ana, NOW, 30)
        assert find_caller(session, "browser", secret, NOW + DAY_MS - 1, DAY_MS) is not None
        assert find_caller(session, "browser", secret, NOW + DAY_MS + 1, DAY_MS) is None
        assert find_caller(session, "browser", secret, NOW + 30 * DAY_MS, 99 * DAY_MS) is None
        assert find_caller(session, "token", secret, NOW + 1, DAY_MS) is None
        assert find_caller(session, "browser", "guess", NOW + 1, DAY_MS) is None
        accounts.sign_out(session, secret)
        assert find_caller(session, "browser", secret, NOW + 1, DAY_MS) is None


def test_a_token_does_not_idle_out_but_expires(database: Database, ana: Person) -> None:
    with database.write() as session:
        secret = accounts.make_token(session, ana, NOW, 30)
        assert find_caller(session, "token", secret, NOW + 29 * DAY_MS, DAY_MS) is not None
        assert find_caller(session, "token", secret, NOW + 30 * DAY_MS, DAY_MS) is None


def test_no_secret_is_stored(database: Database, ana: Person) -> None:
    with database.write() as session:
        secrets = [
            accounts.sign_in(session, ana, NOW, 30),
            accounts.make_token(session, ana, NOW, 30),
            accounts.make_link(session, ana, NOW, 72),
        ]
    with database.read() as session:
        stored = [*session.scalars(select(Login.secret_hash)), *session.scalars(select(Link.secret_hash))]
    assert len(stored) == 3
    assert not set(stored) & set(secrets)


def test_a_new_password_ends_every_browser_but_no_token(database: Database, ana: Person) -> None:
    with database.write() as session:
        browser, token = accounts.sign_in(session, ana, NOW, 30), accounts.make_token(session, ana, NOW, 30)
        accounts.set_password(session, session.get_one(Person, ana.id), "eight loud trumpets")
        assert find_caller(session, "browser", browser, NOW + 1, DAY_MS) is None
        assert find_caller(session, "token", token, NOW + 1, DAY_MS) is not None
        accounts.sign_out_everywhere(session, ana.id)
        assert find_caller(session, "token", token, NOW + 1, DAY_MS) is None


def test_a_link_works_once_and_not_after_its_time(database: Database, ana: Person) -> None:
    with database.write() as session:
        secret = accounts.make_link(session, ana, NOW, 72)
        with pytest.raises(NotFound):
            accounts.open_link(session, "setup", secret, NOW + 1)
        with pytest.raises(NotFound):
            accounts.open_link(session, "invitation", secret, NOW + 72 * HOUR_MS)
        link = accounts.open_link(session, "invitation", secret, NOW + 1)
        assert accounts.use_link(session, link, NOW + 1)
        assert not accounts.use_link(session, link, NOW + 2)
        with pytest.raises(NotFound):
            accounts.open_link(session, "invitation", secret, NOW + 2)


def test_a_newer_link_takes_the_place_of_the_older_one(database: Database, ana: Person) -> None:
    with database.write() as session:
        old, new = accounts.make_link(session, ana, NOW, 72), accounts.make_link(session, ana, NOW, 72)
        with pytest.raises(NotFound):
            accounts.open_link(session, "invitation", old, NOW + 1)
        assert accounts.open_link(session, "invitation", new, NOW + 1).person_id == ana.id


def test_too_many_wrong_passwords_are_refused_for_a_while_and_only_for_that_account(database: Database) -> None:
    mine, other = (attempts.PER_ACCOUNT, "ana"), (attempts.PER_ACCOUNT, "otto")
    for _attempt in range(attempts.PER_ACCOUNT.amount):
        attempts.count_attempt(database, mine)
    with pytest.raises(AppError) as refused:
        attempts.count_attempt(database, other, mine)
    assert refused.value.status == 429
    assert 0 < int((refused.value.headers or {})["Retry-After"]) <= 901
    for _attempt in range(attempts.PER_ACCOUNT.amount):  # the refused one did not count for the other either
        attempts.count_attempt(database, other)


def test_a_burst_of_attempts_gets_no_more_than_the_limit_and_what_is_taken_back_leaves_room(
    database: Database,
) -> None:
    mine = (attempts.PER_ACCOUNT, "ana")

    def is_let_through(_nth: int) -> bool:
        try:
            attempts.count_attempt(database, mine)
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(30) as burst:
        assert sum(burst.map(is_let_through, range(30))) == 10
    attempts.take_back(database, mine)
    assert [is_let_through(n) for n in range(2)] == [True, False]
