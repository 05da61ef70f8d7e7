"""All that somebody has said with an account, in every clinic. What was said at a poster is nobody's, so not found."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.capture.intake import local_day
from app.capture.models import ObservationSession, QuarantinedItem, Report
from app.capture.queries import is_report, version_agreed
from app.clinics.models import Clinic
from app.people.access import Caller
from app.reports.day_log.models import OwnCode
from app.reports.pulse.models import Pulse
from app.reports.pulse.say import ANSWERS
from app.reports.top_three.models import Picks


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said. `kind`: report, refused (a report that could not be taken), three or pulse; `what` holds its
    fields as they are kept."""

    kind: str
    id: str
    clinic: str
    day: str
    what: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WatchedSession:
    """A session that was observed under the own code: when (ms), and to which version of the text was agreed.

    Not what was seen in it: anybody might have said that the code is theirs.
    """

    clinic: str
    day: str
    begin: int | None
    end: int | None
    consent: int | None


@dataclass(frozen=True, slots=True)
class Mine:
    """`codes` by clinic; `sessions` are those that this account recorded, by mode, which have pages of their own."""

    clinics: dict[str, str]  # name by short name, of all that are mentioned
    said: list[Said]
    codes: dict[str, str]
    sessions: dict[str, int]
    watched: list[WatchedSession]


def mine(session: Session, caller: Caller) -> Mine:
    """Also in clinics that the person has left."""
    slugs = {row.id: row for row in session.execute(select(Clinic)).scalars()}
    said = [
        Said(kind, row.id, slugs[row.clinic_id].slug, row.day, {name: getattr(row, name) for name in names})
        for kind, model, names in KEPT
        for row in session.execute(select(model).where(model.person_id == caller.id)).scalars()
    ]
    said += _refused(session, slugs, caller)
    own = select(OwnCode.clinic_id, OwnCode.code).where(OwnCode.person_id == caller.id)
    codes = [(row.clinic_id, row.code) for row in session.execute(own)]
    by_mode = (
        select(ObservationSession.mode, func.count().label("n"))
        .where(ObservationSession.person_id == caller.id)
        .group_by(ObservationSession.mode)
    )
    found = {slugs[clinic_id].slug: code for clinic_id, code in codes}
    mentioned = {*found, *(one.clinic for one in said)}
    return Mine(
        {row.slug: row.name for row in slugs.values() if row.slug in mentioned},
        sorted(said, key=lambda one: (one.day, one.kind, one.id), reverse=True),
        found,
        {row.mode: row.n for row in session.execute(by_mode)},
        [one for clinic_id, code in codes for one in _watched(session, slugs[clinic_id], code)],
    )


def _refused(session: Session, clinics: Mapping[int, Clinic], caller: Caller) -> Iterator[Said]:
    rows = session.execute(select(QuarantinedItem).where(QuarantinedItem.person_id == caller.id, is_report()))
    for row in rows.scalars():
        clinic = clinics.get(row.clinic_id or 0)
        fields = json.loads(row.raw)
        what = {name: fields.get(name) for name in ("stealer", "minutes", "trigger", "expected", "withdrawn")}
        day = local_day(row.received_at, clinic.timezone if clinic else "UTC")
        yield Said("refused", row.item_id, clinic.slug if clinic else "", day, {**what, "why": row.detail})


def _watched(session: Session, clinic: Clinic, code: str) -> list[WatchedSession]:
    its = ObservationSession.clinic_id == clinic.id, ObservationSession.mode == "observed"
    subjects = session.execute(select(ObservationSession.subject).where(*its).distinct()).scalars()
    spelled = [one for one in subjects if one is not None and one.strip().casefold() == code]
    rows = session.execute(
        select(ObservationSession)
        .where(*its, ObservationSession.subject.in_(spelled))
        .order_by(ObservationSession.day.desc(), ObservationSession.id.desc())
    ).scalars()
    return [WatchedSession(clinic.slug, one.day, one.begin_at, one.end_at, version_agreed(one.consent)) for one in rows]


KEPT: Sequence[tuple[str, type[Any], tuple[str, ...]]] = (
    ("report", Report, ("stealer", "minutes", "trigger", "expected", "withdrawn")),
    ("three", Picks, ("week", "first", "second", "third")),
    ("pulse", Pulse, tuple(ANSWERS)),
)
MODELS = {kind: model for kind, model, _names in KEPT}


def as_json(caller: Caller, found: Mine) -> str:
    """To take along, complete."""
    told = {"name": caller.name, "email": caller.email, **asdict(found)}
    return json.dumps(told, indent=1, ensure_ascii=False)
