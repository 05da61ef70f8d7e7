"""How often work was broken off, by what, and whether it was taken up again. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.summary.figures import Figures, Observed, low_and_high
from app.summary.intervals import rate_interval
from app.summary.rows import EpisodeRow, OutcomeRow, PointRow, TriggerRow

HOUR_MS = 3_600_000
OUTCOMES = ("resumed", "abandoned", "open")


def interruptions(
    episodes: Iterable[EpisodeRow],
    outcomes: list[OutcomeRow],
    points: Iterable[PointRow],
    triggers: Iterable[TriggerRow],
    observed: Observed,
    in_the_middle: Sequence[int],
) -> Figures:
    """`in_the_middle`: of the resumed ones by length (ms, without pauses) the middle one, or the two in the middle."""
    count = sum(row.n for row in outcomes)
    ended = {outcome: sum(row.n for row in outcomes if row.outcome == outcome) for outcome in OUTCOMES}
    by_trigger = _by_trigger(outcomes, points, triggers)
    return {
        "count": count,
        "prompts": sum(row["prompts"] for row in by_trigger),
        "both": sum(row["both"] for row in by_trigger),
        "per_hour": count * HOUR_MS / observed.total_ms if observed.total_ms else None,
        **low_and_high("per_hour", _rate_interval(episodes, observed)),
        "outcomes": ended,
        "resume_ms_median": _mean(in_the_middle),
        "by_trigger": by_trigger,
        "by_task": _by_task(outcomes),
    }


def _rate_interval(episodes: Iterable[EpisodeRow], observed: Observed) -> tuple[float, float] | None:
    counts = dict.fromkeys(observed.by_session, 0)
    for row in episodes:
        if row.session_id in counts:
            counts[row.session_id] += row.n
    found = rate_interval(list(counts.values()), list(observed.by_session.values()))
    return None if found is None else (found[0] * HOUR_MS, found[1] * HOUR_MS)


def _mean(ms: Sequence[int]) -> int | None:
    """In whole ms, a half upwards; None of none."""
    return (2 * sum(ms) + len(ms)) // (2 * len(ms)) if ms else None


def _by_trigger(
    outcomes: Iterable[OutcomeRow], points: Iterable[PointRow], triggers: Iterable[TriggerRow]
) -> list[Figures]:
    """Most interruptions first; a trigger that only prompted stands here too."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"count": 0, "prompts": 0, "both": 0, "ms": 0})
    for row in outcomes:
        found[row.trigger]["count"] += row.n
    for point in points:
        if point.kind != "count":
            found[point.code]["prompts" if point.kind == "prompt" else "both"] += point.n
    for trigger in triggers:
        if trigger.own_ms:
            found[trigger.trigger]["ms"] += trigger.own_ms
    rows = [{"trigger": code, **sums} for code, sums in found.items()]
    return sorted(rows, key=lambda row: (-row["count"], -row["ms"], row["trigger"]))


def _by_task(outcomes: Iterable[OutcomeRow]) -> list[Figures]:
    found: dict[tuple[str | None, str], int] = defaultdict(int)
    for row in outcomes:
        found[row.task, row.trigger] += row.n
    rows = [{"task": task, "trigger": trigger, "count": n} for (task, trigger), n in found.items()]
    return sorted(rows, key=lambda row: (-row["count"], row["task"] or "", row["trigger"]))
