"""What is true of the simulated clinic. Everything else in this room only draws from it.

No study of medical assistants' tasks or interruptions was found in print, so these are judgements, held against the
nearest figures: 34 tasks an hour in primary care (Lima 2021), 3.9 interruptions an hour of physicians there (Chisholm
2001), multitasking 13 to 19 % of nurses' and doctors' time (Westbrook 2010, Yen 2016), the shape of a day as DOMAIN.md
has it. Minutes are means of lognormal lengths; per hour means per hour of an MA's day.
"""

from typing import NamedTuple

ZONE = "America/Chicago"
DAY_TYPES = ("high", "typical", "low")

# --- the day and who works it ----------------------------------------------------------------------------------------

OPENING, CLOSING = 8, 17  # local hours: an MA's day, and what the true shares are shares of
ROSTER = (((1, 2, 3, 4, 5), "8:00", "17:00", "4"),)  # all four of them, every day
PACE = {"MA-01": 1.0, "MA-02": 0.92, "MA-03": 1.08, "MA-04": 1.0}  # how long each takes for the same work
CALLS_OFF = 0.06  # chance a day that one of them is absent
WEEK = {"high": 2, "typical": 2, "low": 1}  # how many days of each type a week has
# where in the week they fall: Mondays are high, the low day is late in the week
LEANS_HIGH = (1.0, 0.6, 0.4, 0.4, 0.2)
LEANS_LOW = (0.0, 0.1, 0.3, 0.3, 0.5)

VISITS = {"high": 19, "typical": 15, "low": 10}  # patients booked with one MA's provider
ARRIVALS = {8: 1.0, 9: 1.5, 10: 1.4, 11: 0.9, 12: 0.2, 13: 1.0, 14: 1.5, 15: 1.1, 16: 0.4}
NO_SHOW = 0.06
COMPLEX = 0.2  # longer for everybody, more likely to bring tests

# --- work -------------------------------------------------------------------------------------------------------------

SPREAD = 0.55  # standard deviation of the logarithm of a length
MINUTES = {
    "rooming": 2.6,
    "vitals": 2.2,
    "med-rec": 2.1,
    "discharge": 2.4,
    "room-turnover": 1.9,
    "vaccines": 3.6,
    "poc-testing": 3.2,
    "specimens": 2.6,
    "procedure-assist": 8.0,
    "referrals": 3.8,
    "forms": 3.2,
    "prior-auth": 5.0,
    "callbacks": 2.8,
    "cleaning": 3.2,
    "equipment-checks": 2.6,
    "documentation": 2.7,
    "stocking": 3.4,
    "ordering": 3.6,
    "searching": 1.5,
    "fixing": 2.8,
    "waiting": 2.2,
    "walking": 0.6,
    "talk-team": 1.4,
    "training": 12.0,
    "admin-time": 10.0,
}
PROVIDER = 11.0  # minutes with the patient while the MA does something else
DURING_VISIT = {"vaccines": 0.3, "poc-testing": 0.32, "specimens": 0.16}  # chance that a visit needs it
PROCEDURE = 0.06
COUNTED = {  # what an observer counts when such a task is done
    "discharge": "visits",
    "room-turnover": "rooms",
    "vaccines": "vaccines",
    "poc-testing": "tests",
    "callbacks": "messages",
    "forms": "refills-forms",
}
REWORK = 0.04  # chance that charting, a form or a test has to be done again

# what an MA turns to when no patient waits: weights by day type (high, typical, low)
BETWEEN_PATIENTS = {
    "documentation": (26, 22, 17),
    "callbacks": (18, 14, 10),
    "referrals": (7, 8, 8),
    "forms": (7, 6, 5),
    "prior-auth": (5, 5, 5),
    "talk-team": (7, 7, 6),
    "waiting": (6, 10, 14),
    "stocking": (3, 5, 9),
    "ordering": (1, 2, 3),
    "cleaning": (2, 4, 7),
    "equipment-checks": (1, 2, 3),
    "searching": (7, 4, 2),
    "fixing": (3, 2, 1),
    "training": (0, 0.4, 1.5),
    "admin-time": (0, 0.6, 1.8),
}
# chance that one has to walk, to look for something, or to wait before a step of a visit
WALKS = 0.4
LOOKS = {"high": 0.16, "typical": 0.1, "low": 0.05}
WAITS = {"high": 0.12, "typical": 0.07, "low": 0.04}
ONCE = ("waiting", "talk-team", "searching")  # not twice in a row: that would be one, longer
IDLES = 0.05  # nothing in hand for a moment after a task, half a minute

PLACES = {
    **dict.fromkeys(("rooming", "vitals", "med-rec", "discharge", "room-turnover", "procedure-assist"), "exam-room"),
    **dict.fromkeys(("documentation", "callbacks", "referrals", "forms", "prior-auth", "ordering"), "station"),
    **dict.fromkeys(("poc-testing", "specimens", "equipment-checks"), "lab"),
    **dict.fromkeys(("stocking", "searching"), "supply-room"),
    "walking": "corridor",
}

# --- breaks that slip -------------------------------------------------------------------------------------------------


class Rest(NamedTuple):
    """A break on the template: its task, when the first MA's is due (hours), the step to the next MA's, its minutes."""

    task: str
    due: float
    step: float
    minutes: float


RESTS = (Rest("break", 9.75, 0.25, 12), Rest("lunch", 11.75, 0.5, 30), Rest("break", 14.75, 0.25, 12))
PATIENCE = {"high": 40.0, "typical": 14.0, "low": 4.0}  # minutes (mean) that an MA lets waiting patients go first
LATE = 15.0  # minutes after it was due from which the day log calls it late
MISSED = 45.0  # a break that has slipped so far is not taken any more; a lunch is, but shorter

# --- what comes up meanwhile ------------------------------------------------------------------------------------------


class Trigger(NamedTuple):
    """What breaks in: how often, how much oftener on a high day, how long it takes, and what work it brings.

    `weight`: against the others' weights. `brings`: task (or None: nothing that the list has a word for) and weight.
    `beside`: the task that it can be dealt with beside the work in hand, if it can.
    """

    weight: float
    on_high: float
    minutes: float
    brings: tuple[tuple[str | None, float], ...]
    beside: str | None = None


TRIGGERS = {
    "supplies": Trigger(13, 1.5, 2.2, (("searching", 6), ("stocking", 2), (None, 2))),
    "provider-question": Trigger(17, 1.1, 1.3, (("talk-team", 5), (None, 5)), "talk-team"),
    "quick-vitals": Trigger(9, 1.2, 2.1, (("vitals", 1),)),
    "add-on": Trigger(4, 2.5, 3.6, (("rooming", 1),)),
    "phone": Trigger(16, 1.2, 2.4, (("callbacks", 8), (None, 2)), "callbacks"),
    "patient-family": Trigger(11, 1.0, 1.5, ((None, 7), ("walking", 3))),
    "last-minute-test": Trigger(7, 1.3, 3.0, (("poc-testing", 7), ("specimens", 3))),
    "nurse-question": Trigger(5, 1.0, 1.0, (("talk-team", 5), (None, 5)), "talk-team"),
    "front-desk-question": Trigger(6, 1.2, 1.1, ((None, 1),), "talk-team"),
    "ma-question": Trigger(6, 1.0, 0.9, (("talk-team", 6), (None, 4)), "talk-team"),
    "walk-in": Trigger(3, 2.0, 4.0, (("vaccines", 6), ("rooming", 4))),
    "urgent-symptoms": Trigger(1, 1.6, 4.5, (("vitals", 7), (None, 3))),
    "room-not-ready": Trigger(3, 1.8, 1.8, (("room-turnover", 1),)),
    "equipment": Trigger(3, 1.0, 2.6, (("fixing", 1),)),
    "ehr": Trigger(3, 1.0, 2.2, (("fixing", 7), (None, 3))),
    "self": Trigger(2, 1.0, 1.2, (("walking", 4), ("documentation", 4), (None, 2))),
}
ASKED = 9.0  # times an hour that somebody or something asks, before the factors below
ASKED_BY_DAY = {"high": 1.3, "typical": 1.0, "low": 0.7}
ASKED_BY_HOUR = {8: 0.8, 9: 1.4, 10: 1.3, 11: 1.0, 12: 0.7, 13: 0.9, 14: 1.4, 15: 1.1, 16: 0.8}
ASKED_BY_TASK = {  # others: 1
    "documentation": 1.4,
    "callbacks": 1.1,
    "walking": 1.6,
    "waiting": 1.1,
    "talk-team": 0.8,
    "vaccines": 0.6,
    "procedure-assist": 0.3,
    "training": 0.6,
    "break": 0.4,
    "lunch": 0.15,
}
ASKED_INSIDE = 0.45  # of the above, while an interruption is being dealt with
SWITCHES, BESIDE = 0.47, 0.28  # what comes of being asked; the rest is put off or answered in passing
GIVEN_UP = 0.08  # interruptions after which an MA does not go back
SECOND_TASK = 0.12  # interruptions that bring a second piece of work
DEEPEST = 2  # interruptions inside each other

TAKES_UP = 5.0  # times an hour that an MA takes up a second thing unasked
TAKEN_UP = {  # beside which task, what
    "rooming": ("documentation",),
    "vitals": ("documentation",),
    "med-rec": ("documentation",),
    "documentation": ("talk-team", "callbacks"),
    "callbacks": ("documentation",),
    "prior-auth": ("documentation", "forms"),
    "referrals": ("callbacks",),
    "room-turnover": ("talk-team",),
    "stocking": ("talk-team",),
    "walking": ("talk-team",),
    "waiting": ("documentation", "talk-team"),
    "poc-testing": ("documentation",),
}
BESIDE_FOR = 0.9  # of the minutes that the same work takes alone
