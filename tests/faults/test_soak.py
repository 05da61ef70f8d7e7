"""The pad's own book and relay under every fault of the network at once, on a server that is killed over and over."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.db import Database, now_ms
from app.people.accounts import add_person, give_role, make_token, sign_in
from app.people.models import Role
from tests.faults.amount import SOAK, Tally, amount
from tests.faults.ledger import Ledger
from tests.faults.pocket import pocketed
from tests.faults.rounds import play
from tests.faults.servers import Server
from tests.people import Member, Town

pytestmark = [pytest.mark.browser, pytest.mark.on("sqlite", "postgresql", why="what is kept is kept in either")]
PHONES = 8
HOW = {
    "drop_response": "N2 answer lost", "reset_response": "N2 answer lost", "late_gateway": "N2 answer lost",
    "drop_request": "N3 request lost", "reset": "N8 connection reset", "duplicate": "N4 delivered twice at once",
    "hold": "N5 batch held and overtaken", "truncate": "N6 answer truncated", "trickle": "N6 answer at a byte a second",
    "portal": "N7 captive portal", "portal_json": "N7 captive portal", "portal_redirect": "N7 captive portal",
    "bad_gateway": "N8 gateway error", "gateway_timeout": "N8 gateway error", "unavailable": "N8 gateway error",
    "too_many": "N8 gateway error", "gateway_400": "N8 gateway error", "silence": "N9 half-open connection",
    "swallow": "N9 half-open connection", "delay": "S9 slow answers",
}  # fmt: skip


def observers(town: Town, database: Database, n: int) -> list[Member]:
    made = []
    with database.write() as session:
        for _ in range(n):
            email = f"{os.urandom(6).hex()}@north.example"
            person = add_person(session, email=email, name="Otto", at=now_ms())
            give_role(session, person, town.north.id, Role.OBSERVER, now_ms())
            cookie, token = sign_in(session, person, now_ms(), 30), make_token(session, person, now_ms(), 30)
            made.append(Member(person.id, email, cookie, token))
    return made


def test_eight_phones_under_random_faults_and_kills_lose_nothing_and_double_nothing(
    browser: Browser, server: Server, town: Town, kind: str, tmp_path: Path, tally: Tally
) -> None:
    first = int(os.environ.get("TIMESINK_SEED") or (random.SystemRandom().randrange(10**6) if SOAK else 1))
    rounds, taps, kills = amount(1, 25), amount(135, 101), amount(4, 3)
    struck: Counter[str] = Counter()
    deaths: Counter[str] = Counter()
    saved = stored = backups = 0
    slowest = 0.0
    with server:
        for seed in range(first, first + rounds):
            ledger = Ledger()
            with pocketed(browser, server.port, observers(town, town.database, PHONES), ledger) as pockets:
                done = play(
                    server, town.database, pockets, ledger, seed, taps=taps, kills=kills, folder=tmp_path
                )  # fmt: skip
            tally.progress(
                f"{kind}: round {seed}: {done.found.saved} saved, {done.found.stored} stored, "
                f"{done.kills.total()} kills, {done.backups} backups, healed in {done.healed_s:.1f} s"
            )
            struck += done.struck
            deaths += done.kills
            saved += done.found.saved
            stored += done.found.stored
            backups += done.backups
            slowest = max(slowest, done.healed_s)
    assert stored == saved >= rounds * PHONES * taps
    assert sum(deaths.values()) >= rounds
    assert backups > 0
    how = "fault proxy, real relay.js and outbox.js in Chromium"
    for fault, name in HOW.items():
        if struck[fault]:
            tally.add(name, how, runs=struck[fault])
    tally.add("S2 killed under load of 8 phones", "kill -9 by pid, and failpoints", runs=server.started - 1)
    tally.add("S8 backup during heavy writes", "back-ups one after another meanwhile", runs=backups,
              result="each opens, is sound, is a prefix of what was acknowledged")  # fmt: skip
    tally.say(
        f"{kind}: {saved} taps and headers called saved, {stored} on the server, each once, over {rounds * PHONES} "
        f"schedules (seeds {first}00 to {first + rounds - 1}0{PHONES - 1}); at most {slowest:.1f} s after healing."
    )
