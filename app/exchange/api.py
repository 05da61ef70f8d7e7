"""POST /api/v1/imports: the same importer as the command, for programs (CONTRACT.md, Imports)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile

from app.clinics.access import clinic_for
from app.db import DatabaseHeld, now_ms
from app.errors import AppError, Forbidden
from app.exchange import outcome
from app.exchange.imports import Order, Prepared, carry_out, prepare
from app.exchange.layout import Choices
from app.exchange.lines import Upload
from app.exchange.owner import OBSERVING, owner_of
from app.i18n import _
from app.people.access import SignedIn, secret_of
from app.people.models import Role
from app.web import refuse_foreign_origin

router = APIRouter(prefix="/api/v1", tags=["exchange"])

Format = Literal["events", "intervals", "neutral", "wombat"]


@router.post("/imports", summary="Import files, or see what that would do")
def import_files(
    request: Request,
    caller: SignedIn,
    held: DatabaseHeld,
    clinic: Annotated[str, Form()],
    files: Annotated[list[UploadFile], File(alias="file", min_length=1)],
    format: Annotated[Format | None, Form()] = None,
    owner: Annotated[str | None, Form(alias="as")] = None,
    add_tasks: Annotated[bool, Form()] = False,
    merge: Annotated[bool, Form()] = False,
    unobserved: Annotated[str | None, Form()] = None,
    skip_bad: Annotated[bool, Form()] = False,
    dry_run: Annotated[bool, Form()] = False,
) -> dict[str, Any]:
    """The sessions are the caller's, or with `as` somebody else's (admins only). Observers may import, but only
    managers and admins may add to the task list. 422 with `bad_lines` or `unknown` if nothing was written for them;
    a dry run always answers 200."""
    _refuse_forged(request)
    now = now_ms()
    order = Order(
        uploads=[Upload(file.filename or f"file {n}", file.file.read()) for n, file in enumerate(files, 1)],
        format=format,
        choices=Choices(merge=merge, unobserved=unobserved),
        add_tasks=add_tasks,
        skip_bad=skip_bad,
    )
    with held.read() as session:
        home = clinic_for(session, caller, clinic, *OBSERVING)
        if add_tasks and not caller.may(home.id, Role.MANAGER, Role.ADMIN):
            raise Forbidden(_("Only managers and admins may add to the clinic's task list."))
        if owner is not None and not caller.may(home.id, Role.ADMIN):
            raise Forbidden(_("Only an admin may import for somebody else."))
        person = caller if owner is None else owner_of(session, home, owner)
        prepared = prepare(session, home, person, order, now)
    if dry_run:
        return {"dry_run": True, **outcome.told(prepared, written=False)}
    if prepared.is_refused:
        raise _refused(prepared)
    carry_out(held, home, person, prepared, now)
    request.app.state.slicer.wake()
    return {"dry_run": False, **outcome.told(prepared, written=True)}


def _refuse_forged(request: Request) -> None:
    """A browser sends its cookie with any site's form; a program's token comes from the program alone."""
    carried = secret_of(request)
    if carried is not None and carried[0] == "browser":
        refuse_foreign_origin(request)


def _refused(prepared: Prepared) -> AppError:
    code = "unknown_names" if prepared.lacking.any else "bad_lines"
    detail = " ".join([*outcome.unknown_names(prepared.lacking), outcome.summary(prepared, written=False)])
    return AppError(422, code, detail, **outcome.told(prepared, written=False))
