"""The board, one problem with its story, and the changes tried. Everybody who may report reads; managers answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest, NotFound
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.i18n import _
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING, Role
from app.reports.access import MayReport, Reporter, reporter
from app.reports.enough import FEWEST_DAYS
from app.reports.problems import queries
from app.reports.problems.answer import LONGEST, Wish, answer, merge, split, take_apart
from app.reports.problems.changes import KINDS, kind_names, note_change, withdraw_change
from app.reports.problems.gather import Part
from app.reports.queries import changes
from app.summary.privacy import smallest_cell
from app.summary.window import today
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

Text = Annotated[str, Form()]


def _words(session: Session, clinic: Clinic) -> dict[str, Any]:
    """What every page of this room needs beside its own."""
    return {
        "clinic": clinic,
        "names": queries.names_of(session, clinic),
        "kinds": kind_names(),
        "k": smallest_cell(clinic.smallest_cell),
        "fewest_days": FEWEST_DAYS,
    }


def _reads(request: Request, held: DatabaseHeld, caller: Caller | None, slug: str) -> Reporter:
    """Whoever may report here, once every stealer that was reported has its problem."""
    with held.read() as session:
        who = reporter(request, session, caller, slug)
    queries.freshen(held, who.clinic, now_ms())
    return who


@router.get("/clinics/{slug}/board")
def board(slug: str, request: Request, caller: MayReport, held: DatabaseHeld) -> Response:
    who = _reads(request, held, caller, slug)
    with held.read() as session:
        found = queries.board(session, who.clinic, now_ms())
        words = _words(session, who.clinic)
    manages = caller is not None and caller.may(who.clinic.id, *MANAGING)
    reports = who.caller is None or who.caller.may(who.clinic.id, Role.ASSISTANT)
    return render(
        request, "reports/problems/board.html",
        caller=who.caller, board=found, manages=manages, reports=reports, **words,
    )  # fmt: skip


@router.get("/clinics/{slug}/problems/{problem_id}")
def problem(slug: str, problem_id: str, request: Request, caller: MayReport, held: DatabaseHeld) -> Response:
    """One that was merged leads to the one that stands for it."""
    who = _reads(request, held, caller, slug)
    with held.read() as session:
        stands = queries.standing_for(session, who.clinic, problem_id)
        if stands not in (None, problem_id):
            return see_other(f"/clinics/{slug}/problems/{stands}")
        return _problem_page(request, session, who.clinic, who.caller, problem_id)


def _problem_page(
    request: Request,
    session: Session,
    clinic: Clinic,
    caller: Caller | None,
    problem_id: str,
    fault: Fault | None = None,
    typed: Wish | None = None,
) -> Response:
    now = now_ms()
    listed = queries.board(session, clinic, now).problems
    found = next((one for one in listed if one.id == problem_id), None)
    if found is None:
        raise NotFound(_("There is no such problem on this board."))
    manages = caller is not None and caller.may(clinic.id, *MANAGING)
    return render(
        request,
        "reports/problems/problem.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        one=found,
        manages=manages,
        others=[one for one in listed if one.id != problem_id],
        splits=queries.splittable(session, clinic, problem_id, now) if manages else [],
        merged=queries.merged_into(session, problem_id),
        kind_codes=KINDS,
        longest=LONGEST,
        fault=fault,
        typed=typed or Wish(found.state, day=today(now, clinic.timezone).isoformat()),
        **_words(session, clinic),
    )


@router.post("/clinics/{slug}/problems/{problem_id}/answer")
def send_answer(
    slug: str,
    problem_id: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    said: Text = "",
    text: Text = "",
    kind: Text = "",
    label: Text = "",
    day: Text = "",
) -> Response:
    wish = Wish(said, text, kind, label, day)
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            answer(session, clinic, problem_id, wish, at=now_ms(), by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            return _problem_page(request, session, clinic, caller, problem_id, fault_of(error), wish)
    return see_other(f"/clinics/{slug}/problems/{problem_id}")


@router.post("/clinics/{slug}/problems/{problem_id}/parts")
def change_parts(
    slug: str,
    problem_id: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    do: Text = "",
    into: Text = "",
    part: Text = "",
) -> Response:
    """`do`: merge (into another problem), split or apart (a part as `_part` reads it)."""
    at, then = now_ms(), problem_id
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            if do == "merge":
                merge(session, clinic, problem_id, into, at=at, by=caller.id)
                then = into
            elif do == "split":
                split(session, clinic, problem_id, _part(part), at=at, by=caller.id)
            else:
                take_apart(session, clinic, problem_id, _part(part), at=at, by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            return _problem_page(request, session, clinic, caller, problem_id, fault_of(error))
    return see_other(f"/clinics/{slug}/problems/{then}")


def _part(written: str) -> Part:
    """As the form writes it: stealer, trigger and place, a line each."""
    stealer, _line, rest = written.replace("\r\n", "\n").partition("\n")
    trigger, _line, place = rest.partition("\n")
    return Part(stealer, trigger, place)


# --- changes tried ---------------------------------------------------------------------------------------------------


@router.get("/clinics/{slug}/changes")
def changes_page(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        return _changes_page(request, session, caller, slug)


@router.post("/clinics/{slug}/changes")
def send_change(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    kind: Text = "",
    label: Text = "",
    day: Text = "",
    withdraw: Text = "",
) -> Response:
    at = now_ms()
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            if withdraw:
                withdraw_change(session, clinic, withdraw, at)
            else:
                note_change(session, clinic, kind=kind, label=label, day=day, at=at, by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            typed = Wish("", "", kind, label, day)
            return _changes_page(request, session, caller, slug, fault_of(error), typed)
    return see_other(f"/clinics/{slug}/changes")


def _changes_page(
    request: Request,
    session: Session,
    caller: Caller,
    slug: str,
    fault: Fault | None = None,
    typed: Wish | None = None,
) -> Response:
    clinic = clinic_for(session, caller, slug)
    now = today(now_ms(), clinic.timezone).isoformat()
    return render(
        request,
        "reports/problems/changes.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        tried=changes(session, clinic)[::-1],
        manages=caller.may(clinic.id, *MANAGING),
        kind_codes=KINDS,
        fault=fault,
        typed=typed or Wish("", day=now),
        today=now,
        **_words(session, clinic),
    )
