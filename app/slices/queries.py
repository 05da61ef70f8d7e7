"""What the slices say of one session."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.slices.models import Slice


def edited_ms(session: Session, session_id: str) -> int:
    """How much of its observed time was corrected afterwards. Whoever calls freshens the slices first."""
    total = select(func.coalesce(func.sum(Slice.edited_ms), 0)).where(Slice.session_id == session_id)
    return int(session.execute(total).scalar_one())
