"""The page itself: it fits every phone, its buttons can be hit, its policy holds, and it can be installed."""

import gzip
import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app import assets, web
from app.clinics.tasklist import default_list
from app.config import CHECKOUT
from app.db import now_ms
from app.people.accounts import add_person, give_role, sign_in
from app.people.models import Person, Role
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.people import Member, Town

Hand = Callable[..., Phone]

STATIC = CHECKOUT / "static"


def test_the_clinic_is_asked_for_only_where_there_is_a_choice(hand_out: Hand, town: Town, phone: Phone) -> None:
    expect(phone.find("[data-start]")).to_be_visible()
    expect(phone.find("select[name=clinic]")).to_have_count(0)
    with town.database.write() as session:
        olga = session.get_one(Person, town["olga"].id)
        give_role(session, olga, town.south.id, Role.OBSERVER, 1)
    hers = hand_out(town["olga"])
    hers.open()
    expect(hers.find("select[name=clinic] option")).to_have_count(2)
    hers.wait_for(lambda: len(hers.rows("pads")) == 2, "the task lists of both clinics")


def test_people_without_a_clinic_are_told_whom_to_ask(hand_out: Hand, town: Town) -> None:
    with town.database.write() as session:
        nobody = add_person(session, email="nobody@north.example", name="Nobody", at=1)
        cookie = sign_in(session, nobody, now_ms(), 30)
    phone = hand_out(Member(nobody.id, "nobody@north.example", cookie, ""))
    phone.open()
    expect(phone.find("[data-start-note]")).to_contain_text("You may not record in any clinic yet")
    expect(phone.find("[data-start]")).to_be_hidden()


def test_strangers_are_sent_to_sign_in(hand_out: Hand, site: Site) -> None:
    phone = hand_out(None)
    phone.open()
    assert phone.page.url == f"{site.url}/sign-in?next=%2Fpad"


def test_the_manifest_is_read_and_leads_to_the_pad(phone: Phone, site: Site) -> None:
    cdp = phone.context.new_cdp_session(phone.page)
    manifest = cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    content = json.loads(manifest["data"])
    assert (content["start_url"], content["scope"], content["display"]) == ("/pad", "/", "standalone")
    for wanted in content["icons"]:
        answer = phone.context.request.get(site.url + wanted["src"])
        assert (answer.status, answer.headers["content-type"]) == (200, wanted["type"])


def test_the_running_task_is_told_to_screen_readers_and_the_clock_is_not(phone: Phone) -> None:
    phone.begin()
    phone.gesture("rooming")
    expect(phone.find(phone.button("rooming"))).to_have_attribute("aria-pressed", "true")
    expect(phone.find("[data-status]")).to_have_attribute("role", "status")
    expect(phone.find("[data-watch]")).to_have_attribute("aria-live", "off")
    nameless = phone.find("main button, dialog button").evaluate_all(
        "all => all.filter(b => !b.closest('[hidden]') && !(b.textContent.trim() || b.ariaLabel)).length"
    )
    assert nameless == 0


def test_every_colour_of_text_stands_out_from_its_ground(phone: Phone) -> None:
    """WCAG 1.4.3, by the custom properties themselves: 4.5 for text, 3 for shapes (1.4.11)."""
    for theme in ("light", "dark", "dim"):
        phone.page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        phone.page.evaluate(
            "theme => { document.documentElement.dataset.theme = theme === 'dim' ? 'dim' : ''; }", theme
        )
        colours = phone.page.evaluate(
            """() => {
              const probe = document.body.appendChild(document.createElement('i'));
              const rgb = (name) => { probe.style.color = `var(--${name})`;
                return getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number); };
              const names = ['bg', 'tile', 'fg', 'mut', 'hot', 'bad', 'go', 'k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6'];
              const found = Object.fromEntries(names.map((name) => [name, rgb(name)]));
              probe.remove();
              return found;
            }"""
        )
        for name in ("fg", "mut", "hot", "bad", "go"):
            for ground in ("bg", "tile"):
                assert _contrast(colours[name], colours[ground]) >= 4.5, (theme, name, ground)
        for name in ("k0", "k1", "k2", "k3", "k4", "k5", "k6"):
            assert _contrast(colours[name], colours["tile"]) >= 3, (theme, name)


def _contrast(one: list[float], other: list[float]) -> float:
    def luminance(rgb: list[float]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_an_update_waits_for_the_end_of_the_session_and_for_a_yes(
    phone: Phone, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.offline_ready()
    phone.begin()
    phone.gesture("rooming")
    phone.all_uploaded()
    real = assets.service_worker
    monkeypatch.setattr("app.main.assets.service_worker", lambda: real() + "\n// a newer one\n")
    phone.newer_waits()
    phone.gesture("vitals")
    expect(phone.find("[data-update]").filter(visible=True)).to_have_count(0)
    phone.end()
    expect(phone.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    update = phone.find("[data-update]").filter(visible=True)
    expect(update).to_be_visible()
    with phone.page.expect_navigation():
        phone.tap("[data-view=ended] [data-update]")
    expect(phone.find("[data-start]")).to_be_visible()
    assert phone.page.evaluate("() => navigator.serviceWorker.getRegistration().then((r) => r.waiting)") is None


def test_an_update_that_the_browser_holds_up_opens_the_page_anew_all_the_same(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chromium may forget a worker that is to take over; it remembers when a page is opened."""
    phone.offline_ready()
    held_up = assets.service_worker().replace("self.skipWaiting()", "0")
    assert held_up != assets.service_worker()
    monkeypatch.setattr("app.main.assets.service_worker", lambda: held_up)
    phone.newer_waits()
    with phone.page.expect_navigation():
        phone.tap("[data-view=start] [data-update]")
    expect(phone.find("[data-view=start] [data-update]")).to_be_visible()  # it still waits here, and is offered again


def test_a_newer_page_never_runs_older_scripts_and_offline_the_older_pair_still_opens(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.offline_ready()
    real = assets.asset
    monkeypatch.setitem(web.templates.globals, "asset", lambda name: real(name).replace("?v=", "?v=new"))
    from_worker: dict[str, bool] = {}
    phone.page.on("response", lambda answer: from_worker.update({answer.url: answer.from_service_worker}))
    phone.page.reload()
    expect(phone.find("[data-start]")).to_be_visible()
    scripts = {url: served for url, served in from_worker.items() if "/static/js/" in url}
    assert len(scripts) == 3
    assert not any(scripts.values())
    assert any("pad.js?v=new" in url for url in scripts)
    with phone.without_network():
        from_worker.clear()
        phone.page.reload()
        expect(phone.find("[data-start]")).to_be_visible()
        assert all(served for url, served in from_worker.items() if "/static/js/" in url)
        assert not any("?v=new" in url for url in from_worker)


def test_the_phone_page_stays_small(phone: Phone, site: Site) -> None:
    page = phone.context.request.get(site.url + "/pad").body()
    loaded = phone.page.evaluate("() => performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname)")
    names = {name.removeprefix("/static/") for name in loaded if name.startswith("/static/")}
    assert {"js/pad.js", "js/relay.js", "app.css"} <= names
    assert not any("htmx" in name for name in names)
    whole = [page, *(assets.as_sent()[name] for name in names)]
    assert sum(len(gzip.compress(content, 9)) for content in whole) <= 45_000


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    has = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    used = {task.icon for task in default_list().tasks} | {f"k{n}" for n in range(7)}
    for path in [*(CHECKOUT / "templates").rglob("*.html"), *STATIC.glob("js/*.js")]:
        text = path.read_text("utf-8")
        used |= set(re.findall(r"icons\.svg#([a-z][a-z0-9-]*)", text)) | set(
            re.findall(r"\bicon\('([a-z0-9-]+)'", text)
        )
    assert used - has - {"k", ""} == set()
