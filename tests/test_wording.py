"""How numbers, hours and days are written, by language."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.capture.review.typed import instant
from app.web import templates

CHICAGO = "America/Chicago"
MOMENT = 1_793_631_667_000  # 9:01:07 in Chicago on 2 November 2026
NARROW = "\u202f"
CHECKOUT = Path(__file__).parents[1]


def written(expression: str, language: str = "en", **values: Any) -> str:
    return templates.from_string("{{ " + expression + " }}").render(language=language, **values)


@pytest.mark.parametrize(
    ("expression", "english", "spanish"),
    [
        ("1234.56 | number(1)", "1,234.6", "1,234.6"),
        ("-0.04 | number(1)", "0.0", "0.0"),
        ("8.0 | plain", "8", "8"),
        ("7.25 | plain", "7.25", "7.25"),
        ("0.123 | percent", "12%", "12%"),
        ("0.0123 | percent", "1.2%", "1.2%"),
        ("0.0996 | percent", "10%", "10%"),
        ("0 | percent", "0%", "0%"),
        ("5400000 | hours", "1.5", "1.5"),
        ("moment | day_of(zone)", "Mon, Nov 2, 2026", "lun, 2 de nov de 2026"),
        ("'2026-11-02' | day('MMMEd')", "Mon, Nov 2", "lun, 2 de nov"),
        ("1 | weekday", "Mon", "lun"),
        ("7 | weekday", "Sun", "dom"),
    ],
)
def test_figures_and_days(expression: str, english: str, spanish: str) -> None:
    values = {"moment": MOMENT, "zone": CHICAGO}
    assert written(expression, "en", **values) == english
    assert written(expression, "es", **values) == spanish


def test_hours_run_to_twelve_or_to_23_as_the_language_has_it() -> None:
    assert written("moment | clock(zone)", moment=MOMENT, zone=CHICAGO) == f"9:01{NARROW}AM"
    assert written("moment | clock(zone, true)", moment=MOMENT, zone=CHICAGO) == f"9:01:07{NARROW}AM"
    assert written("moment | clock(zone)", "de", moment=MOMENT, zone=CHICAGO) == "09:01"
    assert written("14 | hour_name").split() == ["2", "PM"]
    assert written("14 | hour_name", "de") == "14"


@pytest.mark.parametrize("module", ["capture/review/form.py", "capture/quarantine/pages.py"])
def test_the_time_that_a_fault_gives_as_an_example_looks_like_those_in_the_fields(module: str) -> None:
    nine_41_07 = MOMENT + 40 * 60_000
    shown = written("moment | clock(zone, true)", moment=nine_41_07, zone=CHICAGO).replace(NARROW, " ")
    (example,) = re.findall(r"like (\d[^\"]*?)\.\"", (CHECKOUT / "app" / module).read_text("utf-8"))
    assert example == shown
    assert instant(example, MOMENT, CHICAGO) == nine_41_07


@pytest.mark.parametrize(
    ("ms", "span", "watch"),
    [
        (0, "0 s", "0:00"),
        (59_400, "59 s", "0:59"),
        (60_000, "1 min", "1:00"),
        (160_000, "2 min 40 s", "2:40"),
        (34_900, "34 s", "0:34"),
        (599_999, "9 min 59 s", "9:59"),
        (3_599_999, "59 min", "59:59"),
        (13_860_000, "3 h 51 min", "3:51:00"),
    ],
)
def test_durations_in_words_and_as_a_stop_watch(ms: int, span: str, watch: str) -> None:
    assert written("ms | span", ms=ms) == span
    assert written("ms | watch", ms=ms) == watch


def test_a_language_is_named_in_itself() -> None:
    assert written("'es' | language_name") == "Español"
