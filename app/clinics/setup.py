"""The first clinic of a database, with the person who runs it: from the set-up page and from `timesink setup`."""

import os
import re
import unicodedata
from pathlib import Path

from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.clinics.publish import create_clinic
from app.clinics.zones import known_zones
from app.people.accounts import add_person, give_role, set_password
from app.people.models import Person, Role

# offered first; the others follow by region
COMMON_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def set_up(
    session: Session,
    *,
    slug: str,
    name: str,
    timezone: str,
    admin_email: str,
    admin_name: str,
    password: str | None,
    at: int,
) -> tuple[Clinic, Person]:
    """A clinic with its task list and its first admin.

    Without a `password` the admin still needs an invitation; one who has an account keeps the password it has.
    Raises BadRequest, with a sentence, for anything unfit.
    """
    clinic = create_clinic(session, slug=slug.strip() or slug_of(name), name=name, timezone=timezone, at=at)
    record(session, at=at, action=Action.SET_UP, person_id=None, clinic_id=clinic.id)
    admin = add_person(session, email=admin_email, name=admin_name, at=at)
    give_role(session, admin, clinic.id, Role.ADMIN, at)
    if password is not None and admin.password_hash is None:
        set_password(session, admin, password)
    return clinic, admin


def slug_of(name: str) -> str:
    """A short name for addresses: “Clínica del Norte” is clinica-del-norte."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "clinic"


def zones_by_region() -> dict[str, list[str]]:
    """Every zone named by a place, without the old names of countries and of offsets."""
    zones = sorted(known_zones())
    return {region: [zone for zone in zones if zone.startswith(f"{region}/")] for region in REGIONS}


def zone_of_this_server() -> str:
    """The zone this machine is set to, for it often stands in the clinic; empty where it keeps UTC or none."""
    target = Path("/etc/localtime")
    linked = str(target.resolve()).partition("zoneinfo/")[2] if target.is_symlink() else ""
    zone = os.environ.get("TZ", "").removeprefix(":") or linked
    return zone if zone.split("/")[0] in REGIONS and zone in known_zones() else ""
