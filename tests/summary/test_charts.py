"""Where each mark of a drawing stands, to the tenth of a unit; and that numbers on colours can be read."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import CHECKOUT
from app.summary.charts import BAR_END, BAR_NAMES, Bar, Cell, bars, heat, heat_step, nice_ticks, scale, wrapped

# --- scaling ---------------------------------------------------------------------------------------------------------


def test_a_value_stands_where_its_part_of_the_way_is() -> None:
    assert scale(0, (0, 80), (122, 336)) == 122
    assert scale(80, (0, 80), (122, 336)) == 336
    assert scale(20, (0, 80), (122, 336)) == 175.5
    assert scale(3, (3, 3), (10, 20)) == 10


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0]),
        (0.07, [0, 0.02, 0.04, 0.06, 0.08]),
        (1, [0, 0.5, 1]),
        (3.9, [0, 1, 2, 3, 4]),
        (4.1, [0, 2, 4, 6]),
        (67, [0, 20, 40, 60, 80]),
        (100, [0, 50, 100]),
        (480, [0, 200, 400, 600]),
    ],
)
def test_ticks_are_round_and_reach_the_highest_value(highest: float, ticks: list[float]) -> None:
    assert nice_ticks(highest) == ticks


@given(st.floats(min_value=1e-6, max_value=1e9), st.integers(min_value=3, max_value=12))
def test_ticks_are_few_evenly_spaced_and_cover_everything(highest: float, most: int) -> None:
    found = nice_ticks(highest, most)
    assert 2 <= len(found) <= most
    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-6)
    steps = {round((b - a) / found[1], 6) for a, b in pairwise(found)}
    assert steps == {1.0}


def test_heat_goes_in_six_steps_and_none_at_all_is_apart() -> None:
    assert [heat_step(value, 60) for value in (0, 0.1, 10, 10.1, 20, 30, 59, 60, 99)] == [0, 1, 1, 2, 2, 3, 6, 6, 6]
    assert heat_step(5, 0) == 0


def test_long_names_go_on_two_lines_and_are_cut_visibly() -> None:
    assert wrapped("Rooming", 18) == ["Rooming"]
    assert wrapped("Medication reconciliation", 18) == ["Medication", "reconciliation"]
    assert wrapped("Callbacks and messages", 18) == ["Callbacks and", "messages"]
    assert wrapped("one two three four five six seven", 9) == ["one two", "three …"]
    assert wrapped("Donaudampfschifffahrtsgesellschaft", 18) == ["Donaudampfschifffah…"]
    assert wrapped("", 18) == [""]


# --- bars ------------------------------------------------------------------------------------------------------------


def test_bars_with_whiskers_stand_exactly_here() -> None:
    drawn = bars([Bar("Vitals", 40, 20, 66, mark=False), Bar("Searching", 20, None, None, mark=True)])
    assert (drawn.width, drawn.height, drawn.left, drawn.bottom) == (380, 80, 128, 60)
    assert drawn.ticks == [(128.0, 0), (180.0, 20), (232.0, 40), (284.0, 60), (336.0, 80)]
    first, second = drawn.rows
    assert (first.y, first.width, first.whisker) == (15, 104, (180.0, 299.6))
    assert (second.y, second.width, second.whisker) == (45, 52, None)


def test_the_axis_ends_where_nothing_can_be_longer() -> None:
    drawn = bars([Bar("Rooming", 300, 100, 470)], most=480)
    assert [value for _x, value in drawn.ticks] == [0, 200, 400]
    assert drawn.rows[0].whisker is not None
    assert drawn.rows[0].whisker[1] < BAR_END
    assert bars([Bar("Rooming", 480, None, None)], most=480).rows[0].width == BAR_END - BAR_NAMES


def test_without_anything_there_is_an_axis_and_no_division_by_zero() -> None:
    assert bars([]).rows == []
    assert bars([Bar("Idle", 0, None, None)]).rows[0].width == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 480), st.floats(0, 1), st.floats(0, 1)).map(
            lambda drawn: Bar("x", drawn[0], drawn[0] * drawn[1], drawn[0] + drawn[2] * 100)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_mark_leaves_the_drawing(given_bars: list[Bar]) -> None:
    drawn = bars(given_bars)
    for row in drawn.rows:
        assert 0 <= row.width <= 336 - 128
        assert row.whisker is not None
        assert 128 <= row.whisker[0] <= row.whisker[1] <= 336
        assert 0 < row.y < drawn.bottom


# --- the heat map ----------------------------------------------------------------------------------------------------


def test_a_week_of_hours_stands_exactly_here() -> None:
    cells = [Cell(1, 8, 35, 2, 100), Cell(1, 9, 60, 1, 100), Cell(5, 16, 0, 2, 100)]
    drawn = heat(cells)
    assert drawn is not None
    assert (drawn.width, drawn.height, drawn.cell_width, drawn.highest, drawn.written) == (380, 172, 38.22, 60, True)
    assert [(cell.x, cell.y, cell.step) for cell in drawn.cells] == [(36, 30, 4), (74.2, 30, 6), (341.8, 142, 0)]
    assert drawn.weekdays == [(44, 1), (72, 2), (100, 3), (128, 4), (156, 5)]
    assert drawn.hours[0] == (55.1, 8)
    assert [hour for _x, hour in drawn.hours] == list(range(8, 17))


def test_hours_nobody_observed_are_empty_and_not_zero() -> None:
    drawn = heat([Cell(2, 8, 5, 1, 100), Cell(2, 12, 5, 1, 100)])
    assert drawn is not None
    assert len(drawn.cells) == 2
    assert heat([]) is None


def test_weekends_appear_only_when_observed_and_a_whole_day_has_no_room_for_numbers() -> None:
    drawn = heat([Cell(7, hour, hour, 1, 100) for hour in range(24)])
    assert drawn is not None
    assert [weekday for _y, weekday in drawn.weekdays] == [1, 2, 3, 4, 5, 7]
    assert not drawn.written
    assert max(cell.x for cell in drawn.cells) + drawn.cell_width <= 380.5


def test_a_few_hours_do_not_grow_into_slabs() -> None:
    drawn = heat([Cell(1, 9, 5, 1, 100)])
    assert drawn is not None
    assert drawn.cell_width == 44


# --- colours ---------------------------------------------------------------------------------------------------------

CSS = "".join((CHECKOUT / "static" / name).read_text("utf-8") for name in ("app.css", "pages.css"))


def _values(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):\s*(#[0-9a-f]{3,6}|var\(--\w+\))", block))


def _rules(selector: str, css: str = CSS) -> dict[str, str]:
    """The custom properties that all rules with exactly this selector set together."""
    found: dict[str, str] = {}
    for block in re.findall(rf"(?:^|[\s}}]){re.escape(selector)}\s*\{{([^}}]*)\}}", css):
        found |= _values(block)
    return found


LIGHT, DARK, DIM = ":root", ":root:not([data-theme=light])", ":root[data-theme=dim]"
STEPS = {k: v for k, v in _rules(".heat, .matrix").items() if k.startswith("on")}


def _colour(value: str, scheme: dict[str, str]) -> str:
    return _colour(scheme[value[6:-1]], scheme) if value.startswith("var(") else value


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    r, g, b = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _screen() -> str:
    return CSS[: CSS.index("@layer print {")]


SCHEMES: dict[str, dict[str, Any]] = {
    "light": _rules(LIGHT, _screen()),
    "dark": _rules(LIGHT, _screen()) | _rules(DARK, _screen()),
    "dim": _rules(LIGHT, _screen()) | _rules(DIM, _screen()),
    "print": _rules(LIGHT, _screen()) | _values(CSS[CSS.index("@media print") :]),
}


def test_dark_and_dim_are_for_screens_only_so_that_paper_is_light() -> None:
    for selector in (DARK, DIM):
        places = [match.start() for match in re.finditer(re.escape(selector) + r"\s*\{", CSS)]
        assert len(places) == 3  # colours, steps of heat, the text on one of them
        assert all("@media screen" in CSS[place - 60 : place] for place in places)


def test_contrast_is_reckoned_as_the_standard_does() -> None:
    assert contrast("#000", "#ffffff") == 21
    assert round(contrast("#767676", "#fff"), 2) == 4.54


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("step", range(7))
def test_the_number_on_every_step_of_heat_can_be_read(name: str, step: int) -> None:
    scheme = SCHEMES[name] | STEPS
    text, ground = _colour(f"var(--on{step})", scheme), _colour(f"var(--q{step})", scheme)
    assert contrast(text, ground) >= 4.5, f"{text} on {ground}"


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("words", ["fg", "mut", "hot", "bad", "go"])
@pytest.mark.parametrize("ground", ["bg", "tile"])
def test_words_can_be_read_on_every_ground(name: str, words: str, ground: str) -> None:
    scheme = SCHEMES[name]
    assert contrast(_colour(scheme[words], scheme), _colour(scheme[ground], scheme)) >= 4.5


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("mark", [f"k{n}" for n in range(7)])
def test_marks_stand_out_from_the_ground(name: str, mark: str) -> None:
    scheme = SCHEMES[name]
    assert contrast(_colour(scheme[mark], scheme), _colour(scheme["bg"], scheme)) >= 3
