"""The editor's form: what was typed into it, and the wishes that it means for its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.capture.items import DAY_MS
from app.capture.review.interruptions import Merge, Outcome, Uninterrupt
from app.capture.review.look import Look
from app.capture.review.rows import Row
from app.capture.review.typed import instant
from app.capture.review.wishes import (
    Delete,
    DeleteBeside,
    Divide,
    Fill,
    Move,
    Retask,
    Retrigger,
    Shift,
    ShiftBeside,
    TakeAway,
    Unpause,
    Wish,
    edges_at,
)
from app.errors import BadRequest
from app.i18n import _

STEPS_MS = (-60_000, -10_000, 10_000, 60_000)
ACTIONS = ("merge", "delete", "divide")
BECAUSE = "because:"
WORDS = ("start", "end", "task", "trigger", "outcome", "divide", "reason")


@dataclass(frozen=True, slots=True)
class Typed:
    """`start_at` and `end_at`: the edges (ms) that the fields beside them began with, so that no thousandth is lost.

    `doing`: what Save will do, `edit` or one of ACTIONS. `wants_look`: a button that only shows what would be.
    """

    start_at: int
    end_at: int
    start: str = ""
    end: str = ""
    task: str = ""
    trigger: str = ""
    outcome: str = ""
    divide: str = ""
    divide_task: str = ""
    reason: str = ""
    doing: str = "edit"
    wants_look: bool = False
    pressed: str = ""


def fresh(row: Row, look: Look) -> Typed:
    """The form as it first opens."""
    outcome = next((i.outcome for i in look.t.interruptions if i.id == row.interruption), "")
    return Typed(
        row.at, row.end or row.at, task=row.task or "", trigger=row.trigger or "", outcome=outcome,
        divide_task=row.task or "",
    )  # fmt: skip


def read(fields: Mapping[str, str], now: Typed, zone: str) -> Typed:
    """What was sent. Raises BadRequest (with the field's name as its code) for a time that is none."""
    do = fields.get("do", "save")
    typed = Typed(
        _ms(fields.get("start_at"), now.start_at),
        _ms(fields.get("end_at"), now.end_at),
        divide_task=fields.get("divide_task", now.divide_task),
        doing=do if do in ACTIONS else fields.get("doing", "edit"),
        pressed=do,
        **as_sent(fields),
    )
    if do.startswith(BECAUSE):
        typed = replace(typed, reason=do.removeprefix(BECAUSE))
    if typed.doing not in ("edit", *ACTIONS):
        typed = replace(typed, doing="edit")
    return _untouched(_with_times(typed, do, zone), fields, now)


def as_sent(fields: Mapping[str, str]) -> dict[str, Any]:
    """The fields of `Typed` that are kept as they were typed, less the spaces around."""
    return {name: fields.get(name, "").strip() for name in WORDS}


def _untouched(typed: Typed, fields: Mapping[str, str], now: Typed) -> Typed:
    """What stands as the form had it was not wished: if somebody else has changed it meanwhile, it stays as it is now.

    `was_...` is what the form showed of the row, `now` the row as it is.
    """

    def is_own(name: str) -> bool:
        return str(getattr(typed, name)) != fields.get(f"was_{name}", str(getattr(now, name)))

    return replace(
        typed,
        start_at=typed.start_at if is_own("start_at") else now.start_at,
        end_at=typed.end_at if is_own("end_at") else now.end_at,
        task=typed.task if is_own("task") else now.task,
        trigger=typed.trigger if is_own("trigger") else now.trigger,
        outcome=typed.outcome if is_own("outcome") else now.outcome,
    )


def _ms(text: str | None, otherwise: int) -> int:
    """An edge as the form had it. None is moved over a day: beyond that no form of ours had it."""
    at = int(text) if text and text.isdecimal() and len(text) < 16 else otherwise
    return at if abs(at - otherwise) <= DAY_MS else otherwise


def _with_times(typed: Typed, do: str, zone: str) -> Typed:
    """The typed times as instants, and moved by the button that was pressed, if it was one of those."""
    edges = {"start": typed.start_at, "end": typed.end_at}
    for name, text in (("start", typed.start), ("end", typed.end)):
        if text:
            edges[name] = time_of(text, edges[name], zone, name)
    edge, _colon, by = do.partition(":")
    if edge in edges and by in {str(step) for step in STEPS_MS}:
        edges[edge] += int(by)
        typed = replace(typed, wants_look=True, doing="edit")
    if do in ("look", "divide"):  # where, and into what, is asked first
        typed = replace(typed, wants_look=True)
    return replace(typed, start_at=edges["start"], end_at=edges["end"], start="", end="")


def time_of(text: str, near: int, zone: str, field: str) -> int:
    at = instant(text, near, zone)
    if at is None:
        raise BadRequest(
            _("“{text}” is no time of this day: write it like 9:41:07 AM.").format(text=text[:20]), code=field
        )
    return at


def wishes(typed: Typed, row: Row, look: Look) -> list[Wish]:
    """Raises BadRequest where something is missing."""
    if typed.doing == "divide":
        near = (row.at + (row.end or row.at)) // 2
        at = time_of(typed.divide, near, look.clinic.timezone, "divide") if typed.divide else near
        if not typed.divide_task:
            raise BadRequest(_("Choose the task of the second part."), code="divide_task")
        return [Divide(at, typed.divide_task)]
    if typed.doing == "merge":
        return [Merge(row.at)]
    if typed.doing == "delete":
        return [_deletion(row)]
    return _edits(typed, row, look)


def _deletion(row: Row) -> Wish:
    if row.kind == "segment":
        return Delete(row.at)
    if row.kind == "pause":
        return Unpause(row.at)
    if row.kind == "parallel":
        return DeleteBeside(row.event or "")
    return TakeAway(row.event or "")


def _edits(typed: Typed, row: Row, look: Look) -> list[Wish]:
    if row.kind == "parallel":
        return [*_words(typed, row), *_besides_edges(typed, row)]
    if row.end is None:
        moved = [Move(row.event or "", typed.start_at)] if typed.start_at != row.at else []
        return [*_words(typed, row), *moved]
    outcome = _outcome(typed, row, look)
    if any(
        isinstance(wish, Uninterrupt) or (isinstance(wish, Outcome) and wish.how in ("prompt", "both"))
        for wish in outcome
    ):
        return outcome  # there is no row left whose edges could be moved
    filled: list[Wish] = []
    if typed.task and row.task is None and row.kind == "segment":
        low, high = max(typed.start_at, row.at), min(typed.end_at, row.end)
        if low >= high:
            raise BadRequest(_("It must begin before it ends, and within the gap."), code="end")
        filled = [Fill(low, high, typed.task)]
        typed = replace(typed, start_at=min(typed.start_at, row.at), end_at=max(typed.end_at, row.end))
    return [*outcome, *_words(typed, row), *filled, *_edges(typed, row, look)]


def _words(typed: Typed, row: Row) -> list[Wish]:
    """Another name for the same stretch or point. An interruption's trigger is looked at with its outcome."""
    found: list[Wish] = []
    if row.task is not None and row.event is not None and typed.task not in ("", row.task):
        found.append(Retask(row.event, typed.task))
    if row.interruption is None and row.event is not None and row.trigger and typed.trigger not in ("", row.trigger):
        found.append(Retrigger(row.event, typed.trigger))
    return found


def _outcome(typed: Typed, row: Row, look: Look) -> list[Wish]:
    inside = next((one for one in look.t.interruptions if one.id == row.interruption), None)
    if inside is None:
        return []
    found: list[Wish] = []
    if typed.trigger not in ("", inside.trigger):
        found.append(Retrigger(inside.id, typed.trigger))
    if typed.outcome == "none":
        found.append(Uninterrupt(inside.id))
    elif typed.outcome in ("resumed", "abandoned", "prompt", "both") and typed.outcome != inside.outcome:
        found.append(Outcome(inside.id, typed.outcome, typed.task or None))  # type: ignore[arg-type]
    return found


def _edges(typed: Typed, row: Row, look: Look) -> Sequence[Wish]:
    """Both edges; first the one that makes room for the other."""
    assert row.end is not None
    start: list[Wish] = [Shift(row.at, typed.start_at)] if typed.start_at != row.at else []
    is_held = bool(edges_at(look.plan, row.end))  # an open session's last stretch has no end yet
    end: list[Wish] = [Shift(row.end, typed.end_at)] if is_held and typed.end_at != row.end else []
    return [*start, *end] if typed.start_at <= row.at else [*end, *start]


def _besides_edges(typed: Typed, row: Row) -> list[Wish]:
    found: list[Wish] = []
    if typed.start_at != row.at:
        found.append(ShiftBeside(row.event or "", False, typed.start_at))
    if typed.end_at != row.end:
        found.append(ShiftBeside(row.event or "", True, typed.end_at))
    return found if typed.start_at <= row.at else found[::-1]
