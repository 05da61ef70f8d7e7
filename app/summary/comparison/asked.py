"""What a comparison is asked for, as query parameters: the same for its page and its JSON."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.errors import BadRequest
from app.i18n import _
from app.people.access import Caller
from app.people.models import MANAGING
from app.summary.asked import Asked, AskedFilters
from app.summary.comparison.comparison import Group, two_groups
from app.summary.window import Filters, Window

Day = Annotated[str | None, Query(description="A day in the clinic's zone, YYYY-MM-DD; both days are inclusive.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    by: str
    date: str | None
    other_from: str | None
    other_to: str | None
    other: str | None
    filters_asked: Asked

    def filters(self) -> Filters:
        found = self.filters_asked.filters()
        if found.mode == "self":
            sentence = _("Only observed sessions are compared: what people timed themselves is shown pooled.")
            raise BadRequest(sentence, code="bad_parameter")
        return found

    def groups(self, session: Session, caller: Caller, clinic: Clinic, days: Window) -> tuple[Group, Group]:
        """Raises NotYours or Forbidden for an other clinic that the caller may not see, BadRequest for what is odd."""
        other = clinic_for(session, caller, self.other, *MANAGING) if self.other and self.by == "clinic" else None
        between = (self.other_from, self.other_to)
        return two_groups(self.by, clinic, days, day=self.date, other_days=between, other=other)


# async though it awaits nothing: FastAPI would send it to a thread and back
async def _wanted(
    asked: AskedFilters,
    by: Annotated[str, Query(description="day_type, change, period or clinic")] = "day_type",
    date: Annotated[Day, Query(description="by=change: the day on which it was made")] = None,
    other_from: Annotated[
        Day, Query(description="by=period: the first day of the other one; by default that of the same length before")
    ] = None,
    other_to: Annotated[Day, Query(description="by=period: its last day")] = None,
    other: Annotated[str | None, Query(description="by=clinic: the other clinic's short name")] = None,
) -> Wanted:
    return Wanted(by, date, other_from, other_to, other, asked)


AskedComparison = Annotated[Wanted, Depends(_wanted)]
