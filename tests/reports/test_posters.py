"""A poster's code is a right to report, and nothing else; nothing is kept of whoever used it."""

import json
import secrets

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from limits import parse
from sqlalchemy import select, text, update

from app.audit.models import Entry
from app.capture.models import ClockSample, QuarantinedItem, Receipt, Report, ReportAmendment
from app.clinics.models import Clinic
from app.clinics.publish import publish
from app.clinics.tasklist import TaskList, default_list
from app.custody.rows import tables_of
from app.db import new_id, now_ms
from app.errors import Forbidden, NotSignedIn, NotYours
from app.people.access import find_caller
from app.people.models import Attempt
from app.reports import posters
from app.reports.access import Reporter, reporter
from app.reports.models import Poster
from app.reports.posters import WRONG_CODES, revoke, rotate, spaced
from tests.builders import at, observed, statuses
from tests.people import Town
from tests.reports.wall import NEXT_YEAR, amend, hang, phone, post, report, scan
from tests.webpages import submit, text_of


def stored(town: Town) -> list[Report]:
    with town.database.read() as session:
        return list(session.execute(select(Report).order_by(Report.id)).scalars())


def test_whoever_scans_a_poster_may_report_for_its_clinic(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    scanning = phone(client)
    answer = scanning.post("/api/v1/posters", json={"token": codes.token})
    told = answer.json()
    assert (told["clinic"], told["name"], told["timezone"]) == ("north", "North Clinic", "America/Chicago")
    assert (told["place"], told["until"], told["person"]) == ("Break room", NEXT_YEAR, "poster-north")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("timesink-poster=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    told = post(scanning, [report(minutes=5)], person="poster-north").json()
    assert statuses(told) == ["stored"]
    (kept,) = stored(town)
    assert (kept.stealer, kept.minutes, kept.day, kept.place) == ("searching", 5, "2026-11-02", "Break room")


def test_nothing_is_kept_of_whoever_reported_at_a_poster(client: TestClient, town: Town) -> None:
    """Looked for in every table: the phone's device, its page load, its clock, its address, its browser."""
    _poster, codes = hang(town)
    scanning = scan(client, codes.token)
    moment = at("09:00")
    clock = {
        "wall": moment,
        "mono": 48211.4,
        "samples": [{"load": "load-secret", "mono": 30110.2, "wall": moment, "offset_ms": 0, "rtt_ms": 84}],
    }
    items = [
        report(load="load-secret", mono=41000777.5),
        report(load="load-secret", mono=41000777.6, minutes="five"),
        report(trigger="no-such-trigger", load="load-secret", mono=41000777.7),
    ]
    scanning.headers["User-Agent"] = "browser-secret"
    told = post(scanning, items, device="device-secret", load="load-secret", clock=clock, person="poster-north").json()
    assert statuses(told) == ["stored", "quarantined malformed", "quarantined unknown_trigger"]
    with town.database.read() as session:
        connection = session.connection()
        everything = json.dumps(
            [
                [str(value) for value in row]
                for table in tables_of(connection)
                for row in connection.execute(select(table))
            ]
        )
        assert session.execute(select(ClockSample)).all() == []
        assert {row.person_id for row in session.execute(select(QuarantinedItem)).scalars()} == {None}
    for word in ("device-secret", "load-secret", "browser-secret", "testclient", "41000777", codes.token, codes.code):
        assert word not in everything
    assert [row.person_id for row in stored(town)] == [None]


def test_a_report_is_put_on_the_servers_clock_by_what_came_with_it(client: TestClient, town: Town) -> None:
    """The phone is nine hours ahead: on its own calendar it was the next day."""
    _poster, codes = hang(town)
    ahead = 9 * 3_600_000
    moment = at("18:00") + ahead
    clock = {
        "wall": moment,
        "mono": 5000.0,
        "samples": [{"load": "a", "mono": 4000.0, "wall": moment - 1000, "offset_ms": -ahead, "rtt_ms": 40}],
    }
    sent = report(load="a", mono=4500.0) | {"at": moment - 500}
    assert statuses(post(scan(client, codes.token), [sent], load="a", clock=clock).json()) == ["stored"]
    assert [row.day for row in stored(town)] == ["2026-11-02"]


def test_the_short_code_is_read_however_it_was_typed(
    client: TestClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = iter("K0QF1M9X")
    monkeypatch.setattr(secrets, "choice", lambda _digits: next(digits))
    _poster, codes = hang(town)
    assert spaced(codes.code) == "K0QF-1M9X"
    for typed in ("K0QF-1M9X", "k0qf1m9x", " kOqf lm9x ", "KoQF-IM9X"):
        told = post(scan(client, typed), [report()], person="poster-north").json()
        assert statuses(told) == ["stored"]


def test_a_code_that_is_none_opens_nothing(client: TestClient, town: Town) -> None:
    hang(town)
    for guess in ("nothing", "A" * 22, "0000-0000"):
        answer = phone(client).post("/api/v1/posters", json={"token": guess})
        assert (answer.status_code, answer.json()["code"]) == (403, "poster_ended")
        assert "set-cookie" not in answer.headers
    answer = post(phone(client, {"timesink-poster": "A" * 22}), [report()])
    assert (answer.status_code, answer.json()["code"]) == (403, "poster_ended")
    assert stored(town) == []


def test_short_codes_cannot_be_tried_without_end(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    guessing = phone(client)
    guessing.post("/api/v1/posters", json={"token": "0000-0000"})
    with town.database.write() as session:  # as many more as are let through
        assert session.execute(select(Attempt.count)).scalar() == 1
        session.execute(update(Attempt).values(count=WRONG_CODES.amount))
    answer = guessing.post("/api/v1/posters", json={"token": "0000-0001"})
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert guessing.post("/api/v1/posters", json={"token": codes.code}).status_code == 429
    scan(client, codes.token)  # what was scanned needs no guessing, and is not held up
    with town.database.read() as session:
        assert session.execute(select(Attempt.key)).scalars().all() == [WRONG_CODES.key_for("everybody")]


def test_right_codes_use_nothing_up(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    for _n in range(3):
        scan(client, codes.code)
    with town.database.read() as session:
        assert session.execute(select(Attempt.count)).scalar() == 0


@pytest.mark.parametrize("how", ["revoked", "rotated", "over"])
def test_a_poster_that_ended_takes_nothing_and_a_new_one_takes_what_waited(
    client: TestClient, town: Town, how: str
) -> None:
    poster, codes = hang(town)
    scanning, waiting = scan(client, codes.token), report()
    with town.database.write() as session:
        held = session.get_one(Poster, poster.id)
        if how == "revoked":
            revoke(session, held, at=now_ms(), by=town["mia"].id)
        elif how == "rotated":
            codes = rotate(session, town.north, held, until=NEXT_YEAR, at=now_ms(), by=town["mia"].id)
        else:
            held.until = "2026-11-01"
    answer = post(scanning, [waiting], person="poster-north")
    assert (answer.status_code, answer.json()["code"]) == (403, "poster_ended")
    assert "stays there" in answer.json()["detail"]
    assert stored(town) == []
    if how != "rotated":
        with town.database.write() as session:
            held = session.get_one(Poster, poster.id)
            codes = rotate(session, town.north, held, until=NEXT_YEAR, at=now_ms(), by=town["mia"].id)
    assert statuses(post(scan(client, codes.token), [waiting], person="poster-north").json()) == ["stored"]


def test_the_audit_tells_of_posters_and_of_no_code(client: TestClient, town: Town) -> None:
    poster, codes = hang(town)
    with town.database.write() as session:
        held = session.get_one(Poster, poster.id)
        rotate(session, town.north, held, until=NEXT_YEAR, at=now_ms(), by=town["mia"].id)
        revoke(session, held, at=now_ms(), by=town["ana"].id)
        revoke(session, held, at=now_ms(), by=town["ana"].id)
    with town.database.read() as session:
        told = session.execute(select(Entry).where(Entry.action.like("poster%")).order_by(Entry.id)).scalars().all()
    assert [(entry.action, entry.person_id) for entry in told] == [
        ("poster_made", town["mia"].id),
        ("poster_rotated", town["mia"].id),
        ("poster_revoked", town["ana"].id),
    ]
    assert codes.token not in str([entry.about for entry in told])
    page = town["ana"].browser(client).get("/clinics/north/audit").text
    assert "Poster made" in page
    assert "Break room" in page


def test_a_posters_code_sends_nothing_but_reports_and_reads_nothing(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    scanning = scan(client, codes.token)
    session_items = observed("09:00 rooming", "09:10 end")
    day = {"type": "day", "id": new_id(), "clinic": "north", "day": "2026-11-02", "at": at("18:00"), "scheduled": 4}
    told = post(scanning, [*session_items, day, report(clinic="south"), report()]).json()
    refused = ["quarantined not_yours"] * (len(session_items) + 1)
    assert statuses(told) == [*refused, "quarantined unknown_clinic", "stored"]
    assert told["sessions"] == []
    for path in ("/api/v1/clinics/north/pad", "/api/v1/sessions?clinic=north", "/api/v1/summary?clinic=north"):
        assert scanning.get(path).status_code == 401, path


def test_a_poster_gives_no_glimpse_of_a_session_whose_id_is_known(client: TestClient, town: Town) -> None:
    session_items = observed("09:00 rooming", "09:10 end")
    post(town["otto"].browser(client), session_items)
    _poster, codes = hang(town)
    told = post(scan(client, codes.token), [{**session_items[1], "id": new_id(), "seq": 9}]).json()
    assert (statuses(told), told["sessions"]) == (["quarantined not_yours"], [])


def test_a_signed_in_phone_that_reports_at_a_poster_is_nobody_there(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    ada = town["ada"].browser(client)
    assert ada.post("/api/v1/posters", json={"token": codes.token}).status_code == 200
    assert statuses(post(ada, [report()], person="poster-north").json()) == ["stored"]
    assert statuses(post(ada, [report()], person=town["ada"].id).json()) == ["stored"]
    assert {row.person_id for row in stored(town)} == {None, town["ada"].id}


def test_reports_that_wait_for_another_clinics_poster_are_not_taken_for_this_ones(
    client: TestClient, town: Town
) -> None:
    _poster, codes = hang(town)
    _poster, southern = hang(town, clinic="south")
    answer = post(scan(client, southern.token), [report()], person="poster-north")
    assert (answer.status_code, answer.json()["code"]) == (403, "other_person")
    assert statuses(post(scan(client, codes.token), [report()], person="poster-north").json()) == ["stored"]


def test_a_report_names_the_poster_at_which_it_was_made_if_there_is_such_a_one(client: TestClient, town: Town) -> None:
    hang(town, "Supply room")
    _poster, codes = hang(town, "Break room")
    items = [report(place="Supply room"), report(place="My own desk"), report()]
    assert statuses(post(scan(client, codes.token), items).json()) == ["stored"] * 3
    by_id = {row.id: row.place for row in stored(town)}
    assert [by_id[item["id"]] for item in items] == ["Supply room", "Break room", "Break room"]


def test_a_flood_from_one_poster_waits_and_nothing_of_it_is_lost(
    client: TestClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posters, "PER_POSTER", (parse("5 per minute"), parse("8 per day")))
    _poster, codes = hang(town)
    _poster, other = hang(town, "Lab")
    scanning, flood = scan(client, codes.token), [report() for _n in range(4)]
    assert statuses(post(scanning, flood).json()) == ["stored"] * 4
    answer = post(scanning, [report(), report()])
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_reports")
    assert 0 < int(answer.headers["retry-after"]) <= 61
    assert statuses(post(scan(client, other.token), [report()]).json()) == ["stored"]
    assert statuses(post(town["ada"].browser(client), [report()]).json()) == ["stored"]
    with town.database.write() as session:  # the minute is over
        minute = Attempt.key.like("%/5/1/minute")
        session.execute(update(Attempt).where(minute).values(expires_at=0))
    assert statuses(post(scanning, [flood[0], report()]).json()) == ["duplicate", "stored"]
    with town.database.write() as session:
        session.execute(update(Attempt).where(Attempt.key.like("%/5/1/minute")).values(expires_at=0))
    answer = post(scanning, [report()])  # eight of today are used up
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 3600


# --- what is said afterwards -----------------------------------------------------------------------------------------


def test_a_report_is_undone_and_answered_afterwards_in_any_order(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    scanning = scan(client, codes.token)
    early, late, undone = report(), report("waiting-provider", minutes=10), report("forms")
    words = [
        amend(early, "09:01", trigger="supplies"),
        amend(early, "09:02", expected=False),
        amend(early, "09:03", trigger="phone"),
    ]
    assert statuses(post(scanning, [amend(late, expected=True)]).json()) == ["stored"]  # before what it speaks of
    assert statuses(post(scanning, [late, undone, amend(undone, withdrawn=True), words[2]]).json()) == ["stored"] * 4
    assert statuses(post(scanning, [early, *words]).json()) == ["stored"] * 3 + ["duplicate"]
    by_id = {row.id: row for row in stored(town)}
    assert (by_id[early["id"]].trigger, by_id[early["id"]].expected) == ("phone", False)
    assert (by_id[late["id"]].expected, by_id[late["id"]].minutes) == (True, 10)
    assert [row.withdrawn for row in by_id.values()].count(True) == 1
    assert by_id[undone["id"]].withdrawn
    back = amend(undone, "09:09", withdrawn=False)
    assert statuses(post(scanning, [back]).json()) == ["stored"]
    assert not {row.id: row.withdrawn for row in stored(town)}[undone["id"]]


def test_nobody_changes_what_somebody_else_reported(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    scanning, ada, otto = scan(client, codes.token), town["ada"].browser(client), town["otto"].browser(client)
    hers, nobodys = report(), report()
    post(ada, [hers])
    post(scanning, [nobodys])
    assert statuses(post(otto, [amend(hers, withdrawn=True)]).json()) == ["quarantined not_yours"]
    assert statuses(post(ada, [amend(nobodys, withdrawn=True)]).json()) == ["quarantined not_yours"]
    assert statuses(post(scanning, [amend(hers, withdrawn=True)]).json()) == ["quarantined not_yours"]
    ahead = report()  # and not by being there first either
    assert statuses(post(otto, [amend(ahead, withdrawn=True)]).json()) == ["stored"]
    post(ada, [ahead])
    assert not any(row.withdrawn for row in stored(town))
    assert statuses(post(ada, [amend(hers, withdrawn=True)]).json()) == ["stored"]
    assert [row.withdrawn for row in stored(town)].count(True) == 1


def test_an_amendment_with_words_the_clinic_does_not_know_is_kept_aside(client: TestClient, town: Town) -> None:
    _poster, codes = hang(town)
    scanning, said = scan(client, codes.token), report()
    faulty = [amend(said, trigger="no-such"), amend(said, withdrawn="yes"), amend(said, amends="x")]
    told = post(scanning, [said, *faulty]).json()
    assert statuses(told) == ["stored", "quarantined unknown_trigger", "quarantined malformed", "quarantined malformed"]
    with town.database.read() as session:
        assert session.execute(select(ReportAmendment)).all() == []
        assert {row.session_id for row in session.execute(select(QuarantinedItem)).scalars()} == {None}
        assert session.execute(select(Receipt.status).where(Receipt.id == said["id"])).scalar() == "stored"
    told = text_of(town["mia"].browser(client).get("/quarantine"))
    assert "3 reports of North Clinic were kept aside in the last two weeks." in told


def test_what_was_refused_of_a_report_is_shown_to_whoever_sent_it_and_to_nobody_else(
    client: TestClient, town: Town
) -> None:
    """One report is what one person said, whether it could be taken or not."""
    hers = report(trigger="no-such", minutes=7)
    assert statuses(post(town["ada"].browser(client), [hers]).json()) == ["quarantined unknown_trigger"]
    with town.database.read() as session:
        number = session.execute(select(QuarantinedItem.id)).scalar_one()
    pages = ("/", "/quarantine", "/clinics/north/sessions", f"/quarantine/{number}", "/clinics/north/audit")
    for who in ("mia", "ana", "otto"):
        for page in pages:
            told = town[who].browser(client).get(page).text
            assert "no-such" not in told, (who, page)
            assert 'href="/quarantine/' not in told, (who, page)
    assert "no-such" in town["ada"].browser(client).get(f"/quarantine/{number}").text
    submit(client, town["ada"], f"/quarantine/{number}", do="dismiss")
    with town.database.read() as session:
        assert "dismissed" not in session.execute(select(Entry.action)).scalars().all()


def test_tiles_and_triggers_of_an_older_list_are_known_and_no_other_words_come_from_a_wall(
    client: TestClient, town: Town
) -> None:
    """A phone may have been without network since the tile went; a poster is no place to write on."""
    scanning = scan(client, hang(town)[1].token)
    with town.database.write() as session:
        older = default_list()
        parts = {name: getattr(older, name) for name in type(older).model_fields}
        parts |= {"stealers": older.stealers[1:], "triggers": tuple(t for t in older.triggers if t.code != "supplies")}
        publish(session, session.get_one(Clinic, town.north.id), TaskList(**parts), now_ms())
    gone = report(older.stealers[0].code, trigger="supplies")
    assert statuses(post(scanning, [gone, report("Ada is slow")]).json()) == ["stored", "quarantined malformed"]
    assert {row.stealer for row in stored(town)} == {older.stealers[0].code}


# --- the right itself ------------------------------------------------------------------------------------------------


def test_codes_are_stored_hashed_and_are_each_their_own(town: Town) -> None:
    made = [hang(town, f"Room {n}") for n in range(3)]
    with town.database.read() as session:
        rows = session.execute(text("SELECT * FROM posters")).all()
    shown = str(rows)
    assert len({codes.token for _poster, codes in made} | {codes.code for _poster, codes in made}) == 6
    assert not any(codes.token in shown or codes.code in shown for _poster, codes in made)
    assert all(len(codes.token) >= 22 for _poster, codes in made)  # 128 bits


def asked(client: TestClient, town: Town, name: str | None, token: str | None, slug: str = "north") -> Reporter:
    """Who somebody is for a page that is open to everybody who may report: by the login of `name`, by a poster."""
    cookie = f"timesink-poster={token}" if token else ""
    request = Request({"type": "http", "app": client.app, "headers": [(b"cookie", cookie.encode())]})
    with town.database.read() as session:
        caller = find_caller(session, "token", town[name].token, now_ms(), 0) if name else None
        return reporter(request, session, caller, slug)


def test_a_clinics_people_and_its_posters_may_report_and_nobody_else(client: TestClient, town: Town) -> None:
    poster, codes = hang(town)
    by_account = asked(client, town, "ada", codes.token)
    assert by_account.caller is not None
    assert (by_account.caller.id, by_account.poster) == (town["ada"].id, None)
    by_poster = asked(client, town, None, codes.token)
    assert by_poster.poster is not None
    assert (by_poster.caller, by_poster.poster.id, by_poster.clinic.slug) == (None, poster.id, "north")
    assert asked(client, town, "stella", codes.token).caller is None  # of another clinic: here she is nobody
    for name, token, slug, refusal in (
        (None, None, "north", NotSignedIn),
        (None, codes.token, "south", NotSignedIn),
        ("stella", None, "north", NotYours),
        ("ada", codes.token, "south", NotYours),
        ("ada", None, "nowhere", NotYours),
        (None, "A" * 22, "north", Forbidden),
    ):
        with pytest.raises(refusal):
            asked(client, town, name, token, slug)
