"""Who changed what of a session, when, from what to what, and why. Pure: from its log and its header items."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.capture.header import AMENDABLE
from app.capture.log import LoggedEvent, is_from_page
from app.timeline.corrections import CORRECTIONS, Event, corrected, struck


@dataclass(frozen=True, slots=True)
class HeaderItem:
    """One session item: `at` on corrected time, `fields` as sent."""

    id: str
    at: int
    person_id: str
    device: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a change did: `entered` an event, `voided` one, `amended` a field of it, took back a correction
    (`undone`), or changed a `header` field. `about`: the event as it was before; old and new as they are written.
    """

    did: str
    about: Mapping[str, Any]
    name: str = ""
    old: Any = None
    new: Any = None


@dataclass(slots=True)
class Change:
    """What was done in one go. `events`: of which events it consists; `stands`: it has not been taken back.

    `by_page`: made on this server's pages, else on a phone or by a program. `touched`: the events it is about;
    `instants`: the times that it took something from or to.
    """

    id: str
    at: int
    person_id: str
    by_page: bool
    reason: str = ""
    stands: bool = False
    is_header: bool = False
    lines: list[Line] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    instants: set[int] = field(default_factory=set)

    @property
    def is_readable_to_all(self) -> bool:
        """Whether it says nothing of who was watched: what a manager cannot see a manager does not change."""
        return all(line.name != "subject" for line in self.lines)

    def enter(self, event: Event) -> None:
        self.lines.append(Line("entered", event))
        self.touched.add(event["id"])
        self.instants.add(event["at"])


def change_of(event: LoggedEvent) -> str:
    """To which change an event belongs: those of one form are one."""
    named = event.raw.get("change")
    return named if is_from_page(event.device) and isinstance(named, str) else event.wire["id"]


def is_change(event: LoggedEvent) -> bool:
    return event.wire["kind"] in CORRECTIONS or is_from_page(event.device)


def changes(logged: Sequence[LoggedEvent], items: Sequence[HeaderItem] = ()) -> list[Change]:
    """All changes, oldest first."""
    found: dict[str, Change] = {}
    events = [event.wire for event in logged]
    gone = struck(events)
    standing = {event["id"] for event in corrected(events)[0]}
    before = dict(_before(events, gone))
    for event in sorted((one for one in logged if is_change(one)), key=lambda one: _when(one.wire)):
        wire = event.wire
        change = found.setdefault(
            change_of(event),
            Change(change_of(event), _when(wire)[0], event.person_id, is_from_page(event.device)),
        )
        change.events.append(wire["id"])
        change.reason = change.reason or str(event.raw.get("reason") or "")
        is_correction = wire["kind"] in CORRECTIONS
        change.stands |= (wire["id"] not in gone) if is_correction else wire["id"] in standing
        _tell(change, wire, before)
    for one in _header_changes(items):
        found[one.id] = one
    return sorted(found.values(), key=lambda change: (change.at, change.id))


def _when(wire: Event) -> tuple[int, str]:
    recorded_at = wire.get("recorded_at")
    return wire["at"] if recorded_at is None else recorded_at, wire["id"]


def _before(events: Sequence[Event], gone: set[str]) -> Iterator[tuple[str, Event | None]]:
    """For each correction its target as it was just before; None if it is not in the log."""
    log = {event["id"]: event for event in events}
    now = dict(log)
    for one in sorted((event for event in log.values() if event["kind"] in CORRECTIONS), key=_when):
        yield one["id"], now.get(one["target"])
        target = now.get(one["target"])
        if (
            one["kind"] == "amend"
            and one["id"] not in gone
            and target is not None
            and target["kind"] not in CORRECTIONS
        ):
            now[one["target"]] = {**target, **one["changes"]}


def _tell(change: Change, wire: Event, before: Mapping[str, Event | None]) -> None:
    if wire["kind"] not in CORRECTIONS:
        change.enter(wire)
        return
    was = before[wire["id"]]
    about: Mapping[str, Any] = was or {"id": wire["target"], "kind": ""}
    change.touched.add(wire["target"])
    if was is not None and was["kind"] in CORRECTIONS:
        change.lines.append(Line("undone", about))
        change.touched.add(was["target"])
        return
    if was is not None:
        change.instants.add(was["at"])
    if wire["kind"] == "void":
        change.lines.append(Line("voided", about))
        return
    for name, new in wire["changes"].items():
        change.lines.append(Line("amended", about, name, about.get(name), new))
        if name == "at":
            change.instants.add(new)


def _header_changes(items: Sequence[HeaderItem]) -> Iterator[Change]:
    held: dict[str, Any] = {}
    for place, item in enumerate(sorted(items, key=lambda item: ("amends" in item.fields, item.at, item.id))):
        said = {name: item.fields[name] for name in AMENDABLE if item.fields.get(name) is not None}
        lines = [Line("header", {}, name, held.get(name), new) for name, new in said.items() if held.get(name) != new]
        held |= said
        if place and lines:
            reason = str(item.fields.get("reason") or "")
            by_page = is_from_page(item.device)
            yield Change(item.id, item.at, item.person_id, by_page, reason, True, True, lines, [item.id])


def of_row(found: Iterable[Change], ids: set[str], start: int, end: int) -> list[Change]:
    """Those that concern a row: its own events, or times within it."""
    return [c for c in found if not c.is_header and (c.touched & ids or any(start <= at <= end for at in c.instants))]
