"""What the API tells programs of itself: /api/v1/openapi.json, with every answer that it can give.

In English for every caller, like the names of fields; the sentences inside answers are in the caller's language.
"""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.errors import PROBLEM_JSON

Schema = dict[str, Any]

PROBLEM: Schema = {
    "type": "object",
    "description": "The one shape of every error (RFC 9457). Some carry further members.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "A word that programs can test."},
        "detail": {"type": "string", "description": "A sentence for people: what happened, and what to do."},
    },
}
WHEN = {
    400: "Something in the request cannot be read or makes no sense; `detail` names it.",
    401: "Not signed in, or the login or token has ended.",
    403: "The caller's role is too small for this.",
    404: "There is no such thing in a clinic where the caller has a role.",
    409: "The data changed meanwhile: send it again.",
    413: "More than is taken at once.",
    422: "Understood and refused as a whole: nothing was written.",
    426: "This protocol is no longer spoken here.",
    429: "Too many requests: wait as long as Retry-After says.",
    503: "The database cannot be used at the moment; nothing was kept. Retry-After says when to come again.",
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, from `timesink token EMAIL`."},
    "browser": {"type": "apiKey", "in": "cookie", "name": "timesink", "description": "A browser that has signed in."},
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Those answers of a route that are errors, for its `responses`."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        status: {
            "description": WHEN[status],
            "content": content,
            **({"headers": RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status in statuses
    }


def files(media: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that gives a file of one of these media types, for its `responses`."""
    kinds = (kind.partition(";")[0] for kind in media)
    content = {kind: {"schema": {} if kind.endswith("json") else {"type": "string"}} for kind in kinds}
    headers = {"Content-Disposition": {"description": "The file's name.", "schema": {"type": "string"}}}
    return {200: {"description": "The file.", "content": content, "headers": headers}}


# what any of them may answer, whatever it is for
EVERYWHERE = problems(400, 401, 403, 404, 413, 503)


def inlined(schema: Schema) -> Schema:
    """A schema of Pydantic's with its `$defs` put where they are named, to stand by itself in a route."""
    defs = schema.get("$defs", {})

    def put(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return put(defs[part["$ref"].rsplit("/", 1)[1]])
            return {name: put(value) for name, value in part.items() if name != "$defs"}
        return [put(value) for value in part] if isinstance(part, list) else part

    done: Schema = put(schema)
    return done


def describing(app: FastAPI) -> Callable[[], Schema]:
    """`app.openapi`: FastAPI's own, less the 422 of its own shape, which nothing here answers (`errors.py`)."""

    def describe() -> Schema:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    return describe


def _described(app: FastAPI) -> Schema:
    told = get_openapi(title=app.title, version=app.version, routes=app.routes)
    for operations in told["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422", "")):
                del operation["responses"]["422"]
    components = told.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["ProblemDetails"] = PROBLEM
    components["securitySchemes"] = SECURITY
    told["security"] = [{name: []} for name in SECURITY]
    return told
