"""The import page: what would happen first, then the very files that were looked at."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from app.audit.models import Entry
from app.capture.models import ObservationSession
from app.web import form_token
from tests.people import Town
from tests.webpages import HTMX, is_whole_page, statuses_for, text_of

PAGE = "/clinics/north/import"
HEADER = "session,subject,task,start,end"
GOOD = "A,MA-01,rooming,2026-11-02T09:00,2026-11-02T09:10"
BAD = "A,MA-01,vitals,2026-11-02T09:20,2026-11-02T09:15"
NEW = "B,MA-01,Faxing,2026-11-02T10:00,2026-11-02T10:10"


def post(town: Town, client: TestClient, who: str, *lines: str, **fields: str) -> Response:
    """As htmx sends the form."""
    return sent(town, client, who, lines, fields, HTMX)


def sent(
    town: Town, client: TestClient, who: str, lines: Sequence[str], fields: Mapping[str, str], headers: dict[str, str]
) -> Response:
    browser = town[who].browser(client)
    data = {"token": form_token(town[who].cookie), **fields}
    file = ("log.csv", "\n".join([HEADER, *lines, ""]).encode(), "text/csv")
    answer: Response = browser.post(PAGE, data=data, files={"file": file}, headers=headers)
    return answer


def looked_at(answer: Response) -> dict[str, str]:
    """What the form would send with the import button of this preview."""
    found = re.search(r'name="previewed" value="([0-9a-f]{64})"', answer.text)
    assert found, text_of(answer)
    return {"step": "import", "previewed": found[1]}


def sessions(town: Town) -> int:
    with town.database.read() as session:
        return session.execute(select(func.count()).select_from(ObservationSession)).scalar_one()


def test_it_is_for_whoever_may_observe_in_the_clinic(town: Town, client: TestClient) -> None:
    told = statuses_for(town, client, PAGE)
    assert told == {"otto": 200, "olga": 200, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    assert client.get(PAGE).status_code == 303
    assert town["ana"].browser(client).get("/clinics/west/import").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("otto", 200), ("mia", 200), ("ana", 200), ("ada", 403), ("stella", 404)])
def test_previews_too(town: Town, client: TestClient, who: str, status: int) -> None:
    assert post(town, client, who, GOOD).status_code == status


def test_options_are_offered_by_role(town: Town, client: TestClient) -> None:
    offered = {
        who: [name for name in ("skip_bad", "add_tasks", "as") if f'name="{name}"' in told]
        for who in ("otto", "mia", "ana")
        for told in [town[who].browser(client).get(PAGE).text]
    }
    assert offered == {"otto": ["skip_bad"], "mia": ["skip_bad", "add_tasks"], "ana": ["skip_bad", "add_tasks", "as"]}
    assert post(town, client, "otto", NEW, add_tasks="on").status_code == 403
    assert post(town, client, "mia", GOOD, **{"as": town["otto"].email}).status_code == 403


def test_a_preview_says_what_would_be_added_and_adds_nothing(town: Town, client: TestClient) -> None:
    told = post(town, client, "mia", GOOD, NEW, add_tasks="on", step="preview")
    assert told.status_code == 200
    text = text_of(told)
    assert "2 sessions with 2 lines would be added." in text
    assert "New on the clinic's list, tasks: Faxing." in text
    assert "A Mon, Nov 2, 2026, 9:00 AM 1 new" in text.replace(" ", " ")
    assert sessions(town) == 0


def test_what_was_looked_at_is_imported(town: Town, client: TestClient) -> None:
    preview = post(town, client, "mia", GOOD, step="preview")
    done = post(town, client, "mia", GOOD, **looked_at(preview))
    assert done.status_code == 200
    assert "Imported 1 session with 1 line; already there: 0." in text_of(done)
    assert sessions(town) == 1
    again = post(town, client, "mia", GOOD, step="preview")
    assert "Nothing: all of it is there already." in text_of(again)
    assert 'value="import"' not in again.text


@pytest.mark.parametrize("changed", ["file", "option", "never looked"])
def test_what_was_not_looked_at_is_not_imported(town: Town, client: TestClient, changed: str) -> None:
    confirmed = looked_at(post(town, client, "mia", GOOD, step="preview"))
    if changed == "never looked":
        del confirmed["previewed"]
    lines = [GOOD.replace("09:10", "09:11")] if changed == "file" else [GOOD]
    told = post(town, client, "mia", *lines, **confirmed, **({"merge": "on"} if changed == "option" else {}))
    assert told.status_code == 422
    assert "is not what it was when you looked: nothing was written" in text_of(told)
    assert sessions(town) == 0
    options = {"merge": "on"} if changed == "option" else {}
    assert "Imported 1 session" in text_of(post(town, client, "mia", *lines, **looked_at(told), **options))


def test_every_bad_line_is_named_and_nothing_can_be_imported(town: Town, client: TestClient) -> None:
    told = post(town, client, "otto", GOOD, BAD, NEW, step="preview")
    text = text_of(told)
    assert told.status_code == 422
    assert "Nothing would be written as it stands." in text
    assert "1 line is bad: correct it, or tick “Skip bad lines” and look again." in text
    assert "log.csv:3 It ends (2026-11-02T09:15) before it starts (2026-11-02T09:20)." in text
    assert "Not on the clinic's list, tasks: Faxing." in text
    assert "ask a manager to import it with “Add tasks”" in text
    assert 'value="import"' not in told.text
    forced = post(town, client, "otto", GOOD, BAD, NEW, step="import", previewed="0" * 64)
    assert (forced.status_code, sessions(town)) == (422, 0)


def test_of_many_unknown_names_the_page_names_twenty(town: Town, client: TestClient) -> None:
    lines = [f"B,MA-01,Chore {n},2026-11-02T10:{n:02},2026-11-02T10:{n + 1:02}" for n in range(50)]
    assert "Chore 18, Chore 19 and 30 more." in text_of(post(town, client, "otto", *lines, step="preview"))
    told = text_of(post(town, client, "mia", *lines, step="preview", add_tasks="on"))
    assert "New on the clinic's list, tasks: Chore 0, Chore 1," in told
    assert "Chore 18, Chore 19 and 30 more." in told


def test_bad_lines_are_skipped_if_wished(town: Town, client: TestClient) -> None:
    preview = post(town, client, "otto", GOOD, BAD, step="preview", skip_bad="on")
    assert "1 session with 1 line would be added." in text_of(preview)
    assert "incomplete" in text_of(preview)
    done = post(town, client, "otto", GOOD, BAD, skip_bad="on", **looked_at(preview))
    assert "already there: 0. 1 bad line was left out." in text_of(done)


def test_a_session_that_belongs_to_somebody_else_is_named(town: Town, client: TestClient) -> None:
    post(town, client, "otto", GOOD, **looked_at(post(town, client, "otto", GOOD)))
    text = text_of(post(town, client, "mia", GOOD, GOOD.replace("T09", "T11"), NEW.replace("Faxing", "vitals")))
    assert "1 session cannot be stored, see below. The others can: tick “Skip bad lines” and look again." in text
    assert "Sessions that cannot be stored A Session “A” is there and belongs to somebody else" in text
    assert "line is bad" not in text


def test_a_slip_loses_nothing_that_was_chosen(town: Town, client: TestClient) -> None:
    browser = town["ana"].browser(client)
    chosen = {"format": "neutral", "merge": "on", "unobserved": "Nothing", "as": town["otto"].email}
    data = {"token": form_token(town["ana"].cookie), **chosen}
    told = browser.post(PAGE, data=data, files={"file": ("", b"", "application/octet-stream")})
    assert told.status_code == 422
    assert "Choose at least one file first." in text_of(told)
    for found in (
        "<option selected>neutral",
        'name="merge" checked',
        'value="Nothing"',
        f'{town["otto"].email}" selected',
    ):
        assert found in told.text


def test_without_script_the_page_asks_for_the_files_again(town: Town, client: TestClient) -> None:
    told = sent(town, client, "mia", [GOOD], {"step": "preview"}, {})
    assert is_whole_page(told)
    assert "Choose the same files again above, then import" in text_of(told)
    done = sent(town, client, "mia", [GOOD], looked_at(told), {})
    assert "Imported 1 session" in text_of(done)


def test_sessions_are_imported_for_somebody_else_by_an_admin(town: Town, client: TestClient) -> None:
    owner = {"as": town["otto"].email}
    post(town, client, "ana", GOOD, **owner, **looked_at(post(town, client, "ana", GOOD, **owner)))
    (one,) = town["ana"].program(client).get("/api/v1/sessions?clinic=north").json()["items"]
    assert one["observer"] == town["otto"].id
    told = post(town, client, "ana", GOOD, **{"as": town["ada"].email})
    assert (told.status_code, "cannot own sessions" in text_of(told)) == (422, True)


def test_an_import_is_audited_and_a_preview_is_not(town: Town, client: TestClient) -> None:
    preview = post(town, client, "mia", GOOD, step="preview")
    post(town, client, "mia", GOOD, **looked_at(preview))
    post(town, client, "mia", GOOD, **looked_at(preview))
    with town.database.read() as session:
        (entry,) = session.execute(select(Entry).where(Entry.action == "imported")).scalars()
    about: dict[str, Any] = json.loads(entry.about or "")
    assert (entry.person_id, entry.clinic_id) == (town["mia"].id, town.north.id)
    assert about == {"person": town["mia"].id, "sessions": 1, "items": 4}


def test_another_sites_form_cannot_import(town: Town, client: TestClient) -> None:
    browser = town["mia"].browser(client)
    files = {"file": ("log.csv", f"{HEADER}\n{GOOD}\n".encode(), "text/csv")}
    assert browser.post(PAGE, files=files).status_code == 403
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    data = {"token": form_token(town["mia"].cookie)}
    assert browser.post(PAGE, data=data, files=files).status_code == 403


def test_files_of_some_megabytes_fit_and_more_are_refused_with_a_sentence(town: Town, client: TestClient) -> None:
    fits = post(town, client, "mia", GOOD, "\n" * (3 << 19), step="preview")
    assert "1 session with 1 line would be added." in text_of(fits)
    told = post(town, client, "mia", "x" * (10 << 20))
    assert (told.status_code, "more than the 10240 KiB" in text_of(told)) == (413, True)


def test_the_summary_page_offers_its_figures_as_files_by_role(town: Town, client: TestClient) -> None:
    post(town, client, "mia", GOOD, **looked_at(post(town, client, "mia", GOOD)))
    path = "/clinics/north/summary?from=2026-11-02&to=2026-11-02&staff_role=MA"
    links = {
        who: re.findall(r'href="(/api/v1/exports/[^"]+)"', town[who].browser(client).get(path).text)
        for who in ("mia", "ana")
    }
    asked = "clinic=north&amp;from=2026-11-02&amp;to=2026-11-02"
    filtered = f"{asked}&amp;mode=observed&amp;staff_role=MA"
    summary = [f"/api/v1/exports/summary.{format}?{filtered}" for format in ("xlsx", "csv", "json")]
    summary.append(f"/api/v1/exports/charts.zip?{filtered}")
    assert links["mia"] == summary
    rows = (
        "segments.xlsx",
        "segments.csv",
        "segments.json",
        "events.csv",
        "events.json",
        "sessions.xes",
        "package.zip",
    )
    assert links["ana"] == [*summary, *(f"/api/v1/exports/{file}?{asked}" for file in rows)]
    ana = town["ana"].browser(client)
    assert {ana.get(link.replace("&amp;", "&")).status_code for link in links["ana"]} == {200}
