"""When what people say may be shown: k people, or k reports of nobody in particular on three days."""

from hypothesis import given
from hypothesis import strategies as st

from app.reports.enough import Voice, are_enough, enough_since, minutes_of, to_withhold

DAYS = ("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05")


def of(*people: str, day: str = DAYS[0]) -> list[Voice]:
    return [Voice(day, person) for person in people]


def anonymous(*numbers: int) -> list[Voice]:
    """So many reports on each of the days."""
    return [Voice(day, None, n) for day, n in zip(DAYS, numbers, strict=False) if n]


def test_k_people_are_enough_on_one_day_and_one_of_them_often_is_one() -> None:
    assert are_enough(of("a", "b", "c", "d", "e"), 5)
    assert not are_enough(of("a", "b", "c", "d") * 9, 5)


def test_reports_of_nobody_in_particular_need_three_days() -> None:
    assert not are_enough(anonymous(40, 40), 5)
    assert are_enough(anonymous(3, 1, 1), 5)
    assert not are_enough(anonymous(2, 1, 1), 5)


def test_people_and_reports_of_nobody_are_not_added_up() -> None:
    assert not are_enough(of("a", "b", "c", "d") + anonymous(2, 1, 1), 5)


def test_the_day_with_which_they_became_enough() -> None:
    assert enough_since(anonymous(2, 2, 0, 1), 5) == DAYS[3]
    assert enough_since(anonymous(2, 2), 5) is None
    assert enough_since([], 3) is None


def test_minutes_are_shown_when_enough_of_them_say_how_long() -> None:
    voices = [Voice(day, None, n=9, timed=timed, minutes=10.0) for day, timed in zip(DAYS, (1, 1, 2), strict=False)]
    assert minutes_of([voices], 5) is None
    enough = [*voices, Voice(DAYS[3], None, timed=1, minutes=2.5)]
    assert minutes_of([enough], 5) == minutes_of([enough, []], 5) == 32.5
    # what both weeks took less what the first one took would be what the second one did
    assert minutes_of([enough, voices], 5) is None
    assert minutes_of([[]], 5) is None


def test_a_hidden_cell_takes_another_with_it_until_they_are_enough_together() -> None:
    cells = {"many": anonymous(9, 9, 9), "some": anonymous(2, 2, 2), "few": anonymous(1, 1)}
    assert to_withhold(cells, 5) == {"few", "some"}
    assert to_withhold({"many": cells["many"], "some": cells["some"]}, 5) == set()
    assert to_withhold({"few": cells["few"]}, 5) == {"few"}
    assert to_withhold({"many": cells["many"], "none": []}, 5) == set()


voices = st.lists(
    st.builds(Voice, st.sampled_from(DAYS), st.sampled_from([None, "a", "b", "c", "d"]), st.integers(1, 4)), max_size=8
)


@given(cells=st.dictionaries(st.sampled_from("vwxyz"), voices, max_size=5), k=st.integers(3, 5))
def test_what_is_shown_leaves_no_too_small_rest_of_the_whole(cells: dict[str, list[Voice]], k: int) -> None:
    """Brute force: the whole less any shown cells is never a rest that is not enough, unless nothing is shown."""
    hidden = to_withhold(cells, k)
    shown = {cell for cell, said in cells.items() if said and cell not in hidden}
    assert all(are_enough(cells[cell], k) for cell in shown)
    rest = [voice for cell in hidden for voice in cells[cell]]
    assert not (shown and rest) or are_enough(rest, k)


@given(said=voices, more=voices, k=st.integers(3, 5))
def test_more_voices_never_make_it_too_few(said: list[Voice], more: list[Voice], k: int) -> None:
    assert not are_enough(said, k) or are_enough(said + more, k)
