"""What is agreed to before the first report. Versioned: after a change of the text it is asked for again.

Version 1 is ours, in the reader's language. A clinic may publish its own, which its lawyer or review board has seen.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import Clinic
from app.errors import BadRequest
from app.i18n import _
from app.reports.models import ConsentText

OURS = 1
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Consent:
    """`text`: its paragraphs."""

    version: int
    text: list[str]


def our_text() -> list[str]:
    return [
        _(
            "You tell what stole time: a tile, about how many minutes and, if you like, what triggered it and whether "
            "you expected it. Kept with it are the hour and, from a poster, where that hangs."
        ),
        _("From a poster nobody knows who you are: no name, no account, no phone, no network address is kept."),
        _(
            "If you are signed in, your reports are kept under your account, so that only you can take them back. "
            "Nobody is shown them one by one."
        ),
        _(
            "Everybody's reports are shown together, and only once enough people have said the same. They are there "
            "to find work that nobody has scheduled, and to change it: not for pay, discipline, or judging anybody."
        ),
        _("Nothing about patients is asked, and nothing can be written."),
        _(
            "It is voluntary. Leave out what you like and stop whenever you like; nobody asks why. For questions turn "
            "to a manager of your clinic."
        ),
    ]


def consent_of(session: Session, clinic: Clinic) -> Consent:
    """The text that holds in the clinic now."""
    own = session.execute(
        select(ConsentText).where(ConsentText.clinic_id == clinic.id).order_by(ConsentText.version.desc()).limit(1)
    ).scalar_one_or_none()
    return Consent(own.version, paragraphs(own.body)) if own is not None else Consent(OURS, our_text())


def paragraphs(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip()]


def publish_consent(session: Session, clinic: Clinic, body: str, *, at: int, by: str) -> Consent:
    """The next version, unless nothing has changed. Raises BadRequest for no text, or too long a one."""
    held, text = consent_of(session, clinic), paragraphs(body)
    if not text or len(body) > LONGEST_TEXT:
        raise BadRequest(_("Give a text of at most 4,000 letters."), code="bad_text")
    if text == held.text:
        return held
    version = held.version + 1
    joined = "\n".join(text)
    session.add(ConsentText(clinic_id=clinic.id, version=version, body=joined, published_at=at, person_id=by))
    session.flush()
    about = {"consent": version}
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)
    return Consent(version, text)
