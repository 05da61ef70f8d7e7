"""What was sent to be imported: files, and how. The same for programs and for the page."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from app.clinics.models import Clinic
from app.errors import BadRequest, Forbidden
from app.exchange.imports import Order
from app.exchange.layout import Choices
from app.exchange.lines import Upload
from app.i18n import _
from app.people.access import Caller
from app.people.models import MANAGING, Role

LARGEST_IMPORT = 10 << 20  # bytes at once


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
    """`fields`: all that is no file, as it came."""

    uploads: list[Upload]
    fields: Mapping[str, str]

    def options(self, **given: str) -> Options:
        """`given` stands above what was sent. Raises BadRequest for what makes no sense, and where no file came."""
        if not self.uploads:
            raise BadRequest(_("Send at least one file, as multipart/form-data."), code="no_file")
        try:
            fields = {**self.fields, **given}
            return Options.model_validate({name: value for name, value in fields.items() if value})
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise BadRequest(faults, code="bad_parameter") from None

    def order(self, options: Options) -> Order:
        return Order(
            uploads=self.uploads,
            format=options.format,
            choices=Choices(merge=options.merge, unobserved=options.unobserved),
            add_tasks=options.add_tasks,
            skip_bad=options.skip_bad,
        )

    def digest(self, options: Options) -> str:
        """Of every byte of the files, their names and order, and of all that decides what becomes of them."""
        files = [(upload.name, hashlib.sha256(upload.data).hexdigest()) for upload in self.uploads]
        told = json.dumps([options.model_dump(exclude={"dry_run"}), files], sort_keys=True)
        return hashlib.sha256(told.encode(errors="replace")).hexdigest()


async def read_sent(request: Request) -> Sent:
    """Every part that is a file, whatever its name; a form's file field that was left empty is none."""
    fields: dict[str, str] = dict(request.query_params)
    uploads = []
    async with request.form() as form:
        for name, part in form.multi_items():
            if not isinstance(part, UploadFile):
                fields[name] = part
            elif part.filename or part.size:
                uploads.append(Upload(part.filename or name, await part.read()))
    return Sent(uploads, fields)


def refuse_too_much(caller: Caller, clinic: Clinic, options: Options) -> None:
    """Raises Forbidden for options that the caller's role has no right to."""
    if options.add_tasks and not caller.may(clinic.id, *MANAGING):
        sentence = _("Only managers and admins may add to the clinic's task list.")
        raise Forbidden(sentence, clinic_id=clinic.id)
    if options.owner is not None and not caller.may(clinic.id, Role.ADMIN):
        raise Forbidden(_("Only an admin may import for somebody else."), clinic_id=clinic.id)
