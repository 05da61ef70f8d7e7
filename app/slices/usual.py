"""How long a task usually takes in a clinic, by what was observed there."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.slices.models import OccurrenceLength

LEAST = 20  # observations: the 95th percentile of fewer is only their longest
PERCENT = 95


@dataclass(frozen=True, slots=True)
class Usual:
    """`ms`: 95 of 100 completed occurrences were done within this; `n`: of how many."""

    ms: int
    n: int


def usual_lengths(session: Session, clinic_id: int) -> dict[str, Usual]:
    """By task, of all observed sessions; tasks observed fewer than 20 times are left out.

    The percentile is by nearest rank: the smallest length that at least 95 % do not exceed.
    """
    ranked = (
        select(
            OccurrenceLength.task,
            OccurrenceLength.active_ms,
            func.row_number()
            .over(partition_by=OccurrenceLength.task, order_by=OccurrenceLength.active_ms)
            .label("place"),
            func.count().over(partition_by=OccurrenceLength.task).label("n"),
        )
        .where(OccurrenceLength.clinic_id == clinic_id, OccurrenceLength.mode == "observed")
        .subquery()
    )
    found = session.execute(
        select(ranked.c.task, func.min(ranked.c.active_ms), ranked.c.n)
        .where(ranked.c.n >= LEAST, ranked.c.place * 100 >= ranked.c.n * PERCENT)
        .group_by(ranked.c.task, ranked.c.n)
    )
    return {task: Usual(ms, n) for task, ms, n in found}
