"""A clinic's day log: all day items of the day folded into one, the last word on each field."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.capture.models import DayItem, DayLog

NOT_LOGGED = frozenset({"type", "id", "clinic", "day", "at", "load", "mono"})


def fold(items: Iterable[tuple[int, str, Mapping[str, Any]]]) -> dict[str, Any]:
    """`items`: (corrected at, id, fields). Later ones replace field by field; volumes counter by counter."""
    log: dict[str, Any] = {}
    for _at, _id, fields in sorted(items, key=lambda item: item[:2]):
        for name, value in fields.items():
            if name in NOT_LOGGED or value is None:
                continue
            log[name] = {**log.get(name, {}), **value} if name == "volumes" else value
    return log


def refold(session: Session, clinic_id: int, day: str) -> None:
    rows = session.execute(
        select(DayItem.at, DayItem.id, DayItem.raw).where(DayItem.clinic_id == clinic_id, DayItem.day == day)
    )
    log = fold((row.at, row.id, json.loads(row.raw)) for row in rows)
    session.merge(DayLog(clinic_id=clinic_id, day=day, day_type=log.get("day_type"), body=json.dumps(log)))
