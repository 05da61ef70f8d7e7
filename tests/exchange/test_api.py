"""POST /api/v1/imports: the same importer, with five people at the door."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.people import Town

HEADER = "session,subject,task,start,end"
GOOD = "A,MA-01,rooming,2026-11-02T09:00,2026-11-02T09:10"
BAD = "A,MA-01,vitals,2026-11-02T09:20,2026-11-02T09:15"
NEW = "B,MA-01,Faxing,2026-11-02T10:00,2026-11-02T10:10"


def post(caller: TestClient, *lines: str, clinic: str = "north", **fields: Any) -> Response:
    file = ("log.csv", "\n".join([HEADER, *lines, ""]).encode(), "text/csv")
    answer: Response = caller.post("/api/v1/imports", data={"clinic": clinic, **fields}, files={"file": file})
    return answer


def names(answer: Response) -> list[tuple[str, str]]:
    return [(one["label"], one["status"]) for one in answer.json()["sessions"]]


def test_a_file_is_imported_for_the_person_of_the_token(town: Town, client: TestClient) -> None:
    otto = town["otto"].program(client)
    told = post(otto, GOOD)
    assert told.status_code == 200, told.text
    assert told.json()["written"]
    assert names(told) == [("A", "new")]
    assert names(post(otto, GOOD)) == [("A", "there")]
    (session,) = otto.get("/api/v1/sessions", params={"clinic": "north"}).json()["items"]
    assert session["observer"] == town["otto"].id
    assert session["id"] == told.json()["sessions"][0]["id"]


def test_a_dry_run_previews_and_writes_nothing(town: Town, client: TestClient) -> None:
    otto = town["otto"].program(client)
    told = post(otto, GOOD, BAD, NEW, dry_run="true")
    assert told.status_code == 200
    body = told.json()
    assert (body["dry_run"], body["written"]) == (True, False)
    assert body["bad_lines"] == [
        {
            "file": "log.csv",
            "line": 3,
            "session": "A",
            "code": "ends_before_start",
            "detail": "It ends (2026-11-02T09:15) before it starts (2026-11-02T09:20).",
        }
    ]
    assert body["unknown"] == {"tasks": ["Faxing"], "triggers": [], "counters": []}
    assert otto.get("/api/v1/sessions", params={"clinic": "north"}).json()["items"] == []


def test_bad_lines_are_a_problem_with_every_one_of_them(town: Town, client: TestClient) -> None:
    told = post(town["otto"].program(client), GOOD, BAD)
    assert told.status_code == 422
    assert told.headers["content-type"] == "application/problem+json"
    body = told.json()
    assert (body["code"], body["bad_line_count"], body["bad_lines"][0]["line"]) == ("bad_lines", 1, 3)
    assert body["detail"].startswith("Nothing was written. 1 line is bad")


def test_unknown_names_are_a_problem_that_names_them(town: Town, client: TestClient) -> None:
    body = post(town["otto"].program(client), NEW).json()
    assert (body["status"], body["code"]) == (422, "unknown_names")
    assert "Faxing" in body["detail"]


def test_a_header_in_another_encoding_is_a_problem_and_nothing_is_written(town: Town, client: TestClient) -> None:
    otto = town["otto"].program(client)
    file = ("log.csv", f"{HEADER},café\n{GOOD},1\n".encode("latin-1"), "text/csv")
    told = otto.post("/api/v1/imports", data={"clinic": "north", "skip_bad": "true"}, files={"file": file})
    body = told.json()
    assert (body["bad_lines"][0]["line"], body["bad_lines"][0]["code"]) == (1, "not_utf8")
    assert body["sessions"] == []


def test_lines_that_a_quotation_mark_swallowed_are_named_and_counted(town: Town, client: TestClient) -> None:
    body = post(town["otto"].program(client), GOOD, 'A,MA-01,"vitals', *[GOOD] * 6, skip_bad="true").json()
    assert [(one["line"], one["code"]) for one in body["bad_lines"]] == [(3, "broken_quotes")]
    assert body["bad_lines"][0]["detail"].startswith("Lines 3 to 9: ")
    assert body["bad_line_count"] == 7


def test_good_lines_are_stored_if_bad_ones_are_skipped(town: Town, client: TestClient) -> None:
    told = post(town["otto"].program(client), GOOD, BAD, skip_bad="true")
    assert (told.status_code, told.json()["sessions"][0]["incomplete"]) == (200, True)


def test_names_are_added_by_managers_and_admins_only(town: Town, client: TestClient) -> None:
    assert post(town["otto"].program(client), NEW, add_tasks="true").status_code == 403
    told = post(town["mia"].program(client), NEW, add_tasks="true")
    assert (told.status_code, told.json()["added"]["tasks"]) == (200, ["Faxing"])


def test_an_admin_alone_imports_for_somebody_else(town: Town, client: TestClient) -> None:
    assert post(town["mia"].program(client), GOOD, **{"as": town["otto"].email}).status_code == 403
    ana = town["ana"].program(client)
    assert post(ana, GOOD, **{"as": town["otto"].email}).status_code == 200
    (session,) = ana.get("/api/v1/sessions", params={"clinic": "north"}).json()["items"]
    assert session["observer"] == town["otto"].id


@pytest.mark.parametrize(("who", "status"), [("ada", 403), ("stella", 404)])
def test_who_may_not_observe_here_may_not_import(town: Town, client: TestClient, who: str, status: int) -> None:
    assert post(town[who].program(client), GOOD).status_code == status


def test_nobody_imports_without_signing_in(client: TestClient) -> None:
    assert post(client, GOOD).status_code == 401


def test_another_sites_form_cannot_import_with_a_browsers_cookie(town: Town, client: TestClient) -> None:
    ana = town["ana"].browser(client)
    assert post(ana, GOOD).status_code == 200
    ana.headers["Sec-Fetch-Site"] = "cross-site"
    assert post(ana, GOOD).status_code == 403


@pytest.mark.parametrize("fields", [{"format": "boris-like"}, {"clinic": ""}, {"dry_run": "perhaps"}])
def test_wrong_fields_are_a_problem_that_names_them(town: Town, client: TestClient, fields: dict[str, str]) -> None:
    told = post(town["ana"].program(client), GOOD, **fields)
    assert (told.status_code, told.json()["code"]) == (400, "bad_parameter")
    assert next(iter(fields)) in told.json()["detail"]


def test_options_may_stand_in_the_address(town: Town, client: TestClient) -> None:
    ana = town["ana"].program(client)
    files = [("one", ("a.csv", f"{HEADER}\n{GOOD}\n")), ("two", ("b.csv", f"{HEADER}\n{NEW}\n"))]
    told = ana.post("/api/v1/imports", params={"clinic": "north", "dry_run": "true", "add_tasks": "1"}, files=files)
    assert told.status_code == 200, told.text
    assert (names(told), told.json()["dry_run"]) == ([("A", "new"), ("B", "new")], True)


def test_a_request_without_a_file_is_a_problem(town: Town, client: TestClient) -> None:
    ana = town["ana"].program(client)
    for sent in ({"data": {"clinic": "north"}}, {"json": {"clinic": "north"}}, {}):
        answer = ana.post("/api/v1/imports", **sent)
        assert (answer.status_code, answer.json()["code"]) == (400, "no_file")


def test_more_than_ten_mebibytes_are_too_much_at_once(town: Town, client: TestClient) -> None:
    assert post(town["ana"].program(client), "x" * (10 << 20)).status_code == 413
