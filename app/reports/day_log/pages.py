"""The day log's pages: two weeks with their gaps, one day on one screen, a file of days, and who is asked to flex."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlalchemy.orm import Session

from app.capture.intake import OBSERVING
from app.capture.items import is_day
from app.capture.queries import pad
from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed
from app.clinics.tasklist import TaskList
from app.custody.codes import forget_codes
from app.custody.erasing import erasing
from app.db import DatabaseHeld, now_ms
from app.errors import BadRequest, NotFound
from app.exchange.sent import Sent, read_sent
from app.forms import UNPROCESSABLE, Fault, Fields
from app.i18n import _
from app.people.access import Caller, SignedIn
from app.people.models import MANAGING, Role
from app.reports.day_log import fields as of_day
from app.reports.day_log import queries, sheet
from app.reports.day_log.flex import WEEKS, four_weeks, spread
from app.reports.day_log.keep import keep_day
from app.reports.day_log.models import OwnCode
from app.reports.day_log.own_code import as_kept, own_code, say_own_code, tell_freed
from app.reports.day_log.suggest import LEAST_DAYS, Usual, usual
from app.summary.privacy import smallest_cell
from app.summary.window import today
from app.web import Guarded, render, see_other, wants_fragment

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

Text = Annotated[str, Form()]


@router.get("/clinics/{slug}/days")
def days(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, to: str = "", kept: str = "") -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        now = today(now_ms(), clinic.timezone)
        last = min(date.fromisoformat(to), now) if is_day(to) and to > "2000-01-14" else now
        listed = queries.logged_days(session, clinic, last, now)
        task_list = parsed(newest_version(session, clinic).body)
    labels = of_day.labels(task_list)
    return render(
        request,
        "reports/day_log/days.html",
        caller=caller,
        clinic=clinic,
        days=listed,
        gaps=[one.day for one in listed if one.is_gap],
        labels=labels,
        lacking={one.day: [labels[name] for name in of_day.missing(one.log, ESSENTIAL)] for one in listed if one.log},
        kept=kept if is_day(kept) else "",
        earlier=(last - timedelta(days=queries.SPAN)).isoformat(),
        later=min(last + timedelta(days=queries.SPAN), now).isoformat() if last < now else "",
    )


# without these the summary and the workload cannot say what the day was like
ESSENTIAL = ("day_type", of_day.VOLUME + "visits", "scheduled", "present", "breaks_due", "lunches_due")


# --- a file of days --------------------------------------------------------------------------------------------------


@router.get("/clinics/{slug}/days/import")
def import_page(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        task_list = parsed(newest_version(session, clinic).body)
    return _import_page(request, caller, clinic, task_list)


@router.post("/clinics/{slug}/days/import")
def import_days(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, sent: Annotated[Sent, Depends(read_sent)]
) -> Response:
    """A preview, or the import of the very bytes that were looked at: by the button that was pressed."""
    now = now_ms()
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        task_list = parsed(newest_version(session, clinic).body)
        if len(sent.uploads) != 1:
            return _import_page(request, caller, clinic, task_list, Fault(_("Choose one file."), "file"))
        (upload,) = sent.uploads
        try:
            named = [day for day in sheet.days_in(upload, task_list) if is_day(day)]
            logs = queries.logs_of(session, clinic.id, named)
            read = sheet.read_sheet(upload, task_list, logs, today(now, clinic.timezone))
        except BadRequest as error:
            return _import_page(request, caller, clinic, task_list, Fault(error.detail, "file"))
    shown = {"sheet": read, "digest": sheet.digest(upload), "changed": False, "written": False}
    if sent.fields.get("step") != "import" or read.bad:
        return _import_page(request, caller, clinic, task_list, shown=shown)
    if sent.fields.get("previewed") != shown["digest"]:
        return _import_page(request, caller, clinic, task_list, shown={**shown, "changed": True})
    for row in read.coming:  # each a transaction of its own: phones wait for one day at most
        with held.write() as session:
            keep_day(session, caller, clinic, row.day, row.fields, now)
    return _import_page(request, caller, clinic, task_list, shown={**shown, "written": True})


def _import_page(
    request: Request,
    caller: Caller,
    clinic: Clinic,
    task_list: TaskList,
    fault: Fault | None = None,
    shown: dict[str, Any] | None = None,
) -> Response:
    is_bad = fault is not None or (shown is not None and (shown["sheet"].bad or shown["changed"]))
    is_fragment = wants_fragment(request)
    return render(
        request,
        "reports/day_log/_preview.html" if is_fragment else "reports/day_log/import.html",
        UNPROCESSABLE if is_bad else 200,
        caller=caller,
        clinic=clinic,
        fault=fault,
        shown=shown,
        is_fragment=is_fragment,
        labels=of_day.labels(task_list),
        columns=sheet.columns(task_list),
        ASKED=of_day.ASKED,
        day_type_name=of_day.day_type_name,
    )


# --- one day ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What a day's form holds: as it was typed, else as it is logged. `faults` by field."""

    typed: dict[str, str] | None = None
    asked: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@router.get("/clinics/{slug}/days/{day}")
def day_page(slug: str, day: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        return _day_page(request, session, caller, slug, day, Shown())


@router.get("/clinics/{slug}/days/{day}/suggestion")
def suggestion(slug: str, day: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    """What the visits typed so far suggest: fetched while somebody types."""
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        _refuse_no_day(day, clinic, now_ms())
        found = usual(queries.visits_of_other_days(session, clinic, day))
    visits = _whole(request.query_params.get(of_day.VOLUME + "visits", ""))
    return render(request, "reports/day_log/_suggestion.html", **_suggested(found, visits))


async def _several(request: Request) -> list[str]:
    """Those ticked as asked: several fields of one name."""
    return [value for name, value in (await request.form()).multi_items() if name == "asked" and isinstance(value, str)]


@router.post("/clinics/{slug}/days/{day}")
def send_day(
    slug: str,
    day: str,
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    typed: Fields,
    ticked: Annotated[list[str], Depends(_several)],
) -> Response:
    """Sends only what was changed in the form: what somebody else has said meanwhile of another field stands."""
    now = now_ms()
    with held.read() as session:
        clinic = clinic_for(session, caller, slug, *OBSERVING)
        _refuse_no_day(day, clinic, now)
        task_list = parsed(newest_version(session, clinic).body)
        before = queries.log_of(session, clinic.id, day)
    asked = "-" if "nobody" in typed else ",".join([*ticked, typed.get(of_day.ASKED, "")])
    said, faults = of_day.read({**typed, of_day.ASKED: asked.strip(", ")}, task_list)
    fields = of_day.changed(_seen(typed), said)
    faults = faults or of_day.contradictions(before | fields)
    shown = Shown(typed, ticked, faults)
    try:
        if not faults:
            with held.write() as session:
                keep_day(session, caller, clinic, day, fields, now)
            return see_other(
                f"/clinics/{slug}/days?{urlencode({'to': day if _is_old(day, clinic, now) else '', 'kept': day})}"
            )
    except BadRequest as error:
        shown = Shown(typed, ticked, fault=error.detail)
    with held.read() as session:
        return _day_page(request, session, caller, slug, day, shown)


def _seen(typed: dict[str, str]) -> dict[str, Any]:
    """What the log said when the form was opened; nothing of it where that does not come back whole."""
    try:
        seen = json.loads(typed.get("seen", ""))
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _is_old(day: str, clinic: Clinic, now: int) -> bool:
    """Whether it stands on an earlier page than the list's first."""
    return day <= (today(now, clinic.timezone) - timedelta(days=queries.SPAN)).isoformat()


def _refuse_no_day(day: str, clinic: Clinic, now: int) -> None:
    if not is_day(day) or day < "2000" or day > today(now, clinic.timezone).isoformat():
        raise NotFound(_("There is no such day to be logged yet."))


def _day_page(request: Request, session: Session, caller: Caller, slug: str, day: str, shown: Shown) -> Response:
    clinic = clinic_for(session, caller, slug, *OBSERVING)
    now = now_ms()
    _refuse_no_day(day, clinic, now)
    task_list = parsed(newest_version(session, clinic).body)
    log = queries.log_of(session, clinic.id, day)
    # who was asked is not shown again, not even to whoever wrote it: only how many
    seen = {name: value for name, value in log.items() if name != of_day.ASKED}
    held = {name: str(value) for name, value in seen.items()}
    typed = held if shown.typed is None else shown.typed
    visits = of_day.VOLUME + "visits"
    found = usual(queries.visits_of_other_days(session, clinic, day))
    first = date.fromisoformat(day)
    return render(
        request,
        "reports/day_log/day.html",
        UNPROCESSABLE if shown.faults or shown.fault else 200,
        caller=caller,
        clinic=clinic,
        day=day,
        before=(first - timedelta(days=1)).isoformat(),
        after=(first + timedelta(days=1)).isoformat() if first < today(now, clinic.timezone) else "",
        typed=typed,
        seen=json.dumps(_seen(shown.typed) if shown.typed is not None else seen),
        labels=of_day.labels(task_list),
        counters=[of_day.VOLUME + counter.code for counter in task_list.counters],
        subjects=pad(session, clinic)["subjects"],
        ticked=shown.asked,
        asked=len(log[of_day.ASKED]) if of_day.ASKED in log else None,
        faults=shown.faults,
        fault=shown.fault,
        is_new=not log,
        **_suggested(found, _whole(typed.get(visits, ""))),
    )


def _whole(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 9 else None


def _suggested(found: Usual | None, visits: int | None) -> dict[str, Any]:
    return {
        "usual": found,
        "visits": visits,
        "suggested": found.day_type(visits) if found and visits is not None else "",
        "least_days": LEAST_DAYS,
        "day_type_name": of_day.day_type_name,
    }


# --- who is asked to flex --------------------------------------------------------------------------------------------


@router.get("/clinics/{slug}/flex-asks")
def flex_asks(slug: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        return _flex_page(request, session, caller, slug)


@router.post("/clinics/{slug}/flex-asks")
def change_own_code(
    slug: str, request: Request, caller: SignedIn, held: DatabaseHeld, code: Text = "", step: Text = ""
) -> Response:
    """Who only observes or manages has no code: with one they could look at what is somebody else's."""
    now = now_ms()
    may = {"free": (Role.ADMIN,), "forget": ()}.get(step, (Role.ASSISTANT,))
    try:
        with erasing(held, request.app.state.settings) as session:
            clinic = clinic_for(session, caller, slug, *may)
            if step == "free":
                forget_codes(session, OwnCode.clinic_id == clinic.id, OwnCode.code == as_kept(code), at=now)
                tell_freed(session, clinic, code, at=now, by=caller.id)
            else:
                forget_codes(session, OwnCode.clinic_id == clinic.id, OwnCode.person_id == caller.id, at=now)
            if step not in ("free", "forget"):
                say_own_code(session, caller, clinic, code, now)
    except BadRequest as error:
        with held.read() as session:
            return _flex_page(request, session, caller, slug, code, Fault(error.detail, "code"))
    return see_other(f"/clinics/{slug}/flex-asks")


def _flex_page(
    request: Request, session: Session, caller: Caller, slug: str, typed: str = "", fault: Fault | None = None
) -> Response:
    clinic = clinic_for(session, caller, slug)
    counts, days = four_weeks(session, clinic, today(now_ms(), clinic.timezone))
    mine = own_code(session, caller, clinic)
    k = smallest_cell(clinic.smallest_cell)
    return render(
        request,
        "reports/day_log/flex.html",
        UNPROCESSABLE if fault else 200,
        caller=caller,
        clinic=clinic,
        spread=spread(counts, days, k),
        days=days,
        manages=caller.may(clinic.id, *MANAGING),
        code=mine,
        own=counts.get(mine, 0) if mine else None,
        typed=typed,
        fault=fault,
        k=k,
        weeks=WEEKS,
    )
