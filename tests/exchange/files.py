"""Small files as people would write them, and what is made of them."""

from zoneinfo import ZoneInfo

from app.exchange.faults import Fault, sentence
from app.exchange.formats.shape import Terms
from app.exchange.imported import Imported, ImportedSession
from app.exchange.layout import Choices, lay_out
from app.exchange.lines import Upload
from app.exchange.reading import read
from app.timeline import Timeline, timeline, totals

CHICAGO = Terms("north", ZoneInfo("America/Chicago"))
MONDAY = "2026-11-02"


def upload(header: str, *lines: str, name: str = "log.csv") -> Upload:
    return Upload(name, "\n".join([header, *lines, ""]).encode())


def imported(
    *uploads: Upload, choices: Choices | None = None, format: str | None = None, terms: Terms = CHICAGO
) -> Imported:
    return lay_out(read(uploads, terms, format), choices=choices)


def only_session(*uploads: Upload, choices: Choices | None = None, terms: Terms = CHICAGO) -> ImportedSession:
    """Of files without a fault that hold one session."""
    result = imported(*uploads, choices=choices, terms=terms)
    assert not result.faults, [said(fault) for fault in result.faults]
    (session,) = result.sessions
    return session


def meaning(session: ImportedSession) -> Timeline:
    """Its timeline, in which nothing must be out of place."""
    result = timeline(session.events)
    assert not result.problems, result.problems
    return result


def said(fault: Fault) -> str:
    """As a person reads it: `3: what is wrong`."""
    return f"{fault.line}: {sentence(fault.reason)}"


def log(session: ImportedSession) -> list[str]:
    """Its events, one a word or three: `+40 start vitals` is 40 seconds after its begin."""
    return [" ".join([f"{(e['at'] - session.begin) / 1000:+g}", e["kind"], *_named(e)]) for e in session.events]


def _named(event: dict[str, object]) -> list[str]:
    named = [str(event[name]) for name in ("trigger", "task", "counter", "n", "text", "reason") if name in event]
    if "dimension" in event:
        named.append(f"{event['dimension']}={event['value']}")
    context = event.get("context")
    return named + ([f"{d}={v}" for d, v in context.items()] if isinstance(context, dict) else [])


def task_ms(session: ImportedSession) -> dict[str, int]:
    measured: dict[str, int] = totals(meaning(session))["task_ms"]
    return measured


def number(session: ImportedSession) -> dict[str, int]:
    """Occurrences and parallel stretches of each task (CONTRACT.md: "Equals the file")."""
    result = meaning(session)
    tasks = [*(one.task for one in result.occurrences), *(one.task for one in result.parallel)]
    return {task: tasks.count(task) for task in tasks}
