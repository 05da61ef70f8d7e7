"""What is usual is the 95th percentile of what was observed, and nothing is usual of which little was."""

from app.db import Database
from app.slices.usual import Usual, usual_lengths
from tests.slices.logs import Event, at, log
from tests.slices.stored import clinic, observe, refresh

MINUTE = 60_000


def lengths(*minutes: int) -> list[Event]:
    """A session with one completed occurrence of each length, one after the other."""
    moments = [at("08:00") + sum(minutes[:n]) * MINUTE for n in range(len(minutes) + 1)]
    starts = [(moment, "start", {"task": "vitals"}) for moment in moments[:-1]]
    return log((moments[0], "begin"), *starts, (moments[-1], "end"))


def test_95_of_100_took_at_most_what_is_usual(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observe(session, north, lengths(*[2] * 10, *[4] * 9))
        observe(session, north, lengths(30))
        refresh(session, north.id)
        assert usual_lengths(session, north.id) == {"vitals": Usual(4 * MINUTE, 20)}
        observe(session, north, lengths(30))
        refresh(session, north.id)
        assert usual_lengths(session, north.id) == {"vitals": Usual(30 * MINUTE, 21)}


def test_of_fewer_than_twenty_nothing_is_usual(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        observe(session, north, lengths(*[3] * 19))
        refresh(session, north.id)
        assert usual_lengths(session, north.id) == {}


def test_neither_another_clinic_nor_self_timed_days_nor_mistaps_count(database: Database) -> None:
    with database.write() as session:
        north, south = clinic(session), clinic(session, slug="south")
        observe(session, north, lengths(*[3] * 20, *[0] * 30))
        observe(session, north, lengths(*[9] * 20), mode="self", subject=None)
        observe(session, south, lengths(*[9] * 20))
        refresh(session, north.id)
        refresh(session, south.id)
        assert usual_lengths(session, north.id) == {"vitals": Usual(3 * MINUTE, 20)}


def test_what_the_end_cut_off_in_an_interruption_was_not_completed(database: Database) -> None:
    with database.write() as session:
        north = clinic(session)
        left = [
            ("09:00", "begin"),
            ("09:00", "start", {"task": "vitals"}),
            ("09:05", "interrupt", {"trigger": "phone"}),
        ]
        for _time in range(21):
            observe(session, north, log(*left, ("09:30", "end")))
        refresh(session, north.id)
        assert usual_lengths(session, north.id) == {}
