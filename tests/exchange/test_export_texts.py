"""Texts in CSV: none becomes a formula, and the import gives each back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.lines import Line, Table, lines
from app.exchange.out.texts import csv_cell, csv_pieces, inert

STARTS = "=+-@\t\r\n＝＋－＠"
awkward = st.text(st.sampled_from("'=+-@ab,;\"")) | st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
)


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_begins_like_a_formula_has_an_apostrophe_before_it(start: str) -> None:
    assert inert(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize("value", [-1, -0.5, 1e-9, 0.1 + 0.2, 2**53])
def test_a_number_never_has_one_and_keeps_all_its_digits(value: float) -> None:
    written = b"".join(csv_pieces(["n"], [[value]])).decode("utf-8-sig")
    assert written == f"n\r\n{value!r}\r\n"


def test_other_values_are_plain() -> None:
    cells = [csv_cell(value) for value in (None, True, False, {}, {"tool": "=1"}, "O'Brien", "'")]
    assert cells == ["", "true", "false", "", '{"tool": "=1"}', "O'Brien", "'"]


@given(awkward)
def test_every_text_comes_back_by_the_import(text: str) -> None:
    written = b"".join(csv_pieces(["text", "n"], [[text, 1]])).decode("utf-8-sig")
    (line,) = lines(Table("a.csv", 0, written, ",", ("text", "n"), ("text", "n")))
    assert isinstance(line, Line)
    assert line.values.get("text", "") == text


@given(awkward)
def test_no_cell_that_is_read_begins_like_a_formula(text: str) -> None:
    written = b"".join(csv_pieces(["text"], [[text, 1]])).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(written, newline="")))[1][0]
    assert cell[:1] not in tuple(STARTS)


def test_a_long_file_comes_in_pieces() -> None:
    pieces = list(csv_pieces(["n"], ([n] for n in range(100_000))))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 70_000
