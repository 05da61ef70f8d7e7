"""The writer of picks, and the pooled ranking of a week that is over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed
from app.db import new_id
from app.errors import BadRequest
from app.i18n import _
from app.reports.enough import Voice, are_enough, to_withhold
from app.reports.top_three.models import Picks
from app.reports.weeks import monday_of
from app.summary.privacy import smallest_cell
from app.summary.window import today

POINTS = (3, 2, 1)  # of the first, second and third pick (Borda): a stealer that everybody puts second can be first


@dataclass(frozen=True, slots=True)
class Ranked:
    """A stealer of the ranking: `named` among the three by so many. Ranked by points, of which equal ones share a rank;
    they are not told: of eleven points from four people everybody could say that one had put it second.
    """

    rank: int
    stealer: str
    named: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Of one week. `took_part` is None, and nothing is ranked, where too few did; `withheld` are stealers."""

    week: str
    took_part: int | None
    ranked: list[Ranked]
    withheld: list[str]


def pick(session: Session, clinic: Clinic, picked: Sequence[str], *, person_id: str | None, at: int) -> Picks:
    """Raises BadRequest unless these are three different stealers of the clinic's list."""
    known = {stealer.code for stealer in parsed(newest_version(session, clinic).body).stealers}
    if len(picked) != len(POINTS) or len(set(picked)) != len(POINTS) or not set(picked) <= known:
        raise BadRequest(_("Pick three different ones, the worst first."), code="bad_picks")
    day = today(at, clinic.timezone)
    first, second, third = picked
    picks = Picks(
        id=new_id(at),
        clinic_id=clinic.id,
        person_id=person_id,
        week=monday_of(day),
        day=day.isoformat(),
        first=first,
        second=second,
        third=third,
        at=at,
    )
    session.add(picks)
    session.flush()
    return picks


def last_picks(session: Session, clinic: Clinic, person_id: str, week: str) -> Picks | None:
    """What stands of an account's in this week."""
    its = Picks.clinic_id == clinic.id, Picks.week == week, Picks.person_id == person_id
    return session.execute(select(Picks).where(*its).order_by(Picks.at.desc(), Picks.id.desc()).limit(1)).scalar()


def ranking(session: Session, clinic: Clinic, week: str) -> Ranking:
    """`week` must be over (weeks.py)."""
    rows = session.execute(
        select(Picks).where(Picks.clinic_id == clinic.id, Picks.week == week).order_by(Picks.at, Picks.id)
    ).scalars()
    return rank(week, _standing(rows), smallest_cell(clinic.smallest_cell))


def _standing(rows: Iterable[Picks]) -> list[Picks]:
    """Of an account's the last; of what came from posters all."""
    by_person = {row.person_id or row.id: row for row in rows}
    return list(by_person.values())


def rank(week: str, picks: Sequence[Picks], k: int) -> Ranking:
    """Pure. The three picks of everybody add up to three times those who took part: hidden stealers are several."""
    if not are_enough([Voice(one.day, one.person_id) for one in picks], k):
        return Ranking(week, None, [], [])
    voices: dict[str, list[Voice]] = defaultdict(list)
    points: dict[str, int] = defaultdict(int)
    for one in picks:
        for stealer, worth in zip((one.first, one.second, one.third), POINTS, strict=True):
            voices[stealer].append(Voice(one.day, one.person_id))
            points[stealer] += worth
    hidden = to_withhold(voices, k)
    shown = sorted((stealer for stealer in voices if stealer not in hidden), key=lambda code: (-points[code], code))
    better = [sum(points[other] > points[stealer] for other in shown) for stealer in shown]
    ranked = [Ranked(ahead + 1, stealer, len(voices[stealer])) for ahead, stealer in zip(better, shown, strict=True)]
    return Ranking(week, len(picks), ranked, sorted(hidden))
