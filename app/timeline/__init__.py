"""What an event log means: pure functions from events to a timeline and its measures (TIMELINE.md).

Read in the order of TIMELINE.md: corrections.py (which events stand, in which order), walk.py (one walk over
them), records.py (what comes out), sweep.py and totals.py (the measures), hours.py (the clinic's full hours).
Nothing here knows a clock, a database or another room; static/js/timeline.js holds the same rules.
"""

from app.timeline.hours import LocalHour, cut_at_hours, hour_rows, hour_start, local_hour
from app.timeline.records import (
    Interruption,
    Note,
    Occurrence,
    Parallel,
    Problem,
    Prompt,
    Segment,
    Timeline,
)
from app.timeline.sweep import TICKS, Piece, pieces, shares
from app.timeline.totals import totals
from app.timeline.walk import timeline

__all__ = [
    "TICKS",
    "Interruption",
    "LocalHour",
    "Note",
    "Occurrence",
    "Parallel",
    "Piece",
    "Problem",
    "Prompt",
    "Segment",
    "Timeline",
    "cut_at_hours",
    "hour_rows",
    "hour_start",
    "local_hour",
    "pieces",
    "shares",
    "timeline",
    "totals",
]
