"""No two answers, whatever days and filters they were asked for and on whichever face, differ by fewer than k people.

A clinic made to be attacked: few people, a week of hardly anybody, two lists, two roles, days of every volume, a poster
at which one person may have tapped often. Each figure that is shown of what people say is written down as the reports
it is of, and every pair of such figures is held against each other. A sample of the questions in `make test`; with
TIMESINK_SOAK=yes all days, all combinations of filters over whole weeks, and some over the others. It prints how many.
"""

import io
import os
import random
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import Database
from app.demo.writing import Made, fill, found
from app.people.accounts import give_role
from app.people.models import Person, Role
from app.slices.freshen import freshen
from app.summary import queries
from app.summary.privacy import are_enough
from app.summary.queries import Scope
from app.summary.rows import ReportRow
from app.summary.summary import summary
from app.summary.window import DAY_TYPES, Filters, Window, filters
from tests.builders import day
from tests.demo.week import LAST as DEMO_LAST
from tests.exchange.exported import as_book, as_csv, sheet_rows
from tests.people import Town
from tests.slices.stored import clinic, day_log, observed, publish, report, task_list
from tests.summary.test_differencing import PEOPLE, STEALERS, K
from tests.summary.test_page_and_json import rows_of

SOAK = os.environ.get("TIMESINK_SOAK") == "yes"
FIRST, TODAY = date(2026, 10, 19), date(2026, 12, 3)  # the last week is not over
DAYS = [FIRST + timedelta(days=n) for n in range(49)]
CHOICES: dict[str, tuple[str | None, ...]] = {
    "day_type": (None, *DAY_TYPES),
    "staff_role": (None, "MA", "RN"),
    "task_list": (None, "small", "other"),
    "uncertain": (None, "left_out"),
    "settling": (None, "left_out"),
}
COMBINATIONS = [
    {name: value for name, value in zip(CHOICES, chosen, strict=True) if value} for chosen in product(*CHOICES.values())
]
WINDOWS = [Window(first, last, TODAY) for first in DAYS for last in DAYS if first <= last]
pytestmark = pytest.mark.on("sqlite", why="it holds answers against each other, not databases")
Reports = frozenset[int]  # numbers of rows in the list of all
Asked = dict[str, str]


@dataclass(frozen=True)
class Cell:
    """One figure as it is shown: what it is of, and the reports that make it up."""

    stealer: str
    figure: str
    of: Reports


def hostile(session: Session) -> Clinic:
    chance = random.Random(5)
    place = clinic(session, slug="hostile", smallest_cell=K)
    publish(session, place, task_list(code="other"))
    for n, one in enumerate(DAYS):
        on = one.isoformat()
        day_log(session, place, on, day_type=("high", "typical", "low")[n % 3])
        lines = day("09:00 rooming", "09:20 phone!", "09:25 back", "09:40 searching", "10:00 end", on=on)
        observed(session, place, lines, observer="watcher", staff_role="RN" if n % 2 else "MA")
        for who in PEOPLE:
            for stealer in STEALERS:
                # hardly anybody in the second week, and of phone calls hardly anything ever
                often = (0.04 if n // 7 % 3 == 1 else 0.25) / (4 if stealer == "phone" else 1)
                if chance.random() < often:
                    report(session, place, who, on, stealer, chance.choice([5.0, 10.0, None]))
        for _again in range(chance.randrange(3) if n > 15 else 0):
            report(session, place, None, on, "forms", 5.0)
    return place


def all_reports(session: Session, of: Clinic) -> list[ReportRow]:
    return queries.reports(session, Scope(of.id, Window(date(2020, 1, 1), date(2030, 1, 1)), Filters()))


def cells_of(shown: list[dict[str, Any]], rows: list[ReportRow]) -> Iterator[Cell]:
    """What these figures are of, each checked to be the sum of just that."""
    for row in shown:
        first, last = row["first_day"] or "~", row["last_day"] or ""
        mine = [n for n, one in enumerate(rows) if one.stealer == row["stealer"] and first <= one.day <= last]
        for figure, value in (("count", "n"), ("minutes", "minutes")):
            if row[figure] is not None:
                of = frozenset(n for n in mine if value == "n" or rows[n].timed)
                assert sum(getattr(rows[n], value) or 0 for n in of) == row[figure]
                yield Cell(row["stealer"], figure, of)


def told_apart(cells: set[Cell], rows: list[ReportRow], k: int) -> tuple[int, list[Reports]]:
    """(how many pairs of different figures, differences that are of fewer than k people)."""
    by_kind: dict[tuple[str, str], list[Reports]] = defaultdict(list)
    for cell in cells:
        by_kind[cell.stealer, cell.figure].append(cell.of)
    few, pairs = [], 0
    for sets in by_kind.values():
        few += [one for one in sets if not are_enough([rows[n] for n in one], k)]
        for a, b in combinations(sets, 2):
            pairs += 1
            for rest in (a - b, b - a) if a < b or b < a or not a & b else ():
                voices = [rows[n] for n in rest]
                if voices and not are_enough(voices, k):
                    few.append(rest)
    return pairs, few


def tell(
    capsys: pytest.CaptureFixture[str], what: str, answers: int, shown: int, figures: int, pairs: int, few: int
) -> None:
    held = answers * (answers - 1) // 2
    with capsys.disabled():
        print(f"\n{what}: {answers:,} answers, {shown:,} figures shown, {figures} of them different.")
        print(f"  {held:,} pairs of answers, {pairs:,} of different figures held against each other; below k: {few}.")


def test_no_two_answers_differ_by_fewer_than_k_whatever_was_asked_together(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(1)
    weeks = [one for one in WINDOWS if one.first.weekday() == 0 and one.last.weekday() == 6]
    windows = WINDOWS if SOAK else [*weeks, *chance.sample(WINDOWS, 12)]
    with database.write() as session:
        north = hostile(session)
        rows = all_reports(session, north)
        cells: set[Cell] = set()
        answers = shown = 0
        # an admin who has the smallest cell made larger and smaller again sees both answers
        for north.smallest_cell, window in product((K, 5), windows):
            several = COMBINATIONS if SOAK and window in weeks else chance.sample(COMBINATIONS, 3 if SOAK else 2)
            for asked in several:
                figures = summary(session, north, window, filters(**asked))
                own = list(cells_of(figures["reports"], rows))
                beside = {row["trigger"]: row["reports"] for row in figures["reported_interruptions"]}
                assert not beside  # this clinic's tiles speak of no trigger
                cells |= set(own)
                answers, shown = answers + 1, shown + len(own)
    pairs, few = told_apart(cells, rows, K)
    assert few == []
    assert pairs > 10
    tell(capsys, "hostile clinic", answers, shown, len(cells), pairs, len(few))
    # the check would find it: had each answer been shown for the very days that were asked for
    naive = {
        Cell(
            "forms",
            "count",
            frozenset(
                n for n, one in enumerate(rows) if one.stealer == "forms" and str(w.first) <= one.day <= str(w.last)
            ),
        )
        for w in WINDOWS
    }
    assert told_apart({one for one in naive if are_enough([rows[n] for n in one.of], K)}, rows, K)[1]


# --- every face ------------------------------------------------------------------------------------------------------


def on_faces(manager: TestClient, browser: TestClient, slug: str, asked: Asked) -> dict[str, list[tuple[Any, Any]]]:
    """(count, minutes) by stealer, as each face of one answer has them; an empty one is withheld everywhere."""
    query = {"clinic": slug, **asked}
    told = manager.get("/api/v1/summary", params=query).json()
    in_csv: dict[str, dict[str, str]] = defaultdict(dict)
    for row in as_csv(manager.get("/api/v1/exports/summary.csv", params=query)):
        if row["table"] == "reports":
            in_csv[row["key"]][row["figure"]] = row["value"]
    book = as_book(manager.get("/api/v1/exports/summary.xlsx", params=query))
    in_book = sheet_rows(book, "Reports") if "Reports" in book.sheetnames else []
    page = browser.get(f"/clinics/{slug}/summary", params=asked).text
    tables = [list(rows_of(table)) for table in re.findall(r"<table.*?</table>", page, re.DOTALL)]
    on_page = [row[1:3] for table in tables if table[0][:3] == ["What", "reports", "minutes"] for row in table[1:]]
    zipped = manager.get("/api/v1/exports/charts.zip", params=query)
    drawn = zipfile.ZipFile(io.BytesIO(zipped.content)) if zipped.status_code == 200 else None  # nothing to draw: 404
    chart = [name for name in (drawn.namelist() if drawn else ()) if "said" in name]
    labels = {row["label"] for row in told["reported_observed"]}
    assert bool(chart) == bool(labels)  # a chart of shares, of those tasks alone that the table shows
    return {
        "json": [(row["count"], row["minutes"]) for row in told["reports"]],
        "csv": [(number(row.get("count")), number(row.get("minutes"))) for row in in_csv.values()],
        "xlsx": [(row.get("Number"), row.get("Minutes")) for row in in_book],
        "page": [(number(count), number(minutes)) for count, minutes in on_page],
    }


def number(text: str | None) -> float | None:
    return float(text.replace(",", "")) if text and re.fullmatch(r"[\d,.]+", text) else None


@pytest.mark.parametrize("place", ["hostile", "demo"])
def test_every_face_shows_the_same_of_what_people_say_and_no_more(
    town: Town, database: Database, client: TestClient, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    chance = random.Random(2)
    made = Made(1, 2, DEMO_LAST.isoformat())
    with database.write() as session:
        of = hostile(session) if place == "hostile" else found(session, "demo", made, 1_795_400_000_000)
        give_role(session, session.get_one(Person, town["mia"].id), of.id, Role.MANAGER, 1)
    if place == "demo":
        fill(database, of, made, 1_795_400_000_000, lambda done, total: None)
    freshen(database, of.id)
    with database.read() as session:
        rows = all_reports(session, of)
    days = sorted({date.fromisoformat(row.day) for row in rows})
    every = [(a, b) for a in days for b in days if a <= b]
    manager, browser = town["mia"].program(client), town["mia"].browser(client)
    cells: set[Cell] = set()
    answers = shown = 0
    for first, last in [(days[0], days[-1]), *chance.sample(every, min(len(every), 60 if SOAK else 4))]:
        for chosen in [{}, *chance.sample(COMBINATIONS, 8 if SOAK else 1)]:
            asked = {"from": first.isoformat(), "to": last.isoformat(), **chosen}
            told = on_faces(manager, browser, of.slug, asked)
            assert told["csv"] == told["json"]
            assert told["xlsx"] == told["json"]
            assert told["page"] == told["json"]
            own = list(
                cells_of(manager.get("/api/v1/summary", params={"clinic": of.slug, **asked}).json()["reports"], rows)
            )
            cells |= set(own)
            answers, shown = answers + 4, shown + 4 * len(own)
        for name, value in [(name, value) for name, values in CHOICES.items() for value in values if value]:
            refused = manager.get("/api/v1/summary", params={"clinic": of.slug, "mode": "self", name: value})
            assert refused.status_code == 400  # of what people timed themselves there is one pool
    pairs, few = told_apart(cells, rows, K)
    assert (shown > 0, few) == (True, [])
    tell(capsys, f"{place}, on every face", answers, shown, len(cells), pairs, len(few))
