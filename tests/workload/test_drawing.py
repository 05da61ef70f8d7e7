"""The two drawings: nothing leaves its room, zero is where it is said to be, and what is unknown is not drawn."""

from hypothesis import given
from hypothesis import strategies as st

from app.summary.charts import BAR_NAMES
from app.workload.drawing import BARS_END, COLUMNS_BOTTOM, COLUMNS_TOP, columns, gaps
from app.workload.reckon import Cell

_hours = st.floats(0, 5000, allow_nan=False)


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    required, scheduled = draw(st.none() | _hours), draw(st.none() | _hours)
    cell = Cell(required, scheduled)
    if required and draw(st.booleans()):
        cell.low, cell.high = required / draw(st.floats(1, 3)), required * draw(st.floats(1, 3))
    return cell


@given(st.lists(cells(), max_size=14))
def test_every_gap_is_drawn_within_its_room_from_zero(found: list[Cell]) -> None:
    given_ = [(1 + n // 2, ("am", "pm")[n % 2], 2, cell) for n, cell in enumerate(found)]
    drawn = gaps(given_)
    known = [cell for cell in found if cell.gap is not None]
    assert (drawn is None) == (not known)
    if drawn is None:
        return
    assert [row.cell for row in drawn.rows] == known
    assert {round(value, 6): x for x, value in drawn.ticks}[0.0] == drawn.zero
    for row in drawn.rows:
        ends = [row.x, row.x + row.width, *(row.whisker or ())]
        assert all(BAR_NAMES - 0.2 <= end <= BARS_END + 0.2 for end in ends)
        touches = row.x if row.gap > 0 else row.x + row.width
        assert abs(touches - drawn.zero) < 0.2


@given(st.lists(cells(), min_size=1, max_size=24))
def test_every_hour_is_drawn_within_its_room(found: list[Cell]) -> None:
    shown = [(hour, 3, cell) for hour, cell in enumerate(found) if cell.required or cell.scheduled]
    drawn = columns(shown)
    assert (drawn is None) == (not shown)
    for column in drawn.columns if drawn else ():
        ends = [column.scheduled, column.required, *(column.whisker or ())]
        assert all(COLUMNS_TOP - 0.2 <= end <= COLUMNS_BOTTOM + 0.2 for end in ends if end is not None)
        assert 0 < column.x < 380
