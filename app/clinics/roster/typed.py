"""The forms of the roster page: what was typed, and the shifts and changes it means. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.clinics.roster.week import Change, Shift, clock_of, shift
from app.errors import BadRequest
from app.i18n import _

MOST_SHIFTS = 30
SPARE = 2  # empty lines under the shifts that are there
EVERY_WEEKDAY = (1, 2, 3, 4, 5)
WHOLE_DAY = ("0:00", "24:00")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the form, as it stands there."""

    days: tuple[int, ...]
    begin: str
    end: str
    mas: str


def lines_of(shifts: Sequence[Shift]) -> list[Line]:
    kept = [Line(one.days, clock_of(one.begin), clock_of(one.end % 1440), str(one.mas)) for one in shifts]
    return kept + [Line(EVERY_WEEKDAY, "", "", "")] * min(SPARE, max(0, MOST_SHIFTS - len(kept)))


def typed_lines(fields: Mapping[str, str]) -> list[Line]:
    """All lines that were sent, the empty ones too."""
    found = []
    for n in range(MOST_SHIFTS):
        if f"from{n}" not in fields:
            break
        days = tuple(day for day in range(1, 8) if f"day{n}-{day}" in fields)
        found.append(Line(days, *(fields.get(f"{name}{n}", "").strip() for name in ("from", "to", "mas"))))
    return found


def week_of(lines: Sequence[Line]) -> list[Shift]:
    """Raises BadRequest, with the number of the line, for one that does not fit; lines left empty are passed over."""
    found = []
    for number, line in enumerate(lines, 1):
        if not (line.begin or line.end or line.mas):
            continue
        try:
            if not line.days:
                raise BadRequest(_("choose at least one weekday."), code="bad_day")
            found.append(shift(line.days, line.begin, line.end, line.mas))
        except BadRequest as fault:
            sentence = _("Shift {n}: {why}").format(n=number, why=fault.detail)
            raise BadRequest(sentence, code=f"line{number - 1}") from None
    return found


def change_of(kind: str, begin: str, end: str, mas: str) -> Change:
    """Raises BadRequest for what is none. Without times the whole day is meant."""
    if kind == "closed":
        return Change(kind)
    if kind not in ("absent", "extra"):
        raise BadRequest(_("Choose what is different on that day."), code="bad_kind")
    first, last = (begin.strip(), end.strip()) if begin.strip() or end.strip() else WHOLE_DAY
    if kind == "extra" and (first, last) == WHOLE_DAY:
        raise BadRequest(_("Say from when until when more MAs are there."), code="bad_clock")
    return Change(kind, (shift((), first, last, mas),))


def day_of(typed: str) -> str:
    """Raises BadRequest for what is no day."""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        day = date.min
    if not 1900 <= day.year <= 2999:  # beyond them a calendar cannot be read to its end
        raise BadRequest(_("Choose a day."), code="bad_date")
    return day.isoformat()
