"""Signing in and out, invitations and one's own account, as a browser does it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from app.config import Settings
from app.db import Database, now_ms
from app.errors import BadRequest
from app.main import create_app
from app.people.accounts import add_person, make_link, set_password
from app.people.models import Login, Person
from app.people.passwords import check_typed
from app.web import form_token
from tests.people import Town, settle
from tests.webpages import is_whole_page, submit, text_of

PASSWORD = "quiet maple harbour ninety"
NEW = "seven lanterns over gravel"


@pytest.fixture
def with_password(town: Town) -> Town:
    """Otto has a password; his login of the fixture is gone with it."""
    with town.database.write() as session:
        set_password(session, session.get_one(Person, town["otto"].id), PASSWORD)
    return town


def sign_in(client: TestClient, email: str, password: str, **fields: str) -> Response:
    return submit(client, None, "/sign-in", email=email, password=password, **fields)


# --- signing in ------------------------------------------------------------------------------------------------------


def test_with_the_right_password_one_is_in_and_back_where_one_wanted_to_go(
    client: TestClient, with_password: Town
) -> None:
    answer = sign_in(client, " Otto@North.example ", PASSWORD, next="/sessions?before=")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sessions?before=")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("timesink=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert f"Max-Age={90 * 86400}" in cookie
    assert client.get("/sessions").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(settings: Settings, with_password: Town) -> None:
    secure = settings.model_copy(update={"base_url": "https://timesink.example"})
    with TestClient(create_app(secure), base_url="https://timesink.example", follow_redirects=False) as client:
        cookie = sign_in(client, "otto@north.example", PASSWORD).headers["set-cookie"]
    assert cookie.startswith("__Host-timesink=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_the_answer_does_not_tell_whether_there_is_such_an_account(client: TestClient, with_password: Town) -> None:
    wrong = sign_in(client, "otto@north.example", "not the right password")
    unknown = sign_in(client, "nobody@north.example", "not the right password")
    without = sign_in(client, "ada@north.example", "not the right password")
    assert wrong.status_code == unknown.status_code == without.status_code == 422
    assert text_of(wrong) == text_of(unknown) == text_of(without)
    assert 'value="nobody@north.example"' in unknown.text
    assert "not the right password" not in wrong.text
    assert "set-cookie" not in wrong.headers


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "pad", "/a\r\nb"]
)
def test_next_leads_nowhere_else(client: TestClient, with_password: Town, where: str) -> None:
    assert sign_in(client, "otto@north.example", PASSWORD, next=where).headers["location"] == "/"


def test_whoever_is_signed_in_needs_no_sign_in_page(client: TestClient, town: Town) -> None:
    answer = town["otto"].browser(client).get("/sign-in", params={"next": "/pad"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/pad")


def test_a_browser_whose_login_has_run_out_can_sign_in_again(client: TestClient, with_password: Town) -> None:
    """It still sends the old cookie, and the form's token is that of the cookie."""
    client.cookies.set("timesink", "long-gone")
    page = client.get("/sign-in")
    assert f'value="{form_token("long-gone")}"' in page.text
    answer = sign_in(client, "otto@north.example", PASSWORD, token=form_token("long-gone"))
    assert answer.status_code == 303


def test_after_ten_wrong_passwords_an_account_waits_and_the_page_says_how_long(
    client: TestClient, with_password: Town
) -> None:
    for _attempt in range(10):
        assert sign_in(client, "otto@north.example", "wrong").status_code == 422
    refused = sign_in(client, "otto@north.example", PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many attempts" in text_of(refused)
    assert 'value="otto@north.example"' in refused.text
    # the colleague at the next desk is not locked out by it
    with with_password.database.write() as session:
        set_password(session, session.get_one(Person, with_password["mia"].id), PASSWORD)
    assert sign_in(client, "mia@north.example", PASSWORD).status_code == 303


def test_of_thirty_wrong_passwords_sent_at_once_ten_are_tried(client: TestClient, with_password: Town) -> None:
    def tried(_nth: int) -> int:
        return sign_in(client, "otto@north.example", "wrong").status_code

    with ThreadPoolExecutor(30) as burst:
        statuses = Counter(burst.map(tried, range(30)))
    assert statuses == {422: 10, 429: 20}


def test_right_passwords_are_not_counted(client: TestClient, with_password: Town) -> None:
    for _attempt in range(12):
        assert sign_in(client, "otto@north.example", PASSWORD).status_code == 303
        client.cookies.clear()


def test_an_address_with_an_invisible_character_is_no_account(client: TestClient, with_password: Town) -> None:
    assert sign_in(client, "otto\0@north.example", PASSWORD).status_code == 422


def test_a_disabled_account_does_not_get_in(client: TestClient, with_password: Town) -> None:
    with with_password.database.write() as session:
        session.get_one(Person, with_password["otto"].id).disabled_at = now_ms()
    assert sign_in(client, "otto@north.example", PASSWORD).status_code == 422


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_site_cannot_sign_anybody_in(client: TestClient, with_password: Town, headers: dict[str, str]) -> None:
    fields = {"email": "otto@north.example", "password": PASSWORD}
    assert client.post("/sign-in", data=fields, headers=headers).status_code == 403


def test_from_a_listed_address_of_the_network_one_can_sign_in_over_plain_http(
    settings: Settings, with_password: Town
) -> None:
    listed = settings.model_copy(update={"lan_origins": ["http://10.0.0.5:8000"]})
    with TestClient(create_app(listed), follow_redirects=False) as client:
        fields = {"email": "otto@north.example", "password": PASSWORD}
        answer = client.post("/sign-in", data=fields, headers={"Origin": "http://10.0.0.5:8000"})
    assert answer.status_code == 303


# --- signing out -----------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_login_and_leaves_the_phone_its_taps(client: TestClient, town: Town) -> None:
    answer = submit(client, town["otto"], "/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "clear-site-data" not in answer.headers
    assert 'timesink=""' in answer.headers["set-cookie"]
    assert town["otto"].browser(client).get("/").status_code == 303


def test_signing_out_twice_is_no_error(client: TestClient, town: Town) -> None:
    submit(client, town["otto"], "/sign-out")
    assert submit(client, town["otto"], "/sign-out").headers["location"] == "/sign-in"


# --- invitations -----------------------------------------------------------------------------------------------------


@pytest.fixture
def link(town: Town) -> str:
    with town.database.write() as session:
        nina = add_person(session, email="nina@north.example", name="Nina", at=now_ms())
        return "/invitation/" + make_link(session, nina, now_ms(), 72)


def accept(
    client: TestClient, link: str, name: str = "Nina", password: str = NEW, again: str | None = None
) -> Response:
    return submit(client, None, link, name=name, password=password, again=password if again is None else again)


def test_looking_at_an_invitation_does_not_use_it_up(client: TestClient, link: str) -> None:
    for _look in range(3):
        page = client.get(link)
        assert page.status_code == 200
        assert is_whole_page(page)
        assert "nina@north.example" in text_of(page)
    assert accept(client, link).status_code == 303


def test_an_invitation_gives_name_and_password_and_lets_in_once(client: TestClient, town: Town, link: str) -> None:
    answer = accept(client, link, name=" Nina Ortega ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Nina Ortega" in text_of(client.get("/"))
    client.cookies.clear()
    assert client.get(link).status_code == 404
    assert accept(client, link).status_code == 404
    assert sign_in(client, "nina@north.example", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "passwordpassword"}, "too easy to guess"),
        ({"again": "something else entirely"}, "not the same"),
        ({"name": "  "}, "Give a name"),
        ({"name": "x" * 121}, "Give a name"),
    ],
)
def test_what_does_not_fit_is_said_and_the_link_still_works(
    client: TestClient, link: str, fields: dict[str, str], sentence: str
) -> None:
    answer = accept(client, link, **fields)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert "set-cookie" not in answer.headers
    assert accept(client, link).status_code == 303


def test_a_link_that_does_not_exist_says_what_to_do(client: TestClient, town: Town) -> None:
    answer = client.get("/invitation/made-up")
    assert answer.status_code == 404
    assert "Ask for a new one" in text_of(answer)


def test_a_set_up_link_is_no_invitation(client: TestClient, town: Town) -> None:
    with town.database.write() as session:
        secret = make_link(session, None, now_ms(), 72)
    assert client.get(f"/invitation/{secret}").status_code == 404


# --- one's own account -----------------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(client: TestClient, with_password: Town) -> TestClient:
    sign_in(client, "otto@north.example", PASSWORD)
    return client


def change(client: TestClient, old: str, password: str, again: str | None = None) -> Response:
    fields = {"old": old, "password": password, "again": password if again is None else again}
    return submit(client, None, "/account/password", token=form_token(client.cookies["timesink"]), **fields)


def test_a_new_password_keeps_this_browser_in_and_puts_every_other_out(
    signed_in: TestClient, with_password: Town
) -> None:
    first = signed_in.cookies["timesink"]
    answer = change(signed_in, PASSWORD, NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?changed=1")
    assert "new password holds" in text_of(signed_in.get("/account?changed=1"))
    assert signed_in.cookies["timesink"] != first
    signed_in.cookies.set("timesink", first)
    assert signed_in.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("not it", NEW, NEW, "old password is not right"),
        (PASSWORD, "short", "short", "at least 12"),
        (PASSWORD, NEW, "else", "not the same"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    signed_in: TestClient, old: str, new: str, again: str, sentence: str
) -> None:
    answer = change(signed_in, old, new, again)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert signed_in.get("/account").status_code == 200


def test_whoever_finds_a_phone_unlocked_cannot_guess_on(signed_in: TestClient) -> None:
    for _guess in range(10):
        assert change(signed_in, "guess", NEW).status_code == 422
    refused = change(signed_in, PASSWORD, NEW)
    assert refused.status_code == 429
    assert "retry-after" in refused.headers


def test_signing_out_everywhere_ends_browsers_and_tokens(client: TestClient, town: Town) -> None:
    answer = submit(client, town["otto"], "/account/sign-out-everywhere")
    assert answer.headers["location"] == "/sign-in"
    assert town["otto"].browser(client).get("/").status_code == 303
    assert town["otto"].program(client).get("/api/v1/sessions?clinic=north").status_code == 401
    with town.database.read() as session:
        assert session.query(Login).filter_by(person_id=town["otto"].id).count() == 0
    assert town["mia"].browser(client).get("/").status_code == 200


# --- language --------------------------------------------------------------------------------------------------------


def test_a_language_is_kept_in_the_browser_and_for_the_person(client: TestClient, town: Town) -> None:
    answer = submit(client, town["otto"], "/language", language="en", next="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert answer.headers["set-cookie"].startswith("timesink-language=en;")
    with town.database.read() as session:
        assert session.get_one(Person, town["otto"].id).language == "en"


def test_a_language_that_is_not_spoken_here_changes_nothing(client: TestClient) -> None:
    answer = submit(client, None, "/language", language="xx", next="//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


def test_the_language_chosen_once_comes_back_with_the_next_sign_in(client: TestClient, with_password: Town) -> None:
    with with_password.database.write() as session:
        session.get_one(Person, with_password["otto"].id).language = "en"
    cookies = sign_in(client, "otto@north.example", PASSWORD).headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["timesink", "timesink-language"]


def test_an_empty_server_says_where_its_first_link_stands(client: TestClient, database: Database) -> None:
    assert "finds a link in the terminal" in text_of(client.get("/sign-in"))
    settle(database)
    assert "in the terminal" not in text_of(client.get("/sign-in"))


def test_a_new_password_is_told_all_its_faults_at_once() -> None:
    with pytest.raises(BadRequest) as refused:
        check_typed("short", "shorter")
    assert "at least 12 characters" in refused.value.detail
    assert "are not the same" in refused.value.detail
    assert refused.value.code == "weak_password"
    with pytest.raises(BadRequest, match="not the same"):
        check_typed("four unrelated words", "five unrelated words")
    check_typed("four unrelated words", "four unrelated words")
