"""The first page after sign-in, the pad, and what became of the taps: lists of sessions and their timelines."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.capture import queries
from app.clinics.access import clinics_of
from app.clinics.models import Clinic
from app.db import DatabaseHeld, Reading
from app.people.access import SignedIn
from app.people.models import Role
from app.slices.freshen import freshen
from app.web import Guarded, render

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

LATEST = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic on the first page, with what the caller does there."""

    clinic: Clinic
    role: Role
    observes: bool
    reads: bool


@router.get("/")
def home(request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    for clinic_id in caller.roles:
        freshen(held, clinic_id)
    with held.read() as session:
        places = [
            Place(clinic, role := caller.roles[clinic.id], role is not Role.ASSISTANT, role in queries.SEEING_ALL)
            for clinic in clinics_of(session, caller)
        ]
        mine, more = queries.my_sessions(session, caller, LATEST)
        refused = len(queries.refused_without_session(session, caller))
    return render(
        request,
        "capture/home.html",
        caller=caller,
        places=places,
        sessions=mine,
        more=more is not None,
        refused=refused,
    )


@router.get("/pad")
def pad(request: Request, caller: SignedIn, session: Reading) -> Response:
    person = {"id": caller.id, "name": caller.name, "language": request.state.language}
    clinics = [
        {"slug": clinic.slug, "name": clinic.name, "role": caller.roles[clinic.id].value}
        for clinic in clinics_of(session, caller)
    ]
    return render(request, "capture/pad.html", caller=caller, person=person, clinics=clinics)
