"""A clinic whose workload can be worked out by hand: three MAs' mornings, day logs, a roster.

Each session is 4 hours from 8:00: minutes of rooming, vitals, searching, waiting, and inside interruptions without a
task, then nothing in hand; and how many visits were counted.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.roster.keep import keep_week
from app.clinics.roster.week import shift
from app.slices.refresh import cut_anew, keep
from tests.builders import day
from tests.slices.logs import task
from tests.slices.stored import clinic as new_clinic
from tests.slices.stored import day_log, observe, task_list

WEEK = ("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06")
FIRST, LAST = date.fromisoformat(WEEK[0]), date.fromisoformat(WEEK[-1])
TASKS = (
    task("rooming", "flow"),
    task("vitals", "flow"),
    task("searching", "support", scheduled=False),
    task("waiting", "between", kind="between", scheduled=False),
    task("lunch", "recovery", kind="break"),
)


@dataclass(frozen=True)
class Morning:
    """Minutes of each, and visits counted."""

    rooming: int
    vitals: int
    searching: int
    waiting: int
    uncoded: int
    visits: int

    @property
    def observed(self) -> int:
        return 240


MORNINGS = (
    Morning(90, 40, 20, 10, 12, 9),
    Morning(70, 50, 35, 20, 20, 8),
    Morning(110, 45, 15, 5, 8, 10),
    Morning(80, 30, 40, 30, 10, 7),
    Morning(95, 60, 10, 15, 25, 11),
)
VISITS = {WEEK[0]: 60, WEEK[1]: 40, WEEK[2]: 50, WEEK[3]: 45}  # of Friday nothing is logged


def clock(minutes: int) -> str:
    return f"{8 + minutes // 60:02}:{minutes % 60:02}"


def log_of(morning: Morning, on: str) -> list[dict[str, object]]:
    at, lines = 0, []
    for code in ("rooming", "vitals", "searching", "waiting"):
        lines.append(f"{clock(at)} {code}")
        at += getattr(morning, code)
    lines += [f"{clock(at)} stop", f"{clock(at)} supplies!", f"{clock(at + morning.uncoded)} left"]
    lines += [f"{clock(239)} #visits {morning.visits}", "12:00 end"]
    return day(*lines, on=on)


def made_clinic(session: Session, mornings: tuple[Morning, ...] = MORNINGS) -> Clinic:
    """North, with one session a day; 2 MAs 8:00 to 12:00 and 3 from 13:00 to 17:00, Monday to Friday."""
    north = new_clinic(session, task_list(TASKS))
    for morning, on in zip(mornings, WEEK, strict=False):
        id = observe(session, north, log_of(morning, on))
        fresh = cut_anew(session, id)
        assert fresh is not None
        keep(session, fresh)
    for on, visits in VISITS.items():
        day_log(session, north, on, volumes={"visits": visits})
    week = [shift(range(1, 6), "8:00", "12:00", "2"), shift(range(1, 6), "13:00", "17:00", "3")]
    keep_week(session, north, week, "2026-01-01", at=0, by=None)
    return north
