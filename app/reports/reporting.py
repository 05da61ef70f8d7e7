"""What a phone needs to report in a clinic, also without network: its tiles, its triggers, the text to agree to."""

from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.clinics.queries import newest_version, parsed
from app.reports.consent import consent_of
from app.reports.models import Poster
from app.reports.shapes import Agreement, Reporting, Tile


def reporting(session: Session, clinic: Clinic, person: str, poster: Poster | None = None) -> Reporting:
    """`person`: as whom the phone sends; at a poster that is nobody."""
    task_list = parsed(newest_version(session, clinic).body)
    consent = consent_of(session, clinic)
    return Reporting(
        clinic=clinic.slug,
        name=clinic.name,
        timezone=clinic.timezone,
        person=person,
        place=poster.place if poster else None,
        until=poster.until if poster else None,
        tiles=[Tile(code=stealer.code, label=stealer.label) for stealer in task_list.stealers],
        triggers=[
            Tile(code=trigger.code, label=trigger.short or trigger.label)
            for trigger in task_list.triggers
            if trigger.first
        ],
        consent=Agreement(version=consent.version, text=consent.text),
    )
