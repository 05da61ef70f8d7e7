"""First-run set-up, and who works in a clinic."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from app.capture.queries import with_sessions_elsewhere
from app.clinics import members
from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.nudge import MOST_MINUTES, PERCENTS, choose_nudge
from app.clinics.privacy import choose_privacy
from app.clinics.queries import members as members_of
from app.clinics.queries import newest_version, parsed
from app.clinics.setup import COMMON_ZONES, set_up, zone_of_this_server, zones_by_region
from app.db import Database, DatabaseHeld, Reading, now_ms
from app.errors import BadRequest, NotFound
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.i18n import _
from app.people.access import Caller, SignedIn
from app.people.accounts import is_empty, open_link, sign_in, use_link
from app.people.cookies import keep_login
from app.people.models import MANAGING, Role
from app.people.passwords import check_typed
from app.slices.freshen import freshen
from app.slices.usual import LEAST, usual_lengths
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

Text = Annotated[str, Form()]


# --- first run -------------------------------------------------------------------------------------------------------


@router.get("/setup/{secret}")
def setup_page(secret: str, request: Request, session: Reading) -> Response:
    _check_first_run(session, secret, now_ms())
    typed = {"clinic_name": "", "slug": "", "timezone": zone_of_this_server(), "name": "", "email": ""}
    return _setup_page(request, typed)


@router.post("/setup/{secret}")
def set_up_clinic(
    secret: str,
    request: Request,
    held: DatabaseHeld,
    clinic_name: Text = "",
    slug: Text = "",
    timezone: Text = "",
    name: Text = "",
    email: Text = "",
    password: Text = "",
    again: Text = "",
) -> Response:
    at = now_ms()
    typed = {"clinic_name": clinic_name, "slug": slug, "timezone": timezone, "name": name, "email": email}
    with held.read() as session:
        _check_first_run(session, secret, at)
    try:
        check_typed(password, again)
        with held.write() as session:
            _use_first_run(session, secret, at)
            _clinic, admin = set_up(
                session, slug=slug, name=clinic_name, timezone=timezone, admin_email=email, admin_name=name,
                password=password, at=at,
            )  # fmt: skip
            login = sign_in(session, admin, at, request.app.state.settings.login_days)
    except BadRequest as error:
        return _setup_page(request, typed, _setup_fault(error, clinic_name))
    response = see_other("/")
    keep_login(request, response, login)
    return response


def _check_first_run(session: Session, secret: str, at: int) -> None:
    """Raises NotFound for a link that does not work, and always once somebody has an account."""
    open_link(session, "setup", secret, at)
    if not is_empty(session):
        raise NotFound(_("This server has been set up already. Sign in, or ask an admin for an invitation."))


def _setup_fault(error: BadRequest, clinic_name: str) -> Fault:
    """Two names stand in this form: the clinic's is looked at first."""
    is_clinic = error.code == "bad_name" and not 0 < len(clinic_name.strip()) <= 120
    return Fault(error.detail, "clinic_name") if is_clinic else fault_of(error)


def _use_first_run(session: Session, secret: str, at: int) -> None:
    _check_first_run(session, secret, at)
    if not use_link(session, open_link(session, "setup", secret, at), at):
        raise NotFound(_("Somebody else has just used this link."))


def _setup_page(request: Request, typed: dict[str, str], fault: Fault | None = None) -> Response:
    return render(
        request,
        "clinics/setup.html",
        UNPROCESSABLE if fault else 200,
        **typed,
        zone_here=zone_of_this_server(),
        fault=fault,
        common_zones=COMMON_ZONES,
        zones=zones_by_region(),
    )


# --- people of a clinic ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of people tells besides its list: a new invitation, or what was wrong and had been typed."""

    invited: str = ""
    link: str | None = None
    has_password: bool = False
    fault: Fault | None = None
    typed: dict[str, str] = field(default_factory=lambda: {"email": "", "name": "", "role": Role.OBSERVER.value})


@router.get("/clinics/{slug}/people")
def people(slug: str, request: Request, caller: SignedIn, session: Reading) -> Response:
    return _people_page(request, session, caller, slug, Shown())


@router.post("/clinics/{slug}/people")
def invite(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    email: Text = "",
    name: Text = "",
    role: Text = "",
) -> Response:
    def add(session: Session, clinic: Clinic) -> Shown:
        hours = request.app.state.settings.invitation_hours
        person, secret = members.invite(
            session, clinic, email=email, name=name, role=_role(role), at=now_ms(), hours=hours, by=caller.id
        )
        return Shown(invited=person.name, link=_invitation_link(request, secret) if secret else None)

    return _changed(request, held, caller, slug, add, {"email": email, "name": name, "role": role})


@router.post("/clinics/{slug}/people/{person_id}/link")
def invite_again(slug: str, person_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    def renew(session: Session, clinic: Clinic) -> Shown:
        hours = request.app.state.settings.invitation_hours
        if with_sessions_elsewhere(session, clinic.id, [person_id]):
            raise members.elsewhere_too(members.member(session, clinic, person_id))
        person, secret = members.invite_again(session, clinic, person_id, now_ms(), hours, caller.id)
        link = _invitation_link(request, secret)
        return Shown(invited=person.name, link=link, has_password=person.password_hash is not None)

    return _changed(request, held, caller, slug, renew)


@router.post("/clinics/{slug}/people/{person_id}/role")
def change_role(
    slug: str, person_id: str, request: Request, caller: SignedIn, held: DatabaseHeld, role: Text = ""
) -> Response:
    def change(session: Session, clinic: Clinic) -> None:
        members.change_role(session, clinic, person_id, _role(role), now_ms(), caller.id)

    return _changed(request, held, caller, slug, change)


@router.post("/clinics/{slug}/people/{person_id}/remove")
def remove(slug: str, person_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    def take_away(session: Session, clinic: Clinic) -> None:
        members.remove(session, clinic, person_id, now_ms(), caller.id)

    return _changed(request, held, caller, slug, take_away)


def _changed(
    request: Request,
    held: Database,
    caller: Caller,
    slug: str,
    change: Callable[[Session, Clinic], Shown | None],
    typed: dict[str, str] | None = None,
) -> Response:
    """Makes a change as an admin of the clinic; then the list again, with what there is to tell of it."""
    try:
        with held.write() as session:
            shown = change(session, clinic_for(session, caller, slug, Role.ADMIN))
    except BadRequest as error:
        shown = Shown(fault=fault_of(error), typed=typed) if typed else Shown(fault=fault_of(error))
    if shown is None:
        return see_other(f"/clinics/{slug}/people")
    with held.read() as session:
        return _people_page(request, session, caller, slug, shown)


def _people_page(request: Request, session: Session, caller: Caller, slug: str, shown: Shown) -> Response:
    clinic = clinic_for(session, caller, slug, Role.ADMIN)
    listed = members_of(session, clinic)
    left = with_sessions_elsewhere(session, clinic.id, [person.id for person in listed])
    return render(
        request,
        "clinics/people.html",
        UNPROCESSABLE if shown.fault else 200,
        caller=caller,
        clinic=clinic,
        members=listed,
        elsewhere={person.id for person in listed if not person.only_here} | left,
        roles=[role.value for role in Role],
        shown=shown,
        hours=request.app.state.settings.invitation_hours,
    )


# --- the pad in a clinic ---------------------------------------------------------------------------------------------


@router.get("/clinics/{slug}/pad")
def pad_settings(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, kept: str = "") -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    freshen(held, clinic.id)
    with held.read() as session:
        return _pad_page(request, session, caller, slug, kept=bool(kept))


@router.post("/clinics/{slug}/pad")
def change_pad_settings(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    how: Text = "",
    percent: Text = "",
    minutes: Text = "",
) -> Response:
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            choose_nudge(session, clinic, how, percent, minutes.strip(), at=now_ms(), by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            typed = {"how": how, "percent": percent, "minutes": minutes}
            return _pad_page(request, session, caller, slug, fault=fault_of(error), typed=typed)
    return see_other(f"/clinics/{slug}/pad?kept=yes")


def _pad_page(
    request: Request,
    session: Session,
    caller: Caller,
    slug: str,
    *,
    kept: bool = False,
    fault: Fault | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    clinic = clinic_for(session, caller, slug, *MANAGING)
    task_list = parsed(newest_version(session, clinic).body)
    usual = usual_lengths(session, clinic.id)
    chosen = {
        "how": "minutes" if clinic.nudge_minutes else "usual" if clinic.nudge_percent else "off",
        "percent": str(clinic.nudge_percent or 200),
        "minutes": str(clinic.nudge_minutes or 30),
    }
    return render(
        request,
        "clinics/pad.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        clinic=clinic,
        typed=typed or chosen,
        fault=fault,
        kept=kept,
        percents=PERCENTS,
        most_minutes=MOST_MINUTES,
        usual=[(task.label, usual[task.code]) for task in task_list.tasks if task.code in usual],
        unknown=[task.label for task in task_list.tasks if task.code not in usual],
        least=LEAST,
    )


# --- how small a cell may be, and how long things are kept -----------------------------------------------------------


@router.get("/clinics/{slug}/privacy")
def privacy_settings(slug: str, request: Request, caller: SignedIn, session: Reading, kept: str = "") -> Response:
    clinic = clinic_for(session, caller, slug, Role.ADMIN)
    cell, months = str(clinic.smallest_cell), str(clinic.retention_months or "")
    return _privacy_page(request, caller, clinic, cell, months, kept=bool(kept))


@router.post("/clinics/{slug}/privacy")
def change_privacy_settings(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, cell: Text = "", months: Text = ""
) -> Response:
    try:
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, Role.ADMIN)
            choose_privacy(session, clinic, cell.strip(), months.strip(), at=now_ms(), by=caller.id)
    except BadRequest as error:
        return _privacy_page(request, caller, clinic, cell, months, fault=fault_of(error))
    return see_other(f"/clinics/{slug}/privacy?kept=yes")


def _privacy_page(
    request: Request,
    caller: Caller,
    clinic: Clinic,
    cell: str,
    months: str,
    *,
    kept: bool = False,
    fault: Fault | None = None,
) -> Response:
    status = UNPROCESSABLE if fault else 200
    shown = {"cell": cell, "months": months, "kept": kept, "fault": fault}
    return render(request, "clinics/privacy.html", status, caller=caller, clinic=clinic, **shown)


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError:
        raise BadRequest(_("Choose a role: observer, assistant, manager or admin."), code="bad_role") from None


def _invitation_link(request: Request, secret: str) -> str:
    base: str = request.app.state.settings.base_url or str(request.base_url).rstrip("/")
    return f"{base}/invitation/{secret}"
