"""Who is calling, and what they may do: found from the cookie or the bearer token of a request."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import DatabaseHeld, Prepared, connection_of, now_ms
from app.errors import AppError, Forbidden, NotSignedIn
from app.i18n import _
from app.people.models import Login, Membership, Person, Role

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person or program, with the role in each clinic (by the clinic's id)."""

    id: str
    name: str
    email: str
    language: str | None
    roles: dict[int, Role]
    secret: str  # what it called with; forms derive their token from it
    seen_at: int

    def may(self, clinic_id: int, *roles: Role) -> bool:
        return self.roles.get(clinic_id) in roles


def hashed(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this host, but browsers take it over https only."""
    return "__Host-timesink" if secure else "timesink"


def secret_of(request: Request) -> tuple[str, str] | None:
    """(kind of login, secret) that the request carries: a bearer token, else the cookie."""
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return "token", token.strip()
    cookie = request.cookies.get(cookie_name(secure=request.app.state.secure))
    return ("browser", cookie) if cookie else None


# a row for each clinic of the person, one without a clinic for a person who has none
ALIVE = Prepared(
    select(Person.id, Person.name, Person.email, Person.language, Login.seen_at, Membership.clinic_id, Membership.role)
    .join(Login, Login.person_id == Person.id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .where(
        Login.secret_hash == bindparam("secret_hash"),
        Login.kind == bindparam("kind"),
        Login.expires_at > bindparam("at"),
        Person.disabled_at.is_(None),
    )
)


def find_caller(session: Session, kind: str, secret: str, at: int, idle_ms: int) -> Caller | None:
    """The caller whose login is alive at `at`: not expired, not disabled, and a browser not idle for `idle_ms`."""
    found = ALIVE.rows(connection_of(session), secret_hash=hashed(secret), kind=kind, at=at)
    if not found:
        return None
    id, name, email, language, seen_at, _clinic_id, _role = found[0]
    if kind == "browser" and seen_at < at - idle_ms:
        return None
    roles = {clinic_id: Role(role) for *_person, clinic_id, role in found if clinic_id is not None}
    return Caller(id, name, email, language, roles, secret, seen_at)


def _caller(request: Request, held: DatabaseHeld) -> Caller | None:
    carried = secret_of(request)
    if carried is None:
        return None
    at, idle_ms = now_ms(), request.app.state.settings.login_idle_days * DAY_MS
    with held.read() as session:
        caller = find_caller(session, *carried, at, idle_ms)
    if caller is not None and caller.seen_at < at - HOUR_MS:
        # keeps the login from idling out; at most one write an hour. Who reads is let in on a full disk all the same
        with suppress(DBAPIError, AppError), held.write() as session:
            session.execute(update(Login).where(Login.secret_hash == hashed(caller.secret)).values(seen_at=at))
    return caller


def _signed_in(request: Request, caller: Annotated[Caller | None, Depends(_caller)]) -> Caller:
    if caller is None:
        raise NotSignedIn(_("Sign in first. A program sends “Authorization: Bearer” with a token."))
    request.state.caller = caller  # for whoever answers a refusal: the audit tells whose it was
    return caller


MaybeSignedIn = Annotated[Caller | None, Depends(_caller)]
SignedIn = Annotated[Caller, Depends(_signed_in)]


def _refuse_who_has_left(request: Request, caller: SignedIn) -> None:
    if request.method == "POST" and not caller.roles:
        raise Forbidden(_("You have no role in any clinic, so nothing can be kept for you."), code="no_role")


# of pages that change what was observed: who has left reads on in what was theirs, but adds nothing, as their phone
StillHere = Depends(_refuse_who_has_left)
