"""From gathered lines to sessions with wire events: bounds, overlaps, unobserved time, order, seq.

Pure: the same lines give the same ids whatever their order, and the same items too, but where the file's order itself
decides: among events of one millisecond in a log that is in order of time, and among rows of the same start and end.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from app.capture.items import IMPORTED_BY
from app.exchange.faults import Fault, Reason, Remark
from app.exchange.ids import derived
from app.exchange.imported import Imported, ImportedSession
from app.exchange.reading import Reading
from app.exchange.records import Draft, Logged, Point, Row
from app.exchange.sweep import Happening, Roles, happenings, in_order, overlap, stop_of


@dataclass(frozen=True, slots=True)
class Codes:
    """Names, in lower case, to the codes of the task list. A name that is not there stays as it is."""

    tasks: Mapping[str, str] = field(default_factory=dict)
    triggers: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, str] = field(default_factory=dict)

    def of(self, what: str, name: str) -> str:
        table = {"task": self.tasks, "trigger": self.triggers, "counter": self.counters}.get(what, {})
        return table.get(name.casefold(), name)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who imports chose. `merge`: rows that overlap one of their own task are joined.

    `unobserved`: the task whose rows stand for time in which nobody watched, by name, code or label.
    """

    merge: bool = False
    unobserved: str | None = None


def lay_out(reading: Reading, codes: Codes | None = None, choices: Choices | None = None) -> Imported:
    """The sessions of a reading, with the codes that its names were matched to. Changes nothing in it.

    Bad lines are left out and listed; whether that is borne is for the caller to say.
    """
    layout = _Layout(codes or Codes(), choices or Choices(), list(reading.faults), list(reading.remarks))
    sessions = [session for draft in reading.drafts if (session := layout.session(draft)) is not None]
    files = {name: n for n, name in enumerate(dict.fromkeys(fault.file for fault in layout.faults))}
    return Imported(
        sessions=tuple(sorted(sessions, key=lambda one: (one.begin, one.label, one.id))),
        faults=tuple(sorted(layout.faults, key=lambda fault: (files[fault.file], fault.line))),
        remarks=tuple(layout.remarks),
    )


@dataclass(slots=True)
class _Layout:
    codes: Codes
    choices: Choices
    faults: list[Fault]
    remarks: list[Remark]

    def session(self, draft: Draft) -> ImportedSession | None:
        """None if no line of it is left."""
        before = len(self.faults)
        if draft.log:
            lines, found = len(draft.log), _in_log_order(draft.log)
        else:
            lines, found = self._swept(draft)
        if not found:
            return None
        damaged = draft.damaged or len(self.faults) > before
        if damaged:
            self._remark(draft, "incomplete")
        return self._imported(draft, lines, found, damaged)

    def _imported(self, draft: Draft, lines: int, found: list[Happening], damaged: bool) -> ImportedSession:
        about = draft.about
        events = tuple(self._event(draft.id, seq, one) for seq, one in enumerate(found, 1))
        first = min((item.line for item in draft.items()), key=lambda line: line.place)
        return ImportedSession(
            id=draft.id,
            label=about.label,
            subject=about.subject,
            mode=about.mode or "observed",
            day_type=None if about.day_type == "unknown" else about.day_type,
            staff_role=about.staff_role or "MA",
            begin=next((one.at for one in found if one.kind == "begin"), found[0].at),
            undated=about.undated,
            incomplete=damaged,
            file=first.file,
            line=first.number,
            rows=lines,
            device=_device(events),
            line_ids=draft.line_ids() & {one.id for one in found},
            events=events,
        )

    def _event(self, session: str, seq: int, one: Happening) -> dict[str, Any]:
        fields = {
            name: self.codes.of(name, value) if isinstance(value, str) else value for name, value in one.fields.items()
        }
        stamps = {"type": "event", "id": one.id, "session": session, "seq": seq, "at": one.at, "recorded_at": one.at}
        return {**stamps, "kind": one.kind, **fields}

    # -- rows and points

    def _swept(self, draft: Draft) -> tuple[int, list[Happening]]:
        """How many lines were kept, and the session's events from begin to end."""
        rows, points = self._inside(draft)
        begin, end = _bounds(draft, rows, points)
        if draft.about.elastic and _is_stretched(draft, begin, end):
            self._remark(draft, "longer_than_stated")
        rows = self._without_overlaps(draft, in_order(rows, end), end)
        pauses = [row for row in rows if self._is_unobserved(row)]
        watched = self._clear_of(draft, pauses, [row for row in rows if not self._is_unobserved(row)], end)
        if not (rows or points):
            return 0, []
        found, roles = happenings(watched, pauses, points, end)
        self._remark_losses(draft, roles, points, end)
        first = Happening(derived(draft.id, "begin", begin), begin, "begin", ())
        last = Happening(derived(draft.id, "end", end), end, "end", ())
        return len(watched) + len(pauses) + len(points), [first, *found, last]

    def _inside(self, draft: Draft) -> tuple[list[Row], list[Point]]:
        """Without the lines that lie outside a stated begin or end that holds."""
        about = draft.about
        if about.elastic:
            return draft.rows, draft.points
        rows, points = [], []
        for row in draft.rows:
            if self._holds(draft, row, row.start, row.start if row.end is None else row.end):
                rows.append(row)
        for point in draft.points:
            if self._holds(draft, point, point.at, point.at):
                points.append(point)
        return rows, points

    def _holds(self, draft: Draft, item: Row | Point, start: int, end: int) -> bool:
        about = draft.about
        early = about.observed_from is not None and start < about.observed_from
        late = about.observed_to is not None and end > about.observed_to
        if early or late:
            self._fault(draft, item, "outside_observed")
        return not (early or late)

    def _without_overlaps(self, draft: Draft, rows: list[Row], end: int) -> list[Row]:
        """Rows that overlap a kept one of their own task are joined to it, or are faults. Rows in sweep order."""
        kept: dict[str, Row] = {}
        near: dict[str, list[str]] = {}  # of each task: the kept rows that may still run, by id
        for row in rows:
            task = self.codes.of("task", row.task).casefold()
            near[task] = [id for id in near.get(task, ()) if stop_of(kept[id], end) > row.start]
            other = next((kept[id] for id in near[task] if overlap(kept[id], row, end)), None)
            if other is None:
                kept[row.id] = row
                near[task].append(row.id)
            elif self.choices.merge and not (other.breaks or row.breaks):
                kept[other.id] = _joined(other, row, end)
            else:
                self._fault(draft, row, "overlaps", other, task=row.task)
        return list(kept.values())

    def _is_unobserved(self, row: Row) -> bool:
        wanted = self.choices.unobserved
        return wanted is not None and wanted.casefold() in (
            row.task.casefold(),
            self.codes.of("task", row.task).casefold(),
        )

    def _clear_of(self, draft: Draft, pauses: list[Row], rows: list[Row], end: int) -> list[Row]:
        """Without the rows of which a part would lie in unobserved time: it would be in no total."""
        if not pauses:
            return rows
        clear = []
        for row in rows:
            other = next((pause for pause in pauses if overlap(pause, row, end)), None)
            if other is None:
                clear.append(row)
            else:
                self._fault(draft, row, "overlaps_unobserved", other)
        return clear

    # -- what is told

    def _fault(self, draft: Draft, item: Row | Point, code: str, other: Row | None = None, **values: object) -> None:
        label = draft.about.label
        if other is not None:
            elsewhere = "" if other.line.file == item.line.file else f" ({other.line.file})"
            values |= {"line": other.line.number, "elsewhere": elsewhere}
        reason = Reason(code, {**values, "session": label})
        self.faults.append(Fault(item.line.file, item.line.number, reason, label))

    def _remark(self, draft: Draft, code: str, **values: object) -> None:
        self.remarks.append(Remark(draft.about.label, Reason(code, values)))

    def _remark_losses(self, draft: Draft, roles: Roles, points: list[Point], end: int) -> None:
        silent = sum(1 for row in roles.beside if stop_of(row, end) == row.start)
        mute = sum(1 for row in roles.track if row.trigger is not None)
        detail = sum(1 for point in points if point.detail) + sum(1 for row in roles.beside if row.context)
        endless = sum(1 for row in (*roles.track, *roles.beside) if row.end is None)
        counted = {"never_stopped": endless, "no_length_beside": silent}
        for code, n in {**counted, "trigger_left_out": mute, "details_left_out": detail}.items():
            if n:
                self._remark(draft, code, n=n)


def _bounds(draft: Draft, rows: Iterable[Row], points: Iterable[Point]) -> tuple[int, int]:
    """From the first start to the last end, unless the file states them; an elastic session holds all its lines."""
    about = draft.about
    starts = [row.start for row in rows] + [point.at for point in points]
    ends = [row.start if row.end is None else row.end for row in rows] + [point.at for point in points]
    begin, end = about.observed_from, about.observed_to
    if begin is None or about.elastic:
        begin = min([*starts, *([] if begin is None else [begin])], default=0)
    if end is None or about.elastic:
        end = max([*ends, begin, *([] if end is None else [end])])
    return begin, end


def _is_stretched(draft: Draft, begin: int, end: int) -> bool:
    stated_from, stated_to = draft.about.observed_from, draft.about.observed_to
    return (stated_from is not None and begin < stated_from) or (stated_to is not None and end > stated_to)


def _joined(first: Row, other: Row, end: int) -> Row:
    """One row over both. A row that never stopped still does not."""
    if first.end is None or other.end is None:
        return replace(first, end=None)
    return replace(first, end=max(first.end, other.end))


# among events of one millisecond, where the file's order says nothing: what ends before what begins
LOG_ORDER = (
    *("begin", "continue", "parallel_stop", "resume", "abandon", "stop", "interrupt", "start", "context"),
    *("parallel_start", "prompt", "count", "note", "pause", "end"),
)


def _in_log_order(log: list[Logged]) -> list[Happening]:
    """By time; within one millisecond begin first, end last, and between them the file's own order.

    A file that is not in order of time has lost that order: there the kinds decide, then the ids.
    """
    as_filed = sorted(log, key=lambda entry: entry.line.place)
    times = [entry.at for entry in as_filed]
    in_order = all(a <= b for a, b in pairwise(times))

    def key(nth: int, entry: Logged) -> tuple[int, int, int, str]:
        rank = LOG_ORDER.index(entry.kind)
        if not in_order:
            return entry.at, rank, 0, entry.id
        band = {"begin": 0, "end": 2}.get(entry.kind, 1)
        return entry.at, band, nth, entry.id

    ordered = sorted((key(nth, entry), entry) for nth, entry in enumerate(as_filed))
    return [Happening(entry.id, entry.at, entry.kind, (), entry.fields) for _, entry in ordered]


def _device(events: Iterable[Mapping[str, Any]]) -> str:
    """A device of its own for every order of every set of events: seq is unique per session and device."""
    order = json.dumps([(event["id"], event["seq"]) for event in events])
    return f"{IMPORTED_BY}{hashlib.sha256(order.encode()).hexdigest()[:32]}"
