"""What nobody could measure is said to be so: in the log, in the review, in the summary, which can leave it out."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli import app as commands
from app.db import Database
from app.slices.freshen import freshen
from app.slices.refresh import mend
from tests.builders import at, observed, send
from tests.faults.ledger import Ledger, look
from tests.people import Member, Town
from tests.webpages import text_of

MINUTE = 60_000
DAY = {"clinic": "north", "from": "2026-11-02", "to": "2026-11-02"}
LOAD = "load-1"


def stamped(item: dict[str, Any], *, wrong_ms: int = 0, load: str = LOAD, begun: int = 0) -> dict[str, Any]:
    """An item as a phone of which the wall clock is wrong by so much would stamp it."""
    walls: dict[str, Any] = {name: item[name] + wrong_ms for name in ("at", "recorded_at") if name in item}
    return {**item, **walls, "load": load, "mono": float(item["at"] - (begun or at("08:59")))}


def sample(clock: str, offset_ms: int = 0, load: str = LOAD, wall: str = "") -> dict[str, Any]:
    """Taken then by the server's clock, or, with `wall`, by the phone's."""
    shown = at(wall) if wall else at(clock) - offset_ms
    return {"load": load, "mono": float(at(clock) - at("08:59")), "wall": shown, "offset_ms": offset_ms, "rtt_ms": 60}


def told_at(clock: str, *samples: dict[str, Any], load: str = LOAD) -> dict[str, Any]:
    return {
        "clock": {"wall": at(clock), "mono": float(at(clock) - at("08:59")), "samples": list(samples)},
        "load": load,
    }


@pytest.fixture
def morning(town: Town, client: TestClient) -> str:
    """From 9:20 on the phone's clock is two hours ahead, set forward or slept: nothing was measured after that."""
    items = observed(
        *("09:00 rooming", "09:06 #visits", "09:10 vitals", "09:20 phone! callbacks", "09:25 back"),
        *("09:26 #visits", "09:30 discharge", "09:40 end"),
    )
    wrong = [stamped(one, wrong_ms=120 * MINUTE if one["at"] >= at("09:20") else 0) for one in items]
    program = town["otto"].program(client)
    send(program, wrong[:4], **told_at("09:06:01", sample("09:06:01")))
    send(program, wrong[4:], **told_at("09:06:01", sample("09:06:01")))
    return str(items[0]["id"])


def summary(client: TestClient, who: Member, **more: str) -> dict[str, Any]:
    found: dict[str, Any] = who.program(client).get("/api/v1/summary", params=DAY | more).json()
    return found


def events(client: TestClient, who: Member, session: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.program(client).get(f"/api/v1/sessions/{session}/events").json()["items"]
    return items


def test_a_summary_leaves_out_what_stands_on_uncertain_times(town: Town, client: TestClient, morning: str) -> None:
    whole = summary(client, town["mia"])
    # 9:10 to 9:20, of which the end is uncertain, has grown by the two hours that were set or slept
    assert (whole["observed_ms"] // MINUTE, whole["uncertain_ms"] // MINUTE) == (160, 150)
    certain = summary(client, town["mia"], uncertain="left_out")
    assert (certain["observed_ms"] // MINUTE, certain["uncertain_ms"]) == (10, 0)
    assert {row["task"]: row["person_ms"] // MINUTE for row in certain["tasks"] if row["person_ms"]} == {"rooming": 10}
    assert (whole["interruptions"]["count"], certain["interruptions"]["count"]) == (1, 0)
    assert (whole["counts"], certain["counts"]) == ({"visits": 2}, {"visits": 1})
    assert {row["task"]: row["occurrences"] for row in certain["tasks"]} == {"rooming": 1}
    assert [row["observed_ms"] // MINUTE for row in certain["by_day"]] == [10]
    as_file = town["mia"].program(client).get("/api/v1/exports/summary.json", params=DAY | {"uncertain": "left_out"})
    assert as_file.json()["observed_ms"] == certain["observed_ms"]


def test_the_filter_knows_one_word_and_leaves_own_days_alone(town: Town, client: TestClient) -> None:
    mia = town["mia"].program(client)
    answer = mia.get("/api/v1/summary", params=DAY | {"uncertain": "yes"})
    assert answer.status_code == 400
    assert "choose one of left_out" in answer.json()["detail"]
    assert mia.get("/api/v1/summary", params=DAY | {"uncertain": "left_out", "mode": "self"}).status_code == 400


def test_the_review_says_which_rows_are_uncertain(town: Town, client: TestClient, morning: str) -> None:
    shown = text_of(town["otto"].browser(client).get(f"/sessions/{morning}/review"))
    first = shown[shown.index("Look at these first") : shown.index("From top to bottom")]
    assert "4 rows of uncertain time" in first
    rows = shown[shown.index("From top to bottom") :]
    assert rows.count("time uncertain") == 4
    assert rows.index("Rooming") < rows.index("time uncertain")


def test_a_later_sample_makes_it_certain_and_what_was_sent_stays_as_it_was(
    town: Town, client: TestClient, database: Database, morning: str
) -> None:
    before = events(client, town["otto"], morning)
    assert [one["uncertain"] for one in before] == [False] * 4 + [True] * 5
    # the phone had been asleep for no minute: its clock was set, as the next answer shows
    after_it = {**sample("09:41", -120 * MINUTE), "wall": at("09:41") + 120 * MINUTE}
    send(town["otto"].program(client), [], **told_at("09:41", sample("09:06:01"), after_it))
    after = events(client, town["otto"], morning)
    assert not any(one["uncertain"] for one in after)
    assert [one["at_corrected"] for one in after] == [
        at(clock) for clock in ("09:00", "09:00", "09:06", "09:10", "09:20", "09:25", "09:26", "09:30", "09:40")
    ]
    derived = ("at_corrected", "uncertain")
    raw = [{name: value for name, value in one.items() if name not in derived} for one in after]
    assert raw == [{name: value for name, value in one.items() if name not in derived} for one in before]
    assert summary(client, town["mia"])["uncertain_ms"] == 0
    # and all that is derived can be made again from what was sent
    freshen(database, town.north.id)
    with database.write() as session:
        assert mend(session, morning) is False


def test_what_was_measured_while_the_servers_clock_was_wrong_can_be_set_aside(
    town: Town, client: TestClient, database: Database
) -> None:
    """The server went an hour ahead until 9:20 and was put right; the phone was right all the time."""
    items = [stamped(one) for one in observed("09:00 rooming", "09:10 vitals", "09:30 discharge", "09:40 end")]
    otto = town["otto"]
    send(otto.program(client), items[:3], **told_at("09:01", sample("09:01", 60 * MINUTE, wall="09:01")))
    send(
        otto.program(client), items[3:], **told_at("09:41", sample("09:11", 60 * MINUTE, wall="09:11"), sample("09:41"))
    )
    session = items[0]["id"]
    assert [one["at_corrected"] - one["at"] for one in events(client, otto, session)][:2] == [60 * MINUTE] * 2
    environment = {"TIMESINK_DATABASE_URL": database.url}
    run = ["rebuild", "--clock-wrong", "2026-11-02T10:00-06:00", "2026-11-02T10:20-06:00"]
    done = CliRunner().invoke(commands, run, env=environment)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "2 clock samples are set aside."), done.output
    after = events(client, otto, session)
    assert [(one["at_corrected"] - one["at"], one["uncertain"]) for one in after] == [(0, False)] * 5
    assert summary(client, town["mia"])["observed_ms"] == 40 * MINUTE
    # a phone that tells them again brings nothing back
    again = sample("09:11", 60 * MINUTE, wall="09:11")
    send(otto.program(client), [], **told_at("09:50", sample("09:01", 60 * MINUTE, wall="09:01"), again))
    assert [one["at_corrected"] - one["at"] for one in events(client, otto, session)] == [0] * 5


def test_a_page_load_that_was_measured_only_before_the_clock_was_set_is_not_believed(
    town: Town, client: TestClient
) -> None:
    """The phone was right yesterday, is set three hours ahead, and uploads a whole session in one batch."""
    wrong = 180 * MINUTE
    items = [stamped(one, wrong_ms=wrong, load="load-2") for one in observed("09:00 rooming", "09:10 end")]
    yesterday = {**sample("08:59:30"), "wall": at("09:00", day="2026-11-01"), "mono": 5000.0}
    clock = {"wall": at("09:11") + wrong, "mono": float(at("09:11") - at("08:59")), "samples": [yesterday]}
    send(town["otto"].program(client), items, clock=clock, load="load-2")
    # the request itself shows the clock as it is now, to what its way took, which nobody knows; yesterday's sample
    # says nothing of it
    told = events(client, town["otto"], items[0]["id"])
    came = told[0]["received_at"] - clock["wall"]
    assert [(one["at_corrected"] - one["at"], one["uncertain"]) for one in told] == [(came, True)] * len(told)
    measured = {**sample("09:12", came - 400, load="load-2"), "wall": at("09:12") + wrong}
    send(town["otto"].program(client), [], clock={**clock, "samples": [measured]}, load="load-2")
    told = events(client, town["otto"], items[0]["id"])
    assert [(one["at_corrected"] - one["at"], one["uncertain"]) for one in told] == [(came - 400, False)] * len(told)


def test_the_ledger_names_a_tap_whose_time_is_wrong_and_not_one_that_is_called_uncertain(
    town: Town, client: TestClient, ledger: Ledger
) -> None:
    otto, slow = town["otto"], -5000
    measured = {**sample("09:11", -slow - 1020), "wall": at("09:11") + slow}  # as wrong as 60 ms on the way allow
    for load, samples in ((LOAD, [measured]), ("load-2", [])):
        items = [stamped(one, wrong_ms=slow, load=load) for one in observed("09:00 rooming", "09:10 end")]
        for item in items:
            ledger.saved(item, otto.id, slow)
        send(otto.program(client), items, **told_at("09:12", *samples, load=load))
    assert ledger.compare(town.database).uncertain == 3  # of what only its request has shown, weeks later
    begin = list(ledger.taps)[1]
    ledger.ahead[begin] -= 50  # in truth it was later by so much
    assert look(ledger, town.database).mistimed == [f"begin {begin} by 1070 ms, not flagged, 1030 at most"]
