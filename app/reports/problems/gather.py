"""Which reports belong to which problem. Reports are not touched: a problem is a rule, and the narrowest fits. Pure.

By itself every stealer is one problem: divided by trigger and place at once, a clinic's reports would hardly ever be
enough of anything to be shown. A manager splits off a trigger or a place that says enough alone, and merges what has
one cause.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.reports.enough import Voice, are_enough


@dataclass(frozen=True, slots=True)
class Part:
    """Reports that say the same: stealer, trigger and place; empty where they name none."""

    stealer: str
    trigger: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A problem as a rule: its id, what it gathers, and the problem that it was merged into."""

    id: str
    gathers: Part
    merged_into: str | None = None

    def fits(self, part: Part) -> bool:
        own = self.gathers
        return own.stealer == part.stealer and own.trigger in ("", part.trigger) and own.place in ("", part.place)

    @property
    def narrowness(self) -> tuple[int, bool]:
        """How much it asks for; of two alike the one that names a trigger, which says more than where a poster hung."""
        return bool(self.gathers.trigger) + bool(self.gathers.place), bool(self.gathers.trigger)


def root_of(id: str, rules: Mapping[str, Rule]) -> str:
    """The problem that stands for this one: itself, or what it was merged into, over several steps if need be."""
    seen = {id}
    while (into := rules[id].merged_into) is not None and into not in seen:
        id = into
        seen.add(id)
    return id


def gather(rules: Sequence[Rule], parts: Mapping[Part, Sequence[Voice]]) -> dict[str, dict[Part, Sequence[Voice]]]:
    """By problem that was merged into no other: the parts that are its own. A stealer without a rule is left out."""
    by_id = {rule.id: rule for rule in rules}
    gathered: dict[str, dict[Part, Sequence[Voice]]] = defaultdict(dict)
    for part, voices in parts.items():
        fitting = [rule for rule in rules if rule.fits(part)]
        if fitting:
            gathered[root_of(max(fitting, key=lambda rule: rule.narrowness).id, by_id)][part] = voices
    return gathered


def lacking(rules: Iterable[Rule], parts: Iterable[Part]) -> list[str]:
    """Stealers that reports name and that no problem gathers yet."""
    known = {rule.gathers.stealer for rule in rules if rule.gathers == Part(rule.gathers.stealer)}
    return sorted({part.stealer for part in parts} - known)


def splits(own: Mapping[Part, Sequence[Voice]], rules: Iterable[Rule], k: int) -> list[Part]:
    """What can be split off a problem: a trigger or place for which both it and what remains say enough.

    Otherwise what was shown before less what is shown after would be a cell of too few.
    """
    taken = {rule.gathers for rule in rules}
    asked = {
        narrow
        for part in own
        for narrow in (Part(part.stealer, part.trigger), Part(part.stealer, "", part.place))
        if (narrow.trigger or narrow.place) and narrow not in taken
    }
    found = []
    for narrow in sorted(asked, key=lambda part: (part.stealer, part.trigger, part.place)):
        inside = [voice for part, voices in own.items() if Rule("", narrow).fits(part) for voice in voices]
        rest = [voice for part, voices in own.items() if not Rule("", narrow).fits(part) for voice in voices]
        if are_enough(inside, k) and are_enough(rest, k):
            found.append(narrow)
    return found
