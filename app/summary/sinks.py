"""Where the time goes: the ranked lists of time sinks, of all work and of the work nobody scheduled. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

from app.summary.figures import Figures, Observed, TaskTime, low_and_high, together
from app.summary.labels import Labels
from app.summary.rounding import whole_ms
from app.summary.rows import TimeRow, TriggerRow
from app.timeline import TICKS


class Sink(NamedTuple):
    source: Literal["task", "trigger"]
    code: str


def sinks(
    times: Iterable[TaskTime], triggers: Iterable[TriggerRow], observed: Observed, labels: Labels
) -> list[Figures]:
    """All tasks but breaks by person time, and each trigger by its interruption time without a task."""
    ms: dict[Sink, int] = defaultdict(int)
    ticks: dict[Sink, list[dict[str, int]]] = defaultdict(list)
    for time in times:
        if time.kind != "break":
            ms[Sink("task", time.task)] += time.person_ms
            ticks[Sink("task", time.task)].append(time.ticks)
    for row in triggers:
        if row.uncoded_ticks:
            ms[Sink("trigger", row.trigger)] += row.uncoded_ticks // TICKS
            ticks[Sink("trigger", row.trigger)].append({row.session_id: row.uncoded_ticks})
    return _ordered({sink: (ms[sink], together(ticks[sink])) for sink in ms}, observed, labels)


def unscheduled_sinks(
    rows: Iterable[TimeRow], triggers: Iterable[TriggerRow], unscheduled_ms: int, observed: Observed, labels: Labels
) -> list[Figures]:
    """Each trigger with its own time and what it prompted, each unscheduled task with its time outside interruptions.

    They add up to `unscheduled_ms`: a prompted task that is itself unscheduled counts as that task, any other under
    the trigger that prompted it.
    """
    ticks: dict[Sink, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.task is not None and row.own_unscheduled_ticks:
            ticks[Sink("task", row.task)][row.session_id] += row.own_unscheduled_ticks
    for trigger in triggers:
        time = trigger.own_ms * TICKS + trigger.prompted_ticks
        if time:
            ticks[Sink("trigger", trigger.trigger)][trigger.session_id] += time
    ms = whole_ms({sink: sum(ticks[sink].values()) for sink in sorted(ticks)}, unscheduled_ms)
    return _ordered({sink: (ms[sink], ticks[sink]) for sink in ticks}, observed, labels)


def ranked(entries: Iterable[Figures]) -> list[Figures]:
    """With each entry's `rank`: entries are given in order, and those of equal person_ms share the better rank."""
    placed: list[Figures] = []
    for entry in entries:
        ties = bool(placed) and placed[-1]["person_ms"] == entry["person_ms"]
        placed.append(entry | {"rank": placed[-1]["rank"] if ties else len(placed) + 1})
    return placed


def _ordered(found: dict[Sink, tuple[int, dict[str, int]]], observed: Observed, labels: Labels) -> list[Figures]:
    """Entries from each sink's whole ms and its ticks by session."""
    entries = [
        {
            "source": sink.source,
            "code": sink.code,
            "label": labels.task(sink.code) if sink.source == "task" else labels.trigger(sink.code),
            "rank": 0,
            "person_ms": ms,
            "share": observed.share(ms),
            **low_and_high("share", observed.interval(ticks)),
        }
        for sink, (ms, ticks) in sorted(found.items(), key=lambda item: (-item[1][0], item[0].code, item[0].source))
    ]
    tied = [[other["code"] for other in entries if other is not one and _overlap(one, other)] for one in entries]
    return ranked(entry | {"tied_with": codes} for entry, codes in zip(entries, tied, strict=True))


def _overlap(one: Figures, other: Figures) -> bool:
    """Whether both intervals exist and share a point: then the order of the two may be chance."""
    if one["share_low"] is None or other["share_low"] is None:
        return False
    return bool(one["share_low"] <= other["share_high"] and other["share_low"] <= one["share_high"])
