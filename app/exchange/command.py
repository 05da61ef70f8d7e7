"""`timesink import`: files into a clinic, from the command line."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.queries import clinic_by_slug
from app.config import load_settings
from app.db import Database, now_ms
from app.errors import NotFound
from app.exchange import outcome
from app.exchange.copies import Custody, read_copies, sentences, take_in
from app.exchange.imports import Order, Prepared, carry_out, prepare
from app.exchange.layout import Choices
from app.exchange.lines import Upload
from app.exchange.owner import owner_of
from app.i18n import _
from app.migrate import migrate
from app.people.access import Caller


class FormatName(StrEnum):
    EVENTS = "events"
    INTERVALS = "intervals"
    NEUTRAL = "neutral"
    WOMBAT = "wombat"
    BORIS = "boris"


def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False, readable=True)],
    clinic: Annotated[str, typer.Option(help="The clinic's short name.")],
    format: Annotated[FormatName | None, typer.Option(help="Else recognised from each file's header.")] = None,
    owner: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="Whose sessions these are; else the first admin's.")
    ] = None,
    add_tasks: Annotated[
        bool, typer.Option("--add-tasks", help="Put unknown tasks, triggers and counters on the clinic's list.")
    ] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Join rows that overlap one of their own task.")] = False,
    unobserved: Annotated[
        str | None, typer.Option(metavar="NAME", help="Rows of this task are time in which nobody watched.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Store the good lines; their session is marked incomplete.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
) -> None:
    """Imports logs of observation, and copies that a pad has saved. What is there already is not written again."""
    order = Order(
        uploads=[Upload(_shown(path), path.read_bytes()) for path in files],
        format=format.value if format else None,
        choices=Choices(merge=merge, unobserved=unobserved),
        add_tasks=add_tasks,
        skip_bad=skip_bad,
    )
    database = Database(load_settings().database_url)
    try:
        migrate(database)
        now = now_ms()
        if copies := read_copies(order.uploads, now):
            with database.read() as session:
                home = clinic_named(session, clinic)
            told = take_in(database, home, copies, Custody(None, owner), now, dry_run=dry_run)
            for line in (*(f"{one['id']}: {one['detail']}" for one in told["refused"]), *sentences(told)):
                typer.echo(line)
            raise typer.Exit(1 if told["refused"] else 0)
        with database.read() as session:
            home = clinic_named(session, clinic)
            person = owner_of(session, home, owner)
            prepared = prepare(session, home, person, order, now)
        written = not (dry_run or prepared.is_refused)
        if written:
            _write(database, home, person, prepared, now)
    finally:
        database.close()
    _say(prepared, ZoneInfo(home.timezone), written=written, dry_run=dry_run)
    if prepared.is_refused or prepared.faults:
        raise typer.Exit(1)


def _shown(path: Path) -> str:
    """Its name as it can be printed: on Linux it need not be UTF-8."""
    return str(path).encode(errors="surrogateescape").decode(errors="replace")


def clinic_named(session: Session, slug: str) -> Clinic:
    """For commands, which know no roles. Raises NotFound."""
    found = clinic_by_slug(session, slug)
    if found is None:
        raise NotFound(_("There is no clinic “{slug}”.").format(slug=slug))
    return found


def _write(database: Database, clinic: Clinic, owner: Caller, prepared: Prepared, now: int) -> None:
    with Progress(console=Console(stderr=True), transient=True, disable=not Console(stderr=True).is_terminal) as bar:
        task = bar.add_task(_("Importing"), total=len(prepared.steps))
        carry_out(database, clinic, owner, prepared, now, by=None, tell=lambda _step: bar.advance(task))


def _say(prepared: Prepared, zone: ZoneInfo, *, written: bool, dry_run: bool) -> None:
    """Faults go to standard error, everything else to standard output."""
    for line in (*outcome.bad_lines(prepared), *outcome.unknown_names(prepared.lacking)):
        typer.echo(line, err=True)
    for line in outcome.remarks(prepared):
        typer.echo(line)
    if dry_run:
        for line in outcome.session_lines(prepared, zone):
            typer.echo(line)
    if not prepared.is_refused:
        for line in outcome.added_names(prepared.added):
            typer.echo(line)
    typer.echo(outcome.summary(prepared, written=written))
