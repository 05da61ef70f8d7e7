"""The observer: from what really happens before their eyes to the items that their phone sends.

They tap all that can be seen while they watch. Sometimes they mis-tap and correct it, or tap late and say so; what
stands in the end is what happened, so the app's figures must come out as the ledger has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from random import Random
from typing import Any

from app.demo import parameters as p
from app.demo.clinic import Sitting
from app.demo.ids import Ids
from app.demo.ledger import Act, Ledger, Stretch

WRONG_TILE = 0.02  # starts that are tapped as another task first, and amended
STRAY_TAP = 0.008  # acts after which a tile is touched by mistake, and undone
TAPPED_LATE = 0.015  # acts that are entered some seconds after they happened
WRITES_A_NOTE = 0.4  # sittings
LIKELY_TO_BE_MIXED_UP = {
    "vitals": "rooming",
    "rooming": "vitals",
    "med-rec": "documentation",
    "documentation": "callbacks",
    "referrals": "forms",
    "forms": "referrals",
    "walking": "searching",
    "searching": "walking",
}
NOTES = (
    "Two providers share the procedure room today.",
    "Label printer at the station jammed twice.",
    "New colleague shadows this MA as well.",
    "Vaccine fridge restocked just before we began.",
    "Wi-Fi gone in the back corridor for a while.",
    "Provider ran half an hour behind from the start.",
)

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tap:
    """An event without its session: `recorded_at` is when it was tapped, `at` when it happened."""

    at: int
    recorded_at: int
    id: str
    kind: str
    fields: dict[str, Any] = field(default_factory=dict)


def items(sitting: Sitting, clinic: str, version: int, rng: Random, ids: Ids) -> list[Item]:
    """The session item and its events, in the order of tapping. `version`: of the clinic's task list."""
    begin = sitting.windows[0][0]
    session = {
        "type": "session",
        "id": ids.at(begin),
        "at": begin,
        "clinic": clinic,
        "mode": "observed",
        "subject": sitting.ledger.subject,
        "staff_role": "MA",
        "day_type": sitting.ledger.day_type,
        "task_list": "back-of-house",
        "version": version,
        "consent": 1,
    }
    taps = sorted(_taps(sitting, rng, ids), key=lambda tap: tap.recorded_at)
    return [session, *(_event(session["id"], seq, tap) for seq, tap in enumerate(taps, 1))]


def _event(session: Any, seq: int, tap: Tap) -> Item:
    stamps = {"type": "event", "id": tap.id, "session": session, "seq": seq}
    return {**stamps, "at": tap.at, "recorded_at": tap.recorded_at, "kind": tap.kind, **tap.fields}


def _taps(sitting: Sitting, rng: Random, ids: Ids) -> Iterator[Tap]:
    seen = [Act(sitting.windows[0][0], "begin", {}), *_seen(sitting), Act(sitting.windows[-1][1], "end", {})]
    placed = list(_with_places(seen))
    yield from chain.from_iterable(
        _tapped(act, before.at, after.at, rng, ids) for before, act, after in _with_neighbours(placed)
    )
    if rng.random() < WRITES_A_NOTE:
        act = placed[rng.randrange(1, len(placed) - 1)]
        yield Tap(act.at, act.at, ids.at(act.at), "note", {"text": rng.choice(NOTES)})


def _with_neighbours(acts: list[Act]) -> Iterator[tuple[Act, Act, Act]]:
    """Each act with those before and after it; the first and the last are their own neighbours."""
    return zip([acts[0], *acts[:-1]], acts, [*acts[1:], acts[-1]], strict=True)


def _seen(sitting: Sitting) -> Iterator[Act]:
    """The acts inside the windows, what is in hand at their beginning, and the pauses between them."""
    ledger = sitting.ledger
    yield from _in_hand(None, _at(ledger, sitting.windows[0][0]), sitting.windows[0][0])
    yield from _acts_inside(ledger, *sitting.windows[0])
    for (_begin, away), (back, end) in pairwise(sitting.windows):
        yield Act(away, "pause", {})
        yield Act(back, "continue", {})
        yield from _in_hand(_at(ledger, away), _at(ledger, back), back)
        yield from _acts_inside(ledger, back, end)


def _in_hand(before: Stretch | None, now: Stretch, at: int) -> Iterator[Act]:
    """What an observer taps who finds this in hand, and had seen that before."""
    if before is not None and before.occurrence == now.occurrence:
        return
    if now.task is not None:
        yield Act(at, "start", {"task": now.task})
    elif before is not None and before.task is not None:
        yield Act(at, "stop", {})


def _at(ledger: Ledger, at: int) -> Stretch:
    return next(stretch for stretch in ledger.stretches if stretch.start <= at < stretch.end)


def _acts_inside(ledger: Ledger, begin: int, end: int) -> Iterator[Act]:
    return (act for act in ledger.acts if begin < act.at < end)


def _with_places(acts: list[Act]) -> Iterator[Act]:
    """The starts say where, if it is elsewhere than what was last said."""
    told = None
    for act in acts:
        place = p.PLACES.get(act.fields.get("task", "")) if act.kind == "start" else None
        if place is not None and place != told:
            told = place
            yield act._replace(fields={**act.fields, "context": {"location": place}})
        else:
            yield act


def _tapped(act: Act, before: int, after: int, rng: Random, ids: Ids) -> Iterator[Tap]:
    """The taps that an act leads to; slips only where there is time for them. `before`, `after`: the neighbours' at."""
    slip, delay = rng.random(), rng.randrange(3_000, 30_000)
    has_time = before < act.at and after - act.at > delay + 5_000
    id = ids.at(act.at)
    task = act.fields.get("task")
    if has_time and act.kind == "start" and task in LIKELY_TO_BE_MIXED_UP and slip < WRONG_TILE:
        yield Tap(act.at, act.at, id, "start", {**act.fields, "task": LIKELY_TO_BE_MIXED_UP[task]})
        right = {"target": id, "changes": {"task": task}, "reason": "wrong tile"}
        yield Tap(act.at + delay, act.at + delay, ids.at(act.at + delay), "amend", right)
    elif has_time and WRONG_TILE <= slip < WRONG_TILE + TAPPED_LATE:
        yield Tap(act.at, act.at + delay, id, act.kind, act.fields)
    else:
        yield Tap(act.at, act.at, id, act.kind, act.fields)
        if has_time and 1 - slip < STRAY_TAP:
            touched, undone = act.at + delay, act.at + delay + 1_500
            stray = ids.at(touched)
            yield Tap(touched, touched, stray, "start", {"task": "waiting"})
            yield Tap(undone, undone, ids.at(undone), "void", {"target": stray, "reason": "stray tap"})
