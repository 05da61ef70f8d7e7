"""Who writes to the same session or day at once: on PostgreSQL one after the other."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def of_day(clinic: Any, day: Any) -> str:
    """The turn of a clinic's day: whoever folds its log anew must see every item of it. Anything may stand there."""
    return ascii((clinic, day))


def take_turns(session: Session, names: Iterable[str]) -> None:
    """Waits for everybody else who named one of these, until their transaction ends. SQLite has one writer anyway.

    In one order, so that two who name the same do not wait for each other. A session's name is its id.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
