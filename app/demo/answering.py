"""What the simulated manager answers to what was reported: the board's story, from reported to decided and declined."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import insert_unless_there
from app.demo import parameters as p
from app.demo.ids import Ids
from app.i18n import _
from app.reports.problems.models import Answer, Change, Problem
from app.reports.problems.queries import seen_since

LAST_DAY = "9998-01-01"  # for what was never reported often enough

# by stealer: (days after it could be seen on the board, hour, said) of each answer; what is reported else waits
ANSWERED = {
    "searching": ((1, 12, "acknowledged"), (3, 16, "decided")),
    "phone": ((1, 17, "acknowledged"),),
    "forms": ((2, 8, "declined"),),
}


def answer_reports(session: Session, clinic: Clinic, *, seed: int, last: date, manager: str) -> None:
    """Adds the answers that are not there yet, none after the `last` day. Every id follows from the seed and the
    clinic's name, every time from what was reported."""
    ids = Ids(Random(f"{clinic.slug}/{seed}/board"))
    texts = {
        "decided": _("From Monday on one of us fetches supplies for everybody, in turn."),
        "declined": _("The insurers ask for these forms, so the work stays. We accept it openly and plan for it."),
    }
    problems = {stealer: _problem(session, clinic, stealer, ids) for stealer in ANSWERED}
    seen = seen_since(session, clinic, _at(last + timedelta(days=1), 0))
    for stealer, answers in ANSWERED.items():
        problem_id = problems[stealer]
        for days, hour, said in answers:
            on = date.fromisoformat(seen.get(problem_id, LAST_DAY)) + timedelta(days=days)
            at = _at(on, hour) if on <= last else None
            id = ids.at(at or 0)
            if at is None:
                continue
            row = {"id": id, "problem_id": problem_id, "person_id": manager, "at": at, "said": said}
            _add(session, Answer, row | {"text": texts.get(said, "")})
            if said == "decided":
                of = {"clinic_id": clinic.id, "problem_id": problem_id, "answer_id": id, "person_id": manager}
                day = (on + timedelta(days=7 - on.weekday())).isoformat()
                _add(session, Change, of | {"id": id, "kind": "runner", "label": "", "day": day, "made_at": at})


def _problem(session: Session, clinic: Clinic, stealer: str, ids: Ids) -> str:
    """Its id; somebody may have looked at the board of a demo that was broken off, and so have made it."""
    rule = {"clinic_id": clinic.id, "stealer": stealer, "trigger": "", "place": ""}
    _add(session, Problem, {"id": ids.at(clinic.created_at), "made_at": clinic.created_at} | rule)
    return session.execute(select(Problem.id).filter_by(**rule)).scalar_one()


def _add(session: Session, model: type[Problem | Answer | Change], row: dict[str, Any]) -> None:
    insert_unless_there(session.connection(), model, [row], "id")


def _at(day: date, hour: int) -> int:
    return round(datetime.combine(day, time(hour), ZoneInfo(p.ZONE)).timestamp() * 1000)
