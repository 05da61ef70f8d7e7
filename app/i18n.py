"""Every sentence that people see goes through `_` or `ngettext`; the language is chosen per request."""

import io
from contextvars import ContextVar
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"

_current: ContextVar[NullTranslations] = ContextVar("translations", default=NullTranslations())  # noqa: B039


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be shown: English, and each with a catalogue in app/locale."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in LOCALES.glob("*.po")))


@cache
def _catalogue(language: str) -> NullTranslations:
    """Compiled when first used, so that nobody forgets to build a file before a release."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with (LOCALES / f"{language}.po").open("rb") as source:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(maxsize=256)  # every request asks, with one of few headers
def choose_language(wished: str | None, accept_language: str) -> str:
    """The person's own choice, else the browser's, else English."""
    if wished in languages():
        return wished or SOURCE_LANGUAGE
    preferred = [part.split(";")[0].strip().replace("-", "_") for part in accept_language.split(",")]
    return negotiate_locale([p for p in preferred if p], list(languages()), sep="_") or SOURCE_LANGUAGE


def use_language(language: str) -> None:
    _current.set(_catalogue(language))


def _(message: str) -> str:
    return _current.get().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    return _current.get().ngettext(singular, plural, n)
