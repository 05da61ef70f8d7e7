"""Where this database was served last: the address in links that commands print while no base URL is set."""

from sqlalchemy.orm import Session

from app.capture.models import Fact

NAME = "served_at"


def remember_address(session: Session, address: str) -> None:
    """`address`: scheme, host and port, as `serve` prints it."""
    held = session.get(Fact, NAME)
    if held is None:
        session.add(Fact(name=NAME, value=address))
    else:
        held.value = address
    session.flush()


def last_address(session: Session) -> str | None:
    """None if nobody has served this database yet."""
    held = session.get(Fact, NAME)
    return held.value if held else None
