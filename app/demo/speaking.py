"""How the simulated MAs say their days and weeks were: the pulse of each day, the top three of each week."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import insert_unless_there
from app.demo.clinic import ClinicDay
from app.demo.ids import Ids
from app.demo.ledger import DayOfBreaks, Ledger
from app.demo.saying import stolen
from app.demo.visits import MINUTE
from app.reports.pulse.models import Pulse
from app.reports.top_three.models import Picks
from app.reports.weeks import monday_of

ANSWERS = 0.8  # chance that an MA answers at the end of a day
PACE = {"high": 4, "typical": 3, "low": 2}  # one more where work was left at closing time


def say_how_it_was(
    session: Session, clinic: Clinic, days: Iterable[ClinicDay], *, seed: int, people: Mapping[str, str]
) -> None:
    """Adds what is not there yet; ids follow from the seed and the clinic's name. `people`: account by subject."""
    weeks: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    ends: dict[tuple[str, str], tuple[str, int]] = {}
    for day in days:
        for ledger in day.ledgers:
            rng = Random(f"{seed}/{day.day}/pulse/{ledger.subject}")
            ids = Ids(Random(f"{clinic.slug}/{seed}/{day.day}/pulse/{ledger.subject}"))
            its_week = ledger.subject, monday_of(day.day)
            weeks[its_week].update(stolen(ledger))
            ends[its_week] = day.day.isoformat(), ledger.closing
            if rng.random() < ANSWERS:
                of = {"clinic_id": clinic.id, "person_id": people[ledger.subject], "day": day.day.isoformat()}
                row = of | {"id": ids.at(ledger.closing), "at": ledger.closing} | _pulse(ledger, rng)
                insert_unless_there(session.connection(), Pulse, [row], "id")
    for (subject, week), took in weeks.items():
        said_on, at = ends[subject, week]
        id = Ids(Random(f"{clinic.slug}/{seed}/{week}/three/{subject}")).at(at)
        picked = [stealer for stealer, _ms in took.most_common(3)]
        of = {"clinic_id": clinic.id, "person_id": people[subject], "day": said_on, "week": week, "at": at}
        row = of | {"id": id} | dict(zip(("first", "second", "third"), picked, strict=True))
        insert_unless_there(session.connection(), Picks, [row], "id")


def _pulse(ledger: Ledger, rng: Random) -> dict[str, Any]:
    stayed = ledger.left_ms // MINUTE
    return {
        "pace": min(5, PACE[ledger.day_type] + (stayed > 0)),
        "pause": _word(ledger.rests["break"]),
        "lunch": _word(ledger.rests["lunch"]),
        "stayed": max(minutes for minutes in (0, 15, 30, 60) if minutes <= stayed),
        "reached": rng.random() < 0.15,
    }


def _word(rest: DayOfBreaks) -> str:
    return "none" if not rest.due else "missed" if rest.missed else "late" if rest.late else "taken"
