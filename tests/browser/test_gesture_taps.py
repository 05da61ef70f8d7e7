"""How many taps each gesture takes: made here, and written in docs/gestures.md."""

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from app.config import CHECKOUT
from tests.browser.clock import Clock
from tests.browser.phone import Phone

FIX, STACK = "main [data-open=fix]", "main [data-open=stack]"
COUNT, WHERE = "main [data-open=counters]", "main [data-open=context]"


def tile(task: str) -> str:
    return f"[data-tiles] [data-task={task}]"


def trigger(code: str) -> str:
    return f"[data-triggers] [data-trigger={code}]"


def tap(name: str) -> str:
    return f"main [data-tap={name}]"


BROKEN = ["rooming", "phone!", "callbacks"]
DEEP = [*BROKEN, "supplies!", "searching"]

# gesture, as the document calls it: what was tapped before, the taps, the kinds of events that they leave
GESTURES: dict[str, tuple[list[str], list[str], list[str]]] = {
    "next task (the one before ends)": (["rooming"], [tile("vitals")], ["start"]),
    "stop, nothing to code": (["rooming"], [tap("stop")], ["stop"]),
    "an interruption begins (they switched)": (["rooming"], [trigger("phone")], ["interrupt"]),
    "what the interruption brings": (["rooming", "phone!"], [tile("callbacks")], ["start"]),
    "back to the interrupted task, which goes on": (BROKEN, [tap("resume")], ["resume"]),
    "back over two levels at once": (DEEP, [STACK, "dialog [data-depth='0']"], ["abandon", "resume"]),
    "they do not go back": (BROKEN, [STACK, "dialog [data-tap=abandon]"], ["abandon"]),
    "they were only asked (deferred)": (["rooming"], [trigger("phone"), tap("asked")], ["interrupt", "void", "prompt"]),
    "they did both, the second task after the trigger": (
        ["rooming"],
        [trigger("phone"), tap("asked-both"), tile("callbacks")],
        ["interrupt", "void", "parallel_start"],
    ),
    "switched after all, after “only asked”": (
        ["rooming", "phone!", "asked*2"],
        [tap("switched")],
        ["void", "interrupt"],
    ),
    "a second task beside the first": (["rooming"], [tap("both"), tile("waiting")], ["parallel_start"]),
    "the second task ends": (["rooming", "both*0", "waiting"], [tile("waiting")], ["parallel_stop"]),
    "undo, any tap, also after a reload": (["rooming", "vitals"], [tap("undo")], ["void"]),
    "redo": (["rooming", "vitals", "undo"], [FIX, "dialog [data-tap=redo]"], ["void"]),
    "switched late: it began 1, 2 or 5 minutes earlier": (
        ["rooming", "vitals"],
        [FIX, "[data-tap=earlier][data-ms='60000']"],
        ["amend"],
    ),
    "wrong tile: another task from the same moment": (
        ["rooming"],
        [FIX, "[data-tap=was-task][data-task=vitals]"],
        ["amend"],
    ),
    "wrong trigger: another one": (
        ["rooming", "phone!"],
        [FIX, "[data-tap=was-trigger][data-trigger=supplies]"],
        ["amend"],
    ),
    "a forgotten task into the last gap": (
        ["rooming", "stop", "vitals"],
        [FIX, "[data-sheet=fix] [data-open=afterwards]", "[data-tap=entered][data-task=walking]"],
        ["start"],
    ),
    "one more of a counter, sheet closed before": ([], [COUNT, "[data-counter=visits][data-n='1']"], ["count"]),
    "one less of a counter, sheet closed before": (
        [COUNT, "[data-counter=visits][data-n='1']", "[data-sheet=counters] [data-close]"],
        [COUNT, "[data-counter=visits][data-n='-1']"],
        ["count"],
    ),
    "where they are now": (["rooming"], [WHERE, "[data-value=corridor]"], ["context"]),
    "flag: fix later": (["rooming"], [tap("flag")], ["note"]),
    "the observer does not watch": (["rooming"], [tap("pause")], ["pause"]),
    "end": (["rooming"], ["[data-open=end]", "dialog [data-tap=end]"], ["end"]),
}


@pytest.mark.parametrize("gesture", GESTURES)
def test_a_gesture_takes_these_taps_and_no_more(phone: Phone, monkeypatch: pytest.MonkeyPatch, gesture: str) -> None:
    before, taps, kinds = GESTURES[gesture]
    clock = Clock(phone, monkeypatch)
    phone.open()
    clock.stop()
    phone.begin()
    for name in before:
        name, _star, more = name.partition("*")
        if name.startswith(("main", "[")):
            phone.kept_after(partial(phone.tap, name), int("data-n" in name))
        elif more == "0":
            phone.tap(phone.button(name))
        else:
            phone.gesture(name, int(more or 1))
        # two minutes between tasks; a choice about a trigger is made within seconds, and is over before the stack opens
        clock.wait(0.02 if any("!" in one for one in before) and taps[0] != STACK else 2, online=False)
    if "reload" in gesture:
        phone.page.reload()
        expect(phone.find("[data-view=session]")).to_be_visible()
        clock.wait(0.01, online=False)
    stood = len(phone.events())

    def all_taps() -> None:
        for selector in taps:
            phone.tap(selector)

    phone.kept_after(all_taps, len(kinds))
    assert [event["kind"] for event in phone.events()[stood:]] == kinds


def test_the_document_says_so() -> None:
    text = (CHECKOUT / "docs" / "gestures.md").read_text("utf-8")
    told = {name.strip(): int(n) for name, n in re.findall(r"^\| ([^|]+) \| (\d+) \|", text, re.MULTILINE)}
    assert told == {gesture: len(taps) for gesture, (_before, taps, _kinds) in GESTURES.items()}
