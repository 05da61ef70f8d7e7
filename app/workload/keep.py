"""The writers of choices and of plans that have a name."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.db import INSERT
from app.errors import BadRequest, NotFound
from app.i18n import _
from app.workload.choices import Chosen
from app.workload.levers import NOTHING, Levers
from app.workload.models import Choices, Plan

MOST_PLANS = 12  # each is reckoned whenever the page is shown
LONGEST_NAME = 60


def keep_choices(session: Session, clinic: Clinic, chosen: Chosen, *, at: int, by: str) -> None:
    session.add(Choices(clinic_id=clinic.id, body=chosen.model_dump_json(), person_id=by, at=at))
    about = {"workload_standards": len(chosen.tasks)}
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)


def keep_plan(session: Session, clinic: Clinic, name: str, levers: Levers, *, at: int, by: str) -> None:
    """Under the name of one that is there it takes its place. Raises BadRequest without a name or any lever."""
    named = " ".join(name.split())
    if not 0 < len(named) <= LONGEST_NAME:
        raise BadRequest(_("Give it a name of at most 60 letters."), code="bad_name")
    if levers == NOTHING:
        raise BadRequest(_("Move a lever first: this is how it is now."), code="bad_lever")
    own = select(func.count()).where(Plan.clinic_id == clinic.id, Plan.name != named)
    if session.execute(own).scalar_one() >= MOST_PLANS:
        raise BadRequest(_("There are {n} already: delete one first.").format(n=MOST_PLANS), code="too_many")
    kept = {"levers": levers.model_dump_json(), "person_id": by, "at": at}
    insert = INSERT[session.get_bind().dialect.name](Plan).values(clinic_id=clinic.id, name=named, **kept)
    # of two at once, both with this name, neither fails
    session.execute(insert.on_conflict_do_update(index_elements=["clinic_id", "name"], set_=kept))


def delete_plan(session: Session, clinic: Clinic, plan_id: int) -> None:
    """Raises NotFound for what is not this clinic's."""
    plan = session.get(Plan, plan_id)
    if plan is None or plan.clinic_id != clinic.id:
        raise NotFound(_("This was deleted already."))
    session.delete(plan)
