"""When the pad asks whether a task is still going: a choice of the clinic. It only asks; nothing is ever stopped."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.errors import BadRequest
from app.i18n import _

PERCENTS = (100, 150, 200, 300)
MOST_MINUTES = 480
MINUTE_MS = 60_000


def choose_nudge(session: Session, clinic: Clinic, how: str, percent: str, minutes: str, *, at: int, by: str) -> None:
    """`how`: off, usual (at `percent` of it) or minutes. Raises BadRequest, with a sentence, for anything else."""
    chosen: tuple[int | None, int | None]
    if how == "off":
        chosen = None, None
    elif how == "usual" and percent in map(str, PERCENTS):
        chosen = int(percent), None
    elif (
        how == "minutes"
        and minutes.isascii()
        and minutes.isdecimal()
        and len(minutes) < 9
        and 1 <= int(minutes) <= MOST_MINUTES
    ):
        chosen = None, int(minutes)
    elif how == "minutes":
        raise BadRequest(_("Give whole minutes, from 1 to 480."), code="bad_minutes")
    else:
        raise BadRequest(_("Choose when the pad should ask."), code="bad_nudge")
    if chosen == (clinic.nudge_percent, clinic.nudge_minutes):
        return
    clinic.nudge_percent, clinic.nudge_minutes = chosen
    about = {"nudge": f"{percent} %" if chosen[0] else f"{minutes} min" if chosen[1] else how}
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)


def nudges(clinic: Clinic, tasks: Iterable[str], usual_ms: Mapping[str, int]) -> dict[str, dict[str, Any]] | None:
    """By task: after how long the pad asks, and what is usual where that decides. None if it never asks.

    Tasks of which too little was observed are left out where the usual decides. What is usual is rounded up to
    minutes: told so, and it changes with few of the sessions that come in.
    """
    if clinic.nudge_minutes is not None:
        return {task: {"after_ms": clinic.nudge_minutes * MINUTE_MS, "usual_ms": None} for task in tasks}
    if clinic.nudge_percent is None:
        return None
    found = {task: -(-usual_ms[task] // MINUTE_MS) * MINUTE_MS for task in tasks if task in usual_ms}
    return {task: {"after_ms": ms * clinic.nudge_percent // 100, "usual_ms": ms} for task, ms in found.items()}
