"""The training scene as phones get it: its key makes sense, its words are all said, it is there for everybody."""

import re

from fastapi.testclient import TestClient

from app.capture.training.scene import LASTS_S, cards, words
from app.clinics.tasklist import default_list
from app.config import CHECKOUT
from app.timeline import timeline
from tests.people import Town


def test_the_key_is_a_timeline_without_a_problem_in_the_words_of_the_default_list() -> None:
    told = cards()
    ats = [card.at for card in told]
    assert ats == sorted(set(ats))
    assert 180 <= LASTS_S <= 300
    drafts = [
        {"kind": "begin", "at": 0},
        *({**draft, "at": card.at * 1000} for card in told for draft in card.key),
        {"kind": "end", "at": LASTS_S * 1000},
    ]
    t = timeline([{"id": f"{n:02}", "seq": n, **draft} for n, draft in enumerate(drafts)])
    assert t.problems == []
    assert [one.outcome for one in t.interruptions] == ["resumed", "resumed"]
    assert len(t.parallel) == len(t.prompts) == 1
    standard = default_list()
    for card in told:
        for draft in card.key:
            assert draft.get("task") is None or draft["task"] in standard.task_by_code
            assert draft.get("trigger") is None or draft["trigger"] in standard.trigger_codes


def test_a_card_is_short_enough_for_its_place_over_the_pad() -> None:
    assert all(len(card.text) <= 110 for card in cards())


def test_every_word_of_the_training_is_said_and_none_is_missing() -> None:
    code = (CHECKOUT / "static/js/training.js").read_text("utf-8")
    said = set(re.findall(r"\btell\('(\w+)'", code)) | set(re.findall(r"[^/]words\.(\w+)", code))
    listed = set(re.findall(r"'(\w+)'|\b(\w+): \d", code))
    assert said <= words().keys()
    by_name = {"broke", "asked", "beside"}  # said by what a step is
    assert words().keys() - said - by_name <= {word for pair in listed for word in pair}


def test_everybody_gets_the_scene_even_without_an_account(client: TestClient, town: Town) -> None:
    answer = client.get("/pad/scene")
    assert answer.status_code == 200
    told = answer.json()
    assert len(told["cards"]) == len(cards())
    assert told["pad"]["clinic"] == ""
    assert told["names"]["poc-testing"] == "Point-of-care testing"
    assert '"/pad/scene"' in client.get("/sw.js").text
