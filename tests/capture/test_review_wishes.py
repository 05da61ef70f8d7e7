"""What people wish of a session comes out exactly, on any log, or is refused whole; and all can be taken back."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.capture.review.interruptions import Merge, Outcome, Uninterrupt
from app.capture.review.plan import Plan, Refused
from app.capture.review.wishes import (
    Delete,
    DeleteBeside,
    Divide,
    Fill,
    Move,
    Recount,
    Retask,
    Retrigger,
    Shift,
    ShiftBeside,
    TakeAway,
    TakeBack,
    Unpause,
    Wish,
    planned,
)
from app.timeline import Segment, Timeline, timeline
from tests.builders import at, day
from tests.slices.logs import logs

unhurried = settings(deadline=None)
CHANGE, LATER, LAST = (f"{n}1111111-2222-7333-8444-555555555555" for n in "abc")
NOW = at("18:00")
SEEDS = st.integers(0, 10**6)

Log = list[dict[str, Any]]
# what a moment of the primary track says: start, end, task, depth, paused
Told = tuple[int, int, str | None, int, bool]


def told(t: Timeline) -> list[Told]:
    """The session from begin to end; neighbours that say the same are one."""
    parts = [(s.start, s.end, s.task, s.depth, False) for s in t.segments]
    parts += [(start, end, None, 0, True) for start, end in t.pauses]
    return joined(parts)


def joined(parts: Iterable[Told]) -> list[Told]:
    whole: list[Told] = []
    for part in sorted(parts):
        if whole and whole[-1][1] == part[0] and whole[-1][2:] == part[2:]:
            whole[-1] = (whole[-1][0], part[1], *part[2:])
        elif part[1] > part[0]:
            whole.append(part)
    return whole


def stored(log: Log, plan: Plan, seed: int) -> Timeline:
    """The timeline of what would lie in the database: through JSON, in any order of arrival."""
    events = json.loads(json.dumps([*log, *plan.drafts]))
    random.Random(seed).shuffle(events)
    return timeline(events)


def fulfilled(log: Log, wish: Wish, seed: int) -> Plan | None:
    """The plan, if the wish was not refused: what was previewed is what is stored, and taking it back undoes it all."""
    try:
        plan = planned(log, CHANGE, NOW, wish)
    except Refused:
        return None
    assert stored(log, plan, seed).as_dict() == plan.t.as_dict()
    before, after = timeline(log), timeline([*log, *plan.drafts])
    ids = tuple(draft["id"] for draft in plan.drafts)
    assert len(set(ids)) == len(ids)
    undone = planned([*log, *plan.drafts], LATER, NOW, TakeBack(ids))
    redone = planned(undone.events, LAST, NOW, TakeBack(tuple(draft["id"] for draft in undone.drafts)))
    # an open session ends with its last tap: what was entered later than that moves its end while it stands
    assert undone.t.as_dict() == before.as_dict()
    assert redone.t.as_dict() == after.as_dict()
    return plan


def some_segment(t: Timeline, seed: int, fits: Callable[[Segment], bool] = lambda one: True) -> Segment | None:
    found = [segment for segment in t.segments if fits(segment)]
    return random.Random(seed).choice(found) if found else None


def inside(segment: Segment, seed: int) -> int:
    return random.Random(seed).randint(segment.start + 1, segment.end - 1)


def is_long(segment: Segment) -> bool:
    return segment.end - segment.start > 2


# --- exactly what was wished, on any log ----------------------------------------------------------------------------


@unhurried
@given(logs(), SEEDS)
def test_a_shifted_edge_moves_both_neighbours_and_nothing_else(log: Log, seed: int) -> None:
    t = timeline(log)
    segment = some_segment(t, seed, is_long)
    if segment is None or segment.start == t.begin:
        return
    to = inside(segment, seed)
    plan = fulfilled(log, Shift(segment.start, to), seed)
    if plan is not None:
        # each edge of the timeline as it was, only that one elsewhere
        parts = [(s.start, s.end, s.task, s.depth, False) for s in t.segments] + [
            (a, b, None, 0, True) for a, b in t.pauses
        ]
        moved = [(to if a == segment.start else a, to if b == segment.start else b, *rest) for a, b, *rest in parts]
        assert told(plan.t) == joined(moved)  # type: ignore[arg-type]


@unhurried
@given(logs(), SEEDS)
def test_a_divided_stretch_is_another_task_from_there_until_that_occurrence_ends(log: Log, seed: int) -> None:
    t = timeline(log)
    segment = some_segment(t, seed, lambda one: is_long(one) and one.task is not None)
    if segment is None:
        return
    cut = inside(segment, seed)
    plan = fulfilled(log, Divide(cut, "lunch"), seed)
    if plan is not None:
        parts: list[Told] = [(a, b, None, 0, True) for a, b in t.pauses]
        for s in t.segments:
            for a, b in ((s.start, min(s.end, cut)), (max(s.start, cut), s.end)):
                task = "lunch" if s.occurrence == segment.occurrence and a >= cut else s.task
                parts += [(a, b, task, s.depth, False)] if b > a else []
        assert told(plan.t) == joined(parts)


@unhurried
@given(logs(), SEEDS)
def test_a_filled_gap_holds_the_task_and_what_was_around_it_stays(log: Log, seed: int) -> None:
    t = timeline(log)
    gap = some_segment(t, seed, lambda one: one.task is None and is_long(one))
    if gap is None:
        return
    start = random.Random(seed).choice([gap.start, inside(gap, seed)])
    end = random.Random(seed + 1).choice([gap.end, random.Random(seed).randint(start + 1, gap.end)])
    plan = fulfilled(log, Fill(start, end, "lunch"), seed)
    if plan is not None:
        rest = [one for one in told(t) if not (one[0] <= gap.start and gap.end <= one[1])]
        (whole,) = [one for one in told(t) if one[0] <= gap.start and gap.end <= one[1]]
        filled: list[Told] = [
            (whole[0], start, *whole[2:]),
            (start, end, "lunch", gap.depth, False),
            (end, whole[1], *whole[2:]),
        ]
        assert told(plan.t) == joined([*rest, *filled])


@unhurried
@given(logs(), SEEDS)
def test_a_deleted_task_leaves_nothing_coded_in_all_its_stretches(log: Log, seed: int) -> None:
    t = timeline(log)
    segment = some_segment(t, seed, lambda one: one.task is not None)
    if segment is None:
        return
    plan = fulfilled(log, Delete(segment.start), seed)
    if plan is not None:
        parts: list[Told] = [(a, b, None, 0, True) for a, b in t.pauses]
        parts += [
            (s.start, s.end, None if s.occurrence == segment.occurrence else s.task, s.depth, False) for s in t.segments
        ]
        assert told(plan.t) == joined(parts)


@unhurried
@given(logs(), SEEDS)
def test_a_merged_stretch_says_what_the_one_before_says(log: Log, seed: int) -> None:
    t = timeline(log)
    segment = some_segment(t, seed, lambda one: any(other.end == one.start for other in t.segments))
    if segment is None:
        return
    plan = fulfilled(log, Merge(segment.start), seed)
    if plan is not None:
        before = next(s for s in t.segments if s.end == segment.start)
        now = [one for one in told(plan.t) if one[0] < segment.end and one[1] > segment.start]
        assert [one[2:] for one in now] == [(before.task, before.depth, False)]
        # what lies before is as it was
        assert [one for one in told(plan.t) if one[1] < before.start] == [
            one for one in told(t) if one[1] < before.start
        ]


@unhurried
@given(logs(), SEEDS)
def test_every_other_wish_comes_out_as_previewed_and_can_be_taken_back(log: Log, seed: int) -> None:
    t, rnd = timeline(log), random.Random(seed)
    wishes: list[Wish] = [Recount("visits", 3)] if t.begin is not None else []
    for one in t.interruptions[:2]:
        wishes += [Uninterrupt(one.id), Retrigger(one.id, "self")]
        wishes += [Outcome(one.id, how, "lunch") for how in ("resumed", "abandoned", "prompt", "both")]
    for beside in t.parallel[:2]:
        wishes += [DeleteBeside(beside.event), Retask(beside.event, "lunch")]
        wishes += [ShiftBeside(beside.event, end, rnd.randint(beside.start, beside.end)) for end in (True, False)]
    wishes += [Unpause(start) for start, _end in t.pauses[:2]]
    wishes += [TakeAway(problem.event) for problem in t.problems[:2]]
    for event in log:
        if event["kind"] in ("prompt", "count") and t.begin is not None and t.end is not None:
            wishes += [TakeAway(event["id"]), Move(event["id"], rnd.randint(t.begin, t.end))]
    for wish in wishes:
        fulfilled(log, wish, seed)


@unhurried
@given(logs(), SEEDS)
def test_an_interruption_ends_as_it_is_said_to(log: Log, seed: int) -> None:
    t = timeline(log)
    for one in t.interruptions[:2]:
        for how in ("resumed", "abandoned"):
            plan = fulfilled(log, Outcome(one.id, how), seed)
            if plan is not None:
                (now,) = [other for other in plan.t.interruptions if other.id == one.id]
                assert (now.outcome, now.start, now.end) == (how, one.start, one.end)


def test_refusals_are_rare_in_logs_as_people_tap_them() -> None:
    """A fixed morning, every wish on every row: only what cannot be is refused."""
    log = day(
        *(
            "09:00 rooming",
            "09:04 supplies! searching",
            "09:06 back",
            "09:08 phone?",
            "09:10 vitals",
            "09:12 +callbacks",
        ),
        *(
            "09:14 -callbacks",
            "09:16 pause",
            "09:20 on",
            "09:24 stop",
            "09:30 discharge",
            "09:31 phone!",
            "09:33 forms",
        ),
        *("09:34 left", "09:36 ehr! fixing", "09:38 supplies! searching", "09:39 back", "09:41 back", "09:50 end"),
    )
    t = timeline(log)
    tally: Counter[str] = Counter()
    for segment in t.segments:
        wishes: list[Wish] = [Shift(segment.start, segment.start + 20_000), Divide(segment.start + 20_000, "lunch")]
        if segment.task is None:
            wishes += [Fill(segment.start, segment.end, "lunch")]
        else:
            wishes += [Delete(segment.start), Retask(str(segment.occurrence), "lunch")]
        if any(other.end == segment.start for other in t.segments):
            wishes.append(Merge(segment.start))
        for wish in wishes:
            tally[f"{type(wish).__name__} {'ok' if fulfilled(log, wish, 1) else 'refused'}"] += 1
    for one in t.interruptions:
        for how in ("resumed", "abandoned", "prompt", "both"):
            tally["Outcome ok" if fulfilled(log, Outcome(one.id, how, "lunch"), 1) else "Outcome refused"] += 1
    assert {name: n for name, n in tally.items() if name.endswith("refused")} == {}
    assert tally["Merge ok"] >= 10


# --- examples, as a newcomer would read them ------------------------------------------------------------------------


def after(log: Log, *wishes: Wish) -> list[str]:
    """What the timeline says afterwards: `09:00 rooming`, an interruption in brackets, idle as a dash."""
    plan = planned(log, CHANGE, NOW, *wishes)
    start = at("00:00")
    lines = []
    for begun, _end, task, depth, paused in told(plan.t):
        minutes, seconds = divmod((begun - start) // 1000, 60)
        clock = f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        word = "paused" if paused else task or "–"
        lines.append(f"{clock} {'(' * depth}{word}{')' * depth}")
    return lines


MORNING = ("09:00 rooming", "09:04 phone! callbacks", "09:06 back", "09:10 vitals", "09:20 stop", "09:30 end")


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (Shift(at("09:10"), at("09:08")), "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:08 vitals|09:20 –"),
        (Divide(at("09:15"), "forms"),
         "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:10 vitals|09:15 forms|09:20 –"),
        (Merge(at("09:10")), "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:20 –"),
        (Merge(at("09:20")), "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:10 vitals"),
        (Merge(at("09:04")), "09:00 rooming|09:10 vitals|09:20 –"),
        (Merge(at("09:06")), "09:00 rooming|09:04 (callbacks)|09:10 vitals|09:20 –"),
        (Delete(at("09:10")), "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:10 –"),
        (Delete(at("09:04")), "09:00 rooming|09:04 (–)|09:06 rooming|09:10 vitals|09:20 –"),
        (Fill(at("09:20"), at("09:30"), "forms"),
         "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:10 vitals|09:20 forms"),
        (Fill(at("09:22"), at("09:25"), "forms"),
         "09:00 rooming|09:04 (callbacks)|09:06 rooming|09:10 vitals|09:20 –|09:22 forms|09:25 –"),
    ],
)  # fmt: skip
def test_each_wish_by_an_example(wish: Wish, wanted: str) -> None:
    assert after(day(*MORNING), wish) == wanted.split("|")


def test_an_interruption_by_its_outcomes() -> None:
    log = day(*MORNING)
    phone = timeline(log).interruptions[0].id
    assert after(log, Outcome(phone, "abandoned")) == ["09:00 rooming", "09:04 (callbacks)", "09:06 callbacks",
                                                       "09:10 vitals", "09:20 –"]  # fmt: skip
    assert after(log, Outcome(phone, "prompt")) == ["09:00 rooming", "09:10 vitals", "09:20 –"]
    both = planned(log, CHANGE, NOW, Outcome(phone, "both"))
    assert [(p.start, p.end, p.task, p.trigger) for p in both.t.parallel] == [
        (at("09:04"), at("09:06"), "callbacks", "phone")
    ]
    assert both.t.interruptions == []
    assert [(p.at, p.trigger) for p in planned(log, CHANGE, NOW, Outcome(phone, "prompt")).t.prompts] == [
        (at("09:04"), "phone")
    ]


def test_a_neighbour_is_never_swallowed_without_a_word() -> None:
    with pytest.raises(Refused, match="swallow"):
        planned(day(*MORNING), CHANGE, NOW, Shift(at("09:10"), at("09:06")))


def test_a_stray_tap_does_not_come_alive_by_a_correction_of_its_neighbour() -> None:
    log = day("09:00 rooming", "09:05 stop", "09:06 stop", "09:10 vitals", "09:20 end")
    assert after(log, Shift(at("09:10"), at("09:05:30"))) == ["09:00 rooming", "09:05 –", "09:05:30 vitals"]


def test_the_last_tap_of_an_open_session_is_not_taken_away_under_its_observer() -> None:
    with pytest.raises(Refused, match="End the session first"):
        planned(day("09:00 rooming", "09:05 phone!", "09:06 back"), CHANGE, NOW, Merge(at("09:05")))


def test_a_correction_made_here_wins_over_one_from_a_phone_whose_clock_is_ahead() -> None:
    log = day(*MORNING)
    ahead = {"id": "d1111111-2222-7333-8444-555555555555", "kind": "amend", "seq": 90, "at": NOW + 3_600_000,
             "recorded_at": NOW + 3_600_000, "target": log[1]["id"], "changes": {"task": "forms"}}  # fmt: skip
    assert after([*log, ahead], Retask(log[1]["id"], "lunch"))[0] == "09:00 lunch"
