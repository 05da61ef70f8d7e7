"""Review and correct: the list of a session's rows, an editor for each, and the header and counts."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.capture.access import sees_names, session_for
from app.capture.header import AMENDABLE
from app.capture.items import DAY_TYPES, UUID, check_word
from app.capture.models import ObservationSession
from app.capture.queries import refused_in
from app.capture.review.change import Form, Meanwhile, amend_header, save
from app.capture.review.form import Typed, as_sent, fresh, read, wishes
from app.capture.review.look import Look, look
from app.capture.review.rows import Row, row_at
from app.capture.review.shown import Editor, context, editor, is_readable, overview, previewed
from app.capture.review.wishes import Recount, TakeAway, TakeBack, Wish
from app.db import Database, DatabaseHeld, now_ms
from app.errors import BadRequest, Forbidden, NotFound
from app.forms import UNPROCESSABLE, Fault, Fields
from app.i18n import _
from app.people.access import Caller, SignedIn, StillHere
from app.people.models import MANAGING
from app.slices.freshen import freshen
from app.slices.queries import edited_ms
from app.web import Guarded, render, see_other, wants_fragment

router = APIRouter(dependencies=[Guarded, StillHere], include_in_schema=False)

MOST_COUNTED = 10_000


def _look(session: Session, caller: Caller, session_id: str) -> Look:
    """The session for whoever may correct it: its observer and, if it was observed, managers and admins."""
    return look(session, session_for(session, caller, session_id, *MANAGING))


def _form(fields: Mapping[str, str]) -> Form:
    change = fields.get("change", "").lower()
    if not UUID.fullmatch(change):
        raise BadRequest(_("This form has lost what it was about. Reload the page."), code="no_change")
    said = json.dumps(sorted((name, value) for name, value in fields.items() if name != "token"))
    digest = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:32]
    return Form(change, fields.get("basis", ""), fields.get("reason", "").strip(), digest)


# --- the list --------------------------------------------------------------------------------------------------------


@router.get("/sessions/{session_id}/review")
def review(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld, done: str = "") -> Response:
    return _overview(request, caller, held, session_id, done)


def _overview(
    request: Request, caller: Caller, held: Database, session_id: str, done: str = "", *, at: int | None = None
) -> Response:
    """`done`: the change just made; `at`: where it was, for the eye to go on from."""
    with held.read() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
    freshen(held, observed.clinic_id)
    with held.read() as session:
        seen = _look(session, caller, session_id)
        shown = context(session, caller, seen)
        shown |= overview(seen, named=shown["named"])
        shown["refused"] = refused_in(session, seen.observed.id)
        shown["edited_ms"] = edited_ms(session, seen.observed.id)
    made = next((change for change in seen.changes if change.id == done), None)
    if made is not None and at is None:
        at = min(made.instants, default=None)
    within = row_at(seen.rows, f"s{at}") if at is not None else None
    name = "capture/_review.html" if wants_fragment(request) else "capture/review.html"
    page = render(
        request,
        name,
        caller=caller,
        done=made,
        focus=within.key if within else "",
        fragment=wants_fragment(request),
        **shown,
    )
    if wants_fragment(request):
        page.headers["HX-Retarget"], page.headers["HX-Reswap"] = "#review", "outerHTML"
    return page


# --- one row ---------------------------------------------------------------------------------------------------------


@router.get("/sessions/{session_id}/review/rows/{key}")
def edit(
    session_id: str, key: str, request: Request, caller: SignedIn, held: DatabaseHeld, closed: str = ""
) -> Response:
    with held.read() as session:
        seen = _look(session, caller, session_id)
        row, shown = _row(seen, key, caller), context(session, caller, seen)
    if closed:
        return render(request, "capture/_review_closed.html", caller=caller, row=row, **shown)
    return _editor(request, caller, shown, editor(seen, row, fresh(row, seen), str(uuid4())))


@router.post("/sessions/{session_id}/review/rows/{key}")
def correct(
    session_id: str, key: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields
) -> Response:
    form = _form(fields)
    with held.read() as session:
        seen = _look(session, caller, session_id)
        row, shown = _row(seen, key, caller), context(session, caller, seen)
    typed, basis = fresh(row, seen), form.basis
    try:
        typed = read(fields, typed, seen.clinic.timezone)
        if typed.wants_look:
            previewing = previewed(seen, row, typed, now_ms())
            return _editor(
                request, caller, shown, _kept(editor(seen, row, typed, form.change, preview=previewing), basis)
            )
        form = replace(form, reason=typed.reason)
        with held.write() as session:
            observed = session_for(session, caller, session_id, *MANAGING)
            save(session, caller, observed, form, now_ms(), lambda now: wishes(typed, _row(now, key, caller), now))
    except Meanwhile as meanwhile:
        return _again(request, caller, held, key, fields, form, meanwhile)
    except BadRequest as error:
        if error.code in ("start", "end", "divide"):
            typed = _as_typed(typed, fields)
        opened = editor(seen, row, typed, form.change, preview=_try(seen, row, typed), fault=_fault(error))
        return _editor(request, caller, shown, _kept(opened, basis))
    request.app.state.slicer.wake()
    return _done(request, caller, held, session_id, form.change, typed.start_at)


def _row(seen: Look, key: str, caller: Caller) -> Row:
    found = row_at(seen.rows, key)
    if found is None or not is_readable(found, named=sees_names(caller, seen.observed)):
        raise NotFound(_("There is no such row in this session any more. Open its review again."))
    return found


def _kept(opened: Editor, basis: str | None) -> Editor:
    """A form keeps what it was based on when it first opened: showing it again has not told of anything new."""
    return replace(opened, basis=basis or opened.basis)


def _as_typed(typed: Typed, fields: Mapping[str, str]) -> Typed:
    """What could not be read stays as it was typed."""
    return replace(typed, **as_sent(fields))


def _fault(error: BadRequest) -> Fault:
    return Fault(error.detail, "reason" if error.code == "no_reason" else error.code)


def _try(seen: Look, row: Row, typed: Typed) -> Any:
    try:
        return previewed(seen, row, typed, now_ms())
    except BadRequest:
        return None


def _again(
    request: Request,
    caller: Caller,
    held: Database,
    key: str,
    fields: Mapping[str, str],
    form: Form,
    meanwhile: Meanwhile,
) -> Response:
    """What changed, and the own input beside it, to be saved once more on what there is now."""
    seen = meanwhile.now
    row = _row(seen, key, caller)
    typed = read(fields, fresh(row, seen), seen.clinic.timezone)
    with held.read() as session:
        shown = context(session, caller, seen)
    opened = editor(
        seen, row, typed, _free(seen, form.change), preview=_try(seen, row, typed), fault=Fault(meanwhile.detail),
        meanwhile=meanwhile.changes,
    )  # fmt: skip
    return _editor(request, caller, shown, opened, 409)


def _free(seen: Look, change: str) -> str:
    """The id for what the form shows next: a new one if something else was saved under the old one."""
    return change if seen.sent_as(change) is None else str(uuid4())


def _editor(request: Request, caller: Caller, shown: dict[str, Any], opened: Editor, status: int = 0) -> Response:
    name = "capture/_review_editor.html" if wants_fragment(request) else "capture/review_row.html"
    status = status or (UNPROCESSABLE if opened.fault else 200)
    return render(request, name, status, caller=caller, e=opened, fragment=wants_fragment(request), **shown)


def _done(request: Request, caller: Caller, held: Database, session_id: str, change: str, at: int | None) -> Response:
    if wants_fragment(request):
        return _overview(request, caller, held, session_id, change, at=at)
    return see_other(f"/sessions/{session_id}/review?done={change}#done")


# --- what is no stretch of time: flags and stray taps, counts, the header --------------------------------------------


def _saved(caller: Caller, held: Database, session_id: str, form: Form, wish: Callable[[Look], Sequence[Wish]]) -> None:
    with held.write() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
        save(session, caller, observed, form, now_ms(), wish)


@router.post("/sessions/{session_id}/review/taps/{event}")
def take_away(
    session_id: str, event: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields
) -> Response:
    """A flag that was seen to, or a tap that made no sense."""
    form = replace(_form(fields), basis=None)
    _saved(caller, held, session_id, form, lambda _now: [TakeAway(event)])
    request.app.state.slicer.wake()
    return _done(request, caller, held, session_id, form.change, None)


@router.get("/sessions/{session_id}/review/counts")
def counts(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        seen = _look(session, caller, session_id)
        return _counts(request, caller, context(session, caller, seen), seen, str(uuid4()))


@router.post("/sessions/{session_id}/review/counts")
def recount(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields) -> Response:
    """Each counter's sum as it should be; what is missing is entered as one more tap."""
    form = _form(fields)

    def wish(now: Look) -> list[Wish]:
        held_now = now.t.counts
        return [
            Recount(code, number - held_now.get(code, 0))
            for code in _counters(now)
            if f"n-{code}" in fields and (number := _number(fields[f"n-{code}"])) != held_now.get(code, 0)
        ]

    try:
        _saved(caller, held, session_id, form, wish)
    except (BadRequest, Meanwhile) as error:
        with held.read() as session:
            seen = _look(session, caller, session_id)
            shown = context(session, caller, seen)
        news = error.changes if isinstance(error, Meanwhile) else []
        return _counts(request, caller, shown, seen, _free(seen, form.change), Fault(error.detail), fields, news)
    request.app.state.slicer.wake()
    return see_other(f"/sessions/{session_id}/review?done={form.change}#done")


def _counters(seen: Look) -> list[str]:
    """Those of the session's list, then those that were counted all the same."""
    listed = [counter.code for counter in seen.task_list.counters]
    return [*listed, *(code for code in seen.t.counts if code not in listed)]


def _number(text: str) -> int:
    try:
        number = int(text.strip() or "0")
    except ValueError:
        number = -1
    if not 0 <= number <= MOST_COUNTED:
        raise BadRequest(_("A count is a whole number from 0 to {most}.").format(most=MOST_COUNTED), code="count")
    return number


def _counts(
    request: Request,
    caller: Caller,
    shown: dict[str, Any],
    seen: Look,
    change: str,
    fault: Fault | None = None,
    typed: Mapping[str, str] | None = None,
    meanwhile: Sequence[Any] = (),
) -> Response:
    numbers = {code: (typed or {}).get(f"n-{code}", str(seen.t.counts.get(code, 0))) for code in _counters(seen)}
    status = 409 if meanwhile else UNPROCESSABLE if fault else 200
    more = {"numbers": numbers, "change": change, "fault": fault, "meanwhile": meanwhile}
    return render(request, "capture/review_counts.html", status, caller=caller, **shown, **more)


@router.get("/sessions/{session_id}/review/header")
def header(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    with held.read() as session:
        seen = _look(session, caller, session_id)
        return _header(request, caller, context(session, caller, seen), seen.observed, str(uuid4()))


@router.post("/sessions/{session_id}/review/header")
def change_header(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields) -> Response:
    form = _form(fields)
    try:
        with held.write() as session:
            observed = session_for(session, caller, session_id, *MANAGING)
            named = context(session, caller, look(session, observed))["named"]
            amend_header(session, caller, observed, form, now_ms(), _header_values(observed, fields, named=named))
    except (BadRequest, Meanwhile) as error:
        with held.read() as session:
            seen = _look(session, caller, session_id)
            shown = context(session, caller, seen)
        news = error.changes if isinstance(error, Meanwhile) else []
        fault = Fault(error.detail, error.code)
        return _header(request, caller, shown, seen.observed, _free(seen, form.change), fault, fields, news)
    request.app.state.slicer.wake()
    return see_other(f"/sessions/{session_id}/review?done={form.change}#done")


def _header_values(observed: ObservationSession, fields: Mapping[str, str], *, named: bool) -> dict[str, str]:
    """What differs from what there is. Whoever may not see the subject cannot change it either."""
    wanted = {"day_type": fields.get("day_type", ""), "staff_role": fields.get("staff_role", "").strip()}
    if named and observed.mode == "observed":
        wanted["subject"] = fields.get("subject", "").strip()
    empty = {"day_type": "unknown"}
    changed = {n: value for n, value in wanted.items() if value != (getattr(observed, n) or empty.get(n, ""))}
    for name, value in changed.items():
        if name == "day_type" and value not in DAY_TYPES:
            raise BadRequest(_("Choose how busy the day was."), code=name)
        if name != "day_type" and (fault := check_word(name, value)):
            raise BadRequest(fault.detail, code=name)
    return changed


def _header(
    request: Request,
    caller: Caller,
    shown: dict[str, Any],
    observed: ObservationSession,
    change: str,
    fault: Fault | None = None,
    typed: Mapping[str, str] | None = None,
    meanwhile: Sequence[Any] = (),
) -> Response:
    held_now = {name: getattr(observed, name) or "" for name in AMENDABLE if name != "planned"}
    values = {name: (typed or {}).get(name, held) for name, held in held_now.items()}
    status = 409 if meanwhile else UNPROCESSABLE if fault else 200
    more = {"values": values, "day_types": DAY_TYPES, "change": change, "fault": fault, "meanwhile": meanwhile}
    return render(request, "capture/review_header.html", status, caller=caller, **shown, **more)


# --- history ---------------------------------------------------------------------------------------------------------


@router.get("/sessions/{session_id}/history")
def history(session_id: str, request: Request, caller: SignedIn, held: DatabaseHeld) -> Response:
    """Every change of the session, newest first; those made on a phone in the moment too."""
    with held.read() as session:
        seen = _look(session, caller, session_id)
        shown = context(session, caller, seen)
    return render(request, "capture/history.html", caller=caller, changes=seen.changes[::-1], **shown)


@router.post("/sessions/{session_id}/history/{change}")
def take_back(
    session_id: str, change: str, request: Request, caller: SignedIn, held: DatabaseHeld, fields: Fields
) -> Response:
    form = replace(_form(fields), basis=None, reason=_("taken back"))
    with held.write() as session:
        observed = session_for(session, caller, session_id, *MANAGING)
        earlier = next((one for one in look(session, observed).changes if one.id == change.lower()), None)
        if earlier is None:
            raise NotFound(_("There is no such change of this session."))
        if earlier.is_header:
            if not (earlier.is_readable_to_all or sees_names(caller, observed)):
                sentence = _("This changed the code of the person watched: the observer or an admin takes it back.")
                raise Forbidden(sentence, clinic_id=observed.clinic_id)
            amend_header(session, caller, observed, form, now_ms(), _before(earlier.lines))
        else:
            save(session, caller, observed, form, now_ms(), lambda now: _taken_back(now, earlier.id))
    request.app.state.slicer.wake()
    return _done(request, caller, held, session_id, form.change, min(earlier.instants, default=None))


def _taken_back(now: Look, change: str) -> list[Wish]:
    """Nothing if somebody was quicker: taken back twice, it would take two to bring it back."""
    return [TakeBack(tuple(one.events)) for one in now.changes if one.id == change and one.stands]


def _before(lines: Sequence[Any]) -> dict[str, str]:
    """The header's values before a change. One that was empty cannot become so again; of a day it can be said."""
    values = {line.name: "unknown" if line.name == "day_type" and line.old is None else line.old for line in lines}
    if None in values.values():
        raise BadRequest(_("This was the first word on it; change it to what is right."), code="cannot_be")
    return values
