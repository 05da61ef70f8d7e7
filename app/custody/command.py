"""`timesink backup`, `restore`, `erase` and `doctor`, from the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.items import UUID
from app.capture.models import ObservationSession, PendingItem, QuarantinedItem
from app.clinics.models import Clinic
from app.clinics.queries import clinic_by_slug
from app.config import Settings, load_settings
from app.custody import ledger
from app.custody import restore as restoring
from app.custody.backup import back_up
from app.custody.damaged import set_aside_if_damaged
from app.custody.doctor import examine
from app.custody.erase import Erased, Order, erase_session, erase_subject
from app.custody.erasing import erasing
from app.custody.files import file_of, folder_of, stamp, unused
from app.custody.retention import erase_outdated
from app.db import Database, now_ms
from app.errors import BadRequest, NotFound
from app.i18n import _, ngettext
from app.migrate import is_migrated, migrate


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, such as /mnt/usb/timesink.db.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there already.")] = False,
) -> None:
    """Writes all data into one file, while the server goes on serving. Its ledger of erasures comes beside it."""
    settings = load_settings()
    source = file_of(settings.database_url)
    if source is not None and not source.exists():  # opening it would make an empty one
        raise NotFound(_("There is no database {file} yet, so there is nothing to back up.").format(file=source))
    database = Database(settings.database_url)
    try:
        size = back_up(database, file, overwrite=overwrite)
        if is_migrated(database):  # else this is the backup before an update, and changes nothing
            _note(database, file)
    finally:
        database.close()
    typer.echo(_("Backed up to {file}: {megabytes:.1f} MB, checked.").format(file=file, megabytes=size / 1e6))


def doctor() -> None:
    """Looks for what is wrong: database, clock, disk, backups, address. Exit code 1 if anything is."""
    findings = examine(load_settings(), now_ms())
    say = Console(highlight=False, soft_wrap=True, markup=False).print
    for finding in findings:
        say("✗" if finding.faults else "✓", finding.check, style="bold red" if finding.faults else "green")
        for fault in finding.faults:
            say(f"    {fault}")
    if any(finding.faults for finding in findings):
        raise typer.Exit(1)


def _note(database: Database, file: Path) -> None:
    with database.write() as session:
        about = {"file": file.name}
        record(session, at=now_ms(), action=Action.BACKED_UP, person_id=None, clinic_id=None, about=about)
        known = ledger.tombstones(session)
    ledger.bring_up_to_date(file.absolute().parent, known)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that “timesink backup”, or the schedule, has written.")],
) -> None:
    """Puts a backup in the place of all data, while the server goes on serving. What is replaced is kept as a file."""
    settings = load_settings()
    now = now_ms()
    restoring.refuse_unfit(file)  # before a database is made, or a damaged one set aside
    folder = _folder_for_copies(settings, file)
    safety_copy = folder / f"{unused(folder, f'timesink-replaced-{stamp(now)}')}.db"
    damaged = set_aside_if_damaged(settings.database_url, safety_copy.with_suffix(".damaged"))
    database = Database(settings.database_url)
    try:
        migrate(database)
        restored = restoring.restore(database, settings, file, safety_copy, now)
    finally:
        database.close()
    typer.echo(_("Restored from {file}. Phones send again what they still hold.").format(file=file))
    if damaged:
        typer.echo(_("The database was damaged; its file is kept as {file}.").format(file=damaged))
    if restored.safety_copy:
        typer.echo(_("What was replaced is kept as {file}.").format(file=restored.safety_copy))
    if restored.erased_again:
        typer.echo(_("Erased again: {n} that had been erased since.").format(n=restored.erased_again))
    typer.echo(_("Roles, passwords and disabled accounts are those of the backup: look them through."))


def _folder_for_copies(settings: Settings, backup: Path) -> Path:
    """With the backups on schedule, else beside the database, else (PostgreSQL) beside the backup."""
    candidates = (settings.backup_dir, folder_of(settings.database_url), backup.absolute().parent)
    return next(folder for folder in candidates if folder is not None)


def erase(
    session: Annotated[str | None, typer.Option(metavar="ID", help="One session.")] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="CODE", help="Everything under this code in the clinic, such as MA-03.")
    ] = None,
    clinic: Annotated[str | None, typer.Option(help="The clinic's short name; --subject needs it.")] = None,
    outdated: Annotated[
        bool, typer.Option("--outdated", help="What clinics no longer keep (page Privacy), as `serve` does each hour.")
    ] = False,
) -> None:
    """Erases a session, all sessions of one subject, or what is outdated, for good. Late phones and old backups bring
    nothing back."""
    if [session is not None, subject is not None, outdated].count(True) != 1:
        raise BadRequest(_("Name either a --session or a --subject, or say --outdated."), code="bad_parameter")
    if outdated:
        _erase_outdated()
        return
    if subject is not None and clinic is None:
        raise BadRequest(_("Name the --clinic: elsewhere {code} is somebody else.").format(code=subject))
    settings = load_settings()
    database = Database(settings.database_url)
    try:
        migrate(database)
        with erasing(database, settings) as writing:
            home = None if clinic is None else _clinic(writing, clinic)
            if session is not None:
                session_id, clinic_id = _known_session(writing, home, session)
                erased = erase_session(writing, session_id, Order(clinic_id, None, now_ms()))
            else:
                assert home is not None
                erased = _erase_subject(writing, home, subject or "")
    finally:
        database.close()
    sentence = ngettext(
        "Erased: {n} session; {items} items had been sent.",
        "Erased: {n} sessions; {items} items had been sent.",
        erased.sessions,
    )
    typer.echo(sentence.format(n=erased.sessions, items=erased.items))
    if erased.day_items:
        days = ngettext(
            "The code is out of {n} day log item.", "The code is out of {n} day log items.", erased.day_items
        )
        typer.echo(days.format(n=erased.day_items))


def _erase_outdated() -> None:
    settings = load_settings()
    database = Database(settings.database_url)
    try:
        migrate(database)
        erased = erase_outdated(database, settings, now_ms())
    finally:
        database.close()
    typer.echo(
        ngettext(
            "Erased: {n} thing that was older than its clinic keeps it.",
            "Erased: {n} things that were older than their clinic keeps them.",
            erased,
        ).format(n=erased)
    )


def _clinic(session: Session, slug: str) -> Clinic:
    found = clinic_by_slug(session, slug)
    if found is None:
        raise NotFound(_("There is no clinic “{slug}”.").format(slug=slug))
    return found


def _known_session(session: Session, clinic: Clinic | None, given: str) -> tuple[str, int | None]:
    """(its id, its clinic's) of a session that is kept here, or of which waiting or refused items are.

    Raises NotFound for any other, and for one of another clinic than the one named.
    """
    session_id = given.strip().lower()
    observed = session.get(ObservationSession, session_id) if UUID.fullmatch(session_id) else None
    if observed is not None and clinic is not None and observed.clinic_id != clinic.id:
        observed, session_id = None, ""
    if observed is None and not _is_waited_for(session, session_id):
        raise NotFound(_("There is no session {id} here.").format(id=given))
    named = None if clinic is None else clinic.id
    return session_id, named if observed is None else observed.clinic_id


def _is_waited_for(session: Session, session_id: str) -> bool:
    waiting = select(PendingItem.id).where(PendingItem.session_id == session_id)
    refused = select(QuarantinedItem.item_id).where(QuarantinedItem.session_id == session_id)
    return session.execute(waiting.union_all(refused).limit(1)).first() is not None


def _erase_subject(session: Session, clinic: Clinic, subject: str) -> Erased:
    erased = erase_subject(session, clinic, subject, Order(clinic.id, None, now_ms()))
    if not (erased.sessions or erased.items or erased.day_items):
        sentence = _("Nothing in clinic “{slug}” is about “{subject}”.")
        raise NotFound(sentence.format(slug=clinic.slug, subject=subject))
    return erased
