"""The worked clinic: three sessions on three days, short enough to add up by hand.

Monday, MA-01 (MA) by Olga, 90 min: rooming 30, searching 15, rooming 15, supplies interrupt 10, rooming 20.
Tuesday, MA-02 (MA) by Otto, 90 min: vitals 40, of which 10 with callbacks beside it (the phone rang); the phone
interrupts, searching 10, not resumed: searching 10 more; idle 10; lunch 20.
Wednesday, MA-01 (RN) by Olga, still open, 60 min: rooming, of which 10 with vitals beside it (the phone again).
"""

from typing import Any

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from tests.builders import day
from tests.slices.stored import clinic, day_log, observed

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (f"2026-11-0{n}" for n in (2, 3, 4, 5))

SESSIONS: tuple[tuple[list[dict[str, Any]], dict[str, Any]], ...] = (
    (
        day(
            *("09:00 rooming", "09:10 phone?", "09:30 searching", "09:45 rooming"),
            *("10:00 supplies!", "10:10 back", "10:30 end"),
            on=MONDAY,
        ),
        {"subject": "MA-01", "observer": "olga", "day_type": "high"},
    ),
    (
        day(
            *("09:00 vitals", "09:20 +callbacks phone?", "09:30 -callbacks", "09:40 phone! searching", "09:50 left"),
            *("10:00 stop", "10:10 lunch", "10:30 end"),
            on=TUESDAY,
        ),
        {"subject": "MA-02", "observer": "otto", "day_type": "typical"},
    ),
    (
        day("09:00 rooming", "09:20 +vitals phone?", "09:30 -vitals", "09:30 #visits 2", "10:00 #visits", on=WEDNESDAY),
        {"subject": "MA-01", "observer": "olga", "staff_role": "RN"},
    ),
)


def worked_clinic(session: Session) -> Clinic:
    """The sessions above, and two day logs: Tuesday's, and Thursday's, when nobody observed."""
    north = clinic(session)
    for events, header in SESSIONS:
        observed(session, north, events, **header)
    day_log(
        session,
        north,
        TUESDAY,
        day_type="low",
        volumes={"visits": 41},
        breaks_due=8,
        breaks_late=1,
        breaks_missed=2,
        lunches_due=4,
        lunches_late=2,
        lunches_missed=0,
        flex_asks=["MA-02"],
        backlog=12,
    )
    day_log(session, north, THURSDAY, volumes={"visits": 9, "vaccines": 3})
    return north
