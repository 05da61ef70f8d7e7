"""Events row by row: the raw log as it was received, corrections included (TIMELINE.md, Events).

`at` is on corrected time and in the clinic's zone; with `session`, `subject` and `kind` these are columns of the
import format `events`, so that a log without corrections can be imported elsewhere.

What was tapped and what was corrected can be told apart: taps are the rows that are neither void nor amend, nor
`from_page`; `stands` says whether a row holds by now (not voided, not taken back), `change` which rows were one change,
`repairs` which refused item an event stands for, `recorded_at_ms` in which order corrections count (TIMELINE.md).
"""

from collections.abc import Iterator

from app.capture.log import is_from_page
from app.exchange.out.rows import ABOUT, Logged, Row, Rows
from app.timeline.corrections import CORRECTIONS, corrected, struck

AS_SENT = (
    *("task", "trigger", "counter", "n", "text", "dimension", "value", "context"),
    *("target", "of", "reason", "changes"),
)
COLUMNS = (
    *ABOUT,
    *("event", "at", "at_ms", "recorded_at_ms", "at_sent_ms", "recorded_at_sent_ms", "received_at_ms", "uncertain"),
    *("from_page", "stands", "change", "repairs"),
    *("seq", "device", "person", "kind"),
    *AS_SENT,
)


def _of_session(logged: Logged) -> Iterator[Row]:
    about = logged.about()
    wires = [event.wire for event in logged.events]
    standing = {event["id"] for event in corrected(wires)[0]}
    standing |= {wire["id"] for wire in wires if wire["kind"] in CORRECTIONS} - struck(wires)
    for event in logged.events:
        raw, at = event.raw, event.wire["at"]
        yield (
            *about,
            *(raw["id"].lower(), logged.written(at), at, event.wire.get("recorded_at"), raw["at"]),
            *(raw.get("recorded_at"), event.received_at, event.uncertain),
            *(is_from_page(event.device), event.wire["id"] in standing, raw.get("change"), raw.get("repairs")),
            *(raw["seq"], event.device, event.person_id, raw["kind"]),
            *(raw.get(name) if name == "reason" else event.wire.get(name) for name in AS_SENT),
        )


EVENTS = Rows("events", COLUMNS, _of_session)
