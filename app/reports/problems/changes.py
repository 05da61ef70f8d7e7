"""Changes tried: noted with their first day and kind, by a decision or on their own."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.capture.items import LONGEST_TEXT, check_text, is_day
from app.clinics.models import Clinic
from app.db import new_id
from app.errors import BadRequest, NotFound
from app.i18n import _
from app.reports.problems.models import Change

# the kinds that DOMAIN.md suggests first; whatever else is tried is “other”, with words of its own
KINDS = ("runner", "restock", "vaccine-lead", "signal", "protected-time", "room-reset", "held-slots", "surge-shift",
         "float", "staggered-lunches", "moved-task", "rotation", "hours", "other")  # fmt: skip


def kind_names() -> Mapping[str, str]:
    """By code, in the language of the page."""
    return {
        "runner": _("A supply runner per session"),
        "restock": _("Par levels, a restock routine, one labelled place"),
        "vaccine-lead": _("One person per session for vaccine walk-ins"),
        "signal": _("A signal for urgent against routine, or a huddle"),
        "protected-time": _("Calls and forms batched into protected time"),
        "room-reset": _("A daily room reset checklist"),
        "held-slots": _("Same-day slots held and released at a set time"),
        "surge-shift": _("A surge shift of two to four hours"),
        "float": _("A float MA"),
        "staggered-lunches": _("Staggered lunches with named cover"),
        "moved-task": _("A task moved to another role"),
        "rotation": _("A heavy duty rotated on a written schedule"),
        "hours": _("Hours added or moved"),
        "other": _("Something else"),
    }


def note_change(
    session: Session,
    clinic: Clinic,
    *,
    kind: str,
    label: str,
    day: str,
    at: int,
    by: str,
    problem_id: str | None = None,
    answer_id: str | None = None,
) -> Change:
    """Raises BadRequest for a kind or day that is none, and for something else without words."""
    label = " ".join(label.split())
    if kind not in KINDS:
        raise BadRequest(_("Choose what kind of change it is."), code="bad_change")
    if not is_day(day) or day < "2000":
        raise BadRequest(
            _("Give the first day on which it is so: before it is before, from it on is after."), code="bad_day"
        )
    if check_text("label", label) or (kind == "other" and not label):
        sentence = _("Say in a few words what is tried, in at most {most} letters.")
        raise BadRequest(sentence.format(most=LONGEST_TEXT), code="bad_change")
    change = Change(
        id=new_id(at),
        clinic_id=clinic.id,
        problem_id=problem_id,
        answer_id=answer_id,
        kind=kind,
        label=label,
        day=day,
        person_id=by,
        made_at=at,
    )
    session.add(change)
    session.flush()
    return change


def withdraw_change(session: Session, clinic: Clinic, change_id: str, at: int) -> None:
    """It no longer divides before from after; the row stays. Raises NotFound."""
    change = session.get(Change, change_id)
    if change is None or change.clinic_id != clinic.id:
        raise NotFound(_("There is no such change in this clinic."))
    change.withdrawn_at = change.withdrawn_at or at
