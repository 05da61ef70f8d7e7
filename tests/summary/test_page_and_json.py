"""The folded tables of the page, cell for cell, beside the JSON of the same days: a fortnight of the demo clinic."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from app.db import Database
from app.demo.writing import Made, fill, found
from app.people.accounts import give_role
from app.people.models import Person, Role
from app.slices.freshen import freshen
from tests.demo.week import LAST
from tests.people import Town

NOW = 1_795_400_000_000
DAYS = {"from": (LAST - timedelta(days=13)).isoformat(), "to": LAST.isoformat()}
Cells = list[list[str]]


def rows_of(table: str) -> Iterator[list[str]]:
    for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        yield [
            " ".join(html.unescape(re.sub(r"<br>.*|<span.*?</span>|<[^>]+>", "", c, flags=re.DOTALL)).split())
            for c in cells
        ]


def percent(share: float) -> str:
    return f"{share:.0%}" if round(share, 3) >= 0.1 or share == 0 else f"{share:.1%}"


def test_every_folded_table_says_what_the_json_says(town: Town, database: Database, client: TestClient) -> None:
    made = Made(1, 2, LAST.isoformat())
    with database.write() as session:
        clinic = found(session, "demo", made, NOW)
        give_role(session, session.get_one(Person, town["mia"].id), clinic.id, Role.MANAGER, NOW)
    fill(database, clinic, made, NOW, lambda done, total: None)
    freshen(database, clinic.id)
    page = town["mia"].browser(client).get("/clinics/demo/summary", params=DAYS).text
    figures: Any = town["mia"].program(client).get("/api/v1/summary", params={"clinic": "demo", **DAYS}).json()
    tables = [list(rows_of(table)) for table in re.findall(r"<table.*?</table>", page, re.DOTALL)]

    def shown(*head: str) -> Cells:
        (rows,) = [rows[1:] for rows in tables if rows[0][: len(head)] == list(head)]
        return rows

    assert shown("Category") == [
        [row["label"], percent(row["share"]), f"{percent(row['share_low'])} – {percent(row['share_high'])}"]
        for row in figures["categories"]
    ]
    assert [[*row[:2], *row[2].split(" – ")] for row in shown("For one")] == [
        [row["label"], *(f"{row[f'minutes_per_unit{end}']:.1f}" for end in ("", "_low", "_high"))]
        for row in figures["units"]
    ]
    assert [row[:3] for row in shown("Task", "reported")] == [
        [row["label"], percent(row["reported_share"]), percent(row["observed_share"])]
        for row in figures["reported_observed"]
    ]
    compared = shown("Compared")
    assert len(compared) == 20
    for cells, row in zip(compared, figures["high_low"]["rows"], strict=False):
        in_percent = row["figure"].endswith("_share")
        assert cells[0] == row["label"]
        assert cells[1:3] == [percent(v) if in_percent else f"{v:.1f}" for v in (row["a"], row["b"])], row
        difference = row["difference"] * (100 if in_percent else 1)
        assert cells[3] == f"{difference:.1f}", row
    stacked = shown("Time", "hours observed")
    for cells, day in zip(stacked, figures["by_day"], strict=True):
        assert cells[1:3] == [f"{day['observed_ms'] / 3_600_000:.1f}", str(day["volumes"]["visits"])]
        told = sorted(percent(ms / day["observed_ms"]) for ms in day["categories"].values())
        assert sorted(cells[3:]) == sorted([*told, *["0%"] * (len(cells) - 3 - len(told))])
    breaks = figures["breaks"]
    assert f"<dt>Due</dt><dd>{breaks['due']}</dd>" in page
    assert 1 <= page.count('class="rank"') <= 3  # as many suggestions
    assert page.count('<svg class="chart') <= 7
