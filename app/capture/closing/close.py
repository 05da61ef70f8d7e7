"""An open session that nobody goes on with: where it may be ended afterwards, and the `end` that does it.

The end is a correction like any other: an event entered later, by the owner or a manager, that a void takes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.capture.append import append
from app.capture.intake import Batch
from app.capture.items import read_item
from app.capture.log import PAGES, LoggedEvent, corrected_events
from app.capture.models import Event, ObservationSession
from app.capture.review.typed import moment
from app.capture.turns import take_turns
from app.db import new_id
from app.errors import BadRequest
from app.i18n import _
from app.people.access import Caller
from app.timeline import Timeline, timeline
from app.timeline.corrections import corrected


@dataclass(frozen=True, slots=True)
class Standing:
    """A session's log as it stands: its timeline, and the surviving events in their order."""

    t: Timeline
    events: Sequence[Mapping[str, Any]]

    @property
    def last_at(self) -> int | None:
        return self.events[-1]["at"] if self.events else None

    @property
    def end(self) -> Mapping[str, Any] | None:
        """The event that ended it."""
        if self.t.open:
            return None
        return next(event for event in self.events if event["kind"] == "end" and event["at"] == self.t.end)

    def after(self, at: int) -> list[Mapping[str, Any]]:
        """What was tapped later than `at`, and so would lie outside of a session that ends then."""
        return [event for event in self.events if event["at"] > at]


def standing(session: Session, observed: ObservationSession) -> Standing:
    return standing_of(corrected_events(session, observed))


def standing_of(logged: Sequence[LoggedEvent]) -> Standing:
    wires = [event.wire for event in logged]
    return Standing(timeline(wires), corrected(wires)[0])


def entered_afterwards(end: Mapping[str, Any] | None) -> bool:
    """Whether a session's end was set by hand, and not by the tap of that moment."""
    return end is not None and (end.get("recorded_at") or end["at"]) > end["at"]


class TapsAfter(BadRequest):
    """The chosen time lies before taps that would then count nowhere: they are named, and it takes another yes."""

    def __init__(self, later: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(_("There are taps after this time. Look at them below before you decide."), code="taps_after")
        self.later = later


def close(
    session: Session, caller: Caller, observed: ObservationSession, typed: str, zone: str, now: int, *, anyway: bool
) -> None:
    """Ends the session at `typed`, a local time of the clinic's `zone`. Writes in the caller's transaction.

    Raises BadRequest where it cannot end then; TapsAfter, unless `anyway`, where it would leave taps out.
    """
    take_turns(session, [observed.id])  # so that nobody ends it between the look and the write
    found = standing(session, observed)
    if found.t.begin is None or found.last_at is None:
        raise BadRequest(_("The tap that began this session has not arrived yet, so it cannot be ended."), code="open")
    if not found.t.open:
        raise BadRequest(_("This session has been ended meanwhile."), code="ended")
    at = chosen(typed, found.last_at, zone)
    if at < found.t.begin:
        raise BadRequest(_("That is before the session began."), code="bad_time")
    if at > now:
        raise BadRequest(_("That time has not come yet."), code="bad_time")
    later = found.after(at)
    if later and not anyway:
        raise TapsAfter(later)
    _add(session, caller, observed, {"kind": "end", "at": at}, now)


def reopen(session: Session, caller: Caller, observed: ObservationSession, now: int) -> None:
    """Takes back an end that was entered afterwards; one that is gone already is as good."""
    take_turns(session, [observed.id])
    end = standing(session, observed).end
    if end is not None and entered_afterwards(end):
        _add(session, caller, observed, {"kind": "void", "target": end["id"], "at": now}, now)


def proposed(last_at: int, zone: str) -> str:
    """The last tap's time as a form's field holds it, to the second."""
    return datetime.fromtimestamp(last_at // 1000, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def chosen(typed: str, last_at: int, zone: str) -> int:
    """The instant of a form's local time. The last tap's own second means that very tap.

    Raises BadRequest for what is no time.
    """
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        raise BadRequest(_("Choose a day and a time."), code="bad_time") from None
    if local.tzinfo is not None or not 2000 <= local.year < 9000:
        raise BadRequest(_("Choose a day and a time."), code="bad_time")
    if local.replace(microsecond=0).isoformat() == proposed(last_at, zone):
        return last_at
    # an hour that comes twice in autumn: the one nearer to the last tap
    both = [at for fold in (0, 1) if (at := moment(local.replace(fold=fold), zone)) is not None]
    if not both:
        raise BadRequest(_("The clocks skip that time on this day. Choose another."), code="bad_time")
    return min(both, key=lambda at: abs(at - last_at))


def _add(session: Session, caller: Caller, observed: ObservationSession, fields: dict[str, Any], now: int) -> None:
    highest = session.execute(select(func.max(Event.seq)).where(Event.session_id == observed.id)).scalar_one()
    item = read_item(
        {
            "type": "event",
            "id": new_id(now),
            "session": observed.id,
            # beyond every other: at the last tap's own instant the end still comes after it (TIMELINE.md, rule 2)
            "seq": (highest or 0) + 1,
            "recorded_at": now,
            **fields,
        }
    )
    told = append(session, caller, Batch(PAGES, [replace(item, sent_id=item.id)]), now)
    (result,) = told["results"]
    if result["status"] != "stored":
        raise BadRequest(result.get("detail") or _("This could not be kept."), code=result.get("code", "refused"))
