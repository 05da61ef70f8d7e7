"""Exports as the tests read them back: each face of the same rows as plain values, and the clinic they are of."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tests.builders import observed, send
from tests.people import Town

TUESDAY = "2026-11-03"
WEEK = {"clinic": "north", "from": "2026-11-02", "to": "2026-11-08"}
# each of these would be run, or followed, by a spreadsheet that took it for a formula
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "'=1")


def week(town: Town, client: TestClient) -> None:
    """Three observed sessions of two people with everything an event can be, and a day that Olga timed herself."""
    otto, olga = town["otto"].program(client), town["olga"].program(client)
    monday = observed(
        *("09:00 rooming", "09:10 @location exam-room", "09:12 phone?", "09:30 searching", "09:45 rooming"),
        *("10:00 supplies!", "10:02 @tool =1+1", "10:10 back", "10:20 +callbacks phone?", "10:25 -callbacks"),
        *("10:25 pause", "10:30 on", "10:30 #visits -2", "10:40 end"),
        subject="=MA-01",
        day_type="high",
    )
    note = {**monday[-1], "id": monday[-1]["id"][:-4] + "0000", "kind": "note", "text": "+1 more", "seq": 90}
    void = {"type": "event", "id": note["id"][:-4] + "0001", "session": monday[0]["id"], "seq": 91, "at": note["at"],
            "recorded_at": note["at"], "kind": "void", "target": monday[4]["id"], "reason": "@slip"}  # fmt: skip
    send(otto, [*monday, note, void])
    tuesday = observed(
        *("13:00 vitals", "13:20 phone! callbacks", "13:30 left", "13:40 stop", "13:50 lunch", "14:10 end"),
        on=TUESDAY,
        subject="MA-02",
        consent=2,
    )
    send(olga, tuesday, device="phone-2")
    send(olga, observed("09:00 rooming", "09:40 walking", "10:00 stop", "10:20 rooming", on="2026-11-04"),
         device="phone-3")  # fmt: skip
    send(olga, observed("15:00 rooming", "15:40 end", mode="self", subject=None), device="phone-4")


def ask(caller: TestClient, what: str, **asked: str) -> Response:
    answer: Response = caller.get(f"/api/v1/exports/{what}", params={**WEEK, **asked})
    return answer


def as_csv(answer: Response) -> list[dict[str, str]]:
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def as_book(answer: Response) -> Workbook:
    return load_workbook(io.BytesIO(answer.content))


def sheet_rows(book: Workbook, name: str) -> list[dict[str, Any]]:
    """Of a sheet with its header in the first row; further columns, behind an empty one, are left out."""
    header, *rows = book[name].iter_rows(values_only=True)
    heads = list(header[: header.index(None)] if None in header else header)
    return [dict(zip(map(str, heads), row, strict=False)) for row in rows]


def in_csv(value: Any) -> str:
    """A value of the JSON as it is written in CSV, but for the apostrophe."""
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def without_apostrophe(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].lstrip("'")[:1] in tuple("=+-@\t\r\n＝＋－＠") else text
