"""The forms of workload hours: what was typed, and the choices or levers it means. Pure."""

from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from app.clinics.tasklist import Task
from app.errors import BadRequest
from app.i18n import _
from app.workload.choices import Chosen, Extra, Reckoned
from app.workload.levers import Levers

COUNTER = "counter:"
MOST_EXTRAS = 6


def number_of(typed: str) -> float | None:
    """A number with a point or a comma; None for an empty field. Raises BadRequest for anything else."""
    plain = typed.strip().replace(",", ".")
    if not plain:
        return None
    if len(plain) < 12 and plain.replace(".", "", 1).isascii() and plain.replace(".", "", 1).isdecimal():
        return float(plain)
    raise BadRequest(_("“{typed}” is no number.").format(typed=typed), code="bad_number")


def chosen_of(fields: Mapping[str, str], tasks: Mapping[str, Task], counters: Mapping[str, str]) -> Chosen:
    """Raises BadRequest, naming the task, for what does not fit. Of tasks only what differs from the presets is kept,
    so that a later list's presets hold.
    """
    preset = Chosen()
    found = {}
    for code, task in tasks.items():
        if f"by-{code}" in fields:
            try:
                typed = _reckoned(fields[f"by-{code}"], fields.get(f"own-{code}", ""), counters)
            except BadRequest as fault:
                raise BadRequest(f"{task.label}: {fault.detail}", code=f"own-{code}") from None
            if typed != preset.of(task, code, counters):
                found[code] = typed
    minutes = number_of(fields.get("break_minutes", ""))
    if minutes is not None and minutes > 240:
        raise BadRequest(_("Breaks: at most 240 minutes of a day."), code="break_minutes")
    days = number_of(fields.get("absent_days", "")) or 0
    if days > 250 or days != int(days):
        raise BadRequest(_("Days away: a whole number, at most 250 of a year."), code="absent_days")
    return Chosen(
        tasks=found, break_minutes=minutes, breaks_are_preset=False, extras=_extras(fields), absent_days=int(days)
    )


def _reckoned(by: str, own: str, counters: Mapping[str, str]) -> Reckoned:
    value = number_of(own)
    if by == "none":
        return Reckoned(by="none")
    if by == "share":
        if value is not None and value > 90:
            raise BadRequest(_("at most 90 % of working time."), code="bad_number")
        return Reckoned(by="share", percent=value)
    counter = by.removeprefix(COUNTER)
    if not by.startswith(COUNTER) or counter not in counters:
        raise BadRequest(_("choose what it is reckoned by."), code="bad_by")
    if value is not None and value > 480:
        raise BadRequest(_("at most 480 minutes for one."), code="bad_number")
    return Reckoned(by="counter", counter=counter, minutes=value)


def _extras(fields: Mapping[str, str]) -> tuple[Extra, ...]:
    found = []
    for n in range(MOST_EXTRAS):
        label, hours = fields.get(f"extra{n}", "").strip(), number_of(fields.get(f"hours{n}", ""))
        if not label and not hours:
            continue
        if not label or len(label) > 60 or not hours or hours > 400:
            sentence = _("Work of some: give a name of at most 60 letters and the hours of a week, up to 400.")
            raise BadRequest(sentence, code=f"extra{n}")
        found.append(Extra(label=label, hours=hours))
    return tuple(found)


# --- levers ----------------------------------------------------------------------------------------------------------

NUMBERS = (
    "float_mas",
    "surge_mas",
    "surge_from",
    "surge_hours",
    "fewer_percent",
    "held_slots",
    "held_at",
    "moved_percent",
    "sink_percent",
)


def levers_of(fields: Mapping[str, str]) -> Levers:
    """Empty fields are as if they were not there. Raises BadRequest for what no lever takes."""
    typed: dict[str, object] = {name: number_of(fields[name]) for name in NUMBERS if fields.get(name, "").strip()}
    typed |= {name: fields[name] for name in ("moved", "sink") if fields.get(name)}
    if "days_asked" in fields:
        typed["days"] = tuple(day for day in range(1, 8) if f"day-{day}" in fields)
    return _levers(typed)


def levers_from(kept: str) -> Levers:
    """Of JSON, as it was kept or comes back from a page. Raises BadRequest for what is none."""
    try:
        return Levers.model_validate_json(kept)
    except ValidationError as error:
        raise _unfit(error) from error


def _levers(typed: Mapping[str, object]) -> Levers:
    try:
        return Levers.model_validate(typed)
    except ValidationError as error:
        raise _unfit(error) from error


def _unfit(error: ValidationError) -> BadRequest:
    names: Iterable[str] = sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]})
    labels = {
        "float_mas": _("float MAs: 0 to 20"),
        "surge_mas": _("MAs of the surge shift: 0 to 20"),
        "surge_from": _("hour of the surge shift"),
        "surge_hours": _("hours of the surge shift: 1 to 12"),
        "fewer_percent": _("fewer patients: 0 to 90 %"),
        "held_slots": _("held slots: 0 to 100"),
        "held_at": _("hour of the held slots"),
        "moved_percent": _("how much of the task: 0 to 100 %"),
        "sink_percent": _("how much of the sink: 0 to 100 %"),
    }
    told = "; ".join(labels.get(name, name) for name in names)
    return BadRequest(_("This does not fit: {what}.").format(what=told or _("the levers")), code="bad_lever")
