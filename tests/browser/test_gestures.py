"""Every gesture of the pad once, judged by the timeline that the server makes of it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.people import Member


@pytest.fixture
def pad(phone: Phone) -> Phone:
    """A session begun, nothing in hand yet."""
    phone.begin()
    return phone


def timeline_of(pad: Phone, site: Site, otto: Member) -> dict[str, Any]:
    pad.all_uploaded()
    return site.timeline(otto, pad.session_id())


def test_a_tile_starts_its_task_and_the_next_tile_ends_it(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    assert pad.running() == ["rooming"]
    pad.gesture("vitals")
    assert pad.running() == ["vitals"]
    found = timeline_of(pad, site, otto)
    assert [(one["task"], one["completed"]) for one in found["occurrences"]] == [("rooming", True), ("vitals", False)]


def test_the_running_tile_again_is_the_next_patient(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.page.wait_for_timeout(450)  # a second tap, not a trembling finger
    pad.gesture("rooming")
    expect(pad.find("[data-undo]")).to_have_text("Rooming, next one")
    assert [one["task"] for one in timeline_of(pad, site, otto)["occurrences"]] == ["rooming", "rooming"]


def test_stop_leaves_nothing_in_hand(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.gesture("stop")
    expect(pad.find("[data-label]")).to_have_text("Nothing running")
    assert [one["completed"] for one in timeline_of(pad, site, otto)["occurrences"]] == [True]


def test_a_trigger_interrupts_a_tile_codes_its_work_and_resume_goes_back(pad: Phone, site: Site, otto: Member) -> None:
    for name in ("rooming", "phone!", "callbacks", "resume"):
        pad.gesture(name)
    assert pad.running() == ["rooming"]
    pad.gesture("stop")
    found = timeline_of(pad, site, otto)
    assert [(one["trigger"], one["interrupted_task"], one["outcome"]) for one in found["interruptions"]] == [
        ("phone", "rooming", "resumed")
    ]
    assert [(one["task"], one["depth"]) for one in found["segments"] if one["task"]] == [
        ("rooming", 0),
        ("callbacks", 1),
        ("rooming", 0),
    ]


def test_an_interruption_inside_one_is_resumed_level_by_level(pad: Phone, site: Site, otto: Member) -> None:
    for name in ("rooming", "phone!", "callbacks", "supplies!", "searching"):
        pad.gesture(name)
    expect(pad.find("main [data-open=stack]")).to_have_text("+1")
    for name in ("resume", "resume"):
        expect(pad.find("main [data-resume]")).to_have_text(
            "Resume Callbacks" if pad.running() == ["searching"] else "Resume Rooming"
        )
        pad.gesture(name)
        pad.page.wait_for_timeout(450)
    assert pad.running() == ["rooming"]
    outcomes = [one["outcome"] for one in timeline_of(pad, site, otto)["interruptions"]]
    assert outcomes == ["resumed", "resumed"]


def test_the_stack_goes_straight_to_an_outer_level(pad: Phone, site: Site, otto: Member) -> None:
    for name in ("rooming", "phone!", "callbacks", "supplies!", "searching"):
        pad.gesture(name)
    expect(pad.find("main [data-open=stack]")).to_be_visible()
    pad.tap("main [data-open=stack]")
    pad.kept_after(lambda: pad.tap("dialog [data-depth='0']"), more=2)
    assert pad.running() == ["rooming"]
    outcomes = [one["outcome"] for one in timeline_of(pad, site, otto)["interruptions"]]
    assert outcomes == ["resumed", "abandoned"]


def test_not_going_back_makes_the_interruption_the_work(pad: Phone, site: Site, otto: Member) -> None:
    for name in ("rooming", "phone!", "callbacks"):
        pad.gesture(name)
    pad.tap("main [data-open=stack]")
    pad.kept_after(lambda: pad.tap("dialog [data-tap=abandon]"))
    assert pad.running() == ["callbacks"]
    found = timeline_of(pad, site, otto)
    assert [one["outcome"] for one in found["interruptions"]] == ["abandoned"]
    assert [(one["task"], one["completed"]) for one in found["occurrences"]] == [
        ("rooming", False),
        ("callbacks", False),
    ]


def test_only_asked_takes_the_switch_back_and_keeps_the_question(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.gesture("provider-question!")
    pad.gesture("asked", more=2)
    assert pad.running() == ["rooming"]
    found = timeline_of(pad, site, otto)
    asked = next(event for event in pad.events() if event["kind"] == "interrupt")
    prompt = next(event for event in pad.events() if event["kind"] == "prompt")
    assert found["interruptions"] == []
    assert [(one["trigger"], one["task"]) for one in found["prompts"]] == [("provider-question", "rooming")]
    assert prompt["at"] == asked["at"] <= prompt["recorded_at"]


def test_both_after_a_trigger_runs_the_next_task_beside_with_that_trigger(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.gesture("phone!")
    pad.tap(pad.button("asked-both"))
    pad.gesture("callbacks", more=2)
    assert pad.running() == ["rooming", "callbacks"]
    pad.gesture("flag")
    found = timeline_of(pad, site, otto)
    assert found["interruptions"] == []
    assert [(one["task"], one["trigger"]) for one in found["parallel"]] == [("callbacks", "phone")]


def test_both_adds_one_task_and_its_tile_ends_it(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("documentation")
    pad.tap(pad.button("both"))
    pad.gesture("waiting")
    expect(pad.find(pad.button("both"))).to_have_attribute("aria-pressed", "false")
    assert pad.running() == ["documentation", "waiting"]
    pad.page.wait_for_timeout(450)
    pad.gesture("waiting")
    assert pad.running() == ["documentation"]
    started, stopped = (event for event in pad.events() if event["kind"].startswith("parallel"))
    assert stopped["of"] == started["id"]
    found = timeline_of(pad, site, otto)
    assert [one["task"] for one in found["parallel"]] == ["waiting"]
    assert found["problems"] == []


def test_other_opens_all_triggers_and_can_say_only_asked(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.tap("[data-triggers] [data-open=triggers]")
    pad.tap("dialog label:has([value=prompt])")
    pad.kept_after(lambda: pad.tap("dialog [data-trigger=nurse-question]"))
    pad.tap("[data-triggers] [data-open=triggers]")
    pad.kept_after(lambda: pad.tap("dialog [data-trigger=walk-in]"))
    expect(pad.find("dialog[open]")).to_have_count(0)
    found = timeline_of(pad, site, otto)
    assert [one["trigger"] for one in found["prompts"]] == ["nurse-question"]
    assert [one["trigger"] for one in found["interruptions"]] == ["walk-in"]


def test_more_holds_the_other_tasks_with_what_they_mean(pad: Phone, site: Site, otto: Member) -> None:
    pad.tap("[data-tiles] [data-open=tasks]")
    expect(pad.find("[data-definition=specimens]")).to_contain_text("Not: Tests read in the clinic")
    pad.kept_after(lambda: pad.tap("dialog [data-task=specimens]"))
    expect(pad.find("[data-label]")).to_have_text("Specimens")
    assert [one["task"] for one in timeline_of(pad, site, otto)["occurrences"]] == ["specimens"]


def test_more_begins_with_the_tasks_that_the_pad_does_not_have_on_one_screen(pad: Phone) -> None:
    first = set(pad.find("[data-tiles] [data-task]").evaluate_all("all => all.map((tile) => tile.dataset.task)"))
    pad.tap("[data-tiles] [data-open=tasks]")
    others = pad.find("[data-other-tasks] [data-task]")
    assert others.count() == 13
    assert not first & set(others.evaluate_all("all => all.map((tile) => tile.dataset.task)"))
    for tile in others.all():
        expect(tile).to_be_in_viewport(ratio=1)


def test_every_level_of_an_interruption_is_lit_the_inner_one_most(pad: Phone) -> None:
    for name in ("rooming", "phone!", "callbacks", "supplies!"):
        pad.gesture(name)
    lit = (
        "all => all.filter((chip) => chip.matches('.on, .outer')).map((chip) => [chip.dataset.trigger, chip.className])"
    )
    assert pad.find("[data-triggers] .chip").evaluate_all(lit) == [["supplies", "chip on"], ["phone", "chip outer"]]


def test_the_second_task_left_alone_has_a_stop_of_its_own(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("vitals")
    pad.tap(pad.button("both"))
    pad.gesture("waiting")
    pad.gesture("stop")
    expect(pad.find("[data-label]")).to_have_text("Waiting")
    expect(pad.find(pad.button("stop"))).to_have_text("Stop Waiting")
    pad.page.wait_for_timeout(450)
    pad.gesture("stop")
    expect(pad.find("[data-label]")).to_have_text("Nothing running")
    expect(pad.find(pad.button("stop"))).to_be_hidden()
    assert [event["kind"] for event in pad.events()][-2:] == ["stop", "parallel_stop"]
    assert timeline_of(pad, site, otto)["problems"] == []


def test_counters_go_up_and_down(pad: Phone, site: Site, otto: Member) -> None:
    pad.tap("main [data-open=counters]")
    for _time in range(3):
        pad.kept_after(lambda: pad.tap("[data-counter=visits][data-n='1']"))
        pad.page.wait_for_timeout(130)
    pad.kept_after(lambda: pad.tap("[data-counter=visits][data-n='-1']"))
    expect(pad.find("input[data-counter=visits]")).to_have_value("2")
    assert timeline_of(pad, site, otto)["counts"] == {"visits": 2}


def test_a_flag_marks_the_moment_with_fixed_words(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.gesture("flag")
    expect(pad.find("[data-flags]")).to_have_text("1")
    assert [note["text"] for note in timeline_of(pad, site, otto)["notes"]] == ["fix-later"]


def test_where_and_with_whom_is_a_context(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.tap("main >> text=Where")
    pad.kept_after(lambda: pad.tap("[data-value=corridor]"))
    expect(pad.find("[data-value=corridor]")).to_have_attribute("aria-pressed", "true")
    said = pad.find("[data-context] .chip").all_inner_texts()
    assert len(said) == len(set(said)), "no two buttons with one name"
    pad.tap("[data-sheet=context] [data-close]")
    pad.gesture("stop")
    assert timeline_of(pad, site, otto)["segments"][-1]["context"] == {"location": "corridor"}


def test_pause_covers_the_tiles_and_counts_nothing(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.gesture("pause")
    expect(pad.find("[data-rest]")).to_be_visible()
    expect(pad.find("[data-tiles] [data-task=vitals]")).to_be_hidden()
    pad.gesture("continue")
    expect(pad.find("[data-rest]")).to_be_hidden()
    assert pad.running() == ["rooming"]
    found = timeline_of(pad, site, otto)
    events = {event["kind"]: event["at"] for event in pad.events()}
    assert found["paused_ms"] == events["continue"] - events["pause"]
    assert found["problems"] == []


def test_ending_takes_two_taps_and_shows_that_all_is_uploaded(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    session = pad.session_id()
    pad.end()
    expect(pad.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    expect(pad.find("[data-timeline]")).to_have_attribute("href", f"/sessions/{session}/review")
    found = site.timeline(otto, session)
    assert found["open"] is False
    assert found["occurrences"][0]["completed"] is True


def test_keep_going_ends_nothing(pad: Phone) -> None:
    pad.gesture("rooming")
    pad.tap("[data-open=end]")
    pad.tap("dialog [data-close]")
    expect(pad.find("dialog[open]")).to_have_count(0)
    assert [event["kind"] for event in pad.events()] == ["begin", "start"]


def test_an_end_tapped_too_early_is_taken_back(pad: Phone, site: Site, otto: Member) -> None:
    pad.gesture("rooming")
    pad.end()
    pad.kept_after(lambda: pad.tap("[data-unend]"))
    expect(pad.find("[data-view=session]")).to_be_visible()
    assert pad.running() == ["rooming"]
    assert timeline_of(pad, site, otto)["open"] is True


def test_undo_names_what_it_undoes_step_by_step_and_after_a_reload(pad: Phone, site: Site, otto: Member) -> None:
    for name in ("rooming", "vitals", "phone!"):
        pad.gesture(name)
    says = pad.find("[data-undo]")
    expect(says).to_have_text("Broken in: Phone")
    pad.gesture("undo")
    expect(pad.find("[data-status]")).to_have_text("Undone: Broken in: Phone")
    expect(says).to_have_text("Rooming → Vitals")
    pad.page.reload()
    expect(says).to_have_text("Rooming → Vitals")
    pad.gesture("undo")
    assert pad.running() == ["rooming"]
    expect(says).to_have_text("Rooming")
    pad.page.wait_for_timeout(450)
    pad.gesture("undo")
    expect(pad.find(pad.button("undo"))).to_be_disabled()
    expect(says).to_have_text("nothing yet")
    found = timeline_of(pad, site, otto)
    assert (found["occurrences"], found["interruptions"], found["problems"]) == ([], [], [])


def test_a_code_with_a_name_in_it_is_not_taken(phone: Phone) -> None:
    phone.find("[name=subject]").fill("Maria Lopez")
    phone.tap("[data-go]")
    assert phone.find("[name=subject]").evaluate("input => input.validity.patternMismatch")
    expect(phone.find("[data-view=start]")).to_be_visible()
    assert phone.items() == []
