"""What each column of a table of rows means, and of which type it is: for workbooks and for data packages."""

from collections.abc import Callable, Mapping

from app.i18n import _

Said = Callable[[], str]

OF_ROWS: Mapping[str, Said] = {
    "session": lambda: _("Id of the session: one observer, one sitting."),
    "subject": lambda: _("Code of the person watched. Only observed sessions stand here, never what people timed."),
    "staff_role": lambda: _("Role of the person watched."),
    "day_type": lambda: _("Volume of the day as the session's header says: high, typical, low or unknown."),
    "mode": lambda: _("Always “observed”."),
    "task_list": lambda: _("The task list the session was coded with."),
    "version": lambda: _("The version of that list."),
    "observer": lambda: _("Id of the person who observed."),
    "open": lambda: _("The session has no end yet: it counts up to its last event."),
    "track": lambda: _("primary: these never overlap and add up to the observed time. parallel: ran beside them."),
    "day": lambda: _("Local day of the start."),
    "start": lambda: _("When it starts: ISO 8601 on the clinic's clock, with the offset from UTC."),
    "end": lambda: _("When it ends, likewise."),
    "start_ms": lambda: _("The start in milliseconds since 1970-01-01T00:00:00Z."),
    "end_ms": lambda: _("The end, likewise."),
    "ms": lambda: _("Its length in milliseconds."),
    "task": lambda: _("Code of the task; empty: no task in hand."),
    "label": lambda: _("What the session's own list calls the task."),
    "category": lambda: _("Its category in that list."),
    "kind": lambda: _("Its kind in that list: work, between, break or protected."),
    "scheduled": lambda: _("Whether that list marks it as on the template; empty: nobody has said."),
    "occurrence": lambda: _("Id of the event that began this occurrence of the task, or this parallel stretch."),
    "interruption": lambda: _("Id of the innermost interruption it lies in; empty outside."),
    "trigger": lambda: _("What triggered that interruption, or prompted the parallel task."),
    "depth": lambda: _("0 outside interruptions, 1 inside one, 2 inside one in another."),
    "context": lambda: _("Where, with whom, with what: a JSON object of dimension and value."),
    "begin": lambda: _("When the session begins: ISO 8601 on the clinic's clock, with the offset from UTC."),
    "begin_ms": lambda: _("Its begin in milliseconds since 1970-01-01T00:00:00Z."),
    "observed_ms": lambda: _("Observed time, without the observer's pauses."),
    "paused_ms": lambda: _("Time in the observer's pauses."),
    "events": lambda: _("Events of the session, corrections included."),
    "problems": lambda: _("Events that made no sense where they stand, and so changed nothing."),
    "consent": lambda: _("Version of the clinic's text that the person watched agreed to; empty: not recorded."),
    "active_ms": lambda: _("Time in which it was in hand."),
    "elapsed_ms": lambda: _("From its start to its end, without the observer's pauses."),
    "interruptions": lambda: _("How often it was interrupted."),
    "completed": lambda: _("False: given up, or still open in a session without an end."),
    "outcome": lambda: _("resumed, abandoned, or open: never resumed before the session's end."),
    "interrupted_task": lambda: _("Code of the task that was broken off; empty: broke into idleness."),
    "interrupted_occurrence": lambda: _("The occurrence that was broken off."),
    "gross_ms": lambda: _("From its start to its end, without the observer's pauses."),
    "own_ms": lambda: _("Time inside, without the interruptions inside it."),
    "needs_ma": lambda: _("Whether it needs a medical assistant: yes, no, or with training."),
    "includes": lambda: _("What belongs to it."),
    "excludes": lambda: _("What does not."),
}
OF_EVENTS: Mapping[str, Said] = {
    "event": lambda: _("Id of the event, made on the device."),
    "at": lambda: _("When it happened, on corrected time: ISO 8601 on the clinic's clock, with the offset from UTC."),
    "at_ms": lambda: _("The same in milliseconds since 1970-01-01T00:00:00Z."),
    "recorded_at_ms": lambda: _(
        "When it was tapped, on corrected time; later than `at` for what was entered afterwards."
    ),
    "at_sent_ms": lambda: _("When it happened, by the device's own clock."),
    "recorded_at_sent_ms": lambda: _("When it was tapped, by the device's own clock."),
    "received_at_ms": lambda: _("When the server received it."),
    "uncertain": lambda: _("The device's clock could not be checked."),
    "from_page": lambda: _("Entered on a page of the server, and tapped by nobody."),
    "stands": lambda: _("Whether it holds by now: not voided, not taken back."),
    "change": lambda: _("Id that the events of one change share."),
    "repairs": lambda: _("Id of the refused item that it stands for."),
    "seq": lambda: _("Its number among the events of its session and device."),
    "device": lambda: _("Random id of the device."),
    "person": lambda: _("Id of the person who sent it."),
    "kind": lambda: _(
        "begin, end, start, stop, interrupt, resume, abandon, prompt, parallel_start, parallel_stop, pause, "
        "continue, context, count, note, void or amend."
    ),
    "task": lambda: _("Code of the task."),
    "trigger": lambda: _("Code of the trigger."),
    "counter": lambda: _("Code of the counter."),
    "n": lambda: _("How much was counted; empty: one."),
    "text": lambda: _("Of a note."),
    "dimension": lambda: _("Of a context: where, with whom, with what."),
    "value": lambda: _("The context from here on."),
    "context": lambda: _("Context that a start sets: a JSON object of dimension and value."),
    "target": lambda: _("Id of the event that is corrected."),
    "of": lambda: _("Id of the parallel start that it ends."),
    "reason": lambda: _("Why, as the person wrote it."),
    "changes": lambda: _("The fields that are amended: a JSON object."),
}
INTEGERS = frozenset(("version", "depth", "seq", "n", "ms", "events", "problems", "interruptions", "consent"))
TYPES: Mapping[str, frozenset[str]] = {
    "boolean": frozenset(("open", "uncertain", "from_page", "stands", "scheduled", "completed")),
    "date": frozenset(("day",)),
    "datetime": frozenset(("at", "start", "end", "begin")),
    "object": frozenset(("context", "changes")),
}


def said_of(table: str, column: str) -> str:
    """What a column means; every column of a table of rows is here."""
    return (OF_EVENTS[column] if table == "events" and column in OF_EVENTS else OF_ROWS[column])()


def type_of(column: str) -> str:
    """Its type as a Table Schema names it."""
    if column in INTEGERS or column.endswith("_ms"):
        return "integer"
    return next((type for type, columns in TYPES.items() if column in columns), "string")
