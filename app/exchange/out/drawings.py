"""The summary's charts as SVG files that stand alone, drawn from the very reading and marks of the page.

Each brings title, description, legend, source and its style sheet along, in plain colours for paper: no variables and
nothing to load, because office programs and browsers outside the page know neither. What the page withholds is drawn in
none of them.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from app.clinics.models import Clinic
from app.errors import NotFound
from app.i18n import _
from app.summary.charts import Bars, Heat, wrapped
from app.summary.reading import Reading, read
from app.web import templates

Name = Literal["sinks", "when", "often"]
NAMES: tuple[Name, ...] = get_args(Name)
LETTERS = 66  # in a line of the note


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart with its words. `unit`: of its figures; `digits`: decimals of a heat map's numbers."""

    name: Name
    title: str
    note: str
    unit: str
    bars: Bars | None = None
    heat: Heat | None = None
    digits: int = 0

    @property
    def lines(self) -> list[str]:
        return wrapped(self.note, LETTERS, 3)


def drawings(reading: Reading) -> Iterator[Drawing]:
    """Those that there is something to draw of, in the order of the page."""
    if reading.chart is not None:
        note = _("Minutes of a day of %(h)s h; the longest first, breaks left out.") % {"h": f"{reading.day_hours:g}"}
        title = _("Where a full-time MA's day goes")
        yield Drawing("sinks", title, note, _("minutes a day"), bars=reading.chart)
    if reading.heat_unscheduled is not None:
        title, note = _("When: share of unscheduled work"), _("By weekday and hour of the clinic's clock.")
        yield Drawing("when", title, note, _("%% of observed time") % {}, heat=reading.heat_unscheduled)
    if reading.heat_interruptions is not None:
        title, note = _("When: interruptions"), _("By weekday and hour in which they began.")
        often = reading.heat_interruptions
        yield Drawing("often", title, note, _("an observed hour"), heat=often, digits=0 if often.highest >= 10 else 1)


def chart_file(clinic: Clinic, figures: Mapping[str, Any], name: Name, language: str) -> bytes:
    """Raises NotFound where the page has no such chart either."""
    reading = read(figures, clinic.weekly_hours)
    for drawing in drawings(reading):
        if drawing.name == name:
            return _drawn(clinic, figures, drawing, language)
    raise _nothing()


def charts_file(clinic: Clinic, figures: Mapping[str, Any], language: str, now: int) -> bytes:
    """All of them in one archive. `now`: the server's clock, ms. Raises NotFound where there is none."""
    held = io.BytesIO()
    moment = datetime.fromtimestamp(now / 1000, UTC).timetuple()[:6]
    found = list(drawings(read(figures, clinic.weekly_hours)))
    if not found:
        raise _nothing()
    with zipfile.ZipFile(held, "w") as archive:
        for drawing in found:
            entry = zipfile.ZipInfo(f"{drawing.name}.svg", date_time=moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, _drawn(clinic, figures, drawing, language))
    return held.getvalue()


def _drawn(clinic: Clinic, figures: Mapping[str, Any], drawing: Drawing, language: str) -> bytes:
    template = templates.get_template("summary/chart.svg")
    return template.render(clinic=clinic, figures=figures, drawing=drawing, language=language).encode()


def _nothing() -> NotFound:
    return NotFound(
        _("There is nothing to draw: nothing was observed in these days, or it would tell of too few people.")
    )
