"""What the words and the columns of an export mean, and the sheet that says so in every workbook.

The words are those of the summary page (templates/summary/_definitions.html): one sentence, one translation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.exchange.out.book import write
from app.exchange.out.columns import said_of
from app.exchange.out.rows import Rows
from app.i18n import _

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MEANING_WIDTH = 90
LETTERS = (26, 84, 26, 38)  # that fit into a line of each column
LINE_HEIGHT = 15  # points

Said = Callable[[], str]
Part = tuple[str, ...]  # a row of the sheet


@dataclass(frozen=True, slots=True)
class Definitions:
    """`words`: (word, meaning). `heads` and `columns`: a table with as many cells in each row."""

    words: list[tuple[str, str]]
    heads: Part
    columns: list[Part]


def words(weekly_hours: int) -> list[tuple[str, str]]:
    """The measures, as the summary page has them."""
    return [
        (
            _("Observed time"),
            _(
                "From a session's begin to its end, without the observer's pauses. Every share is of observed person "
                "time: each moment is shared equally among the tasks running in it."
            ),
        ),
        (
            _("Unscheduled"),
            _(
                "All time inside interruptions, time in tasks that the clinic's own list marks as not on the template, "
                "and tasks begun because somebody asked. Never breaks."
            ),
        ),
        (
            _("Interruption"),
            _(
                "The person broke off what was in hand, or idleness, and switched. Being asked without switching is "
                "counted apart, and so is a task begun beside another. Rate: interruptions divided by observed hours."
            ),
        ),
        (
            _("Hours a week"),
            _(
                "The share times the %(hours)s weekly hours of one full-time MA, as if every week were like the "
                "observed hours."
            )
            % {"hours": weekly_hours},
        ),
        (
            _("Low, high"),
            _(
                "The ends of a 95 % interval over sessions (delete-one jackknife on the log scale, t distribution); "
                "empty below 3 sessions. Where two intervals overlap, the order of the two may be chance."
            ),
        ),
        (
            _("Nothing to code"),
            _("Observed, but no task in hand and no interruption. It stays in every denominator."),
        ),
        (
            _("Counts, volumes"),
            _(
                "Counts are taps inside observed sessions; volumes are the clinic's own totals of its day logs. They "
                "are never added, and never one for the other."
            ),
        ),
        (_("Not measured"), _("People leaving, delayed orders, and errors beyond the counter of rework.")),
        (
            _("Withheld"),
            _(
                "Figures that would tell of too few people are empty here and named under “withheld”. What people "
                "report or time themselves is shown for whole weeks that are over, Monday to Sunday, each joined to "
                "the next until enough people stand behind them: never for single days or by filters, because one "
                "answer could be taken from another."
            ),
        ),
    ]


def of_summaries() -> list[tuple[str, str]]:
    """How the figures of a summary come into their files."""
    same = _(
        "Page, JSON, CSV and this workbook come from one query. Hours and minutes are made here from the columns in "
        "milliseconds (ms) at the right, which are exact."
    )
    return [(_("Same numbers"), same), of_texts()]


def of_texts() -> tuple[str, str]:
    """How texts are written, in every kind of file."""
    return (
        _("Text in CSV"),
        _(
            "UTF-8 with a byte order mark. A text that a spreadsheet would take for a formula (it begins with "
            "= + - @, tab or a line break) has an apostrophe before it; numbers never have. Texts in this workbook "
            "are plain text."
        ),
    )


# of the summary: title on a sheet, meaning
OF_SUMMARY: dict[str, tuple[Said, Said]] = {
    "task": (lambda: _("Task code"), lambda: _("Code of the task; empty: broke into idleness.")),
    "category": (lambda: _("Category"), lambda: _("Code of the category.")),
    "source": (lambda: _("What it is"), lambda: _("task, or trigger for the time of its interruptions.")),
    "code": (lambda: _("Code"), lambda: _("Code of the task or trigger.")),
    "trigger": (lambda: _("Trigger"), lambda: _("Code of what triggered the interruption.")),
    "stealer": (lambda: _("Time stealer"), lambda: _("Code of what MAs say steals time.")),
    "staff_role": (lambda: _("Role"), lambda: _("Role of the people watched.")),
    "label": (lambda: _("Name"), lambda: _("By the clinic's newest task list that has the code.")),
    "kind": (lambda: _("Kind"), lambda: _("work, between, break or protected.")),
    "scheduled": (lambda: _("Scheduled"), lambda: _("On the clinic's template; empty: nobody has said.")),
    "rank": (lambda: _("Rank"), lambda: _("By person time; equal times share a rank.")),
    "tied_with": (lambda: _("Cannot be told apart from"), lambda: _("Codes of those whose interval overlaps.")),
    "weekday": (lambda: _("Weekday"), lambda: _("1 Monday to 7 Sunday.")),
    "hour": (lambda: _("Hour"), lambda: _("Of the clinic's clock, 0 to 23.")),
    "day": (lambda: _("Day"), lambda: _("Local day.")),
    "day_type": (lambda: _("Volume"), lambda: _("high, typical, low or unknown.")),
    "days": (lambda: _("Days"), lambda: _("Local days with observed time.")),
    "sessions": (lambda: _("Sessions"), lambda: _("Those with observed time in these days.")),
    "observed_ms": (lambda: _("Observed"), lambda: _("Observed time.")),
    "unscheduled_ms": (lambda: _("Unscheduled"), lambda: _("Observed time in work nobody scheduled.")),
    "edited_ms": (lambda: _("Corrected afterwards"), lambda: _("Observed time that was coded otherwise than tapped.")),
    "edited_share": (lambda: _("Corrected, share"), lambda: _("The time corrected afterwards over observed time.")),
    "idle_ms": (lambda: _("Nothing to code"), lambda: _("Observed time without a task or an interruption.")),
    "task_ms": (
        lambda: _("All time it ran"),
        lambda: _("As the task in hand or beside it; over all tasks this may be more than the observed time."),
    ),
    "person_ms": (lambda: _("Person time"), lambda: _("Each moment shared equally among the tasks running in it.")),
    "share": (lambda: _("Share"), lambda: _("Person time divided by observed time.")),
    "share_low": (lambda: _("Share, low"), lambda: _("Lower end of its interval.")),
    "share_high": (lambda: _("Share, high"), lambda: _("Upper end of its interval.")),
    "hours_per_week": (lambda: _("Hours a week"), lambda: _("Of one full-time MA.")),
    "occurrences": (lambda: _("Times done"), lambda: _("Occurrences that began in these days.")),
    "completed": (lambda: _("Completed"), lambda: _("Those that were not given up.")),
    "mean_active_ms": (lambda: _("Mean length"), lambda: _("Mean active time of the completed ones.")),
    "interruptions": (lambda: _("Interruptions"), lambda: _("Switched ones; of a task: how often it was broken into.")),
    "count": (lambda: _("Number"), lambda: _("Interruptions with a switch; of reports: how many there were.")),
    "prompts": (lambda: _("Only asked"), lambda: _("Asked without switching.")),
    "both": (lambda: _("Beside"), lambda: _("Tasks begun beside the one in hand because somebody asked.")),
    "ms": (lambda: _("Own time"), lambda: _("Time inside, without the interruptions inside it.")),
    "reports": (lambda: _("Reports"), lambda: _("How many there were; what is withheld is not in them.")),
    "minutes": (lambda: _("Minutes"), lambda: _("As reported.")),
    "first_day": (lambda: _("First day"), lambda: _("Of the whole weeks that it is of; empty: withheld.")),
    "last_day": (lambda: _("Last day"), lambda: _("Of the whole weeks that it is of; empty: withheld.")),
    "task_list": (lambda: _("Task list"), lambda: _("The list that sessions were coded with.")),
    "uncertain": (lambda: _("Times that could not be measured"), lambda: _("left_out: they count nowhere.")),
    "settling": (lambda: _("First half hour of each session"), lambda: _("left_out: it counts nowhere.")),
    "uncertain_share": (lambda: _("Uncertain, share"), lambda: _("The time whose clock is uncertain, likewise.")),
    "counter": (lambda: _("Counter"), lambda: _("Code of what was counted.")),
    "tasks": (lambda: _("Work"), lambda: _("Codes of the tasks that it counts.")),
    "minutes_per_unit": (lambda: _("Minutes each"), lambda: _("Observed person time over observed counts.")),
    "minutes_per_unit_low": (lambda: _("Minutes each, low"), lambda: _("Lower end of its interval.")),
    "minutes_per_unit_high": (lambda: _("Minutes each, high"), lambda: _("Upper end of its interval.")),
    "uncounted_sessions": (
        lambda: _("Sessions without a count"),
        lambda: _("They hold the work, but it was never counted there: so the minutes may be too many."),
    ),
    "from": (lambda: _("From"), lambda: _("Code of the task in hand before.")),
    "to": (lambda: _("To"), lambda: _("Code of the task in hand next; interruptions and idleness are passed over.")),
    "reported_minutes": (lambda: _("Reported minutes"), lambda: _("Of what is shown: what is withheld is not in it.")),
    "reported_share": (lambda: _("Reported, share"), lambda: _("Of the minutes reported of these tasks.")),
    "observed_share": (lambda: _("Observed, share"), lambda: _("Of the person time observed in these tasks.")),
    "gap": (lambda: _("Gap"), lambda: _("Share reported less share observed.")),
    "figure": (lambda: _("Measure"), lambda: _("What is compared.")),
    "a": (lambda: _("High volume"), lambda: _("On high-volume days.")),
    "b": (lambda: _("Low volume"), lambda: _("On low-volume days.")),
    "difference": (lambda: _("Difference"), lambda: _("High less low; shares, an hour, or minutes each.")),
    "low": (lambda: _("Difference, low"), lambda: _("Lower end of its interval (Welch).")),
    "high": (lambda: _("Difference, high"), lambda: _("Upper end of its interval (Welch).")),
}
# begins of paths below a figure: the rest is a code of the clinic's own
UNDER: dict[str, tuple[Said, Said]] = {
    "categories.": (lambda: _("Of it: {code}"), lambda: _("Person time in this category.")),
    "counts.": (lambda: _("Counted: {code}"), lambda: _("Taps inside observed sessions.")),
    "volumes.": (lambda: _("Volume: {code}"), lambda: _("The clinic's total, from the day log.")),
    "log.": (lambda: _("Day log: {code}"), lambda: _("As logged by the clinic.")),
}


def title(column: str) -> str:
    """What a column of the summary is headed with; its own name where nobody has thought of one."""
    if column in OF_SUMMARY:
        return OF_SUMMARY[column][0]()
    for begin, (head, _meaning) in UNDER.items():
        if column.startswith(begin):
            return head().format(code=column.removeprefix(begin))
    return column


def meaning(column: str) -> str:
    if column in OF_SUMMARY:
        return OF_SUMMARY[column][1]()
    return next((said() for begin, (_head, said) in UNDER.items() if column.startswith(begin)), "")


def of_rows(kind: Rows) -> Definitions:
    """Of a file of rows: each column and what it means."""
    told = [(column, said_of(kind.name, column)) for column in kind.columns]
    which = (
        _("Which sessions"),
        _("Observed sessions that began on these days, each whole. What was exported is written to the audit log."),
    )
    return Definitions([which, of_texts()], (_("Column"), _("What it means")), list(told))


def define(book: "Workbook", looks: dict[str, Any], told: Definitions) -> None:
    """Adds the sheet: words with their meanings, then the columns of the other sheets."""
    sheet = book.add_worksheet(_("Definitions"))
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, width in enumerate((28, MEANING_WIDTH, 28, 40)):
        sheet.set_column(column, column, width)
    write(sheet, 0, 0, _("What the words mean"), looks["title"])
    parts = [*((pair, ("strong", "wrapped")) for pair in told.words), (("",), ("plain",))]
    parts += [(told.heads, ("head",) * len(told.heads))]
    parts += [(part, ("strong", *("wrapped",) * (len(part) - 1))) for part in told.columns]
    for row, (cells, names) in enumerate(parts, 2):
        # spreadsheets fit a row to its text when somebody types in it, not when they open a file
        lines = max(-(-len(cell) // letters) for cell, letters in zip(cells, LETTERS, strict=False))
        sheet.set_row(row, LINE_HEIGHT * max(1, lines))
        for column, (value, name) in enumerate(zip(cells, names, strict=True)):
            write(sheet, row, column, value, looks[name])
