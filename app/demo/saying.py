"""What the clinic says of itself: the manager's day log, and what the MAs report as stealing their time.

The log's figures are the ledgers' own. Reports are opinions: what took long is named often, each for the once that it
annoyed, in round minutes, and interruptions hardly at all. So they differ from what is measured, as people's own
accounts do (Ampt 2007).
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from app.demo import parameters as p
from app.demo.clinic import ClinicDay
from app.demo.ids import Ids
from app.demo.ledger import Ledger
from app.demo.visits import MINUTE

REPORTS = (0.15, 0.3, 0.3, 0.25)  # chance that an MA reports nothing, one, two, three things on a day
MINUTES = {5: 30, 10: 30, 15: 20, 20: 12, 30: 8}  # what people say that it took, and how often
BACKLOG = {"high": (12, 26), "typical": (5, 14), "low": (0, 6)}  # messages left at close
ASKED_TO_FLEX = {"high": 0.7, "typical": 0.25, "low": 0.05}  # chance that somebody is asked at short notice

Item = dict[str, Any]


def day_item(day: ClinicDay, clinic: str, rng: Random, ids: Ids) -> Item:
    """The day log, written half an hour after closing."""
    at = day.ledgers[0].closing + 30 * MINUTE
    left = sum(ledger.left_ms for ledger in day.ledgers) / MINUTE
    present = [ledger.subject for ledger in day.ledgers]
    asked = rng.random() < (1.0 if day.called_off else ASKED_TO_FLEX[day.day_type])
    return {
        "type": "day",
        "id": ids.at(at),
        "clinic": clinic,
        "day": day.day.isoformat(),
        "at": at,
        "day_type": day.day_type,
        "volumes": day.volumes(),
        "scheduled": len(present) + len(day.called_off),
        "present": len(present),
        "call_offs": len(day.called_off),
        "overtime_minutes": 5 * round(left / 5),
        **_breaks(day),
        "flex_asks": [rng.choice(present)] if asked else [],
        "backlog": rng.randint(*BACKLOG[day.day_type]),
    }


def _breaks(day: ClinicDay) -> dict[str, int]:
    return {
        f"{plural}_{what}": sum(getattr(ledger.rests[task], what) for ledger in day.ledgers)
        for task, plural in (("break", "breaks"), ("lunch", "lunches"))
        for what in ("due", "late", "missed")
    }


def reports(ledger: Ledger, clinic: str, rng: Random, ids: Ids) -> Iterator[Item]:
    """What this MA reports of the day: mostly what took most of it, each thing once."""
    taken = {stealer: ms for stealer, ms in stolen(ledger).items() if ms > 0}
    for _ in range(min(rng.choices(range(len(REPORTS)), REPORTS)[0], len(taken))):
        stealer = rng.choices(list(taken), list(taken.values()))[0]
        del taken[stealer]
        at = rng.randrange(ledger.opening + (ledger.closing - ledger.opening) // 3, ledger.closing)
        yield {
            "type": "report",
            "id": ids.at(at),
            "clinic": clinic,
            "at": at,
            "stealer": stealer,
            "minutes": rng.choices(list(MINUTES), list(MINUTES.values()))[0],
            "expected": rng.random() < 0.3,
            "trigger": _worst(ledger) if stealer == "interrupted" else None,
            "consent": 1,
        }


def stolen(ledger: Ledger) -> dict[str, int]:
    """ms that each stealer of the task list really took of this MA's day; interruptions weigh less than they take."""
    by_task = dict.fromkeys(p.MINUTES, 0)
    by_trigger = dict.fromkeys(p.TRIGGERS, 0)
    for stretch in ledger.stretches:
        if stretch.task in by_task:
            by_task[stretch.task] += stretch.end - stretch.start
        if stretch.triggers:
            by_trigger[stretch.triggers[-1]] += stretch.end - stretch.start
    return {
        "searching": by_task["searching"] + by_trigger["supplies"],
        "waiting-provider": by_task["waiting"],
        "phone": by_trigger["phone"],
        "fixing": by_task["fixing"],
        "add-ons": by_trigger["add-on"] + by_trigger["walk-in"],
        "room-not-ready": by_trigger["room-not-ready"],
        "forms": by_task["forms"] + by_task["prior-auth"],
        "interrupted": sum(by_trigger.values()) // 3,
    }


def _worst(ledger: Ledger) -> str | None:
    often = [episode.trigger for episode in ledger.episodes]
    return max(sorted(set(often)), key=often.count, default=None)
