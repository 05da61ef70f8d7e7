"""Which reports belong to which problem: the narrowest rule that fits, and what a manager merged or split."""

import pytest

from app.reports.enough import Voice
from app.reports.problems.gather import Part, Rule, gather, lacking, root_of, splits

SEARCHING = Part("searching")
SUPPLIES = Part("searching", "supplies")
LAB = Part("searching", "", "Lab")
SUPPLIES_LAB = Part("searching", "supplies", "Lab")
DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")


def said(n: int = 2) -> list[Voice]:
    return [Voice(day, None, n) for day in DAYS]


def test_by_itself_a_stealer_is_one_problem_whatever_the_trigger_and_place() -> None:
    parts = {part: said() for part in (SEARCHING, SUPPLIES, LAB)}
    assert gather([Rule("all", SEARCHING)], parts) == {"all": parts}


def test_the_narrowest_problem_takes_a_report_and_a_trigger_goes_before_a_place() -> None:
    rules = [Rule("all", SEARCHING), Rule("lab", LAB), Rule("supplies", SUPPLIES)]
    found = gather(rules, {part: said() for part in (SEARCHING, SUPPLIES, LAB, SUPPLIES_LAB)})
    assert {id: list(parts) for id, parts in found.items()} == {
        "all": [SEARCHING],
        "supplies": [SUPPLIES, SUPPLIES_LAB],
        "lab": [LAB],
    }
    both = gather([*rules, Rule("both", SUPPLIES_LAB)], {SUPPLIES_LAB: said()})
    assert list(both) == ["both"]


def test_what_was_merged_goes_where_it_was_merged_into_over_several_steps() -> None:
    rules = [Rule("a", Part("fixing"), "b"), Rule("b", Part("phone"), "c"), Rule("c", Part("forms"))]
    found = gather(rules, {Part("fixing"): said(), Part("forms"): said()})
    assert {id: len(parts) for id, parts in found.items()} == {"c": 2}
    circle = {rule.id: rule for rule in (Rule("a", Part("fixing"), "b"), Rule("b", Part("phone"), "a"))}
    assert root_of("a", circle) in circle


def test_a_stealer_without_a_problem_is_lacking_one() -> None:
    assert lacking([Rule("all", SEARCHING)], [SUPPLIES, Part("forms"), Part("forms", "ehr")]) == ["forms"]
    assert lacking([Rule("supplies", SUPPLIES)], [LAB]) == ["searching"]


@pytest.mark.parametrize(("supplies", "rest", "can"), [(2, 2, [SUPPLIES]), (1, 2, []), (2, 1, []), (2, 0, [])])
def test_a_part_can_be_split_off_when_it_and_what_remains_say_enough(supplies: int, rest: int, can: list[Part]) -> None:
    own = {SUPPLIES: said(supplies), SEARCHING: said(rest) if rest else []}
    assert splits(own, [Rule("all", SEARCHING)], k=5) == can


def test_a_trigger_may_be_split_off_over_all_places_and_a_place_over_all_triggers() -> None:
    own = {SUPPLIES_LAB: said(), Part("searching", "supplies", "Desk"): said(), LAB: said(), SEARCHING: said()}
    assert splits(own, [Rule("all", SEARCHING)], k=5) == [
        Part("searching", "", "Desk"), LAB, SUPPLIES
    ]  # fmt: skip
    assert LAB not in splits(own, [Rule("all", SEARCHING), Rule("lab", LAB)], k=5)
