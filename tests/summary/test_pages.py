"""The summary's page: the same figures as the API, read out for a manager; filters, fragments, printing."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from app.db import new_id, now_ms
from app.reports.problems.changes import note_change
from app.summary.window import today
from tests.builders import MONDAY, at, observed, send
from tests.people import Town
from tests.webpages import HTMX, is_whole_page, statuses_for, text_of
from tests.workload.test_api import day_item
from tests.workload.test_pages import mornings, roster

SUMMARY = "/clinics/north/summary"
WEEK = {"from": "2026-11-02", "to": "2026-11-08"}
DAYS = ("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05")


def watched(day: str, searching: int, **header: Any) -> list[dict[str, Any]]:
    """An hour: `searching` minutes, ten of an interruption by missing supplies, rooming for the rest."""
    return observed(
        "09:00 searching", f"09:{searching:02} rooming", "09:40 supplies!", "09:50 back", "10:00 end", on=day, **header
    )


@pytest.fixture
def week(town: Town, client: TestClient) -> Town:
    for day, searching in zip(DAYS, (10, 14, 6, 12), strict=True):
        send(town["otto"].program(client), watched(day, searching, subject=f"MA-0{searching}"))
    return town


def ask(client: TestClient, town: Town, name: str = "mia", **query: str) -> Response:
    answer: Response = town[name].browser(client).get(SUMMARY, params={**WEEK, **query})
    return answer


def ask_by_htmx(client: TestClient, town: Town, **query: str) -> Response:
    answer: Response = town["mia"].browser(client).get(SUMMARY, params={**WEEK, **query}, headers=HTMX)
    return answer


# --- who sees it -----------------------------------------------------------------------------------------------------


def test_the_summary_is_for_managers_and_admins(client: TestClient, week: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(week, client, SUMMARY) == expected
    assert week["mia"].browser(client).get("/clinics/nowhere/summary").status_code == 404


def test_a_shared_address_leads_back_to_itself_after_signing_in(client: TestClient, week: Town) -> None:
    answer = client.get(SUMMARY, params={**WEEK, "day_type": "high"})
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/sign-in?next=%2Fclinics%2Fnorth%2Fsummary%3Ffrom%3D2026-11-02%26to%3D2026-11-08%26day_type%3Dhigh"
    )


def test_nobody_is_named_in_it(client: TestClient, week: Town) -> None:
    for name in ("mia", "ana"):
        page = ask(client, week, name).text
        for secret in ("MA-0", "Otto", week["otto"].id):
            assert secret not in page


# --- what it says ----------------------------------------------------------------------------------------------------


def test_it_says_what_the_api_says(client: TestClient, week: Town) -> None:
    figures = week["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", **WEEK}).json()
    told = text_of(ask(client, week))
    # 42 minutes of searching and 40 of supplies in 240
    assert figures["unscheduled_ms"] == 82 * 60_000
    a_day, low, high = (figures[f"unscheduled_share{end}"] * 8 for end in ("", "_low", "_high"))
    assert f"About {a_day:.1f} hours of each full-time MA's 8-hour day" in told
    assert f"(likely {low:.1f} to {high:.1f})" in told
    rate = figures["interruptions"]
    assert f"{rate['per_hour']:.1f} an observed hour" in told
    assert "4 interruptions in 4.0 observed hours" in told
    assert "4 sessions · 4 people watched · 4 days · 4.0 hours observed" in told
    for entry in figures["sinks_unscheduled"]:
        assert entry["label"] in told


def test_every_drawing_has_a_name_a_description_and_a_table(client: TestClient, week: Town) -> None:
    page = ask(client, week).text
    drawings = re.findall(r'<svg class="chart[^>]*aria-labelledby="([\w-]+) ([\w-]+)"', page)
    assert len(drawings) == 5  # nothing was reported, and no day was of high or low volume: else seven
    for title, description in drawings:
        assert f'<title id="{title}">' in page
        assert f'<desc id="{description}">' in page
    assert page.count("<summary>Show as table</summary>") == 5
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_what_cannot_be_told_apart_is_said_so(client: TestClient, week: Town) -> None:
    for day, searching, until in zip(DAYS, (12, 5, 9, 14), ("09:58", "09:47", "09:52", "09:45"), strict=True):
        lines = ("09:00 searching", f"09:{searching:02} rooming", "09:40 supplies!", f"{until} back", "10:00 end")
        send(week["olga"].program(client), observed(*lines, on=day, subject="MA-07"), device="phone-2")
    told = text_of(ask(client, week))
    top = told[told.index("Top five of the work nobody scheduled") : told.index("By category")]
    assert "Cannot be told apart from Supplies missing." in top
    # either may be the first or the second
    ranks = re.findall(r"(Searching|Supplies missing) unscheduled [\d.]+ [\d.]+ [\d.]+ \d+% (\S+)", top)
    assert ranks == [("Searching", "1–2"), ("Supplies missing", "1–2")]


def test_a_rate_stands_with_its_denominator_and_definition(client: TestClient, week: Town) -> None:
    told = text_of(ask(client, week))
    assert "interruptions divided by observed hours" in told
    assert "None was found for MAs." in told


def test_the_clinics_volumes_stand_beside_the_counts_and_never_in_their_place(client: TestClient, week: Town) -> None:
    breaks = {"breaks_due": 8, "breaks_late": 1, "breaks_missed": 2}
    log = {"type": "day", "id": new_id(), "clinic": "north", "day": DAYS[0], "at": at("18:00", DAYS[0]), **breaks}
    log["volumes"] = {"visits": 41}
    send(week["mia"].program(client), [log, *observed("11:00 rooming", "11:01 #visits 3", "11:02 end", on=DAYS[0])])
    told = text_of(ask(client, week))
    assert "Visits 3 41" in told
    assert "Due 8 Taken 6 Late 1 Missed 2" in told


# --- too little data -------------------------------------------------------------------------------------------------


def test_an_empty_summary_says_what_to_do_next(client: TestClient, town: Town) -> None:
    told = text_of(ask(client, town))
    assert "Nothing was observed in these days" in told
    assert "Open the pad" in told


def test_one_session_gets_figures_without_a_range_and_is_told_why(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), watched(DAYS[0], 10))
    told = text_of(ask(client, town))
    assert "Too little to conclude from: 1 session, 1 h observed. Of it, 33% went into work nobody scheduled." in told
    assert "of each full-time MA's" not in told
    assert "likely" not in told[: told.index("By category")].replace("likely range", "")


def test_where_the_range_says_nothing_the_page_says_so_and_the_api_keeps_the_figures(
    client: TestClient, town: Town
) -> None:
    quiet = ("09:00 rooming", "09:59 phone!", "09:59:02 back", "10:00 end")
    busy = ("09:00 phone!", "09:50 back", *(f"09:{n} phone!" if n % 2 else f"09:{n} back" for n in range(51, 59)))
    for day, log in zip(DAYS[:3], (quiet, quiet, (*busy, "10:00 end")), strict=True):
        send(town["otto"].program(client), observed(*log, on=day))
    figures = town["mia"].program(client).get("/api/v1/summary", params={"clinic": "north", **WEEK}).json()
    assert figures["unscheduled_share_high"] > 0.9
    assert figures["interruptions"]["per_hour_high"] > 10
    told = text_of(ask(client, town))
    assert "Too uncertain to say how much of each full-time MA's day goes into work nobody scheduled." in told
    assert "The 3 sessions differ so much" in told
    assert "Observe more sessions" in told
    three = told[told.index("Unscheduled, full-time MA") : told.index("Where most of the day goes")]
    assert three.count("too uncertain to say the sessions differ too much: observe more") == 3
    assert "likely" not in told[: told.index("Where most of the day goes")]
    assert "of each full-time MA's 8-hour day" not in told


def test_why_a_task_has_two_shares_stands_below_the_first_list_alone(client: TestClient, week: Town) -> None:
    told = text_of(ask(client, week))
    why = "A task counts here without its time inside interruptions: that stands under the triggers."
    assert told.count(why) == 1
    assert told.index("Top five of the work nobody scheduled") < told.index(why) < told.index("By category")


def test_own_days_are_withheld_until_enough_people_have_timed_theirs(client: TestClient, week: Town) -> None:
    send(week["ada"].program(client), observed("09:00 rooming", "09:30 end", mode="self", subject=None))
    told = text_of(ask(client, week, mode="self"))
    assert "these days hold no whole weeks, already over, in which 5 people timed their own day" in told
    assert "Rooming" not in told[: told.index("what the words mean")]


def test_days_on_which_sessions_disagree_are_named_where_their_volume_was_asked_for(
    client: TestClient, week: Town
) -> None:
    for day_type, subject in (("high", "MA-01"), ("low", "MA-02")):
        send(week["otto"].program(client), watched("2026-11-06", 10, day_type=day_type, subject=subject))
    sentence = "1 day is left out: its sessions disagree Fri, Nov 6: one session says high volume"
    told = text_of(ask(client, week, day_type="high"))
    assert "Nothing was observed in these days" in told
    assert sentence in told
    assert "sessions disagree" not in text_of(ask(client, week, day_type="typical"))
    whole = text_of(ask(client, week))
    assert "0 high, 4 typical, 0 low volume, 0 not said, 1 on which sessions disagree (Fri, Nov 6)" in whole
    log = {"type": "day", "id": new_id(), "clinic": "north", "day": "2026-11-06", "at": at("18:00"), "day_type": "high"}
    send(week["mia"].program(client), [log])
    assert "disagree" not in text_of(ask(client, week))
    assert "disagree" not in text_of(ask(client, week, day_type="high"))


# --- filters ---------------------------------------------------------------------------------------------------------


def test_htmx_gets_the_figures_alone_and_a_reload_the_whole_page(client: TestClient, week: Town) -> None:
    fragment = ask_by_htmx(client, week)
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert "About" in text_of(fragment)
    assert "HX-Request" in fragment.headers["vary"]
    assert is_whole_page(ask(client, week))
    back = week["mia"].browser(client).get(SUMMARY, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert is_whole_page(back)


def test_filters_choose_sessions_and_stay_in_the_form(client: TestClient, week: Town) -> None:
    send(week["olga"].program(client), watched("2026-11-06", 20, day_type="high", staff_role="RN"))
    high = ask(client, week, day_type="high")
    assert "1 session ·" in text_of(high)
    assert re.search(r'<option value="high" selected>', high.text)
    assert '<details class="choose no-print" open>' in high.text
    nurses = ask(client, week, staff_role="RN")
    assert "1 session ·" in text_of(nurses)
    assert "<option selected>RN</option>" in nurses.text
    assert "4 sessions ·" in text_of(ask(client, week, staff_role="MA"))
    assert "5 sessions ·" in text_of(ask(client, week))


def test_without_dates_the_form_holds_the_two_weeks_that_are_shown(client: TestClient, week: Town) -> None:
    page = week["mia"].browser(client).get(SUMMARY).text
    first, last = re.findall(r'<input type="date" name="(?:from|to)" value="([\d-]{10})"', page)
    assert first < last


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "2026-11-08", "to": "2026-11-02"}, "swap the two days"),
        ({"from": "2026-13-45"}, "is no day"),
        ({"to": "tomorrow"}, "is no day"),
        ({"from": "1999-01-01"}, "over ten years"),
        ({"mode": "spying"}, "is not known"),
        ({"day_type": "hot"}, "is not known"),
    ],
)
def test_a_slip_is_said_beside_the_form_which_keeps_what_was_typed(
    client: TestClient, week: Town, query: dict[str, str], sentence: str
) -> None:
    answer = ask(client, week, **query)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    asked = {**WEEK, **query}
    assert f'name="from" value="{asked["from"]}"' in answer.text
    assert f'name="to" value="{asked["to"]}"' in answer.text
    fragment = ask_by_htmx(client, week, **query)
    assert fragment.status_code == 422
    assert "<html" not in fragment.text
    assert sentence in text_of(fragment)


def test_a_login_that_ran_out_sends_htmx_to_the_sign_in_page(client: TestClient, week: Town) -> None:
    answer = client.get(SUMMARY, params=WEEK, headers=HTMX)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/sign-in?next=")


def test_htmx_gets_errors_as_fragments(client: TestClient, week: Town) -> None:
    for name, status in (("otto", 403), ("stella", 404)):
        answer = week[name].browser(client).get(SUMMARY, headers=HTMX)
        assert answer.status_code == status
        assert "<html" not in answer.text
        assert 'role="alert"' in answer.text


def test_what_observers_typed_cannot_become_markup(client: TestClient, week: Town) -> None:
    evil = '"><script>alert(1)</script>'
    send(week["otto"].program(client), watched("2026-11-06", 20, staff_role=evil))
    for query in ({}, {"staff_role": evil}, {"task_list": evil}, {"from": evil}):
        assert "<script>alert" not in ask(client, week, **query).text


# --- problems, answers, changes --------------------------------------------------------------------------------------


def test_changes_have_a_before_and_an_after_and_only_those_that_have_begun(client: TestClient, week: Town) -> None:
    now = today(now_ms(), week.north.timezone)
    with week.database.write() as session:
        for day, label in ((DAYS[2], "Runner"), ((now + timedelta(days=9)).isoformat(), "Float")):
            note_change(session, week.north, kind="runner", label=label, day=day, at=now_ms(), by=week["mia"].id)
    page = week["mia"].browser(client).get(f"{SUMMARY}/answers", params=WEEK)
    told = text_of(page)
    assert "Float has yet to begin" in told
    assert "Wed, Nov 4, 2026 Runner before and after Work nobody scheduled:" in told
    (query,) = set(re.findall(r'hx-get="/clinics/north/comparison\?([^"]+)"', page.text))
    asked = dict(parse_qsl(html.unescape(query)))
    assert asked == {"by": "change", "date": "2026-11-04", "from": "2026-10-28", "to": "2026-11-10"}
    found = week["mia"].program(client).get("/api/v1/comparison", params={"clinic": "north", **asked}).json()
    assert [side["sessions"] for side in (found["a"], found["b"])] == [2, 2]
    rate = next(row for row in found["rows"] if row["figure"] == "per_hour")
    assert f"Interruptions an hour: {rate['b']:.1f} before, {rate['a']:.1f} after (no range yet)" in told
    assert f'hx-get="{SUMMARY}/answers?from=2026-11-02&amp;to=2026-11-08"' in ask(client, week).text


def test_problems_are_for_managers_here_and_say_when_there_are_none(client: TestClient, week: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(week, client, f"{SUMMARY}/answers") == expected
    told = text_of(week["mia"].browser(client).get(f"{SUMMARY}/answers"))
    assert "No problem has been reported by enough people yet." in told
    assert "None is noted." in told


# --- hours required against scheduled --------------------------------------------------------------------------------


def test_a_half_day_short_by_its_whole_range_is_among_what_to_try(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    mornings(town, client)
    roster(town, 1)
    days = {"from": MONDAY, "to": MONDAY}
    told = text_of(ask(client, town, **days))
    found = town["mia"].program(client).get("/api/v1/workload", params={"clinic": "north", **days}).json()
    (morning,) = [row for row in found["rows"] if row["half"] == "am"]
    assert morning["required_low"] > morning["scheduled_hours"]
    assert "Hours where they are short" in told
    low, scheduled = morning["required_low"], morning["scheduled_hours"]
    assert f"Mon morning: at least {low:.1f} h required, {scheduled:.1f} h scheduled" in told
    assert "/clinics/north/workload/brief?from=2026-11-02" in ask(client, town, **days).text


def test_without_a_roster_nothing_is_short_and_of_many_days_nothing_is_reckoned(client: TestClient, week: Town) -> None:
    assert "Hours where they are short" not in text_of(ask(client, week))
    assert "workload/brief" not in ask(client, week, **{"from": "2026-08-01", "to": "2026-11-08"}).text
