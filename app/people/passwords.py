"""Passwords: argon2id with the OWASP floor (19 MiB, 2 passes), at least 12 characters, no composition rules."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import BadRequest
from app.i18n import _

SHORTEST, LONGEST = 12, 1024  # the upper limit only keeps hashing from being used to tie up the server

_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# verified against when there is no such account, so that both answers take as long
_NOBODY = _hasher.hash("nobody has this password")

# the words that lists of stolen passwords begin with; whole passwords made of little else are refused
_COMMON = ("password", "123456789", "qwerty", "letmein", "welcome", "iloveyou", "administrator", "timesink", "clinic")


def check_password(password: str, *words: str) -> None:
    """Raises BadRequest with a sentence for a password that is too short, too long or easily guessed.

    `words`: what stands in the account, such as the e-mail address, and must not be most of the password.
    """
    if len(password) < SHORTEST:
        raise BadRequest(
            _("Choose a password of at least {n} characters. Four unrelated words make a good one.").format(n=SHORTEST),
            code="weak_password",
        )
    if len(password) > LONGEST:
        raise BadRequest(_("A password can have at most {n} characters.").format(n=LONGEST), code="weak_password")
    rest = password.lower()
    for word in (*_COMMON, *(part.lower() for part in words if len(part) > 3)):
        rest = rest.replace(word, "")
    if len(set(rest)) < 5:
        raise BadRequest(
            _("That password is too easy to guess. Four unrelated words make a good one."), code="weak_password"
        )


def check_typed(password: str, again: str) -> None:
    """Raises BadRequest, with every sentence at once, for a new password that is unfit or was not typed alike twice."""
    unfit = None
    try:
        check_password(password)
    except BadRequest as error:
        unfit = error
    if password == again:
        if unfit is not None:
            raise unfit
        return
    differs = _("The two passwords are not the same. Type the new one again in both fields.")
    if unfit is None:
        raise BadRequest(differs, code="not_the_same")
    raise BadRequest(f"{unfit.detail} {differs}", code=unfit.code)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Takes equally long whether or not there is an account with a password."""
    try:
        return _hasher.verify(stored or _NOBODY, password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's; then it is made anew at the next sign-in."""
    return _hasher.check_needs_rehash(stored)
