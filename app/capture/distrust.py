"""When the server's own clock was wrong, what phones measured by it then is wrong too: it is set aside, and stays."""

import json
from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.capture.clock import Sample
from app.capture.models import ClockSample, Fact, Holding, ObservationSession

PERIODS = "clock_wrong"  # the fact that holds them: [[from, to], ...], ms as the server's clock showed them


def wrong_periods(session: Session) -> list[tuple[int, int]]:
    """Looked up once in a session. Mostly none."""
    if PERIODS not in session.info:
        fact = session.get(Fact, PERIODS)
        session.info[PERIODS] = [] if fact is None else [tuple(period) for period in json.loads(fact.value)]
    found: list[tuple[int, int]] = session.info[PERIODS]
    return found


def trusted(session: Session, samples: Iterable[Sample]) -> list[Sample]:
    """Those that were not taken while the server's clock was wrong."""
    periods = wrong_periods(session)
    return [one for one in samples if not any(first <= one.wall + one.offset_ms <= last for first, last in periods)]


def distrust(session: Session, first: int, last: int) -> int:
    """Sets aside what was measured between these instants, as the server's clock showed them; answers how many samples.

    A clock put back shows the same hour twice: what was measured rightly in the second is set aside with the first.
    The sessions of those phones are cut anew by whoever reads next. In the caller's transaction.
    """
    periods = [*wrong_periods(session), (first, last)]
    fact = session.get(Fact, PERIODS) or Fact(name=PERIODS)
    fact.value = json.dumps(periods)
    session.add(fact)
    session.info[PERIODS] = periods
    shown = ClockSample.wall + ClockSample.offset_ms
    devices = session.execute(select(ClockSample.device).where(shown.between(first, last))).scalars().all()
    theirs = select(Holding.session_id).where(Holding.device.in_(set(devices)))
    session.execute(
        update(ObservationSession)
        .where(ObservationSession.id.in_(theirs))
        .values(revision=ObservationSession.revision + 1)
    )
    return len(devices)
