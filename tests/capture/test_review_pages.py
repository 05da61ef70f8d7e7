"""Review and correct over HTTP: every change through the log, all or nothing, once, and never over somebody else's."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from app.clinics.members import remove
from app.clinics.models import Clinic
from app.db import now_ms
from app.web import form_token
from tests.builders import at, observed, send
from tests.people import Member, Town
from tests.webpages import HTMX, is_whole_page, statuses_for, submit, text_of

MORNING = (
    *("09:00 rooming", "09:04 phone! callbacks", "09:06 back", "09:10 vitals", "09:20 stop"),
    *("09:24 discharge", "09:26 #visits", "09:30 end"),
)


@pytest.fixture
def morning(town: Town, client: TestClient) -> str:
    """A session of Otto's who watched MA-07."""
    items = observed(*MORNING, subject="MA-07")
    send(town["otto"].program(client), items)
    return str(items[0]["id"])


def fields_of(answer: Response) -> dict[str, str]:
    """The form of an editor as the browser would send it."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    found |= dict(re.findall(r'<input name="([\w-]+)"[^>]*? value="([^"]*)"', answer.text))
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', answer.text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("token")
    return found


def opened(client: TestClient, member: Member, session: str, clock: str) -> tuple[str, dict[str, str]]:
    """(address, fields) of the editor of the stretch that begins then."""
    path = f"/sessions/{session}/review/rows/s{at(clock)}"
    answer = member.browser(client).get(path)
    assert answer.status_code == 200, answer.text
    return path, fields_of(answer)


def story(client: TestClient, member: Member, session: str) -> list[str]:
    """The rows of the list: time, words, length."""
    shown = text_of(member.browser(client).get(f"/sessions/{session}/review"))
    part = shown[shown.index("Touch a row") : shown.index("The session as a whole")]
    return re.findall(r"(\d+:\d\d:\d\d [AP]M .*?)(?= \d+:\d\d:\d\d [AP]M |$)", part.replace("\u202f", " ").strip())


def log(client: TestClient, member: Member, session: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = member.program(client).get(f"/api/v1/sessions/{session}/events").json()["items"]
    return items


def timeline(client: TestClient, member: Member, session: str) -> dict[str, Any]:
    found: dict[str, Any] = member.program(client).get(f"/api/v1/sessions/{session}/timeline").json()
    return found


# --- who -------------------------------------------------------------------------------------------------------------


def test_a_review_is_for_the_observer_and_the_managers_of_the_clinic(
    client: TestClient, town: Town, morning: str
) -> None:
    expected = {"otto": 200, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    for path in ("review", f"review/rows/s{at('09:10')}", "review/counts", "review/header", "history"):
        assert statuses_for(town, client, f"/sessions/{morning}/{path}") == expected, path


def test_nobody_else_can_send_a_change(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    before = len(log(client, town["otto"], morning))
    for name, status in (("olga", 403), ("ada", 403), ("stella", 404)):
        assert submit(client, town[name], path, **fields | {"task": "forms", "reason": "x"}).status_code == status
    assert len(log(client, town["otto"], morning)) == before


def test_a_self_timed_day_is_reviewed_by_its_owner_alone(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:30 end", mode="self", subject=None)
    send(town["ada"].program(client), items)
    expected = {"otto": 404, "olga": 404, "mia": 404, "ana": 404, "ada": 200, "stella": 404}
    assert statuses_for(town, client, f"/sessions/{items[0]['id']}/review") == expected


def test_a_manager_corrects_without_learning_who_was_watched_or_who_watched(
    client: TestClient, town: Town, morning: str
) -> None:
    header = fields_of(town["otto"].browser(client).get(f"/sessions/{morning}/review/header"))
    submit(client, town["otto"], f"/sessions/{morning}/review/header", **header | {"subject": "MA-08"})
    path, fields = opened(client, town["mia"], morning, "09:10")
    assert (
        submit(client, town["mia"], path, **fields | {"task": "forms", "do": "because:Wrong tile"}).status_code == 303
    )
    for shown in ("review", "review/header", "history", f"review/rows/s{at('09:10')}"):
        page = town["mia"].browser(client).get(f"/sessions/{morning}/{shown}").text
        for secret in ("MA-07", "MA-08", "Otto", town["otto"].id):
            assert secret not in page, shown
    assert "Mia" in text_of(town["otto"].browser(client).get(f"/sessions/{morning}/history"))


def test_a_manager_reads_nothing_that_the_observer_wrote_down(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:10 vitals", "09:30 end")
    moment = {"at": at("09:12"), "recorded_at": at("09:12")}
    notes = [
        items[2] | moment | {"id": str(uuid4()), "kind": "note", "text": text, "seq": seq}
        for seq, text in ((50, "Maria was slow"), (51, "fix-later"))
    ]
    send(town["otto"].program(client), [*items, *notes])
    session = items[0]["id"]
    for name, readable in (("otto", True), ("ana", True), ("mia", False)):
        rows = [
            town[name].browser(client).get(f"/sessions/{session}/review/rows/n{note['id']}").status_code
            for note in notes
        ]
        assert rows == [200 if readable else 404, 200], name
        texts = [note["text"] for note in timeline(client, town[name], session)["notes"]]
        assert texts == (["Maria was slow", "fix-later"] if readable else ["fix-later"]), name


def test_a_manager_does_not_take_back_a_change_of_the_code_that_is_not_shown_to_managers(
    client: TestClient, town: Town, morning: str
) -> None:
    header = fields_of(town["otto"].browser(client).get(f"/sessions/{morning}/review/header"))
    submit(client, town["otto"], f"/sessions/{morning}/review/header", **header | {"subject": "MA-08"})
    path = f"/sessions/{morning}/history/{header['change']}"
    assert "Take it back" not in town["mia"].browser(client).get(f"/sessions/{morning}/history").text
    assert submit(client, town["mia"], path, change=str(uuid4())).status_code == 403
    told = town["otto"].program(client).get(f"/api/v1/sessions/{morning}").json()
    assert told["subject"] == "MA-08"
    assert submit(client, town["ana"], path, change=str(uuid4())).status_code == 303


def test_who_has_left_reads_on_and_changes_nothing_more(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    with town.database.write() as session:
        remove(session, session.get_one(Clinic, town.north.id), town["otto"].id, now_ms(), town["ana"].id)
    before = log(client, town["otto"], morning)
    assert town["otto"].browser(client).get(path).status_code == 200
    for address, sent in (
        (path, fields | {"task": "forms", "do": "because:Wrong tile"}),
        (f"/sessions/{morning}/close", {"at": "2026-11-02T09:40"}),
        (f"/sessions/{morning}/reopen", {}),
        (f"/sessions/{morning}/review/header", {"change": str(uuid4()), "day_type": "high", "staff_role": "MA"}),
        ("/quarantine/1", {"do": "dismiss"}),
    ):
        answer = submit(client, town["otto"], address, **sent)
        assert (answer.status_code, "no role in any clinic" in text_of(answer)) == (403, True), address
    assert log(client, town["otto"], morning) == before


# --- one row ---------------------------------------------------------------------------------------------------------


def test_a_shift_shows_the_neighbours_first_and_saves_them(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    shown = submit(client, town["otto"], path, **fields | {"do": "start:-10000"})
    assert shown.status_code == 200
    assert "9:09:50" in shown.text.replace("\u202f", " ")
    assert "was 4:00, now 3:50" in text_of(shown)
    assert "was 10:00, now 10:10" in text_of(shown)
    assert len(log(client, town["otto"], morning)) == 9
    saved = submit(client, town["otto"], path, **fields_of(shown) | {"do": "save"})
    assert saved.status_code == 303
    told = [one for one in story(client, town["otto"], morning) if "Vitals" in one]
    assert told == ["9:09:50 AM Vitals , 10 min 10:10"]


def test_more_than_a_minute_needs_a_reason_and_the_input_is_kept(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    refused = submit(client, town["otto"], path, **fields | {"start": "9:08", "do": "save"})
    assert refused.status_code == 422
    assert "Say why" in text_of(refused)
    assert len(log(client, town["otto"], morning)) == 9
    again = fields_of(refused)
    assert again["start_at"] == str(at("09:08"))
    assert submit(client, town["otto"], path, **again | {"do": "because:Tapped late"}).status_code == 303
    (event,) = log(client, town["otto"], morning)[9:]
    assert (event["kind"], event["changes"], event["reason"]) == ("amend", {"at": at("09:08")}, "Tapped late")


@pytest.mark.parametrize("edge", ["start", "end"])
@pytest.mark.parametrize("typed", ["", "9:41"])
def test_an_edge_that_no_form_of_ours_had_is_taken_for_untouched(
    client: TestClient, town: Town, morning: str, edge: str, typed: str
) -> None:
    path, fields = opened(client, town["otto"], morning, "09:24")
    for do in ("look", "because:Tapped late"):
        sent = fields | {f"{edge}_at": "999999999999999", edge: typed, "do": do}
        assert submit(client, town["otto"], path, **sent).status_code in (200, 303, 422)
    assert max(event["at"] for event in log(client, town["otto"], morning)[:9]) == at("09:30")
    assert timeline(client, town["otto"], morning)["end"] in (at("09:30"), at("09:41"))


def test_nothing_is_moved_to_a_time_that_has_not_come_and_the_preview_says_so(client: TestClient, town: Town) -> None:
    """Nor is one refused that a phone's clock, ahead and never put right, has been to."""
    items, ends_at = observed(*MORNING), now_ms() - 60_000
    ahead = ends_at - items[-1]["at"]
    moved = [{n: v + ahead if n in ("at", "recorded_at") else v for n, v in one.items()} for one in items]
    send(town["otto"].program(client), moved)
    session, begun = items[0]["id"], moved[-3]["at"]
    path = f"/sessions/{session}/review/rows/s{begun}"
    fields = fields_of(town["otto"].browser(client).get(path))
    later = fields | {"end": "", "end_at": str(ends_at + 3_600_000)}
    for do in ("look", "because:Tapped late"):
        refused = submit(client, town["otto"], path, **later | {"do": do})
        assert refused.status_code == 422
        assert "That time has not come yet" in text_of(refused)
    assert timeline(client, town["otto"], session)["end"] == ends_at


def test_a_form_sent_twice_adds_nothing(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:20")
    sent = fields | {"task": "forms", "do": "because:Not tapped"}
    assert [submit(client, town["otto"], path, **sent).status_code for _ in range(3)] == [303, 303, 303]
    assert [event["kind"] for event in log(client, town["otto"], morning)[9:]] == ["start"]


def test_a_page_gone_back_to_and_filled_in_otherwise_is_another_change(
    client: TestClient, town: Town, morning: str
) -> None:
    path, fields = opened(client, town["otto"], morning, "09:20")
    submit(client, town["otto"], path, **fields | {"task": "forms", "do": "because:Not tapped"})
    second = submit(client, town["otto"], path, **fields | {"task": "stocking", "do": "because:Not tapped"})
    assert second.status_code == 409  # and not: saved
    assert "you" in text_of(second)
    kept = fields_of(second)
    assert kept["change"] != fields["change"]
    assert kept["task"] == "stocking"
    assert submit(client, town["otto"], path, **kept | {"do": "because:Wrong tile"}).status_code == 303
    assert "stocking" in [segment["task"] for segment in timeline(client, town["otto"], morning)["segments"]]


@pytest.mark.parametrize(
    ("clock", "change", "wanted"),
    [
        ("09:10", {"task": "forms"}, ["9:10:00 AM Forms"]),
        ("09:20", {"task": "forms"}, ["9:20:00 AM Forms"]),
        ("09:20", {"task": "forms", "start": "9:21", "end": "9:23"},
         ["9:20:00 AM Nothing to code", "9:21:00 AM Forms", "9:23:00 AM Nothing to code"]),
        ("09:10", {"doing": "divide", "divide": "9:15", "divide_task": "forms"},
         ["9:10:00 AM Vitals", "9:15:00 AM Forms"]),
        ("09:20", {"do": "merge"}, ["9:10:00 AM Vitals"]),
        ("09:10", {"do": "delete"}, ["9:10:00 AM Nothing to code"]),
        ("09:04", {"outcome": "prompt"}, ["9:04:00 AM Only asked: Phone"]),
        ("09:04", {"outcome": "both"}, ["9:04:00 AM beside Phone Callbacks and messages"]),
        ("09:04", {"outcome": "none"}, ["9:00:00 AM Rooming"]),
        ("09:04", {"outcome": "abandoned"}, ["9:06:00 AM Callbacks and messages"]),
        ("09:04", {"trigger": "supplies"}, ["9:04:00 AM Supplies missing Callbacks and messages"]),
        ("09:10", {"start": "9:12", "end": "9:18"}, ["9:12:00 AM Vitals", "9:18:00 AM Nothing to code"]),
    ],
)  # fmt: skip
def test_every_correction_of_a_row(
    client: TestClient, town: Town, morning: str, clock: str, change: dict[str, str], wanted: list[str]
) -> None:
    path, fields = opened(client, town["mia"], morning, clock)
    before = timeline(client, town["otto"], morning)
    assert submit(client, town["mia"], path, **fields | change | {"reason": "seen on paper"}).status_code == 303
    told = " | ".join(story(client, town["otto"], morning))
    for line in wanted:
        assert line in told
    # and back
    page = town["mia"].browser(client).get(f"/sessions/{morning}/history").text
    (back,) = set(re.findall(r'action="(/sessions/[^"]+/history/[^"]+)"', page))
    assert submit(client, town["mia"], back, change=str(uuid4())).status_code == 303
    assert timeline(client, town["otto"], morning) == before


def test_htmx_gets_the_row_and_after_saving_the_whole_review(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    browser = town["otto"].browser(client)
    fragment = browser.get(path, headers=HTMX)
    assert fragment.text.strip().startswith("<li")
    assert is_whole_page(browser.get(path))
    assert "Vitals" in browser.get(path + "?closed=1", headers=HTMX).text
    sent = fields | {"do": "end:10000", "token": form_token(town["otto"].cookie)}
    assert browser.post(path, data=sent, headers=HTMX).text.strip().startswith("<li")
    answer = browser.post(path, data=sent | {"do": "save", "end": "9:20:10"}, headers=HTMX)
    assert answer.headers["hx-retarget"] == "#review"
    assert 'id="review"' in answer.text
    assert "9:20:10" in text_of(answer).replace("\u202f", " ")


# --- two at once -----------------------------------------------------------------------------------------------------


def test_the_second_sees_what_the_first_changed_and_keeps_the_own_input(
    client: TestClient, town: Town, morning: str
) -> None:
    path, ottos = opened(client, town["otto"], morning, "09:10")
    _path, mias = opened(client, town["mia"], morning, "09:10")
    assert submit(client, town["mia"], path, **mias | {"task": "forms", "do": "because:Wrong tile"}).status_code == 303
    second = submit(client, town["otto"], path, **ottos | {"end": "9:19:30", "do": "save"})
    assert second.status_code == 409
    assert "Mia" in text_of(second)
    assert "task: Vitals → Forms" in text_of(second)
    kept = fields_of(second)
    assert kept["end_at"] == str(at("09:19:30"))
    assert len(log(client, town["otto"], morning)) == 10
    assert submit(client, town["otto"], path, **kept | {"task": "forms", "do": "save"}).status_code == 303
    told = " | ".join(story(client, town["otto"], morning))
    assert "9:10:00 AM Forms" in told
    assert "9:19:30 AM Nothing to code" in told


def test_the_form_of_the_second_does_not_take_back_what_the_first_changed(
    client: TestClient, town: Town, morning: str
) -> None:
    """The list of tasks still stood on Vitals when Otto moved the end: that was not his wish."""
    path, ottos = opened(client, town["otto"], morning, "09:10")
    _path, mias = opened(client, town["mia"], morning, "09:10")
    submit(client, town["mia"], path, **mias | {"task": "forms", "do": "because:Wrong tile"})
    kept = fields_of(submit(client, town["otto"], path, **ottos | {"end": "9:19:30", "do": "save"}))
    assert kept["task"] == "forms"


def test_a_tap_that_only_carries_an_open_session_on_disturbs_nobody(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:10 vitals", "09:20 forms")
    send(town["otto"].program(client), items)
    session = str(items[0]["id"])
    path, fields = opened(client, town["otto"], session, "09:10")
    later = observed("09:00 rooming", "09:30 stop")[-1]
    send(town["otto"].program(client), [{**later, "session": session, "seq": 9}])
    assert submit(client, town["otto"], path, **fields | {"task": "callbacks", "reason": "x"}).status_code == 303


# --- the whole session -----------------------------------------------------------------------------------------------


def test_counts_and_header_are_corrected_and_told(client: TestClient, town: Town, morning: str) -> None:
    base = f"/sessions/{morning}"
    counts = fields_of(town["otto"].browser(client).get(f"{base}/review/counts"))
    assert counts["n-visits"] == "1"
    assert submit(client, town["otto"], f"{base}/review/counts", **counts | {"n-visits": "4"}).status_code == 303
    header = fields_of(town["otto"].browser(client).get(f"{base}/review/header"))
    changed = header | {"day_type": "high", "subject": "MA-09", "staff_role": "RN"}
    assert submit(client, town["otto"], f"{base}/review/header", **changed).status_code == 303
    told = town["otto"].program(client).get(f"/api/v1{base}").json()
    assert (told["day_type"], told["subject"], told["staff_role"]) == ("high", "MA-09", "RN")
    assert timeline(client, town["otto"], morning)["counts"] == {"visits": 4}
    shown = text_of(town["otto"].browser(client).get(f"{base}/history"))
    for line in ("day: Typical → High", "MA-07 → MA-09", "MA → RN", "Entered: Visits 3"):
        assert line in shown
    for wrong in ("-1", "many", "10001"):
        counts = fields_of(town["otto"].browser(client).get(f"{base}/review/counts"))
        answer = submit(client, town["otto"], f"{base}/review/counts", **counts | {"n-visits": wrong})
        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.text


def test_a_counter_that_the_form_does_not_have_is_not_counted(client: TestClient, town: Town, morning: str) -> None:
    path = f"/sessions/{morning}/review/counts"
    counts = fields_of(town["otto"].browser(client).get(path))
    invented = {f"n-invented-{n}": "3" for n in range(3)}
    assert submit(client, town["otto"], path, **counts | invented | {"n-visits": "2"}).status_code == 303
    assert timeline(client, town["otto"], morning)["counts"] == {"visits": 2}


def test_the_way_to_the_history_counts_what_it_lists_those_made_on_the_phone_too(
    client: TestClient, town: Town, morning: str
) -> None:
    vitals = next(event for event in log(client, town["otto"], morning) if event.get("task") == "vitals")
    undone = {"type": "event", "session": morning, "id": str(uuid4()), "kind": "void", "target": vitals["id"]}
    send(town["otto"].program(client), [{**undone, "at": at("09:11"), "seq": 90}])
    path, fields = opened(client, town["otto"], morning, "09:00")
    submit(client, town["otto"], path, **fields | {"task": "forms", "do": "because:Wrong tile"})
    assert "2 changes" in text_of(town["otto"].browser(client).get(f"/sessions/{morning}/review"))
    page = town["otto"].browser(client).get(f"/sessions/{morning}/history").text
    assert len(re.findall(r'action="/sessions/[^"]+/history/[^"]+"', page)) == 2


def test_flags_gaps_and_stray_taps_stand_first_and_go_when_seen_to(client: TestClient, town: Town) -> None:
    items = observed("09:00 rooming", "09:04 stop", "09:09 back", "09:10 vitals", "09:20 end")
    flag = {**items[2], "id": str(uuid4()), "kind": "note", "text": "fix-later", "seq": 50, "at": at("09:02")}
    send(town["otto"].program(client), [*items, flag])
    path = f"/sessions/{items[0]['id']}/review"
    shown = town["otto"].browser(client).get(path)
    first = text_of(shown).split("From top to bottom")[0]
    assert "Marked “fix later”" in first
    assert "Nothing coded for 6 min" in first
    assert "going back without an interruption" in first
    for away in re.findall(r'action="([^"]+/review/taps/[^"]+)"', shown.text):
        assert submit(client, town["otto"], away, change=str(uuid4())).status_code == 303
    rest = text_of(town["otto"].browser(client).get(path)).split("From top to bottom")[0]
    assert "fix later" not in rest.split("Look at these first")[1]
    assert "going back" not in rest.split("Look at these first")[1]


def test_taking_back_can_be_taken_back(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    submit(client, town["otto"], path, **fields | {"task": "forms", "do": "because:Wrong tile"})
    for wanted in ("vitals", "forms", "vitals"):
        page = town["otto"].browser(client).get(f"/sessions/{morning}/history").text
        newest = re.findall(r'action="(/sessions/[^"]+/history/[^"]+)"', page)[0]
        submit(client, town["otto"], newest, change=str(uuid4()))
        assert wanted in [one["task"] for one in timeline(client, town["otto"], morning)["segments"]]


def test_nothing_of_the_log_is_ever_changed(client: TestClient, town: Town, morning: str) -> None:
    before = log(client, town["otto"], morning)
    for clock, change in (("09:10", {"task": "forms"}), ("09:04", {"outcome": "none"}), ("09:20", {"do": "merge"})):
        path, fields = opened(client, town["otto"], morning, clock)
        submit(client, town["otto"], path, **fields | change | {"reason": "x"})
    assert log(client, town["otto"], morning)[: len(before)] == before


# --- what figures and files tell of it -------------------------------------------------------------------------------


def test_what_was_corrected_is_a_share_of_the_session_and_of_the_summary(
    client: TestClient, town: Town, morning: str
) -> None:
    asked = "/api/v1/summary?clinic=north&from=2026-11-02&to=2026-11-02"
    assert town["mia"].program(client).get(asked).json()["edited_share"] == 0
    path, fields = opened(client, town["otto"], morning, "09:20")
    submit(client, town["otto"], path, **fields | {"task": "forms", "do": "because:Not tapped"})
    told = town["mia"].program(client).get(asked).json()
    assert (told["edited_ms"], told["edited_share"]) == (4 * 60_000, 4 / 30)
    assert "Corrected 13%" in text_of(town["otto"].browser(client).get(f"/sessions/{morning}/review"))
    summary = town["mia"].browser(client).get("/clinics/north/summary?from=2026-11-02&to=2026-11-02")
    assert "13% corrected afterwards" in text_of(summary)


def test_the_export_of_events_tells_taps_from_corrections(client: TestClient, town: Town, morning: str) -> None:
    for clock, change in (("09:20", {"task": "forms"}), ("09:10", {"do": "delete"})):
        path, fields = opened(client, town["otto"], morning, clock)
        submit(client, town["otto"], path, **fields | change | {"reason": "seen on paper"})
    page = town["otto"].browser(client).get(f"/sessions/{morning}/history").text
    newest = re.findall(r'action="(/sessions/[^"]+/history/[^"]+)"', page)[0]
    submit(client, town["otto"], newest, change=str(uuid4()))
    asked = "/api/v1/exports/events.json?clinic=north&from=2026-11-02&to=2026-11-02"
    rows = town["ana"].program(client).get(asked).json()["items"]
    taps = [row for row in rows if not row["from_page"] and row["kind"] not in ("void", "amend")]
    assert [row["kind"] for row in taps] == [event["kind"] for event in log(client, town["otto"], morning)[:9]]
    assert all(row["stands"] for row in taps)  # the deletion was taken back
    entered = [(row["kind"], row["stands"], row["reason"]) for row in rows if row["from_page"]]
    assert entered[0] == ("start", True, "seen on paper")
    assert {stands for _kind, stands, reason in entered[1:] if reason == "seen on paper"} == {False}
    assert {stands for _kind, stands, reason in entered if reason == "taken back"} == {True}
    assert len({row["change"] for row in rows if row["from_page"]}) == 3


def test_times_are_the_clinics_own_also_in_the_hour_that_autumn_repeats(client: TestClient, town: Town) -> None:
    """2026-11-01 in Chicago: 1:30 comes twice. A tap at the second one stays there."""
    items = observed("00:40 rooming", "03:30 end", on="2026-11-01")
    begin = items[1]["at"]
    second = begin + 110 * 60_000  # 1:30 for the second time
    items[2:2] = []
    tap = {**items[2], "id": str(uuid4()), "task": "vitals", "seq": 50, "at": second, "recorded_at": second}
    send(town["otto"].program(client), [*items, tap])
    session = str(items[0]["id"])
    path = f"/sessions/{session}/review/rows/s{second}"
    fields = fields_of(town["otto"].browser(client).get(path))
    assert fields["start"].replace("\u202f", " ") == "1:30:00 AM"
    assert submit(client, town["otto"], path, **fields | {"start": "1:32", "reason": "x"}).status_code == 303
    starts = [segment["start"] for segment in timeline(client, town["otto"], session)["segments"]]
    assert starts == [begin, second + 120_000]


def test_of_two_who_save_at_the_same_moment_one_is_told_of_the_other(
    client: TestClient, town: Town, morning: str
) -> None:
    forms = [(town[name], *opened(client, town[name], morning, "09:10")) for name in ("otto", "mia", "ana")]
    tasks = ("forms", "stocking", "ordering")

    def sent(n: int) -> int:
        member, path, fields = forms[n]
        return submit(client, member, path, **fields | {"task": tasks[n], "do": "because:Wrong tile"}).status_code

    with ThreadPoolExecutor(3) as at_once:
        told = list(at_once.map(sent, range(3)))
    assert sorted(told) == [303, 409, 409]
    (first,) = [tasks[n] for n, status in enumerate(told) if status == 303]
    assert [event["kind"] for event in log(client, town["otto"], morning)[9:]] == ["amend"]
    assert first in [segment["task"] for segment in timeline(client, town["otto"], morning)["segments"]]


def test_what_several_take_back_at_once_is_taken_back_once(client: TestClient, town: Town, morning: str) -> None:
    path, fields = opened(client, town["otto"], morning, "09:10")
    submit(client, town["otto"], path, **fields | {"task": "forms", "do": "because:Wrong tile"})
    address = f"/sessions/{morning}/history/{fields['change']}"
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(
            lambda name: submit(client, town[name], address, change=str(uuid4())), ("otto", "mia", "ana", "otto")
        )
        assert [answer.status_code for answer in answers] == [303] * 4
    assert [event["kind"] for event in log(client, town["otto"], morning)[9:]] == ["amend", "void"]
