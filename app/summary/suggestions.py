"""What to try first: DOMAIN.md's rules as data, each suggestion with the figures it rests on. Pure.

A rule speaks where one of its tasks or triggers is among the first five of the work nobody scheduled, or lies above
the clinic's own low-volume figure on high-volume days, by the whole interval of the difference. A place among the first
five that rests on a range that says nothing is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.summary.ranges import NEAR_SHARE, Range

Figures = Mapping[str, Any]

MOST = 3
AMONG_FIRST = 5
# breaks that were late or missed, of those due: below one in ten staggering them changes little
BREAKS_LOST = 0.1


@dataclass(frozen=True, slots=True)
class Rule:
    """`fix`: a lane (who takes what, by which way) or the schedule (what the template or the roster has to hold).

    `only_high`: it is about busy days, so a place among the first five is not enough.
    """

    name: str
    fix: Literal["lane", "schedule"]
    tasks: frozenset[str] = frozenset()
    triggers: frozenset[str] = frozenset()
    only_high: bool = False


RULES = (
    Rule("supplies", "lane", frozenset({"searching", "stocking"}), frozenset({"supplies", "equipment"})),
    Rule("vaccines", "lane", frozenset({"vaccines"}), frozenset({"walk-in"})),
    Rule("questions", "lane", frozenset(), frozenset({"provider-question", "quick-vitals", "last-minute-test"})),
    Rule("phone", "schedule", frozenset({"callbacks", "forms", "prior-auth"}), frozenset({"phone"})),
    Rule("rooms", "schedule", frozenset({"room-turnover"}), frozenset({"room-not-ready"})),
    Rule("add-ons", "schedule", frozenset(), frozenset({"add-on", "urgent-symptoms"}), only_high=True),
)


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A half-day whose required hours lie above the scheduled ones by their whole range; `weekday` 1 to 7."""

    weekday: int
    half: Literal["am", "pm"]
    required_low: float
    scheduled: float


@dataclass(frozen=True, slots=True)
class Because:
    """One figure behind a suggestion. `share` of observed time with its interval; `more`: on high days above low ones.

    `more` is the difference of the shares with its interval, (value, low, high).
    """

    source: Literal["task", "trigger"]
    code: str
    label: str
    share: float
    low: float | None = None
    high: float | None = None
    more: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`because` for rules on tasks and triggers; else what the rule is about: breaks, half-days or duties."""

    rule: str
    fix: Literal["lane", "schedule"]
    because: tuple[Because, ...] = ()
    breaks: Figures | None = None
    half_days: tuple[HalfDay, ...] = ()
    duties: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        return sum(one.share for one in self.because)


def suggestions(figures: Figures, half_days: Sequence[HalfDay] = ()) -> list[Suggestion]:
    """At most three of the summary's figures: those about most time, and one about breaks, hours or duties if any is.

    `half_days`: those short of hours, in order, the worst first.
    """
    by_time = [found for rule in RULES if (found := _by_rule(rule, figures))]
    by_time.sort(key=lambda one: (-one.weight, one.rule))
    others = _about_people(figures, half_days)
    return [*by_time[: MOST - len(others[:1])], *others][:MOST]


def _by_rule(rule: Rule, figures: Figures) -> Suggestion | None:
    entries = {(one["source"], one["code"]): one for one in figures["sinks_unscheduled"]}
    more = _more_on_high_days(figures)
    because = []
    for source, codes in (("task", rule.tasks), ("trigger", rule.triggers)):
        for code in sorted(codes):
            entry, above = entries.get((source, code)), more.get((source, code))
            among = entry is not None and _is_among_first(entry) and not rule.only_high
            if among or above is not None:
                because.append(_because(source, code, entry, above))
    because.sort(key=lambda one: (-one.share, one.code))
    return Suggestion(rule.name, rule.fix, tuple(because)) if because else None


def _is_among_first(entry: Figures) -> bool:
    share = Range(entry["share"], entry["share_low"], entry["share_high"])
    return entry["rank"] <= AMONG_FIRST and not share.says_nothing(NEAR_SHARE, 1)


def _more_on_high_days(figures: Figures) -> dict[tuple[str, str], Figures]:
    """By source and code, the rows that are above on high-volume days by more than chance."""
    rows = figures["high_low"]["rows"]
    return {
        (row["figure"].removesuffix("_share"), row["code"]): row
        for row in rows
        if row["figure"] in ("task_share", "trigger_share") and row["low"] is not None and row["low"] > 0
    }


def _because(source: Any, code: str, entry: Figures | None, above: Figures | None) -> Because:
    more = None if above is None else (above["difference"], above["low"], above["high"])
    if entry is not None:
        return Because(source, code, entry["label"], entry["share"], entry["share_low"], entry["share_high"], more)
    assert above is not None
    return Because(source, code, above["label"], above["a"], more=more)


def _about_people(figures: Figures, half_days: Sequence[HalfDay]) -> list[Suggestion]:
    found = []
    breaks = figures["breaks"]
    if breaks["due"] and breaks["late"] + breaks["missed"] >= BREAKS_LOST * breaks["due"]:
        found.append(Suggestion("breaks", "schedule", breaks=breaks))
    if half_days:
        found.append(Suggestion("hours", "schedule", half_days=tuple(half_days[:MOST])))
    if figures["on_few"]:
        found.append(Suggestion("duties", "lane", duties=tuple(figures["on_few"])))
    return found


# -- a surge day

SAFETY, FLOW = frozenset({"safety"}), frozenset({"patient-flow", "clinical-support"})
LATER = frozenset({"care-coordination", "support", "recovery"})
# looked for or put right because something else needs it now
CANNOT_WAIT = frozenset({"searching", "fixing"})


def can_wait(figures: Figures) -> list[tuple[str, float]]:
    """Tasks that on a high-volume day may wait for protected time, with their share of those days; largest first.

    Patient safety, breaks and essential visit flow come first (DOMAIN.md). By the categories of the default list: of
    a list with others nothing is said.
    """
    shares = {row["code"]: row["a"] for row in figures["high_low"]["rows"] if row["figure"] == "task_share"}
    waiting = [
        (task["label"], shares[task["task"]])
        for task in figures["tasks"]
        if shares.get(task["task"])
        and task["kind"] in ("work", "protected")
        and task["category"] in LATER
        and task["task"] not in CANNOT_WAIT
    ]
    return sorted(waiting, key=lambda one: (-one[1], one[0]))
