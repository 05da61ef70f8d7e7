"""What the review's pages show of a session: flat, ready for templates. Pure but for names."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from app.capture.access import sees_names
from app.capture.items import FIX_LATER
from app.capture.review.compare import difference
from app.capture.review.form import Typed, fresh, wishes
from app.capture.review.history import Change, of_row
from app.capture.review.look import NOBODY, Look
from app.capture.review.plan import Plan
from app.capture.review.rows import Row, around, rows
from app.capture.story import words_of
from app.forms import Fault
from app.people.access import Caller
from app.people.queries import names as names_of


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be: rows of the changed time with their neighbours, and how much of the session would change."""

    before: list[Row]
    after: list[Row]
    ms: int
    was_ms: dict[str, int] = field(default_factory=dict)  # by key of the row after: how long it is now


def preview(look: Look, plan: Plan) -> Preview | None:
    """None if nothing would change."""
    later = rows(plan.t, plan.steps, look.doubts(plan))
    ends = [edge for row in set(look.rows) ^ set(later) for edge in (row.at, row.at if row.end is None else row.end)]
    if not ends:
        return None
    before, after = around(look.rows, min(ends), max(ends)), around(later, min(ends), max(ends))
    lengths: dict[tuple[Any, ...], int] = {}
    for row in before:
        lengths.setdefault(_same(row), row.ms)
    was = {row.key: lengths[_same(row)] for row in after if lengths.get(_same(row), row.ms) != row.ms}
    return Preview(before, after, difference(look.t, plan.t).ms, was)


def _same(row: Row) -> tuple[Any, ...]:
    return row.kind, row.event, row.interruption, row.again


@dataclass(frozen=True, slots=True)
class Editor:
    """One row with its form open. `meanwhile`: what somebody else changed since it was first opened."""

    row: Row
    typed: Typed
    change: str
    basis: str
    preview: Preview | None = None
    fault: Fault | None = None
    meanwhile: list[Change] = field(default_factory=list)
    history: list[Change] = field(default_factory=list)
    stretches: int = 1
    was: Typed | None = None  # the row as it is, so that the form can tell what was touched
    before: Row | None = None


def editor(look: Look, row: Row, typed: Typed, change: str, **more: Any) -> Editor:
    place = look.rows.index(row)
    before = next((r for r in reversed(look.rows[:place]) if r.kind in ("segment", "pause") and r.end == row.at), None)
    ids = {row.event, row.interruption} - {None}
    return Editor(
        row, typed, change, look.basis, was=fresh(row, look),
        history=of_row(look.changes, ids, row.at, row.at if row.end is None else row.end),  # type: ignore[arg-type]
        stretches=sum(other.event == row.event for other in look.rows) if row.event else 1,
        before=before,
        **more,
    )  # fmt: skip


def previewed(look: Look, row: Row, typed: Typed, now: int) -> Preview | None:
    """Raises BadRequest if it cannot be. `now`: the server's clock."""
    if typed.doing == "divide" and not typed.divide_task:
        return None  # still to be chosen
    found = wishes(typed, row, look)
    return preview(look, look.planned(NOBODY, now, found)) if found else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A tap that makes no sense where it stands."""

    code: str
    event: str
    kind: str
    at: int | None


def troubles(look: Look) -> list[Trouble]:
    wire = {event["id"]: event for event in look.events}
    steps = {step.id: step for step in look.plan.steps}
    found = []
    for problem in look.t.problems:
        at = steps[problem.event].at if problem.event in steps else wire[problem.event]["at"]
        found.append(Trouble(problem.code, problem.event, wire[problem.event]["kind"], at))
    return found


def context(session: Session, caller: Caller, look: Look) -> dict[str, Any]:
    """What every page of the review needs."""
    observed = look.observed
    named = sees_names(caller, observed)
    people = {change.person_id for change in look.changes} - (set() if named else {observed.person_id})
    shown: dict[str, Any] = {
        "observed": observed,
        "here": f"/sessions/{observed.id}",
        "zone": look.clinic.timezone,
        "t": look.t,
        "words": words_of(look.task_list),
        "task_list": look.task_list,
        "named": named,
        "names": names_of(session, people),
        "basis": look.basis,
        "me": caller.id,
        "new_change": lambda: str(uuid4()),
    }
    if look.clinic.id in caller.roles:
        shown["clinic"] = look.clinic
    return shown


def is_readable(row: Row, *, named: bool) -> bool:
    """A note is the observer's own words, it may name somebody: of others' managers see the pad's mark alone."""
    return row.kind != "note" or named or row.text == FIX_LATER


def overview(look: Look, *, named: bool) -> dict[str, Any]:
    """The list, and what to look at first."""
    listed = [row for row in look.rows if is_readable(row, named=named)]
    idle = sum(row.ms for row in listed if row.is_gap)
    return {
        "rows": listed,
        "flags": [row for row in listed if row.kind == "note"],
        "gaps": [row for row in listed if row.is_long_gap],
        "uncertain": [row for row in listed if row.uncertain],
        "troubles": troubles(look),
        "idle_ms": idle,
        "ran_at": lambda at: next((r for r in listed if r.kind == "segment" and r.at <= at < (r.end or 0)), None),
        "changes": look.changes,  # those that the history lists, made on a phone or here
    }
