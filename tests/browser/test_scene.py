"""A scene of thirty minutes, given as text, is coded with all its slips; the server ends with what truly happened."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from app.timeline import timeline
from tests.browser.clock import Clock
from tests.browser.conftest import Site
from tests.browser.phone import Phone
from tests.builders import CHICAGO, at, day
from tests.people import Member

# What the observer's finger does, minutes:seconds into the session; `*n`: so many events are kept by that tap.
# `late N`: the last edge was N minutes earlier, or as early as can be · `was X`: it was another tile, or trigger
# `fill X`: the gap was X · `enter X from to`: X was done then, in place of what is there · `left`: they did not go back
SCENE = """
00:02 where corridor   00:04 rooming          03:30 count visits
04:10 vitals           04:16 late 1           05:00 phone!           05:03 callbacks        05:09 asked-both*3
06:40 callbacks        07:30 supplies!        07:33 searching        08:20 provider-question!
08:24 documentation    09:10 resume           10:00 resume
10:30 discharge        10:35 was room-turnover                       12:00 both             12:01 waiting
13:15 waiting          13:40 patient-family!  13:44 asked*2          14:00 last-minute-test!
14:06 asked*2          14:09 switched*2       14:12 poc-testing      15:30 resume
16:00 stop             16:50 referrals        17:20 fill walking     17:25 vaccines         17:28 undo
18:00 phone!           18:02 was add-on!      18:05 callbacks        18:30 quick-vitals!    18:33 vitals
19:00 supplies!        19:04 searching        19:40 documentation    20:10 resume           20:30 left
21:00 resume           21:02 late all          22:00 pause            24:00 continue
24:10 rooming          24:30 set visits 4     25:10 phone!           25:13 both-asked       25:15 callbacks*2
26:00 flag             26:20 callbacks        27:00 supplies!        27:02 undo             27:03 redo
27:30 resume           28:30 enter discharge 24:40 25:00*2           29:00 walking          29:04 undo
29:30 stop
"""

# What truly happened, as one would have tapped who never slips: this is what the server must say.
TRUTH = [
    "09:00:02 @location corridor",
    "09:00:04 rooming",
    "09:03:10 vitals",
    "09:03:30 #visits",
    "09:05:00 +callbacks phone",
    "09:06:40 -callbacks",
    "09:07:30 supplies!",
    "09:07:33 searching",
    "09:08:20 provider-question!",
    "09:08:24 documentation",
    "09:09:10 back",
    "09:10:00 back",
    "09:10:30 room-turnover",
    "09:12:01 +waiting",
    "09:13:15 -waiting",
    "09:13:40 patient-family?",
    "09:14:00 last-minute-test!",
    "09:14:12 poc-testing",
    "09:15:30 back",
    "09:16:00 walking",
    "09:16:50 referrals",
    "09:18:00 add-on!",
    "09:18:05 callbacks",
    "09:18:30 quick-vitals!",
    "09:18:33 vitals",
    "09:19:00 supplies!",
    "09:19:04 searching",
    "09:19:40 documentation",
    "09:20:10 back",
    "09:20:30 left",
    "09:20:30 back",
    "09:22:00 pause",
    "09:24:00 on",
    "09:24:10 rooming",
    "09:24:30 #visits 3",
    "09:24:40 discharge",
    "09:25:00 rooming",
    "09:25:10 +callbacks phone",
    "09:26:20 -callbacks",
    "09:27:00 supplies!",
    "09:27:30 back",
    "09:29:30 stop",
    "09:30:00 end",
]

LISTS = ("segments", "parallel", "interruptions", "occurrences", "prompts")
NAMES_OF_EVENTS = {"id", "event", "occurrence", "interruption", "interrupted_occurrence"}


def told(t: dict[str, Any]) -> dict[str, Any]:
    """A timeline without the ids of its events, in seconds since the begin."""

    def since_begin(one: dict[str, Any]) -> dict[str, Any]:
        return {
            key: (value - t["begin"]) / 1000 if key in ("at", "start", "end") else value
            for key, value in one.items()
            if key not in NAMES_OF_EVENTS
        }

    return {
        **{name: [since_begin(one) for one in t[name]] for name in LISTS},
        **{name: t[name] for name in ("open", "observed_ms", "paused_ms", "counts", "problems")},
        "length": (t["end"] - t["begin"]) / 1000,
    }


class Observer:
    """Hands on a phone: each word of the scene is done with the taps that a person needs for it."""

    def __init__(self, phone: Phone, clock: Clock) -> None:
        self.phone, self.clock = phone, clock
        self.start = clock.now

    def at(self, time: str) -> int:
        minutes, seconds = map(int, time.split(":"))
        return self.start + (minutes * 60 + seconds) * 1000

    def until(self, moment: int) -> None:
        if moment > self.clock.now:
            self.clock.to(moment, online=True)

    def do(self, time: str, words: str) -> None:
        """What needs a sheet begins a second before: what lies where a button was touched takes no tap at once."""
        words, _star, more = words.partition("*")
        word, *rest = words.split()
        taps = getattr(self, f"_{word}", None)
        self.until(self.at(time) - (1000 if taps else 0))
        if word in ("both", "both-asked"):
            self.phone.tap(self.phone.button("both" if word == "both" else "asked-both"))
        elif taps is None:
            self.phone.gesture(word, int(more or 1))
        else:
            last = taps(*rest)
            self.until(self.at(time))
            self.phone.kept_after(lambda: self.phone.tap(last), int(more or 1))
        if self.phone.find("dialog[open]").count():
            self.phone.tap("dialog[open] [data-close]")

    def _late(self, minutes: str) -> str:
        self.phone.tap("main [data-open=fix]")
        return "[data-tap=earlier]:last-child" if minutes == "all" else f"[data-ms='{int(minutes) * 60_000}']"

    def _was(self, what: str) -> str:
        self.phone.tap("main [data-open=fix]")
        kind, code = ("trigger", what[:-1]) if what.endswith("!") else ("task", what)
        return f"[data-tap=was-{kind}][data-{kind}={code}]"

    def _redo(self) -> str:
        self.phone.tap("main [data-open=fix]")
        return "[data-tap=redo]"

    def _fill(self, task: str) -> str:
        self.phone.tap("main [data-open=fix]")
        self.phone.tap("[data-sheet=fix] [data-open=afterwards]")
        self.clock.wait(1 / 60)
        return f"[data-tap=entered][data-task={task}]"

    def _enter(self, task: str, begun: str, over: str) -> str:
        last = self._fill(task)
        zone = ZoneInfo(CHICAGO)
        clock = [datetime.fromtimestamp(self.at(time) / 1000, zone).strftime("%H:%M:%S") for time in (begun, over)]
        stretches = self.phone.find("[data-stretches] option").all_inner_texts()
        self.phone.find("[data-stretches]").select_option(index=self._stretch(stretches, begun))
        self.phone.find("[data-from]").fill(clock[0])
        self.phone.find("[data-to]").fill(clock[1])
        expect(self.phone.find("[data-span]")).to_be_empty()
        return last

    def _stretch(self, stretches: list[str], begun: str) -> int:
        """The first one, newest first, that begins before."""
        zone = ZoneInfo(CHICAGO)
        wanted = datetime.fromtimestamp(self.at(begun) / 1000, zone)
        for n, text in enumerate(stretches):
            hour = datetime.strptime(re.sub(r"\s", " ", text).split(" –")[0], "%I:%M:%S %p")
            since = (datetime.combine(wanted, wanted.time()) - datetime.combine(wanted, hour.time())).total_seconds()
            if since % 86_400 < 1800:  # it may be past midnight meanwhile
                return n
        raise AssertionError(stretches)

    def _left(self) -> str:
        self.phone.tap("main [data-open=stack]")
        return "dialog [data-tap=abandon]"

    def _where(self, value: str) -> str:
        self.phone.tap("main [data-open=context]")
        return f"[data-value={value}]"

    def _count(self, counter: str) -> str:
        self.phone.tap("main [data-open=counters]")
        return f"[data-counter={counter}][data-n='1']"

    def _set(self, counter: str, number: str) -> str:
        self.phone.tap("main [data-open=counters]")
        self.phone.find(f"input[data-counter={counter}]").fill(number)
        return "[data-sheet=counters] h2"  # a tap anywhere else ends the typing


def test_a_scene_of_thirty_minutes_ends_with_exactly_what_truly_happened(
    phone: Phone, site: Site, otto: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(phone, monkeypatch)
    phone.open()
    clock.stop()
    clock.to((clock.now // 1000 + 1) * 1000, online=True)  # time fields know whole seconds only
    phone.begin()
    observer = Observer(phone, clock)
    taps = re.findall(r"(\d\d:\d\d) ((?:[^\s]+ ?)+)", SCENE)
    assert len(taps) > 60
    for time, words in taps:
        observer.do(time, words.strip())
    clock.to(observer.at("30:00"), online=True)
    phone.end()
    clock.wait(1 / 60)
    found = site.timeline(otto, phone.session_id())
    begun, *rest = day(*TRUTH)
    truth = timeline([{**begun, "at": at("09:00")}, *rest]).as_dict()
    assert told(found) == told(truth)
    assert [note["text"] for note in found["notes"]] == ["fix-later"]
    sent = site.events(otto, phone.session_id())
    assert {event["id"] for event in sent} == {event["id"] for event in phone.events()}
    assert {"void", "amend"} <= {event["kind"] for event in sent}
