"""Who may report for a clinic and read its board: people with a role there, and whoever holds its poster's code.

A poster's code is a right, not a person. It stands in a cookie, the same for every phone that has it, so that no phone
can be told from another.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.capture.intake import AtPoster, local_day
from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.db import now_ms
from app.errors import Forbidden, NotSignedIn
from app.i18n import _
from app.people.access import Caller, MaybeSignedIn, hashed
from app.reports.models import Poster
from app.reports.posters import as_typed

DAY_S = 86_400
NOBODY = "poster-"
LONGEST_COOKIE_DAYS = 400  # browsers keep none for longer


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who may report for `clinic` and read its board: with an account (`caller`), or with a poster's code."""

    clinic: Clinic
    caller: Caller | None
    poster: Poster | None


def cookie_of_poster(*, secure: bool) -> str:
    return "__Host-timesink-poster" if secure else "timesink-poster"


def poster_secret(request: Request) -> str | None:
    """The poster's code that the request carries."""
    return request.cookies.get(cookie_of_poster(secure=request.app.state.secure))


def keep_poster(request: Request, response: Response, secret: str) -> None:
    secure: bool = request.app.state.secure
    response.set_cookie(
        cookie_of_poster(secure=secure),
        secret,
        max_age=LONGEST_COOKIE_DAYS * DAY_S,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def open_poster(session: Session, secret: str, at: int) -> tuple[Poster, Clinic]:
    """The poster that this code opens at `at` (ms), with its clinic.

    Raises Forbidden with the code `poster_ended`: unknown, withdrawn, replaced by a new code, or past its last day.
    """
    its = or_(Poster.token_hash == hashed(secret), Poster.code_hash == hashed(as_typed(secret)))
    found = session.execute(select(Poster, Clinic).join(Clinic, Clinic.id == Poster.clinic_id).where(its)).first()
    if found is None:
        raise _ended(_("This code is not, or no longer, that of a poster. Look whether a newer poster hangs there."))
    poster, clinic = found
    if poster.revoked_at is not None:
        raise _ended(_("This poster was withdrawn. Ask in your clinic whether there is a new one."))
    if local_day(at, clinic.timezone) > poster.until:
        raise _ended(_("This poster's last day is over. Ask in your clinic whether there is a new one."))
    return poster, clinic


def _ended(why: str) -> Forbidden:
    kept = _("What waits on this phone stays there, and goes on its way once you have scanned a poster that works.")
    return Forbidden(f"{why} {kept}", code="poster_ended")


def person_at(clinic: Clinic) -> str:
    """What a phone calls whoever reports at a poster of this clinic, in the `person` of its batches: nobody."""
    return f"{NOBODY}{clinic.slug}"


def is_nobody(person: str | None) -> bool:
    """Whether a batch says of itself that it was reported at a poster."""
    return person is not None and person.startswith(NOBODY)


def at_poster(session: Session, poster: Poster) -> AtPoster:
    """The same as a sender of batches."""
    places = session.execute(select(Poster.place).where(Poster.clinic_id == poster.clinic_id)).scalars()
    return AtPoster(poster.clinic_id, poster.place, frozenset(places))


def _caller_or_poster(request: Request, caller: MaybeSignedIn) -> Caller | None:
    if caller is None and poster_secret(request) is None:
        raise NotSignedIn(_("Scan the poster of this clinic, or sign in."))
    request.state.caller = caller  # for whoever answers a refusal: the audit tells whose it was
    return caller


# of what is open to everybody who may report: `reporter` then says for which clinic
MayReport = Annotated[Caller | None, Depends(_caller_or_poster)]


def reporter(request: Request, session: Session, caller: Caller | None, slug: str) -> Reporter:
    """Who asks for what is open to everybody who may report for the clinic `slug`; an account goes before a poster.

    Raises NotSignedIn for somebody with neither, Forbidden (`poster_ended`) for a poster that no longer works, NotYours
    for somebody with an account that has no role there.
    """
    clinic = session.execute(select(Clinic).where(Clinic.slug == slug)).scalar_one_or_none()
    if caller is not None and clinic is not None and clinic.id in caller.roles:
        return Reporter(clinic, caller, None)
    secret = poster_secret(request)
    if secret is not None:
        poster, its = open_poster(session, secret, now_ms())
        if its.slug == slug:
            return Reporter(its, None, poster)
    if caller is None:
        raise NotSignedIn(_("Scan the poster of this clinic, or sign in."))
    return Reporter(clinic_for(session, caller, slug), caller, None)
