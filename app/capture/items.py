"""Is this item well-formed, and does its clinic's task list know its words? Pure: one item in, at most one fault out.

The fields of each kind are those of TIMELINE.md (brackets there: optional here); the codes those of CONTRACT.md.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.clinics.tasklist import TaskList
from app.i18n import _

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
YEAR_2000_MS = 946_684_800_000
DAY_MS = 86_400_000
LONGEST_ITEM = 8192  # characters of JSON
LONGEST_TEXT = 140
LONGEST_WORD = 64
MOST = 2**31 - 1
FIX_LATER = "fix-later"  # the one text that the pad gives a note
IMPORTED_BY = "import-"  # how the devices of imports are called
# ASCII only: lone surrogates and NUL, which no database takes as text, stay escaped in it
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
LONGEST_MONO_MS = 10**16  # far beyond any page load: some browsers under test count in odd units


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an item goes to quarantine: a code for programs, a sentence for the observer and the manager."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it came. `id` in small letters, or None where it has none that could be one.

    `sent_id` is what it is answered by: as it was sent, or None where that could not be said in an answer.
    """

    sent_id: str | None
    id: str | None
    type: str
    fields: Mapping[str, Any]
    raw: str
    digest: str


def read_item(sent: Any) -> Item:
    """Any JSON value: what is no object becomes an item without an id, which is then refused like any other."""
    raw = CANONICAL.encode(sent)
    fields: Mapping[str, Any] = sent if isinstance(sent, dict) else {}
    sent_id = fields.get("id")
    lowered = sent_id.lower() if isinstance(sent_id, str) else ""
    kind = fields.get("type")
    return Item(
        sent_id=sent_id if isinstance(sent_id, str) and sent_id.isascii() else None,
        id=lowered if UUID.fullmatch(lowered) else None,
        type=kind if isinstance(kind, str) else "",
        fields=fields,
        raw=raw,
        digest=hashlib.sha256(raw.encode()).hexdigest(),
    )


def nameless(item: Item) -> Item:
    """Of a poster's item what is kept: less what would tell one phone's page load from another's."""
    kept = {name: value for name, value in item.fields.items() if name not in ("load", "mono")}
    return replace(item, raw=CANONICAL.encode(kept)) if item.fields else item


# --- what a field may hold: each answers with a fault or None --------------------------------------------------------

Check = Callable[[str, Any], Fault | None]


def _malformed(name: str, wanted: str, value: Any) -> Fault:
    shown = ascii(value)
    return Fault(
        "malformed",
        _("“{field}” should be {wanted}, but is {value}.").format(
            field=name, wanted=wanted, value=shown if len(shown) <= 60 else shown[:57] + "..."
        ),
    )


def _word(name: str, value: Any) -> Fault | None:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return _malformed(name, _("a word"), value)
    if len(value) > LONGEST_WORD:
        return Fault(
            "too_long", _("“{field}” is longer than {limit} characters.").format(field=name, limit=LONGEST_WORD)
        )
    return None


def _text(name: str, value: Any) -> Fault | None:
    if not isinstance(value, str) or any(0xD800 <= ord(c) <= 0xDFFF or c == "\0" for c in value):
        return _malformed(name, _("a text"), value)
    if len(value) > LONGEST_TEXT:
        return Fault(
            "too_long", _("“{field}” is longer than {limit} characters.").format(field=name, limit=LONGEST_TEXT)
        )
    return None


check_text, check_word = _text, _word  # of a form's fields


def _uuid(name: str, value: Any) -> Fault | None:
    if not isinstance(value, str) or not UUID.fullmatch(value.lower()):
        return _malformed(name, _("an id (UUID)"), value)
    return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(name: str, value: Any) -> Fault | None:
    return None if _is_whole(value) and abs(value) <= MOST else _malformed(name, _("a whole number"), value)


def _count(name: str, value: Any) -> Fault | None:
    return None if _is_whole(value) and 0 <= value <= MOST else _malformed(name, _("a number from 0 up"), value)


def _positive(name: str, value: Any) -> Fault | None:
    return None if _is_whole(value) and 1 <= value <= MOST else _malformed(name, _("a number from 1 up"), value)


def _minutes(name: str, value: Any) -> Fault | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1440
    return None if fits else _malformed(name, _("minutes, 0 to 1440"), value)


def _finite(name: str, value: Any) -> Fault | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LONGEST_MONO_MS
    return None if fits else _malformed(name, _("a number"), value)


def _instant(name: str, value: Any) -> Fault | None:
    return None if _is_whole(value) else _malformed(name, _("milliseconds since 1970, a whole number"), value)


def _flag(name: str, value: Any) -> Fault | None:
    return None if isinstance(value, bool) else _malformed(name, _("true or false"), value)


def is_day(value: str) -> bool:
    """Whether it is a day of the calendar, written YYYY-MM-DD."""
    try:
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _day(name: str, value: Any) -> Fault | None:
    return None if isinstance(value, str) and is_day(value) else _malformed(name, _("a day, YYYY-MM-DD"), value)


def _one_of(*choices: str) -> Check:
    def check(name: str, value: Any) -> Fault | None:
        return None if value in choices else _malformed(name, " / ".join(choices), value)

    return check


def _context(name: str, value: Any) -> Fault | None:
    if not isinstance(value, dict) or len(value) > 16:
        return _malformed(name, _("dimensions with their values"), value)
    for dimension, held in value.items():
        shown = f"{name}.{ascii(dimension)[1:-1]}"[:80]
        fault = _word(shown, dimension) or _word(shown, held)
        if fault:
            return fault
    return None


def _volumes(name: str, value: Any) -> Fault | None:
    if not isinstance(value, dict) or len(value) > 64:
        return _malformed(name, _("counters with their numbers"), value)
    return next(
        (
            fault
            for key, n in value.items()
            if (fault := _word(name, key) or _count(f"{name}.{ascii(key)[1:-1]}"[:80], n))
        ),
        None,
    )


def _codes(name: str, value: Any) -> Fault | None:
    if not isinstance(value, list) or len(value) > 64:
        return _malformed(name, _("a list of codes"), value)
    return next((fault for code in value if (fault := _word(name, code))), None)


def _changes(name: str, value: Any) -> Fault | None:
    if not isinstance(value, dict) or not value:
        return _malformed(name, _("the fields to change"), value)
    for field, wanted in value.items():
        check = AMENDABLE.get(field)
        if check is None:
            return Fault("malformed", _("“{field}” cannot be amended.").format(field=ascii(field)[:60]))
        fault = check(f"{name}.{field}", wanted)  # null is refused too: an amendment cannot take a field away
        if fault:
            return fault
    return None


AMENDABLE: dict[str, Check] = {
    "at": _instant,
    "task": _word,
    "trigger": _word,
    "counter": _word,
    "n": _whole,
    "text": _text,
    "dimension": _word,
    "value": _word,
    "context": _context,
    "reason": _text,
}

Fields = tuple[dict[str, Check], dict[str, Check]]  # required, optional

EVENT_FIELDS: dict[str, Fields] = {
    "begin": ({}, {}),
    "end": ({}, {}),
    "start": ({"task": _word}, {"context": _context}),
    "stop": ({}, {}),
    "interrupt": ({"trigger": _word}, {"task": _word}),
    "resume": ({}, {}),
    "abandon": ({}, {}),
    "prompt": ({"trigger": _word}, {}),
    "parallel_start": ({"task": _word}, {"trigger": _word}),
    "parallel_stop": ({"task": _word}, {"of": _uuid}),
    "pause": ({}, {"reason": _text}),
    "continue": ({}, {}),
    "context": ({"dimension": _word, "value": _word}, {}),
    "count": ({"counter": _word}, {"n": _whole}),
    "note": ({"text": _text}, {}),
    "void": ({"target": _uuid}, {"reason": _text}),
    "amend": ({"target": _uuid, "changes": _changes}, {"reason": _text}),
}
EVERY_EVENT: Fields = (
    {"session": _uuid, "seq": _positive, "at": _instant},
    {"recorded_at": _instant, "load": _word, "mono": _finite},
)
EVENTS: dict[str, Fields] = {
    kind: (EVERY_EVENT[0] | required, EVERY_EVENT[1] | optional) for kind, (required, optional) in EVENT_FIELDS.items()
}
UNCHECKED = frozenset({"type", "id", "kind", "consent", "planned"})  # looked at elsewhere, or kept as sent
DAY_TYPES, MODES = ("high", "typical", "low", "unknown"), ("observed", "self")
DAY_TYPE, MODE = _one_of(*DAY_TYPES), _one_of(*MODES)
NEW_SESSION: Fields = (
    {"at": _instant, "clinic": _word, "mode": MODE, "task_list": _word, "version": _positive},
    {
        "subject": _word,
        "staff_role": _word,
        "day_type": DAY_TYPE,
        "paired_with": _uuid,
        "load": _word,
        "mono": _finite,
    },
)
AMENDED_SESSION: Fields = (
    {"at": _instant, "amends": _uuid},
    {"subject": _word, "staff_role": _word, "day_type": DAY_TYPE, "paired_with": _uuid, "load": _word, "mono": _finite},
)
OF_A_REPORT: dict[str, Check] = {"minutes": _minutes, "expected": _flag, "trigger": _word}
REPORT: Fields = (
    {"at": _instant, "clinic": _word, "stealer": _word},
    {**OF_A_REPORT, "place": _word, "consent": _positive, "load": _word, "mono": _finite},
)
AMENDED_REPORT: Fields = (
    {"at": _instant, "clinic": _word, "amends": _uuid},
    {"stealer": _word, **OF_A_REPORT, "withdrawn": _flag, "load": _word, "mono": _finite},
)
DAY: Fields = (
    {"at": _instant, "clinic": _word, "day": _day},
    {
        "day_type": DAY_TYPE,
        "volumes": _volumes,
        "flex_asks": _codes,
        "load": _word,
        "mono": _finite,
        **dict.fromkeys(("scheduled", "present", "call_offs", "overtime_minutes", "backlog"), _count),
        **dict.fromkeys(("breaks_due", "breaks_late", "breaks_missed"), _count),
        **dict.fromkeys(("lunches_due", "lunches_late", "lunches_missed"), _count),
    },
)


_A_WORD = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD}
_A_COUNT = {"type": "integer", "minimum": 0, "maximum": MOST}
# the same as JSON Schema, for the API's description of itself
SCHEMAS: dict[Check, dict[str, Any]] = {
    _word: _A_WORD,
    _text: {"type": "string", "maxLength": LONGEST_TEXT},
    _uuid: {"type": "string", "format": "uuid"},
    _whole: {"type": "integer", "minimum": -MOST, "maximum": MOST},
    _count: _A_COUNT,
    _positive: {"type": "integer", "minimum": 1, "maximum": MOST},
    _minutes: {"type": "number", "minimum": 0, "maximum": 1440},
    _finite: {"type": "number", "minimum": -LONGEST_MONO_MS, "maximum": LONGEST_MONO_MS},
    _instant: {"type": "integer", "description": "ms since 1970, UTC"},
    _flag: {"type": "boolean"},
    _day: {"type": "string", "format": "date"},
    _context: {"type": "object", "maxProperties": 16, "additionalProperties": _A_WORD},
    _volumes: {"type": "object", "maxProperties": 64, "additionalProperties": _A_COUNT},
    _codes: {"type": "array", "maxItems": 64, "items": _A_WORD},
    _changes: {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"enum": list(AMENDABLE)},
        "description": "Field by field; each as an event has it.",
    },
    DAY_TYPE: {"enum": list(DAY_TYPES)},
    MODE: {"enum": list(MODES)},
}


def _check_fields(fields: Mapping[str, Any], shape: Fields) -> Fault | None:
    required, optional = shape
    for name, check in required.items():
        if name not in fields:
            return Fault("malformed", _("“{field}” is missing.").format(field=name))
        fault = check(name, fields[name])
        if fault:
            return fault
    for name, check in optional.items():
        value = fields.get(name)
        if value is not None:
            fault = check(name, value)
            if fault:
                return fault
    return None


def check_shape(item: Item) -> Fault | None:
    """Well-formed? Says nothing of whether its clinic, session or words are known."""
    if item.id is None:
        return Fault("malformed", _("The item has no id that is a UUID."))
    if len(item.raw) > LONGEST_ITEM:
        return Fault("too_long", _("The item has more than {limit} characters.").format(limit=LONGEST_ITEM))
    kind = item.fields.get("kind")
    if item.type == "event" and (not isinstance(kind, str) or kind not in EVENT_FIELDS):
        return Fault("unknown_kind", _("There is no kind of event {kind}.").format(kind=ascii(kind)[:60]))
    if item.type not in ("event", "session", "report", "day"):
        sentence = _("There is no type of item {type}.")
        return Fault("malformed", sentence.format(type=ascii(item.fields.get("type"))[:60]))
    required, optional = _shape_of(item)
    return _check_fields(item.fields, (required, optional))


def _shape_of(item: Item) -> Fields:
    if item.type == "event":
        return EVENTS[item.fields["kind"]]
    if item.type == "session":
        return NEW_SESSION if item.fields.get("amends") is None else AMENDED_SESSION
    if item.type == "report":
        return REPORT if item.fields.get("amends") is None else AMENDED_REPORT
    return DAY


def _known(fields: Mapping[str, Any], shape: Fields) -> dict[str, Any]:
    required, optional = shape
    return {name: value for name, value in fields.items() if name in required or name in optional or name in UNCHECKED}


def meant(item: Item) -> Item:
    """Of a well-formed item what its kind knows of: a field that means nothing there was not looked at either."""
    return replace(item, fields=_known(item.fields, _shape_of(item)))


def known_to(event: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a stored event, as the timeline takes it: ids in small letters, as they are kept."""
    wire = _known(event, EVENTS[event["kind"]])
    return wire | {name: wire[name].lower() for name in ("id", "session", "target", "of") if wire.get(name)}


def check_words(fields: Mapping[str, Any], task_list: TaskList) -> Fault | None:
    """Are task, trigger and counter of an event (and of what it amends) on the session's own list?"""
    for named in (fields, fields.get("changes") or {}):
        task = named.get("task")
        if task is not None and task not in task_list.task_by_code:
            return Fault("unknown_task", _("The session's task list has no task “{code}”.").format(code=task))
        trigger = named.get("trigger")
        if trigger is not None and trigger not in task_list.trigger_codes:
            return Fault("unknown_trigger", _("The session's task list has no trigger “{code}”.").format(code=trigger))
        counter = named.get("counter")
        if counter is not None and counter not in task_list.counter_codes:
            return Fault("unknown_counter", _("The session's task list has no counter “{code}”.").format(code=counter))
    return None


def check_volumes(fields: Mapping[str, Any], task_list: TaskList) -> Fault | None:
    """Are the counters of a day item on the clinic's list?"""
    unknown = sorted(set(fields.get("volumes") or {}) - task_list.counter_codes)
    if unknown:
        return Fault("unknown_counter", _("The clinic's list has no counter “{code}”.").format(code=unknown[0]))
    return None


def is_possible(at: int, now: int) -> bool:
    """Whether something can have happened then: not before 2000, nor over a day after the server heard of it."""
    return YEAR_2000_MS <= at <= now + DAY_MS


def check_times(fields: Mapping[str, Any], shift_ms: int, now: int) -> Fault | None:
    """Nothing before 2000, nothing over a day ahead of the server, both after correction by `shift_ms`."""
    changes = fields.get("changes") or {}
    for name, value in (
        ("at", fields.get("at")),
        ("recorded_at", fields.get("recorded_at")),
        ("at", changes.get("at")),
    ):
        if value is not None and not is_possible(value + shift_ms, now):
            return Fault(
                "absurd_time",
                _("“{field}” is before the year 2000 or more than a day ahead: is the phone's clock right?").format(
                    field=name
                ),
            )
    return None
