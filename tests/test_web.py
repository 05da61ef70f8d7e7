"""What holds for every address: headers, the one error shape, no forged request, nobody let in by forgetting."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.config import CHECKOUT, Settings
from app.db import new_id
from app.main import create_app
from app.web import CONTENT_SECURITY_POLICY
from tests.people import Town

# addresses that answer to people who are not signed in
OPEN = {
    "/offline",
    "/pad/scene",
    "/healthz",
    "/readyz",
    "/sw.js",
    "/api/v1/posters",
    "/report",
    "/r",
    "/sign-in",
    "/sign-out",
    "/language",
    "/setup/{secret}",
    "/invitation/{secret}",
}


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every address of ours, those of included routers too."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, APIRoute):
            yield route
        waiting += getattr(getattr(route, "original_router", None), "routes", [])


def filled(path: str) -> str:
    """The path with something in each of its places."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda place: "north" if place[1] == "slug" else new_id(), path)


@pytest.fixture
def app(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


def test_there_are_routes_to_check(app: FastAPI) -> None:
    found = {route.path for route in routes(app)}
    assert {"/sign-in", "/", "/pad", "/sessions", "/api/v1/batches", "/api/v1/summary", "/healthz"} <= found
    assert OPEN - found <= {"/language"}


def test_whoever_is_not_signed_in_gets_nowhere_else(app: FastAPI, client: TestClient) -> None:
    for route in routes(app):
        for method in (route.methods or set()) - {"HEAD"}:
            if route.path in OPEN:
                continue
            answer = client.request(method, filled(route.path), headers={"Sec-Fetch-Site": "same-origin"})
            if route.path.startswith("/api/"):
                assert answer.status_code == 401, f"{method} {route.path}"
                assert answer.json()["code"] == "not_signed_in"
            else:
                assert answer.status_code == 303, f"{method} {route.path}"
                assert answer.headers["location"].startswith("/sign-in")


def test_no_unsafe_address_believes_a_cookie_sent_by_another_site(app: FastAPI, client: TestClient, town: Town) -> None:
    ana = town["ana"].browser(client)
    del ana.headers["Sec-Fetch-Site"]
    forgeries: list[dict[str, str]] = [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ]
    checked = 0
    for route in routes(app):
        for method in (route.methods or set()) - {"GET", "HEAD"}:
            for headers in forgeries:
                answer = ana.request(method, filled(route.path), headers=headers)
                assert answer.status_code == 403, f"{method} {route.path} with {headers}"
                checked += 1
    assert checked >= 6 * 6


def test_forms_need_the_token_of_their_own_login(client: TestClient, town: Town) -> None:
    ana = town["ana"].browser(client)
    for data in ({}, {"token": "guess"}):
        answer = ana.post("/sign-out", data=data)
        assert answer.status_code == 403
    assert ana.get("/sessions").status_code == 200


def test_every_answer_carries_the_headers(client: TestClient, town: Town) -> None:
    otto = town["otto"].browser(client)
    for path in ("/", "/sign-in", "/pad", "/nowhere", "/api/v1/nowhere", "/static/app.css", "/sw.js", "/healthz"):
        headers = otto.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert "clear-site-data" not in headers  # it would erase taps that wait


def test_over_https_cookies_are_bound_to_the_host_and_browsers_told_to_stay(settings: Settings, town: Town) -> None:
    secure = settings.model_copy(update={"base_url": "https://timesink.example"})
    with TestClient(create_app(secure), base_url="https://timesink.example", follow_redirects=False) as client:
        assert client.get("/sign-in").headers["strict-transport-security"].startswith("max-age=")
        plain = {"Cookie": f"timesink={town['otto'].cookie}"}
        assert client.get("/sessions", headers=plain).status_code == 303
        bound = {"Cookie": f"__Host-timesink={town['otto'].cookie}"}
        assert client.get("/sessions", headers=bound).status_code == 200


def test_errors_have_one_shape_for_programs_and_a_page_for_people(client: TestClient, town: Town) -> None:
    otto = town["otto"].browser(client)
    for method, path, status in (
        ("GET", "/api/v1/nowhere", 404),
        ("PUT", "/api/v1/batches", 405),
        ("GET", "/api/v1/sessions", 400),
        ("GET", f"/api/v1/sessions/{new_id()}", 404),
    ):
        answer = otto.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json().keys() >= {"type", "title", "status", "detail", "code"}
    page = otto.get("/nowhere")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1" in page.text


def test_a_body_larger_than_any_form_is_refused(client: TestClient) -> None:
    answer = client.post("/sign-in", content=b"x" * (1 << 20) + b"x", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 413


def test_alive_and_ready_need_no_login(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_the_service_worker_lists_files_that_exist_and_changes_its_version_with_them(client: TestClient) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "__VERSION__" not in answer.text
    assert "__ASSETS__" not in answer.text
    listed = re.findall(r'"(/static/[^"]+)"', answer.text)
    assert "/static/js/pad.js" in listed
    for path in listed:
        assert client.get(path).status_code == 200, path


def test_an_asset_is_cached_for_ever_only_by_its_fingerprint(client: TestClient) -> None:
    assert "immutable" in client.get("/static/app.css?v=123").headers["cache-control"]
    assert client.get("/static/app.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/../app/config.py").status_code == 404


def test_templates_and_scripts_hold_nothing_that_the_policy_forbids() -> None:
    for path in (CHECKOUT / "templates").rglob("*.html"):
        html = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son\w+=|<style|hx-on|javascript:|\|\s*safe", html), path
        for script in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html):
            assert 'type="application/json"' in script, path
    for path in (CHECKOUT / "static" / "js").glob("*.js"):
        source = path.read_text("utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|setAttribute\(.style", source), path


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/sign-in", "/static/app.css", "/sw.js", "/nowhere"])
def test_head_answers_as_get_does_and_says_nothing(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers.get("content-type") == got.headers.get("content-type")


@pytest.mark.parametrize("call", ["sessions", "summary"])
def test_a_parameter_that_a_call_does_not_know_is_named(client: TestClient, town: Town, call: str) -> None:
    mia = town["mia"].program(client)
    told = mia.get(f"/api/v1/{call}", params={"clinic": "north", "after": "x", "zone": "y"})
    assert (told.status_code, told.json()["code"]) == (400, "unknown_parameter")
    knows = told.json()["detail"].removeprefix("This call knows no after, zone. It knows: ").removesuffix(".")
    assert {"clinic", "from", "mode", "to"} <= set(knows.split(", "))
    assert mia.get(f"/api/v1/{call}", params={"clinic": "north", "from": "2026-11-02"}).status_code == 200


def test_pages_bear_parameters_that_others_add(client: TestClient, town: Town) -> None:
    address = "/clinics/north/summary?utm_source=mail&from=2026-11-02&to=2026-11-08"
    assert town["mia"].browser(client).get(address).status_code == 200
