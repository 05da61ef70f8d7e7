"""A session as people read it: rows from top to bottom, and lanes over the hours. Pure."""

from itertools import pairwise

import pytest

from app.capture.story import Row, entered_later, rows, words_of
from app.capture.swimlane import NAMES, RIGHT, WIDTH, swimlane, ticks
from app.clinics.tasklist import default_list
from app.timeline import Timeline, timeline
from tests.builders import CHICAGO, at, day

WORDS = words_of(default_list())
MINUTE = 60_000


def of(*lines: str, on: str = "2026-11-02") -> Timeline:
    return timeline(day(*lines, on=on))


def told(t: Timeline) -> list[tuple[str, str | None, str | None, int]]:
    return [(row.kind, row.task, row.trigger, row.depth) for row in rows(t, WORDS)]


def test_interruptions_are_indented_and_what_goes_on_says_so() -> None:
    t = of("09:00 rooming", "09:02 supplies!", "09:03 phone! callbacks", "09:05 back", "09:06 back", "09:10 end")
    assert told(t) == [
        ("segment", "Rooming", None, 0),
        ("segment", None, "Supplies missing", 1),
        ("segment", "Callbacks and messages", "Phone", 2),
        ("segment", None, "Supplies missing", 1),
        ("segment", "Rooming", None, 0),
    ]
    assert [row.again for row in rows(t, WORDS)] == [False, False, False, False, True]


def test_time_in_which_only_a_second_task_ran_is_not_called_empty() -> None:
    t = of(
        "09:00 vitals",
        "09:01 +waiting",
        "09:02 stop",
        "09:04 +walking",
        "09:05 -waiting",
        "09:06 -walking",
        "09:09 end",
    )
    primary = [row for row in rows(t, WORDS) if row.kind == "segment"]
    assert [(row.task, row.beside, row.ms) for row in primary] == [
        ("Vitals", False, 2 * MINUTE),
        (None, True, 4 * MINUTE),
        (None, False, 3 * MINUTE),
    ]


def test_everything_stands_where_it_happened() -> None:
    t = of(
        "09:00 rooming", "09:01 phone?", "09:02 +callbacks", "09:03 -callbacks", "09:04 pause", "09:05 on", "09:06 end"
    )
    assert [row.kind for row in rows(t, WORDS)] == ["segment", "prompt", "parallel", "pause", "segment"]
    assert all(one.at <= other.at for one, other in pairwise(rows(t, WORDS)))


def test_the_rows_of_the_primary_track_add_up_to_observed_time() -> None:
    t = of("09:00 rooming", "09:02 supplies!", "09:03 back", "09:04 pause", "09:09 on", "09:20 stop", "09:30 end")
    assert sum(row.ms or 0 for row in rows(t, WORDS) if row.kind == "segment") == t.observed_ms


def test_bars_grow_in_steps() -> None:
    lengths = (1_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 10**9)
    assert [Row("segment", 0, ms).step for ms in lengths] == [0, 1, 2, 3, 4, 5, 6, 6]
    assert Row("prompt", 0).step == 0


def test_a_task_that_the_list_does_not_have_is_shown_by_its_code() -> None:
    assert told(of("09:00 juggling", "09:01 end")) == [("segment", "juggling", None, 0)]
    assert rows(of("09:00 juggling", "09:01 end"), WORDS)[0].colour == 6


# --- lanes -----------------------------------------------------------------------------------------------------------


def test_lanes_follow_the_task_list_and_blocks_lie_in_theirs() -> None:
    drawn = swimlane(of("09:00 vitals", "09:10 rooming", "09:20 stop", "09:25 vitals", "09:40 end"), WORDS, CHICAGO)
    assert drawn is not None
    assert [lane.label for lane in drawn.lanes] == ["Rooming", "Vitals", None]
    assert [(block.label, block.x, block.width) for block in drawn.blocks] == [
        ("Vitals", 188, 200),
        ("Rooming", 388, 200),
        (None, 588, 100),
        ("Vitals", 688, 300),
    ]
    tops = {lane.label: lane.y for lane in drawn.lanes}
    assert all(block.y == tops[block.label] + 4 for block in drawn.blocks)
    assert drawn.height == 22 + 3 * 24 + 6


def test_a_block_of_a_second_stays_visible_and_nothing_leaves_the_drawing() -> None:
    drawn = swimlane(of("08:00 rooming", "10:00 vitals", "10:00:01 rooming", "12:00 end"), WORDS, CHICAGO)
    assert drawn is not None
    assert min(block.width for block in drawn.blocks) == 0.8
    assert all(block.x >= NAMES and block.x + block.width <= WIDTH - RIGHT + 1 for block in drawn.blocks)


def test_a_parallel_task_has_its_own_lane_and_a_pause_lies_over_all() -> None:
    t = of("09:00 rooming", "09:05 +callbacks phone?", "09:06 -callbacks", "09:10 pause", "09:15 on", "09:20 end")
    drawn = swimlane(t, WORDS, CHICAGO)
    assert drawn is not None
    assert [(block.label, block.trigger) for block in drawn.blocks if block.beside] == [
        ("Callbacks and messages", "Phone")
    ]
    assert drawn.pauses == [(588.0, 200.0)]


def test_nothing_observed_draws_nothing() -> None:
    assert swimlane(timeline([]), WORDS, CHICAGO) is None
    assert swimlane(timeline(day("09:00 rooming")), WORDS, CHICAGO) is None


def test_ticks_are_round_on_the_clinics_wall() -> None:
    assert ticks(at("08:10"), at("11:40"), CHICAGO) == [
        at(clock) for clock in ("08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30")
    ]
    kathmandu = "Asia/Kathmandu"  # 5:45 ahead of UTC
    assert ticks(at("09:50", zone=kathmandu), at("12:10", zone=kathmandu), kathmandu)[:2] == [
        at("10:00", zone=kathmandu),
        at("10:15", zone=kathmandu),
    ]


@pytest.mark.parametrize("minutes", [1, 7, 30, 61, 240, 600, 1440, 20_000])
def test_ticks_are_at_most_a_dozen_or_so(minutes: int) -> None:
    found = ticks(at("08:03"), at("08:03") + minutes * MINUTE, CHICAGO)
    assert len(found) <= 13 or minutes > 5760
    assert all(at("08:03") <= one <= at("08:03") + minutes * MINUTE for one in found)


def test_what_was_entered_afterwards_says_so_however_soon() -> None:
    log = day("09:00 rooming", "09:05 vitals", "09:06 phone?", "09:07 +waiting", "09:08 -waiting", "09:10 end")
    entered = {"vitals": 300_000, "phone": 15_000, "waiting": 2_000}
    for event in log:
        event["recorded_at"] += entered.get(event.get("task") or event.get("trigger") or "", 0)
    found = rows(timeline(log), WORDS, entered_later(log))
    assert [(row.kind, row.later) for row in found] == [
        ("segment", False),
        ("segment", True),
        ("prompt", False),
        ("parallel", True),
    ]


def test_a_choice_about_a_trigger_made_within_seconds_is_not_entered_later() -> None:
    log = day("09:00 rooming", "09:06 phone!", "09:06:05 callbacks", "09:07 back", "09:08 +waiting phone?", "09:10 end")
    for event in log:
        if event["kind"] in ("interrupt", "parallel_start") or event.get("task") == "callbacks":
            # as the pad stamps it: "switched after all" tells the trigger and its work again, in one tap
            event |= {"recorded_at": at("09:06:12"), "load": "a", "mono": 12.5}
        if event["kind"] == "parallel_start":
            event |= {"recorded_at": event["at"] + 15_000, "mono": 135.5}
    assert entered_later(log) == set()
    # the same work of an interruption, entered on its own in the next tap: that is no choice about the trigger
    work = next(event for event in log if event.get("task") == "callbacks")
    assert entered_later([event if event is not work else event | {"mono": 13.5} for event in log]) == {work["id"]}
