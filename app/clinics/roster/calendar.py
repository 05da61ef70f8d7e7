"""Shifts from an iCalendar file (RFC 5545), as scheduling programs export it: one event is one MA at work. Pure.

Read: times in a zone (by IANA's names or those of Windows), in UTC or of the wall; DTEND or DURATION; daily and weekly
RRULEs with INTERVAL, COUNT, UNTIL and BYDAY; EXDATE; single occurrences moved by RECURRENCE-ID; cancelled events. Whom
an event names is never kept. Times are rounded to half-hours; a shift over midnight is one of each of its days.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.core import get_global

from app.clinics.roster.files import Found
from app.clinics.roster.week import HALF_HOUR, Shift
from app.clinics.zones import known_zones
from app.errors import BadRequest
from app.i18n import _, ngettext

WEEKS_READ = 26
MOST_EVENTS = 5_000
BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LENGTH = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:\d+S)?)?")
LONGEST = timedelta(hours=36)

Value = tuple[str, Mapping[str, str]]  # with the parameters of its property


@dataclass(slots=True)
class _Event:
    """One VEVENT as it stands: `line` where it begins, values of its properties."""

    line: int
    values: dict[str, list[Value]] = field(default_factory=dict)

    def one(self, name: str) -> Value | None:
        return self.values[name][0] if name in self.values else None


def is_calendar(text: str) -> bool:
    return text.lstrip().upper().startswith("BEGIN:VCALENDAR")


def read_calendar(text: str, zone: str, first: date) -> Found:
    """The days of the 26 weeks from `first` on; days without any event are not among them."""
    found, days = Found(), {first + timedelta(days=n) for n in range(7 * WEEKS_READ)}
    shifts: dict[date, Counter[tuple[int, int]]] = {}
    moved = set()
    all_day = 0
    events = list(_events(text))
    for event in events:
        if recurrence := event.one("RECURRENCE-ID"):
            try:
                moved.add((_uid(event), _moment(recurrence, zone)))
            except BadRequest as fault:
                found.faults.append((event.line, fault.detail))
    for event in events:
        found.lines += 1
        begin = event.one("DTSTART")
        if (event.one("STATUS") or ("", {}))[0].upper() == "CANCELLED":
            continue
        if begin is not None and "T" not in begin[0]:
            all_day += 1
            continue
        try:
            for start, end in _occurrences(event, zone, max(days), moved):
                for day, part in _parts(start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))):
                    if day in days:
                        shifts.setdefault(day, Counter())[part] += 1
        except BadRequest as fault:
            found.faults.append((event.line, fault.detail))
    for day, parts in sorted(shifts.items()):
        found.days[day.isoformat()] = [Shift((), begin, end, mas) for (begin, end), mas in sorted(parts.items())]
    if all_day:
        sentence = ngettext("%(n)s event of a whole day", "%(n)s events of whole days", all_day) % {"n": all_day}
        found.passed_over.append(_("{events}: left out, for no hours can be told.").format(events=sentence))
    return found


def _events(text: str) -> Iterator[_Event]:
    """Raises BadRequest for more than is read at once."""
    event: _Event | None = None
    inside, n = 0, 0
    for number, line in _unfolded(text):
        head, _colon, value = line.partition(":")
        name, *parameters = head.split(";")
        name = name.upper()
        if name == "BEGIN":
            if value.upper() == "VEVENT":
                event, n = _Event(number), n + 1
                if n > MOST_EVENTS:
                    raise BadRequest(_("At most {n} events at once.").format(n=MOST_EVENTS), code="too_long")
            elif event is not None:
                inside += 1  # an alarm has times of its own
        elif name == "END" and event is not None:
            if value.upper() == "VEVENT":
                yield event
                event, inside = None, 0
            else:
                inside -= 1
        elif event is not None and not inside:
            given = {key.upper(): value.strip('"') for key, _eq, value in (one.partition("=") for one in parameters)}
            event.values.setdefault(name, []).append((value.strip(), given))


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that go on in the next one, and the number of the first."""
    held, at = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t"):
            held += line[1:]
            continue
        if held:
            yield at, held
        held, at = line, number
    if held:
        yield at, held


def _uid(event: _Event) -> str:
    return (event.one("UID") or ("", {}))[0]


def _moment(value: Value, zone: str) -> datetime:
    """Raises BadRequest for what is no time, or of a zone that nobody knows."""
    text, parameters = value
    named = _zone(parameters.get("TZID", zone))
    if named not in known_zones():
        raise BadRequest(_("“{zone}” is no time zone this server knows.").format(zone=named), code="bad_zone")
    try:
        plain = datetime.strptime(text.rstrip("Zz"), "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")
    except ValueError:
        raise BadRequest(_("“{text}” is no time of a calendar.").format(text=text), code="bad_time") from None
    return plain.replace(tzinfo=UTC if text[-1:] in "Zz" else ZoneInfo(named))


def _zone(named: str) -> str:
    """Outlook and Exchange name zones as Windows does, such as Central Standard Time."""
    found: str = get_global("windows_zone_mapping").get(named, named)
    return found


def _occurrences(
    event: _Event, zone: str, last: date, moved: set[tuple[str, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """(begin, end) of each time it takes place, until the last day that is read. Wall times stay what they are."""
    started = event.one("DTSTART")
    if started is None:
        raise BadRequest(_("This event has no beginning."), code="bad_time")
    begin = _moment(started, zone)
    length = _length(event, begin, zone)
    left_out = {
        _moment((text, parameters), zone)
        for values, parameters in event.values.get("EXDATE", [])
        for text in values.split(",")
    }
    if event.one("RECURRENCE-ID") is None:
        left_out |= {moment for uid, moment in moved if uid == _uid(event)}
    rule = event.one("RRULE")
    for start in _repeated(begin, rule[0], zone, last) if rule else iter((begin,)):
        if start not in left_out:
            yield start, (start.astimezone(UTC) + length)


def _length(event: _Event, begin: datetime, zone: str) -> timedelta:
    """Raises BadRequest for none, and for more than a day and a half."""
    ended, lasting = event.one("DTEND"), event.one("DURATION")
    length = timedelta()
    if ended is not None:
        length = _moment(ended, zone).astimezone(UTC) - begin.astimezone(UTC)
    elif lasting is not None and (found := LENGTH.fullmatch(lasting[0].upper())):
        days, hours, minutes = (int(part or 0) for part in found.groups())
        length = timedelta(days=days, hours=hours, minutes=minutes)
    if not timedelta() < length <= LONGEST:
        raise BadRequest(_("This event does not last between a minute and 36 hours."), code="bad_time")
    return length


def _repeated(begin: datetime, rule: str, zone: str, last: date) -> Iterator[datetime]:
    parts = dict(part.upper().split("=", 1) for part in rule.split(";") if "=" in part)
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}
    weekdays = parts.get("BYDAY", "").split(",") if "BYDAY" in parts else []
    numbers = [parts.get(name, "1") for name in ("INTERVAL", "COUNT")]
    if (
        parts.get("FREQ") not in ("DAILY", "WEEKLY")
        or parts.keys() - known
        or not set(weekdays) <= set(BYDAY)
        or not all(number.isascii() and number.isdecimal() and 0 < int(number) < 10_000 for number in numbers)
    ):
        raise BadRequest(_("“{rule}” is no repetition that is read here: daily or weekly.").format(rule=rule))
    until = _moment((parts["UNTIL"], {"TZID": getattr(begin.tzinfo, "key", zone)}), zone) if "UNTIL" in parts else None
    whole_day = until is not None and "T" not in parts["UNTIL"]
    left = int(parts["COUNT"]) if "COUNT" in parts else None
    for day in _days(begin.date(), parts["FREQ"], int(numbers[0]), weekdays, last):
        start = datetime.combine(day, begin.timetz())
        beyond = until is not None and (start.date() > until.date() if whole_day else start > until)
        if beyond or left == 0:
            return
        left = None if left is None else left - 1
        yield start


def _days(first: date, freq: str, every: int, weekdays: Sequence[str], last: date) -> Iterator[date]:
    monday = first - timedelta(days=first.weekday())
    day = first
    while day <= last + timedelta(days=1):
        in_turn = (day - first).days % every == 0 if freq == "DAILY" else (day - monday).days // 7 % every == 0
        named = BYDAY[day.weekday()] in weekdays if weekdays else freq == "DAILY" or day.weekday() == first.weekday()
        if in_turn and named:
            yield day
        day += timedelta(days=1)


def _parts(begin: datetime, end: datetime) -> Iterator[tuple[date, tuple[int, int]]]:
    """(day, (from, to) in minutes) of each day it touches; rounded to half-hours, what is left of none is dropped."""
    day = begin.date()
    while day <= end.date():
        first = _rounded(begin.time()) if day == begin.date() else 0
        last = _rounded(end.time()) if day == end.date() else 1440
        if first < last:
            yield day, (first, last)
        day += timedelta(days=1)


def _rounded(clock: time) -> int:
    minutes = clock.hour * 60 + clock.minute
    return (minutes + HALF_HOUR // 2) // HALF_HOUR * HALF_HOUR
