"""What a summary may leave out: the half hour in which a session settles in.

And what comes next after what: the transitions between tasks in hand.
"""

from typing import Any

from hypothesis import given, settings

from app.slices.cut import SETTLING_MS, Cut, cut
from app.timeline import timeline
from tests.slices.logs import CHICAGO, TASKS, Event, at, event_id, log, logs

MINUTE = 60_000


def cut_of(events: list[Event], *uncertain: int) -> Cut:
    return cut(events, frozenset(map(event_id, uncertain)), CHICAGO, TASKS)


def stretches(found: Cut, flag: str) -> list[tuple[int, str | None, int, bool]]:
    return [(r["hour"], r["task"], r["primary_ms"] // MINUTE, r[flag]) for r in found.slices]


SIX_AND_A_HALF = log(
    ("09:50", "begin"),
    ("09:50", "start", {"task": "rooming"}),
    ("10:10", "count", {"counter": "visits"}),
    ("10:30", "interrupt", {"trigger": "phone"}),
    ("10:40", "resume"),
    ("10:45", "start", {"task": "vitals"}),
    ("11:00", "end"),
)


def test_a_session_settles_in_for_its_first_half_hour() -> None:
    found = cut_of(SIX_AND_A_HALF)
    assert stretches(found, "settling") == [
        (9, "rooming", 10, True),
        (10, "rooming", 20, True),
        (10, None, 10, False),
        (10, "rooming", 15, False),  # 10:20 to 10:30 and 10:40 to 10:45
        (10, "vitals", 15, False),
    ]
    assert [(r["task"], r["settling"]) for r in found.occurrences] == [("rooming", True), ("vitals", False)]
    assert [r["settling"] for r in (*found.points, *found.interruptions, *found.transitions)] == [True, False, False]


def test_an_hours_end_inside_the_half_hour_loses_nothing_of_it() -> None:
    rows = cut_of(log(("09:45", "begin"), ("09:45", "start", {"task": "rooming"}), ("10:15", "end"))).slices
    assert [(r["hour"], r["primary_ms"] // MINUTE, r["settling"]) for r in rows] == [(9, 15, True), (10, 15, True)]


def test_the_half_hour_is_half_an_hour_where_the_clock_goes_back() -> None:
    # Chicago, 1 November 2026: at 02:00 it is 01:00 again
    begin, end = at("01:45", "2026-11-01"), at("01:45", "2026-11-01", fold=1)
    rows = cut_of(log((begin, "begin"), (begin, "start", {"task": "rooming"}), (end, "end"))).slices
    assert [(r["hour"], r["primary_ms"] // MINUTE, r["settling"]) for r in rows] == [
        (1, 15, True),
        (1, 15, True),
        (1, 30, False),
    ]


def test_a_transition_to_what_an_uncertain_tap_began_is_uncertain() -> None:
    assert [r["uncertain"] for r in cut_of(SIX_AND_A_HALF, 6).transitions] == [True]
    assert [r["uncertain"] for r in cut_of(SIX_AND_A_HALF, 4).transitions] == [False]


# -- transitions


def transitions(*lines: tuple[Any, ...]) -> dict[tuple[str, str], int]:
    return {(r["from_task"], r["to_task"]): r["n"] for r in cut_of(log(*lines)).transitions}


def test_a_transition_is_from_one_task_in_hand_to_the_next() -> None:
    assert transitions(
        ("09:00", "begin"),
        ("09:00", "start", {"task": "rooming"}),
        ("09:05", "start", {"task": "vitals"}),
        ("09:10", "start", {"task": "rooming"}),
        ("09:15", "start", {"task": "vitals"}),
        ("09:20", "end"),
    ) == {("rooming", "vitals"): 2, ("vitals", "rooming"): 1}


def test_an_interruption_that_is_resumed_and_idleness_are_passed_over() -> None:
    assert transitions(
        ("09:00", "begin"),
        ("09:00", "start", {"task": "rooming"}),
        ("09:05", "interrupt", {"trigger": "phone", "task": "callbacks"}),
        ("09:10", "resume"),
        ("09:12", "stop"),
        ("09:15", "start", {"task": "vitals"}),
        ("09:20", "end"),
    ) == {("rooming", "vitals"): 1}


def test_what_happened_in_a_pause_nobody_saw() -> None:
    assert (
        transitions(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:05", "stop"),
            ("09:05", "pause"),
            ("09:15", "continue"),
            ("09:15", "start", {"task": "vitals"}),
            ("09:20", "end"),
        )
        == {}
    )


def test_doing_the_same_task_again_is_a_transition_to_itself() -> None:
    again = {"task": "rooming"}
    assert transitions(
        ("09:00", "begin"), ("09:00", "start", again), ("09:05", "stop"), ("09:06", "start", again), ("09:10", "end")
    ) == {("rooming", "rooming"): 1}


@settings(deadline=None)
@given(logs())
def test_there_are_never_more_transitions_than_tasks_begun(events: list[Event]) -> None:
    found, t = cut_of(events), timeline(events)
    assert sum(row["n"] for row in found.transitions) <= max(0, len(t.occurrences) - 1)
    settling = sum(row["primary_ms"] for row in found.slices if row["settling"])
    assert settling <= SETTLING_MS
