"""From what was watched to activity standards and allowances, how they vary together, and when they are done. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence

from app.clinics.tasklist import Task
from app.i18n import _
from app.summary.intervals import FEWEST_SESSIONS, LEVEL, share_interval, t_quantile
from app.summary.labels import Labels
from app.summary.session_queries import TaskHourRow
from app.summary.watched import Watched
from app.timeline import TICKS
from app.workload.basis import BREAKS, DAY_HOURS_OF_WEEK, HOURS, INTERRUPTIONS, Allowance, Source, Standard
from app.workload.choices import Chosen, Reckoned

LEAST_TICKS = 1_800_000 * TICKS  # half an hour watched in an hour of the day, before it says when work is done
USUAL_DAY = range(8, 17)  # where neither a roster nor an observation says when people work


class Observed:
    """What was watched, as far as it concerns working time. `uncoded`: ticks inside interruptions by trigger."""

    def __init__(
        self, found: Watched, rows: Iterable[TaskHourRow], uncoded: Mapping[str, int], counters: Iterable[str]
    ) -> None:
        self.found, self.uncoded, self.counters = found, uncoded, set(counters)
        self._breaks: set[str] = set()
        self._hour_ticks = [0] * HOURS
        self._task_hours: dict[str, list[int]] = {}
        for row in rows:
            self._hour_ticks[row.hour] += row.primary_ms * TICKS
            code = row.task if row.task is not None else INTERRUPTIONS
            ticks = row.person_ticks if row.task is not None else row.uncoded_ticks
            self._task_hours.setdefault(code, [0] * HOURS)[row.hour] += ticks

    def ticks(self, code: str) -> Mapping[str, int]:
        """Person time by session, of a task, of all breaks, or inside interruptions without a task."""
        if code == INTERRUPTIONS:
            return self.found.uncoded_ticks
        if code == BREAKS:
            sums: dict[str, int] = {}
            for task in self._breaks:
                for id, ticks in self.found.task_ticks.get(task, {}).items():
                    sums[id] = sums.get(id, 0) + ticks
            return sums
        return self.found.task_ticks.get(code, {})

    def breaks_are(self, tasks: Iterable[str]) -> None:
        self._breaks = set(tasks)

    def share(self, code: str) -> tuple[float, float | None, float | None]:
        """Of observed time, with its interval."""
        ticks, wholes = self.ticks(code), list(self.found.observed_ticks.values())
        total = sum(wholes)
        spread = share_interval([ticks.get(id, 0) for id in self.found.sessions], wholes) if ticks else None
        low, high = spread if spread is not None else (None, None)
        return (sum(ticks.values()) / total if total else 0.0), low, high

    # --- when it is done -------------------------------------------------------------------------------------------

    def profiles(self, standards: Sequence[Standard], allowances: Sequence[Allowance]) -> dict[str, list[float]]:
        """By code: what part of an hour's time goes into it; even where nobody watched it, or a person set it.

        An hour that was hardly watched is as the whole day is.
        """
        codes = [one.task for one in standards] + [one.code for one in allowances if one.code != BREAKS]
        found = {code: self._profile(code) for code in codes}
        return found | {one.code: [1.0] * HOURS for one in allowances if one.code == BREAKS}

    def _profile(self, code: str) -> list[float]:
        ticks, watched_ticks = self._task_hours.get(code), sum(self._hour_ticks)
        if not ticks or not sum(ticks):
            return [1.0] * HOURS
        whole = sum(ticks) / watched_ticks
        return [
            _short(n / hour if hour >= LEAST_TICKS else whole) for n, hour in zip(ticks, self._hour_ticks, strict=True)
        ]

    def presence(self) -> list[float]:
        """Hours in which anybody was watched, each the same."""
        found = [1.0 if ticks else 0.0 for ticks in self._hour_ticks]
        return found if any(found) else [1.0 if hour in USUAL_DAY else 0.0 for hour in range(HOURS)]

    def sink_parts(self) -> dict[str, float]:
        total = sum(self.uncoded.values())
        return {trigger: _short(ticks / total) for trigger, ticks in sorted(self.uncoded.items())}

    # --- how it varies ---------------------------------------------------------------------------------------------

    def spread(self, standards: Sequence[Standard], allowances: Sequence[Allowance]) -> list[list[float]]:
        """Delete-one-session jackknife covariance (Efron and Tibshirani 1993, chapter 11) of the logs of the standards
        and of the shares, lower triangle; what a person set, or what has no interval, does not vary.
        """
        n = len(self.found.sessions)
        if n < FEWEST_SESSIONS:
            return []
        deviations = [self._log_unit_times(one) for one in standards] + [self._shares(one) for one in allowances]
        return [
            [
                _short((n - 1) / n * math.fsum(map(float.__mul__, row, other))) if row and other else 0.0
                for other in deviations[: place + 1]
            ]
            for place, row in enumerate(deviations)
        ]

    def _log_unit_times(self, one: Standard) -> list[float]:
        """Deviations from their mean of the log without each session; none for what does not vary.

        Sessions that hold neither the task nor the counter tell nothing of it: theirs are zero, and those of the
        others as much wider as makes the standard's range, reckoned alone, that of its unit time.
        """
        if one.source != "observed" or one.low is None:
            return []
        ids, ticks, counts = self.found.sessions, self.ticks(one.task), self.found.counts[one.counter]
        time, n = sum(ticks.values()), sum(counts.values())
        telling = [id for id in ids if ticks.get(id) or counts.get(id)]
        without = _centred([math.log((time - ticks.get(id, 0)) / (n - counts.get(id, 0))) for id in telling])
        wider = _reach(len(telling)) / _reach(len(ids))
        by_session = dict(zip(telling, without, strict=True))
        return [wider * by_session.get(id, 0.0) for id in ids]

    def _shares(self, one: Allowance) -> list[float]:
        if one.source != "observed":
            return []
        ticks, total = self.ticks(one.code), self.found.total_ticks
        time = sum(ticks.values())
        without = [
            (time - ticks.get(id, 0)) / (total - whole) if total > whole else math.nan
            for id, whole in self.found.observed_ticks.items()
        ]
        return _centred(without) if all(map(math.isfinite, without)) else []


def _reach(n: int) -> float:
    """By what the jackknife over n sessions multiplies the root of the squared deviations."""
    return t_quantile(0.5 + LEVEL / 2, n - 1) * math.sqrt((n - 1) / n)


def _centred(values: list[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    return [value - mean for value in values]


def _short(value: float) -> float:
    """Six digits: what goes to a page and back with every what-if is kept small."""
    return float(f"{value:.6g}")


# --- standards and allowances ----------------------------------------------------------------------------------------


def figures(
    chosen: Chosen, labels: Labels, observed: Observed, weekly_hours: float
) -> tuple[list[Standard], list[Allowance], list[tuple[str, str, bool, bool]]]:
    """Activity standards, allowances, and the tasks that lack what their standard needs: they count by their share,
    each with its counter and whether a unit time and a volume are known.
    """
    known = {code: task for code, task in labels.tasks.items() if task.kind in ("work", "between", "protected")}
    codes = [*known, *(code for code in observed.found.task_ticks if code not in labels.tasks)]
    observed.breaks_are(code for code, task in labels.tasks.items() if task.kind == "break")
    standards, allowances, lacking = [], [], []
    for code in codes:
        task, how = known.get(code), chosen.of(known.get(code), code, labels.counters)
        if how.by == "counter" and how.counter is not None:
            standard = _standard(code, task, how, labels, observed)
            has_volume = how.counter in observed.counters
            if standard is not None and has_volume:
                standards.append(standard)
                continue
            if observed.ticks(code):
                lacking.append((code, how.counter, standard is not None, has_volume))
        if how.by != "none":
            allowances += _allowance(code, task, how, labels, observed)
    allowances += _beside(chosen, observed, weekly_hours)
    return standards, allowances, lacking


def _standard(code: str, task: Task | None, how: Reckoned, labels: Labels, observed: Observed) -> Standard | None:
    """None where no unit time is known."""
    unit = observed.found.unit_time(code, how.counter or "") if how.minutes is None else None
    if how.minutes is None and unit is None:
        return None
    return Standard(
        task=code,
        label=labels.task(code),
        counter=how.counter or "",
        needs_ma=task.needs_ma if task else "yes",
        minutes=unit.minutes if unit else how.minutes or 0.0,
        low=unit.low if unit else None,
        high=unit.high if unit else None,
        source="observed" if unit else "set",
    )


def _allowance(code: str, task: Task | None, how: Reckoned, labels: Labels, observed: Observed) -> list[Allowance]:
    """One, or none where there is nothing to allow for."""
    is_set = how.by == "share" and how.percent is not None
    share, low, high = (how.percent / 100, None, None) if is_set and how.percent is not None else observed.share(code)
    if not share:
        return []
    return [
        Allowance(
            code=code,
            label=labels.task(code),
            kind=task.kind if task else "work",
            needs_ma=task.needs_ma if task else "yes",
            share=share,
            low=low,
            high=high,
            source="set" if is_set else "observed",
        )
    ]


def _beside(chosen: Chosen, observed: Observed, weekly_hours: float) -> list[Allowance]:
    """Interruptions without a task, and breaks: as many as are due, or as many as were taken."""
    found = []
    share, low, high = observed.share(INTERRUPTIONS)
    if share:
        label = _("Interruptions without a task")
        found.append(_named(INTERRUPTIONS, label, "interruption", share, low, high, "observed"))
    if chosen.break_minutes is None:
        share, low, high = observed.share(BREAKS)
        source: Source = "observed"
    else:
        share, low, high = chosen.break_minutes / 60 / (weekly_hours / DAY_HOURS_OF_WEEK), None, None
        source = "preset" if chosen.breaks_are_preset else "set"
    if share:
        found.append(_named(BREAKS, _("Breaks and lunch"), "break", share, low, high, source))
    return found


def _named(
    code: str, label: str, kind: str, share: float, low: float | None, high: float | None, source: Source
) -> Allowance:
    return Allowance(code=code, label=label, kind=kind, needs_ma="yes", share=share, low=low, high=high, source=source)
