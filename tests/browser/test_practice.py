"""Practice and the training scene: the same pad, nothing kept on the phone or sent, and a score in words."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect

from app.db import now_ms
from app.people.accounts import add_person, sign_in
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.people import Member, Town

Hand = Callable[..., Phone]


@pytest.fixture
def sent(phone: Phone) -> list[str]:
    """What leaves the phone from here on, but for GETs and a page's question what time it is, which holds nothing."""
    found: list[str] = []

    def hear(request: Request) -> None:
        asks_the_time = request.url.endswith("/api/v1/batches") and (request.post_data_json or {}).get("items") == []
        if request.method != "GET" and not asks_the_time:
            found.append(f"{request.method} {request.url}")

    phone.context.on("request", hear)
    return found


def nothing_is_left(phone: Phone, site: Site, member: Member, sent: list[str]) -> None:
    assert phone.items() == []
    assert phone.rows("sessions") == []
    assert sent == []
    assert site.ask(member, "/api/v1/sessions?clinic=north")["items"] == []


def test_practice_is_on_the_clinics_own_list_and_nothing_of_it_is_kept_or_sent(
    phone: Phone, site: Site, otto: Member, sent: list[str]
) -> None:
    phone.tap("[data-try=practice]")
    expect(phone.find("[data-view=session]")).to_be_visible()
    expect(phone.find("main [data-sending]").filter(visible=True)).to_have_text("Practice, not kept")
    for name in ("rooming", "phone!", "callbacks", "resume"):
        phone.tap(phone.button(name))
    expect(phone.find(phone.button("rooming"))).to_have_attribute("aria-pressed", "true")
    assert phone.running() == ["rooming"]
    nothing_is_left(phone, site, otto, sent)
    phone.tap("[data-open=end]")
    expect(phone.find("[data-end-kept]")).to_be_hidden()
    phone.tap("dialog [data-tap=end]")
    expect(phone.find("[data-ended]")).to_have_text("That was practice: nothing was kept.")
    for gone in ("[data-timeline]", "[data-unend]", "[data-ended-there]"):
        expect(phone.find(gone)).to_be_hidden()
    nothing_is_left(phone, site, otto, sent)
    phone.page.reload()
    expect(phone.find("[data-start]")).to_be_visible()


def test_practice_is_over_after_a_minute(hand_out: Hand, otto: Member) -> None:
    phone = hand_out(otto)
    phone.page.clock.install()
    phone.open()
    phone.tap("[data-try=practice]")
    expect(phone.find("[data-view=session]")).to_be_visible()
    phone.page.clock.run_for(15_000)
    expect(phone.find("[data-subject]")).to_contain_text("left")
    expect(phone.find("[data-subject]")).to_contain_text("0:4")
    phone.page.clock.run_for(46_000)
    expect(phone.find("[data-view=ended]")).to_be_visible()


def test_practice_works_without_network_and_leaves_waiting_taps_alone(phone: Phone) -> None:
    phone.offline_ready()
    with phone.without_network():
        phone.begin()
        phone.gesture("rooming")
        phone.end()
        before = phone.items()
        phone.tap("[data-again]")
        phone.tap("[data-try=practice]")
        expect(phone.find("[data-view=session]")).to_be_visible()
        phone.tap(phone.button("vitals"))
        expect(phone.find(phone.button("vitals"))).to_have_attribute("aria-pressed", "true")
        phone.end()
        assert phone.items() == before


def test_whoever_has_no_session_yet_finds_both_at_home(phone: Phone) -> None:
    for wish, view in (("practice", "session"), ("training", "training")):
        phone.open("/")
        phone.tap(f"a[href='/pad#{wish}']")
        expect(phone.find(f"[data-view={view}]")).to_be_visible()
    phone.tap("[data-to-start]")
    phone.begin()
    phone.all_uploaded()
    phone.open("/")
    expect(phone.find("a[href='/pad#practice']")).to_have_count(0)


def test_people_without_a_clinic_practise_on_the_standard_list(hand_out: Hand, town: Town) -> None:
    with town.database.write() as session:
        nobody = add_person(session, email="nobody@north.example", name="Nobody", at=1)
        cookie = sign_in(session, nobody, now_ms(), 30)
    phone = hand_out(Member(nobody.id, "nobody@north.example", cookie, ""))
    phone.open()
    expect(phone.find("[data-start]")).to_be_hidden()
    phone.tap("[data-try=practice]")
    expect(phone.find("[data-tiles] button")).to_have_count(15)
    phone.tap(phone.button("rooming"))
    expect(phone.find("[data-status]")).to_contain_text("Rooming")


# --- the training scene -------------------------------------------------------------------------------------------

# the gestures of each card, as its key has them
PERFECT = (
    ("rooming",), ("vitals",), ("phone!", "callbacks"), ("resume",), ("med-rec",), ("provider-question!", "asked"),
    ("both", "poc-testing"), ("poc-testing",), ("vaccines",), ("supplies!", "searching"), ("resume",), ("discharge",),
)  # fmt: skip


def play(phone: Phone, cards: tuple[tuple[str, ...], ...]) -> list[str]:
    """At one's own pace; answers with the sentences of the score."""
    phone.tap("[data-try=training]")
    phone.tap("[data-own-pace]")
    strip = phone.find(".card-strip")
    for n, gestures in enumerate(cards, 1):
        expect(strip).to_contain_text(f"card {n} of {len(PERFECT)}")
        for gesture in gestures:
            phone.page.wait_for_timeout(60)
            phone.tap(phone.button(gesture))
        phone.page.wait_for_timeout(420)  # the same tile twice in a row is meant
        phone.tap("[data-next]")
    expect(phone.find("[data-view=scored]")).to_be_visible()
    return phone.find("[data-view=scored] > ul li").all_inner_texts()


def test_who_codes_the_scene_as_its_key_is_told_so_in_words(
    phone: Phone, site: Site, otto: Member, sent: list[str]
) -> None:
    said = play(phone, PERFECT)
    assert said[0] == "You coded 8 of 8 tasks as the key does."
    assert said[1] == "You saw 3 of 3 interruptions and requests."
    assert said[2].startswith("Half of your starts came within")
    assert len(said) == 3
    nothing_is_left(phone, site, otto, sent)
    assert {row for store in ("sessions", "items") for row in map(str, phone.rows(store))} == set()


def test_what_was_coded_otherwise_is_named_in_words_and_offline_too(phone: Phone) -> None:
    phone.offline_ready()
    slips: dict[int, tuple[str, ...]] = {
        2: ("phone!", "referrals"), 3: (), 5: ("provider-question!",), 6: ("poc-testing",), 7: (), 9: (), 10: (),
    }  # fmt: skip
    with phone.without_network():
        said = play(phone, tuple(slips.get(n, card) for n, card in enumerate(PERFECT)))
    told = "\n".join(said)
    for sentence in (
        "You took Referrals for Callbacks and messages.",
        "You did not code Searching.",
        "Point-of-care testing ran beside another task (Both); you ended that one with it.",
        "You saw 2 of 3 interruptions and requests.",
        "You missed “Supplies missing”, at 3:20.",
        "“Provider asks” at 2:00 was only asked, the work went on: you coded a switch.",
        "After “Phone” the task before went on (Resume); in yours it did not.",
    ):
        assert sentence in told, told
    phone.tap("summary")
    expect(phone.find("[data-view=scored] details")).to_contain_text("0:50 Callbacks and messages – you: Referrals")


def test_what_the_clinics_list_lacks_is_said_and_left_out(hand_out: Hand, otto: Member) -> None:
    def without_testing(route: Route) -> None:
        pad: dict[str, Any] = route.fetch().json()
        pad["tasks"] = [task for task in pad["tasks"] if task["code"] != "poc-testing"]
        route.fulfill(json=pad)

    phone = hand_out(otto, service_workers="block")
    phone.context.route("**/api/v1/clinics/*/pad", without_testing)
    phone.open()
    said = play(phone, tuple(() if "poc-testing" in card else card for card in PERFECT))
    assert said[0] == "You coded 7 of 7 tasks as the key does."
    assert said[-1] == "Your clinic’s list does not have Point-of-care testing: that is left out here."


def test_at_speed_the_cards_come_by_themselves_and_the_scene_ends(hand_out: Hand, otto: Member) -> None:
    phone = hand_out(otto)
    phone.page.clock.install()
    phone.open()
    phone.tap("[data-try=training]")
    phone.tap("[data-twice]")
    strip = phone.find(".card-strip")
    expect(strip).to_contain_text("card 1 of 12")
    expect(phone.find("[data-next]")).to_have_text("Finish")
    phone.tap(phone.button("rooming"))
    phone.page.clock.run_for(26_000)
    expect(strip).to_contain_text("card 3 of 12")
    expect(strip).to_contain_text("The phone rings.")
    phone.page.clock.run_for(118_000)
    expect(phone.find("[data-view=scored]")).to_be_visible()
    expect(phone.find("[data-view=scored]")).to_contain_text("You coded 1 of 8 tasks as the key does.")
    phone.tap("[data-again]:visible")
    expect(phone.find("[data-view=training]")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (390, 664), (320, 568), (844, 390)])
def test_the_card_lies_over_the_pad_and_no_tile_moves(hand_out: Hand, otto: Member, width: int, height: int) -> None:
    phone = hand_out(otto, viewport={"width": width, "height": height})
    phone.open()
    phone.tap("[data-try=training]")
    phone.tap("[data-own-pace]")
    places = "all => all.map((one) => { const r = one.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })"
    before = phone.find("[data-tiles] button").evaluate_all(places)
    for card in PERFECT[:-1]:
        for gesture in card:
            phone.tap(phone.button(gesture))
        phone.page.wait_for_timeout(420)
        phone.tap("[data-next]")
        assert phone.find("[data-tiles] button").evaluate_all(places) == before
        strip = phone.find(".card-strip")
        assert strip.evaluate("(it) => it.scrollHeight <= it.clientHeight"), strip.inner_text()
    size = phone.page.evaluate("() => [document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]")
    assert size == [width, height]
    for box in before:
        assert min(box[2:]) >= 44
