"""Reading the audit, one clinic's part of it at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.audit.models import OF_THE_SERVER, Action, Entry


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows: of one action, and between two instants (ms, the second excluded); None leaves that open."""

    action: Action | None = None
    begin: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it is shown. `person_id`: who did it; None where nobody is named in `about` but a command did it."""

    id: int
    at: int
    action: str
    person_id: str | None
    about: dict[str, Any]


def entries(
    session: Session,
    clinic_id: int,
    belonging: Select[str, int],
    window: Window,
    limit: int,
    before: int | None = None,
) -> tuple[list[Told], int | None]:
    """A page of a clinic's rows, newest first, and the `before` of the next page, or None.

    Its own rows, what was done to the whole database, and what the people in `belonging` (person_id, since) did that
    concerns no clinic, from then on: what they did before they came concerns others. Three queries, because one with
    OR walks over every other clinic's rows.
    """
    members = belonging.subquery()
    theirs = (
        select(Entry)
        .join(members, members.c.person_id == Entry.person_id)
        .where(Entry.clinic_id.is_(None), Entry.at >= members.c.since)
    )
    found: list[Entry] = []
    own = select(Entry).where(Entry.clinic_id == clinic_id)
    of_nobody = select(Entry).where(Entry.clinic_id.is_(None), Entry.person_id.is_(None))
    for query in (own, theirs, of_nobody.where(Entry.action.in_(OF_THE_SERVER))):
        found += _newest(session, query, window, limit + 1, before)
    page = sorted(found, key=lambda row: row.id, reverse=True)[: limit + 1]
    following = page[limit - 1].id if len(page) > limit else None
    return [_told(row) for row in page[:limit]], following


def _newest(session: Session, query: Select[Entry], window: Window, limit: int, before: int | None) -> Sequence[Entry]:
    if window.action is not None:
        query = query.where(Entry.action == window.action.value)
    if window.begin is not None:
        query = query.where(Entry.at >= window.begin)
    if window.end is not None:
        query = query.where(Entry.at < window.end)
    if before is not None:
        query = query.where(Entry.id < before)
    return session.execute(query.order_by(Entry.id.desc()).limit(limit)).scalars().all()


def _told(row: Entry) -> Told:
    return Told(row.id, row.at, row.action, row.person_id, json.loads(row.about) if row.about else {})
