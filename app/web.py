"""What every page needs: templates, the guard against forged requests, headers, answers to errors."""

import hashlib
import hmac
import logging
from fnmatch import fnmatchcase
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.assets import TEMPLATES, asset
from app.errors import PROBLEM_JSON, AppError, BadRequest, Forbidden, from_validation, problem
from app.i18n import _, choose_language, languages, ngettext, use_language
from app.wording import FILTERS

LARGEST_BODY = 1 << 20
HEARD_OUT = 8 << 20  # of one that is larger
LANGUAGE_COOKIE = "timesink-language"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: with it browsers send "Origin: null" with forms, all that plain http has to tell ours from theirs
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# browsers heed these on https only, and one of them complains about it on plain http
HTTPS_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
}

log = logging.getLogger("timesink")


# --- pages -----------------------------------------------------------------------------------------------------------

templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    extensions=["jinja2.ext.i18n"],
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
templates.policies["ext.i18n.trimmed"] = True
templates.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
templates.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
templates.globals["asset"] = asset
templates.filters.update(FILTERS)


def _login_cookie(request: Request) -> str | None:
    return request.cookies.get("__Host-timesink" if request.app.state.secure else "timesink")


def form_token(secret: str) -> str:
    """Bound to the login; says that a form came from a page that this server gave to this very browser."""
    return hmac.new(secret.encode(), b"timesink form", hashlib.sha256).hexdigest()


def render(request: Request, name: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    """A page, or the fragment of it that htmx asked for. `caller`, if given, shows who is signed in."""
    context.setdefault("caller", None)
    # of the cookie, not of the caller: a browser whose login has run out must still be able to sign in
    secret = _login_cookie(request)
    context.update(
        language=request.state.language,
        languages=languages(),
        path=request.url.path,
        token=form_token(secret) if secret else "",
    )
    html = templates.get_template(name).render(context)
    headers = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language, HX-Request"}
    return HTMLResponse(html, status_code=status, headers=headers)


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of the page. Going back in history needs the whole page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


async def refuse_unknown_parameters(request: Request) -> None:
    """For the API's GETs: a parameter that would be passed over without a word (`after` for `cursor`) is refused.

    Raises BadRequest naming those that the call does not know, and those that it does. Async though it awaits nothing:
    FastAPI would send it to a thread and back.
    """
    if request.method != "GET":
        return
    known = {field.alias for field in get_flat_params(request.scope["route"].dependant)}
    unknown = sorted({name for name in request.query_params if name not in known})
    if unknown:
        sentence = _("This call knows no {unknown}. It knows: {known}.")
        named = ", ".join(name[:40] for name in unknown[:10])
        raise BadRequest(
            sentence.format(unknown=named, known=", ".join(sorted(known)) or "–"), code="unknown_parameter"
        )


def see_other(where: str) -> RedirectResponse:
    return RedirectResponse(where, status_code=303)


def local_path(wished: str | None, otherwise: str) -> str:
    """`wished` if it is a path on this server, so that `next=` leads nowhere else."""
    if not wished or not wished.startswith("/") or wished[1:2] in ("/", "\\") or any(c < " " for c in wished):
        return otherwise
    return wished


# --- the guard against requests forged by other sites ----------------------------------------------------------------


def allowed_origins(request: Request) -> set[str]:
    """Where forms and scripts of ours may come from: the base URL and the listed LAN addresses, never Host."""
    held: set[str] = request.app.state.origins
    return held


def refuse_foreign_origin(request: Request) -> None:
    """For unsafe methods that are believed because of a cookie.

    Sec-Fetch-Site where the browser sends it (secure addresses), else Origin; a request with neither is refused.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        if site == "same-origin":
            return
    elif origin is not None and origin.lower() in allowed_origins(request):
        return
    raise Forbidden(
        _(
            "This request did not come from a page of this server as it knows itself ({known}). If you opened "
            "Timesink at another address, whoever runs it adds that address to TIMESINK_LAN_ORIGINS."
        ).format(known=", ".join(sorted(allowed_origins(request)))),
        code="foreign_origin",
    )


async def _guarded(request: Request) -> None:
    if request.method not in UNSAFE:
        return
    refuse_foreign_origin(request)
    secret = _login_cookie(request)
    if secret:
        form = await request.form()
        given = form.get("token")
        if not isinstance(given, str) or not hmac.compare_digest(given, form_token(secret)):
            await form.close()  # files that came with it
            raise Forbidden(
                _("This page was open for too long or in another login. Go back, reload it and send it again."),
                code="stale_form",
            )


# every router of pages carries it: a route cannot forget it
Guarded = Depends(_guarded)


def _language(request: Request) -> str:
    language: str = request.state.language
    return language


Language = Annotated[str, Depends(_language)]


# --- around every request --------------------------------------------------------------------------------------------


class Compression(GZipMiddleware):
    """`plain`: paths whose answers go as they are, because there are many and they are short."""

    def __init__(self, app: ASGIApp, *, plain: frozenset[str]) -> None:
        super().__init__(app, minimum_size=1000, compresslevel=6)
        self.plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") in self.plain:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Surroundings:
    """Headers of every answer, the language of the request, and an upper limit for its body.

    `larger_bodies`: the limit in bytes of the paths that take more than others; `*` in a path is any text.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, larger_bodies: dict[str, int]) -> None:
        self.app, self.larger_bodies = app, larger_bodies
        headers = SECURITY_HEADERS | (HTTPS_HEADERS if secure else {})
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.api_headers = [*self.headers, (b"cache-control", b"no-store")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:  # whatever answers GET answers HEAD, with the same headers and nothing more
            scope = {**scope, "method": "GET"}
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                given = {name for name, _value in message["headers"]}
                ours = self.api_headers if scope["path"].startswith("/api/") else self.headers
                message["headers"] = [*message["headers"], *(header for header in ours if header[0] not in given)]
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        headers = Headers(scope=scope)
        language = choose_language(_cookie(headers, LANGUAGE_COOKIE), headers.get("accept-language", ""))
        scope.setdefault("state", {})["language"] = language
        use_language(language)
        limit = next(
            (most for path, most in self.larger_bodies.items() if fnmatchcase(scope["path"], path)), LARGEST_BODY
        )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            await _hear_out(receive)
            await error_response(Request(scope), _too_large(limit))(scope, receive, send_with_headers)
            return
        seen = 0

        async def receive_within_limit() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
            return message

        try:
            await self.app(scope, receive_within_limit, send_with_headers)
        except AppError as error:  # raised above while something further in read the body
            if started:
                raise
            await error_response(Request(scope), error)(scope, receive, send_with_headers)


async def _hear_out(receive: Receive) -> None:
    """Reads a body that nobody wants: whoever is still sending when the answer comes may never hear it."""
    seen = 0
    while seen < HEARD_OUT and (message := await receive()).get("more_body"):
        seen += len(message["body"])


def _too_large(limit: int) -> AppError:
    sentence = _("That is more than the {limit} KiB taken here at once.")
    return AppError(413, "too_large", sentence.format(limit=limit >> 10))


def _cookie(headers: Headers, name: str) -> str | None:
    for part in headers.get("cookie", "").split(";"):
        key, _equals, value = part.strip().partition("=")
        if key == name:
            return value
    return None


# --- answers to errors -----------------------------------------------------------------------------------------------


def error_response(request: Request, error: AppError) -> Response:
    """For programs RFC 9457, for people a page (or, for htmx, its fragment); not signed in: to the sign-in page."""
    if request.url.path.startswith("/api/") or "json" in request.headers.get("accept", ""):
        body = problem(error.status, error.code, error.detail, **error.more)
        return JSONResponse(body, error.status, error.headers, media_type=PROBLEM_JSON)
    if error.status == 401:
        where = "/sign-in"
        if request.method == "GET" and request.url.path != "/":
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            where += "?" + urlencode({"next": asked})
        if wants_fragment(request):
            return Response(status_code=401, headers={"HX-Redirect": where})
        return see_other(where)
    name = "_error.html" if wants_fragment(request) else "error.html"
    page = render(request, name, error.status, error=error)
    for header, value in (error.headers or {}).items():
        page.headers[header] = value
    return page


def answer_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return error_response(request, error)


def answer_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return error_response(request, from_validation(error))


def answer_http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such page, method not allowed."""
    assert isinstance(error, HTTPException)
    sentences = {
        404: _("There is no such page here. It may have moved, or the address may have a slip in it."),
        405: _("This address does not take that kind of request."),
    }
    detail = sentences.get(error.status_code, str(error.detail))
    headers = dict(error.headers) if error.headers else None
    return error_response(request, AppError(error.status_code, "http_error", detail, headers=headers))


def answer_unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours: the log has the details, the answer has none of them."""
    log.exception("unexpected error on %s", request.url.path, exc_info=error)
    detail = _("Something went wrong on our side. Nothing you sent was half kept; try again in a moment.")
    return error_response(request, AppError(500, "internal", detail))
