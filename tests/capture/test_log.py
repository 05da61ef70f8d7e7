"""Which of a device's clock samples bear on a stamp, out of years of them."""

import pytest
from sqlalchemy.orm import Session

from app.capture.clock import Sample, Stamp
from app.capture.items import DAY_MS
from app.capture.log import samples_for
from app.capture.models import ClockSample
from app.db import Database

NOON = 1_793_642_400_000


def taken(session: Session, load: str, wall: int, device: str = "phone", offset_ms: float = 0.0) -> Sample:
    sample = Sample(load, float(wall % DAY_MS), wall, offset_ms, 40.0)
    session.add(
        ClockSample(device=device, load=load, mono=sample.mono, wall=wall, offset_ms=offset_ms, rtt_ms=sample.rtt_ms)
    )
    session.flush()
    return sample


def stamp(load: str, wall: int = NOON) -> Stamp:
    return Stamp(load, 5.0, wall)


def test_of_a_page_load_with_samples_of_its_own_only_these(database: Database) -> None:
    with database.write() as session:
        own = [taken(session, "this", NOON - 60_000), taken(session, "this", NOON)]
        taken(session, "that", NOON)
        taken(session, "this", NOON, device="another phone")
        assert samples_for(session, "phone", [stamp("this")]) == sorted(own, key=lambda sample: sample.mono)


def test_a_page_load_without_any_borrows_those_of_a_day_around_and_the_next_on_either_side(database: Database) -> None:
    with database.write() as session:
        near = {taken(session, "a", NOON - DAY_MS), taken(session, "b", NOON + DAY_MS)}
        next_ones = {taken(session, "c", NOON - DAY_MS - 1), taken(session, "d", NOON + DAY_MS + 1)}
        taken(session, "f", NOON - DAY_MS - 2)
        taken(session, "g", NOON + DAY_MS + 2)
        taken(session, "e", NOON, device="another phone")
        assert set(samples_for(session, "phone", [stamp("this")])) == near | next_ones


@pytest.mark.parametrize("around", [("before", "after"), ("before",), ("after",), ()])
def test_far_from_any_it_borrows_the_last_before_and_the_first_after(
    database: Database, around: tuple[str, ...]
) -> None:
    with database.write() as session:
        wanted = set()
        if "before" in around:
            taken(session, "a", NOON - 9 * DAY_MS)
            wanted.add(taken(session, "b", NOON - 8 * DAY_MS))
        if "after" in around:
            wanted.add(taken(session, "c", NOON + 2 * DAY_MS))
            taken(session, "d", NOON + 3 * DAY_MS)
        assert set(samples_for(session, "phone", [stamp("this")])) == wanted


def test_stamps_of_both_kinds_get_what_either_needs(database: Database) -> None:
    with database.write() as session:
        own = taken(session, "this", NOON - 5 * DAY_MS)
        near = taken(session, "that", NOON)
        last_before = taken(session, "other", NOON - 4 * DAY_MS)
        taken(session, "older", NOON - 6 * DAY_MS)
        stamps = [stamp("this", NOON - 5 * DAY_MS), stamp("none")]
        assert set(samples_for(session, "phone", stamps)) == {own, near, last_before}
