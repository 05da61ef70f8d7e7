"""The first page after sign-in, the pad, and what became of the taps: lists of sessions and their timelines."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.capture import queries
from app.capture.access import session_for
from app.capture.closing.close import entered_afterwards, standing_of
from app.capture.log import corrected_events
from app.capture.story import entered_later, rows, words_of
from app.capture.swimlane import swimlane
from app.clinics.access import clinic_for, clinics_of
from app.clinics.models import Clinic, TaskListVersion
from app.clinics.queries import parsed
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.i18n import _
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING, Role
from app.people.queries import names as names_of
from app.slices.freshen import freshen
from app.summary.privacy import smallest_cell
from app.summary.reading import Reading, read
from app.summary.summary import summary
from app.summary.window import today, window
from app.timeline import totals
from app.web import Guarded, render

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

LATEST, PAGE = 5, 50


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic on the first page, with what the caller does there."""

    clinic: Clinic
    role: Role
    observes: bool
    figures: dict[str, Any] | None  # of the last two weeks, for those who read summaries
    reading: Reading | None
    k: int
    forgotten: int  # sessions that others have left open
    refused: int  # taps in quarantine that somebody should see to


@router.get("/")
def home(request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    for clinic_id in caller.roles:
        freshen(held, clinic_id)
    with held.read() as session:
        places = [_place(session, caller, clinic) for clinic in clinics_of(session, caller)]
        open_sessions = queries.my_open_sessions(session, caller)
        mine, more = queries.my_sessions(session, caller, LATEST)
        refused = queries.count_refused(session, caller)
    return render(
        request,
        "capture/home.html",
        caller=caller,
        places=places,
        open_sessions=open_sessions,
        sessions=mine,
        more=more is not None,
        refused=refused,
    )


def _place(session: Session, caller: Caller, clinic: Clinic) -> Place:
    role, now = caller.roles[clinic.id], now_ms()
    figures, forgotten, refused = None, 0, 0
    if role in MANAGING:
        figures = summary(session, clinic, window(None, None, today(now, clinic.timezone)))
        forgotten = queries.forgotten(session, caller, clinic, now)
        refused = queries.count_refused(session, caller, clinic)
    return Place(
        clinic,
        role,
        observes=role is not Role.ASSISTANT,
        figures=figures,
        reading=read(figures, clinic.weekly_hours) if figures else None,
        k=smallest_cell(clinic.smallest_cell),
        forgotten=forgotten,
        refused=refused,
    )


@router.get("/pad")
def pad(request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    person = {"id": caller.id, "name": caller.name, "language": request.state.language}
    with held.read() as session:
        clinics = [
            {"slug": clinic.slug, "name": clinic.name, "role": caller.roles[clinic.id].value}
            for clinic in clinics_of(session, caller)
        ]
    return render(request, "capture/pad.html", caller=caller, person=person, clinics=clinics)


@router.get("/offline")
def offline(request: Request) -> Response:
    """Kept by the service worker, for every page but the pad when there is no network."""
    return render(request, "capture/offline.html")


# --- sessions --------------------------------------------------------------------------------------------------------


@router.get("/sessions")
def my_sessions(request: Request, caller: SignedIn, held: DatabaseHeld, before: str = "") -> Response:
    after = _read_before(before)
    for clinic_id in caller.roles:
        freshen(held, clinic_id)
    with held.read() as session:
        mine, following = queries.my_sessions(session, caller, PAGE, after)
        refused = queries.refused_without_session(session, caller)
        zones = {clinic.timezone for clinic in clinics_of(session, caller)}
    shown: dict[str, Any] = {
        "sessions": mine,
        "following": _before(following),
        "refused": refused,
        "first": after is None,
        # what came to no session names no clinic that could be trusted: its time is told in theirs, if they share one
        "zone": zones.pop() if len(zones) == 1 else "UTC",
    }
    return render(request, "capture/my_sessions.html", caller=caller, **shown)


@router.get("/clinics/{slug}/sessions")
def clinic_sessions(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, before: str = "") -> Response:
    """Every observed session of the clinic; who watched and who was watched only for admins."""
    after = _read_before(before)
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    freshen(held, clinic.id)
    with held.read() as session:
        window = queries.Window(mode="observed")
        found, following = queries.sessions_of_clinic(session, caller, clinic, window, PAGE, after)
        names = names_of(session, [one["observer"] for one in found if one["observer"]])
        refused = queries.refused_without_session(session, caller, clinic)
    shown: dict[str, Any] = {"sessions": found, "names": names, "following": _before(following), "refused": refused}
    return render(request, "capture/clinic_sessions.html", caller=caller, clinic=clinic, first=after is None, **shown)


@router.get("/sessions/{session_id}")
def session_timeline(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
    freshen(held, observed.clinic_id)
    with held.read() as session:
        clinic = session.get_one(Clinic, observed.clinic_id)
        header = queries.session_header(session, caller, observed.id)
        task_list = parsed(session.get_one(TaskListVersion, observed.task_list_version_id).body)
        logged = corrected_events(session, observed)
        refused = queries.refused_in(session, observed.id)
        names = names_of(session, filter(None, [header["observer"]]))
    stands = standing_of(logged)
    t = stands.t
    later = entered_later(event.wire for event in logged)
    words, measured = words_of(task_list), totals(t)
    # a note is the observer's own words: it may name somebody, so managers do not read it
    named = header["observer"] is not None
    shown: dict[str, Any] = {
        "session": header,
        "zone": clinic.timezone,
        "names": names,
        "t": t,
        "totals": measured,
        # an interruption's time without a task: rows of tasks, this and idle time add up to what was observed
        "uncoded_ms": round(t.observed_ms - measured["idle_ms"] - sum(measured["person_ms"].values())),
        "rows": [row for row in rows(t, words, later) if named or row.kind != "note"],
        "words": words,
        "lanes": swimlane(t, words, clinic.timezone),
        "afterwards": entered_afterwards(stands.end),
        "problems": Counter(problem.code for problem in t.problems),
        "refused": refused,
    }
    if clinic.id in caller.roles:  # one's own sessions stay one's own in a clinic that one has left
        shown["clinic"] = clinic
    return render(request, "capture/session.html", caller=caller, **shown)


def _before(following: tuple[int, str] | None) -> str:
    return f"{following[0]}.{following[1]}" if following else ""


def _read_before(before: str) -> tuple[int, str] | None:
    if not before:
        return None
    at, _dot, session_id = before.partition(".")
    if not at.isdecimal() or len(at) > 15 or not session_id:
        raise BadRequest(_("This address does not lead to a page of the list: begin again at its first page."))
    return int(at), session_id
