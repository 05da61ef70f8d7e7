"""The commands. Exit codes: 0 done, 1 a fault was found or lines were skipped, 2 wrong use."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, NoReturn

import typer
import uvicorn
from rich.console import Console
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.address import last_address, remember_address
from app.capture.distrust import distrust
from app.clinics.models import Clinic
from app.clinics.queries import clinic_by_slug
from app.clinics.setup import set_up
from app.config import Settings, SettingsError, load_settings
from app.custody import command as custody
from app.db import Database, now_ms
from app.demo.command import demo_command
from app.errors import AppError
from app.exchange.command import import_command
from app.exchange.out.command import export_command
from app.i18n import _, ngettext
from app.migrate import migrate
from app.people import accounts
from app.people.models import Membership, Person, Role
from app.slices import freshen
from app.storage import reason_of

app = typer.Typer(
    name="timesink",
    help="Time-and-motion observation for clinics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
person_app = typer.Typer(help="People and their roles.", no_args_is_help=True)
app.add_typer(person_app, name="person")
app.command("import")(import_command)
app.command("demo")(demo_command)
app.command("export")(export_command)
app.command("backup")(custody.backup)
app.command("restore")(custody.restore)
app.command("erase")(custody.erase)
app.command("doctor")(custody.doctor)

UNASKED = "http://127.0.0.1:8000"  # where serve listens without --host and --port
say = Console(highlight=False, soft_wrap=True).print


def main() -> None:
    """The console script. Faults that a person can mend are one sentence, not a traceback."""
    try:
        app()
    except AppError as error:
        _refuse(error.detail, 2 if error.status < 500 else 1)
    except SettingsError as error:
        _refuse(str(error), 2)
    except DBAPIError as error:
        if reason_of(error) is None:  # a fault of ours
            raise
        _refuse(_("The database cannot be used: {why}").format(why=error.orig), 1)


def _refuse(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(code)


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Database]:
    """The migrated database of the settings, for the length of a command."""
    database = Database((settings or load_settings()).database_url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def _password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _link(session: Session, settings: Settings, person: Person) -> str:
    """An invitation for this person, at the address where the database is or was last served."""
    secret = accounts.make_link(session, person, now_ms(), settings.invitation_hours)
    address = settings.base_url or last_address(session)
    if address is None:
        sentence = _("This database has not been served yet, so the link names the address that serve takes unasked.")
        print(sentence, file=sys.stderr)
    return f"{address or UNASKED}/invitation/{secret}"


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs PostgreSQL.")] = 1,
) -> None:
    """Migrates the database, then serves. On an empty database it prints a one-time set-up link."""
    settings = load_settings()
    if settings.base_url is None:
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        settings = settings.model_copy(update={"base_url": f"http://{shown}:{port}"})
        os.environ["TIMESINK_BASE_URL"] = settings.base_url or ""
    with opened(settings) as database:
        if workers > 1 and database.is_sqlite:
            raise AppError(
                400,
                "workers",
                _(
                    "SQLite has one writer, which lives in one process: run a single worker, or set "
                    "TIMESINK_DATABASE_URL to a PostgreSQL database for {n}."
                ).format(n=workers),
            )
        with database.write() as session:
            remember_address(session, settings.base_url or "")
            secret = (
                accounts.make_link(session, None, now_ms(), settings.invitation_hours)
                if accounts.is_empty(session)
                else None
            )
    print(_("Timesink is at {address}").format(address=settings.base_url), flush=True)
    if secret:
        print(_("Nobody has an account yet. Set up the first clinic with this link, which works once:"))
        print(f"{settings.base_url}/setup/{secret}", flush=True)
    uvicorn.run(
        "app.main:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # addresses in it would name people and carry links
        log_level=settings.log_level,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        server_header=False,
    )


@app.command()
def setup(
    clinic: Annotated[str, typer.Option(help="Its short name in addresses, such as north.")],
    name: Annotated[str, typer.Option(help="Its name as people say it.")],
    timezone: Annotated[str, typer.Option(help="Its time zone, such as America/Chicago.")],
    admin: Annotated[str, typer.Option(help="E-mail address of its first admin.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the admin's password from standard input.")
    ] = False,
) -> None:
    """A new clinic with its admin, without a browser. Prints an invitation link unless a password was given."""
    settings = load_settings()
    password = _password_from_stdin() if password_stdin else None
    with opened(settings) as database, database.write() as session:
        made, person = set_up(
            session,
            slug=clinic,
            name=name,
            timezone=timezone,
            admin_email=admin,
            admin_name="",
            password=password,
            at=now_ms(),
        )
        link = None
        if person.password_hash is None:
            link = _link(session, settings, person)
    say(_("Clinic “{name}” is set up; {email} is its admin.").format(name=made.name, email=person.email))
    if link:
        say(_("Choose a password with this link, which works once:"))
        print(link)


def _clinic(session: Session, slug: str) -> Clinic:
    found = clinic_by_slug(session, slug)
    if found is None:
        raise AppError(404, "unknown_clinic", _("There is no clinic “{slug}”.").format(slug=slug))
    return found


@person_app.command("add")
def add_person(
    email: str,
    clinic: Annotated[str, typer.Option()],
    role: Annotated[Role, typer.Option()],
    name: Annotated[str, typer.Option(help="As colleagues say it; else the part before the @.")] = "",
    new_link: Annotated[
        bool, typer.Option("--new-link", help="Even for somebody who has a password: to choose a new one.")
    ] = False,
) -> None:
    """Gives a person a role in a clinic and prints an invitation link, which works once.

    For somebody who has a password already there is a link only with --new-link.
    """
    settings = load_settings()
    with opened(settings) as database, database.write() as session:
        home = _clinic(session, clinic)
        person = accounts.add_person(session, email=email, name=name, at=now_ms())
        held = session.get(Membership, (person.id, home.id))
        before = Role(held.role) if held else None
        accounts.give_role(session, person, home.id, role, now_ms())
        link = None
        if new_link or person.password_hash is None:
            link = _link(session, settings, person)
            about = {"person": person.id}
            record(session, at=now_ms(), action=Action.INVITED, person_id=None, clinic_id=home.id, about=about)
    if before not in (None, role):
        changed = _("{email} was {before} in this clinic and is now {role}.")
        print(changed.format(email=person.email, before=before, role=role))
    if link is None:
        sentence = _("{email} has a password and signs in with it. --new-link prints a link to choose a new one.")
        print(sentence.format(email=person.email))
    else:
        if person.password_hash is not None:
            print(_("With this link a new password is chosen. The old one stays valid until then:"))
        print(link)


@app.command()
def token(email: str, days: Annotated[int, typer.Option(min=1, max=730)] = 30) -> None:
    """Prints an API token of this person, once, alone on the last line."""
    with opened() as database, database.write() as session:
        person = accounts.person_by_email(session, email)
        if person is None:
            raise AppError(404, "unknown_person", _("Nobody has the e-mail address {email}.").format(email=email))
        secret = accounts.make_token(session, person, now_ms(), days)
    print(secret)


@app.command()
def rebuild(
    clock_wrong: Annotated[
        tuple[datetime, datetime] | None,
        typer.Option(
            metavar="FROM TO",
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"],
            help="This server's clock was wrong between these times, as it showed them (2026-11-02T09:00-06:00): "
            "what phones measured by it then is set aside, and their sessions are worked out anew.",
        ),
    ] = None,
) -> None:
    """Makes all derived rows again from the events. Exit code 1 says that some had been wrong."""
    with opened() as database:
        if clock_wrong is not None:
            first, last = (round(moment.timestamp() * 1000) for moment in clock_wrong)
            with database.write() as session:
                n = distrust(session, first, last)
            say(ngettext("{n} clock sample is set aside.", "{n} clock samples are set aside.", n).format(n=n))
        changed = freshen.rebuild(database)
    if changed:
        _refuse(_("{n} sessions had derived rows that did not follow from their events.").format(n=changed), 1)
    say(_("All derived rows follow from the events."))


@app.command("settings")
def show_settings() -> None:
    """Every setting with its value and what it is for."""
    settings = load_settings()
    for field, about in Settings.model_fields.items():
        value = getattr(settings, field)
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        if field == "database_url" and "@" in shown:  # a password has no business on a screen
            scheme, _sep, rest = shown.partition("://")
            shown = f"{scheme}://…@{rest.rpartition('@')[2]}"
        print(f"TIMESINK_{field.upper()}={shown}\n    {about.description}")
