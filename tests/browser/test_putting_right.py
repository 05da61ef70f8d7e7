"""Late, wrong, undone: what is put right within seconds, judged by the timeline that the server makes of it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.clock import MINUTE, Clock
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.people import Member


@pytest.fixture
def clock(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(phone, monkeypatch)


@pytest.fixture
def pad(phone: Phone, clock: Clock) -> Phone:
    """A session begun, on a clock that stands still until `clock.wait` moves it."""
    phone.open()
    clock.stop()
    phone.begin()
    return phone


def put_right(pad: Phone, selector: str, more: int = 1) -> None:
    """Two taps: the pencil, and what it was."""
    pad.tap("main [data-open=fix]")
    pad.kept_after(lambda: pad.tap(f"[data-sheet=fix] {selector}"), more)
    expect(pad.find("dialog[open]")).to_have_count(0)


def timeline_of(pad: Phone, site: Site, otto: Member) -> dict[str, Any]:
    pad.page.clock.fast_forward(2000)
    pad.all_uploaded()
    return site.timeline(otto, pad.session_id())


def told(found: dict[str, Any]) -> list[tuple[float, str]]:
    """Minutes and task, from the first task on; where answers are slow an edge is off by what cannot be known."""
    rows = [((one["end"] - one["start"]) / MINUTE, one["task"]) for one in found["segments"] if one["task"]]
    return [(round(minutes, 1), task) for minutes, task in rows]


def test_began_earlier_moves_the_edge_in_two_taps_and_undo_moves_it_back(
    pad: Phone, clock: Clock, site: Site, otto: Member
) -> None:
    pad.gesture("rooming")
    clock.wait(10)
    pad.gesture("vitals")
    put_right(pad, "[data-tap=earlier] >> text=2 min")
    expect(pad.find("[data-undo]")).to_have_text("Vitals: 2:00 earlier")
    clock.wait(1)
    pad.gesture("stop")
    assert told(timeline_of(pad, site, otto)) == [(8, "rooming"), (3, "vitals")]
    for _tap in range(2):
        pad.gesture("undo")
        clock.wait(0.01)
    assert [event["kind"] for event in pad.events()][-3:] == ["stop", "void", "void"]
    expect(pad.find("[data-undo]")).to_have_text("Rooming → Vitals")
    assert told(timeline_of(pad, site, otto))[0] == (10, "rooming")


def test_never_before_the_task_before_began_and_the_sheet_says_so(
    pad: Phone, clock: Clock, site: Site, otto: Member
) -> None:
    clock.wait(5)
    pad.gesture("rooming")
    clock.wait(1.5)
    pad.gesture("vitals")
    pad.tap("main [data-open=fix]")
    assert pad.find("[data-tap=earlier] b").all_inner_texts() == ["1 min", "1:30"]
    expect(pad.find("[data-floor]")).to_contain_text("Not before Rooming")
    pad.kept_after(lambda: pad.tap("[data-tap=earlier] >> text=1:30"))
    clock.wait(1)
    pad.gesture("stop")
    found = timeline_of(pad, site, otto)
    assert told(found) == [(2.5, "vitals")]
    assert found["problems"] == []


def test_a_wrong_tile_is_replaced_in_two_taps_from_the_same_moment(
    pad: Phone, clock: Clock, site: Site, otto: Member
) -> None:
    pad.gesture("rooming")
    began = pad.find("[data-sub]").inner_text().removeprefix("since ").split()[0]
    clock.wait(3)
    pad.tap("main [data-open=fix]")
    expect(pad.find("[data-wrong-task] h3")).to_have_text(
        re.compile(rf"Rooming, {began}:\d\d [AP]M\. From the same moment on it was:")
    )
    expect(pad.find("[data-wrong-trigger]")).to_be_hidden()
    pad.kept_after(lambda: pad.tap("[data-sheet=fix] [data-tap=was-task][data-task=discharge]"))
    expect(pad.find("dialog[open]")).to_have_count(0)
    assert pad.running() == ["discharge"]
    expect(pad.find("[data-undo]")).to_have_text("Discharge, not Rooming")
    pad.gesture("stop")
    assert told(timeline_of(pad, site, otto)) == [(3, "discharge")]


def test_a_wrong_trigger_is_replaced_in_two_taps(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.gesture("phone!")
    clock.wait(0.5)
    pad.tap("main [data-open=fix]")
    expect(pad.find("[data-wrong-trigger] h3")).to_have_text(
        re.compile(r"Phone, \d+:\d\d:\d\d [AP]M\. What broke in was:")
    )
    expect(pad.find("[data-wrong-task]")).to_be_hidden()
    pad.kept_after(lambda: pad.tap("[data-sheet=fix] [data-tap=was-trigger][data-trigger=supplies]"))
    expect(pad.find("dialog[open]")).to_have_count(0)
    expect(pad.find("[data-label]")).to_have_text("Supplies missing")
    clock.wait(0.5)
    pad.gesture("resume")
    (episode,) = timeline_of(pad, site, otto)["interruptions"]
    assert (episode["trigger"], episode["gross_ms"]) == ("supplies", MINUTE)


def test_going_back_too_late_is_put_right_too(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    for name in ("rooming", "phone!", "callbacks"):
        pad.gesture(name)
        clock.wait(2)
    pad.gesture("resume")
    put_right(pad, "[data-tap=earlier] >> text=1 min")
    clock.wait(1)
    pad.gesture("stop")
    assert told(timeline_of(pad, site, otto)) == [(2, "rooming"), (1, "callbacks"), (2, "rooming")]


@pytest.mark.parametrize("worked", [False, True])
def test_switched_asked_or_both_may_be_chosen_over_and_over(
    pad: Phone, clock: Clock, site: Site, otto: Member, worked: bool
) -> None:
    pad.gesture("rooming")
    clock.wait(1)
    pad.gesture("phone!")
    if worked:
        clock.wait(1 / 30)
        pad.gesture("callbacks")
    clock.wait(1 / 20)
    if worked:
        pad.gesture("asked-both", more=3)
        assert pad.running() == ["rooming", "callbacks"]
        clock.wait(1 / 60)  # what lies where another button was takes no second tap at once
        pad.gesture("switched", more=3)
        clock.wait(1 / 60)
        pad.gesture("asked", more=3)
    else:
        pad.gesture("asked", more=2)
        pad.gesture("switched", more=2)
        clock.wait(1 / 60)
        pad.gesture("asked", more=2)
    assert pad.running() == ["rooming"]
    clock.wait(1)
    expect(pad.find(pad.button("switched"))).to_be_hidden()
    pad.gesture("stop")
    found = timeline_of(pad, site, otto)
    asked = next(event for event in pad.events() if event["kind"] == "interrupt")
    near = pytest.approx(asked["at"], abs=1000)  # as well as the server can know it
    assert [(one["at"], one["trigger"], one["task"]) for one in found["prompts"]] == [(near, "phone", "rooming")]
    assert (found["interruptions"], found["parallel"], found["problems"]) == ([], [], [])


def test_a_choice_is_one_step_of_undo(pad: Phone, clock: Clock) -> None:
    pad.gesture("rooming")
    pad.gesture("phone!")
    pad.gesture("asked", more=2)
    expect(pad.find("[data-undo]")).to_have_text("Only asked: Phone")
    pad.gesture("undo", more=2)
    expect(pad.find("[data-undo]")).to_have_text("Broken in: Phone")
    expect(pad.find("[data-label]")).to_have_text("Phone")


def test_twenty_five_taps_are_undone_after_a_reload_an_hour_later(
    pad: Phone, clock: Clock, site: Site, otto: Member
) -> None:
    names = ["rooming", "phone!", "callbacks", "resume", "vitals"] * 5
    for name in names:
        pad.gesture(name)
        clock.wait(0.5)
    clock.wait(60)
    pad.page.reload()
    for _tap in names:
        pad.gesture("undo")
        clock.wait(0.01)
    expect(pad.find(pad.button("undo"))).to_be_disabled()
    assert len(pad.events()) == 1 + 2 * len(names)
    found = timeline_of(pad, site, otto)
    assert (found["occurrences"], found["interruptions"], found["problems"]) == ([], [], [])


def test_redo_brings_back_what_undo_took(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    for name in ("rooming", "vitals"):
        pad.gesture(name)
        clock.wait(1)
    pad.gesture("undo")
    assert pad.running() == ["rooming"]
    pad.tap("main [data-open=fix]")
    expect(pad.find("[data-tap=redo]")).to_have_text("Redo: Rooming → Vitals")
    pad.kept_after(lambda: pad.tap("[data-tap=redo]"))
    assert pad.running() == ["vitals"]
    assert told(timeline_of(pad, site, otto))[0] == (1, "rooming")


def enter_afterwards(pad: Phone, task: str, more: int = 2) -> None:
    pad.kept_after(lambda: pad.tap(f"[data-tap=entered][data-task={task}]"), more)
    expect(pad.find("dialog[open]")).to_have_count(0)


def test_the_last_gap_is_filled_in_three_taps(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    clock.wait(2)
    pad.gesture("stop")
    clock.wait(3)
    pad.gesture("vitals")
    clock.wait(1)
    pad.tap("main [data-open=fix]")
    pad.tap("[data-sheet=fix] [data-open=afterwards]")
    enter_afterwards(pad, "discharge", more=1)
    expect(pad.find("[data-undo]")).to_have_text("Discharge, entered later")
    assert pad.running() == ["vitals"]
    clock.wait(1)
    pad.gesture("stop")
    late = next(event for event in pad.events() if event.get("task") == "discharge")
    assert late["recorded_at"] - late["at"] == 4 * MINUTE
    assert told(timeline_of(pad, site, otto)) == [(2, "rooming"), (3, "discharge"), (2, "vitals")]


def test_a_task_is_entered_from_a_time_to_a_time(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    clock.wait(10)
    pad.tap("main [data-open=fix]")
    pad.tap("[data-sheet=fix] [data-open=afterwards]")
    begun = pad.find("[data-from]").input_value()
    hours, minutes, seconds = map(int, begun.split(":"))
    at = [f"{(hours + (minutes + more) // 60) % 24:02}:{(minutes + more) % 60:02}:{seconds:02}" for more in (4, 6, 20)]
    pad.find("[data-from]").fill(at[0])
    pad.find("[data-to]").fill(at[2])
    expect(pad.find("[data-span]")).to_contain_text("It has to lie within")
    expect(pad.find("[data-tap=entered][data-task=vitals]")).to_be_disabled()
    pad.find("[data-from]").fill(at[1])
    pad.find("[data-to]").fill(at[0])
    expect(pad.find("[data-span]")).to_have_text("“From” has to be before “To”.")
    pad.find("[data-from]").fill(at[0])
    pad.find("[data-to]").fill(at[1])
    expect(pad.find("[data-span]")).to_be_empty()
    enter_afterwards(pad, "vitals")
    assert pad.running() == ["rooming"]
    pad.gesture("stop")
    found = told(timeline_of(pad, site, otto))
    assert [(round(minutes), task) for minutes, task in found] == [(4, "rooming"), (2, "vitals"), (4, "rooming")]
    clock.wait(0.01)
    pad.gesture("undo")
    clock.wait(0.01)
    pad.gesture("undo", more=2)
    assert [one["task"] for one in timeline_of(pad, site, otto)["occurrences"]] == ["rooming"]


def test_a_second_task_is_entered_beside_the_first(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    clock.wait(5)
    pad.gesture("stop")
    pad.tap("main [data-open=fix]")
    pad.tap("[data-sheet=fix] [data-open=afterwards]")
    pad.find("[data-stretches]").select_option("0")
    pad.tap("dialog label:has([value=yes])")
    clock.wait(1 / 60)
    enter_afterwards(pad, "waiting")
    found = timeline_of(pad, site, otto)
    assert told(found) == [(5, "rooming")]
    near = pytest.approx(5 * MINUTE, abs=2000)
    assert [(one["task"], one["end"] - one["start"]) for one in found["parallel"]] == [("waiting", near)]


def test_a_counter_takes_any_number(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    pad.tap("main [data-open=counters]")
    pad.kept_after(lambda: pad.tap("[data-counter=visits][data-n='1']"))
    field = pad.find("input[data-counter=visits]")

    def type_in(number: str) -> None:
        field.fill(number)
        field.press("Enter")

    pad.kept_after(lambda: type_in("14"))
    assert [event["n"] for event in pad.events()[1:]] == [1, 13]
    fault = pad.find("[data-sheet=counters] [role=status]")
    expect(fault).to_be_empty()
    for wrong in ("-3", "2.5", "99999", ""):
        field.fill("13")
        type_in(wrong)
        expect(field).to_have_value("14")
        expect(fault).to_have_text("Only whole numbers, 0 to 9999.")
    pad.kept_after(lambda: type_in("15"))
    expect(fault).to_be_empty()
    last = pad.find("[data-counters] input >> nth=-1")
    last.fill("100000")
    last.press("Enter")
    expect(fault).to_contain_text("0 to 9999")
    expect(fault).to_be_in_viewport()  # however far down the field is
    clock.wait(1 / 60)
    field.fill("20")  # and on without leaving the field: what was typed comes first
    pad.kept_after(lambda: pad.tap("[data-counter=visits][data-n='1']"), more=2)
    expect(field).to_have_value("21")
    pad.tap("[data-sheet=counters] [data-close]")
    expect(pad.find("[data-undo]")).to_have_text("Visits +1")
    assert timeline_of(pad, site, otto)["counts"] == {"visits": 21}


def test_where_is_remembered_shown_and_put_away_for_good(pad: Phone, clock: Clock) -> None:
    pad.tap("main [data-open=context]")
    pad.kept_after(lambda: pad.tap("[data-value=corridor]"))
    pad.tap("[data-away=with-whom]")
    expect(pad.find("[data-dimension-of=with-whom] .chips")).to_be_hidden()
    pad.tap("[data-sheet=context] [data-close]")
    expect(pad.find("[data-where]")).to_have_text("Corridor")
    pad.page.reload()
    expect(pad.find("[data-where]")).to_have_text("Corridor")
    pad.tap("main [data-open=context]")
    expect(pad.find("[data-dimension-of=with-whom] .chips")).to_be_hidden()
    pad.tap("[data-away=with-whom]")
    expect(pad.find("[data-dimension-of=with-whom] .chips")).to_be_visible()


def test_what_became_of_triggers_is_counted_apart(pad: Phone, clock: Clock) -> None:
    for name, more in (("rooming", 1), ("phone!", 1), ("asked", 2), ("supplies!", 1), ("resume", 1)):
        pad.gesture(name, more)
        clock.wait(0.1)
    pad.tap("[data-triggers] [data-open=triggers]")
    expect(pad.find("[data-sheet=triggers] [data-told]")).to_have_text(
        "Interruptions: 1 switched, 1 only asked, 0 both."
    )


def test_not_going_back_can_be_said_at_once(pad: Phone, clock: Clock, site: Site, otto: Member) -> None:
    for name in ("rooming", "phone!", "callbacks"):
        pad.gesture(name)
    pad.tap("main [data-open=fix]")
    clock.wait(1 / 60)
    pad.tap("[data-sheet=fix] [data-open=stack]")
    clock.wait(1 / 60)
    pad.kept_after(lambda: pad.tap("dialog [data-tap=abandon]"))
    assert pad.running() == ["callbacks"]
    assert [one["outcome"] for one in timeline_of(pad, site, otto)["interruptions"]] == ["abandoned"]


def test_it_is_put_right_without_network_too(phone: Phone, site: Site, otto: Member) -> None:
    phone.offline_ready()
    phone.begin()
    phone.gesture("rooming")
    with phone.without_network():
        phone.page.reload()
        expect(phone.find("[data-label]")).to_have_text("Rooming")
        put_right(phone, "[data-tap=was-task][data-task=vitals]")
        assert phone.running() == ["vitals"]
    phone.all_uploaded()
    assert [one["task"] for one in site.timeline(otto, phone.session_id())["occurrences"]] == ["vitals"]
