"""Sessions as an event log for process mining: XES, IEEE 1849, in pieces of some 64 KB.

One trace a session, named by its id. Its events are the transitions of `app.timeline.lifecycle`, where the mapping is
decided: an occurrence of a task is an activity that starts, is suspended by an interruption, resumed, and completed or
aborted (`ate_abort`); interruptions, parallel tasks, the observer's pauses and prompts are activities on a `track` of
their own. Running time is from each start or resume to the activity's next event, and equals Timesink's own measures.

`concept:instance` is the id that the other exports have under `occurrence` and `interruption`. Names are those of the
clinic's newest list, so that a task has one name in all traces, with its code beside it. Of the organizational
extension only the role is there: who was watched, and who observed, stands in no XES file. Elements are in no
namespace, as the standard's XML Schema has it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from xml.sax.saxutils import quoteattr

from app.clinics.models import Clinic
from app.exchange.out.rows import Logged
from app.exchange.out.texts import PIECE
from app.i18n import _
from app.summary.labels import Labels
from app.summary.window import Window
from app.timeline.lifecycle import Activity, Transition, lifecycle

Kind = Literal["string", "date", "int", "boolean"]
Attribute = tuple[Kind, str, str]

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EXTENSION_AT = "http://www.xes-standard.org/"
EXTENSIONS = ("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Time", "time"), ("Organizational", "org")
# every event has these; a reader takes the value below for one that has not
OF_EVENTS: tuple[Attribute, ...] = (
    ("string", "concept:name", "?"),
    ("string", "concept:instance", "?"),
    ("string", "lifecycle:transition", "complete"),
    ("date", "time:timestamp", "1970-01-01T00:00:00.000+00:00"),
    ("string", "org:role", "?"),
    ("string", "track", "?"),
)
OF_TRACES: tuple[Attribute, ...] = (("string", "concept:name", "?"),)
CLASSIFIERS = (
    ("Activity", ("concept:name",)),
    ("Step", ("concept:name", "lifecycle:transition")),
    ("Kind", ("track", "concept:name")),
)


def xes_pieces(clinic: Clinic, window: Window, labels: Labels, sessions: Iterable[Logged]) -> Iterator[bytes]:
    held = _head(clinic, window)
    for logged in sessions:
        for line in _trace(logged, labels):
            held += line
            if len(held) >= PIECE:
                yield held.encode()
                held = ""
    yield (held + "</log>\n").encode()


def _head(clinic: Clinic, window: Window) -> str:
    about: tuple[Attribute, ...] = (
        ("string", "concept:name", f"{clinic.slug} {window.first} {window.last}"),
        ("string", "lifecycle:model", "standard"),
        ("string", "timezone", clinic.timezone),
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        _opened("log", {"xes.version": "1849.2016", "xes.features": ""}),
        *(
            _empty("extension", {"name": name, "prefix": prefix, "uri": f"{EXTENSION_AT}{prefix}.xesext"})
            for name, prefix in EXTENSIONS
        ),
        *(
            f"{_opened('global', {'scope': scope})}{_attributes(given)}</global>"
            for scope, given in (("trace", OF_TRACES), ("event", OF_EVENTS))
        ),
        *(_empty("classifier", {"name": name, "scope": "event", "keys": " ".join(keys)}) for name, keys in CLASSIFIERS),
        _attributes(about),
        "",
    ]
    return "\n".join(lines)


def _trace(logged: Logged, labels: Labels) -> Iterator[str]:
    header, meant = logged.header, logged.meant
    about: list[Attribute] = [
        ("string", "concept:name", header.id),
        ("string", "mode", header.mode),
        ("string", "staff_role", header.staff_role),
        ("string", "day_type", header.day_type or "unknown"),
        ("string", "task_list", logged.version.code),
        ("int", "version", str(logged.version.version)),
        ("boolean", "open", "true" if meant.open else "false"),
        ("int", "observed_ms", str(meant.observed_ms)),
        ("int", "paused_ms", str(meant.paused_ms)),
    ]
    yield f"<trace>{_attributes(about)}\n"
    for step in lifecycle(event.wire for event in logged.events):
        yield f"<event>{_attributes(_event(step, logged, labels))}</event>\n"
    yield "</trace>\n"


def _event(step: Transition, logged: Logged, labels: Labels) -> Iterator[Attribute]:
    activity = step.activity
    yield "string", "concept:name", _name(activity, labels)
    yield "string", "concept:instance", activity.instance
    yield "string", "lifecycle:transition", step.step
    yield "date", "time:timestamp", logged.written(step.at)
    yield "string", "org:role", "observer" if activity.track == "pause" else logged.header.staff_role
    yield "string", "track", activity.track
    if activity.track == "pause":
        return
    yield "string", "code", activity.code
    task = logged.task_list.task_by_code.get(activity.code) if activity.track in ("task", "parallel") else None
    if task is not None:
        yield "string", "category", task.category
        yield "string", "kind", task.kind
        if task.scheduled is not None:
            yield "boolean", "scheduled", "true" if task.scheduled else "false"
    yield "int", "depth", str(activity.depth)
    further = (
        ("trigger", activity.trigger),
        ("interrupted", activity.interrupted),
        ("because", step.because),
        ("outcome", step.outcome),
    )
    for key, value in further:
        if value is not None:
            yield "string", key, value


def _name(activity: Activity, labels: Labels) -> str:
    if activity.track == "pause":
        return _("Not observed")
    if activity.track == "interruption":
        return _("Interruption: {trigger}").format(trigger=labels.trigger(activity.code))
    if activity.track == "prompt":
        return _("Only asked: {trigger}").format(trigger=labels.trigger(activity.code))
    return labels.task(activity.code)


def _attributes(attributes: Iterable[Attribute]) -> str:
    return "".join(_empty(kind, {"key": key, "value": value}) for kind, key, value in attributes)


def _empty(tag: str, given: Mapping[str, str]) -> str:
    return f"{_opened(tag, given)[:-1]}/>"


def _opened(tag: str, given: Mapping[str, str]) -> str:
    return f"<{' '.join((tag, *(f'{name}={_quoted(value)}' for name, value in given.items())))}>"


def _quoted(text: str) -> str:
    """As the value of an attribute. What XML has no way to write is shown as the sign for an unknown letter."""
    return quoteattr(NOT_IN_XML.sub("\ufffd", text))
