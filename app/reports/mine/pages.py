"""My data: a page, the same as a file, and withdrawing what one has said."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import select

from app.clinics.models import Clinic
from app.custody.erasing import erasing
from app.custody.said import erase_said
from app.db import Database, DatabaseHeld, now_ms
from app.people.access import Caller, SignedIn
from app.reports.mine.queries import as_json, mine
from app.reports.problems.queries import names_of
from app.slices.freshen import freshen
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

FILE = "timesink-my-data.json"
Text = Annotated[str, Form()]


@router.get("/my-data")
def my_data(request: Request, caller: SignedIn, held: DatabaseHeld, withdrawn: str = "") -> Response:
    _freshen(held, caller)
    with held.read() as session:
        found = mine(session, caller)
        clinics = list(session.execute(select(Clinic).where(Clinic.slug.in_(found.clinics))).scalars())
        names = {clinic.slug: names_of(session, clinic) for clinic in clinics}
    return render(
        request,
        "reports/mine/mine.html",
        caller=caller,
        mine=found,
        names=names,
        zones={clinic.slug: clinic.timezone for clinic in clinics},
        withdrawn=bool(withdrawn),
    )


def _freshen(held: Database, caller: Caller) -> None:
    """When a session began and ended is read from its events."""
    for clinic_id in caller.roles:
        freshen(held, clinic_id)


@router.get("/my-data.json")
def my_data_file(caller: SignedIn, held: DatabaseHeld) -> Response:
    _freshen(held, caller)
    with held.read() as session:
        body = as_json(caller, mine(session, caller))
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


@router.post("/my-data")
def withdraw(request: Request, caller: SignedIn, held: DatabaseHeld, id: Text = "") -> Response:
    """One thing by its id; without one all that the person has said, and the own codes."""
    with erasing(held, request.app.state.settings) as session:
        erase_said(session, caller.id, [id] if id else None, now_ms())
    return see_other("/my-data?withdrawn=yes")
