"""The writers of answers: a problem acknowledged, decided, done or declined; merged, taken apart, split."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import insert_unless_there, new_id
from app.errors import BadRequest, NotFound
from app.i18n import _
from app.reports.problems.changes import note_change
from app.reports.problems.gather import Part
from app.reports.problems.models import Answer, Problem
from app.reports.problems.queries import splittable

EXPLAINED = ("decided", "done", "declined")  # an answer that ends something says why
ANSWERS = ("acknowledged", *EXPLAINED)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a manager says of a problem; `kind`, `label` and `day` are of the change that a decision names, if any."""

    said: str
    text: str = ""
    kind: str = ""
    label: str = ""
    day: str = ""


def problem_in(session: Session, clinic: Clinic, problem_id: str) -> Problem:
    """Raises NotFound for one that this clinic does not have, and for one merged into another."""
    problem = session.get(Problem, problem_id)
    if problem is None or problem.clinic_id != clinic.id or problem.merged_into is not None:
        raise NotFound(_("There is no such problem on this board."))
    return problem


def answer(session: Session, clinic: Clinic, problem_id: str, wish: Wish, *, at: int, by: str) -> None:
    """Adds to the problem's history. Raises BadRequest for what is no answer, or lacks its explanation."""
    problem = problem_in(session, clinic, problem_id)
    text = " ".join(wish.text.split())
    if wish.said not in ANSWERS:
        raise BadRequest(_("Choose what becomes of it."), code="bad_answer")
    if wish.said in EXPLAINED and not text:
        sentence = _("Say why, or what was decided: those who reported it read it.")
        raise BadRequest(sentence, code="bad_explanation")
    _refuse_unfit(text)
    entry = _add(session, problem.id, wish.said, text, at=at, by=by)
    if wish.kind:
        if wish.said not in ("decided", "done"):
            raise BadRequest(_("A change tried belongs to a decision."), code="bad_change")
        note_change(
            session,
            clinic,
            kind=wish.kind,
            label=wish.label,
            day=wish.day,
            at=at,
            by=by,
            problem_id=problem.id,
            answer_id=entry.id,
        )


def _refuse_unfit(text: str) -> None:
    if len(text) > LONGEST or not text.isprintable():
        raise BadRequest(_("An explanation has at most {most} letters.").format(most=LONGEST), code="bad_explanation")


def merge(session: Session, clinic: Clinic, problem_id: str, into_id: str, *, at: int, by: str) -> None:
    """From now on `into` stands for both; the history of each stays its own."""
    problem, into = problem_in(session, clinic, problem_id), problem_in(session, clinic, into_id)
    if problem.id == into.id:
        raise BadRequest(_("Choose another problem to merge it into."), code="bad_merge")
    problem.merged_into = into.id
    _add(session, into.id, "merged", "", at=at, by=by, other_id=problem.id)


def take_apart(session: Session, clinic: Clinic, problem_id: str, part: Part, *, at: int, by: str) -> None:
    """Takes back a merge: what the other gathers is a problem of its own again."""
    problem = problem_in(session, clinic, problem_id)
    other = _with_rule(session, clinic, part)
    if other is None or other.merged_into != problem.id:
        raise NotFound(_("There is no such problem on this board."))
    other.merged_into = None
    _add(session, problem.id, "taken_apart", "", at=at, by=by, other_id=other.id)


def split(session: Session, clinic: Clinic, problem_id: str, part: Part, *, at: int, by: str) -> None:
    """What is reported with this trigger, or at this place, is a problem of its own from now on, the past included.

    Raises BadRequest where it, or what would remain, is too little to be shown.
    """
    problem = problem_in(session, clinic, problem_id)
    if part not in splittable(session, clinic, problem.id, at):
        raise BadRequest(_("That cannot be split off: it, or what would remain, says too little."), code="bad_split")
    row = {
        "id": new_id(at),
        "clinic_id": clinic.id,
        "stealer": part.stealer,
        "trigger": part.trigger,
        "place": part.place,
        "made_at": at,
    }
    insert_unless_there(session.connection(), Problem, [row], "id")
    other = _with_rule(session, clinic, part)
    assert other is not None
    _add(session, problem.id, "split", "", at=at, by=by, other_id=other.id)


def _with_rule(session: Session, clinic: Clinic, part: Part) -> Problem | None:
    its = Problem.stealer == part.stealer, Problem.trigger == part.trigger, Problem.place == part.place
    return session.execute(select(Problem).where(Problem.clinic_id == clinic.id, *its)).scalar_one_or_none()


def _add(
    session: Session, problem_id: str, said: str, text: str, *, at: int, by: str, other_id: str | None = None
) -> Answer:
    entry = Answer(id=new_id(at), problem_id=problem_id, person_id=by, at=at, said=said, text=text, other_id=other_id)
    session.add(entry)
    session.flush()
    return entry
