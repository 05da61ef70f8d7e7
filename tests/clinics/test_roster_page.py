"""The roster page: entering a week, single days, files; who may; and what is told of a slip."""

from datetime import date
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from app.audit.models import Action, Entry
from app.clinics.models import Clinic, Roster, RosterDay
from app.clinics.roster.queries import scheduled
from app.web import form_token
from tests.people import Town
from tests.webpages import is_whole_page, statuses_for, submit, text_of

ROSTER = "/clinics/north/roster"
WEEK = {f"day0-{day}": "on" for day in range(1, 6)} | {"from0": "08:00", "to0": "17:00", "mas0": "3"}
EMPTY = {"from1": "", "to1": "", "mas1": ""}


def hours(town: Town, first: str, last: str = "") -> dict[str, float]:
    """MA hours by day."""
    with town.database.read() as session:
        north = session.get_one(Clinic, town.north.id)
        found = scheduled(session, north, date.fromisoformat(first), date.fromisoformat(last or first))
    return {day: sum(by_hour) for day, by_hour in found.hours.items()}


def upload(client: TestClient, town: Town, text: str, valid_from: str = "2026-11-02", who: str = "mia") -> Response:
    member = town[who]
    data = {"token": form_token(member.cookie), "valid_from": valid_from}
    answer: Response = member.browser(client).post(
        f"{ROSTER}/file", data=data, files={"file": ("roster.csv", text.encode(), "text/csv")}
    )
    return answer


def test_the_roster_is_for_managers_and_admins(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert statuses_for(town, client, ROSTER) == expected
    assert client.get(ROSTER).status_code == 303
    for name, status in (("otto", 403), ("ada", 403), ("stella", 404)):
        assert submit(client, town[name], ROSTER, **WEEK, valid_from="2026-11-02").status_code == status
        day: dict[str, Any] = {"day": "2026-11-02", "kind": "closed"}
        assert submit(client, town[name], f"{ROSTER}/days", **day).status_code == status
        assert upload(client, town, "day,from,to,mas\n2026-11-02,8:00,9:00,1\n", who=name).status_code == status
    with town.database.read() as session:
        assert session.query(Roster).count() == session.query(RosterDay).count() == 0


def test_a_week_holds_from_its_day_until_the_next_ones(client: TestClient, town: Town) -> None:
    assert "None yet" in text_of(town["mia"].browser(client).get(ROSTER))
    answer = submit(client, town["mia"], ROSTER, **WEEK, **EMPTY, valid_from="2026-11-02")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROSTER}?kept=yes")
    submit(client, town["ana"], ROSTER, **{**WEEK, "mas0": "4", "to0": "00:00"}, valid_from="2026-11-09")
    assert hours(town, "2026-10-31", "2026-11-10") == {
        **dict.fromkeys((f"2026-11-0{n}" for n in range(2, 7)), 27),
        **dict.fromkeys(("2026-11-07", "2026-11-08"), 0),
        **dict.fromkeys(("2026-11-09", "2026-11-10"), 64),
    }
    page = town["mia"].browser(client).get(f"{ROSTER}?kept=yes")
    assert is_whole_page(page)
    assert "Kept." in text_of(page)
    assert "2 versions" in text_of(page)
    shown = text_of(town["ana"].browser(client).get("/clinics/north/audit"))
    assert "roster" in shown
    assert "2026-11-09" in shown


def test_a_later_version_for_the_same_day_replaces_it_and_both_stay_in_the_table(
    client: TestClient, town: Town
) -> None:
    for mas in ("3", "2"):
        submit(client, town["mia"], ROSTER, **{**WEEK, "mas0": mas}, valid_from="2026-11-02")
    assert hours(town, "2026-11-02") == {"2026-11-02": 18}
    with town.database.read() as session:
        assert len(session.execute(select(Roster)).all()) == 2


def test_a_slip_loses_nothing_that_was_typed_and_names_its_line(client: TestClient, town: Town) -> None:
    second = {"day1-6": "on", "from1": "9:15", "to1": "12:00", "mas1": "1"}
    answer = submit(client, town["mia"], ROSTER, **WEEK, **second, valid_from="2026-11-02")
    assert answer.status_code == 422
    assert "Shift 2: “9:15” is no time of the roster" in text_of(answer)
    assert 'name="from1" value="9:15" aria-invalid="true"' in answer.text
    assert 'name="from0" value="08:00"' in answer.text
    no_day = submit(client, town["mia"], ROSTER, from0="8:00", to0="9:00", mas0="1", valid_from="2026-11-02")
    assert "Shift 1: choose at least one weekday." in text_of(no_day)
    no_date = submit(client, town["mia"], ROSTER, **WEEK, valid_from="soon")
    assert (no_date.status_code, "Choose a day." in text_of(no_date)) == (422, True)
    assert hours(town, "2026-11-02") == {}


def test_single_days_are_closed_short_or_longer_and_can_be_taken_back(client: TestClient, town: Town) -> None:
    submit(client, town["mia"], ROSTER, **WEEK, valid_from="2026-11-02")
    days = f"{ROSTER}/days"
    submit(client, town["mia"], days, day="2026-11-26", kind="closed")
    submit(client, town["mia"], days, day="2026-11-27", kind="absent", mas="1")
    submit(
        client, town["mia"], days, **{"day": "2026-11-27", "kind": "extra", "mas": "2", "from": "16:00", "to": "18:00"}
    )
    assert hours(town, "2026-11-25", "2026-11-27") == {"2026-11-25": 27, "2026-11-26": 0, "2026-11-27": 22}
    with town.database.read() as session:
        ids = list(session.execute(select(RosterDay.id).order_by(RosterDay.id)).scalars())
    assert submit(client, town["stella"], f"{days}/{ids[0]}/back").status_code == 404
    assert submit(client, town["mia"], f"{days}/{ids[0]}/back").status_code == 303
    assert hours(town, "2026-11-26") == {"2026-11-26": 27}
    assert submit(client, town["mia"], f"{days}/{ids[0]}/back").status_code == 404
    for wrong in ({"kind": "party"}, {"kind": "absent", "mas": "x"}, {"kind": "extra", "mas": "1"}, {"day": "never"}):
        answer = submit(client, town["mia"], days, **{"day": "2026-11-30", "kind": "closed", **wrong})
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_the_night_of_the_clock_change_has_as_many_hours_as_it_lasts(client: TestClient, town: Town) -> None:
    night = {"day0-7": "on", "from0": "00:00", "to0": "04:00", "mas0": "2"}
    submit(client, town["mia"], ROSTER, **night, valid_from="2026-03-01")
    assert hours(town, "2026-03-08") == {"2026-03-08": 6}
    assert hours(town, "2026-11-01") == {"2026-11-01": 10}
    assert hours(town, "2026-11-08") == {"2026-11-08": 8}


def test_a_file_is_looked_at_first_and_kept_only_without_a_bad_line(client: TestClient, town: Town) -> None:
    week = "weekday,from,to,mas\nMon,8:00,12:00,2\nTue,8:00,12:00,3\n"
    seen = upload(client, town, week)
    assert seen.status_code == 200
    assert "A week, valid from Mon, Nov 2, 2026" in text_of(seen)
    assert hours(town, "2026-11-02") == {}
    bad = upload(client, town, f"{week}Wed,8:00,25:00,1\n")
    assert bad.status_code == 422
    assert "Line 4 “25:00” is no time" in text_of(bad)
    forced = submit(client, town["mia"], f"{ROSTER}/file/keep", text=f"{week}Wed,8,9,1\n", valid_from="2026-11-02")
    assert forced.status_code == 422
    assert hours(town, "2026-11-02") == {}
    assert submit(client, town["mia"], f"{ROSTER}/file/keep", text=week, valid_from="2026-11-02").status_code == 303
    assert hours(town, "2026-11-02", "2026-11-03") == {"2026-11-02": 8, "2026-11-03": 12}


def test_days_of_a_file_stand_in_place_of_the_weeks_and_of_an_earlier_files(client: TestClient, town: Town) -> None:
    submit(client, town["mia"], ROSTER, **WEEK, valid_from="2026-11-02")
    for mas in ("1", "5"):
        days = f"day,from,to,mas\n2026-11-03,8:00,10:00,{mas}\n2026-11-04,,,0\n"
        assert "2 single days" in text_of(upload(client, town, days))
        submit(client, town["mia"], f"{ROSTER}/file/keep", text=days, valid_from="2026-11-02")
    assert hours(town, "2026-11-02", "2026-11-04") == {"2026-11-02": 27, "2026-11-03": 10, "2026-11-04": 0}
    ics = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Lena\nDTSTART:20261105T080000\nDURATION:PT4H\nEND:VEVENT\nEND:VCALENDAR"
    )
    assert "1 single day" in text_of(upload(client, town, ics))
    submit(client, town["mia"], f"{ROSTER}/file/keep", text=ics, valid_from="2026-11-02")
    assert hours(town, "2026-11-05") == {"2026-11-05": 4}
    with town.database.read() as session:
        assert "Lena" not in str(session.execute(select(RosterDay.shifts)).all())
        assert session.query(Entry).filter_by(action=Action.SETTINGS_CHANGED).count() == 4


def test_a_file_that_is_none_is_refused_with_a_sentence(client: TestClient, town: Town) -> None:
    for text, sentence in (
        ("a,b\n", "The first line must name the columns"),
        ("weekday,from,to,mas\n", "There is no shift in this file."),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", "There is no shift in this file."),
    ):
        answer = upload(client, town, text)
        assert (answer.status_code, sentence in text_of(answer)) == (422, True)
