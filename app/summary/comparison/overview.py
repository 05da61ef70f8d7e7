"""All clinics of a person beside each other: the two headline figures of each, from two SELECTs over all of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.slices.models import InterruptionSlice, Slice
from app.summary.figures import low_and_high
from app.summary.interruptions import HOUR_MS
from app.summary.intervals import rate_interval, share_interval
from app.summary.window import Window
from app.timeline import TICKS

Figures = dict[str, Any]


def overview(session: Session, clinics: Sequence[Clinic], days: Window) -> list[Figures]:
    """By clinic, in the order given: observed sessions of these local days, unscheduled share, interruptions an hour.

    A clinic in which nothing was observed has no share and no rate. Reads slices only.
    """
    times, broken = _times(session, clinics, days), _interruptions(session, clinics, days)
    return [_of_clinic(clinic, times[clinic.id], broken[clinic.id]) for clinic in clinics]


def _times(session: Session, clinics: Sequence[Clinic], days: Window) -> dict[int, list[tuple[str, int, int]]]:
    """Of each clinic's sessions: id, observed ms, unscheduled ticks."""
    wanted = (
        select(
            Slice.clinic_id,
            Slice.session_id,
            cast(func.sum(Slice.primary_ms), BigInteger),
            cast(func.sum(Slice.unscheduled_ticks), BigInteger),
        )
        .where(
            Slice.clinic_id.in_([clinic.id for clinic in clinics]),
            Slice.mode == "observed",
            Slice.day.between(days.first.isoformat(), days.last.isoformat()),
        )
        .group_by(Slice.clinic_id, Slice.session_id)
    )
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for clinic_id, session_id, observed_ms, ticks in session.connection().execute(wanted):
        if observed_ms:
            found[clinic_id].append((session_id, observed_ms, ticks))
    return found


def _interruptions(session: Session, clinics: Sequence[Clinic], days: Window) -> dict[int, dict[str, int]]:
    wanted = (
        select(InterruptionSlice.clinic_id, InterruptionSlice.session_id, func.count())
        .where(
            InterruptionSlice.clinic_id.in_([clinic.id for clinic in clinics]),
            InterruptionSlice.mode == "observed",
            InterruptionSlice.day.between(days.first.isoformat(), days.last.isoformat()),
        )
        .group_by(InterruptionSlice.clinic_id, InterruptionSlice.session_id)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for clinic_id, session_id, n in session.connection().execute(wanted):
        found[clinic_id][session_id] = n
    return found


def _of_clinic(clinic: Clinic, times: list[tuple[str, int, int]], broken: dict[str, int]) -> Figures:
    times = sorted(times)
    observed, ticks = [ms for _id, ms, _ticks in times], [ticks for _id, _ms, ticks in times]
    counts = [broken.get(id, 0) for id, _ms, _ticks in times]
    total = sum(observed)
    rate = rate_interval(counts, observed)
    return {
        "clinic": clinic.slug,
        "name": clinic.name,
        "sessions": len(times),
        "observed_ms": total,
        "unscheduled_share": sum(ticks) / TICKS / total if total else None,
        **low_and_high("unscheduled_share", share_interval(ticks, [ms * TICKS for ms in observed])),
        "per_hour": sum(counts) * HOUR_MS / total if total else None,
        **low_and_high("per_hour", None if rate is None else (rate[0] * HOUR_MS, rate[1] * HOUR_MS)),
    }
