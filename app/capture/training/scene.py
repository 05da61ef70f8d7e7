"""The training scene: what happens when, and how its key codes it, in the words of the default list. Data alone.

A card is shown at its second of the scene; the key's events happen at that moment. Texts and words are in the language
of whoever asks.
"""

from dataclasses import dataclass
from typing import Any

from app.i18n import _

LASTS_S = 285


@dataclass(frozen=True, slots=True)
class Card:
    """`at`: seconds since the scene began. `key`: what it means, as drafts of events (TIMELINE.md)."""

    at: int
    text: str
    key: tuple[dict[str, str], ...]


def _begins(task: str) -> dict[str, str]:
    return {"kind": "start", "task": task}


def _breaks_in(trigger: str) -> dict[str, str]:
    return {"kind": "interrupt", "trigger": trigger}


BACK = {"kind": "resume"}


def cards() -> list[Card]:
    return [
        Card(
            0,
            _("Dana, the medical assistant, calls the next patient and walks along to exam room 3."),
            (_begins("rooming"),),
        ),
        Card(
            25,
            _("In the room she measures blood pressure, pulse and weight."),
            (_begins("vitals"),),
        ),
        Card(
            50,
            _("The phone rings. Dana leaves the cuff where it is and answers: a pharmacy asks about a refill."),
            (_breaks_in("phone"), _begins("callbacks")),
        ),
        Card(
            75,
            _("She hangs up and goes on with the blood pressure."),
            (BACK,),
        ),
        Card(
            95,
            _("“Which medicines are you taking?” They go through the list together."),
            (_begins("med-rec"),),
        ),
        Card(
            120,
            _("A provider looks in: “Have you got a minute?” “After this,” says Dana, and goes on with the list."),
            ({"kind": "prompt", "trigger": "provider-question"},),
        ),
        Card(
            140,
            _("A finger stick: while the meter works on it, Dana goes on asking about the medicines."),
            ({"kind": "parallel_start", "task": "poc-testing"},),
        ),
        Card(
            165,
            _("The meter beeps. She notes the value, that test is done; the list goes on."),
            ({"kind": "parallel_stop", "task": "poc-testing"},),
        ),
        Card(
            180,
            _("The list is finished. Dana draws up a flu shot."),
            (_begins("vaccines"),),
        ),
        Card(
            200,
            _("There are no bandages in the drawer. She leaves the shot and looks for some in the next rooms."),
            (_breaks_in("supplies"), _begins("searching")),
        ),
        Card(
            230,
            _("Found. Back in room 3 she gives the shot."),
            (BACK,),
        ),
        Card(
            255,
            _("She goes over the visit summary with the patient and takes him to the exit."),
            (_begins("discharge"),),
        ),
    ]


def words() -> dict[str, str]:
    """What the page of the training says; a key with `_one` is the form for one."""
    return {
        "title": _("A visit with Dana"),
        "intro": _(
            "Cards tell you what an assistant does, for nearly five minutes: read, and tap on the pad what happens. "
            "Afterwards you see, in words, how that compares with the key. "
            "Nothing of it is kept or sent, nor is the score."
        ),
        "own_pace": _("At my own pace"),
        "by_clock": _("By the clock"),
        "twice": _("Twice as fast"),
        "back": _("Back"),
        "where": _("Training, not kept · {clock} · card {n} of {of}"),
        "next": _("Next"),
        "finish": _("Finish"),
        "scored": _("How you coded it"),
        "again": _("Once more"),
        "tasks": _("You coded {n} of {of} tasks as the key does."),
        "took": _("You took {yours} for {key}."),
        "took_twice": _("You took {yours} for {key} twice."),
        "took_often": _("You took {yours} for {key} {n} times."),
        "missed": _("You did not code {names}."),
        "extra": _("The key does not have {names}."),
        "as_main": _("{name} ran beside another task (Both); you ended that one with it."),
        "as_beside": _("{name} was the next task; you let it run beside the one before."),
        "breaks": _("You saw {n} of {of} interruptions and requests."),
        "break_missed": _("You missed “{name}”, at {clock}."),
        "only_asked": _("“{name}” at {clock} was only asked, the work went on: you coded a switch."),
        "switched": _("“{name}” at {clock} broke in, the work stopped: you coded that it was only asked."),
        "not_back": _("After “{name}” the task before went on (Resume); in yours it did not."),
        "gaps": _("Half of your starts came within {half} s of the card, the slowest after {most} s ({name})."),
        "left_out": _("Your clinic’s list does not have {names}: that is left out here."),
        "step_by_step": _("Step by step"),
        "as_key": _("as the key"),
        "yours": _("you: {name}"),
        "not_coded": _("not coded"),
        "not_in_key": _("not in the key"),
        "beside": _("beside: {name}"),
        "broke": _("broke in: {name}"),
        "asked": _("only asked: {name}"),
    }


def scene() -> dict[str, Any]:
    """As the phone takes it."""
    told = [{"at": card.at, "text": card.text, "key": list(card.key)} for card in cards()]
    return {"lasts": LASTS_S, "cards": told, "words": words()}
