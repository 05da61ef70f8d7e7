"""Ids that are the same whenever the same file is imported: UUIDv5 (RFC 9562) of what the lines say."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID, uuid5

NAMESPACE = UUID("6f5d2c1e-8d0a-5b6e-9c57-3f1f0b7a4e21")


@lru_cache(maxsize=1024)  # asked for with every line
def session_id(clinic: str, format: str, key: tuple[str, ...]) -> str:
    """`key`: the session's label, and what else tells it from others of that label in this format."""
    return str(uuid5(NAMESPACE, json.dumps([clinic, format, *key])))


def derived(parent: str, *role: str | int) -> str:
    """The id of an event that no line stands for: by the session or line that causes it, and its role there."""
    return str(uuid5(UUID(parent), json.dumps(role)))


class Repeats:
    """Numbers equal lines of one session within one file, so that each has an id of its own.

    A new one for every file: the same file given twice names its lines the same again.
    """

    def __init__(self) -> None:
        self._met: Counter[tuple[str, str]] = Counter()

    def line_id(self, session: str, content: Mapping[str, str]) -> str:
        """`content`: column to value, whatever the order of the columns."""
        text = json.dumps(sorted(content.items()), ensure_ascii=False)
        nth = self._met[session, text]
        self._met[session, text] += 1
        return str(uuid5(UUID(session), json.dumps([text, nth])))
