"""How the data came about, in Markdown: for whoever gets a data package and was not there."""

from collections.abc import Iterable

from app.clinics.models import Clinic
from app.exchange.out.definitions import words
from app.i18n import _
from app.summary.window import Window


def read_me(clinic: Clinic, window: Window) -> str:
    """What is in the package, the method, the words, and what has to be settled before it is passed on."""
    of = _("Observations in {clinic}, {from_} to {to}").format(
        clinic=clinic.name, from_=window.first.isoformat(), to=window.last.isoformat()
    )
    parts = [
        f"# {of}",
        _(
            "A Data Package (datapackage.org): `datapackage.json` describes every table and column. It holds all "
            "observed sessions that began on these local days, each whole; what people timed or reported themselves "
            "is not in it."
        ),
        f"## {_('What is where')}",
        *_listed(
            (
                ("data/sessions.csv", _("A row a session: one observer, one sitting.")),
                ("data/events.csv", _("The raw stream: every event as it was received, corrections included.")),
                ("data/segments.csv", _("The corrected stream: what the events mean, after all corrections.")),
                ("data/occurrences.csv", _("A row each time a task was done, however often it was interrupted.")),
                ("data/interruptions.csv", _("A row an interruption, with what became of it.")),
                ("data/tasks.csv", _("The tasks of the lists that the sessions were coded with.")),
                ("task-lists/", _("Those lists whole, with triggers, counters and dimensions.")),
            )
        ),
        f"## {_('Method')}",
        *method(clinic),
        f"## {_('What the words mean')}",
        *_listed(words(clinic.weekly_hours)),
        f"## {_('Text in the tables')}",
        _(
            "UTF-8 without a byte order mark. A text that a spreadsheet would take for a formula (it begins with "
            "= + - @, tab or a line break) has an apostrophe before it; numbers never have."
        ),
        f"## {_('Before you pass it on')}",
        _(
            "People stand here by code or id, and nothing in these files says whose it is; whoever knows the clinic "
            "may recognise somebody all the same. Notes are as observers typed them. No licence is given: under which "
            "one, and whether at all, the data may be used by others is for the clinic to say. Sessions that are "
            "erased later are still in copies made before."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def method(clinic: Clinic) -> list[str]:
    """Paragraphs: how it was observed, coded, corrected and measured."""
    return [
        _(
            "An observer shadowed one medical assistant at a time and tapped, on a phone, each task as it began, each "
            "interruption with what triggered it and how it ended, tasks done beside others, and counts. Taps carry "
            "the time of the phone, put on the server's clock by comparing the two whenever the phone was online; "
            "where that was not possible the time is marked uncertain."
        ),
        _(
            "The log of a session is only ever added to: corrections are events of their own, with who made them, when "
            "and, for more than a minute, why. Everything else is derived from the log by fixed rules: one task in "
            "hand at a time, others beside it, interruptions nested, the observer's pauses left out."
        ),
        _(
            "The sampling unit is the session, never the minute. Intervals are 95 % intervals over sessions "
            "(delete-one-session jackknife of the logit of a share, or of the logarithm of a rate, with the t "
            "distribution)."
        ),
        _("Days and hours are those of the clinic's clock ({zone}).").format(zone=clinic.timezone),
    ]


def _listed(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return ["\n".join(f"- **{name}**: {text}" for name, text in pairs)]
