"""One session on two devices: taken over by its owner, nothing lost, and the one that comes back is told."""

import json
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.builders import envelope, observed
from tests.people import Member, Town

Hand = Callable[..., Phone]


@pytest.fixture
def old(phone: Phone) -> Phone:
    """Otto's first phone: a session with a task and an interruption in it, all on the server."""
    phone.offline_ready()
    phone.begin("MA-03")
    phone.gesture("rooming")
    phone.gesture("phone!")
    phone.gesture("callbacks")
    phone.all_uploaded()
    return phone


@pytest.fixture
def new(hand_out: Hand, otto: Member) -> Phone:
    """His second one, before it knows of anything."""
    held: Phone = hand_out(otto)
    return held


def take_over(phone: Phone) -> None:
    phone.open()
    expect(phone.find("[data-open-sessions]")).to_contain_text("You have an open session: MA-03.")
    phone.tap("[data-go-on]")
    expect(phone.find("[data-view=session]")).to_be_visible()


def test_the_start_page_shows_it_and_the_pad_is_drawn_from_the_servers_log(
    old: Phone, new: Phone, site: Site, otto: Member
) -> None:
    take_over(new)
    assert new.running() == ["callbacks"]
    expect(new.find("[data-resume]")).to_have_text("Resume Rooming")
    new.gesture("resume")
    assert new.running() == ["rooming"]
    new.all_uploaded()
    events = site.events(otto, old.session_id())
    assert [(event["kind"], event["seq"]) for event in events] == [
        ("begin", 1), ("start", 2), ("interrupt", 3), ("start", 4), ("resume", 1),
    ]  # fmt: skip
    assert len({event["device"] for event in events}) == 2
    assert site.timeline(otto, old.session_id())["problems"] == []


def test_home_leads_straight_to_it(old: Phone, new: Phone) -> None:
    new.open("/")
    new.tap("[data-go-on-here]")
    expect(new.find("[data-view=session]")).to_be_visible()
    assert new.running() == ["callbacks"]
    # on the phone where it runs there is one button for it, not two
    old.open("/")
    expect(old.find("[data-go-on]")).to_have_text("Go on with MA-03")
    expect(old.find("[data-go-on-here]")).to_be_hidden()


def test_undo_on_the_new_device_takes_back_the_last_tap_of_the_old_one(
    old: Phone, new: Phone, site: Site, otto: Member
) -> None:
    take_over(new)
    expect(new.find("[data-undo]")).to_contain_text("Callbacks")
    new.gesture("undo")
    new.all_uploaded()
    assert [one["task"] for one in site.timeline(otto, old.session_id())["occurrences"]] == ["rooming"]


def test_it_works_on_the_new_device_without_network_and_over_a_reload(
    old: Phone, new: Phone, site: Site, otto: Member
) -> None:
    new.open()
    new.offline_ready()
    take_over(new)
    with new.without_network():
        new.gesture("resume")
        new.page.reload()
        expect(new.find("[data-view=session]")).to_be_visible()
        assert new.running() == ["rooming"]
        new.gesture("vitals")
    new.all_uploaded()
    assert [one["task"] for one in site.timeline(otto, old.session_id())["occurrences"]] == [
        "rooming", "callbacks", "vitals",
    ]  # fmt: skip


def test_waiting_taps_of_the_old_device_arrive_and_show_on_the_new_one(
    old: Phone, new: Phone, site: Site, otto: Member
) -> None:
    with old.without_network():
        old.gesture("flag")
        take_over(new)
        expect(new.find("[data-flags]")).to_be_hidden()
        new.gesture("resume")
        new.all_uploaded()
    old.wait_for(lambda: old.waiting() == 0, "the old device's tap on the server")
    new.gesture("vitals")  # its answer says that there is more
    expect(new.find("[data-flags]")).to_have_text("1")
    new.all_uploaded()
    t = site.timeline(otto, old.session_id())
    assert ([one["task"] for one in t["occurrences"]], len(t["notes"]), t["problems"]) == (
        ["rooming", "callbacks", "vitals"], 1, [],
    )  # fmt: skip


def test_the_old_device_is_told_where_the_session_goes_on_and_may_leave_it(old: Phone, new: Phone) -> None:
    with old.without_network():
        take_over(new)
        new.gesture("resume")
        new.gesture("vitals")
        new.all_uploaded()
        assert old.running() == ["callbacks"]
    sheet = old.find("[data-sheet=elsewhere]")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Its last tap was there")
    assert old.running() == ["vitals"], "what was tapped there is in here"
    old.tap("[data-leave]")
    expect(old.find("[data-open-sessions]")).to_contain_text("You have an open session: MA-03.")
    new.gesture("med-rec")
    new.all_uploaded()
    old.tap("[data-go-on]")  # and it may change its mind
    expect(old.find("[data-view=session]")).to_be_visible()
    assert old.running() == ["med-rec"]


def test_both_may_be_tapped_at_once_and_nothing_is_lost(old: Phone, new: Phone, site: Site, otto: Member) -> None:
    take_over(new)
    for n, code in enumerate(["vitals", "med-rec", "vaccines", "referrals"] * 3):
        one = (old, new)[n % 2]
        one.page.wait_for_timeout(600)  # the same tile within 400 ms would be a trembling finger
        one.tap(one.button(code))
        one.wait_for(lambda one=one, code=code: code in one.running(), f"{code} on the pad")  # type: ignore[misc]
    for one in (old, new):
        one.wait_for(lambda one=one: one.waiting() == 0, "all on the server")  # type: ignore[misc]
    events = site.events(otto, old.session_id())
    assert sum(event["kind"] == "start" for event in events) == 2 + 12
    t = site.timeline(otto, old.session_id())
    starts = [one["start"] for one in t["occurrences"]]
    assert starts == sorted(starts)
    assert len(t["occurrences"]) == 14
    assert t["problems"] == []
    old.page.reload()
    expect(old.find("[data-subject]")).to_have_text("MA-03 · on two devices")
    for one in (old, new):
        one.wait_for(lambda one=one: one.running() == ["referrals"], "the last tap of either")  # type: ignore[misc]


def test_an_end_on_the_other_device_ends_it_here(old: Phone, new: Phone) -> None:
    take_over(new)
    new.end()
    expect(new.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    old.page.reload()
    expect(old.find("[data-view=ended]")).to_be_visible()
    expect(old.find("[data-ended-there]")).to_be_visible()
    old.tap("[data-again]")
    expect(old.find("[data-open-sessions]")).to_be_hidden()


@pytest.fixture
def idle(hand_out: Hand, otto: Member) -> Phone:
    """Otto's first phone, lying there with a session on it that nobody touches; its clock can be put forward."""
    held = hand_out(otto)
    held.page.clock.install()
    held.open()
    held.begin("MA-03")
    held.gesture("rooming")
    held.page.clock.fast_forward(1000)
    held.all_uploaded()
    return held


def questions(phone: Phone) -> list[str]:
    """What it asks of a session from now on, as it asks."""
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url.rpartition("/api/v1/")[2].partition("?")[0]))
    return asked


def test_what_is_tapped_and_ended_elsewhere_shows_without_a_touch(idle: Phone, new: Phone) -> None:
    take_over(new)
    assert idle.running() == ["rooming"]
    new.gesture("vitals")
    new.all_uploaded()
    idle.page.clock.fast_forward(20_000)
    idle.wait_for(lambda: idle.running() == ["vitals"], "the task of the other device")
    expect(idle.find("[data-status]")).to_contain_text("Its last tap was there")
    expect(idle.find("dialog[open]")).to_have_count(0)  # nothing stands in the way of a finger
    new.end()
    expect(new.find("[data-ended-sent]")).to_have_text("Every tap is on the server.")
    idle.page.clock.fast_forward(20_000)
    expect(idle.find("[data-view=ended]")).to_be_visible()
    expect(idle.find("[data-ended-there]")).to_be_visible()
    asked = questions(idle)
    idle.page.clock.fast_forward(60_000)
    idle.page.wait_for_timeout(300)
    assert not [path for path in asked if path.startswith("sessions")], "it is over"


def test_it_asks_for_the_header_alone_as_long_as_nothing_has_changed(idle: Phone) -> None:
    header = f"sessions/{idle.session_id()}"
    asked = questions(idle)
    for n in range(1, 3):
        with idle.page.expect_response(lambda answer: answer.url.endswith(header)):
            idle.page.clock.fast_forward(20_000)
        idle.gesture(("vitals", "med-rec")[n - 1])
        idle.page.clock.fast_forward(1000)
        idle.all_uploaded()
        assert [path for path in asked if path.startswith("sessions")] == [header] * n, "its own taps are no news"


def test_it_asks_nothing_without_network_while_hidden_or_while_it_is_asking(idle: Phone) -> None:
    asked = questions(idle)
    with idle.page.expect_response("**/api/v1/sessions/*"), idle.without_network():  # it comes with the network
        idle.page.clock.fast_forward(60_000)
        idle.page.wait_for_timeout(300)
        assert not [path for path in asked if path.startswith("sessions")]
    idle.page.evaluate("() => Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    idle.page.wait_for_timeout(300)
    asked.clear()
    idle.page.clock.fast_forward(60_000)
    idle.page.wait_for_timeout(300)
    assert not [path for path in asked if path.startswith("sessions")]
    idle.page.evaluate("() => { delete document.hidden; }")
    held: list[Route] = []
    idle.context.route("**/api/v1/sessions/*", lambda route: held.append(route))
    idle.page.clock.fast_forward(20_000)
    idle.wait_for(lambda: len(held) == 1, "the question on its way")
    for _time in range(3):
        idle.page.evaluate("() => dispatchEvent(new Event('online'))")
        idle.page.wait_for_timeout(100)
    assert [path.partition("/")[0] for path in asked].count("sessions") == 1
    idle.gesture("vitals")  # no tap waits for the answer
    assert idle.running() == ["vitals"]
    held[0].abort()
    idle.expect_fault("net::ERR_FAILED")


def test_practice_asks_nothing(phone: Phone) -> None:
    phone.page.clock.install()
    phone.open()
    phone.tap("[data-try=practice]")
    expect(phone.find("[data-view=session]")).to_be_visible()
    asked = questions(phone)
    phone.page.clock.fast_forward(60_000)
    phone.page.wait_for_timeout(300)
    assert not [path for path in asked if path.startswith("sessions")]


def test_a_session_left_while_it_is_asked_about_stays_left(idle: Phone, new: Phone) -> None:
    take_over(new)
    new.gesture("vitals")
    new.all_uploaded()
    idle.page.evaluate("() => dispatchEvent(new Event('online'))")  # taken up again
    expect(idle.find("[data-sheet=elsewhere]")).to_be_visible()
    new.gesture("med-rec")
    new.all_uploaded()
    held: list[Route] = []
    idle.context.route("**/api/v1/sessions/*/events*", lambda route: held.append(route))
    idle.page.clock.fast_forward(20_000)
    idle.wait_for(lambda: len(held) == 1, "the log on its way")
    idle.tap("[data-leave]")
    expect(idle.find("[data-view=start]")).to_be_visible()
    before = len(idle.items())
    held[0].continue_()
    idle.wait_for(lambda: len(idle.items()) > before, "the log in the book")
    idle.page.reload()
    expect(idle.find("[data-open-sessions]")).to_contain_text("You have an open session: MA-03.")


def test_only_its_owner_is_offered_it(old: Phone, hand_out: Hand, town: Town) -> None:
    for name in ("olga", "mia", "ana"):
        phone = hand_out(town[name])
        phone.open()
        expect(phone.find("[data-start]")).to_be_visible()
        phone.wait_for(lambda phone=phone: len(phone.rows("pads")) == 1, "the list")  # type: ignore[misc]
        phone.page.wait_for_load_state("networkidle")
        expect(phone.find("[data-open-sessions]")).to_be_hidden()


def test_a_clock_that_is_wrong_on_one_device_does_not_bend_the_pad_of_the_other(
    hand_out: Hand, otto: Member, site: Site
) -> None:
    old = hand_out(otto)
    old.page.clock.install()
    old.page.clock.fast_forward("03:00:00")  # ahead by three hours
    old.open()
    old.begin("MA-03")
    old.gesture("rooming")
    old.wait_for(lambda: old.waiting() == 0, "all on the server")
    new = hand_out(otto)
    take_over(new)
    seconds = new.find("[data-watch]").inner_text().split(":")
    assert len(seconds) == 2, "minutes and seconds, no hours"
    new.gesture("vitals")
    new.all_uploaded()
    t = site.timeline(otto, old.session_id())
    assert [one["task"] for one in t["occurrences"]] == ["rooming", "vitals"]
    assert 0 < t["occurrences"][0]["active_ms"] < 120_000


def test_a_self_timed_day_is_taken_over_with_an_older_list_too(hand_out: Hand, town: Town, site: Site) -> None:
    from app.clinics.publish import publish
    from app.clinics.queries import newest_version, parsed
    from app.db import now_ms

    items = observed("09:00 rooming", "09:05 juggling-is-not-there", mode="self", subject=None)
    headers = {"Authorization": f"Bearer {town['ada'].token}", "Content-Type": "application/json"}
    httpx.post(f"{site.url}/api/v1/batches", content=json.dumps(envelope(items)), headers=headers)
    with town.database.write() as session:
        task_list = parsed(newest_version(session, town.north).body)
        renamed = [task.model_copy(update={"label": f"New {task.label}"}) for task in task_list.tasks]
        publish(session, town.north, task_list.model_copy(update={"tasks": tuple(renamed)}), now_ms())
    phone = hand_out(town["ada"])
    phone.open()
    phone.tap("[data-go-on]")
    expect(phone.find("[data-label]")).to_have_text("Rooming")
