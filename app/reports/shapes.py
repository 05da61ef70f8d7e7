"""What the reports part of the API takes and answers."""

from typing import Annotated

from pydantic import BaseModel, Field


class PosterCode(BaseModel):
    """From the QR code's address, or the short code beneath it as somebody typed it."""

    token: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[ -~]+$")]


class Tile(BaseModel):
    code: str
    label: str


class Agreement(BaseModel):
    """`text`: paragraphs, to be agreed to before the first report and again when `version` has changed."""

    version: int
    text: list[str]


class Reporting(BaseModel):
    """What a phone needs to report here. `person`: what it calls the sender in its batches, at a poster nobody.

    `place` and `until`: of the poster; null with an account.
    """

    clinic: str
    name: str
    timezone: str
    person: str
    place: str | None
    until: str | None
    tiles: list[Tile]
    triggers: list[Tile]
    consent: Agreement
