"""Posters: made, given a new code, withdrawn. A code itself is never stored, only its SHA-256."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.intake import local_day
from app.capture.items import LONGEST_WORD, is_day
from app.clinics.models import Clinic
from app.db import new_id
from app.errors import AppError, BadRequest, NotFound
from app.i18n import _
from app.people.access import hashed
from app.people.attempts import seconds_to_wait
from app.reports.models import Poster

LONGEST_DAYS = 366
USUAL_DAYS = 90
TOKEN_BYTES = 16
# Crockford's digits: none that is taken for another. 40 bits, which guessing does not find at WRONG_CODES an hour
CODE_DIGITS, CODE_LENGTH = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 8
READ_AS = str.maketrans("OIL", "011", " -")
# of wrong codes typed, by everybody together: to count by address would mean to keep addresses
WRONG_CODES = RateLimitItemPerMinute(200, 15)
# reports from one poster; fifty phones with a morning's each are far from it
PER_POSTER = RateLimitItemPerMinute(600), RateLimitItemPerDay(6000)


@dataclass(frozen=True, slots=True)
class Codes:
    """What goes on the sheet, known only at the moment it is made."""

    token: str
    code: str


def _new_codes(poster: Poster) -> Codes:
    codes = Codes(secrets.token_urlsafe(TOKEN_BYTES), "".join(secrets.choice(CODE_DIGITS) for _n in range(CODE_LENGTH)))
    poster.token_hash, poster.code_hash = hashed(codes.token), hashed(codes.code)
    return codes


def as_typed(code: str) -> str:
    """A short code as it is stored, however it was typed: k7qf 2m9x, K7QF-2M9X; an O is read as 0, I and L as 1."""
    return code.upper().translate(READ_AS)


def is_short(secret: str) -> bool:
    """Whether somebody typed it, or could have: the QR code's is longer."""
    return len(as_typed(secret)) <= CODE_LENGTH


def spaced(code: str) -> str:
    """In two groups, as it is read aloud."""
    return f"{code[:4]}-{code[4:]}"


def last_day(today: str, days: int) -> str:
    return (date.fromisoformat(today) + timedelta(days=days)).isoformat()


def make_poster(
    session: Session, clinic: Clinic, *, place: str, until: str, at: int, by: str | None
) -> tuple[Poster, Codes]:
    """Raises BadRequest for a place without a name, or a day that is none, is past, or over a year ahead."""
    place = " ".join(place.split())
    if not place or not place.isprintable() or len(place) > LONGEST_WORD:
        raise BadRequest(_("Say where the poster will hang, in at most 64 letters."), code="bad_place")
    _check_until(until, local_day(at, clinic.timezone))
    poster = Poster(id=new_id(at), clinic_id=clinic.id, place=place, until=until, made_at=at)
    codes = _new_codes(poster)
    session.add(poster)
    session.flush()
    _tell(session, Action.POSTER_MADE, poster, at, by)
    return poster, codes


def _check_until(until: str, today: str) -> None:
    if not is_day(until) or not today <= until <= last_day(today, LONGEST_DAYS):
        raise BadRequest(_("Give the last day on which it works: from today up to a year ahead."), code="bad_until")


def poster_in(session: Session, clinic: Clinic, poster_id: str) -> Poster:
    """Raises NotFound for a poster that this clinic does not have."""
    poster = session.get(Poster, poster_id)
    if poster is None or poster.clinic_id != clinic.id:
        raise NotFound(_("There is no such poster in this clinic."))
    return poster


def rotate(session: Session, clinic: Clinic, poster: Poster, *, until: str, at: int, by: str | None) -> Codes:
    """New codes: sheets that hang there work no longer, and what phones hold waits until the new one is scanned.

    Also the way to go on with one that was withdrawn, or whose last day is over.
    """
    _check_until(until, local_day(at, clinic.timezone))
    codes = _new_codes(poster)
    poster.until, poster.rotated_at, poster.revoked_at = until, at, None
    session.flush()
    _tell(session, Action.POSTER_ROTATED, poster, at, by)
    return codes


def revoke(session: Session, poster: Poster, *, at: int, by: str | None) -> None:
    """Its codes work no longer. What was reported stays."""
    if poster.revoked_at is None:
        poster.revoked_at = at
        _tell(session, Action.POSTER_REVOKED, poster, at, by)


def _tell(session: Session, action: Action, poster: Poster, at: int, by: str | None) -> None:
    about = {"place": poster.place, "until": poster.until}
    record(session, at=at, action=action, person_id=by, clinic_id=poster.clinic_id, about=about)


def too_many_reports(session: Session, poster: Poster, n: int) -> AppError | None:
    """Counts `n` reports; answers the refusal if that is more than a poster may send. Phones keep them and wait."""
    wait = seconds_to_wait(session, poster.id, n, *PER_POSTER)
    if wait == 0:
        return None
    detail = _("So many reports came from this poster that the server takes a rest. They wait on the phone.")
    return AppError(429, "too_many_reports", detail, headers={"Retry-After": str(wait)})
