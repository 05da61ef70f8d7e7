"""From files to sessions with their lines: recognised, read, gathered; nothing is laid out as events yet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from app.exchange.faults import BadLine, Fault, Reason, Remark
from app.exchange.formats import recognise
from app.exchange.formats.neutral import UNDATED
from app.exchange.formats.shape import Format, Terms
from app.exchange.ids import session_id
from app.exchange.lines import Table, Upload
from app.exchange.records import AGREED, Draft, Item, Logged, Point, Row, Said
from app.exchange.sweep import UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Names:
    """The names of tasks, triggers and counters met, as written, each once whatever its case, in order."""

    tasks: tuple[str, ...]
    triggers: tuple[str, ...]
    counters: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.tasks or self.triggers or self.counters)


NO_NAMES = Names((), (), ())


@dataclass(slots=True)
class Reading:
    """What the files say: sessions, what is wrong with which line, and what a person should know."""

    drafts: list[Draft] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def names(drafts: Iterable[Draft], unobserved: str | None = None) -> Names:
    """What they name, without the task that `unobserved` turns into pauses."""
    met: dict[str, dict[str, str]] = {"task": {}, "trigger": {}, "counter": {}}
    for draft in drafts:
        for item in draft.items():
            for what, name in _names_in(item):
                met[what].setdefault(name.casefold(), name)
    met["task"].pop((unobserved or "").casefold(), None)
    return Names(tuple(met["task"].values()), tuple(met["trigger"].values()), tuple(met["counter"].values()))


def _names_in(item: Item) -> Iterator[tuple[str, str]]:
    """(what it names, name)"""
    if isinstance(item, Row):
        yield "task", item.task
        if item.trigger is not None:
            yield "trigger", item.trigger
        if item.breaks:
            yield "trigger", UNSPECIFIED
        return
    for what in ("task", "trigger", "counter"):
        name = item.fields.get(what) if isinstance(item, Logged) else getattr(item, what, None)
        if isinstance(name, str):
            yield what, name


def read(uploads: Iterable[Upload], terms: Terms, format: str | None = None) -> Reading:
    """Every good line of every file, by session, and a fault for every other.

    A line that stands in two of the files counts once; one that stands twice in the same file counts twice.
    """
    reading = Reading()
    gathered: dict[str, dict[str, Said]] = {}
    for nth, upload in enumerate(uploads):
        try:
            source, of_format = recognise(upload, nth, format)
        except BadLine as bad:
            reading.faults.append(Fault(upload.name, 1, bad.reason))
            continue
        _take(source, of_format, terms, reading, gathered)
    reading.drafts = [_draft(id, list(said.values()), reading) for id, said in gathered.items()]
    _mark_damage(reading)
    return reading


def _take(
    source: Table, of_format: Format, terms: Terms, reading: Reading, gathered: dict[str, dict[str, Said]]
) -> None:
    empty = True
    for said in of_format.read(source, terms):
        empty = False
        if isinstance(said, Fault):
            reading.faults.append(said)
        else:
            session = session_id(terms.clinic, of_format.name, said.about.key)
            gathered.setdefault(session, {}).setdefault(said.item.id, said)
    if empty:
        reading.remarks.append(Remark(source.name, Reason("no_lines", {"file": source.name})))
    unused = of_format.unused(source.columns)
    if unused:
        columns = ", ".join(unused)
        reading.remarks.append(
            Remark(source.name, Reason("ignored_columns", {"file": source.name, "columns": columns}))
        )


def _draft(id: str, said: list[Said], reading: Reading) -> Draft:
    """The session of these lines, without those that contradict the others about it."""
    first = said[0].about
    agreed: dict[str, object] = {}
    for name in AGREED:
        agreed[name], said = _agree(name, said, reading)
    draft = Draft(id, replace(first, **agreed))  # type: ignore[arg-type]  # values of these very fields
    for one in said:
        item = one.item
        if isinstance(item, Row):
            draft.rows.append(item)
        elif isinstance(item, Point):
            draft.points.append(item)
        else:
            draft.log.append(item)
    _require_subject(draft, reading)
    _remark(draft, reading)
    return draft


def _agree(name: str, said: list[Said], reading: Reading) -> tuple[object, list[Said]]:
    """What most lines say of their session (an empty value says nothing), and the lines that do not contradict it.

    The majority and not the first line, so that the order of the lines decides nothing; of two as frequent, the
    smaller.
    """
    votes = Counter(getattr(one.about, name) for one in said)
    votes.pop(None, None)
    if not votes:
        return None, said
    winner = min(votes, key=lambda value: (-votes[value], value))
    kept: list[Said] = []
    others: list[Said] = []
    for one in said:
        (kept if getattr(one.about, name) in (None, winner) else others).append(one)
    if others:
        loyal = next(one for one in kept if getattr(one.about, name) == winner)
        reading.faults += [_dissent(one, loyal, name) for one in others]
    return winner, kept


def _dissent(one: Said, loyal: Said, name: str) -> Fault:
    line, label = one.item.line, one.about.label
    column = next((column for column in AGREED[name] if column in line.values), name)
    values = {"value": line.values.get(column), "others": loyal.item.line.values.get(column), "column": column}
    return Fault(line.file, line.number, Reason("disagrees", {**values, "session": label}), label)


def _require_subject(draft: Draft, reading: Reading) -> None:
    """Nobody can tell whose work it was: the whole session falls."""
    if draft.about.subject is not None or draft.about.mode == "self":
        return
    line = min((item.line for item in draft.items()), key=lambda line: line.place)
    reason = Reason("no_subject", {"session": draft.about.label})
    reading.faults.append(Fault(line.file, line.number, reason, draft.about.label))
    draft.rows, draft.points, draft.log = [], [], []


def _remark(draft: Draft, reading: Reading) -> None:
    label, kinds = draft.about.label, {entry.kind for entry in draft.log}
    if draft.about.undated:
        reading.remarks.append(Remark(label, Reason("undated", {"origin": UNDATED.isoformat(sep=" ")})))
    if draft.log and "begin" not in kinds:
        reading.remarks.append(Remark(label, Reason("no_begin")))
    if draft.log and "end" not in kinds:
        reading.remarks.append(Remark(label, Reason("no_end")))
    unused = sum(entry.unused for entry in draft.log)
    if unused:
        reading.remarks.append(Remark(label, Reason("unused_values", {"n": unused})))


def _mark_damage(reading: Reading) -> None:
    """A session is damaged if a line of it is bad; a line that does not show its session may be of any in its file."""
    named = {(fault.file, fault.session) for fault in reading.faults}
    for draft in reading.drafts:
        whose = {None, draft.about.label, draft.about.key[0]}
        files = {item.line.file for item in draft.items()}
        draft.damaged = any(file in files and session in whose for file, session in named)
