"""Reading sessions, and what the pad needs."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.capture.access import sees_names
from app.capture.items import IMPORTED_BY
from app.capture.models import Event, Fact, ObservationSession, QuarantinedItem, SessionItem, Settled
from app.clinics.consent import observing_consent
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import newest_version, parsed
from app.db import Prepared, connection_of
from app.people.access import Caller
from app.people.models import MANAGING

FORGOTTEN_MS = 3 * 3_600_000  # without a tap for so long: nobody watches any more
LAST_INSTANT_MS = 253_000_000_000_000  # in the year 9987: Python's calendar ends at 9999


@dataclass(frozen=True, slots=True)
class Window:
    """Which sessions of a clinic: local days of their begin, both included; None leaves that side open."""

    first_day: str | None = None
    last_day: str | None = None
    mode: str | None = None
    open: bool | None = None


def settled(item: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether somebody has seen to this item in quarantine (its number)."""
    return select(Settled.quarantine_id).where(Settled.quarantine_id == item).exists()


def _headers() -> Select[Any]:
    events = select(func.count()).where(Event.session_id == ObservationSession.id).scalar_subquery()
    its = QuarantinedItem.session_id == ObservationSession.id
    quarantined = select(func.count()).where(its, ~settled(QuarantinedItem.id)).scalar_subquery()
    return (
        select(
            ObservationSession,
            Clinic.slug,
            TaskListVersion.code,
            TaskListVersion.version,
            events.label("events"),
            quarantined.label("quarantined"),
        )
        .join(Clinic, Clinic.id == ObservationSession.clinic_id)
        .join(TaskListVersion, TaskListVersion.id == ObservationSession.task_list_version_id)
    )


def _as_dict(row: Any, caller: Caller) -> dict[str, Any]:
    """The session of CONTRACT.md."""
    observed: ObservationSession = row.ObservationSession
    named = sees_names(caller, observed)
    return {
        "id": observed.id,
        "clinic": row.slug,
        "mode": observed.mode,
        "subject": observed.subject if named else None,
        "staff_role": observed.staff_role,
        "day_type": observed.day_type,
        "task_list": row.code,
        "version": row.version,
        "observer": observed.person_id if named else None,
        "begin": observed.begin_at,
        "end": observed.end_at,
        "open": observed.open,
        "observed_ms": observed.observed_ms,
        "events": row.events,
        "quarantined": row.quarantined,
        "incomplete": observed.incomplete,
        "consent": version_agreed(observed.consent),
    }


def version_agreed(sent: str | None) -> int | None:
    """The version of the text that the person watched agreed to; it was kept as it was sent, whatever that was."""
    version = json.loads(sent) if sent is not None else None
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def session_header(session: Session, caller: Caller, session_id: str) -> dict[str, Any]:
    """One session, already allowed by `access.session_for`."""
    row = session.execute(_headers().where(ObservationSession.id == session_id)).one()
    return _as_dict(row, caller)


def sessions_of_clinic(
    session: Session, caller: Caller, clinic: Clinic, window: Window, limit: int, after: tuple[int, str] | None
) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
    """A page of sessions, newest begin first, and where the next page starts: (begin, id) of the last one here.

    Observers and assistants see their own; managers and admins every observed one, and of self-timed ones their own.
    """
    mine = ObservationSession.person_id == caller.id
    visible = or_(mine, ObservationSession.mode == "observed") if caller.may(clinic.id, *MANAGING) else mine
    query = _headers().where(ObservationSession.clinic_id == clinic.id, visible)
    if window.first_day is not None:
        query = query.where(ObservationSession.day >= window.first_day)
    if window.last_day is not None:
        query = query.where(ObservationSession.day <= window.last_day)
    if window.mode is not None:
        query = query.where(ObservationSession.mode == window.mode)
    if window.open is not None:
        query = query.where(ObservationSession.open if window.open else ~ObservationSession.open)
    rows, following = _page(session, query, limit, after)
    return [_as_dict(row, caller) for row in rows], following


def my_sessions(
    session: Session, caller: Caller, limit: int, after: tuple[int, str] | None = None
) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
    """A page of the caller's own sessions in all clinics, as `sessions_of_clinic`, with the clinic's name and zone."""
    rows, following = _page(session, _mine(caller), limit, after)
    return _with_clinics(rows, caller), following


def my_open_sessions(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The caller's own that have no end yet, newest first; `end` is when their last tap was."""
    rows, _following = _page(session, _mine(caller).where(ObservationSession.open), 20, None)
    return _with_clinics(rows, caller)


def forgotten(session: Session, caller: Caller, clinic: Clinic, now: int) -> int:
    """How many observed sessions of others in this clinic are open though nothing came for hours. Not whose."""
    silent_since = func.coalesce(ObservationSession.end_at, ObservationSession.at)
    found = select(func.count()).where(
        ObservationSession.clinic_id == clinic.id,
        ObservationSession.mode == "observed",
        ObservationSession.open,
        ObservationSession.person_id != caller.id,
        silent_since < now - FORGOTTEN_MS,
    )
    return session.execute(found).scalar_one()


def _mine(caller: Caller) -> Select[Any]:
    query = _headers().add_columns(Clinic.name.label("clinic_name"), Clinic.timezone)
    return query.where(ObservationSession.person_id == caller.id)


def _with_clinics(rows: Iterable[Any], caller: Caller) -> list[dict[str, Any]]:
    return [{**_as_dict(row, caller), "clinic_name": row.clinic_name, "timezone": row.timezone} for row in rows]


def _page(
    session: Session, query: Select[Any], limit: int, after: tuple[int, str] | None
) -> tuple[Sequence[Any], tuple[int, str] | None]:
    begun = func.coalesce(ObservationSession.begin_at, ObservationSession.at)
    if after is not None:
        query = query.where(or_(begun < after[0], and_(begun == after[0], ObservationSession.id > after[1])))
    rows = session.execute(query.order_by(begun.desc(), ObservationSession.id).limit(limit + 1)).all()
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        last: ObservationSession = page[-1].ObservationSession
        following = (last.at if last.begin_at is None else last.begin_at, last.id)
    return page, following


def with_sessions_elsewhere(session: Session, clinic_id: int, people: Iterable[str]) -> set[str]:
    """Those of these people (ids) who have observed in another clinic than this."""
    found = select(ObservationSession.person_id).where(
        ObservationSession.person_id.in_(list(people)), ObservationSession.clinic_id != clinic_id
    )
    return set(session.execute(found.distinct()).scalars())


@dataclass(frozen=True, slots=True)
class Refused:
    """An item in quarantine that nobody has seen to: its number, what kind of thing it was and when it was tapped, as
    far as it says, and why. `session_id`: the session kept here that it belongs to.
    """

    id: int
    kind: str
    at: int | None
    received_at: int
    code: str
    detail: str
    session_id: str | None


def refused_in(session: Session, session_id: str) -> list[Refused]:
    """What could not be accepted of one session, in order of receipt."""
    return _refused(session, QuarantinedItem.session_id == session_id)


def refused_without_session(session: Session, caller: Caller, clinic: Clinic | None = None) -> list[Refused]:
    """What belongs to no session that is kept here: of the caller's phones, or, for managers, of the clinic."""
    kept = select(ObservationSession.id).where(ObservationSession.id == QuarantinedItem.session_id)
    whose = QuarantinedItem.person_id == caller.id if clinic is None else _whose(caller, clinic)
    return _refused(session, whose, ~kept.exists())


def _refused(session: Session, *conditions: ColumnElement[bool]) -> list[Refused]:
    rows = session.execute(_unsettled(QuarantinedItem, *conditions).order_by(QuarantinedItem.id.desc()).limit(200))
    return [as_refused(item) for item in reversed(rows.scalars().all())]


def _unsettled(what: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(what).where(~settled(QuarantinedItem.id), *conditions)


def refused_of(session: Session, caller: Caller, clinic: Clinic | None = None) -> list[Refused]:
    """All that waits to be seen to: of the caller's own sessions and phones, or, for managers, of the clinic."""
    return _refused(session, _whose(caller, clinic))


def count_refused(session: Session, caller: Caller, clinic: Clinic | None = None) -> int:
    """How many those are."""
    return int(session.execute(_unsettled(func.count(QuarantinedItem.id), _whose(caller, clinic))).scalar_one())


def _whose(caller: Caller, clinic: Clinic | None) -> ColumnElement[bool]:
    its = select(ObservationSession).where(ObservationSession.id == QuarantinedItem.session_id)
    if clinic is None:
        own = its.where(ObservationSession.person_id == caller.id).exists()
        return or_(own, and_(QuarantinedItem.person_id == caller.id, ~its.exists()))
    own_days = its.where(ObservationSession.mode == "self").exists()
    return and_(QuarantinedItem.clinic_id == clinic.id, ~own_days, ~_is_ones_own())


def is_report() -> ColumnElement[bool]:
    return QuarantinedItem.raw.contains('"type":"report"')


def _is_ones_own() -> ColumnElement[bool]:
    """A refused report, or header of a self-timed day: what one person says is shown to nobody else, also refused."""
    return or_(is_report(), QuarantinedItem.raw.contains('"mode":"self"'))


def count_refused_reports(session: Session, clinic: Clinic, since: int) -> int:
    """How many reports of this clinic were kept aside since then (ms)."""
    its = QuarantinedItem.clinic_id == clinic.id, QuarantinedItem.received_at >= since, is_report()
    return session.execute(select(func.count()).where(*its)).scalar_one()


def as_refused(item: QuarantinedItem) -> Refused:
    sent = json.loads(item.raw)
    fields = sent if isinstance(sent, dict) else {}
    kind, at = fields.get("kind", fields.get("type")), fields.get("at")
    # anything may stand in what was refused: an instant is shown only where a calendar can hold it
    plausible = isinstance(at, int) and not isinstance(at, bool) and 0 <= at < LAST_INSTANT_MS
    return Refused(
        item.id,
        kind if isinstance(kind, str) and kind.isascii() else "",
        at if plausible else None,
        item.received_at,
        item.code,
        item.detail,
        item.session_id,
    )


EPOCH = Prepared(select(Fact.value).where(Fact.name == "db_epoch"))


def db_epoch(session: Session) -> str:
    """Names this very database; another one after a restore. Looked up once in a transaction of many batches."""
    if "db_epoch" not in session.info:
        ((session.info["db_epoch"],),) = EPOCH.rows(connection_of(session))
    return str(session.info["db_epoch"])


def pad(session: Session, clinic: Clinic, version: TaskListVersion | None = None) -> dict[str, Any]:
    """All that a phone needs to work offline (CONTRACT.md, The pad): with the newest list, or with an older version."""
    version = version or newest_version(session, clinic)
    task_list = parsed(version.body).model_dump(mode="json")
    subjects = session.execute(
        select(ObservationSession.subject)
        .join(SessionItem, SessionItem.id == ObservationSession.id)
        .where(
            ~SessionItem.device.startswith(IMPORTED_BY),  # other studies' words for people are nobody's codes here
            ObservationSession.clinic_id == clinic.id,
            ObservationSession.subject.is_not(None),
            ObservationSession.mode == "observed",
        )
        .distinct()
        .order_by(ObservationSession.subject)
        .limit(200)
    )
    return {
        "clinic": clinic.slug,
        "timezone": clinic.timezone,
        "task_list": version.code,
        "version": version.version,
        **{name: task_list[name] for name in ("tasks", "categories", "triggers", "counters", "dimensions")},
        "subjects": list(subjects.scalars()),
        "stealers": task_list["stealers"],
        "consent": asdict(observing_consent(session, clinic)),
    }


def etag(body: dict[str, Any]) -> str:
    return f'"{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]}"'
