"""The two-week summary for managers: the figures of the API, read out and drawn."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.queries import versions
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, fault_of
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING
from app.reports.problems import queries as problems
from app.reports.queries import changes
from app.slices.freshen import freshen
from app.summary.asked import AskedFilters
from app.summary.comparison.comparison import Group, comparison, middle_of
from app.summary.days import disagreeing_days
from app.summary.labels import labels
from app.summary.privacy import smallest_cell
from app.summary.queries import staff_roles
from app.summary.reading import read
from app.summary.suggestions import HalfDay, suggestions
from app.summary.summary import ALL, summary
from app.summary.window import DAY_TYPES, Filters, Window, today, window
from app.web import Guarded, render, wants_fragment
from app.workload.queries import are_few, gather
from app.workload.reading import read as workload

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

SPANS = (14, 28, 91)  # days, offered as links
MOST_TOLD = 4  # of the newest changes, whose before and after stand in the list
HEADLINES = ("unscheduled_share", "per_hour")


@router.get("/clinics/{slug}/summary")
def summary_page(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    asked: AskedFilters,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
) -> Response:
    form = {"from_": from_, "to": to, **{name: value or "" for name, value in asdict(asked).items()}}
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    day = today(now_ms(), clinic.timezone)
    try:
        days, chosen = window(from_, to, day), asked.filters()
    except BadRequest as error:
        with held.read() as session:
            return _faulty(request, session, caller, clinic, form, day, fault_of(error))
    freshen(held, clinic.id)
    with held.read() as session:
        shown = {**_form(session, clinic, form, day, days), **_figures(session, clinic, days, chosen, day)}
    name = "summary/_figures.html" if wants_fragment(request) else "summary/summary.html"
    return render(request, name, caller=caller, clinic=clinic, fault=None, **shown)


@router.get("/clinics/{slug}/summary/answers")
def answers(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
) -> Response:
    """What the clinic's own voice told, what became of it, and which changes have a before and an after."""
    now = now_ms()
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
    day = today(now, clinic.timezone)
    days = window(from_, to, day)
    problems.freshen(held, clinic, now)
    freshen(held, clinic.id)
    with held.read() as session:
        shown: dict[str, Any] = {
            "board": problems.board(session, clinic, now),
            "names": problems.names_of(session, clinic),
            "tried": [
                (one, *_helped(session, clinic, date.fromisoformat(one.day), days, day, told=nth < MOST_TOLD))
                for nth, one in enumerate(changes(session, clinic)[::-1])
            ],
        }
    return render(request, "summary/_answers.html", caller=caller, clinic=clinic, **shown)


def _helped(
    session: Session, clinic: Clinic, changed: date, days: Window, day: date, *, told: bool
) -> tuple[str | None, list[dict[str, Any]]]:
    """The query of before and after a change, None if it has yet to begin: as many days on either side as the summary
    shows, and up to today. With it, where `told`, the two headline figures of both.
    """
    if changed > day:
        return None, []
    n = days.last - days.first
    first, last = changed - n - timedelta(days=1), min(day, changed + n)
    around = {"date": changed.isoformat(), "from": first.isoformat(), "to": last.isoformat()}
    groups = Group(clinic, Window(changed, last)), Group(clinic, Window(first, changed - timedelta(days=1)))
    rows = comparison(session, "change", groups, ALL)["rows"] if told else []
    return urlencode({"by": "change", **around}), [row for row in rows if row["figure"] in HEADLINES]


def _figures(session: Session, clinic: Clinic, days: Window, chosen: Filters, day: date) -> dict[str, Any]:
    figures = summary(session, clinic, days, chosen)
    known = labels(session, clinic)
    short = _short_half_days(session, clinic, days) if chosen.mode == "observed" and figures["sessions"] else []
    disagreeing = disagreeing_days(session, clinic, days)
    return {
        # of the days shown, and of those that the filter on their type therefore leaves out
        "disagreeing": [row["day"] for row in figures["by_day"] or () if row["day"] in disagreeing],
        "left_out": [day for day, types in disagreeing.items() if chosen.day_type in types],
        "figures": figures,
        "reading": read(figures, clinic.weekly_hours, list(known.categories)),
        "tried": suggestions(figures, short),
        "with_hours": chosen.mode == "observed" and are_few(days),
        "labels": known,
        "ahead": None if days.last <= day else max(days.first, day + timedelta(days=1)).isoformat(),
        # by a phone whose clock is fast: up to a day is taken for a time zone (CONTRACT.md, absurd_time)
        "too_early": [row["day"] for row in figures["by_day"] or () if row["day"] > day.isoformat()],
        "middle": middle_of(days).isoformat(),
        "k": smallest_cell(clinic.smallest_cell),
        "filtered": chosen != Filters(),
        "chosen": chosen,
        "exports": _exports(clinic, days, chosen),
        "earlier": urlencode({"from": (days.first - timedelta(days=91)).isoformat(), "to": days.last.isoformat()}),
    }


def _short_half_days(session: Session, clinic: Clinic, days: Window) -> list[HalfDay]:
    """Those whose required hours lie above the scheduled ones by their whole range, the worst first."""
    if not are_few(days):
        return []
    return [
        HalfDay(one.weekday, "am" if one.half == "am" else "pm", one.cell.low, one.cell.scheduled)
        for one in workload(gather(session, clinic, days)).worst
        if one.cell.verdict == "short" and one.cell.low is not None and one.cell.scheduled is not None
    ]


def _exports(clinic: Clinic, days: Window, chosen: Filters) -> dict[str, str]:
    """The queries of what is shown, for the same figures as files; single sessions know days only."""
    asked = {"clinic": clinic.slug, "from": days.first.isoformat(), "to": days.last.isoformat()}
    filtered = {name: value for name, value in asdict(chosen).items() if value is not None}
    return {"rows": urlencode(asked), "summary": urlencode(asked | filtered)}


def _form(session: Session, clinic: Clinic, asked: Mapping[str, str], day: date, days: Window | None) -> dict[str, Any]:
    """What the form offers, and what stands in it: what was asked, else the days that are shown."""
    typed = dict(asked)
    if days is not None:
        typed |= {"from_": days.first.isoformat(), "to": days.last.isoformat()}
    return {
        "asked": typed,
        "opened": asked["mode"] == "self"
        or any(asked[name] for name in ("day_type", "staff_role", "task_list", "settling", "uncertain")),
        "day_types": DAY_TYPES,
        "staff_roles": sorted({*staff_roles(session, clinic.id), *filter(None, [asked["staff_role"]])}),
        "task_lists": sorted({*(v.code for v in versions(session, clinic.id)), *filter(None, [asked["task_list"]])}),
        "spans": [
            (n, urlencode({"from": (day - timedelta(days=n - 1)).isoformat(), "to": day.isoformat()})) for n in SPANS
        ],
    }


def _faulty(
    request: Request,
    session: Session,
    caller: Caller,
    clinic: Clinic,
    asked: Mapping[str, str],
    day: date,
    fault: Fault,
) -> Response:
    shown = _form(session, clinic, asked, day, None)
    name = "summary/_fault.html" if wants_fragment(request) else "summary/summary.html"
    return render(request, name, UNPROCESSABLE, caller=caller, clinic=clinic, fault=fault, figures=None, **shown)
