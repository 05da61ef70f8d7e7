"""The capture part of the API: batches in; the pad, sessions, events and timelines out. Shapes: CONTRACT.md, HTTP."""

import base64
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session
from starlette.routing import request_response

from app.capture import queries, shapes
from app.capture.access import sees_names, session_for
from app.capture.append import append
from app.capture.envelope import PROTOCOL, Read, read_envelope
from app.capture.items import FIX_LATER, UUID, is_day
from app.capture.log import corrected_events
from app.capture.writer import Writer
from app.clinics.access import clinic_for
from app.clinics.nudge import nudges
from app.clinics.queries import version_of
from app.db import DatabaseHeld, Reading, now_ms
from app.errors import AppError, BadRequest, Forbidden, NotFound, NotSignedIn
from app.failpoints import failpoint
from app.i18n import _
from app.openapi import EVERYWHERE, problems
from app.people.access import DAY_MS, SignedIn, find_caller, secret_of
from app.people.models import MANAGING, Role
from app.reports.access import at_poster, is_nobody, open_poster, person_at, poster_secret
from app.reports.posters import too_many_reports
from app.slices.freshen import freshen
from app.slices.usual import usual_lengths
from app.timeline import timeline, totals
from app.web import refuse_foreign_origin

router = APIRouter(prefix="/api/v1", tags=["capture"])

Day = Annotated[str | None, Query(description="A day in the clinic's zone, YYYY-MM-DD.")]
Limit = Annotated[int, Query(ge=1, le=1000)]


class BareRoute(APIRoute):
    """Described and routed like every other, but called with nothing but its request.

    What FastAPI does around a call (parameters, dependencies, exit stacks) takes half as long as all else that a tap
    needs before it is written; a batch is read by `envelope.py` alone.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.app = request_response(endpoint)


def add_outbox(to: APIRouter) -> None:
    """`to`: the application's own router, for one that is included looks every request over twice."""
    to.add_api_route(
        "/api/v1/batches",
        receive,
        methods=["POST"],
        tags=["capture"],
        summary="Take in an outbox",
        responses={200: {"model": shapes.BatchAnswer}, **EVERYWHERE, **problems(426, 429)},
        openapi_extra={"requestBody": shapes.batch_body()},
        route_class_override=BareRoute,
    )


async def receive(request: Request) -> Response:
    """Answers after the commit; see CONTRACT.md, Outbox. The only async route: it awaits the writer."""
    received_at = now_ms()
    carried, poster = secret_of(request), poster_secret(request)
    if carried is None and poster is None:
        raise _not_signed_in()
    if carried is None or carried[0] == "browser":
        _refuse_forged(request)
    read = read_envelope(await request.body(), received_at)
    writer: Writer = request.app.state.writer
    idle_ms = request.app.state.settings.login_idle_days * DAY_MS
    if poster is not None and (carried is None or is_nobody(read.person)):
        work = _receiving_reports(poster, read, received_at)
    else:
        work = _receiving(carried, read, received_at, idle_ms)
    answer = await writer.submit(work)
    if isinstance(answer, AppError):
        raise answer
    failpoint("after_commit")
    request.app.state.slicer.wake()
    server = {"received": received_at, "sent": now_ms()}
    return JSONResponse({"timesink": 1, "batch_id": read.batch_id, **answer, "server": server, "min_proto": PROTOCOL})


def _receiving(
    carried: tuple[str, str] | None, read: Read, received_at: int, idle_ms: int
) -> Callable[[Session], dict[str, Any] | AppError]:
    """What the writer does with a batch. A refusal is answered, not raised: it must not undo its neighbours' commit."""

    def work(session: Session) -> dict[str, Any] | AppError:
        caller = find_caller(session, *carried, received_at, idle_ms) if carried else None
        if caller is None:
            return _not_signed_in()
        if read.person is not None and read.person != caller.id:
            sentence = _(
                "These taps belong to somebody else who used this phone. They wait until that person signs in."
            )
            return Forbidden(sentence, code="other_person", person_id=caller.id)
        if not caller.roles:
            sentence = _("You have no role in any clinic, so nothing can be kept for you.")
            return Forbidden(sentence, code="no_role", person_id=caller.id)
        answer = append(session, caller, read.batch, received_at)
        return {"db_epoch": queries.db_epoch(session), **answer}

    return work


def _receiving_reports(secret: str, read: Read, received_at: int) -> Callable[[Session], dict[str, Any] | AppError]:
    """The same for whoever stands before a poster: also where the phone's browser is signed in as somebody."""

    def work(session: Session) -> dict[str, Any] | AppError:
        try:
            poster, clinic = open_poster(session, secret, received_at)
        except Forbidden as ended:
            return ended
        if read.person not in (None, person_at(clinic)):
            sentence = _("These reports are for another clinic. They wait until you scan a poster there.")
            return Forbidden(sentence, code="other_person")
        full = too_many_reports(session, poster, len(read.batch.items))
        if full is not None:
            return full
        answer = append(session, at_poster(session, poster), read.batch, received_at)
        return {"db_epoch": queries.db_epoch(session), **answer}

    return work


def _not_signed_in() -> AppError:
    return NotSignedIn(_("Sign in to upload. What waits on this phone is kept."))


def _refuse_forged(request: Request) -> None:
    """Cookie callers: another site can make a browser send a cookie, but neither this header nor this content type."""
    refuse_foreign_origin(request)
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    if not is_json or request.headers.get("x-timesink") != "1":
        raise Forbidden(_("Send the batch as application/json with the header X-Timesink: 1."), code="forged")


@router.get(
    "/clinics/{slug}/pad",
    summary="All that a phone needs to work offline",
    responses={200: {"model": shapes.Pad}, 304: {"description": "The one named in If-None-Match is the newest."}},
)
def pad(
    slug: str,
    request: Request,
    caller: SignedIn,
    session: Reading,
    task_list: Annotated[str | None, Query(max_length=64, description="With `version`: as a session has it.")] = None,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """The newest list, or the version of one that a session going on elsewhere was begun with."""
    clinic = clinic_for(session, caller, slug)
    older = None
    if (task_list is None) != (version is None):
        raise BadRequest(_("Name the list and its version, or neither for the newest."), code="bad_parameter")
    if task_list is not None and version is not None:
        older = version_of(session, clinic, task_list, version)
        if older is None:
            raise NotFound(_("The clinic has no such version of this task list."))
    body = queries.pad(session, clinic, older)
    usual = usual_lengths(session, clinic.id) if clinic.nudge_percent is not None else {}
    body["nudge"] = nudges(
        clinic, [task["code"] for task in body["tasks"]], {task: one.ms for task, one in usual.items()}
    )
    tag = queries.etag(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if _is_known(tag, request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers)
    return JSONResponse(body, headers=headers)


def _is_known(tag: str, if_none_match: list[str]) -> bool:
    """RFC 9110, 13.1.2: any, or one of the listed; a proxy that compresses makes them weak, which says as much here."""
    named = [part.strip() for line in if_none_match for part in line.split(",")]
    return "*" in named or tag in (part.removeprefix("W/") for part in named)


@router.get(
    "/sessions",
    summary="Sessions by local day of begin, newest first",
    response_model=None,
    responses={200: {"model": shapes.SessionList}},
)
def sessions(
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    from_: Annotated[Day, Query(alias="from")] = None,
    to: Day = None,
    mode: Literal["observed", "self"] | None = None,
    open: Annotated[bool | None, Query(description="Only those that have no end yet, or only those that have.")] = None,
    limit: Limit = 100,
    cursor: str | None = None,
) -> dict[str, Any]:
    with held.read() as session:
        wanted = clinic_for(session, caller, clinic)
    for name, day in (("from", from_), ("to", to)):
        if day is not None and not is_day(day):
            sentence = _("“{name}” should be a day, YYYY-MM-DD, but is “{value}”.")
            raise BadRequest(sentence.format(name=name, value=ascii(day)[1:-1][:40]), code="bad_window")
    if from_ and to and to < from_:
        raise BadRequest(_("The last day lies before the first."), code="bad_window")
    window = queries.Window(from_, to, mode, open)
    after = _read_cursor(cursor)
    freshen(held, wanted.id)
    with held.read() as session:
        items, following = queries.sessions_of_clinic(session, caller, wanted, window, limit, after)
    return {"items": items, "next": _cursor(*following) if following else None}


@router.get(
    "/sessions/{session_id}",
    summary="A session's header",
    response_model=None,
    responses={200: {"model": shapes.SessionHeader}},
)
def session_header(session_id: str, caller: SignedIn, held: DatabaseHeld) -> dict[str, Any]:
    with held.read() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
    freshen(held, observed.clinic_id)
    with held.read() as session:
        return queries.session_header(session, caller, observed.id)


@router.get(
    "/sessions/{session_id}/events",
    summary="Raw events with corrections, in order of receipt",
    responses={200: {"model": shapes.EventList}},
)
def events(
    session_id: str, caller: SignedIn, session: Reading, limit: Limit = 100, cursor: str | None = None
) -> Response:
    """The observer's own, or an admin's: rows of a person's day are not for managers."""
    observed = session_for(session, caller, session_id, Role.ADMIN)
    skip = _read_cursor(cursor)[0] if cursor else 0  # type: ignore[index]
    logged = corrected_events(session, observed)
    items = [
        {
            **event.raw,
            "device": event.device,
            "person": event.person_id,
            "received_at": event.received_at,
            "at_corrected": event.wire["at"],
            "uncertain": event.uncertain,
        }
        for event in logged[skip : skip + limit]
    ]
    following = skip + limit
    told = {"items": items, "next": _cursor(following, observed.id) if following < len(logged) else None}
    # what was sent is told as it was sent: escaped, because half a surrogate pair cannot be told otherwise
    return Response(json.dumps(told), media_type="application/json")


@router.get(
    "/sessions/{session_id}/timeline",
    summary="What the events mean, on corrected times",
    response_model=None,
    responses={200: {"model": shapes.TimelineAnswer}},
)
def session_timeline(
    session_id: str, caller: SignedIn, session: Reading, as_of: Annotated[int | None, Query(ge=0, le=2**53)] = None
) -> dict[str, Any]:
    observed = session_for(session, caller, session_id, *MANAGING)
    meant = timeline([event.wire for event in corrected_events(session, observed)], as_of)
    told = {"session": observed.id, **meant.as_dict(), "totals": totals(meant)}
    if not sees_names(caller, observed):  # a note is the observer's own words: it may name somebody
        told["notes"] = [note for note in told["notes"] if note["text"] == FIX_LATER]
    return told


def _cursor(at: int, item_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at, item_id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    try:
        at, item_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError):  # binascii's error is a ValueError
        at, item_id = None, None
    is_instant = isinstance(at, int) and not isinstance(at, bool) and 0 <= at < 2**53
    if not is_instant or not isinstance(item_id, str) or not UUID.fullmatch(item_id):
        raise BadRequest(_("This cursor is not one that a list here gave."), code="bad_cursor")
    return at, item_id
