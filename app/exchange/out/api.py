"""GET /api/v1/exports/...: what the command exports, for programs and for the links of the summary page.

The summary is for whoever may see it. Everything else tells of single sessions: for admins, and
audited.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.db import Database, DatabaseHeld, now_ms
from app.exchange.out.drawings import Name, chart_file, charts_file
from app.exchange.out.files import FORMATS, MEDIA, Format, TableFormat, file_name, hours_of, session_file, summary_file
from app.exchange.out.order import order_sessions
from app.openapi import files
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING, Role
from app.slices.freshen import freshen
from app.summary.asked import Asked, AskedFilters
from app.summary.labels import Labels, labels
from app.summary.summary import summary
from app.summary.window import Window, today, window

router = APIRouter(prefix="/api/v1/exports", tags=["exchange"])

Day = Annotated[str | None, Query(description="A day in the clinic's zone, YYYY-MM-DD; both days are inclusive.")]
From = Annotated[Day, Query(alias="from")]


def answered(what: str) -> dict[int | str, dict[str, Any]]:
    """For the API's description: the file, in any of its formats."""
    return files(MEDIA[format] for format in FORMATS[what])


@router.get(
    "/events.{format}",
    summary="The raw events of observed sessions",
    response_class=StreamingResponse,
    responses=answered("events"),
)
def events(
    format: Literal["csv", "json"],
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    from_: From = None,
    to: Day = None,
) -> Response:
    """In order of receipt, corrections included, of all observed sessions that began on these days. For admins."""
    return _sessions("events", format, caller, held, clinic, from_, to)


@router.get(
    "/segments.{format}",
    summary="The segments of observed sessions",
    response_class=StreamingResponse,
    responses=answered("segments"),
)
def segments(
    format: TableFormat, caller: SignedIn, held: DatabaseHeld, clinic: str, from_: From = None, to: Day = None
) -> Response:
    """What the events mean, uncut, of all observed sessions that began on these days. For admins."""
    return _sessions("segments", format, caller, held, clinic, from_, to)


@router.get(
    "/sessions.xes",
    summary="Observed sessions for process mining",
    response_class=StreamingResponse,
    responses=answered("sessions"),
)
def event_log(caller: SignedIn, held: DatabaseHeld, clinic: str, from_: From = None, to: Day = None) -> Response:
    """XES (IEEE 1849): a trace a session, its activities with start, suspend, resume, complete and ate_abort.

    All observed sessions that began on these days. For admins.
    """
    return _sessions("sessions", "xes", caller, held, clinic, from_, to)


@router.get(
    "/package.zip",
    summary="Observed sessions as a Data Package",
    response_class=StreamingResponse,
    responses=answered("package"),
)
def data_package(caller: SignedIn, held: DatabaseHeld, clinic: str, from_: From = None, to: Day = None) -> Response:
    """Raw and corrected streams as CSV, task lists, method and definitions, described by datapackage.json.

    All observed sessions that began on these days. For admins.
    """
    return _sessions("package", "zip", caller, held, clinic, from_, to)


@router.get(
    "/summary.{format}",
    summary="The summary as a file",
    response_class=StreamingResponse,
    responses=answered("summary"),
)
def clinic_summary(
    format: TableFormat,
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    asked: AskedFilters,
    from_: From = None,
    to: Day = None,
) -> Response:
    """The figures of GET /api/v1/summary, with its parameters; in a workbook of up to 92 unfiltered days also those of
    GET /api/v1/workload. For managers and admins.
    """
    wanted, days, figures = _figures(caller, held, clinic, asked, from_, to)
    hours = None
    if format == "xlsx":
        with held.read() as session:
            hours = hours_of(session, wanted, days, asked.filters())
    headers = _as_file("summary", clinic, days, format)
    file = summary_file(figures, wanted.weekly_hours, format, hours)
    return Response(file, media_type=MEDIA[format], headers=headers)


@router.get(
    "/charts/{name}.svg",
    summary="One chart of the summary",
    response_class=Response,
    responses=files([MEDIA["svg"]]),
)
def chart(
    name: Name,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    asked: AskedFilters,
    from_: From = None,
    to: Day = None,
) -> Response:
    """An SVG that stands alone, with title, description, legend and style sheet. Parameters of GET /api/v1/summary.

    For managers and admins. 404 where there is nothing to draw, or nothing that may be shown.
    """
    wanted, days, figures = _figures(caller, held, clinic, asked, from_, to)
    drawn = chart_file(wanted, figures, _labels(held, wanted), name, request.state.language)
    return Response(drawn, media_type=MEDIA["svg"], headers=_as_file(name, clinic, days, "svg"))


@router.get(
    "/charts.zip",
    summary="All charts of the summary",
    response_class=Response,
    responses=answered("charts"),
)
def charts(
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: str,
    asked: AskedFilters,
    from_: From = None,
    to: Day = None,
) -> Response:
    """Each as an SVG that stands alone. Parameters of GET /api/v1/summary. For managers and admins."""
    wanted, days, figures = _figures(caller, held, clinic, asked, from_, to)
    drawn = charts_file(wanted, figures, _labels(held, wanted), request.state.language, now_ms())
    return Response(drawn, media_type=MEDIA["zip"], headers=_as_file("charts", clinic, days, "zip"))


def _labels(held: Database, clinic: Clinic) -> Labels:
    with held.read() as session:
        return labels(session, clinic)


def _figures(
    caller: Caller, held: Database, clinic: str, asked: Asked, from_: str | None, to: str | None
) -> tuple[Clinic, Window, dict[str, Any]]:
    with held.read() as session:
        wanted = clinic_for(session, caller, clinic, *MANAGING)
    days = window(from_, to, today(now_ms(), wanted.timezone))
    chosen = asked.filters()
    freshen(held, wanted.id)
    with held.read() as session:
        return wanted, days, summary(session, wanted, days, chosen)


def _sessions(
    what: str, format: Format, caller: Caller, held: Database, clinic: str, from_: str | None, to: str | None
) -> Response:
    now = now_ms()
    with held.read() as session:
        wanted = clinic_for(session, caller, clinic, Role.ADMIN)
    days = window(from_, to, today(now, wanted.timezone))
    ids = order_sessions(held, wanted, days, what, format, caller.id, now)
    pieces = _begun(session_file(held, wanted, days, ids, what, format, now))
    return StreamingResponse(pieces, media_type=MEDIA[format], headers=_as_file(what, clinic, days, format))


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """With the first piece made already: what fails before it is still an error that can be told."""
    first = next(pieces, b"")
    return chain([first], pieces)


def _as_file(what: str, clinic: str, days: Window, format: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file_name(what, clinic, days, format)}"'}
