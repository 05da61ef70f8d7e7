"""POST /api/v1/imports: the same importer as the command, for programs (CONTRACT.md, Imports)."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from app.clinics.access import clinic_for
from app.clinics.models import Clinic
from app.db import DatabaseHeld, now_ms
from app.errors import AppError, BadRequest, Forbidden
from app.exchange import outcome
from app.exchange.imports import Order, Prepared, carry_out, prepare
from app.exchange.layout import Choices
from app.exchange.lines import Upload
from app.exchange.owner import OBSERVING, owner_of
from app.exchange.shapes import ImportAnswer
from app.i18n import _
from app.openapi import inlined, problems
from app.people.access import Caller, SignedIn, secret_of
from app.people.models import Role
from app.web import refuse_foreign_origin


async def _refuse_forged(request: Request) -> None:
    """A browser sends its cookie with any site's form; a program's token comes from the program alone."""
    carried = secret_of(request)
    if carried is not None and carried[0] == "browser":
        refuse_foreign_origin(request)


# before anything of the request is read
router = APIRouter(prefix="/api/v1", tags=["exchange"], dependencies=[Depends(_refuse_forged)])


class Options(BaseModel):
    """The command's options, as fields of the form or of the query; empty ones are as if they were missing."""

    model_config = ConfigDict(extra="ignore")
    clinic: str = Field(description="The clinic's short name.")
    format: Literal["events", "intervals", "neutral", "wombat", "boris"] | None = Field(
        default=None, description="Else recognised from each file's header."
    )
    owner: str | None = Field(default=None, alias="as", description="E-mail address of whose sessions these are.")
    add_tasks: bool = Field(default=False, description="Put unknown names on the clinic's list.")
    merge: bool = Field(default=False, description="Join rows that overlap one of their own task.")
    unobserved: str | None = Field(default=None, description="Rows of this task are time in which nobody watched.")
    skip_bad: bool = Field(default=False, description="Store the good lines.")
    dry_run: bool = Field(default=False, description="Say what would happen, and write nothing.")


@dataclass(frozen=True, slots=True)
class Sent:
    uploads: list[Upload]
    options: Options


async def _sent(request: Request) -> Sent:
    """Every part that is a file, whatever its name, and the options. Raises BadRequest for what makes no sense."""
    fields: dict[str, str] = dict(request.query_params)
    uploads = []
    async with request.form() as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                uploads.append(Upload(part.filename or name, await part.read()))
            else:
                fields[name] = part
    if not uploads:
        raise BadRequest(_("Send at least one file, as multipart/form-data."), code="no_file")
    try:
        return Sent(uploads, Options.model_validate({name: value for name, value in fields.items() if value}))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise BadRequest(faults, code="bad_parameter") from None


def _body() -> dict[str, Any]:
    schema = inlined(Options.model_json_schema())
    schema["properties"]["file"] = {"type": "array", "items": {"type": "string", "format": "binary"}}
    schema["required"] = ["clinic", "file"]
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


@router.post(
    "/imports",
    summary="Import files, or see what that would do",
    response_model=None,
    responses={200: {"model": ImportAnswer}, **problems(409, 422)},
    openapi_extra={"requestBody": _body()},
)
def import_files(
    request: Request, caller: SignedIn, held: DatabaseHeld, sent: Annotated[Sent, Depends(_sent)]
) -> dict[str, Any]:
    """The sessions are the caller's, or with `as` somebody else's (admins only). Observers may import, but only
    managers and admins add to the task list. 422 with `bad_lines` or `unknown` if nothing was written because of
    them; a dry run always answers 200."""
    now, options = now_ms(), sent.options
    order = Order(
        uploads=sent.uploads,
        format=options.format,
        choices=Choices(merge=options.merge, unobserved=options.unobserved),
        add_tasks=options.add_tasks,
        skip_bad=options.skip_bad,
    )
    with held.read() as session:
        home = clinic_for(session, caller, options.clinic, *OBSERVING)
        _refuse_too_much(caller, home, options)
        owner = caller if options.owner is None else owner_of(session, home, options.owner)
        prepared = prepare(session, home, owner, order, now)
    if options.dry_run:
        return {"dry_run": True, **outcome.told(prepared, written=False)}
    if prepared.is_refused:
        raise _refused(prepared)
    carry_out(held, home, owner, prepared, now, by=caller.id)
    request.app.state.slicer.wake()
    return {"dry_run": False, **outcome.told(prepared, written=True)}


def _refuse_too_much(caller: Caller, clinic: Clinic, options: Options) -> None:
    if options.add_tasks and not caller.may(clinic.id, Role.MANAGER, Role.ADMIN):
        sentence = _("Only managers and admins may add to the clinic's task list.")
        raise Forbidden(sentence, clinic_id=clinic.id)
    if options.owner is not None and not caller.may(clinic.id, Role.ADMIN):
        raise Forbidden(_("Only an admin may import for somebody else."), clinic_id=clinic.id)


def _code(prepared: Prepared) -> str:
    if prepared.lacking.any:
        return "unknown_names"
    return "bad_sessions" if all(fault.of_session for fault in prepared.faults) else "bad_lines"


def _refused(prepared: Prepared) -> AppError:
    code = _code(prepared)
    detail = " ".join([*outcome.unknown_names(prepared.lacking), outcome.summary(prepared, written=False)])
    return AppError(422, code, detail, **outcome.told(prepared, written=False))
