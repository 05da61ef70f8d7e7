"""What the API says of itself is true: thousands of requests, fit and unfit, get only answers that it has declared."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.config import Settings
from app.main import create_app
from app.openapi import EVERYWHERE, WHEN
from tests.builders import observed, send
from tests.people import Town
from tests.test_web import routes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CALLERS = ("ana", "otto", "stella", "nobody")
EXAMPLES = 25  # of each operation, fit and unfit each


def described() -> dict[str, Any]:
    """The description itself needs no database."""
    return create_app(Settings(database_url="sqlite:////nowhere/timesink.db")).openapi()


def operations() -> Iterator[Any]:
    for found in schemathesis.openapi.from_dict(DESCRIBED).get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # of one that cannot be read: fails, as it should
        yield pytest.param(operation, id=operation.label)


DESCRIBED = described()


@pytest.fixture
def session_id(client: TestClient, town: Town) -> str:
    """Of a session with something of everything."""
    lines = ("09:00 rooming", "09:05 supplies! searching", "09:07 back", "09:08 phone?", "09:10 +vitals", "09:12 pause")
    items = observed(*lines, "09:13 on", "09:14 #visits", "09:15 @location lab", "09:20 end")
    send(town["otto"].program(client), items)
    return str(items[0]["id"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fit", "unfit"])
@pytest.mark.parametrize("operation", list(operations()))
def test_only_declared_answers(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, client: TestClient, town: Town, session_id: str
) -> None:
    known = {"slug": "north", "clinic": "north", "session_id": session_id}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,  # the same requests each time: a failure today is one tomorrow
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        caller=st.sampled_from(CALLERS),
        of_this_place=st.sampled_from((True, True, True, False)),
    )
    def ask(case: Case[Any], caller: str, of_this_place: bool) -> None:
        if of_this_place:  # else nearly every request ends at a clinic that there is not
            for given_ in (case.path_parameters, case.query):
                given_.update({name: value for name, value in known.items() if name in given_ or name == "clinic"})
        headers = {"Authorization": f"Bearer {town[caller].token}"} if caller != "nobody" else {}
        case.validate_response(answer_to(client, case, headers), checks=CHECKS)

    ask()


def answer_to(client: TestClient, case: Case[Any], headers: dict[str, str]) -> Any:
    """Sent through the app that is running, as it would go over the wire."""
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    return client.request(
        asked.method or "",
        asked.url or "",
        content=asked.body,
        headers={**{name: value for name, value in asked.headers.items() if name != "Content-Length"}, **headers},
    )


def test_every_answer_of_the_api_is_declared_and_none_has_another_shape() -> None:
    """What every address may answer, without exception; the framework's own shape of a 422 is nowhere."""
    assert DESCRIBED["paths"]
    for path, its in DESCRIBED["paths"].items():
        for method, operation in its.items():
            answers = operation["responses"]
            assert {str(status) for status in EVERYWHERE} <= set(answers), f"{method} {path}"
            for status, answer in answers.items():
                assert answer["description"], f"{method} {path} {status}"
                if int(status) >= 400:
                    assert int(status) in WHEN
                    assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"
                elif int(status) != 304:
                    for media, content in answer["content"].items():
                        told = content["schema"] or "Content-Disposition" in answer.get("headers", ())
                        assert told, f"{method} {path} does not say what it answers as {media}"
            assert operation["summary"], f"{method} {path}"
    assert "HTTPValidationError" not in str(DESCRIBED)


def test_what_is_hard_to_meet_by_chance_has_its_declared_shape_too(
    client: TestClient, town: Town, session_id: str
) -> None:
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    mia = town["mia"].program(client)
    header, good = "session,subject,task,start,end", "A,MA-01,rooming,2026-11-02T09:00,2026-11-02T09:10"
    bad, new = "A,MA-01,vitals,2026-11-02T09:20,2026-11-02T09:15", "B,MA-01,Faxing,2026-11-02T10:00,2026-11-02T10:10"
    for lines, options, status in (
        ((good, bad, new), {"dry_run": "true"}, 200),
        ((good, bad, new), {}, 422),
        ((good, bad, new), {"skip_bad": "true", "add_tasks": "true"}, 200),
    ):
        file = ("log.csv", "\n".join((header, *lines)).encode(), "text/csv")
        answer = mia.post("/api/v1/imports", data={"clinic": "north", **options}, files={"file": file})
        assert answer.status_code == status
        schema["/api/v1/imports"]["POST"].validate_response(answer)
    window = "clinic=north&from=2026-11-01&to=2026-11-05"
    send(town["ada"].program(client), observed("09:00 rooming", "09:30 end", mode="self", subject=None), device="own")
    for mode in ("observed", "self"):
        answer = mia.get(f"/api/v1/summary?{window}&mode={mode}")
        assert (answer.status_code, bool(answer.json()["withheld"])) == (200, mode == "self")
        schema["/api/v1/summary"]["GET"].validate_response(answer)


def test_the_description_is_there_for_programs_to_read(client: TestClient) -> None:
    assert client.get("/api/v1/openapi.json").json()["paths"].keys() == DESCRIBED["paths"].keys()


def test_every_route_below_api_is_in_it(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    known = {route.path for route in routes(client.app) if route.path.startswith("/api/")}
    assert known == set(DESCRIBED["paths"])
