"""What an import answers, as the API describes it; `outcome.told` says it. Nothing runs this."""

from typing import Literal

from pydantic import BaseModel


class ImportedSession(BaseModel):
    """`begin` in ms, UTC. `longer`: it was there and got the lines that it lacked. `undated`: the file told no day."""

    id: str
    label: str
    subject: str | None
    mode: str
    begin: int
    rows: int
    events: int
    status: Literal["new", "longer", "there", "erased"]
    incomplete: bool
    undated: bool


class BadLine(BaseModel):
    file: str
    line: int
    session: str | None
    code: str
    detail: str


class Remark(BaseModel):
    session: str
    code: str
    detail: str


class Names(BaseModel):
    tasks: list[str]
    triggers: list[str]
    counters: list[str]


class ImportAnswer(BaseModel):
    dry_run: bool
    written: bool
    sessions: list[ImportedSession]
    bad_line_count: int
    bad_lines: list[BadLine]
    remarks: list[Remark]
    added: Names
    unknown: Names


class RefusedItem(BaseModel):
    id: str | None
    status: Literal["quarantined"]
    code: str
    detail: str


class CopyAnswer(BaseModel):
    """Of files that the pad has saved: how many items, and what became of them; `elsewhere`: of another clinic."""

    dry_run: bool
    written: bool
    files: list[str]
    items: int
    stored: int
    duplicate: int
    quarantined: int
    gone: int
    elsewhere: int
    refused: list[RefusedItem]
    sessions: list[str]
