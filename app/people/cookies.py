"""What a browser remembers of its person: the login, and the language if one was chosen."""

from fastapi import Request, Response

from app.people.access import cookie_name
from app.web import LANGUAGE_COOKIE

DAY_S = 86_400


def keep_login(request: Request, response: Response, secret: str) -> None:
    secure: bool = request.app.state.secure
    days = request.app.state.settings.login_days
    response.set_cookie(
        cookie_name(secure=secure), secret, max_age=days * DAY_S, path="/", httponly=True, samesite="lax", secure=secure
    )


def forget_login(request: Request, response: Response) -> None:
    """Only the cookie: what waits on the phone stays there (so no Clear-Site-Data, which would take it too)."""
    secure: bool = request.app.state.secure
    response.delete_cookie(cookie_name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure)


def keep_language(request: Request, response: Response, language: str) -> None:
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=365 * DAY_S, path="/", samesite="lax", secure=request.app.state.secure
    )
