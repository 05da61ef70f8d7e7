"""Sessions cut at the full hours, the arithmetic beside each."""

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given, settings

from app.slices.cut import cut
from app.timeline import TICKS, hour_rows, timeline, totals
from tests.slices.logs import CHICAGO, TASKS, Event, at, event_id, log, logs

MINUTE = 60_000
Row = dict[str, Any]


def slices(events: list[Event], uncertain: frozenset[str] = frozenset()) -> list[Row]:
    return cut(events, uncertain, CHICAGO, TASKS).slices


def uncertain(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["uncertain"] and row["primary_ms"]]


def added(rows: list[Row], *key: str, measure: str = "primary_ms") -> dict[Any, int]:
    sums: dict[Any, int] = defaultdict(int)
    for row in rows:
        sums[row[key[0]] if len(key) == 1 else tuple(row[k] for k in key)] += row[measure]
    return dict(sums)


def minutes(sums: dict[Any, int]) -> dict[Any, float]:
    return {key: ms / MINUTE for key, ms in sums.items() if ms}


def test_a_segment_is_cut_at_the_full_hours_of_the_clinic() -> None:
    # 09:50 to 12:10 of one task: 10 minutes, an hour, an hour, 10 minutes
    rows = slices(log(("09:50", "begin"), ("09:50", "start", {"task": "rooming"}), ("12:10", "end")))
    assert minutes(added(rows, "day", "weekday", "hour")) == {
        ("2026-11-02", 1, 9): 10,
        ("2026-11-02", 1, 10): 60,
        ("2026-11-02", 1, 11): 60,
        ("2026-11-02", 1, 12): 10,
    }
    assert {(r["task"], r["category"], r["kind"], r["unscheduled"]) for r in rows} == {
        ("rooming", "flow", "work", False)
    }


def test_a_session_over_midnight_lies_on_two_days() -> None:
    events = log(("23:30", "begin"), ("23:30", "start", {"task": "rooming"}), (at("00:30", "2026-11-03"), "end"))
    assert added(slices(events), "day", "weekday", "hour") == {
        ("2026-11-02", 1, 23): 30 * MINUTE,
        ("2026-11-03", 2, 0): 30 * MINUTE,
    }


def test_the_repeated_hour_of_autumn_is_two_hours() -> None:
    # Chicago, 1 November 2026: 01:00 to 02:00 comes twice
    start, end = at("00:30", "2026-11-01"), at("02:30", "2026-11-01")
    rows = slices(log((start, "begin"), (start, "start", {"task": "rooming"}), (end, "end")))
    assert [(r["hour"], r["primary_ms"] // MINUTE) for r in rows] == [(0, 30), (1, 60), (1, 60), (2, 30)]
    assert len({r["hour_at"] for r in rows}) == 4


def test_the_hour_that_spring_skips_is_in_no_row() -> None:
    # Chicago, 8 March 2026: after 01:59 comes 03:00
    start, end = at("01:30", "2026-03-08"), at("03:30", "2026-03-08")
    rows = slices(log((start, "begin"), (start, "start", {"task": "rooming"}), (end, "end")))
    assert [(r["hour"], r["primary_ms"] // MINUTE) for r in rows] == [(1, 30), (3, 30)]


def test_an_instant_is_shared_equally_among_the_tasks_running_in_it() -> None:
    # 9 minutes rooming alone, 6 with vitals and searching beside: person time 9 + 6/3, 6/3, 6/3
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:09", "parallel_start", {"task": "vitals"}),
            ("09:09", "parallel_start", {"task": "searching"}),
            ("09:15", "end"),
        )
    )
    assert minutes(added(rows, "task", measure="primary_ms")) == {"rooming": 15}
    assert minutes(added(rows, "task", measure="task_ms")) == {"rooming": 15, "vitals": 6, "searching": 6}
    assert minutes(added(rows, "task", measure="person_ticks")) == {
        "rooming": 11 * TICKS,
        "vitals": 2 * TICKS,
        "searching": 2 * TICKS,
    }
    assert minutes(added(rows, "task", measure="multitask_ms")) == {"rooming": 6}
    assert minutes(added(rows, "task", measure="unscheduled_ticks")) == {"searching": 2 * TICKS}


def test_time_without_any_task_keeps_its_person_time_and_time_beside_a_task_does_not() -> None:
    # 5 minutes idle, then 3 of a parallel task with nothing in hand, then 2 in an uncoded interruption
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:05", "parallel_start", {"task": "vitals"}),
            ("09:08", "parallel_stop", {"task": "vitals"}),
            ("09:08", "interrupt", {"trigger": "phone"}),
            ("09:10", "end"),
        )
    )
    assert minutes(added(rows, "task", "trigger", measure="person_ticks")) == {
        (None, None): 5 * TICKS,
        ("vitals", None): 3 * TICKS,
        (None, "phone"): 2 * TICKS,
    }
    assert minutes(added(rows, "task", "trigger")) == {(None, None): 8, (None, "phone"): 2}


def test_all_time_inside_an_interruption_is_unscheduled_once_whatever_runs_beside_it() -> None:
    # 4 minutes in the interruption, with its own work and an unscheduled task beside: 4 minutes, not 6
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:02", "interrupt", {"trigger": "supplies", "task": "vitals"}),
            ("09:02", "parallel_start", {"task": "searching"}),
            ("09:06", "resume"),
            ("09:06", "parallel_stop", {"task": "searching"}),
            ("09:10", "end"),
        )
    )
    assert minutes(added(rows, "trigger", measure="unscheduled_ticks")) == {"supplies": 4 * TICKS}
    assert minutes(added(rows, "trigger")) == {None: 6, "supplies": 4}


def test_interruption_time_goes_to_the_innermost_trigger() -> None:
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "interrupt", {"trigger": "supplies"}),
            ("09:03", "interrupt", {"trigger": "phone"}),
            ("09:05", "resume"),
            ("09:06", "end"),
        )
    )
    assert minutes(added(rows, "trigger")) == {"supplies": 4, "phone": 2}


def test_a_prompted_parallel_task_is_unscheduled_by_its_trigger() -> None:
    # vitals is on the template, yet a phone call brought it: 4 minutes shared by two, so 2 unscheduled
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:02", "parallel_start", {"task": "vitals", "trigger": "phone"}),
            ("09:06", "parallel_stop", {"task": "vitals"}),
            ("09:10", "end"),
        )
    )
    assert minutes(added(rows, "task", "prompted_by", measure="unscheduled_ticks")) == {("vitals", "phone"): 2 * TICKS}
    assert not any(row["unscheduled"] for row in rows)


def test_a_prompted_task_beside_itself_is_one_task_and_its_time_is_prompted() -> None:
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "vitals"}),
            ("09:02", "parallel_start", {"task": "vitals", "trigger": "phone"}),
            ("09:06", "end"),
        )
    )
    assert minutes(added(rows, "prompted_by", measure="person_ticks")) == {None: 2 * TICKS, "phone": 4 * TICKS}
    assert minutes(added(rows, "prompted_by", measure="unscheduled_ticks")) == {"phone": 4 * TICKS}
    assert minutes(added(rows, "task", measure="task_ms")) == {"vitals": 6}


def test_a_break_is_never_unscheduled_outside_interruptions() -> None:
    rows = slices(
        log(
            ("12:00", "begin"),
            ("12:00", "start", {"task": "lunch"}),
            ("12:10", "parallel_start", {"task": "lunch", "trigger": "phone"}),
            ("12:20", "interrupt", {"trigger": "phone", "task": "lunch"}),
            ("12:25", "end"),
        )
    )
    assert minutes(added(rows, "trigger", measure="unscheduled_ticks")) == {"phone": 5 * TICKS}
    assert not any(row["unscheduled"] for row in rows)


def test_what_nobody_has_marked_is_not_unscheduled() -> None:
    rows = slices(log(("09:00", "begin"), ("09:00", "start", {"task": "imported"}), ("09:10", "end")))
    assert [(r["unscheduled"], r["unscheduled_ticks"]) for r in rows] == [(False, 0)]


def test_a_task_that_the_list_does_not_hold_is_kept_as_unknown_work() -> None:
    rows = slices(log(("09:00", "begin"), ("09:00", "start", {"task": "juggling"}), ("09:10", "end")))
    assert [(r["task"], r["category"], r["kind"], r["unscheduled"]) for r in rows] == [
        ("juggling", "unknown", "work", False)
    ]


def test_a_pause_is_cut_at_the_hours_too() -> None:
    rows = slices(
        log(
            ("09:30", "begin"),
            ("09:30", "start", {"task": "rooming"}),
            ("09:50", "pause"),
            ("10:20", "continue"),
            ("10:30", "end"),
        )
    )
    assert minutes(added(rows, "hour", measure="paused_ms")) == {9: 10, 10: 20}
    assert minutes(added(rows, "hour")) == {9: 20, 10: 10}


def test_an_occurrence_belongs_whole_to_the_hour_in_which_it_began() -> None:
    # begun 09:50, suspended 10:10 to 10:20, completed 10:40: 40 active minutes, all in the hour of nine
    rows = cut(
        log(
            ("09:50", "begin"),
            ("09:50", "start", {"task": "rooming"}),
            ("10:10", "interrupt", {"trigger": "phone", "task": "callbacks"}),
            ("10:20", "resume"),
            ("10:40", "stop"),
            ("11:00", "end"),
        ),
        frozenset(),
        CHICAGO,
        TASKS,
    ).occurrences
    names = ("hour", "task", "occurrences", "completed", "completed_active_ms", "in_interruption")
    assert [tuple(r[n] for n in names) for r in rows] == [
        (9, "rooming", 1, 1, 40 * MINUTE, 0),
        (10, "callbacks", 1, 1, 10 * MINUTE, 1),
    ]


def test_a_mis_tap_put_right_at_once_is_no_occurrence() -> None:
    rows = cut(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "vitals"}),
            ("09:00", "start", {"task": "rooming"}),
            ("09:10", "end"),
        ),
        frozenset(),
        CHICAGO,
        TASKS,
    ).occurrences
    assert [(r["task"], r["occurrences"]) for r in rows] == [("rooming", 1)]


def test_an_interruption_belongs_whole_to_the_hour_in_which_it_began() -> None:
    rows = cut(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:55", "interrupt", {"trigger": "supplies"}),
            ("10:05", "interrupt", {"trigger": "phone"}),
            ("10:10", "resume"),
            ("10:15", "abandon"),
            ("10:20", "interrupt", {"trigger": "self"}),
            ("10:30", "end"),
        ),
        frozenset(),
        CHICAGO,
        TASKS,
    ).interruptions
    names = ("hour", "trigger", "task", "depth", "outcome", "gross_ms", "own_ms")
    assert [tuple(r[n] for n in names) for r in rows] == [
        (9, "supplies", "rooming", 1, "abandoned", 20 * MINUTE, 15 * MINUTE),
        (10, "phone", None, 2, "resumed", 5 * MINUTE, 5 * MINUTE),
        (10, "self", None, 1, "open", 10 * MINUTE, 10 * MINUTE),
    ]


def points(events: list[Event]) -> list[tuple[int, str, str, int]]:
    return sorted((r["hour"], r["kind"], r["code"], r["n"]) for r in cut(events, frozenset(), CHICAGO, TASKS).points)


def test_points_are_added_up_in_their_own_hour() -> None:
    assert points(
        log(
            ("09:00", "begin"),
            ("09:10", "count", {"counter": "visits"}),
            ("09:20", "count", {"counter": "visits", "n": 3}),
            ("09:30", "prompt", {"trigger": "phone"}),
            ("10:10", "count", {"counter": "visits", "n": -1}),
            ("10:20", "parallel_start", {"task": "vitals", "trigger": "phone"}),
            ("10:20", "parallel_start", {"task": "rooming"}),
            ("10:30", "end"),
        )
    ) == [(9, "count", "visits", 4), (9, "prompt", "phone", 1), (10, "both", "phone", 1), (10, "count", "visits", -1)]


def test_counts_are_kept_outside_the_session_and_prompts_are_not() -> None:
    assert points(
        log(
            ("09:00", "begin"),
            ("10:00", "end"),
            ("12:00", "count", {"counter": "visits"}),
            ("12:01", "prompt", {"trigger": "phone"}),
            ("12:02", "parallel_start", {"task": "vitals", "trigger": "phone"}),
        )
    ) == [(12, "count", "visits", 1)]


def test_a_voided_count_is_gone_and_an_amended_one_moves() -> None:
    assert points(
        log(
            ("09:00", "begin"),
            ("09:10", "count", {"counter": "visits"}),
            ("09:20", "count", {"counter": "visits"}),
            ("09:30", "void", {"target": event_id(2)}),
            ("09:31", "amend", {"target": event_id(3), "changes": {"at": at("10:20"), "n": 5}}),
            ("11:00", "end"),
        )
    ) == [(10, "count", "visits", 5)]


def test_a_repeated_parallel_start_is_not_both() -> None:
    assert points(
        log(
            ("09:00", "begin"),
            ("09:10", "parallel_start", {"task": "vitals", "trigger": "phone"}),
            ("09:11", "parallel_start", {"task": "vitals", "trigger": "phone"}),
            ("09:30", "end"),
        )
    ) == [(9, "both", "phone", 1)]


def test_time_that_no_correction_touched_is_not_edited() -> None:
    # the first task was recoded after the fact: its 10 minutes are edited, the other 20 are not
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:10", "start", {"task": "vitals"}),
            ("09:30", "end"),
            ("09:31", "amend", {"target": event_id(2), "changes": {"task": "searching"}}),
        )
    )
    assert minutes(added(rows, "task", measure="edited_ms")) == {"searching": 10}


def test_a_moved_start_edits_the_time_between_then_and_now() -> None:
    # 09:10 becomes 09:07: 3 minutes that the taps gave to rooming are now vitals
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:10", "start", {"task": "vitals"}),
            ("09:30", "end"),
            ("09:31", "amend", {"target": event_id(3), "changes": {"at": at("09:07")}}),
        )
    )
    assert minutes(added(rows, "task", measure="edited_ms")) == {"vitals": 3}


def test_time_that_the_taps_alone_had_not_observed_is_edited() -> None:
    # the end moves from 09:30 to 09:40; a voided pause (09:10 to 09:15) is observed after all
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:10", "pause"),
            ("09:15", "continue"),
            ("09:30", "end"),
            ("09:41", "amend", {"target": event_id(5), "changes": {"at": at("09:40")}}),
            ("09:42", "void", {"target": event_id(3)}),
        )
    )
    assert minutes(added(rows, "task", measure="edited_ms")) == {"rooming": 15}


def test_a_correction_taken_back_edits_nothing() -> None:
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:30", "end"),
            ("09:31", "amend", {"target": event_id(2), "changes": {"task": "vitals"}}),
            ("09:32", "void", {"target": event_id(4)}),
        )
    )
    assert not any(row["edited_ms"] for row in rows)


def test_a_recoded_task_beside_the_primary_one_edits_the_time_it_ran() -> None:
    rows = slices(
        log(
            ("09:00", "begin"),
            ("09:00", "start", {"task": "rooming"}),
            ("09:10", "parallel_start", {"task": "vitals"}),
            ("09:14", "parallel_stop", {"task": "vitals", "of": event_id(3)}),
            ("09:30", "end"),
            ("09:31", "amend", {"target": event_id(3), "changes": {"task": "searching"}}),
        )
    )
    assert minutes(added(rows, "task", measure="edited_ms")) == {"rooming": 4}


def test_the_segments_on_both_sides_of_an_uncertain_event_are_uncertain() -> None:
    events = log(
        ("09:00", "begin"),
        ("09:00", "start", {"task": "rooming"}),
        ("09:10", "start", {"task": "vitals"}),
        ("09:30", "stop"),
        ("10:00", "end"),
    )
    rows = slices(events, frozenset({event_id(3)}))
    assert minutes(added(uncertain(rows), "task")) == {"rooming": 10, "vitals": 20}


def test_a_time_put_right_by_hand_is_certain() -> None:
    events = log(
        ("09:00", "begin"),
        ("09:00", "start", {"task": "rooming"}),
        ("09:10", "start", {"task": "vitals"}),
        ("09:30", "end"),
        ("09:31", "amend", {"target": event_id(3), "changes": {"at": at("09:12")}}),
    )
    assert not uncertain(slices(events, frozenset({event_id(3)})))
    rows = slices(events, frozenset({event_id(5)}))
    assert minutes(added(uncertain(rows), "task")) == {"rooming": 12, "vitals": 18}


def test_a_count_of_uncertain_time_bounds_no_segment() -> None:
    events = log(
        ("09:00", "begin"),
        ("09:00", "start", {"task": "rooming"}),
        ("09:10", "count", {"counter": "visits"}),
        ("09:30", "end"),
    )
    assert not uncertain(slices(events, frozenset({event_id(3)})))
    (visit,) = cut(events, frozenset({event_id(3)}), CHICAGO, TASKS).points
    assert visit["uncertain"] is True


def test_the_last_event_bounds_an_open_session() -> None:
    events = log(("09:00", "begin"), ("09:00", "start", {"task": "rooming"}), ("09:10", "count", {"counter": "visits"}))
    rows = slices(events, frozenset({event_id(3)}))
    assert minutes(added(uncertain(rows), "task")) == {"rooming": 10}


def test_what_touches_an_uncertain_moment_is_uncertain_whole_and_nothing_else() -> None:
    events = log(
        ("09:00", "begin"),
        ("09:00", "start", {"task": "rooming"}),
        ("09:10", "interrupt", {"trigger": "phone"}),
        ("09:15", "resume"),
        ("09:20", "start", {"task": "vitals"}),
        ("09:30", "interrupt", {"trigger": "supplies"}),
        ("09:35", "resume"),
        ("09:40", "prompt", {"trigger": "phone"}),
        ("09:50", "pause"),
        ("09:55", "continue"),
        ("10:30", "end"),
    )
    found = cut(events, frozenset({event_id(4), event_id(8), event_id(10)}), CHICAGO, TASKS)
    assert [(row["trigger"], row["uncertain"]) for row in found.interruptions] == [("phone", True), ("supplies", False)]
    assert [(row["task"], row["uncertain"]) for row in found.occurrences] == [("rooming", True), ("vitals", True)]
    assert [(row["code"], row["uncertain"]) for row in found.points] == [("phone", True)]
    paused = [row for row in found.slices if row["paused_ms"]]
    assert [(row["paused_ms"] // MINUTE, row["uncertain"]) for row in paused] == [(5, True)]
    certain = [row for row in found.slices if not row["uncertain"]]
    assert minutes(added(certain, "task", "trigger")) == {
        ("rooming", None): 10,
        ("vitals", None): 25,
        (None, "supplies"): 5,
    }


def test_a_log_without_a_begin_has_counts_and_no_time() -> None:
    found = cut(log(("09:10", "count", {"counter": "visits"})), frozenset(), CHICAGO, TASKS)
    assert (found.slices, found.occurrences, found.interruptions) == ([], [], [])
    assert [(r["code"], r["n"]) for r in found.points] == [("visits", 1)]


# -- any log


@settings(deadline=None)
@given(logs())
def test_the_primary_rows_are_those_of_the_timelines_hours(events: list[Event]) -> None:
    sums = Counter[tuple[int, str | None]]()
    for row in slices(events):
        sums[row["hour_at"], row["task"]] += row["primary_ms"]
    expected = {(hour, task): ms for hour, task, ms in hour_rows(timeline(events), CHICAGO)}
    assert {key: ms for key, ms in sums.items() if ms} == expected


@settings(deadline=None)
@given(logs())
def test_the_sums_are_those_of_the_timeline_exactly(events: list[Event]) -> None:
    t, rows = timeline(events), slices(events)
    measures = totals(t)
    assert sum(r["primary_ms"] for r in rows) == t.observed_ms
    assert sum(r["person_ticks"] for r in rows) == t.observed_ms * TICKS
    assert sum(r["paused_ms"] for r in rows) == t.paused_ms
    assert sum(r["multitask_ms"] for r in rows) == measures["multitask_ms"]
    assert sum(r["primary_ms"] for r in rows if r["trigger"]) == measures["interruption_ms"]
    idle = [r["person_ticks"] for r in rows if r["task"] is None and r["trigger"] is None]
    assert sum(idle) == measures["idle_ms"] * TICKS
    task_ms = {task: ms for task, ms in added(rows, "task", measure="task_ms").items() if task}
    assert task_ms == measures["task_ms"]
    person = added([r for r in rows if r["task"]], "task", measure="person_ticks")
    assert {task: ticks / TICKS for task, ticks in person.items()} == measures["person_ms"]


@settings(deadline=None)
@given(logs())
def test_no_time_is_edited_uncertain_or_unscheduled_beyond_the_observed(events: list[Event]) -> None:
    rows = slices(events, frozenset(e["id"] for e in events))
    for row in rows:
        assert 0 <= row["edited_ms"] <= row["primary_ms"]
        assert row["uncertain"] or not row["primary_ms"]
    by_hour = added(rows, "hour_at")
    for hour_at, ticks in added(rows, "hour_at", measure="unscheduled_ticks").items():
        assert 0 <= ticks <= by_hour[hour_at] * TICKS
        assert by_hour[hour_at] <= 60 * MINUTE


@settings(deadline=None)
@given(logs())
def test_occurrences_interruptions_and_points_are_those_of_the_timeline(events: list[Event]) -> None:
    t, found = timeline(events), cut(events, frozenset(), CHICAGO, TASKS)
    kept = [o for o in t.occurrences if o.active_ms]
    assert sum(r["occurrences"] for r in found.occurrences) == len(kept)
    assert sum(r["completed_active_ms"] for r in found.occurrences) == sum(o.active_ms for o in kept if o.completed)
    assert len(found.interruptions) == len(t.interruptions)
    assert sum(r["own_ms"] for r in found.interruptions) == totals(t)["interruption_ms"]
    assert sum(r["n"] for r in found.points if r["kind"] == "prompt") == len(t.prompts)
    assert sum(r["n"] for r in found.points if r["kind"] == "count") == sum(t.counts.values())


@settings(deadline=None)
@given(logs())
def test_the_order_of_arrival_makes_no_difference(events: list[Event]) -> None:
    one = cut(events, frozenset(), CHICAGO, TASKS)
    other = cut(events[::-1], frozenset(), CHICAGO, TASKS)
    assert (one.slices, one.occurrences, one.interruptions, one.points) == (
        other.slices,
        other.occurrences,
        other.interruptions,
        other.points,
    )
