"""Rate limits with their counters in the database, so that several processes count together.

`limits` keeps the rule, this file only gives it a place to count in.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Self

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.db import INSERT, Database
from app.errors import AppError
from app.i18n import _
from app.people.models import Attempt

# wrong passwords for one account, and from one address (a clinic's people may share one)
PER_ACCOUNT, PER_ADDRESS = parse("10 per 15 minutes"), parse("60 per 15 minutes")


Transaction = Callable[[], AbstractContextManager[Session]]


class DatabaseStorage(Storage):
    """Counts in transactions that `reading` and `writing` open; `within` those of somebody who is writing anyway."""

    STORAGE_SCHEME = None

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        super().__init__()
        self.reading, self.writing = reading, writing

    @classmethod
    def of(cls, database: Database) -> Self:
        return cls(database.read, database.write)

    @classmethod
    def within(cls, session: Session) -> Self:
        return cls(lambda: nullcontext(session), lambda: nullcontext(session))

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = int(time.time())
        with self.writing() as session:
            insert = INSERT[session.get_bind().dialect.name]
            row = insert(Attempt).values(key=key, count=amount, expires_at=now + expiry)
            counted = row.on_conflict_do_update(index_elements=["key"], set_={"count": Attempt.count + amount})
            session.execute(delete(Attempt).where(Attempt.expires_at <= now))
            count: int = session.execute(counted.returning(Attempt.count)).scalar_one()
        return count

    def get(self, key: str) -> int:
        with self.reading() as session:
            live = select(Attempt.count).where(Attempt.key == key, Attempt.expires_at > int(time.time()))
            return session.execute(live).scalar() or 0

    def get_expiry(self, key: str) -> float:
        with self.reading() as session:
            expiry = session.execute(select(Attempt.expires_at).where(Attempt.key == key)).scalar()
        return expiry if expiry is not None else time.time()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        return None

    def clear(self, key: str) -> None:
        with self.writing() as session:
            session.execute(delete(Attempt).where(Attempt.key == key))


def count_attempt(database: Database, *counted: tuple[RateLimitItem, str]) -> None:
    """Counts for each of these (limit, whom), or for none and raises a 429 with Retry-After when one is used up.

    To be called before the password is looked at: to look first and count later would let a burst of requests all
    find room. What turns out right is taken back.
    """
    limiter = FixedWindowRateLimiter(DatabaseStorage.of(database))
    for n, (limit, whom) in enumerate(counted, 1):
        if not limiter.hit(limit, whom):
            take_back(database, *counted[:n])
            wait = _until_reset(limiter, limit, whom)
            raise AppError(
                429,
                "too_many_attempts",
                _("Too many attempts. Try again in {minutes} minutes.").format(minutes=(wait + 59) // 60),
                headers={"Retry-After": str(wait)},
            )


def _until_reset(limiter: FixedWindowRateLimiter, limit: RateLimitItem, whom: str) -> int:
    return max(1, int(limiter.get_window_stats(limit, whom).reset_time - time.time()) + 1)


def seconds_to_wait(session: Session, whom: str, n: int, *limits: RateLimitItem) -> int:
    """Counts `n` for each limit in the caller's own transaction; 0, or how long to wait where one is used up.

    For what comes so often that a transaction of its own would cost as much as the thing itself.
    """
    limiter = FixedWindowRateLimiter(DatabaseStorage.within(session))
    full = [limit for limit in limits if not limiter.hit(limit, whom, cost=n)]
    return max((_until_reset(limiter, limit, whom) for limit in full), default=0)


def take_back(database: Database, *counted: tuple[RateLimitItem, str]) -> None:
    """Undoes `count_attempt`. A transaction each: two rows held at once could be waited for crosswise."""
    for limit, whom in counted:
        same = Attempt.key == limit.key_for(whom)
        with database.write() as session:
            session.execute(update(Attempt).where(same, Attempt.count > 0).values(count=Attempt.count - 1))
