"""What is agreed to before the first report; how it is versioned: `clinics/consent.py`."""

from sqlalchemy.orm import Session

from app.clinics.consent import Consent, newest_text
from app.clinics.models import Clinic
from app.i18n import _
from app.reports.models import ConsentText


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
    return newest_text(session, clinic, ConsentText, our_text())
