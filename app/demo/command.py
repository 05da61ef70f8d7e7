"""`timesink demo`: a simulated clinic, made once, and how to sign in to it."""

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.capture.intake import local_day
from app.clinics.models import Clinic
from app.clinics.queries import clinic_by_slug
from app.config import Settings, load_settings
from app.db import Database, now_ms
from app.demo import parameters as p
from app.demo.writing import PEOPLE, Made, email_of, fill, found, made_of, real_clinics
from app.errors import AppError
from app.i18n import _
from app.migrate import migrate
from app.people import accounts
from app.reports.models import Poster
from app.reports.posters import USUAL_DAYS, last_day, make_poster, rotate, spaced
from app.slices import freshen

MOST_WEEKS = 52
SIGN_IN = ("manager", "observer-1", "ma-01", "admin")  # one for each role


def demo_command(
    weeks: Annotated[int, typer.Option(min=1, max=MOST_WEEKS, help="How many, ending yesterday.")] = 2,
    seed: Annotated[int, typer.Option(help="Another seed is another fortnight in the same clinic.")] = 1,
    clinic: Annotated[str, typer.Option(help="Its short name.")] = "demo",
    beside_real_data: Annotated[
        bool, typer.Option("--beside-real-data", help="Even though the database holds real clinics.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it will be served, for the links printed.")] = 8000,
) -> None:
    """Makes a simulated clinic with four MAs and two observers, and prints links that sign in. Once made, it stays."""
    settings = load_settings()
    address = settings.base_url or f"http://127.0.0.1:{port}"
    database = Database(settings.database_url)
    try:
        migrate(database)
        now = now_ms()
        with database.write() as session:
            home, made = _found_or_new(session, clinic, Made(seed, weeks, _yesterday(now)), beside_real_data, now)
        if not made.whole:
            _fill(database, home, made, now)
        with database.write() as session:
            lines = [
                *_about(home, made, address),
                *_ways_in(session, home, settings, address, now),
                _poster(session, home, address, now),
            ]
    finally:
        database.close()
    for line in lines:
        print(line)


def _yesterday(now: int) -> str:
    """In the simulated clinic's zone."""
    return (datetime.fromtimestamp(now / 1000, ZoneInfo(p.ZONE)).date() - timedelta(days=1)).isoformat()


def _found_or_new(session: Session, slug: str, wanted: Made, beside_real_data: bool, now: int) -> tuple[Clinic, Made]:
    """The clinic that is there if it was made like this, on whatever day; else a new one."""
    home = clinic_by_slug(session, slug)
    if home is None:
        real = real_clinics(session)
        if real and not beside_real_data:
            sentence = _(
                "This database holds a real clinic ({slugs}). Simulated data beside it could be taken for real: set "
                "TIMESINK_DATABASE_URL to another database, or say --beside-real-data."
            )
            raise AppError(409, "real_data", sentence.format(slugs=", ".join(real)))
        return found(session, slug, wanted, now), wanted
    made = made_of(session, home)
    if made is None:
        sentence = _("Clinic “{slug}” is a real one. Nothing simulated goes into it: give another --clinic.")
        raise AppError(409, "real_clinic", sentence.format(slug=slug))
    if (made.seed, made.weeks) != (wanted.seed, wanted.weeks):
        sentence = _("Clinic “{slug}” was simulated with --seed {seed} --weeks {weeks}. Give another --clinic.")
        raise AppError(409, "other_demo", sentence.format(slug=slug, seed=made.seed, weeks=made.weeks))
    return home, made


def _fill(database: Database, home: Clinic, made: Made, now: int) -> None:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("Simulating"))
        fill(database, home, made, now, lambda done, total: bar.update(task, completed=done, total=total))
    freshen.freshen(database, home.id)


def _about(home: Clinic, made: Made, address: str) -> list[str]:
    last = date.fromisoformat(made.last)
    first = last - timedelta(days=7 * made.weeks - 1)
    summary = f"{address}/clinics/{home.slug}/summary?from={first}&to={last}"
    return [
        _("“{name}” holds simulated observations from {first} to {last}: {address}").format(
            name=home.name, first=first, last=last, address=summary
        )
    ]


def _ways_in(session: Session, home: Clinic, settings: Settings, address: str, now: int) -> list[str]:
    """A link for one person of each role; who has chosen a password signs in with that."""
    lines = [_("Sign in as one of these. A link works once, and asks you to choose a password:")]
    roles = {name: (shown, role) for name, shown, role in PEOPLE}
    for name in SIGN_IN:
        shown, role = roles[name]
        email = email_of(name, home.slug)
        person = accounts.person_by_email(session, email)
        if person is None:
            continue
        if person.password_hash is None:
            secret = accounts.make_link(session, person, now, settings.invitation_hours)
            about = {"person": person.id}
            record(session, at=now, action=Action.INVITED, person_id=None, clinic_id=home.id, about=about)
            way = f"{address}/invitation/{secret}"
        else:
            way = _("{address}/sign-in with the password you chose").format(address=address)
        lines.append(f"  {role:<10} {shown:<12} {email:<26} {way}")
    return lines


def _poster(session: Session, home: Clinic, address: str, now: int) -> str:
    """The way in without an account: the one poster of the simulated clinic, with new codes each time."""
    until = last_day(local_day(now, home.timezone), USUAL_DAYS)
    poster = session.execute(select(Poster).where(Poster.clinic_id == home.id).limit(1)).scalar_one_or_none()
    if poster is None:
        _made, codes = make_poster(session, home, place=_("Break room"), until=until, at=now, by=None)
    else:
        codes = rotate(session, home, poster, until=until, at=now, by=None)
    sentence = _("A poster, without an account: {address}/report#{token}, or type {code} at {address}/r")
    return sentence.format(address=address, token=codes.token, code=spaced(codes.code))
