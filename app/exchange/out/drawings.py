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
from app.summary.labels import Labels
from app.summary.pairs import Pairs
from app.summary.reading import Reading, Sink, read
from app.summary.stacks import Stacks
from app.web import templates

Name = Literal["sinks", "unscheduled-five", "heat-unscheduled", "heat-interruptions", "stacks", "volume", "said"]
NAMES: tuple[Name, ...] = get_args(Name)
LETTERS = 62  # in a line of the note
LEGEND_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Key:
    """A colour of the legend, `c0` to `c6`, and what it stands for; `x` and `line` say where it stands."""

    colour: str
    label: str
    x: int
    line: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart with its words, of which one of `bars`, `heat`, `stacks` and `pairs` is the geometry.

    `unit`: of its figures; `digits`: decimals of a heat map's numbers; `drawn`: the sinks behind the bars;
    `name_a`, `name_b`: of the two of a pair.
    """

    name: Name
    title: str
    note: str
    unit: str = ""
    bars: Bars | None = None
    drawn: tuple[Sink, ...] = ()
    heat: Heat | None = None
    digits: int = 0
    stacks: Stacks | None = None
    pairs: Pairs | None = None
    name_a: str = ""
    name_b: str = ""

    @property
    def lines(self) -> list[str]:
        return wrapped(self.note, LETTERS, 3)

    def keys(self, labels: Labels) -> list[Key]:
        """Of the categories in a stack, as many beside each other as a line holds."""
        found: list[Key] = []
        x, line = 0, 0
        for code, nth in zip(self.stacks.codes, self.stacks.nths, strict=True) if self.stacks else ():
            label = labels.category(code)
            if x and x + len(label) + 4 > LEGEND_LETTERS:
                x, line = 0, line + 1
            found.append(Key(f"c{nth % 7}", label, x * 6, line))
            x += len(label) + 4
        return found


def drawings(reading: Reading) -> Iterator[Drawing]:
    """Those that there is something to draw of, in the order of the page."""
    minutes = _("minutes a day")
    if reading.chart is not None:
        note = _("Minutes of a day of %(h)s h, breaks left out.") % {"h": f"{reading.day_hours:g}"}
        title = _("Where most of the day goes")
        yield Drawing("sinks", title, note, minutes, bars=reading.chart, drawn=tuple(reading.sinks))
    if reading.chart_unscheduled is not None:
        title = _("Top five of the work nobody scheduled")
        note = _(
            "A task counts here without its time inside interruptions: that stands under the triggers. So its share "
            "can be smaller than under all work."
        )
        five = tuple(reading.unscheduled)
        yield Drawing("unscheduled-five", title, note, minutes, bars=reading.chart_unscheduled, drawn=five)
    if reading.heat_unscheduled is not None:
        title, note = _("When: share of unscheduled work"), _("By weekday and hour of the clinic's clock.")
        unit = _("%% of observed time") % {}
        yield Drawing("heat-unscheduled", title, note, unit, heat=reading.heat_unscheduled)
    if reading.heat_interruptions is not None:
        title, note = _("When: interruptions"), _("By weekday and hour in which they began.")
        often, unit = reading.heat_interruptions, _("an observed hour")
        yield Drawing("heat-interruptions", title, note, unit, heat=often, digits=0 if often.highest >= 10 else 1)
    if reading.days is not None:
        title = _("What each day went into")
        note = _("Share of its observed time by category; empty: nothing to code.")
        yield Drawing("stacks", title, note, stacks=reading.days)
    if reading.high_low is not None:
        title = _("High-volume against low-volume days")
        note = _("Percent of observed time; at the right the difference in points. What differs most comes first.")
        name_a, name_b = _("high volume"), _("low volume")
        yield Drawing("volume", title, note, pairs=reading.high_low, name_a=name_a, name_b=name_b)
    if reading.reported is not None:
        title = _("Reported beside observed")
        note = _(
            "Percent of the minutes reported of these tasks, and of the time observed in the same tasks; at the right "
            "the gap in points. The gap is a finding: neither is the wrong one."
        )
        yield Drawing("said", title, note, pairs=reading.reported, name_a=_("reported"), name_b=_("observed"))


def chart_file(clinic: Clinic, figures: Mapping[str, Any], labels: Labels, name: Name, language: str) -> bytes:
    """Raises NotFound where the page has no such chart either."""
    for drawing in drawings(read(figures, clinic.weekly_hours, list(labels.categories))):
        if drawing.name == name:
            return _drawn(clinic, figures, labels, drawing, language)
    raise _nothing()


def charts_file(clinic: Clinic, figures: Mapping[str, Any], labels: Labels, language: str, now: int) -> bytes:
    """All of them in one archive. `now`: the server's clock, ms. Raises NotFound where there is none."""
    held = io.BytesIO()
    moment = datetime.fromtimestamp(now / 1000, UTC).timetuple()[:6]
    found = list(drawings(read(figures, clinic.weekly_hours, list(labels.categories))))
    if not found:
        raise _nothing()
    with zipfile.ZipFile(held, "w") as archive:
        for drawing in found:
            entry = zipfile.ZipInfo(f"{drawing.name}.svg", date_time=moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, _drawn(clinic, figures, labels, drawing, language))
    return held.getvalue()


def _drawn(clinic: Clinic, figures: Mapping[str, Any], labels: Labels, drawing: Drawing, language: str) -> bytes:
    template = templates.get_template("summary/chart.svg")
    return template.render(
        clinic=clinic, figures=figures, labels=labels, drawing=drawing, keys=drawing.keys(labels), language=language
    ).encode()


def _nothing() -> NotFound:
    return NotFound(
        _("There is nothing to draw: nothing was observed in these days, or it would tell of too few people.")
    )
