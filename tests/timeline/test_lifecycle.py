"""What activities live through, as process miners read it: a legal life each, and the very times of the timeline."""

import re
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings

from app.timeline import timeline
from app.timeline.lifecycle import Transition, lifecycle
from tests.builders import day
from tests.timeline.test_properties import LOGS

MINUTE = 60_000
# the transactional model of IEEE 1849: s(tart), p(aused: suspended), r(esumed), c(ompleted), a(borted)
LETTERS = {"start": "s", "suspend": "p", "resume": "r", "complete": "c", "ate_abort": "a"}
LIFE = re.compile(r"s(pr)*(c|p|pa)?")
Lives = dict[tuple[str, str], list[Transition]]


def lives(events: list[dict[str, Any]]) -> Lives:
    found: Lives = defaultdict(list)
    for step in lifecycle(events):
        found[step.activity.track, step.activity.instance].append(step)
    return dict(found)


def running_ms(steps: list[Transition], end: int | None) -> int:
    """As any reader of the standard counts it: from each start or resume to what follows; `end`: of an open session."""
    stops = [*steps[1:], None]
    return sum(
        (end or 0 if stop is None else stop.at) - step.at
        for step, stop in zip(steps, stops, strict=True)
        if step.step in ("start", "resume")
    )


def told(*lines: str) -> list[str]:
    events = day(*lines)
    begin = events[0]["at"]
    return [
        f"{(step.at - begin) // MINUTE} {step.step} {step.activity.track} {step.activity.code}".strip()
        + (f" ({step.because or step.outcome})" if step.because or step.outcome else "")
        for step in lifecycle(events)
    ]


def test_an_interrupted_task_is_suspended_and_resumed() -> None:
    assert told("09:00 rooming", "09:10 phone! callbacks", "09:15 back", "09:20 end") == [
        "0 start task rooming",
        "10 suspend task rooming (interruption)",
        "10 start interruption phone",
        "10 start task callbacks",
        "15 complete task callbacks",
        "15 complete interruption phone (resumed)",
        "15 resume task rooming (interruption)",
        "20 complete task rooming",
    ]


def test_what_is_given_up_is_aborted_when_it_is_given_up_and_the_work_in_hand_goes_on() -> None:
    assert told("09:00 rooming", "09:10 phone! callbacks", "09:15 left", "09:20 end")[3:] == [
        "10 start task callbacks",
        "15 complete interruption phone (abandoned)",
        "15 ate_abort task rooming",
        "20 complete task callbacks",
    ]


def test_what_is_still_suspended_when_the_session_ends_is_aborted() -> None:
    assert told("09:00 rooming", "09:10 phone!", "09:12 supplies! searching", "09:20 end")[3:] == [
        "12 suspend interruption phone (interruption)",
        "12 start interruption supplies",
        "12 start task searching",
        "20 complete task searching",
        "20 complete interruption supplies (open)",
        "20 ate_abort interruption phone (open)",
        "20 ate_abort task rooming",
    ]


def test_what_runs_in_an_open_session_has_no_end() -> None:
    assert told("09:00 rooming", "09:10 phone!") == [
        "0 start task rooming",
        "10 suspend task rooming (interruption)",
        "10 start interruption phone",
    ]


def test_a_pause_of_the_observer_suspends_everything_because_nobody_watched() -> None:
    assert told("09:00 rooming", "09:05 +callbacks phone?", "09:10 pause", "09:20 on", "09:30 end") == [
        "0 start task rooming",
        "5 start parallel callbacks",
        "10 suspend parallel callbacks (unobserved)",
        "10 suspend task rooming (unobserved)",
        "10 start pause",
        "20 complete pause",
        "20 resume task rooming (unobserved)",
        "20 resume parallel callbacks (unobserved)",
        "30 complete parallel callbacks",
        "30 complete task rooming",
    ]


def test_an_interruption_that_ends_a_pause_is_told_as_an_interruption() -> None:
    assert told("09:00 rooming", "09:10 pause", "09:20 phone!", "09:30 back", "09:40 end")[3:7] == [
        "20 complete pause",
        "20 resume task rooming (unobserved)",
        "20 suspend task rooming (interruption)",
        "20 start interruption phone",
    ]


def test_who_asked_in_vain_is_a_moment() -> None:
    assert told("09:00 rooming", "09:05 phone?", "09:10 end")[1] == "5 complete prompt phone"


@settings(deadline=None)
@given(LOGS)
def test_every_life_is_one_that_the_standard_allows(log: list[dict[str, Any]]) -> None:
    is_open = timeline(log).open
    for (track, _instance), steps in lives(log).items():
        life = "".join(LETTERS[step.step] for step in steps)
        assert life == "c" if track == "prompt" else LIFE.fullmatch(life)
        assert is_open or life[-1] in "ca"
        assert [step.at for step in steps] == sorted(step.at for step in steps)


@settings(deadline=None)
@given(LOGS)
def test_running_times_are_those_of_the_timeline(log: list[dict[str, Any]]) -> None:
    meant, found = timeline(log), lives(log)

    def ran(track: str) -> dict[str, int]:
        return {id: running_ms(steps, meant.end) for (of, id), steps in found.items() if of == track}

    assert ran("task") == {one.id: one.active_ms for one in meant.occurrences}
    assert ran("interruption") == {one.id: one.own_ms for one in meant.interruptions}
    beside: dict[str, int] = defaultdict(int)
    for piece in meant.parallel:
        beside[piece.event] += piece.end - piece.start
    assert {id: ms for id, ms in ran("parallel").items() if ms} == beside
    assert sum(ran("pause").values()) == meant.paused_ms
    assert len([track for track, _id in found if track == "prompt"]) == len(meant.prompts)


@settings(deadline=None)
@given(LOGS)
def test_completed_and_interrupted_are_those_of_the_timeline(log: list[dict[str, Any]]) -> None:
    meant, found = timeline(log), lives(log)
    for one in meant.occurrences:
        steps = found["task", one.id]
        assert (steps[-1].step == "complete") == one.completed
        assert [step.because for step in steps if step.step == "suspend"].count("interruption") == one.interruptions
    for episode in meant.interruptions:
        steps = found["interruption", episode.id]
        assert steps[-1].outcome == (None if meant.open and episode.outcome == "open" else episode.outcome)
        assert steps[0].activity.interrupted == episode.interrupted_occurrence
        assert steps[0].activity.depth == episode.depth - 1


@pytest.mark.parametrize("events", [[], day("09:00 rooming")[1:]])
def test_without_a_begin_nothing_lives(events: list[dict[str, Any]]) -> None:
    assert lifecycle(events) == []
