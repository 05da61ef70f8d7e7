"""What holds for every log, plausible or hostile (TIMELINE.md)."""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.timeline import (
    TICKS,
    Timeline,
    cut_at_hours,
    hour_rows,
    hour_start,
    local_hour,
    pieces,
    shares,
    timeline,
    totals,
)

# no deadline: the machine that runs this is shared, and slowness breaks no rule
unhurried = settings(deadline=None)

Log = list[dict[str, Any]]

HOUR = 3_600_000
TASKS = st.sampled_from(["rooming", "vitals", "forms"])
TRIGGERS = st.sampled_from(["phone", "supplies"])
PLACES = st.sampled_from(["exam-room", "lab"])
CONTEXT = st.dictionaries(st.sampled_from(["location", "tool"]), PLACES, max_size=2)
COUNT_N = st.integers(-2, 2)
# the place in the log of the event that is meant, which may be none of it
REFERENCE = st.integers(0, 32)
CORRECTIONS = ("void", "amend")


def of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


CHANGES = st.dictionaries(
    st.sampled_from(["at", "task", "trigger", "n", "context", "value"]), st.just(None), min_size=1, max_size=3
).flatmap(
    lambda fields: st.fixed_dictionaries(
        {
            name: {
                "at": st.integers(0, 60),
                "task": TASKS,
                "trigger": TRIGGERS,
                "n": COUNT_N,
                "context": CONTEXT,
                "value": PLACES,
            }[name]
            for name in fields
        }
    )
)
START = of("start", task=TASKS, context=st.none() | CONTEXT)
INTERRUPT = of("interrupt", trigger=TRIGGERS, task=st.none() | TASKS)
RESUME = of("resume")
PAUSE = of("pause")
# what leads into a state more often than what needs one: else most events of a log would be nonsense
FACTS = st.one_of(
    START,
    START,
    INTERRUPT,
    INTERRUPT,
    RESUME,
    RESUME,
    of("abandon"),
    of("stop"),
    of("parallel_start", task=TASKS, trigger=st.none() | TRIGGERS),
    of("parallel_stop", task=TASKS, of=st.none() | REFERENCE),
    PAUSE,
    PAUSE,
    of("continue"),
    of("prompt", trigger=TRIGGERS),
    of("context", dimension=st.just("location"), value=PLACES),
    of("count", counter=st.sampled_from(["visits", "rooms"]), n=st.none() | COUNT_N),
    of("note", text=st.just("busy")),
)
FIXES = st.one_of(of("void", target=REFERENCE), of("amend", target=REFERENCE, changes=CHANGES))


def named(n: int, salt: int) -> str:
    """The id of the n-th event: unique, and in no order that means anything."""
    return f"{(n * 37 + salt) % 101:03d}"


def written(events: Log, salt: int, unit: int, base: int) -> Log:
    """Ids for places, and ms since the epoch for small numbers: `unit` ms each from `base`."""

    def moment(at: int) -> int:
        return base + at * unit

    log = []
    for n, raw in enumerate(events):
        event = {"id": named(n, salt), **raw, "at": moment(raw["at"])}
        if event.get("recorded_at") is not None:
            event["recorded_at"] = moment(event["recorded_at"])
        for reference in ("of", "target"):
            if event.get(reference) is not None:
                event[reference] = named(event[reference], salt)
        if "at" in event.get("changes", {}):
            event["changes"] = {**event["changes"], "at": moment(event["changes"]["at"])}
        log.append(event)
    return log


def up_to(most: int, events: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Log]:
    """Every length alike: a plain list strategy would mostly make five events of it."""
    return st.integers(0, most).flatmap(lambda n: st.lists(events, min_size=n, max_size=n))


@st.composite
def plausible(draw: st.DrawFn, unit: int = 1, base: int = 0) -> Log:
    """One phone: a begin, taps in order with ties, corrections, often an end."""
    events = [{"kind": "begin"}, *draw(up_to(25, FACTS))]
    if draw(st.booleans()):
        events.append({"kind": "end"})
    events += draw(up_to(4, FIXES))
    at = 0
    taps: Log = []
    for n, event in enumerate(events):
        taps.append({**event, "seq": n + 1, "at": at, "recorded_at": at})
        at += draw(st.integers(0, 4))
    return written(taps, draw(st.integers(0, 100)), unit, base)


@st.composite
def hostile(draw: st.DrawFn, unit: int = 1, base: int = 0) -> Log:
    """Several phones, clocks that disagree, begins and ends anywhere, corrections of corrections."""
    anything = st.one_of(FACTS, FIXES, of("begin"), of("begin"), of("end"))
    events = draw(up_to(30, anything))
    taps = [
        {
            **event,
            "seq": draw(st.integers(0, 5)),
            "at": draw(st.integers(0, 40)),
            "recorded_at": draw(st.none() | st.integers(0, 60)),
        }
        for event in events
    ]
    return written(taps, draw(st.integers(0, 100)), unit, base)


LOGS = plausible() | hostile()


def without(log: Log, ids: set[str]) -> Log:
    return [event for event in log if event["id"] not in ids]


def corrections_of(log: Log, target: str) -> set[str]:
    """The ids of all corrections aimed at `target`, or at one of those, and so on."""
    found: set[str] = set()
    while more := {
        e["id"]
        for e in log
        if e["kind"] in CORRECTIONS and e["id"] not in found and (e["target"] == target or e["target"] in found)
    }:
        found |= more
    return found


def apart_from(ids: set[str], t: Timeline) -> dict[str, Any]:
    """The timeline without the problems of these events."""
    seen = t.as_dict()
    return {**seen, "problems": [problem for problem in seen["problems"] if problem["event"] not in ids]}


def ms_by_ms(t: Timeline) -> dict[str, Any]:
    """The measures by counting single milliseconds, as the definitions read: only for short sessions."""
    task_ms: Counter[str] = Counter()
    person: dict[str, Fraction] = {}
    trigger_ms: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    for ms in range(t.begin or 0, t.end or 0):
        for segment in (s for s in t.segments if s.start <= ms < s.end):
            running = {p.task for p in t.parallel if p.start <= ms < p.end} | {segment.task} - {None}
            for task in running:
                task_ms[str(task)] += 1
                person[str(task)] = person.get(str(task), Fraction(0)) + Fraction(1, len(running))
            plain["multitask_ms"] += len(running) > 1
            plain["interruption_ms"] += segment.depth > 0
            plain["idle_ms"] += not running and segment.depth == 0
            plain["uncoded"] += not running and segment.depth > 0
            if segment.trigger is not None:
                trigger_ms[segment.trigger] += 1
    return {"task_ms": dict(task_ms), "person": person, "trigger_ms": dict(trigger_ms), **plain}


# -- the session is filled


@unhurried
@given(LOGS)
def test_segments_and_pauses_fill_the_session_without_overlap(log: Log) -> None:
    t = timeline(log)
    stretches = sorted([(s.start, s.end) for s in t.segments] + t.pauses)
    edges = [t.begin, *(edge for stretch in stretches for edge in stretch), t.end]
    assert all(start < end for start, end in stretches)
    assert edges[::2] == edges[1::2]
    assert t.observed_ms == sum(s.end - s.start for s in t.segments)
    assert t.paused_ms == sum(end - start for start, end in t.pauses)
    assert t.observed_ms + t.paused_ms == (t.end or 0) - (t.begin or 0)


@unhurried
@given(LOGS)
def test_parallel_tasks_run_only_while_someone_watches_and_never_twice_at_once(log: Log) -> None:
    t = timeline(log)
    observed = {ms for s in t.segments for ms in range(s.start, s.end)}
    seen = Counter((p.task, ms) for p in t.parallel for ms in range(p.start, p.end))
    assert {ms for _, ms in seen} <= observed
    assert set(seen.values()) <= {1}
    assert [p.start for p in t.parallel] == sorted(p.start for p in t.parallel)


@unhurried
@given(LOGS)
def test_the_sweep_cuts_at_every_edge_and_nowhere_else(log: Log) -> None:
    t = timeline(log)
    swept = list(pieces(t))
    assert sum(piece.ms for piece in swept) == t.observed_ms
    edges = {s.start for s in t.segments} | {s.end for s in t.segments}
    edges |= {p.start for p in t.parallel} | {p.end for p in t.parallel}
    assert {edge for piece in swept for edge in (piece.start, piece.end)} == edges
    assert all(not any(piece.start < edge < piece.end for edge in edges) for piece in swept)


# -- the measures


@unhurried
@given(LOGS)
def test_the_measures_are_what_counting_every_millisecond_gives(log: Log) -> None:
    t = timeline(log)
    counted = ms_by_ms(t)
    measured = totals(t)
    assert measured["task_ms"] == counted["task_ms"]
    assert measured["trigger_ms"] == counted["trigger_ms"]
    assert measured["person_ms"] == {task: float(ms) for task, ms in counted["person"].items()}
    for measure in ("idle_ms", "multitask_ms", "interruption_ms"):
        assert measured[measure] == counted.get(measure, 0)


@unhurried
@given(LOGS)
def test_person_time_and_idleness_and_uncoded_interruptions_are_the_observed_time_exactly(log: Log) -> None:
    t = timeline(log)
    measured = totals(t)
    # a float holds far more than a tick's precision here, so the exact share can be read back from it
    ticks = sum(round(Fraction(ms) * TICKS) for ms in measured["person_ms"].values())
    uncoded = ms_by_ms(t).get("uncoded", 0)
    assert ticks + (measured["idle_ms"] + uncoded) * TICKS == t.observed_ms * TICKS


@unhurried
@given(st.integers(1, 60), st.integers(0, 10**9))
def test_shares_are_equal_to_a_tick_and_sum_exactly(k: int, ms: int) -> None:
    given_out = shares(k, ms)
    assert len(given_out) == k
    assert sum(given_out) == ms * TICKS
    assert max(given_out) - min(given_out) <= (0 if k <= 16 else 1)


def test_more_than_sixteen_tasks_at_once_lose_nothing() -> None:
    begin = {"id": "begin", "seq": 1, "at": 0, "kind": "begin"}
    started = [
        {"id": f"p{n:02d}", "seq": n + 2, "at": n, "kind": "parallel_start", "task": f"task-{n:02d}"} for n in range(23)
    ]
    t = timeline([begin, *started], as_of=1_000_003)
    person = totals(t)["person_ms"].values()
    assert sum(round(Fraction(ms) * TICKS) for ms in person) == t.observed_ms * TICKS


@unhurried
@given(LOGS)
def test_interruptions_and_occurrences_own_their_segments(log: Log) -> None:
    t = timeline(log)
    own: Counter[str] = Counter()
    active: Counter[str] = Counter()
    for segment in t.segments:
        own[segment.interruption or ""] += segment.end - segment.start
        active[segment.occurrence or ""] += segment.end - segment.start
    assert [i.own_ms for i in t.interruptions] == [own[i.id] for i in t.interruptions]
    assert [o.active_ms for o in t.occurrences] == [active[o.id] for o in t.occurrences]
    assert sum(i.gross_ms for i in t.interruptions if i.depth == 1) == totals(t)["interruption_ms"]
    lengths = [(i.start, i.end, i.gross_ms) for i in t.interruptions]
    lengths += [(o.start, o.end, o.elapsed_ms) for o in t.occurrences]
    for begun, ended, ms in lengths:
        paused = sum(max(0, min(ended, end) - max(begun, start)) for start, end in t.pauses)
        assert ms == ended - begun - paused


@unhurried
@given(LOGS)
def test_suspensions_are_counted_at_both_ends(log: Log) -> None:
    t = timeline(log)
    suspended = Counter(i.interrupted_occurrence for i in t.interruptions)
    assert [o.interruptions for o in t.occurrences] == [suspended[o.id] for o in t.occurrences]
    tasks = {o.id: o.task for o in t.occurrences}
    assert all(i.interrupted_task == tasks.get(i.interrupted_occurrence or "") for i in t.interruptions)


@unhurried
@given(LOGS)
def test_work_that_was_not_taken_up_again_ends_incomplete_where_it_was_suspended(log: Log) -> None:
    t = timeline(log)
    occurrences = {o.id: o for o in t.occurrences}
    for interruption in t.interruptions:
        if interruption.interrupted_occurrence is None:
            continue
        suspended = occurrences[interruption.interrupted_occurrence]
        if interruption.outcome == "resumed":
            assert suspended.end >= interruption.end
        else:
            assert suspended.end == interruption.start
            assert not suspended.completed


@unhurried
@given(LOGS)
def test_only_suspended_work_and_the_work_in_hand_of_an_open_session_is_incomplete(log: Log) -> None:
    # seen later than any event, so that the work in hand of an open session has a last segment, unless paused
    t = timeline(log, 1_000)
    suspended = {i.interrupted_occurrence for i in t.interruptions if i.outcome != "resumed"} - {None}
    incomplete = {o.id for o in t.occurrences if not o.completed}
    in_hand = incomplete - suspended
    assert suspended <= incomplete
    assert len(in_hand) <= (1 if t.open else 0)
    assert all(o.end == t.end for o in t.occurrences if o.id in in_hand)
    if t.open and t.segments and t.segments[-1].end == t.end:
        assert in_hand == {t.segments[-1].occurrence} - {None}


# -- the order and number of copies in which a log arrives


@unhurried
@given(LOGS, st.data())
def test_arrival_order_and_copies_make_no_difference(log: Log, data: st.DataObject) -> None:
    copies = data.draw(st.lists(st.sampled_from(log), max_size=5)) if log else []
    shuffled = data.draw(st.permutations([*log, *copies]))
    assert timeline(shuffled).as_dict() == timeline(log).as_dict()


# -- corrections


@unhurried
@given(LOGS, st.data())
def test_what_the_newest_void_takes_back_has_never_been(log: Log, data: st.DataObject) -> None:
    """True of facts and of corrections, as long as the void is the newest: see TIMELINE.md, rule 1.

    What was aimed at the voided event is taken out with it, or it would aim at nothing; only its own problems
    may remain.
    """
    assume(log)
    target = data.draw(st.sampled_from(log))["id"]
    void = {"id": "void", "seq": 99, "at": 0, "recorded_at": 10**15, "kind": "void", "target": target}
    aimed = corrections_of(log, target)
    never = timeline(without(log, {target} | aimed))
    assert apart_from(aimed, timeline([*log, void])) == never.as_dict()


@unhurried
@given(LOGS, st.data())
def test_what_the_newest_amendment_says_is_as_if_it_had_been_tapped_so(log: Log, data: st.DataObject) -> None:
    facts = [event for event in log if event["kind"] not in CORRECTIONS]
    assume(facts)
    target = data.draw(st.sampled_from(facts))
    changes = data.draw(CHANGES)
    amend = {"id": "amend", "seq": 99, "at": 0, "recorded_at": 10**15, "kind": "amend"}
    amended = timeline([*log, {**amend, "target": target["id"], "changes": changes}])
    # other amendments of the same fields would otherwise still apply to the event that was tapped so
    rest = [
        {**event, "changes": {k: v for k, v in event["changes"].items() if k not in changes}}
        if event["kind"] == "amend" and event["target"] == target["id"]
        else event
        for event in without(log, {target["id"]})
    ]
    assert amended.as_dict() == timeline([*rest, {**target, **changes}]).as_dict()


@unhurried
@given(LOGS)
def test_no_event_is_lost_and_none_is_listed_twice(log: Log) -> None:
    t = timeline(log)
    listed = [problem.event for problem in t.problems]
    assert len(listed) == len(set(listed))
    gone = {event["target"] for event in log if event["kind"] == "void"}
    nonsense = {problem.event for problem in t.problems if problem.code != "event_while_paused"}
    standing = {kind: {e["id"] for e in log if e["kind"] == kind} - gone for kind in ("start", "interrupt")}
    assert standing["start"] <= {o.id for o in t.occurrences} | nonsense
    assert standing["interrupt"] <= {i.id for i in t.interruptions} | nonsense
    assert nonsense.isdisjoint(o.id for o in t.occurrences)
    # counts and notes are kept wherever they stand
    assert nonsense.isdisjoint(e["id"] for e in log if e["kind"] in ("count", "note"))


# -- the moment from which an open session is seen


@unhurried
@given(LOGS, st.integers(0, 200))
def test_an_open_session_seen_later_is_one_in_which_nothing_more_was_done(log: Log, as_of: int) -> None:
    t = timeline(log, as_of)
    if not t.open or t.begin is None:
        assert t == timeline(log)
        return
    end = timeline(log).end
    assert end is not None
    assert t.end == max(end, as_of)
    noted = timeline([*log, {"id": "note", "seq": 99, "at": t.end, "kind": "note", "text": "still here"}])
    assert noted.as_dict() == {**t.as_dict(), "notes": noted.as_dict()["notes"]}


# -- hours

SPRING = 1_772_953_200_000  # 2026-03-08T07:00Z: an hour before Chicago goes from 2 to 3 o'clock
AUTUMN = 1_793_512_800_000  # 2026-11-01T06:00Z: an hour before Chicago goes from 2 back to 1
ZONES = ["America/Chicago", "Asia/Kolkata", "Asia/Kathmandu", "UTC"]
# gaps of up to 28 minutes and a bit, so that sessions cross hours and nothing falls on one by chance
UNIT = 423_456
LONG_LOGS = st.sampled_from([SPRING, AUTUMN]).flatmap(lambda base: plausible(UNIT, base) | hostile(UNIT, base))


@pytest.mark.parametrize("zone", ZONES)
@unhurried
@given(log=LONG_LOGS)
def test_hours_add_up_to_the_observed_time_across_both_clock_changes(zone: str, log: Log) -> None:
    t = timeline(log)
    rows = hour_rows(t, zone)
    by_hour: Counter[int] = Counter()
    by_task: Counter[str | None] = Counter()
    for hour, task, ms in rows:
        assert isinstance(hour, int)
        assert isinstance(ms, int)
        assert not isinstance(task, int)
        by_hour[hour] += ms
        by_task[task] += ms
    coded: Counter[str | None] = Counter()
    for segment in t.segments:
        coded[segment.task] += segment.end - segment.start
    assert by_task == coded
    for hour, total in by_hour.items():
        assert total == sum(max(0, min(s.end, hour + HOUR) - max(s.start, hour)) for s in t.segments), (
            "an hour holds what was observed in it"
        )
        local = datetime.fromtimestamp(hour / 1000, ZoneInfo(zone))
        assert (local.minute, local.second, local.microsecond) == (0, 0, 0)
    assert rows == sorted(rows, key=lambda row: (row[0], row[1] is not None, row[1] or ""))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Chicago", "2026-03-08", [0, 1, *range(3, 24)]),
        ("America/Chicago", "2026-03-09", list(range(24))),
        ("America/Chicago", "2026-11-01", [0, 1, 1, *range(2, 24)]),
        ("Asia/Kolkata", "2026-11-01", list(range(24))),
        ("Asia/Kathmandu", "2026-11-01", list(range(24))),
    ],
)
def test_a_day_has_the_hours_that_the_clock_on_the_wall_shows(zone: str, day: str, hours: list[int]) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    begin = round(midnight.timestamp() * 1000)
    cut = [hour for hour, _, _ in cut_at_hours(begin, begin + len(hours) * HOUR, zone)]
    assert [local_hour(hour, zone).hour for hour in cut] == hours
    assert {str(local_hour(hour, zone).day) for hour in cut} == {day}
    assert {local_hour(hour, zone).weekday for hour in cut} == {datetime.fromisoformat(day).isoweekday()}
    assert local_hour(begin + len(hours) * HOUR, zone).hour == 0


def test_an_hour_in_a_zone_off_by_half_or_three_quarters_begins_on_its_own_clock() -> None:
    at = 1_793_624_400_000 + 123  # 2026-11-02T13:00:00.123Z: 18:30 in Kolkata, 18:45 in Kathmandu
    assert hour_start(at, "UTC") == at - 123
    assert hour_start(at, "Asia/Kolkata") == at - 123 - 30 * 60_000
    assert hour_start(at, "Asia/Kathmandu") == at - 123 - 45 * 60_000
    assert local_hour(hour_start(at, "Asia/Kathmandu"), "Asia/Kathmandu").hour == 18
