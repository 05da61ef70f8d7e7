"""The one writer of day logs from pages and files: as day items, by the road that phones' items go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.capture.turns import of_day, take_turns
from app.clinics.models import Clinic
from app.db import new_id
from app.errors import BadRequest
from app.i18n import _
from app.people.access import Caller
from app.reports.day_log.fields import changed, nested
from app.reports.day_log.queries import log_of

ENTERED_BY = "day-log-"  # the device of an item that a page entered: one for each, so that no clock sample moves it


def keep_day(
    session: Session, caller: Caller, clinic: Clinic, day: str, fields: Mapping[str, Any], now: int
) -> list[str]:
    """Adds a day item with what these (flat) fields say anew; answers their names, none if all of it stood there.

    A form sent twice and a file imported twice so add nothing. Raises BadRequest for what cannot be kept; the caller's
    transaction must then be undone.
    """
    take_turns(session, [of_day(clinic.slug, day)])
    fresh = changed(log_of(session, clinic.id, day), fields)
    if not fresh:
        return []
    id = new_id(now)
    item = {"type": "day", "id": id, "clinic": clinic.slug, "day": day, "at": now, **nested(fresh)}
    (result,) = append(session, caller, Batch(ENTERED_BY + id, [read_item(item)]), now)["results"]
    if result["status"] != "stored":
        raise BadRequest(result.get("detail") or _("This cannot be kept."), code=result.get("code", "cannot_be"))
    return list(fresh)
