"""Once a week, or once a day: who has said something already, without knowing who.

With an account the account is known, and the last word of a week or day counts. Whoever stands before a poster is
nobody: the browser itself keeps a mark that says “this week is done”, the same on every phone and of no use to tell
one from another. It is a courtesy, no lock: who clears it can speak again, which is why what comes from posters counts
only from k on at least three days. Weighed: a random number in a cookie, or the browser's fingerprint; both would make
of nobody somebody who could be followed from week to week.
"""

from fastapi import Request, Response
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.errors import AppError
from app.i18n import _
from app.reports.models import Poster
from app.reports.posters import too_many_reports

WEEK_S, DAY_S = 7 * 86_400, 86_400


def refuse_flood(session: Session, poster: Poster) -> None:
    """Raises AppError where so much came from this poster that it cannot be people."""
    full = too_many_reports(session, poster, 1)
    if full is not None:
        detail = _("So much comes from this poster at the moment that nothing was kept. Send it again in a minute.")
        raise AppError(full.status, full.code, detail, headers=full.headers)


def _cookie(what: str) -> str:
    return f"timesink-said-{what}"


def has_said(request: Request, what: str, clinic: Clinic, period: str) -> bool:
    """Whether this browser carries the mark for `what` of this clinic in this period (a day, YYYY-MM-DD)."""
    return request.cookies.get(_cookie(what)) == f"{clinic.slug}.{period}"


def mark_said(request: Request, response: Response, what: str, clinic: Clinic, period: str, seconds: int) -> None:
    response.set_cookie(
        _cookie(what),
        f"{clinic.slug}.{period}",
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.app.state.secure,
    )
