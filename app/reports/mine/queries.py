"""All that somebody has said with an account, in every clinic. What was said at a poster is nobody's, so not found."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.capture.models import ObservationSession, Report
from app.clinics.models import Clinic
from app.people.access import Caller
from app.reports.day_log.models import OwnCode
from app.reports.pulse.models import Pulse
from app.reports.pulse.say import ANSWERS
from app.reports.top_three.models import Picks


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said. `kind`: report, three or pulse; `what` holds its fields as they are kept."""

    kind: str
    id: str
    clinic: str
    day: str
    what: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mine:
    """`codes` by clinic; `sessions` are those that this account recorded, by mode, which have pages of their own."""

    clinics: dict[str, str]  # name by short name, of all that are mentioned
    said: list[Said]
    codes: dict[str, str]
    sessions: dict[str, int]


def mine(session: Session, caller: Caller) -> Mine:
    """Also in clinics that the person has left."""
    slugs = {row.id: row for row in session.execute(select(Clinic.id, Clinic.slug, Clinic.name))}
    said = [
        Said(kind, row.id, slugs[row.clinic_id].slug, row.day, {name: getattr(row, name) for name in names})
        for kind, model, names in KEPT
        for row in session.execute(select(model).where(model.person_id == caller.id)).scalars()
    ]
    codes = session.execute(select(OwnCode.clinic_id, OwnCode.code).where(OwnCode.person_id == caller.id))
    by_mode = (
        select(ObservationSession.mode, func.count().label("n"))
        .where(ObservationSession.person_id == caller.id)
        .group_by(ObservationSession.mode)
    )
    found = {slugs[row.clinic_id].slug: row.code for row in codes}
    mentioned = {*found, *(one.clinic for one in said)}
    return Mine(
        {row.slug: row.name for row in slugs.values() if row.slug in mentioned},
        sorted(said, key=lambda one: (one.day, one.kind, one.id), reverse=True),
        found,
        {row.mode: row.n for row in session.execute(by_mode)},
    )


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
