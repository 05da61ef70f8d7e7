"""The day log: one screen a day, a file of days, the gaps of two weeks, and who is asked to flex."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from app.capture.models import DayItem, DayLog
from app.db import now_ms
from app.people.accounts import give_role
from app.people.models import Person, Role
from app.reports.day_log.fields import codes_in
from app.reports.day_log.flex import asks_by_code, spread
from app.reports.day_log.suggest import usual
from app.summary.window import today
from app.web import form_token
from tests.builders import observed, send
from tests.people import Town
from tests.webpages import HTMX, statuses_for, submit, text_of

DAYS = "/clinics/north/days"
MONDAY = f"{DAYS}/2026-11-02"
FLEX = "/clinics/north/flex-asks"


def day_item(day: str, **said: Any) -> dict[str, Any]:
    at = 1_793_600_000_000
    return {
        "type": "day",
        "id": f"00000000-0000-7000-8000-{day.replace('-', '')}0000",
        "clinic": "north",
        "day": day,
        "at": at,
        **said,
    }


def log_of(town: Town, day: str = "2026-11-02") -> dict[str, Any]:
    with town.database.read() as session:
        held = session.get(DayLog, (town.north.id, day))
        return json.loads(held.body) if held else {}


def items(town: Town) -> int:
    with town.database.read() as session:
        return session.execute(select(func.count()).select_from(DayItem)).scalar_one()


def seen_in(answer: Response) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', answer.text)
    assert found
    return found[1].replace("&#34;", '"')


# --- one day ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [DAYS, MONDAY, f"{DAYS}/import"])
def test_the_day_log_is_for_whoever_may_observe(town: Town, client: TestClient, path: str) -> None:
    expected = {"otto": 200, "olga": 200, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, path) == expected
    assert client.get(path).status_code == 303
    if path == MONDAY:
        refused = {name: submit(client, town[name], path, scheduled="3").status_code for name in ("ada", "stella")}
        assert refused == {"ada": 403, "stella": 404}
        assert items(town) == 0


def test_every_field_of_the_contract_is_kept_as_an_item(town: Town, client: TestClient) -> None:
    people = {"scheduled": 4, "present": 3, "call_offs": 1, "overtime_minutes": 30, "backlog": 12}
    breaks = {"breaks_due": 8, "breaks_late": 1, "breaks_missed": 1}
    whole = people | breaks | {"lunches_due": 4, "lunches_late": 2, "lunches_missed": 0}
    typed = {name: str(n) for name, n in whole.items()} | {"volumes.visits": "41", "volumes.vaccines": "7"}
    done = submit(client, town["otto"], MONDAY, day_type="high", flex_asks="MA-02, ma-02; MA-05", **typed)
    assert (done.status_code, done.headers["location"].split("?")[0]) == (303, DAYS)
    log = log_of(town)
    assert (
        log == {"day_type": "high", "volumes": {"visits": 41, "vaccines": 7}, "flex_asks": ["MA-02", "MA-05"]} | whole
    )
    told = text_of(town["otto"].browser(client).get(done.headers["location"]))
    assert "Kept: Mon, Nov 2, 2026." in told.replace(" ", " ")
    shown = town["mia"].browser(client).get(MONDAY).text
    assert re.search(r'name="volumes.visits"[^>]*value="41"', shown)
    assert "MA-02" not in shown  # who was asked is not shown again, only how many
    assert "Kept: 2 people were asked." in shown


def test_a_form_sends_only_what_was_changed_in_it(town: Town, client: TestClient) -> None:
    submit(client, town["otto"], MONDAY, scheduled="4", present="4")
    opened = seen_in(town["otto"].browser(client).get(MONDAY))
    submit(client, town["mia"], MONDAY, present="3")  # meanwhile
    submit(client, town["otto"], MONDAY, seen=opened, scheduled="4", present="4", backlog="9")
    assert log_of(town) == {"scheduled": 4, "present": 3, "backlog": 9}


def test_a_form_sent_twice_adds_one_item(town: Town, client: TestClient) -> None:
    for _time in range(2):
        submit(client, town["mia"], MONDAY, day_type="low", nobody="on", **{"volumes.visits": "12"})
    assert items(town) == 1
    assert log_of(town)["flex_asks"] == []


def test_what_was_left_empty_stays(town: Town, client: TestClient) -> None:
    submit(client, town["mia"], MONDAY, scheduled="4")
    submit(client, town["mia"], MONDAY, seen=json.dumps({"scheduled": 4}), scheduled="")
    assert log_of(town) == {"scheduled": 4}


SLIPS: tuple[tuple[dict[str, str], str], ...] = (
    ({"scheduled": "four"}, "Give a whole number from 0 to 99999."),
    ({"backlog": "-1"}, "Give a whole number from 0 to 99999."),
    ({"present": "9" * 9}, "Give a whole number from 0 to 99999."),
    ({"day_type": "busy"}, "high, typical or low"),
    ({"breaks_due": "4", "breaks_missed": "5"}, "That is more than the 4 that were due."),
    ({"flex_asks": ",".join(f"M{n}" for n in range(65))}, "Give at most 64 codes"),
)


def test_a_slip_is_said_at_its_field_and_nothing_is_kept(town: Town, client: TestClient) -> None:
    for typed, said in SLIPS:
        answer = submit(client, town["mia"], MONDAY, **{"call_offs": "2", **typed})
        assert answer.status_code == 422, typed
        assert said in text_of(answer)
        assert 'value="2"' in answer.text  # nothing typed is lost
    assert items(town) == 0


def test_late_is_held_against_what_was_due_before(town: Town, client: TestClient) -> None:
    submit(client, town["mia"], MONDAY, lunches_due="4")
    assert submit(client, town["mia"], MONDAY, lunches_late="5").status_code == 422


def test_no_such_day_no_page(town: Town, client: TestClient) -> None:
    for day in ("2026-02-30", "yesterday", "1999-12-31", "2999-01-01", "import-2"):
        assert town["mia"].browser(client).get(f"{DAYS}/{day}").status_code == 404, day
        assert submit(client, town["mia"], f"{DAYS}/{day}", scheduled="1").status_code == 404, day


# --- suggested from the clinic's own history -------------------------------------------------------------------------


def test_thirds_of_the_other_days_say_what_is_high_and_low() -> None:
    found = usual([30, 10, 20, 15, 25, 35, 12, 22, 28])
    assert found is not None
    assert (found.days, found.low, found.high) == (9, 20, 25)
    assert [found.day_type(visits) for visits in (19, 20, 25, 26)] == ["low", "typical", "typical", "high"]
    assert usual([30] * 5) is None
    same = usual([30] * 6)
    assert same is not None
    assert [same.day_type(visits) for visits in (29, 30, 31)] == ["low", "typical", "high"]


def test_the_volume_is_suggested_and_a_person_sets_it(town: Town, client: TestClient) -> None:
    history = [day_item(f"2026-10-{day:02}", volumes={"visits": day}) for day in range(12, 21)]
    send(town["mia"].program(client), history)
    mia = town["mia"].browser(client)
    assert "under 15 low, over 17 high" in text_of(mia.get(MONDAY))
    told = text_of(mia.get(f"{MONDAY}/suggestion?volumes.visits=41"))
    assert told == "Suggested: high. 41 visits; of 9 other days here a third had fewer than 15, a third more than 17."
    submit(client, town["mia"], MONDAY, **{"volumes.visits": "41"})
    assert "day_type" not in log_of(town)
    page = mia.get(MONDAY)
    assert "Suggested: high." in text_of(page)
    assert not re.search(r'name="day_type"[^>]*checked', page.text)
    assert mia.get("/clinics/south/days/2026-11-02/suggestion").status_code == 404


# --- the two weeks ---------------------------------------------------------------------------------------------------


def test_gaps_are_working_days_without_a_log_and_days_on_which_somebody_was_observed(
    town: Town, client: TestClient
) -> None:
    now = today(now_ms(), "America/Chicago")
    days = [now - timedelta(days=n) for n in range(14)]
    working = [day for day in days if day.isoweekday() <= 5 and day < now]
    saturday = next(day for day in days if day.isoweekday() == 6 and day < now)
    send(town["otto"].program(client), observed("09:00 rooming", "10:00 end", on=saturday.isoformat()))
    send(town["mia"].program(client), [day_item(working[0].isoformat(), scheduled=3)])
    told = text_of(town["otto"].browser(client).get(DAYS))
    assert f"{len(working)} working days of these two weeks have no log yet." in told
    assert "lacks: Volume of the day, Visits, MAs present, Breaks due, Lunches due" in told
    assert "somebody was observed that day" in told


def test_earlier_weeks_are_a_page_away(town: Town, client: TestClient) -> None:
    told = text_of(town["mia"].browser(client).get(f"{DAYS}?to=2026-01-16"))
    assert all(said in told for said in ("Fri, Jan 16", "Sat, Jan 3", "Two weeks later"))
    for odd in ("never", "1066-10-14", "2999-01-01"):
        assert town["mia"].browser(client).get(f"{DAYS}?to={odd}").status_code == 200


# --- a file of days --------------------------------------------------------------------------------------------------


def sheet(town: Town, client: TestClient, who: str, *lines: str, **fields: str) -> Response:
    data = {"token": form_token(town[who].cookie), **fields}
    file = ("days.csv", "\n".join([*lines, ""]).encode(), "text/csv")
    answer: Response = town[who].browser(client).post(f"{DAYS}/import", data=data, files={"file": file}, headers=HTMX)
    return answer


def looked_at(answer: Response) -> dict[str, str]:
    found = re.search(r'name="previewed" value="([0-9a-f]{64})"', answer.text)
    assert found, text_of(answer)
    return {"step": "import", "previewed": found[1]}


FILE = ("day;day_type;Visits;scheduled;flex_asks", "2026-11-02;High;41;4;MA-02,MA-03", "2026-11-03;low;12;4;-")


def test_a_file_shows_what_would_change_and_then_changes_it(town: Town, client: TestClient) -> None:
    submit(client, town["mia"], MONDAY, scheduled="3")
    preview = sheet(town, client, "mia", *FILE)
    told = text_of(preview)
    assert "2 days would change." in told
    assert "MAs scheduled 3 4" in told
    assert "Asked to flex 2 people" in told
    assert "MA-02" not in told
    assert items(town) == 1
    done = sheet(town, client, "mia", *FILE, **looked_at(preview))
    assert "2 days changed; already so: 0." in text_of(done)
    assert log_of(town) == {
        "day_type": "high", "volumes": {"visits": 41}, "scheduled": 4, "flex_asks": ["MA-02", "MA-03"]
    }  # fmt: skip
    assert log_of(town, "2026-11-03")["flex_asks"] == []
    assert "Nothing: the log says all of it already." in text_of(sheet(town, client, "mia", *FILE))


def test_a_file_changed_since_it_was_looked_at_is_not_kept(town: Town, client: TestClient) -> None:
    look = looked_at(sheet(town, client, "mia", *FILE))
    answer = sheet(town, client, "mia", *FILE, "2026-11-04;low;13;4;", **look)
    assert answer.status_code == 422
    assert "The file is not what it was when you looked" in text_of(answer)
    assert items(town) == 0


def test_bad_lines_are_named_and_nothing_is_kept(town: Town, client: TestClient) -> None:
    lines = (
        "day,scheduled,breaks_due,breaks_late",
        "2026-11-02,four,,",
        "11/3/2026,4,,",
        "2026-11-04,4,2,3",
        "2026-11-05,4,,",
        "2026-11-05,5,,",
        "2999-01-01,5,,",
        "2026-11-06,5",
    )
    answer = sheet(town, client, "otto", *lines, step="import", previewed="0" * 64)
    assert answer.status_code == 422
    told = text_of(answer)
    for said in (
        "6 lines are bad",
        "Line 2 MAs scheduled: Give a whole number",
        "Line 3 The day should be written YYYY-MM-DD",
        "Line 4 Breaks taken late: That is more than the 2",
        "Line 6 The same day stands in line 5.",
        "Line 7 That day has not come yet.",
        "Line 8",
    ):
        assert said in told
    assert items(town) == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("day,patients", "2026-11-02,4"), "Not a field of the day log: patients."),
        (("when,visits", "2026-11-02,4"), "The header should name “day”"),
        ((), "empty"),
    ],
)
def test_a_file_that_is_no_day_log_is_refused_with_what_it_should_be(
    town: Town, client: TestClient, lines: tuple[str, ...], said: str
) -> None:
    answer = sheet(town, client, "mia", *lines)
    assert answer.status_code == 422
    assert said in text_of(answer)


# --- who is asked to flex --------------------------------------------------------------------------------------------


def test_codes_are_read_once_each_letter_case_aside() -> None:
    assert codes_in("MA-02; ma-02,\nMA  05") == ["MA-02", "MA 05"]
    assert codes_in(" - ") == []


def test_those_watched_and_never_asked_count_with_none() -> None:
    counts = asks_by_code({"2026-11-02": ["MA-01", "ma-01"], "2026-11-03": ["MA-01", "MA-02"]}, {"MA-03", "MA-01"})
    assert counts == {"ma-01": 2, "ma-02": 1, "ma-03": 0}
    found = spread(counts, 2, k=3)
    assert (found.lowest, found.median, found.highest, found.withheld) == (0, 1, 2, False)
    assert spread(counts, 2, k=4).withheld


def asked(town: Town, client: TestClient, *codes: str) -> None:
    day = (today(now_ms(), "America/Chicago") - timedelta(days=1)).isoformat()
    send(town["mia"].program(client), [day_item(day, flex_asks=list(codes))])


def test_an_assistant_sees_the_own_number_and_a_manager_the_spread(town: Town, client: TestClient) -> None:
    asked(town, client, "MA-01", "MA-02", "MA-03", "MA-04", "MA-05")
    assert submit(client, town["ada"], FLEX, code="ma-02").status_code == 303
    mine = text_of(town["ada"].browser(client).get(FLEX))
    assert "you 1 time median of the clinic 1" in mine
    assert "asked most" not in mine
    spread_shown = text_of(town["mia"].browser(client).get(FLEX))
    assert "asked least 1 median 1 asked most 1" in spread_shown
    assert "MA-02" not in spread_shown
    assert statuses_for(town, client, FLEX) == dict.fromkeys(("otto", "olga", "mia", "ana", "ada"), 200) | {
        "stella": 404
    }


def test_fewer_than_k_people_are_nobodys_spread_and_nobodys_median(town: Town, client: TestClient) -> None:
    asked(town, client, "MA-01", "MA-02", "MA-03", "MA-04")
    submit(client, town["ada"], FLEX, code="MA-01")
    for who in ("mia", "ada"):
        told = text_of(town[who].browser(client).get(FLEX))
        assert "Fewer than 5 people" in told
        assert "median" not in told
    assert "you 1 time" in text_of(town["ada"].browser(client).get(FLEX))


def test_a_code_is_one_persons_and_no_observers(town: Town, client: TestClient) -> None:
    assert submit(client, town["otto"], FLEX, code="ma-09").status_code == 403  # who knows every code
    assert "Your code" not in text_of(town["otto"].browser(client).get(FLEX))
    with town.database.write() as session:
        give_role(session, session.get_one(Person, town["otto"].id), town.north.id, Role.ASSISTANT, 1)
    submit(client, town["ada"], FLEX, code="MA-01")
    taken = submit(client, town["otto"], FLEX, code="ma-01")
    assert taken.status_code == 422
    assert "Another account has said that this code is theirs." in text_of(taken)
    for who, status in (("mia", 403), ("ada", 403), ("stella", 404), ("ana", 303)):
        assert submit(client, town[who], FLEX, code="MA-01", step="free").status_code == status
    assert "code made free: MA-01" in text_of(town["ana"].browser(client).get("/clinics/north/audit"))
    submit(client, town["ada"], FLEX, code="MA-01")
    submit(client, town["ada"], FLEX, code="MA-02")  # a slip put right
    assert submit(client, town["otto"], FLEX, code="ma-01").status_code == 303
    submit(client, town["otto"], FLEX, step="forget")
    assert "Say under which code" in text_of(town["otto"].browser(client).get(FLEX))
    assert submit(client, town["otto"], FLEX, code=" ").status_code == 422
