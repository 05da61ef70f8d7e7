"""What was wrong with a form: a sentence, and the field it is about, so that nothing typed is lost."""

from dataclasses import dataclass

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
