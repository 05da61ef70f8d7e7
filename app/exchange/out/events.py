"""Events row by row: the raw log as it was received, corrections included (TIMELINE.md, Events).

`at` is on corrected time and in the clinic's zone; with `session`, `subject` and `kind` these are columns of the
import format `events`, so that a log without corrections can be imported elsewhere.
"""

from collections.abc import Iterator

from app.exchange.out.rows import ABOUT, Logged, Row, Rows

AS_SENT = (
    *("task", "trigger", "counter", "n", "text", "dimension", "value", "context"),
    *("target", "of", "reason", "changes"),
)
COLUMNS = (
    *ABOUT,
    *("event", "at", "at_ms", "at_sent_ms", "recorded_at_sent_ms", "received_at_ms", "uncertain"),
    *("seq", "device", "person", "kind"),
    *AS_SENT,
)


def _of_session(logged: Logged) -> Iterator[Row]:
    about = logged.about()
    for event in logged.events:
        raw, at = event.raw, event.wire["at"]
        yield (
            *about,
            *(raw["id"].lower(), logged.written(at), at, raw["at"], raw.get("recorded_at"), event.received_at),
            *(event.uncertain, raw["seq"], event.device, event.person_id, raw["kind"]),
            *(event.wire.get(name) for name in AS_SENT),
        )


EVENTS = Rows("events", COLUMNS, _of_session)
