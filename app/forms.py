"""Forms: what was typed, and what was wrong with it: a sentence, and the field it is about. Nothing typed is lost."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.errors import AppError

UNPROCESSABLE = 422

# which field a refusal speaks of; the form shows the sentence and marks the field
FIELD_OF = {
    "bad_email": "email",
    "bad_name": "name",
    "bad_slug": "slug",
    "clinic_exists": "slug",
    "bad_timezone": "timezone",
    "bad_minutes": "minutes",
    "bad_explanation": "text",
    "bad_change": "kind",
    "bad_cell": "cell",
    "bad_months": "months",
    "bad_day": "day",
    "bad_place": "place",
    "bad_until": "until",
    "weak_password": "password",
    "not_the_same": "again",
    "wrong_password": "old",
}


@dataclass(frozen=True, slots=True)
class Fault:
    detail: str
    field: str = ""


def fault_of(error: AppError) -> Fault:
    return Fault(error.detail, FIELD_OF.get(error.code, ""))


async def _fields(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(_fields)]  # of a form whose fields depend on what it shows
