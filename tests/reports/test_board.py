"""The board: reports gather into problems, each gets an answer, and everybody who may report sees it."""

import re
from datetime import date, timedelta
from typing import Any

from fastapi.testclient import TestClient

from app.db import now_ms
from app.reports.problems.changes import KINDS
from app.reports.queries import changes
from app.summary.window import today
from tests.builders import at, send, statuses
from tests.people import Town
from tests.reports.wall import hang, phone, post, report, scan
from tests.webpages import statuses_for, submit, text_of

BOARD = "/clinics/north/board"
API = "/api/v1/problems?clinic=north"
DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")


def said(
    town: Town,
    client: TestClient,
    *per_day: int,
    place: str = "Break room",
    days: tuple[str, ...] = DAYS,
    **fields: Any,
) -> None:
    """So many reports on each of the days, from a poster."""
    _poster, codes = hang(town, place)
    scanning = scan(client, codes.token)
    items = [
        report(at=at("09:00", day), **{"minutes": 5, **fields})
        for day, n in zip(days, per_day, strict=False)
        for _n in range(n)
    ]
    assert set(statuses(post(scanning, items, person="poster-north").json())) == {"stored"}


def listed(town: Town, client: TestClient, who: str = "mia") -> Any:
    answer = town[who].program(client).get(API)
    assert answer.status_code == 200
    return answer.json()


def only(town: Town, client: TestClient) -> Any:
    (one,) = listed(town, client)["items"]
    return one


def path_of(one: Any) -> str:
    return f"/clinics/north/problems/{one['id']}"


def answer(town: Town, client: TestClient, one: Any, who: str = "mia", **fields: str) -> Any:
    return submit(client, town[who], f"{path_of(one)}/answer", **fields)


def state(town: Town, client: TestClient) -> dict[str, Any]:
    return {"+".join(part["stealer"] for part in one["parts"]): one["state"] for one in listed(town, client)["items"]}


# --- who sees it -----------------------------------------------------------------------------------------------------


def test_everybody_with_a_role_or_a_posters_code_sees_the_board_and_only_managers_answer(
    town: Town, client: TestClient
) -> None:
    said(town, client, 2, 2, 1)
    one = only(town, client)
    everybody = dict.fromkeys(("otto", "olga", "mia", "ana", "ada"), 200) | {"stella": 404}
    for path in (BOARD, path_of(one), API, "/clinics/north/changes"):
        told = statuses_for(town, client, path)
        assert told == everybody, path
    scanning = scan(client, hang(town)[1].token)
    for path in (BOARD, path_of(one), API):
        assert scanning.get(path).status_code == 200, path
        assert phone(client).get(path).status_code in (303, 401)
    for name, status in (("ada", 403), ("otto", 403), ("stella", 404), ("mia", 303), ("ana", 303)):
        assert answer(town, client, one, name, said="acknowledged").status_code == status, name
        assert (
            submit(client, town[name], "/clinics/north/changes", kind="float", day="2026-11-09").status_code == status
        )
    refused = scanning.post(f"{path_of(one)}/answer", data={"said": "declined", "text": "no"})
    assert refused.status_code == 303
    assert refused.headers["location"].startswith("/sign-in")
    page = scanning.get(path_of(one)).text
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_another_clinics_poster_opens_no_board(town: Town, client: TestClient) -> None:
    stranger = scan(client, hang(town, clinic="south")[1].token)
    assert stranger.get(API).status_code in (401, 404)


# --- what gathers ----------------------------------------------------------------------------------------------------


def test_what_too_few_reported_is_not_there(town: Town, client: TestClient) -> None:
    said(town, client, 2, 2)
    assert listed(town, client) == {
        "items": [], "next": None, "answered": 0, "waiting": 0, "median_days_to_answer": None, "waiting_since": None
    }  # fmt: skip
    assert "Nothing yet that enough have reported." in text_of(town["ada"].browser(client).get(BOARD))
    said(town, client, 0, 0, 1)
    one = only(town, client)
    assert (one["reports"], one["days"], one["minutes"], one["since"]) == (5, 3, 25, DAYS[2])
    assert one["parts"] == [{"stealer": "searching", "trigger": None, "place": None}]
    told = text_of(town["ada"].browser(client).get(BOARD))
    assert "Looking for supplies waits for an answer 5 reports on 3 days, about 25 minutes in all" in told
    assert "Counted are reports, not people." in told


def test_figures_are_of_whole_weeks_of_enough_reports_as_in_the_summary(town: Town, client: TestClient) -> None:
    said(town, client, 2, 2, 1)
    said(town, client, 1, 1, days=("2026-11-09", "2026-11-11"))
    one = only(town, client)
    # what both tell less what the summary tells of one week would be the two reports of the other
    assert (one["reports"], one["days"], one["minutes"]) == (5, 3, 25)
    asked = {"clinic": "north", "from": "2026-11-02", "to": "2026-11-15"}
    (row,) = town["mia"].program(client).get("/api/v1/summary", params=asked).json()["reports"]
    assert (row["count"], row["minutes"], row["last_day"]) == (5, 25, "2026-11-08")
    said(town, client, 3, 0, 0, days=("2026-11-18", "", ""))
    assert (only(town, client)["reports"], only(town, client)["days"]) == (10, 6)


def test_one_person_with_an_account_is_one_however_often(town: Town, client: TestClient) -> None:
    for day in DAYS:
        send(town["ada"].program(client), [report(at=at(f"{hour:02}:00", day)) for hour in range(8, 17)])
    assert listed(town, client)["items"] == []


def test_what_was_taken_back_and_what_was_said_today_does_not_count(town: Town, client: TestClient) -> None:
    now = today(now_ms(), "America/Chicago")
    said(town, client, 2, 2, 1, days=tuple((now - timedelta(days=n)).isoformat() for n in range(3)))
    assert listed(town, client)["items"] == []
    said(town, client, 1, 0, 0, days=((now - timedelta(days=3)).isoformat(), "", ""))
    assert listed(town, client)["items"] == []  # 2 + 1 + 1 of days that are over


def test_reports_keep_what_they_are_while_problems_are_split_merged_and_taken_apart(
    town: Town, client: TestClient
) -> None:
    said(town, client, 2, 2, 2, trigger="supplies")
    said(town, client, 3, 3, 3)
    said(town, client, 2, 2, 2, stealer="fixing")
    found = {one["parts"][0]["stealer"]: one for one in listed(town, client)["items"]}
    assert {name: one["reports"] for name, one in found.items()} == {"searching": 15, "fixing": 6}
    whole = path_of(found["searching"])
    assert "Split off: Looking for supplies: Supplies" in text_of(town["mia"].browser(client).get(whole))
    split = submit(client, town["mia"], f"{whole}/parts", do="split", part="searching\nsupplies\n")
    assert split.status_code == 303
    parts = {(one["parts"][0]["stealer"], one["parts"][0]["trigger"]): one for one in listed(town, client)["items"]}
    assert {name: one["reports"] for name, one in parts.items()} == {
        ("searching", None): 9, ("searching", "supplies"): 6, ("fixing", None): 6
    }  # fmt: skip
    fixing, supplies = parts["fixing", None], parts["searching", "supplies"]
    merged = submit(client, town["mia"], f"{path_of(fixing)}/parts", do="merge", into=supplies["id"])
    assert merged.headers["location"] == path_of(supplies)
    both = next(one for one in listed(town, client)["items"] if one["id"] == supplies["id"])
    assert both["reports"] == 12
    assert [part["stealer"] for part in both["parts"]] == ["searching", "fixing"]
    assert town["ada"].browser(client).get(path_of(fixing)).headers["location"] == path_of(supplies)
    apart = submit(client, town["mia"], f"{path_of(supplies)}/parts", do="apart", part="fixing\n\n")
    assert apart.status_code == 303
    again = {one["id"]: one["reports"] for one in listed(town, client)["items"]}
    assert again == {one["id"]: one["reports"] for one in parts.values()}
    told = text_of(town["ada"].browser(client).get(path_of(supplies)))
    assert "Another problem was merged into this one." in told
    assert "A problem that had been merged in was taken out again." in told


def test_no_part_is_split_off_that_says_too_little_or_leaves_too_little(town: Town, client: TestClient) -> None:
    said(town, client, 2, 2, 2, place="Lab")
    said(town, client, 2, 1, place="Desk")
    whole = path_of(only(town, client))
    for part in ("searching\n\nLab", "searching\n\nDesk", "searching\nsupplies\n", "nothing"):
        refused = submit(client, town["mia"], f"{whole}/parts", do="split", part=part)
        assert refused.status_code == 422
        assert "says too little" in text_of(refused)
    assert only(town, client)["reports"] == 9
    itself = submit(client, town["mia"], f"{whole}/parts", do="merge", into=only(town, client)["id"])
    assert itself.status_code == 422


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_problem_is_acknowledged_decided_and_done_and_its_story_stays(town: Town, client: TestClient) -> None:
    said(town, client, 2, 2, 1)
    one = only(town, client)
    answer(town, client, one, said="acknowledged")
    assert state(town, client) == {"searching": "acknowledged"}
    decided = {"said": "decided", "text": "A runner fetches supplies from Monday on.", "kind": "runner"}
    assert answer(town, client, one, **decided, day="2026-11-30").status_code == 303
    answer(town, client, one, said="done", text="It works: we keep the runner.")
    told = text_of(town["ada"].browser(client).get(path_of(one)))
    story = told[told.index("What became of it") :]
    words = ("Reported often enough", "acknowledged", "decided A runner fetches", "Tried from Mon, Nov 30, 2026",
             "A supply runner per session", "done It works: we keep the runner.")  # fmt: skip
    places = [story.replace("\u202f", " ").index(word) for word in words]
    assert places == sorted(places)
    assert "Mia" not in story
    entries = only(town, client)["history"]
    assert [entry["said"] for entry in entries] == ["acknowledged", "decided", "done"]
    tried = town["ada"].program(client).get("/api/v1/changes?clinic=north").json()["items"]
    assert [(change["kind"], change["day"], change["problem"]) for change in tried] == [
        ("runner", "2026-11-30", one["id"])
    ]
    assert entries[1]["change"] == tried[0]["id"]


def test_time_to_an_answer_is_a_figure_and_begins_when_the_problem_could_be_seen(
    town: Town, client: TestClient
) -> None:
    now = today(now_ms(), "America/Chicago")
    ago = tuple((now - timedelta(days=n)).isoformat() for n in (9, 8, 4))
    said(town, client, 2, 2, 1, days=ago)
    said(town, client, 2, 2, 1, days=ago, stealer="forms")
    before = listed(town, client)
    assert (before["answered"], before["waiting"], before["waiting_since"]) == (0, 2, ago[2])
    one = next(one for one in before["items"] if one["parts"][0]["stealer"] == "forms")
    answer(town, client, one, said="declined", text="The insurer asks for this form; we accept it openly.")
    after = listed(town, client)
    assert (after["answered"], after["waiting"], after["median_days_to_answer"]) == (1, 1, 4)
    told = text_of(town["otto"].browser(client).get(BOARD))
    assert "answered 1 of 2 problems" in told
    assert "time to an answer 4 days" in told
    assert "Answered within 4 days." in told


NO_ANSWERS: tuple[tuple[dict[str, str], str], ...] = (
    ({"said": "decided"}, "Say why, or what was decided"),
    ({"said": "declined", "text": "  "}, "Say why, or what was decided"),
    ({"said": "new"}, "Choose what becomes of it."),
    ({}, "Choose what becomes of it."),
    ({"said": "acknowledged", "text": "x" * 1001}, "at most 1000 letters"),
    ({"said": "declined", "text": "no", "kind": "float", "day": "2026-11-30"}, "belongs to a decision"),
    ({"said": "decided", "text": "yes", "kind": "magic", "day": "2026-11-30"}, "Choose what kind of change"),
    ({"said": "decided", "text": "yes", "kind": "float", "day": "soon"}, "Give the first day"),
    ({"said": "decided", "text": "yes", "kind": "other", "day": "2026-11-30"}, "Say in a few words"),
)


def test_an_answer_that_is_none_is_refused_and_nothing_typed_is_lost(town: Town, client: TestClient) -> None:
    said(town, client, 2, 2, 1)
    one = only(town, client)
    for wish, why in NO_ANSWERS:
        refused = answer(town, client, one, **wish)
        assert refused.status_code == 422, wish
        assert why in text_of(refused)
        if 0 < len(wish.get("text", "").strip()) < 10:
            assert f">{wish['text']}</textarea>" in refused.text
    assert only(town, client)["history"] == []
    with town.database.read() as session:
        assert changes(session, town.north) == []


def test_another_clinics_problem_is_nobodys_here(town: Town, client: TestClient) -> None:
    said(town, client, 2, 2, 1)
    one = only(town, client)
    elsewhere = f"/clinics/south/problems/{one['id']}"
    assert town["stella"].browser(client).get(elsewhere).status_code == 404
    assert submit(client, town["stella"], f"{elsewhere}/answer", said="acknowledged").status_code == 404
    with town.database.read() as session:
        assert changes(session, town.south) == []


# --- changes on their own --------------------------------------------------------------------------------------------


def test_a_change_may_be_noted_without_a_problem_and_taken_back(town: Town, client: TestClient) -> None:
    path = "/clinics/north/changes"
    submit(client, town["mia"], path, kind="float", day="2026-11-16")
    submit(client, town["mia"], path, kind="other", label="Lunch trays at ten", day="2026-11-09")
    with town.database.read() as session:
        found = changes(session, town.north)
    assert [(one.day, one.kind, one.label, one.problem_id) for one in found] == [
        ("2026-11-09", "other", "Lunch trays at ten", None), ("2026-11-16", "float", "A float MA", None)
    ]  # fmt: skip
    assert re.search(r"A float MA since .*Lunch trays", text_of(town["ada"].browser(client).get(path)))
    submit(client, town["mia"], path, withdraw=found[0].id)
    assert submit(client, town["stella"], "/clinics/south/changes", withdraw=found[1].id).status_code == 404
    with town.database.read() as session:
        assert [one.kind for one in changes(session, town.north)] == ["float"]


def test_every_kind_of_change_has_a_name(town: Town, client: TestClient) -> None:
    day = date.fromisoformat("2026-11-02")
    for n, kind in enumerate(KINDS):
        wish = {"kind": kind, "label": "trays" if kind == "other" else "", "day": (day + timedelta(days=n)).isoformat()}
        assert submit(client, town["ana"], "/clinics/north/changes", **wish).status_code == 303
    with town.database.read() as session:
        assert len({one.label for one in changes(session, town.north)}) == len(KINDS)
