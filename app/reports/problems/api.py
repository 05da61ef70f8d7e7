"""The board as JSON, for everybody who may report: the same figures as on the page, with the same ones withheld.

A poster's code reads the board and nothing else (CONTRACT.md): not even the list of changes.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.people.access import SignedIn
from app.reports.access import MayReport, reporter
from app.reports.problems import queries
from app.reports.problems.queries import Entry, Shown
from app.reports.queries import changes

router = APIRouter(prefix="/api/v1", tags=["reports"])

Slug = Annotated[str, Query(alias="clinic", description="The clinic's short name.")]


class PartOfAProblem(BaseModel):
    """What is gathered; trigger and place are null where any will do."""

    stealer: str
    trigger: str | None
    place: str | None


class ChangeTried(BaseModel):
    id: str
    day: str = Field(description="The first day on which it is so.")
    kind: str
    label: str
    problem: str | None


class EntryOfAProblem(BaseModel):
    day: str
    said: str = Field(description="acknowledged, decided, done, declined; merged, taken_apart or split.")
    text: str
    change: str | None = Field(description="The id of the change that it names.")


class ProblemOfTheBoard(BaseModel):
    """Figures are of reports, not people, of whole weeks that are over; null where they are withheld for privacy."""

    id: str
    parts: list[PartOfAProblem]
    state: str
    since: str
    reports: int | None
    days: int | None
    minutes: float | None
    days_to_answer: int | None
    history: list[EntryOfAProblem]


class BoardOfAnswers(BaseModel):
    items: list[ProblemOfTheBoard]
    next: None
    answered: int
    waiting: int
    median_days_to_answer: float | None
    waiting_since: str | None


class ChangesTried(BaseModel):
    items: list[ChangeTried]
    next: None


@router.get("/problems", response_model=BoardOfAnswers, summary="What was reported together, and what became of it")
def problems(slug: Slug, request: Request, caller: MayReport, held: DatabaseHeld) -> dict[str, Any]:
    with held.read() as session:
        clinic = reporter(request, session, caller, slug).clinic
    queries.freshen(held, clinic, now_ms())
    with held.read() as session:
        found = queries.board(session, clinic, now_ms())
    return {
        "items": [_as_dict(one) for one in found.problems],
        "next": None,
        "answered": found.answered,
        "waiting": found.waiting,
        "median_days_to_answer": found.median_days_to_answer,
        "waiting_since": found.waiting_since,
    }


@router.get("/changes", response_model=ChangesTried, summary="What the clinic tries, and since when")
def tried(slug: Slug, caller: SignedIn, held: DatabaseHeld) -> dict[str, Any]:
    with held.read() as session:
        found = changes(session, clinic_for(session, caller, slug))
    items = [
        {"id": one.id, "day": one.day, "kind": one.kind, "label": one.label, "problem": one.problem_id} for one in found
    ]
    return {"items": items, "next": None}


def _as_dict(one: Shown) -> dict[str, Any]:
    return {
        "id": one.id,
        "parts": [
            {"stealer": part.stealer, "trigger": part.trigger or None, "place": part.place or None}
            for part in one.parts
        ],
        "state": one.state,
        "since": one.since,
        "reports": one.reports,
        "days": one.days,
        "minutes": one.minutes,
        "days_to_answer": one.days_to_answer,
        "history": [_entry(entry) for entry in one.history],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    change = entry.change.id if entry.change else None
    return {"day": entry.day, "said": entry.said, "text": entry.text, "change": change}
