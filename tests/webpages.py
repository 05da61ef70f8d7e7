"""Pages as the tests read them: forms are sent with their token, HTML becomes the text that people see."""

import html
import re
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from app.web import form_token
from tests.people import Member, Town

NAMES = ("otto", "olga", "mia", "ana", "ada", "stella")
HTMX = {"HX-Request": "true"}


def submit(client: TestClient, member: Member | None, path: str, **fields: Any) -> Response:
    """Posts a form of this member's browser (or of somebody who is not signed in), as the page would."""
    browser = member.browser(client) if member else client
    token = {"token": form_token(member.cookie)} if member else {}
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer: Response = browser.post(path, data={**token, **fields}, headers=headers)
    return answer


def statuses_for(town: Town, client: TestClient, path: str) -> dict[str, int]:
    """What each of the people gets there."""
    return {name: town[name].browser(client).get(path).status_code for name in NAMES}


def text_of(answer: Response) -> str:
    """What stands in <main>, or in the whole fragment, without markup and in single spaces."""
    body = answer.text
    inside = re.search(r"<main.*?</main>", body, re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", inside.group() if inside else body)
    return " ".join(html.unescape(plain).split())


def is_whole_page(answer: Response) -> bool:
    return answer.text.startswith("<!doctype html>") and answer.text.rstrip().endswith("</html>")
