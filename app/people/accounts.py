"""The writers of accounts: people, memberships, links, logins and tokens."""

import re
import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.audit.models import Action
from app.audit.record import record
from app.db import new_id
from app.errors import BadRequest, NotFound
from app.i18n import _
from app.people.access import DAY_MS, HOUR_MS, hashed
from app.people.models import Link, Login, Membership, Person, Role
from app.people.passwords import check_password, hash_password, is_outdated, verify_password


def is_empty(session: Session) -> bool:
    """Whether nobody has an account yet: only then does a set-up link work."""
    return session.execute(select(func.count()).select_from(Person)).scalar_one() == 0


def add_person(session: Session, *, email: str, name: str, at: int) -> Person:
    """The account with this e-mail address, made if there is none. Raises BadRequest for a bad address or name."""
    address = email.strip().lower()
    if not re.fullmatch(r"[^@\s\0]+@[^@\s\0]+", address) or len(address) > 254:
        raise BadRequest(_("“{email}” is not an e-mail address.").format(email=email), code="bad_email")
    known = person_by_email(session, address)
    if known is not None:
        return known
    shown = name.strip() or address.partition("@")[0]
    if len(shown) > 120:
        raise BadRequest(_("Give a name of at most 120 letters."), code="bad_name")
    person = Person(id=new_id(at), email=address, name=shown, created_at=at)
    session.add(person)
    session.flush()
    return person


def person_by_email(session: Session, email: str) -> Person | None:
    address = email.strip().lower()
    if "\0" in address:  # PostgreSQL refuses even to look for it
        return None
    return session.execute(select(Person).where(Person.email == address)).scalar_one_or_none()


def give_role(session: Session, person: Person, clinic_id: int, role: Role, at: int, *, by: str | None = None) -> None:
    """One role per person and clinic: a new one takes the place of the old one. `by`: None is a command here."""
    held = session.get(Membership, (person.id, clinic_id))
    if held is None:
        session.add(Membership(person_id=person.id, clinic_id=clinic_id, role=role, created_at=at))
        action, before = Action.ROLE_GIVEN, None
    elif held.role == role:
        return
    else:
        action, before, held.role = Action.ROLE_CHANGED, held.role, role
    about = {"person": person.id, "role": role.value, "role_before": before}
    record(session, at=at, action=action, person_id=by, clinic_id=clinic_id, about=about)


def set_password(session: Session, person: Person, password: str) -> None:
    """Ends every login of the person: whoever knew the old password is out. Raises BadRequest for a weak one."""
    check_password(password, person.name, *re.split(r"[@.]", person.email))
    person.password_hash = hash_password(password)
    session.execute(delete(Login).where(Login.person_id == person.id, Login.kind == "browser"))
    session.flush()


def authenticate(session: Session, email: str, password: str) -> Person | None:
    """The person, if the password is right and the account is not disabled."""
    person = person_by_email(session, email)
    if not verify_password(person.password_hash if person else None, password) or person is None:
        return None
    if person.disabled_at is not None:
        return None
    if person.password_hash and is_outdated(person.password_hash):
        person.password_hash = hash_password(password)
    return person


def make_link(session: Session, person: Person | None, at: int, hours: int) -> str:
    """The secret of a single-use link: an invitation for `person`, or, without one, to set up the first clinic.

    An older unused link of the same person stops working: the newest is the one that counts.
    """
    same = Link.person_id == person.id if person else Link.person_id.is_(None)
    session.execute(delete(Link).where(same, Link.used_at.is_(None)))
    secret = secrets.token_urlsafe(32)
    session.add(
        Link(
            secret_hash=hashed(secret),
            kind="invitation" if person else "setup",
            person_id=person.id if person else None,
            created_at=at,
            expires_at=at + hours * HOUR_MS,
        )
    )
    session.flush()
    return secret


def open_link(session: Session, kind: str, secret: str, at: int) -> Link:
    """A link that still works. Raises NotFound with what to do for one that is used, expired or unknown."""
    link = session.execute(
        select(Link).where(
            Link.secret_hash == hashed(secret), Link.kind == kind, Link.used_at.is_(None), Link.expires_at > at
        )
    ).scalar_one_or_none()
    if link is None:
        raise NotFound(
            _("This link has been used, has expired or was replaced. Ask for a new one where you got it from.")
        )
    return link


def use_link(session: Session, link: Link, at: int) -> bool:
    """Whether this caller is the one who used it: of two at once, the database lets one through."""
    taken = session.execute(
        update(Link)
        .where(Link.secret_hash == link.secret_hash, Link.used_at.is_(None))
        .values(used_at=at)
        .returning(Link.secret_hash)
    )
    return taken.first() is not None


def sign_in(session: Session, person: Person, at: int, days: int) -> str:
    """The secret of a new login: always a new one, so that one planted before sign-in is worth nothing."""
    return _make_login(session, "browser", person, at, days)


def make_token(session: Session, person: Person, at: int, days: int) -> str:
    """The secret of a new API token, shown once."""
    record(session, at=at, action=Action.TOKEN_MADE, person_id=person.id, clinic_id=None, about={"days": days})
    return _make_login(session, "token", person, at, days)


def _make_login(session: Session, kind: str, person: Person, at: int, days: int) -> str:
    secret = secrets.token_urlsafe(32)
    session.execute(delete(Login).where(Login.expires_at <= at))
    session.add(
        Login(
            secret_hash=hashed(secret),
            kind=kind,
            person_id=person.id,
            created_at=at,
            seen_at=at,
            expires_at=at + days * DAY_MS,
        )
    )
    session.flush()
    return secret


def sign_out(session: Session, secret: str) -> None:
    session.execute(delete(Login).where(Login.secret_hash == hashed(secret)))


def sign_out_everywhere(session: Session, person_id: str) -> None:
    """Browsers and tokens alike."""
    session.execute(delete(Login).where(Login.person_id == person_id))
