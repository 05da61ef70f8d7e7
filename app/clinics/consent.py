"""What people agree to: a text before their first report, another that is read out before somebody is watched.

Versioned: a changed text is the next version, and is asked for again. Version 1 is ours, in the reader's language; a
clinic may publish its own, which its lawyer or review board has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.clinics.models import AgreedText, Clinic, ObservingText
from app.errors import BadRequest
from app.i18n import _

OURS = 1
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Consent:
    """`text`: its paragraphs."""

    version: int
    text: list[str]


def our_observing_text() -> list[str]:
    return [
        _(
            "I would like to watch you at work for a while and tap what you do, for how long, and what breaks into it. "
            "It is there to find work that nobody has scheduled, and to change it: never for pay, discipline, or "
            "judging you."
        ),
        _(
            "You stand in it under a code, not a name. Only I and the admins of the clinic see the code with it; "
            "managers see single sessions without it, and figures of many sessions together."
        ),
        _("Nothing about patients is written down. In a room where I should not be I wait outside."),
        _(
            "It is voluntary. Say pause or stop whenever you like, and nobody asks why. What was recorded is erased if "
            "you ask an admin for it, and in any case after the time that the clinic keeps such things."
        ),
        _("For questions turn to a manager of your clinic. Is that all right with you?"),
    ]


def observing_consent(session: Session, clinic: Clinic) -> Consent:
    """The text that is read out now before somebody is watched."""
    return newest_text(session, clinic, ObservingText, our_observing_text())


def newest_text(session: Session, clinic: Clinic, model: type[AgreedText], ours: Sequence[str]) -> Consent:
    published = select(model.version, model.body).where(model.clinic_id == clinic.id)
    own = session.execute(published.order_by(model.version.desc()).limit(1)).one_or_none()
    return Consent(own.version, paragraphs(own.body)) if own is not None else Consent(OURS, list(ours))


def paragraphs(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip()]


def publish_text(
    session: Session, clinic: Clinic, model: type[AgreedText], held: Consent, body: str, *, at: int, by: str, word: str
) -> Consent:
    """The version after `held`, unless nothing has changed. `word`: by which the audit tells which text it is.

    Raises BadRequest for no text, or too long a one.
    """
    text = paragraphs(body)
    if not text or len(body) > LONGEST_TEXT:
        raise BadRequest(_("Give a text of at most 4,000 letters."), code="bad_text")
    if text == held.text:
        return held
    version = held.version + 1
    session.add(model(clinic_id=clinic.id, version=version, body="\n".join(text), published_at=at, person_id=by))
    session.flush()
    about = {word: version}
    record(session, at=at, action=Action.SETTINGS_CHANGED, person_id=by, clinic_id=clinic.id, about=about)
    return Consent(version, text)
