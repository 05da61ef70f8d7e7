"""The fields of a day's log, as people type them and as a day item has them. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.capture.items import LONGEST_WORD
from app.clinics.tasklist import TaskList
from app.i18n import _

Log = dict[str, Any]
DAY_TYPES = ("high", "typical", "low")
PEOPLE = ("scheduled", "present", "call_offs", "overtime_minutes", "backlog")
BREAKS = ("breaks", "lunches")
OF_BREAKS = ("due", "late", "missed")
WHOLE = (*PEOPLE, *(f"{kind}_{what}" for kind in BREAKS for what in OF_BREAKS))
ASKED = "flex_asks"
VOLUME = "volumes."  # before a counter's code: the name of its field
MOST = 99_999
MOST_CODES = 64  # of those asked: more a day item does not take


def labels(task_list: TaskList) -> dict[str, str]:
    """What people call each field, in the language of the page; counters as the clinic's list has them."""
    return {
        "day_type": _("Volume of the day"),
        "scheduled": _("MAs scheduled"),
        "present": _("MAs present"),
        "call_offs": _("Call-offs"),
        "overtime_minutes": _("Overtime, minutes"),
        "backlog": _("Backlog left at close"),
        "breaks_due": _("Breaks due"),
        "breaks_late": _("Breaks taken late"),
        "breaks_missed": _("Breaks missed"),
        "lunches_due": _("Lunches due"),
        "lunches_late": _("Lunches taken late"),
        "lunches_missed": _("Lunches missed"),
        ASKED: _("Asked to flex"),
        **{VOLUME + counter.code: counter.label for counter in task_list.counters},
    }


def day_type_name(day_type: str) -> str:
    return {"high": _("high"), "typical": _("typical"), "low": _("low")}.get(day_type, day_type)


def flat(log: Mapping[str, Any]) -> Log:
    """A log with each volume as a field of its own, so that fields can be compared one by one."""
    volumes = {VOLUME + code: n for code, n in (log.get("volumes") or {}).items()}
    return {name: value for name, value in log.items() if name != "volumes"} | volumes


def nested(fields: Mapping[str, Any]) -> Log:
    """The other way round: as a day item has them."""
    volumes = {name.removeprefix(VOLUME): n for name, n in fields.items() if name.startswith(VOLUME)}
    rest = {name: value for name, value in fields.items() if not name.startswith(VOLUME)}
    return rest | ({"volumes": volumes} if volumes else {})


def read(typed: Mapping[str, str], task_list: TaskList) -> tuple[Log, dict[str, str]]:
    """(fields, faults by the field's name) of what was typed; what was left empty says nothing and is left out.

    Codes of those asked are separated by commas, semicolons or line breaks; a dash says that nobody was.
    """
    fields: Log = {}
    faults: dict[str, str] = {}
    for name in (*WHOLE, *(VOLUME + counter.code for counter in task_list.counters)):
        value = typed.get(name, "").strip()
        if not value:
            continue
        if value.isascii() and value.isdecimal() and int(value[:9]) <= MOST and len(value) <= 9:
            fields[name] = int(value)
        else:
            faults[name] = _("Give a whole number from 0 to {most}.").format(most=MOST)
    day_type = typed.get("day_type", "").strip().casefold()
    if day_type in DAY_TYPES:
        fields["day_type"] = day_type
    elif day_type:
        faults["day_type"] = _("The volume of a day is high, typical or low.")
    asked = typed.get(ASKED, "").strip()
    if asked:
        codes = codes_in(asked)
        fields[ASKED] = codes
        if len(codes) > MOST_CODES or any(len(code) > LONGEST_WORD or not code.isprintable() for code in codes):
            faults[ASKED] = _("Give at most {most} codes, separated by commas.").format(most=MOST_CODES)
    return fields, faults


def codes_in(typed: str) -> list[str]:
    """Each code once, in order, letter case aside; none for a dash alone."""
    found: dict[str, str] = {}
    for code in re.split(r"[,;\n]", typed):
        plain = " ".join(code.split())
        if plain and plain not in ("-", "–"):
            found.setdefault(plain.casefold(), plain)
    return list(found.values())


def contradictions(log: Mapping[str, Any]) -> dict[str, str]:
    """By field: what cannot be true of one day. More missed or late than were due."""
    faults = {}
    for kind in BREAKS:
        due = log.get(f"{kind}_due")
        for what in ("late", "missed"):
            n = log.get(f"{kind}_{what}")
            if due is not None and n is not None and n > due:
                faults[f"{kind}_{what}"] = _("That is more than the {due} that were due.").format(due=due)
    return faults


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Log:
    """The fields of `after` that say something else than `before`; both flat."""
    return {name: value for name, value in after.items() if name not in before or before[name] != value}


def missing(log: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in log]
