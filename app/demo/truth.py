"""What really happened in stretches of time, added up from the ledgers alone.

The measures are those of TIMELINE.md and CONTRACT.md (Summary), written here a second time on purpose: nothing of the
app's timeline, slices or summary is used, so that a test of one against the other can fail.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from app.demo.clinic import Window
from app.demo.ledger import Ledger, Stretch

SIXTIETHS = 60  # person time is kept in sixtieths of a ms: up to six things at once share an instant without a rest


@dataclass(slots=True)
class Truth:
    """Sums over what was added. ms, but for `person` and `unscheduled`, which are in sixtieths of a ms."""

    observed_ms: int = 0
    idle_ms: int = 0
    multitask_ms: int = 0
    interruption_ms: int = 0
    unscheduled: int = 0
    task_ms: Counter[str] = field(default_factory=Counter)
    person: Counter[str] = field(default_factory=Counter)
    trigger_ms: Counter[str] = field(default_factory=Counter)
    occurrences: Counter[str] = field(default_factory=Counter)
    interruptions: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)  # trigger, task, outcome
    prompts: Counter[str] = field(default_factory=Counter)
    both: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def unscheduled_share(self) -> float:
        return self.unscheduled / (SIXTIETHS * self.observed_ms)

    @property
    def interruptions_per_hour(self) -> float:
        return self.interruptions.total() / (self.observed_ms / 3_600_000)

    def share(self, task: str) -> float:
        """Of person time, from 0 to 1."""
        return self.person[task] / (SIXTIETHS * self.observed_ms)


def truth(
    watched: Iterable[tuple[Ledger, Iterable[Window]]], unscheduled: Collection[str], breaks: Collection[str]
) -> Truth:
    """Of these windows of these ledgers. `unscheduled`: the tasks on no template; `breaks`: those of kind break."""
    found = Truth()
    for ledger, windows in watched:
        _add(found, ledger, tuple(windows), frozenset(unscheduled) - frozenset(breaks), frozenset(breaks))
    return found


def whole_days(ledgers: Iterable[Ledger]) -> Iterable[tuple[Ledger, tuple[Window, ...]]]:
    """The population: every minute of every MA."""
    return ((ledger, ((ledger.opening, ledger.closing),)) for ledger in ledgers)


def _add(
    found: Truth, ledger: Ledger, windows: tuple[Window, ...], unscheduled: frozenset[str], breaks: frozenset[str]
) -> None:
    seen: dict[int, str] = {}
    for begin, end in windows:
        for stretch in ledger.stretches:
            ms = min(end, stretch.end) - max(begin, stretch.start)
            if ms > 0:
                _add_stretch(found, stretch, ms, unscheduled, breaks)
                if stretch.task is not None:
                    seen[stretch.occurrence] = stretch.task
        _add_points(found, ledger, begin, end)
        for episode in ledger.episodes:
            if begin < episode.start < end:
                outcome = episode.outcome if episode.end < windows[-1][1] else "open"
                found.interruptions[episode.trigger, episode.task, outcome] += 1
    found.occurrences.update(seen.values())


def _add_stretch(found: Truth, stretch: Stretch, ms: int, unscheduled: frozenset[str], breaks: frozenset[str]) -> None:
    prompted = {beside.task for beside in stretch.beside if beside.trigger is not None}
    running = {beside.task for beside in stretch.beside} | ({stretch.task} if stretch.task is not None else set())
    found.observed_ms += ms
    for task in running:
        found.task_ms[task] += ms
        found.person[task] += SIXTIETHS * ms // len(running)
    if len(running) > 1:
        found.multitask_ms += ms
    if stretch.triggers:
        found.interruption_ms += ms
        found.trigger_ms[stretch.triggers[-1]] += ms
        found.unscheduled += SIXTIETHS * ms
    elif running:
        nobody_planned = (running & (unscheduled | prompted)) - breaks
        found.unscheduled += SIXTIETHS * ms // len(running) * len(nobody_planned)
    else:
        found.idle_ms += ms


def _add_points(found: Truth, ledger: Ledger, begin: int, end: int) -> None:
    for act in ledger.acts:
        if begin < act.at < end:
            if act.kind == "prompt":
                found.prompts[act.fields["trigger"]] += 1
            elif act.kind == "parallel_start" and "trigger" in act.fields:
                found.both[act.fields["trigger"]] += 1
            elif act.kind == "count":
                found.counts[act.fields["counter"]] += 1
