"""A file twice, in another order, or beside itself adds nothing: ids and items are made of what the lines say."""

import random
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.exchange.formats.shape import Terms
from app.exchange.lines import Upload
from tests.exchange.files import imported, meaning, number, only_session, task_ms, upload

unhurried = settings(deadline=None)

EVENTS = "session,subject,at,kind,task,counter"
INTERVALS = "session,subject,task,start,end"
TASKS = ("rooming", "vitals", "forms", "calls")


def clock(second: int) -> str:
    return f"2026-11-02T{9 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def interval(task: str, start: int, end: int, session: str = "A") -> str:
    return f"{session},MA-01,{task},{clock(start)},{clock(end)}"


# rows of one task after each other; those of different tasks may overlap
@st.composite
def rows(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    found = []
    for task in TASKS:
        cuts = sorted(draw(st.lists(st.integers(0, 600), unique=True, max_size=8)))
        found += [(task, a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return found


@unhurried
@given(rows(), st.randoms(use_true_random=False))
def test_rows_in_another_order_give_the_same_ids(found: list[tuple[str, int, int]], dice: random.Random) -> None:
    straight = imported(upload(INTERVALS, *(interval(*row) for row in found)))
    shuffled = dice.sample(found, len(found))
    turned = imported(upload(INTERVALS, *(interval(*row) for row in shuffled)))
    assert [one.line_ids for one in turned.sessions] == [one.line_ids for one in straight.sessions]
    if len({(start, end) for _, start, end in found}) == len(found):  # else the line decides who is the primary
        assert turned.sessions == straight.sessions


@unhurried
@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(TASKS)), min_size=1, max_size=30), st.randoms())
def test_log_lines_in_another_order_give_the_same_ids(taps: list[tuple[int, str]], dice: random.Random) -> None:
    lines = [f"A,MA-01,{clock(second)},start,{task}," for second, task in sorted(taps)]
    straight = only_session(upload(EVENTS, *lines))
    turned = only_session(upload(EVENTS, *dice.sample(lines, len(lines))))
    assert turned.line_ids == straight.line_ids
    assert (turned.id, turned.begin) == (straight.id, straight.begin)
    if len({second for second, _ in taps}) == len(taps):
        assert turned == straight


@unhurried
@given(rows())
def test_the_timeline_holds_exactly_the_rows(found: list[tuple[str, int, int]]) -> None:
    result = imported(upload(INTERVALS, *(interval(*row) for row in found)))
    assert not result.faults
    if not found:
        assert result.sessions == ()
        return
    (session,) = result.sessions
    sums = {task: 1000 * sum(b - a for t, a, b in found if t == task) for task in {row[0] for row in found}}
    assert task_ms(session) == sums
    assert number(session) == {task: sum(1 for row in found if row[0] == task) for task in sums}
    assert meaning(session).observed_ms == 1000 * (max(b for _, _, b in found) - min(a for _, a, _ in found))


def twice(lines: Sequence[str]) -> Upload:
    return upload(INTERVALS, *lines, *lines)


def test_a_file_given_twice_at_once_counts_once() -> None:
    one = upload(INTERVALS, interval("forms", 0, 60), interval("calls", 60, 90))
    assert imported(one, one) == imported(one)


def test_a_line_that_stands_twice_in_one_file_counts_twice() -> None:
    tap = f"A,MA-01,{clock(5)},count,,visits"
    frame = (f"A,MA-01,{clock(0)},begin,,", f"A,MA-01,{clock(9)},end,,")
    session = only_session(upload(EVENTS, frame[0], tap, tap, frame[1]))
    assert meaning(session).counts == {"visits": 2}
    assert len({event["id"] for event in session.events}) == 4


def test_two_equal_rows_overlap_each_other() -> None:
    result = imported(twice([interval("forms", 0, 60)]))
    assert [fault.reason.code for fault in result.faults] == ["overlaps"]


def test_every_id_is_a_uuid_of_version_5_and_seq_counts_from_1() -> None:
    session = only_session(upload(INTERVALS, interval("forms", 0, 60), interval("calls", 30, 90)))
    ids = [UUID(str(event["id"])) for event in session.events]
    assert {one.version for one in [*ids, UUID(session.id)]} == {5}
    assert len(set(ids)) == len(ids)
    assert [event["seq"] for event in session.events] == list(range(1, len(ids) + 1))


def test_another_clinic_format_or_label_gives_other_ids() -> None:
    file = upload(INTERVALS, interval("forms", 0, 60))
    south = Terms("south", ZoneInfo("America/Chicago"))
    relabelled = upload(INTERVALS, interval("forms", 0, 60, session="B"))
    as_log = upload(EVENTS, f"A,MA-01,{clock(0)},start,forms,")
    sessions = [only_session(file), only_session(file, terms=south), only_session(relabelled), only_session(as_log)]
    assert len({session.id for session in sessions}) == 4
    assert len(frozenset.union(*(session.line_ids for session in sessions))) == 4


def test_another_set_of_lines_comes_from_another_device() -> None:
    some = only_session(upload(INTERVALS, interval("forms", 0, 60)))
    more = only_session(upload(INTERVALS, interval("forms", 0, 60), interval("calls", 60, 90)))
    assert some.id == more.id
    assert some.line_ids < more.line_ids
    assert some.device != more.device


def test_columns_that_are_not_read_do_not_change_an_id() -> None:
    plain = upload(INTERVALS, interval("forms", 0, 60))
    wide = upload(f"{INTERVALS},remark", interval("forms", 0, 60) + ",late")
    assert only_session(wide) == only_session(plain)
