"""Weeks of a clinic's calendar, Monday to Sunday. What is said in one is shown when it is over, never while it runs:
who looked before and after somebody had spoken would know what was said. Pure."""

from datetime import date, timedelta

from app.capture.items import is_day

SUNDAY = timedelta(days=6)


def monday_of(day: date) -> str:
    """A week is named by its Monday, YYYY-MM-DD."""
    return (day - timedelta(days=day.weekday())).isoformat()


def week_before(monday: str) -> str:
    return (date.fromisoformat(monday) - timedelta(days=7)).isoformat()


def week_after(monday: str) -> str:
    return (date.fromisoformat(monday) + timedelta(days=7)).isoformat()


def last_day_of(monday: str) -> str:
    return (date.fromisoformat(monday) + SUNDAY).isoformat()


def week_over(wished: str, today: date) -> str:
    """The week of the day wished for, if it is over; else the last one that is."""
    latest = week_before(monday_of(today))
    return min(monday_of(date.fromisoformat(wished)), latest) if is_day(wished) and wished > "2000-01-14" else latest
