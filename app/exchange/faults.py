"""What can be wrong with a line of an imported file, as data; `sentence` says it to a person, in one place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.i18n import _


@dataclass(frozen=True, slots=True)
class Reason:
    """A code that programs can test, and the values its sentence names; `first` and `last` if it is of many lines."""

    code: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be imported as it stands. `session`: the label of the session it belongs to, if it shows.

    `of_session`: no line is at fault, but the session as a whole cannot be stored; `line` is its first.
    """

    file: str
    line: int
    reason: Reason
    session: str | None = None
    of_session: bool = False

    @property
    def lines(self) -> int:
        """How many bad lines it stands for: several, where a quotation mark swallowed those behind it."""
        if self.of_session:
            return 0
        first, last = self.reason.values.get("first"), self.reason.values.get("last")
        return last - first + 1 if isinstance(first, int) and isinstance(last, int) else 1


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know of what is imported; it stops nothing."""

    session: str
    reason: Reason


class BadLine(Exception):
    """Raised while a line is read, caught by whoever knows which line it is."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.reason = Reason(code, values)


def sentence(reason: Reason) -> str:
    """What is wrong and what to do about it, in the language of the person who reads."""
    told = SENTENCES[reason.code]().format(**reason.values)
    if "last" in reason.values:
        return _("Lines {first} to {last}: {sentence}").format(**reason.values, sentence=told)
    return told


# functions, because the language is known only when somebody reads
SENTENCES: dict[str, Callable[[], str]] = {
    # the file
    "empty_file": lambda: _("The file is empty: give one with a header line."),
    "utf16": lambda: _("The file is UTF-16 text: save it as “CSV UTF-8” and import that."),
    "unknown_header": lambda: _(
        "This header is of no known format. It needs the columns of one of these: {known}. "
        "If it is one of them under other names, rename the columns."
    ),
    "missing_columns": lambda: _("The header of format {format} needs the columns {columns} too."),
    "repeated_column": lambda: _("The column {column} stands in the header twice: remove or rename one."),
    # any line
    "not_utf8": lambda: _("This line is not UTF-8 text: save the file as “CSV UTF-8” and import that."),
    "broken_quotes": lambda: _("The quotation marks do not close where they should ({detail})."),
    "field_too_long": lambda: _(
        "A value is longer than {limit} letters: shorten it, or look for a quotation mark before it that never closes."
    ),
    "wrong_width": lambda: _("This line has {found} values where the header has {wanted} columns."),
    "control_character": lambda: _("The column {column} holds an invisible control character: remove it."),
    "missing_value": lambda: _("The column {column} is empty and must not be."),
    "too_long": lambda: _("The value in column {column} has {found} letters; at most {limit} are kept."),
    "bad_time": lambda: _(
        "“{value}” in column {column} is no date and time: write it like 2026-11-02T09:15:00, "
        "with a zone (Z, +01:00) or without one for the clinic's."
    ),
    "bad_clock_time": lambda: _("“{value}” in column {column} is no time of day: write it like 09:15:00."),
    "bad_date": lambda: _("“{value}” in column {column} is no date: write it like 06-Jun-2025 or 2025-06-06."),
    "no_such_local_time": lambda: _(
        "“{value}” in column {column} never was in {zone}: the clock was put forward over it. Give it with its zone."
    ),
    "too_early": lambda: _("“{value}” in column {column} is before the year 2000: correct the date."),
    "too_late": lambda: _("“{value}” in column {column} is more than a day ahead of now: correct the date."),
    "bad_seconds": lambda: _("“{value}” in column {column} is no number of seconds from 0 on, such as 12.500."),
    "bad_number": lambda: _("“{value}” in column {column} is no whole number between -999999999 and 999999999."),
    "ends_before_start": lambda: _("It ends ({end}) before it starts ({start})."),
    "not_next_day": lambda: _(
        "“{value}” in column {column} is earlier than {earlier_than} and cannot be of the next day, for the session "
        "ends at {stated}: correct one of them."
    ),
    "not_so_long": lambda: _(
        "“{value}” in column {column} is earlier than {earlier_than} and cannot be of the next day, for its elapsed "
        "time is {stated}: correct one of them."
    ),
    "session_backwards": lambda: _(
        "The session ends ({end}) before it starts ({start}), but by less than an hour, so no night lies between them: "
        "correct one of them."
    ),
    "point_with_length": lambda: _("It is a point but ends at another time ({end}) than it starts ({start})."),
    "unknown_word": lambda: _("“{value}” in column {column} is not known: write one of {known}."),
    "unknown_kind": lambda: _("There is no event kind “{value}”: write one of {known}."),
    "correction": lambda: _(
        "A line “{value}” names another event, and this format has no column for that: give the corrected log."
    ),
    "practice": lambda: _("Practice sessions are never stored: leave this session out."),
    "stop_without_start": lambda: _("“{task}” of {subject} stops here, but no line before started it: add the START."),
    "starts_again": lambda: _(
        "“{task}” of {subject} starts here while the one of line {line} still runs: add its STOP before this line."
    ),
    # the line among the others of its session
    "disagrees": lambda: _(
        "It says “{value}” in column {column}, but other lines of session “{session}” say “{others}”: "
        "make them agree, or give it a session of its own."
    ),
    "no_subject": lambda: _("No line of session “{session}” says who was watched: fill in the column subject."),
    "outside_observed": lambda: _("It lies outside observed_from and observed_to of session “{session}”."),
    "observed_backwards": lambda: _("observed_to of session “{session}” is before its observed_from."),
    "overlaps": lambda: _(
        "It overlaps line {line} of the same task “{task}” in session “{session}”{elsewhere}: "
        "correct one of the two, or join them with the option “merge”."
    ),
    "overlaps_unobserved": lambda: _(
        "It overlaps line {line}, which stands for unobserved time, in session “{session}”{elsewhere}: correct one."
    ),
    "not_owner": lambda: _(
        "Session “{session}” is there and belongs to somebody else, who alone may add to it: "
        "import it as that person (option “as”)."
    ),
    "other_lines": lambda: _(
        "Session “{session}” was imported before from other lines than these: give the whole file of then with what "
        "is new, or another session name."
    ),
    "laid_out_otherwise": lambda: _(
        "Session “{session}” is there, but these lines would make another one of it, because a line was left out then "
        "or an option was another: correct it on its page, or erase it and give these lines another session name."
    ),
    "refused": lambda: _("Session “{session}” cannot be stored: {detail}"),
    "bad_interruption": lambda: _("Its interruption {n} does not lie inside it, or overlaps another of its own."),
    # remarks
    "no_lines": lambda: _("The file “{file}” holds a header and no lines: nothing to import."),
    "ignored_columns": lambda: _("The columns {columns} of “{file}” are of no use here and are left out."),
    "unused_values": lambda: _("Values left out, because the kind of their event has no use for them: {n}."),
    "undated": lambda: _("The file gives no date: second 0 was set to {origin}, clinic time."),
    "longer_than_stated": lambda: _("Lines go beyond the stated begin or end: the session was stretched to hold them."),
    "no_begin": lambda: _("It has no begin: nothing in it counts as observed."),
    "no_end": lambda: _("It has no end: it stays an open session."),
    "never_stopped": lambda: _("Tasks that start and never stop: {n}. They run to the session's end."),
    "no_length_beside": lambda: _(
        "Tasks of no length that began while another ran: {n}. They are kept, but in no number of occurrences."
    ),
    "details_left_out": lambda: _("Points or parallel tasks whose modifier or context is not kept: {n}."),
    "trigger_left_out": lambda: _("Tasks with a trigger that are no parallel ones, so that it is not kept: {n}."),
    "incomplete": lambda: _("Lines were skipped: the session is incomplete."),
}
