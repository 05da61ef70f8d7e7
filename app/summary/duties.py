"""Which heavy duties fell on few of the people watched. Who they are is in no figure (DOMAIN.md, Privacy). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.summary.figures import Observed, TaskTime
from app.summary.rows import Header

FEWEST_PEOPLE = 4
HEAVY = 0.05  # of all observed time
MUCH_OF_IT, LITTLE_OF_THEIRS = 0.5, 1 / 3


def on_few(times: Iterable[TaskTime], headers: Mapping[str, Header], observed: Observed) -> list[str]:
    """Codes of the tasks of which a quarter of the people did half, though they were a third of the time at most.

    Tasks of kind work that take a twentieth of all time; of fewer than four people nothing is said.
    """
    whose = {id: headers[id].subject or headers[id].person_id for id in observed.by_session}
    people = set(whose.values())
    if len(people) < FEWEST_PEOPLE:
        return []
    watched: dict[str, int] = defaultdict(int)
    for id, ms in observed.by_session.items():
        watched[whose[id]] += ms
    found = []
    for time in times:
        if time.kind != "work" or time.person_ms < HEAVY * observed.total_ms:
            continue
        did: dict[str, int] = defaultdict(int)
        for id, ticks in time.ticks.items():
            if id in whose:
                did[whose[id]] += ticks
        most = sorted(did, key=lambda who: (-did[who], who))[: len(people) // 4]
        theirs = sum(watched[who] for who in most)
        if sum(did[who] for who in most) >= MUCH_OF_IT * sum(did.values()) and (
            theirs <= LITTLE_OF_THEIRS * observed.total_ms
        ):
            found.append(time.task)
    return sorted(found)
