"""Names in a file and the codes of a task list: matching them, and coining codes for those that have none."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

CODE_LIMIT = 64
LABEL_LIMIT = 80
SHORT_LINE = 10  # letters; the button has two lines


@dataclass(frozen=True, slots=True)
class Matched:
    """`codes`: name in lower case to code. `unknown`: the names that no code or label equals, as written."""

    codes: dict[str, str]
    unknown: tuple[str, ...]


def match(names: Iterable[str], known: Collection[tuple[str, str]]) -> Matched:
    """Names to codes by code, then by label, ignoring case (CONTRACT.md, Imports). `known`: (code, label) pairs.

    Of several with the same label the first stands.
    """
    by_label: dict[str, str] = {}
    for code, label in known:
        by_label.setdefault(label.casefold(), code)
    found = by_label | {code.casefold(): code for code, _ in known}
    codes, unknown = {}, []
    for name in names:
        folded = name.casefold()
        if folded in found:
            codes[folded] = found[folded]
        else:
            unknown.append(name)
    return Matched(codes, tuple(unknown))


def coin(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """A code for each name, unlike all others and those `taken`: name as written to code."""
    used = set(taken)
    coined = {}
    for name in names:
        code = _unused(slug(name), used)
        used.add(code)
        coined[name] = code
    return coined


def _unused(wished: str, used: Collection[str]) -> str:
    code, n = wished, 1
    while code in used:
        n += 1
        suffix = f"-{n}"
        code = wished[: CODE_LIMIT - len(suffix)].rstrip("-") + suffix
    return code


def slug(name: str) -> str:
    """A code made of a name: small Latin letters and digits, words joined by dashes.

    Accents are dropped. Of a name in another script nothing would be left, or too little to tell it from others: such
    a one is called by a checksum, always the same.
    """
    flat = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    plain = "".join(letter for letter in flat if not unicodedata.combining(letter))
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:CODE_LIMIT].rstrip("-")
    foreign = any(letter.isalnum() and not letter.isascii() for letter in plain)
    if code and not foreign:
        return code
    digest = hashlib.sha256(name.casefold().encode()).hexdigest()[:8]
    return f"{code[: CODE_LIMIT - 9]}-{digest}".strip("-")


def short(label: str) -> str:
    """A label cut to fit a button: two lines of ten letters, whole words where they fit."""
    if len(label) <= SHORT_LINE * 2:
        return label
    words = label[: SHORT_LINE * 2 + 1].split(" ")
    whole = " ".join(words[:-1])
    return whole if len(whole) >= SHORT_LINE else label[: SHORT_LINE * 2 - 1] + "…"
