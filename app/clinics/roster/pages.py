"""The roster: a repeating week from a day on, single days that differ, and both from a file."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response, UploadFile
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.roster import files, typed
from app.clinics.roster.calendar import is_calendar, read_calendar
from app.clinics.roster.files import Found, read_csv, text_of
from app.clinics.roster.keep import keep_change, keep_days, keep_week, take_back
from app.clinics.roster.queries import different_days, week_on, weeks
from app.clinics.roster.week import Shift, heads
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, Fault, Fields
from app.i18n import _
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING
from app.summary.window import today
from app.web import Guarded, render, see_other

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

BACK, AHEAD = 91, 366  # days around today of which single days are listed
Text = Annotated[str, Form()]


@router.get("/clinics/{slug}/roster")
def roster_page(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, kept: str = "") -> Response:
    with held.read() as session:
        return _page(request, session, caller, slug, kept=bool(kept))


@router.post("/clinics/{slug}/roster")
def keep_the_week(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields) -> Response:
    lines, valid_from = typed.typed_lines(fields), fields.get("valid_from", "")
    try:
        shifts, first = typed.week_of(lines), typed.day_of(valid_from)
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            keep_week(session, clinic, shifts, first, at=now_ms(), by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            fault = Fault(error.detail, "valid_from" if error.code == "bad_date" else error.code)
            return _page(request, session, caller, slug, fault=fault, lines=lines, valid_from=valid_from)
    return see_other(f"/clinics/{slug}/roster?kept=yes")


@router.post("/clinics/{slug}/roster/days")
def keep_a_day(
    slug: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    day: Text = "",
    kind: Text = "",
    from_: Annotated[str, Form(alias="from")] = "",
    to: Text = "",
    mas: Text = "",
) -> Response:
    try:
        change, of_day = typed.change_of(kind, from_, to, mas), typed.day_of(day)
        with held.write() as session:
            clinic = clinic_for(session, caller, slug, *MANAGING)
            keep_change(session, clinic, of_day, change, at=now_ms(), by=caller.id)
    except BadRequest as error:
        with held.read() as session:
            entered = {"day": day, "kind": kind, "from": from_, "to": to, "mas": mas}
            return _page(request, session, caller, slug, day_fault=Fault(error.detail, error.code), entered=entered)
    return see_other(f"/clinics/{slug}/roster?kept=yes#days")


@router.post("/clinics/{slug}/roster/days/{change_id}/back")
def take_a_day_back(slug: str, change_id: int, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.write() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        take_back(session, clinic, change_id, at=now_ms(), by=caller.id)
    return see_other(f"/clinics/{slug}/roster?kept=yes#days")


@router.post("/clinics/{slug}/roster/file")
def preview_a_file(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, file: UploadFile, valid_from: Text = ""
) -> Response:
    """Shows what the file would become; nothing is written. The text stands in the page, for the next step."""
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        try:
            text = text_of(file.file.read())
            found = _read(clinic, text, valid_from)
        except BadRequest as error:
            return _page(request, session, caller, slug, file_fault=Fault(error.detail, error.code))
    return _preview(request, caller, clinic, text, found, valid_from)


@router.post("/clinics/{slug}/roster/file/keep")
def keep_a_file(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, text: Text = "", valid_from: Text = ""
) -> Response:
    with held.write() as session:
        clinic = clinic_for(session, caller, slug, *MANAGING)
        found = _read(clinic, text, valid_from)
        if found.faults:
            return _preview(request, caller, clinic, text, found, valid_from)
        if found.days:
            keep_days(session, clinic, found.days, at=now_ms(), by=caller.id)
        else:
            keep_week(session, clinic, found.shifts, typed.day_of(valid_from), at=now_ms(), by=caller.id)
    return see_other(f"/clinics/{slug}/roster?kept=yes")


def _read(clinic: Clinic, text: str, valid_from: str) -> Found:
    """A week needs the day from which it is valid; a calendar is read from that day on."""
    first = typed.day_of(valid_from)
    found = read_calendar(text, clinic.timezone, date.fromisoformat(first)) if is_calendar(text) else read_csv(text)
    if not (found.shifts or found.days or found.faults):
        raise BadRequest(_("There is no shift in this file."), code="bad_file")
    return found


def _preview(request: Request, caller: Caller, clinic: Clinic, text: str, found: Found, valid_from: str) -> Response:
    return render(
        request,
        "clinics/roster_file.html",
        UNPROCESSABLE if found.faults else 200,
        caller=caller,
        clinic=clinic,
        found=found,
        text=text,
        valid_from=valid_from,
        by_weekday=_by_weekday(found.shifts),
        by_day=[(day, files.hours_of(shifts)) for day, shifts in sorted(found.days.items())],
    )


def _by_weekday(shifts: list[Shift] | tuple[Shift, ...]) -> list[tuple[int, float]]:
    """MA hours of each weekday."""
    return [(weekday, sum(heads(shifts, weekday)) / 2) for weekday in range(1, 8)]


def _page(
    request: Request,
    session: Session,
    caller: Caller,
    slug: str,
    *,
    kept: bool = False,
    lines: list[typed.Line] | None = None,
    valid_from: str | None = None,
    entered: dict[str, str] | None = None,
    fault: Fault | None = None,
    day_fault: Fault | None = None,
    file_fault: Fault | None = None,
) -> Response:
    clinic = clinic_for(session, caller, slug, *MANAGING)
    day = today(now_ms(), clinic.timezone)
    known = weeks(session, clinic)
    valid = week_on(known, day.isoformat()) or (known[0] if known else None)
    shifts = valid.shifts if valid else ()
    first, last = day - timedelta(days=BACK), day + timedelta(days=AHEAD)
    shown: dict[str, Any] = {
        "kept": kept,
        "today": day.isoformat(),
        "valid": valid,
        "known": [(week.valid_from, sum(hours for _day, hours in _by_weekday(week.shifts))) for week in known],
        "by_weekday": _by_weekday(shifts),
        "lines": lines if lines is not None else typed.lines_of(shifts),
        "valid_from": valid_from if valid_from is not None else day.isoformat(),
        "different": different_days(session, clinic, first.isoformat(), last.isoformat()),
        "entered": entered or {"day": "", "kind": "closed", "from": "", "to": "", "mas": "1"},
        "fault": fault,
        "day_fault": day_fault,
        "file_fault": file_fault,
    }
    status = UNPROCESSABLE if fault or day_fault or file_fault else 200
    return render(request, "clinics/roster.html", status, caller=caller, clinic=clinic, **shown)
