"""Review and correct, by touch and by keyboard, in a real browser."""

import os
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.builders import envelope, observed
from tests.people import Town

Hand = Callable[..., Phone]
SHOTS = os.environ.get("SHOTS")


def shot(phone: Phone, name: str, full: bool = False) -> None:
    if SHOTS:
        phone.page.screenshot(path=f"{SHOTS}/{name}.png", scale="css", full_page=full)


@pytest.fixture
def morning(site: Site, town: Town) -> str:
    items = observed(
        *("09:00 rooming", "09:04 supplies! searching", "09:06 back", "09:08 phone?", "09:10 #visits", "09:10 vitals"),
        *("09:12 +callbacks", "09:14 -callbacks", "09:16 pause", "09:20 on", "09:24 stop", "09:30 discharge"),
        *("09:31:20 phone!", "09:32 left", "09:40 back", "09:41 #visits 2", "09:50 end"),
    )
    items.append({**items[1], "id": items[1]["id"][:-6] + "abcdef", "kind": "note", "text": "fix-later", "seq": 90,
                  "at": items[1]["at"] + 300_000, "recorded_at": items[1]["at"] + 300_000})  # fmt: skip
    headers = {"Authorization": f"Bearer {town['otto'].token}"}
    answer = httpx.post(site.url + "/api/v1/batches", json=envelope(items), headers=headers, timeout=20)
    assert answer.status_code == 200
    return str(items[0]["id"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_look(hand_out: Hand, town: Town, morning: str, scheme: str) -> None:
    phone = hand_out(town["otto"], color_scheme=scheme)
    phone.open(f"/sessions/{morning}/review")
    shot(phone, f"list-{scheme}", True)
    phone.tap("text=Vitals >> nth=0")
    expect(phone.find(".editing")).to_be_visible()
    expect(phone.find(".editing h3")).to_be_focused()
    shot(phone, f"editor-{scheme}", True)
    phone.tap(".editing [value='start:-60000']")
    expect(phone.find(".compare")).to_be_visible()
    expect(phone.find(".editing [value='start:-60000']")).to_be_focused()
    shot(phone, f"preview-{scheme}")
    phone.tap(".editing button.go")
    expect(phone.find("#done")).to_be_visible()
    shot(phone, f"saved-{scheme}")
