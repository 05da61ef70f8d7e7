"""The audit of a clinic, for its admins."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from app.audit.models import Action
from app.audit.queries import Told, Window, entries
from app.clinics.access import clinic_for
from app.db import Reading
from app.errors import BadRequest
from app.forms import UNPROCESSABLE, fault_of
from app.i18n import _
from app.people.access import SignedIn
from app.people.models import Role
from app.people.queries import belonging, names
from app.web import Guarded, render, wants_fragment

router = APIRouter(dependencies=[Guarded], include_in_schema=False)

PAGE = 50


@router.get("/clinics/{slug}/audit")
def audit(
    slug: str,
    request: Request,
    caller: SignedIn,
    session: Reading,
    action: str = "",
    from_: Annotated[str, Query(alias="from")] = "",
    to: str = "",
    before: str = "",
) -> Response:
    clinic = clinic_for(session, caller, slug, Role.ADMIN)
    shown: dict[str, Any] = {
        "caller": caller,
        "clinic": clinic,
        "actions": list(Action),
        "asked": {"action": action, "from": from_, "to": to},
    }
    try:
        window, after = _window(action, from_, to, clinic.timezone), _read_before(before)
    except BadRequest as error:
        name = "audit/_fault.html" if wants_fragment(request) else "audit/audit.html"
        return render(request, name, UNPROCESSABLE, fault=fault_of(error), entries=None, **shown)
    found, following = entries(session, clinic.id, belonging(clinic.id), window, PAGE, after)
    kept = {name: value for name, value in shown["asked"].items() if value}
    shown |= {
        "entries": found,
        "names": names(session, _people(found)),
        "first": after is None,
        "filtered": window != Window(),
        "newest": urlencode(kept),
        "older": urlencode({**kept, "before": following}) if following else None,
    }
    name = "audit/_entries.html" if wants_fragment(request) else "audit/audit.html"
    return render(request, name, fault=None, **shown)


def _people(found: Iterable[Told]) -> Iterator[str]:
    """Everybody who is named in these rows."""
    for entry in found:
        yield from filter(None, (entry.person_id, entry.about.get("person")))


def _window(action: str, from_: str, to: str, zone: str) -> Window:
    """What the form asks for: days of the clinic, both inclusive. Raises BadRequest, with a sentence."""
    if action and action not in list(Action):
        raise BadRequest(_("“{action}” is nothing that the audit knows: choose one of the list.").format(action=action))
    first, last = _day(from_), _day(to)
    if first and last and last < first:
        raise BadRequest(_("The last day lies before the first."), code="bad_window")
    return Window(
        Action(action) if action else None,
        _midnight(first, zone) if first else None,
        _midnight(last + timedelta(days=1), zone) if last else None,
    )


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if not 1970 < day.year < 9999:
        raise BadRequest(_("“{value}” is no day: write it as 2026-11-02.").format(value=value), code="bad_date")
    return day


def _midnight(day: date, zone: str) -> int:
    """The instant (ms) at which this day begins in the zone."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def _read_before(before: str) -> int | None:
    if not before:
        return None
    if not (before.isascii() and before.isdecimal()) or len(before) > 18:
        raise BadRequest(_("This address does not lead to a page of the list: begin again at its first page."))
    return int(before)
