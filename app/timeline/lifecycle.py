"""The same walk told as the life of activities: what starts, is suspended, resumed, completed or given up, and when.

The transitions are those of the XES standard's transactional model (IEEE 1849): start, suspend, resume, complete and
ate_abort. Between a start or resume and what follows it an activity is running, else it is not: the running stretches
of an occurrence add up to its `active_ms`, those of a parallel task to its pieces, those of an interruption to its
`own_ms`.

- A task begun is an activity on the track `task`, with the id of its occurrence. A task begun beside it is one on the
  track `parallel`, an interruption one on the track `interruption`, the observer's pause one on the track `pause`.
- An interruption suspends the task in hand and the interruption around it. Its resume resumes them. What was given up
  (abandoned, or still suspended when the session ends) is aborted at the moment when it was given up.
- A pause of the observer suspends all that runs, because of `unobserved`: nobody knows what went on.
- Somebody who asked in vain (a prompt) is an activity that only completes, on the track `prompt`.
- What still runs when the session ends is completed; in a session that is still open it has no end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.timeline.corrections import Event, corrected
from app.timeline.walk import Walk

Track = Literal["task", "parallel", "interruption", "pause", "prompt"]
Step = Literal["start", "suspend", "resume", "complete", "ate_abort"]
Because = Literal["interruption", "unobserved"]


@dataclass(frozen=True, slots=True)
class Activity:
    """`code`: of the task, or of the trigger; empty for a pause. `instance`: id of the event that began it.

    `trigger`, `depth`: of the interruption in which a task lies, and what prompted a parallel one. `interrupted`: the
    occurrence that an interruption suspended, if it did not break into idleness.
    """

    track: Track
    code: str
    instance: str
    depth: int = 0
    trigger: str | None = None
    interrupted: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """`because`: why it was suspended. `outcome`: of an interruption that ends."""

    at: int
    step: Step
    activity: Activity
    because: Because | None = None
    outcome: str | None = None


Key = tuple[Track, str]
State = dict[Key, tuple[Activity, Because | None]]  # outermost first; None: it runs

OUTCOMES = {"resume": "resumed", "abandon": "abandoned"}  # else the session's end left it open


def lifecycle(events: Iterable[Event]) -> list[Transition]:
    """In the order of the walk, so that none comes before one that it follows from. Events as for `timeline`."""
    log, problems = corrected(events)
    walk = Walk(problems)
    told: list[Transition] = []
    before: State = {}
    for event in log:
        prompts = len(walk.prompts)
        walk.take(event)
        after = _state(walk, before, event["id"])
        told += [Transition(event["at"], *step) for step in _steps(before, after, event["kind"])]
        if len(walk.prompts) > prompts:
            asked = Activity("prompt", event["trigger"], event["id"], len(walk.stack))
            told.append(Transition(event["at"], "complete", asked))
        before = after
    return told


def _state(walk: Walk, before: State, event: str) -> State:
    """What lives after an event, and whether it runs. Nothing lives outside the session."""
    if walk.begin is None or not walk.open:
        return {}
    found: State = {}
    for depth, episode in enumerate(walk.stack):
        work, trigger = episode.suspended, walk.stack[depth - 1].trigger if depth else None
        if work is not None:
            found["task", work.id] = Activity("task", work.task, work.id, depth, trigger), "interruption"
        interrupted = work.id if work is not None else None
        activity = Activity("interruption", episode.trigger, episode.id, depth, trigger, interrupted)
        found["interruption", episode.id] = activity, "interruption" if depth < len(walk.stack) - 1 else None
    if walk.hand is not None:
        trigger = walk.stack[-1].trigger if walk.stack else None
        found["task", walk.hand.id] = (
            Activity("task", walk.hand.task, walk.hand.id, len(walk.stack), trigger),
            None,
        )
    for beside in walk.beside.values():
        found["parallel", beside.event] = Activity("parallel", beside.task, beside.event, 0, beside.trigger), None
    if walk.paused_at is None:
        return found
    held = next((activity for activity, _because in before.values() if activity.track == "pause"), None)
    pause = held or Activity("pause", "", event)
    stopped: State = {key: (activity, because or "unobserved") for key, (activity, because) in found.items()}
    return stopped | {("pause", pause.instance): (pause, None)}


Told = tuple[Step, Activity, Because | None, str | None]


def _steps(before: State, after: State, kind: str) -> Iterator[Told]:
    """What leads from one state to the next: first what ends, innermost first, then what begins, outermost first."""
    runs = dict(before)
    if any(key[0] == "pause" and key not in after for key in before):
        for key, (activity, _because) in before.items():
            if activity.track == "pause":
                yield "complete", activity, None, None
                del runs[key]
        for key, (activity, because) in before.items():
            if because == "unobserved":
                yield "resume", activity, because, None
                runs[key] = activity, None
    for key, (activity, because) in reversed(runs.items()):
        if key not in after:
            outcome = OUTCOMES.get(kind, "open") if activity.track == "interruption" else None
            yield "ate_abort" if because else "complete", activity, None, outcome
    for key, (activity, because) in reversed(runs.items()):
        if key in after and because is None and after[key][1] is not None:
            yield "suspend", activity, after[key][1], None
    for key, (activity, because) in runs.items():
        if key in after and because is not None and after[key][1] is None:
            yield "resume", activity, because, None
    for key, (activity, _because) in after.items():
        if key not in before:
            yield "start", activity, None, None
