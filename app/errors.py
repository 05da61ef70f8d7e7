"""Errors with a status and a sentence for the person who reads it: what happened, and what to do."""

from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError

PROBLEM_JSON = "application/problem+json"


class AppError(Exception):
    """Raise early, answered in one place (`web.answer_error`): RFC 9457 for programs, a page for people."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers, self.more = status, code, detail, headers, more


class NotFound(AppError):
    def __init__(self, detail: str) -> None:
        super().__init__(404, "not_found", detail)


class NotYours(NotFound):
    """For what may lie in a clinic where the caller has no role: the same answer, and the audit hears of it."""


class Forbidden(AppError):
    """`clinic_id` where the role is too small, `person_id` where no dependency has told who is calling."""

    def __init__(
        self, detail: str, code: str = "forbidden", *, clinic_id: int | None = None, person_id: str | None = None
    ) -> None:
        super().__init__(403, code, detail)
        self.clinic_id, self.person_id = clinic_id, person_id


class NotSignedIn(AppError):
    def __init__(self, detail: str) -> None:
        super().__init__(401, "not_signed_in", detail, headers={"WWW-Authenticate": "Bearer"})


class BadRequest(AppError):
    def __init__(self, detail: str, code: str = "bad_request", **more: Any) -> None:
        super().__init__(400, code, detail, **more)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The one shape of every JSON error (RFC 9457; `code` is ours, a word that programs can test)."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, **more}


def from_validation(error: RequestValidationError) -> BadRequest:
    """A parameter or field that FastAPI refused, as one sentence that names it."""
    faults = [f"{'.'.join(str(part) for part in fault['loc'][1:])}: {fault['msg']}" for fault in error.errors()]
    return BadRequest("; ".join(faults), code="bad_parameter")
