"""Names to codes: by code, then by label; new codes for names that have none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.names import CODE_LIMIT, coin, match, short, slug

KNOWN = [("vitals", "Vital signs"), ("med-rec", "Vitals"), ("forms", "Forms")]
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def test_a_name_is_a_code_before_it_is_a_label_whatever_its_case() -> None:
    matched = match(["VITALS", "Vital Signs", "forms", "Fax"], KNOWN)
    assert matched.codes == {"vitals": "vitals", "vital signs": "vitals", "forms": "forms"}
    assert matched.unknown == ("Fax",)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Direct Care", "direct-care"),
        ("  Équipe / Ménage ", "equipe-menage"),
        ("Physical Exam/Vitals", "physical-exam-vitals"),
        ("IV & Fluids", "iv-and-fluids"),
        ("Größe", "grosse"),
        ("first_choice", "first-choice"),
    ],
)
def test_a_code_is_made_of_small_letters_digits_and_dashes(name: str, code: str) -> None:
    assert slug(name) == code


def test_a_name_in_another_script_gets_a_code_of_its_own() -> None:
    codes = {slug("患者搬送"), slug("患者案内"), slug("CT 検査"), slug("…")}
    assert len(codes) == 4
    assert all(CODE.fullmatch(code) for code in codes)


def test_names_that_would_share_a_code_are_told_apart() -> None:
    assert coin(["In Transit", "in-transit", "In  transit!"], taken=["in-transit"]) == {
        "In Transit": "in-transit-2",
        "in-transit": "in-transit-3",
        "In  transit!": "in-transit-4",
    }


@given(st.lists(st.text(max_size=100), unique=True, max_size=20), st.lists(st.text(), max_size=5))
def test_codes_are_always_valid_and_never_shared(names: list[str], taken: list[str]) -> None:
    coined = coin(names, taken)
    assert len(set(coined.values()) | set(taken)) == len(names) + len(set(taken))
    for code in coined.values():
        assert CODE.fullmatch(code)
        assert len(code) <= CODE_LIMIT


@given(st.text(min_size=1, max_size=80))
def test_a_short_label_fits_the_button(label: str) -> None:
    assert len(short(label)) <= 20


def test_a_short_label_ends_with_a_whole_word_where_it_can() -> None:
    assert short("Rooming") == "Rooming"
    assert short("Professional Communication") == "Professional"
    assert short("Electroencephalography") == "Electroencephalogra…"
