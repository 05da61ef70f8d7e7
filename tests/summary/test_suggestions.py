"""What to try first, rule by rule (DOMAIN.md); and what can wait on a busy day."""

from typing import Any

import pytest

from app.summary.suggestions import RULES, HalfDay, can_wait, suggestions

Figures = dict[str, Any]
NO_BREAKS = {"days_logged": 0, "due": 0, "taken": 0, "late": 0, "missed": 0}


def sink(source: str, code: str, rank: int, share: float = 0.05) -> Figures:
    ends = {"share": share, "share_low": share / 2, "share_high": share * 2}
    return {"source": source, "code": code, "label": code.title(), "rank": rank, **ends}


def on_high_days(figure: str, code: str, a: float = 0.1, low: float | None = 0.01) -> Figures:
    row = {"figure": figure, "code": code, "label": code.title(), "a": a, "b": 0.02}
    return row | {"difference": a - 0.02, "low": low, "high": None if low is None else a}


def figures(*sinks: Figures, rows: tuple[Figures, ...] = (), **changed: Any) -> Figures:
    whole = {"sinks_unscheduled": list(sinks), "high_low": {"rows": list(rows)}, "breaks": NO_BREAKS, "on_few": []}
    return whole | {"tasks": []} | changed


def named(found: Figures, half_days: tuple[HalfDay, ...] = ()) -> list[str]:
    return [one.rule for one in suggestions(found, half_days)]


EVERY_CODE = [
    (rule.name, source, code)
    for rule in RULES
    for source, codes in (("task", rule.tasks), ("trigger", rule.triggers))
    for code in sorted(codes)
]


def test_the_rules_are_those_of_the_domain() -> None:
    assert {(rule.name, *sorted(rule.tasks | rule.triggers)) for rule in RULES} == {
        ("supplies", "equipment", "searching", "stocking", "supplies"),
        ("vaccines", "vaccines", "walk-in"),
        ("questions", "last-minute-test", "provider-question", "quick-vitals"),
        ("phone", "callbacks", "forms", "phone", "prior-auth"),
        ("rooms", "room-not-ready", "room-turnover"),
        ("add-ons", "add-on", "urgent-symptoms"),
    }


@pytest.mark.parametrize(("rule", "source", "code"), EVERY_CODE, ids=[f"{s}-{c}" for _r, s, c in EVERY_CODE])
def test_a_rule_speaks_where_its_code_is_among_the_first_five_or_rises_on_busy_days(
    rule: str, source: str, code: str
) -> None:
    only_high = rule == "add-ons"
    among = suggestions(figures(sink(source, code, 5)))
    assert [one.rule for one in among] == ([] if only_high else [rule])
    assert named(figures(sink(source, code, 6))) == []
    assert named(figures(sink(source, code, 1, 0.5) | {"share_low": 0.06, "share_high": 0.94})) == []  # says nothing
    (rising,) = suggestions(figures(rows=(on_high_days(f"{source}_share", code),)))
    assert rising.rule == rule
    assert rising.because[0].more == pytest.approx((0.08, 0.01, 0.1))
    # more by chance, or no interval: no suggestion
    assert named(figures(rows=(on_high_days(f"{source}_share", code, low=-0.01),))) == []
    assert named(figures(rows=(on_high_days(f"{source}_share", code, low=None),))) == []


def test_a_suggestion_carries_the_figures_it_rests_on() -> None:
    rows = (on_high_days("trigger_share", "supplies"),)
    (found,) = suggestions(figures(sink("task", "searching", 1, 0.04), sink("trigger", "supplies", 2, 0.03), rows=rows))
    assert [(one.source, one.code, one.share, one.low, one.high) for one in found.because] == [
        ("task", "searching", 0.04, 0.02, 0.08),
        ("trigger", "supplies", 0.03, 0.015, 0.06),
    ]
    assert [one.more is not None for one in found.because] == [False, True]
    assert found.fix == "lane"
    assert found.weight == pytest.approx(0.07)


def test_three_at_most_the_largest_first() -> None:
    four = (
        sink("task", "searching", 1, 0.02),
        sink("trigger", "phone", 2, 0.05),
        sink("trigger", "provider-question", 3, 0.03),
        sink("trigger", "room-not-ready", 4, 0.01),
    )
    assert named(figures(*four)) == ["phone", "questions", "supplies"]


def test_breaks_speak_from_one_in_ten_that_was_late_or_missed() -> None:
    for late, missed, expected in ((1, 1, ["breaks"]), (1, 0, []), (0, 2, ["breaks"])):
        breaks = {"days_logged": 5, "due": 20, "taken": 20 - missed, "late": late, "missed": missed}
        assert named(figures(breaks=breaks)) == expected
    assert named(figures()) == []


def test_what_concerns_people_takes_the_third_place_however_much_time_the_others_take() -> None:
    three = tuple(
        sink("trigger", code, n, 0.1) for n, code in enumerate(("phone", "supplies", "provider-question"), start=1)
    )
    breaks = {"days_logged": 5, "due": 20, "taken": 10, "late": 0, "missed": 10}
    assert named(figures(*three, breaks=breaks)) == ["phone", "questions", "breaks"]
    assert named(figures(breaks=breaks, on_few=["vaccines"]), (HalfDay(1, "am", 9.5, 8.0),)) == [
        "breaks",
        "hours",
        "duties",
    ]


def test_half_days_short_by_their_whole_range_are_named_the_worst_first() -> None:
    short = tuple(HalfDay(weekday, "am", 10 - weekday, 5.0) for weekday in range(1, 5))
    (found,) = suggestions(figures(), short)
    assert (found.rule, found.half_days) == ("hours", short[:3])


def test_nothing_observed_suggests_nothing() -> None:
    assert suggestions(figures()) == []


# -- what can wait


def task(code: str, category: str, kind: str = "work") -> Figures:
    return {"task": code, "label": code.title(), "category": category, "kind": kind}


def test_what_is_neither_safety_nor_flow_nor_a_break_can_wait_on_a_busy_day() -> None:
    tasks = [
        task("rooming", "patient-flow"),
        task("vaccines", "clinical-support"),
        task("cleaning", "safety"),
        task("forms", "care-coordination"),
        task("stocking", "support"),
        task("searching", "support"),
        task("walking", "between", "between"),
        task("lunch", "recovery", "break"),
        task("training", "recovery", "protected"),
        task("ordering", "support"),
    ]
    rows = tuple(on_high_days("task_share", one["task"], a=0.01 * n) for n, one in enumerate(tasks[:-1], start=1))
    assert can_wait(figures(tasks=tasks, rows=rows)) == [("Training", 0.09), ("Stocking", 0.05), ("Forms", 0.04)]


def test_of_a_list_with_other_categories_nothing_is_said_to_wait() -> None:
    rows = (on_high_days("task_share", "rooming"),)
    assert can_wait(figures(tasks=[task("rooming", "flow")], rows=rows)) == []
