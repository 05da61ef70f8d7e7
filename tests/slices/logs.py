"""Event logs for these tests: written by the clock on the clinic's wall, strategies for any log."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.clinics.tasklist import Task

CHICAGO = "America/Chicago"
Event = dict[str, Any]


def at(clock: str, day: str = "2026-11-02", zone: str = CHICAGO, fold: int = 0) -> int:
    """ms since the epoch of HH:MM[:SS[.mmm]] in the zone; `fold` 1: the second time the clock shows it."""
    local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(local.timestamp() * 1000)


def event_id(n: int) -> str:
    return f"00000000-0000-7000-8000-{n:012d}"


def log(*lines: tuple[Any, ...], day: str = "2026-11-02") -> list[Event]:
    """One event a line: (clock or ms, kind, fields); seq and id count from 1."""
    events = []
    for n, (moment, kind, *fields) in enumerate(lines, 1):
        when = moment if isinstance(moment, int) else at(moment, day)
        more = fields[0] if fields else {}
        events.append({"id": event_id(n), "seq": n, "at": when, "recorded_at": when, "kind": kind, **more})
    return events


def task(code: str, category: str = "care", kind: str = "work", scheduled: bool | None = True) -> Task:
    return Task.model_validate(
        {"code": code, "label": code.capitalize(), "short": code, "category": category}
        | {"kind": kind, "scheduled": scheduled}
    )


TASKS = {
    t.code: t
    for t in (
        task("rooming", "flow"),
        task("vitals", "flow"),
        task("searching", "support", scheduled=False),
        task("callbacks", "care", scheduled=False),
        task("imported", "care", scheduled=None),
        task("waiting", "between", kind="between", scheduled=False),
        task("lunch", "recovery", kind="break", scheduled=False),
    )
}
TRIGGERS = ("supplies", "phone", "self")

_codes = st.sampled_from(sorted(TASKS))
_triggers = st.sampled_from(TRIGGERS)
_steps = st.one_of(
    st.builds(lambda t: ("start", {"task": t}), _codes),
    st.just(("stop", {})),
    st.builds(lambda t, w: ("interrupt", {"trigger": t} | ({"task": w} if w else {})), _triggers, st.none() | _codes),
    st.just(("resume", {})),
    st.just(("abandon", {})),
    st.builds(lambda t: ("prompt", {"trigger": t}), _triggers),
    st.builds(
        lambda t, w: ("parallel_start", {"task": t} | ({"trigger": w} if w else {})), _codes, st.none() | _triggers
    ),
    st.builds(lambda t: ("parallel_stop", {"task": t}), _codes),
    st.just(("pause", {})),
    st.just(("continue", {})),
    st.builds(lambda n: ("count", {"counter": "visits", "n": n}), st.integers(-2, 3)),
)
# up to four hours apart, often on the same ms, seldom whole seconds
_gaps = st.one_of(st.just(0), st.integers(1, 90_000), st.integers(1, 4 * 3_600_000))


@st.composite
def logs(draw: st.DrawFn, most: int = 30) -> list[Event]:
    """A session of any sense or nonsense around a change of the clock in Chicago, with some corrections."""
    moment = draw(
        st.sampled_from([at("22:30", "2026-10-31"), at("23:10", "2026-03-07"), at("08:00", "2026-11-02")])
    ) + draw(st.integers(0, 3_600_000))
    lines: list[tuple[Any, ...]] = [(moment, "begin")]
    for kind, fields in draw(st.lists(_steps, max_size=most)):
        moment += draw(_gaps)
        lines.append((moment, kind, fields))
    if draw(st.booleans()):
        lines.append((moment + draw(_gaps), "end"))
    for target in draw(st.lists(st.integers(2, len(lines) + 1), max_size=3)):
        moment += 1000
        if draw(st.booleans()):
            lines.append((moment, "void", {"target": event_id(target)}))
        else:
            shift = draw(st.integers(-3_600_000, 3_600_000))
            lines.append((moment, "amend", {"target": event_id(target), "changes": {"at": lines[0][0] + shift}}))
    return log(*lines)
