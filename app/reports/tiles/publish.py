"""A new version of the tiles. They are part of the clinic's task list, whose versions say what was meant when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.clinics.publish import publish
from app.clinics.queries import newest_version, parsed
from app.clinics.setup import slug_of
from app.clinics.tasklist import Stealer, TaskList
from app.errors import BadRequest
from app.i18n import _

FEWEST, MOST = 8, 12
LONGEST_LABEL = 40  # three lines of a tile


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form, as typed; `code` is empty for a new tile, `label` for one that goes."""

    code: str = ""
    label: str = ""
    task: str = ""
    trigger: str = ""


def rows_of(stealers: Iterable[Stealer]) -> list[Row]:
    """As many lines as there may be tiles; the last ones are empty."""
    rows = [Row(one.code, one.label, one.task or "", one.trigger or "") for one in stealers]
    return rows + [Row()] * max(0, MOST - len(rows))


def read_rows(fields: Mapping[str, str]) -> list[Row]:
    """The form's lines in the order that was typed beside them; lines of one number as they stand."""
    typed = []
    for n in range(100):
        if f"label-{n}" not in fields:
            break
        asked = fields.get(f"order-{n}", "")
        order = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 99
        row = Row(*(fields.get(f"{name}-{n}", "").strip() for name in ("code", "label", "task", "trigger")))
        typed.append((order, n, row))
    return [row for _order, _n, row in sorted(typed, key=lambda one: one[:2])]


def publish_tiles(session: Session, clinic: Clinic, rows: Iterable[Row], base: str, *, at: int, by: str) -> bool:
    """Whether there was anything to publish. `base`: the version that the form was made from.

    Raises BadRequest for too few or too many, for names that are none or stand there twice, for tasks and triggers
    that the list does not have, and where somebody else has published meanwhile.
    """
    newest = newest_version(session, clinic)
    if str(newest.id) != base:
        raise changed_meanwhile()
    task_list = parsed(newest.body)
    stealers = _stealers(task_list, [row for row in rows if row.label])
    if stealers == task_list.stealers:
        return False
    parts = {name: getattr(task_list, name) for name in TaskList.model_fields}
    try:
        with session.begin_nested():
            published = publish(session, clinic, TaskList(**{**parts, "stealers": stealers}), at)
    except IntegrityError:
        raise changed_meanwhile() from None
    about = {"task_list": published.code, "version": published.version}
    record(session, at=at, action=Action.TASK_LIST_PUBLISHED, person_id=by, clinic_id=clinic.id, about=about)
    return True


def changed_meanwhile() -> BadRequest:
    return BadRequest(_("Somebody else has changed the list meanwhile. Load the page again."), code="bad_tiles")


def _stealers(task_list: TaskList, rows: list[Row]) -> tuple[Stealer, ...]:
    if not FEWEST <= len(rows) <= MOST:
        sentence = _("Give 8 to 12 tiles: these are {n}. Fewer leave out too much, more take too long to find.")
        raise BadRequest(sentence.format(n=len(rows)), code="bad_tiles")
    seen: set[str] = set()
    for row in rows:
        if len(row.label) > LONGEST_LABEL or not row.label.isprintable():
            sentence = _("“{label}” does not fit on a tile: 40 letters at most.")
            raise BadRequest(sentence.format(label=row.label[:60]), code="bad_tiles")
        if row.label.casefold() in seen:
            raise BadRequest(_("“{label}” stands there twice.").format(label=row.label), code="bad_tiles")
        seen.add(row.label.casefold())
        if row.task not in ("", *task_list.task_by_code) or row.trigger not in ("", *task_list.trigger_codes):
            raise BadRequest(_("Choose tasks and triggers that the list has."), code="bad_tiles")
    known = {stealer.code for stealer in task_list.stealers}
    taken = {row.code for row in rows if row.code in known}
    return tuple(
        Stealer(
            code=row.code if row.code in known else _coin(row.label, taken),
            label=row.label,
            task=row.task or None,
            trigger=row.trigger or None,
        )
        for row in rows
    )


def _coin(label: str, taken: set[str]) -> str:
    slug = slug_of(label)
    code = next(one for n in count(1) if (one := slug if n == 1 else f"{slug}-{n}") not in taken)
    taken.add(code)
    return code
