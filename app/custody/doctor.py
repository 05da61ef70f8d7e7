"""What is wrong with this installation: each fault a plain sentence that says what to do.

Looks only: it migrates nothing, makes no database, and leaves what it finds as it is. `timesink doctor` prints it.
"""

from dataclasses import dataclass

from app.config import Settings
from app.custody import checks
from app.custody.checks import LEAST_FREE, Patient
from app.custody.files import file_of
from app.db import Database
from app.i18n import _


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and the faults it found: none, if all is well."""

    check: str
    faults: list[str]


def examine(settings: Settings, now: int, least_free: int = LEAST_FREE) -> list[Finding]:
    """Every check in turn. Where the database cannot be read, those that need it are left out."""
    file = file_of(settings.database_url)
    if file is not None and not file.exists():  # opening it would make an empty one
        sentence = _("There is no database {file} yet: “timesink serve” or “timesink setup” makes it.")
        return _unreadable(settings, [sentence.format(file=file)])
    damage = checks.damage(file) if file is not None else []
    if damage:
        return _unreadable(settings, damage)
    database = Database(settings.database_url)
    try:
        patient = Patient(settings, database, now, least_free)
        unreachable = checks.unreachable(patient)
        return _unreadable(settings, unreachable) if unreachable else _all(patient)
    finally:
        database.close()


def _unreadable(settings: Settings, faults: list[str]) -> list[Finding]:
    return [Finding(_("Database"), faults), Finding(_("Address"), list(checks.address(settings)))]


def _all(patient: Patient) -> list[Finding]:
    return [
        Finding(_("Database"), list(checks.references(patient))),
        Finding(_("Clock"), list(checks.clock(patient))),
        Finding(_("Disk"), [*checks.disk(patient), *checks.log(patient)]),
        Finding(_("Permissions"), list(checks.permissions(patient))),
        Finding(_("Sessions"), list(checks.sessions(patient))),
        Finding(_("Backups"), list(checks.backups(patient))),
        Finding(_("Erasures"), list(checks.erasures(patient))),
        Finding(_("Address"), list(checks.address(patient.settings))),
    ]
