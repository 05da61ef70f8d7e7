"""The writer of the pulse, and its pooled figures for a week that is over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clinics.models import Clinic
from app.db import new_id
from app.errors import BadRequest
from app.i18n import _
from app.reports.enough import Voice, are_enough, to_withhold
from app.reports.pulse.models import Pulse
from app.reports.weeks import last_day_of
from app.summary.privacy import smallest_cell
from app.summary.window import today

BREAKS = ("taken", "late", "missed", "none")
# by question: what can be answered, as a form sends it and as it is kept
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "pace": {str(step): step for step in range(1, 6)},
    "pause": {word: word for word in BREAKS},
    "lunch": {word: word for word in BREAKS},
    "stayed": {str(minutes): minutes for minutes in (0, 15, 30, 60)},
    "reached": {"no": False, "yes": True},
}


@dataclass(frozen=True, slots=True)
class Pooled:
    """One question: how many answered so; None where an answer is withheld. `n` is None where too few answered."""

    question: str
    n: int | None
    answers: dict[str, int | None]


def say(session: Session, clinic: Clinic, said: Mapping[str, str], *, person_id: str | None, at: int) -> Pulse:
    """Raises BadRequest for an answer that is none, and where there is no answer at all."""
    answers = {name: said[name] for name in ANSWERS if said.get(name)}
    if not answers or any(value not in ANSWERS[name] for name, value in answers.items()):
        raise BadRequest(_("Answer at least one of them."), code="bad_pulse")
    kept = {name: ANSWERS[name][value] for name, value in answers.items()}
    day = today(at, clinic.timezone).isoformat()
    pulse = Pulse(id=new_id(at), clinic_id=clinic.id, person_id=person_id, day=day, at=at, **kept)
    session.add(pulse)
    session.flush()
    return pulse


def said_today(session: Session, clinic: Clinic, person_id: str, day: str) -> bool:
    its = Pulse.clinic_id == clinic.id, Pulse.day == day, Pulse.person_id == person_id
    return session.execute(select(Pulse.id).where(*its).limit(1)).first() is not None


def pooled(session: Session, clinic: Clinic, week: str) -> list[Pooled]:
    """Of the week that begins with this Monday; it must be over (weeks.py)."""
    its = Pulse.clinic_id == clinic.id, Pulse.day.between(week, last_day_of(week))
    rows = session.execute(select(Pulse).where(*its).order_by(Pulse.at, Pulse.id)).scalars()
    return pool(_standing(rows), smallest_cell(clinic.smallest_cell))


def _standing(rows: Iterable[Pulse]) -> list[Pulse]:
    """Of an account's the last of each day; of what came from posters all."""
    return list({(row.person_id or row.id, row.day): row for row in rows}.values())


def pool(pulses: Sequence[Pulse], k: int) -> list[Pooled]:
    """Pure. The answers to a question add up to those who answered it: hidden ones are several."""
    found = []
    for question, choices in ANSWERS.items():
        words = {kept: word for word, kept in choices.items()}
        cells: dict[str, list[Voice]] = defaultdict(list)
        for pulse in pulses:
            kept = getattr(pulse, question)
            if kept is not None:
                cells[words[kept]].append(Voice(pulse.day, pulse.person_id))
        voices = [voice for some in cells.values() for voice in some]
        if not are_enough(voices, k):
            found.append(Pooled(question, None, {}))
            continue
        hidden = to_withhold(cells, k)
        counts = {word: None if word in hidden else len(cells.get(word, ())) for word in choices}
        found.append(Pooled(question, len(voices), counts))
    return found
