"""What an import did or would do, said to people (sentences) and to programs (JSON)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.exchange.faults import Fault, Reason, Remark, sentence
from app.exchange.imports import Prepared, Step
from app.exchange.reading import Names
from app.i18n import _, ngettext

MOST_LISTED = 1000  # bad lines in a JSON answer; a command prints them all
MOST_NAMED = 5  # sessions in one remark
MOST_NAMES = 20  # of the names that a sentence lists; the JSON answer holds them all


def told(prepared: Prepared, *, written: bool) -> dict[str, Any]:
    """For programs. `bad_lines` lists the first 1000 of `bad_line_count`; `bad_sessions` those that cannot be stored
    though no line of theirs is bad; `sessions` by begin, ms UTC."""
    return {
        "written": written,
        "sessions": [_session(step) for step in prepared.steps],
        "bad_line_count": _bad_lines(prepared),
        "bad_lines": [_bad_line(fault) for fault in prepared.faults if not fault.of_session][:MOST_LISTED],
        "bad_sessions": [
            {"session": fault.session, "code": fault.reason.code, "detail": sentence(fault.reason)}
            for fault in prepared.faults
            if fault.of_session
        ],
        "remarks": [{"session": one.session, "code": one.reason.code, "detail": sentence(one.reason)}
                    for one in prepared.remarks],
        "added": _names(prepared.added),
        "unknown": _names(prepared.lacking),
    }  # fmt: skip


def _session(step: Step) -> dict[str, Any]:
    one = step.session
    return {
        "id": one.id,
        "label": one.label,
        "subject": one.subject,
        "mode": one.mode,
        "begin": one.begin,
        "rows": one.rows,
        "events": len(one.events),
        "status": step.status,
        "incomplete": one.incomplete,
        "undated": one.undated,
    }


def _bad_line(fault: Fault) -> dict[str, Any]:
    reason = fault.reason
    return {
        "file": fault.file,
        "line": fault.line,
        "session": fault.session,
        "code": reason.code,
        "detail": sentence(reason),
    }


def _names(names: Names) -> dict[str, list[str]]:
    return {"tasks": list(names.tasks), "triggers": list(names.triggers), "counters": list(names.counters)}


def bad_lines(prepared: Prepared) -> Iterator[str]:
    """One a line: `file:line: what is wrong and what to do`; without a line where the session as a whole is wrong."""
    for fault in prepared.faults:
        where = fault.file if fault.of_session else f"{fault.file}:{fault.line}"
        yield f"{where}: {sentence(fault.reason)}"


def remarks(prepared: Prepared) -> Iterator[str]:
    """What a person should know, once for all sessions that it holds for."""
    same: dict[tuple[str, str], tuple[Reason, list[Remark]]] = {}
    for remark in prepared.remarks:
        key = remark.reason.code, repr(sorted(remark.reason.values.items()))
        same.setdefault(key, (remark.reason, []))[1].append(remark)
    for reason, of_sessions in same.values():
        names = [one.session for one in of_sessions[:MOST_NAMED]]
        more = len(of_sessions) - len(names)
        whose = ", ".join(names) + (_(" and {n} more").format(n=more) if more else "")
        yield f"{whose}: {sentence(reason)}"


def unknown_names(names: Names) -> Iterator[str]:
    """A sentence for each kind of name that is on no list."""
    for what, some in listed(names):
        yield _("Not on the clinic's list, {kind}: {names}. Rename them, or add them with --add-tasks.").format(
            kind=what, names=some
        )


def added_names(names: Names) -> Iterator[str]:
    for what, some in listed(names):
        yield _("New on the clinic's list, {kind}: {names}.").format(kind=what, names=some)


def listed(names: Names) -> list[tuple[str, str]]:
    """What kind they are of, and the first of them in a row, for each kind of which there are any."""
    by_kind = (_("tasks"), names.tasks), (_("triggers"), names.triggers), (_("counters"), names.counters)
    return [(kind, _some(met)) for kind, met in by_kind if met]


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (_(" and {n} more").format(n=more) if more > 0 else "")


def session_lines(prepared: Prepared, zone: ZoneInfo) -> Iterator[str]:
    """One a session, for a preview: when it began on the clinic's clock, and what becomes of it."""
    words = {
        "new": _("new"),
        "longer": _("gets the lines it lacked"),
        "there": _("is there already"),
        "erased": _("was erased, and stays so"),
    }
    for step in prepared.steps:
        one = step.session
        began = datetime.fromtimestamp(one.begin // 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        yield f"{began}  {one.label}  {_lines(one.rows)}  {words[step.status]}"


def summary(prepared: Prepared, *, written: bool) -> str:
    """The last line: how much was, or would be, written."""
    bad, whole = _bad_lines(prepared), sum(fault.of_session for fault in prepared.faults)
    if prepared.is_refused:
        sentences = [_("Nothing was written.")]
        if bad and not prepared.skip_bad:
            counted = ngettext("{n} line is bad", "{n} lines are bad", bad).format(n=bad)
            sentences.append(_("{counted}: correct, or import the others with --skip-bad.").format(counted=counted))
        if whole and not prepared.skip_bad:
            counted = ngettext("{n} session cannot be stored", "{n} sessions cannot be stored", whole).format(n=whole)
            sentences.append(_("{counted}: see above, or import the others with --skip-bad.").format(counted=counted))
        return " ".join(sentences)
    steps = [step for step in prepared.steps if step.items]
    values = {
        "sessions": ngettext("{n} session", "{n} sessions", len(steps)).format(n=len(steps)),
        "lines": _lines(sum(step.session.rows for step in steps)),
        "there": len(prepared.steps) - len(steps),
    }
    done = _("Imported {sessions} with {lines}; already there: {there}.")
    would = _("Would import {sessions} with {lines}; already there: {there}. Nothing was written.")
    sentences = [(done if written else would).format(**values)]
    if bad:
        sentences.append(_("Skipped: {lines}.").format(lines=_lines(bad)))
    if whole:
        sessions = ngettext("{n} session", "{n} sessions", whole).format(n=whole)
        sentences.append(_("Not stored: {sessions}.").format(sessions=sessions))
    return " ".join(sentences)


def _bad_lines(prepared: Prepared) -> int:
    return sum(fault.lines for fault in prepared.faults)


def _lines(n: int) -> str:
    return ngettext("{n} line", "{n} lines", n).format(n=n)
