"""The filters of a summary as query parameters: the same for its page, its JSON, its files and its comparisons."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from app.summary.window import Filters, filters


@dataclass(frozen=True, slots=True)
class Asked:
    """As sent, so that a slip in a form loses nothing; read by `filters`, after the caller's right was looked at."""

    mode: str | None
    day_type: str | None
    staff_role: str | None
    task_list: str | None
    uncertain: str | None
    settling: str | None

    def filters(self) -> Filters:
        """Raises BadRequest for words that do not exist."""
        return filters(self.mode, self.day_type, self.staff_role, self.task_list, self.uncertain, self.settling)


# async though it awaits nothing: FastAPI would send it to a thread and back
async def _asked(
    mode: Annotated[str | None, Query(description="observed (the default) or self")] = None,
    day_type: Annotated[str | None, Query(description="high, typical, low or unknown: only such days")] = None,
    staff_role: Annotated[str | None, Query(description="Of the person watched, such as MA")] = None,
    task_list: Annotated[str | None, Query(description="Only sessions coded with this list")] = None,
    uncertain: Annotated[str | None, Query(description="left_out: without times that could not be measured")] = None,
    settling: Annotated[str | None, Query(description="left_out: without the first half hour of each session")] = None,
) -> Asked:
    return Asked(mode, day_type, staff_role, task_list, uncertain, settling)


AskedFilters = Annotated[Asked, Depends(_asked)]
