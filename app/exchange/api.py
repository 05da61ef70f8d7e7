"""POST /api/v1/imports: the same importer as the command, for programs (CONTRACT.md, Imports)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.errors import AppError
from app.exchange import outcome
from app.exchange.copies import Custody, read_copies, take_in
from app.exchange.imports import Prepared, carry_out, prepare
from app.exchange.owner import OBSERVING, owner_of
from app.exchange.sent import Options, Sent, read_sent, refuse_too_much
from app.exchange.shapes import CopyAnswer, ImportAnswer
from app.openapi import inlined, problems
from app.people.access import SignedIn, secret_of
from app.web import refuse_foreign_origin


async def _refuse_forged(request: Request) -> None:
    """A browser sends its cookie with any site's form; a program's token comes from the program alone."""
    carried = secret_of(request)
    if carried is not None and carried[0] == "browser":
        refuse_foreign_origin(request)


# before anything of the request is read
router = APIRouter(prefix="/api/v1", tags=["exchange"], dependencies=[Depends(_refuse_forged)])


def _body() -> dict[str, Any]:
    schema = inlined(Options.model_json_schema())
    schema["properties"]["file"] = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema["required"] = ["clinic", "file"]
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


@router.post(
    "/imports",
    summary="Import files, or see what that would do",
    response_model=None,
    responses={200: {"model": ImportAnswer | CopyAnswer}, **problems(409, 422)},
    openapi_extra={"requestBody": _body()},
)
def import_files(
    request: Request, caller: SignedIn, held: DatabaseHeld, sent: Annotated[Sent, Depends(read_sent)]
) -> dict[str, Any]:
    """The sessions are the caller's, or with `as` somebody else's (admins only). Observers may import, but only
    managers and admins add to the task list. 422 with `bad_lines` or `unknown` if nothing was written because of
    them; a dry run always answers 200. Files that the pad has saved (JSON) are taken in as if their phones had sent
    them: each item stays its observer's, and only admins bring somebody else's."""
    now, options = now_ms(), sent.options()
    if copies := read_copies(sent.uploads, now):
        with held.read() as session:
            home = clinic_for(session, caller, options.clinic)
        told = take_in(held, home, copies, Custody(caller, options.owner), now, dry_run=options.dry_run)
        request.app.state.slicer.wake()
        return told
    with held.read() as session:
        home = clinic_for(session, caller, options.clinic, *OBSERVING)
        refuse_too_much(caller, home, options)
        owner = caller if options.owner is None else owner_of(session, home, options.owner)
        prepared = prepare(session, home, owner, sent.order(options), now)
    if options.dry_run:
        return {"dry_run": True, **outcome.told(prepared, written=False)}
    if prepared.is_refused:
        raise _refused(prepared)
    carry_out(held, home, owner, prepared, now, by=caller.id)
    request.app.state.slicer.wake()
    return {"dry_run": False, **outcome.told(prepared, written=True)}


def _code(prepared: Prepared) -> str:
    if prepared.lacking.any:
        return "unknown_names"
    return "bad_sessions" if all(fault.of_session for fault in prepared.faults) else "bad_lines"


def _refused(prepared: Prepared) -> AppError:
    code = _code(prepared)
    detail = " ".join([*outcome.unknown_names(prepared.lacking), outcome.summary(prepared, written=False)])
    return AppError(422, code, detail, **outcome.told(prepared, written=False))
