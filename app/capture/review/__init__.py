"""Reviewing a session: what it means row by row, what a wish about it becomes in events, and who changed what.

Read in this order: wishes.py (what people may wish), plan.py (the corrections that come of it), compare.py (what that
changes), rows.py and history.py (what is shown), change.py (all of it into the log or nothing), pages.py.
"""
