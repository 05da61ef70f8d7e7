"""Signing in and out, accepting an invitation, one's own account."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from limits import RateLimitItem
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from app.audit.models import Action
from app.audit.record import record, record_refusal
from app.db import Database, DatabaseHeld, Reading, Writing, now_ms
from app.errors import AppError, BadRequest
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.i18n import _, languages
from app.people.access import Caller, MaybeSignedIn, SignedIn, hashed
from app.people.accounts import (
    authenticate,
    is_empty,
    person_by_email,
    set_password,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from app.people.attempts import PER_ACCOUNT, PER_ADDRESS, count_attempt, take_back
from app.people.cookies import forget_login, keep_language, keep_login
from app.people.invitations import accept, invited
from app.people.models import Person
from app.people.passwords import check_typed
from app.web import Guarded, local_path, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

Text = Annotated[str, Form()]


# --- signing in and out ----------------------------------------------------------------------------------------------


@router.get("/sign-in")
def sign_in_page(request: Request, caller: MaybeSignedIn, session: Reading, next: str = "") -> Response:
    if caller is not None:
        return see_other(local_path(next, "/"))
    return render(request, "people/sign_in.html", next=next, email="", fault=None, is_empty=is_empty(session))


@router.post("/sign-in")
def sign_in_with_password(
    request: Request, held: DatabaseHeld, email: Text = "", password: Text = "", next: Text = ""
) -> Response:
    counted = _counted(request, email)
    try:
        count_attempt(held, *counted)
    except AppError as error:
        page = render(
            request, "people/sign_in.html", error.status, next=next, email=email, fault=fault_of(error), is_empty=False
        )
        page.headers.update(error.headers or {})
        page.background = BackgroundTask(_tell_refusal, held, email, error.code)
        return page
    # twice: the first time takes a while, and must not hold up those who write
    with held.read() as session:
        known = authenticate(session, email, password) is not None
    if known:
        take_back(held, *counted)
        with held.write() as session:
            person = authenticate(session, email, password)
            if person is not None:
                record(session, at=now_ms(), action=Action.SIGNED_IN, person_id=person.id, clinic_id=None)
                return let_in(request, session, person, local_path(next, "/"))
    fault = Fault(_("No account here has this e-mail address and password. Check both, or ask an admin."), "password")
    page = render(request, "people/sign_in.html", UNPROCESSABLE, next=next, email=email, fault=fault, is_empty=False)
    page.background = BackgroundTask(_tell_refusal, held, email, "wrong_password")
    return page


def _tell_refusal(held: Database, email: str, why: str) -> None:
    """To the audit, after the answer: how long that took must not tell whether there is such an account.

    Of an address that nobody here has, nothing is kept: people type their password there, too.
    """
    with held.read() as session:
        person = person_by_email(session, email)
    disabled = person is not None and person.disabled_at is not None
    about = {"why": "disabled" if disabled else why}
    record_refusal(
        held,
        at=now_ms(),
        action=Action.SIGN_IN_REFUSED,
        person_id=person.id if person else None,
        clinic_id=None,
        about=about,
    )


def _counted(request: Request, account: str) -> tuple[tuple[RateLimitItem, str], ...]:
    address = request.client.host if request.client else "unknown"
    # hashed, because an address may be longer than a counter's key
    return (PER_ACCOUNT, hashed(account.strip().lower())), (PER_ADDRESS, address)


def let_in(request: Request, session: Session, person: Person, where: str) -> Response:
    """On to `where` with a new login, in the language the person once chose."""
    secret = sign_in(session, person, now_ms(), request.app.state.settings.login_days)
    response = see_other(where)
    keep_login(request, response, secret)
    if person.language in languages():
        keep_language(request, response, person.language)
    return response


@router.post("/sign-out")
def sign_out_here(request: Request, caller: MaybeSignedIn, session: Writing) -> Response:
    if caller is not None:
        sign_out(session, caller.secret)
    response = see_other("/sign-in")
    forget_login(request, response)
    return response


# --- invitations -----------------------------------------------------------------------------------------------------


@router.get("/invitation/{secret}")
def invitation(secret: str, request: Request, session: Reading) -> Response:
    """Only looks: previews and scanners of messages open links too, and must not use one up."""
    person = invited(session, secret, now_ms())
    return render(request, "people/invitation.html", person=person, name=person.name, fault=None)


@router.post("/invitation/{secret}")
def accept_invitation(
    secret: str, request: Request, held: DatabaseHeld, name: Text = "", password: Text = "", again: Text = ""
) -> Response:
    at = now_ms()
    with held.read() as session:
        person = invited(session, secret, at)
    try:
        check_typed(password, again)
        with held.write() as session:
            person = accept(session, secret, name=name, password=password, at=at)
            return let_in(request, session, person, "/")
    except BadRequest as error:
        shown = {"person": person, "name": name, "fault": fault_of(error)}
        return render(request, "people/invitation.html", UNPROCESSABLE, **shown)


# --- one's own account -----------------------------------------------------------------------------------------------


@router.get("/account")
def account(request: Request, caller: SignedIn, changed: bool = False) -> Response:
    return render(request, "people/account.html", caller=caller, fault=None, changed=changed)


@router.post("/account/password")
def change_password(
    request: Request, caller: SignedIn, held: DatabaseHeld, old: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """All other browsers are signed out by it; this one gets a new login."""
    try:
        _check_old(request, caller, held, old)
        check_typed(password, again)
        with held.write() as session:
            person = session.get_one(Person, caller.id)
            set_password(session, person, password)
            record(session, at=now_ms(), action=Action.PASSWORD_CHANGED, person_id=person.id, clinic_id=None)
            return let_in(request, session, person, "/account?changed=1")
    except AppError as error:
        if error.status not in (400, 429):
            raise
        status = UNPROCESSABLE if error.status == 400 else error.status
        page = render(request, "people/account.html", status, caller=caller, fault=fault_of(error), changed=False)
        page.headers.update(error.headers or {})
        return page


def _check_old(request: Request, caller: Caller, held: DatabaseHeld, old: str) -> None:
    """Whoever finds a phone unlocked must not be able to guess on."""
    counted = _counted(request, caller.email)
    count_attempt(held, *counted)
    with held.read() as session:
        right = authenticate(session, caller.email, old) is not None
    if not right:
        raise BadRequest(_("The old password is not right."), code="wrong_password")
    take_back(held, *counted)


@router.post("/account/sign-out-everywhere")
def sign_out_of_all(request: Request, caller: SignedIn, session: Writing) -> Response:
    sign_out_everywhere(session, caller.id)
    record(session, at=now_ms(), action=Action.SIGNED_OUT_EVERYWHERE, person_id=caller.id, clinic_id=None)
    response = see_other("/sign-in")
    forget_login(request, response)
    return response


@router.post("/language")
def choose(request: Request, caller: MaybeSignedIn, session: Writing, language: Text = "", next: Text = "") -> Response:
    """For this browser, and for whoever is signed in on every other."""
    response = see_other(local_path(next, "/"))
    if language in languages():
        keep_language(request, response, language)
        if caller is not None:
            session.get_one(Person, caller.id).language = language
    return response
