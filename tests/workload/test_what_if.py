"""What-if: each lever does one plain thing, the answer asks no database, and a plan with a name stays."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.config import Settings
from app.db import Database
from app.errors import BadRequest
from app.main import create_app
from app.summary.window import Window
from app.web import form_token
from app.workload.basis import Basis
from app.workload.carried import carried, carry
from app.workload.levers import Levers
from app.workload.queries import gather
from app.workload.reckon import Workload, reckon
from app.workload.what_if import what_if
from tests.builders import MONDAY, send
from tests.people import Town
from tests.webpages import HTMX, is_whole_page, submit, text_of
from tests.workload.made import FIRST, LAST, MORNINGS, VISITS, WEEK, made_clinic
from tests.workload.test_api import day_item
from tests.workload.test_pages import PAGE, mornings, roster
from tests.workload.test_reckon import hours, required

WHAT_IF = "/clinics/north/workload/what-if"
PLANS = "/clinics/north/workload/plans"


@pytest.fixture
def basis(database: Database) -> Basis:
    with database.write() as session:
        return gather(session, made_clinic(session), Window(FIRST, LAST), sinks=True).basis


def moved(basis: Basis, **levers: Any) -> Workload:
    return what_if(basis, Levers(**levers)).after


# --- what each lever does --------------------------------------------------------------------------------------------


def test_a_float_ma_is_there_whenever_anybody_is(basis: Basis) -> None:
    before, after = reckon(basis), moved(basis, float_mas=1, days=(1, 2))
    assert hours(after.total.scheduled) == hours(before.total.scheduled) + 2 * 8
    assert after.total.required == before.total.required
    assert [cell.scheduled for _weekday, _half, _n, cell in after.by_weekday] == [12, 16, 12, 16] + [8, 12] * 3


def test_a_surge_shift_is_there_in_its_hours_on_its_days(basis: Basis) -> None:
    after = moved(basis, surge_mas=2, surge_from=10, surge_hours=3, days=(1,))
    (monday, *_others) = [row for row in after.rows if row.day.day == WEEK[0]]
    assert monday.cell.scheduled == 8 + 4
    assert hours(after.total.scheduled) == 100 + 6
    assert hours(moved(basis, surge_mas=1, days=(6, 7)).total.scheduled) == 100


def test_fewer_patients_mean_smaller_volumes(basis: Basis) -> None:
    before, after = reckon(basis), moved(basis, fewer_percent=20)
    assert hours(after.total.required) == pytest.approx(0.8 * hours(before.total.required))
    assert hours(after.total.low) == pytest.approx(0.8 * hours(before.total.low))


def test_held_slots_move_visits_to_their_hour_and_take_none_away(basis: Basis) -> None:
    before, after = reckon(basis), moved(basis, held_slots=15, held_at=14)
    assert hours(after.total.required) == pytest.approx(hours(before.total.required))
    monday = {row.half: hours(row.cell.required) for row in after.rows if row.day.day == WEEK[0]}
    as_it_is = {row.half: hours(row.cell.required) for row in before.rows if row.day.day == WEEK[0]}
    assert monday["am"] < as_it_is["am"]
    # 15 of Monday's 60 visits: a quarter of the morning's rooming and vitals goes
    own = sum(m.rooming + m.vitals for m in MORNINGS) / sum(m.visits for m in MORNINGS) * 60 / 60
    share = as_it_is["am"] - monday["am"]
    assert 0 < share < own / 4


def test_no_more_visits_are_held_than_came_unplanned(basis: Basis) -> None:
    day = basis.days[0]
    known = day.model_copy(update={"volumes": {"visits": 60.0, "add-ons": 4.0, "walk-ins": 2.0}})
    assert Levers(held_slots=15).held_part(known.volumes) == 6 / 60
    assert Levers(held_slots=15).held_part(day.volumes) == 15 / 60
    assert Levers(held_slots=15).held_part({}) == 0


def test_a_task_that_another_role_takes_is_not_required_any_more(basis: Basis) -> None:
    """By hand: without vitals, then without half of searching."""
    without = [type(m)(m.rooming, 0, m.searching, m.waiting, m.uncoded, m.visits) for m in MORNINGS]
    monday = [row for row in moved(basis, moved="vitals").rows if row.day.day == WEEK[0]]
    assert sum(hours(row.cell.required) for row in monday) == pytest.approx(required(without, VISITS[WEEK[0]]))
    half = [type(m)(m.rooming, m.vitals, m.searching / 2, m.waiting, m.uncoded, m.visits) for m in MORNINGS]  # type: ignore[arg-type]
    for levers in ({"moved": "searching", "moved_percent": 50}, {"sink": "searching", "sink_percent": 50}):
        monday = [row for row in moved(basis, **levers).rows if row.day.day == WEEK[0]]
        assert sum(hours(row.cell.required) for row in monday) == pytest.approx(required(half, VISITS[WEEK[0]]))


def test_a_trigger_is_cut_by_its_time_without_a_task(basis: Basis) -> None:
    assert basis.sinks == {"supplies": 1.0}
    none = [type(m)(m.rooming, m.vitals, m.searching, m.waiting, 0, m.visits) for m in MORNINGS]
    monday = [row for row in moved(basis, sink="trigger:supplies", sink_percent=100).rows if row.day.day == WEEK[0]]
    assert sum(hours(row.cell.required) for row in monday) == pytest.approx(required(none, VISITS[WEEK[0]]))
    assert moved(basis, sink="trigger:phone").total.required == pytest.approx(reckon(basis).total.required)


def test_the_gap_after_has_a_range_of_its_own(basis: Basis) -> None:
    after = moved(basis, fewer_percent=10, float_mas=1, sink="searching")
    total = after.total
    assert hours(total.gap_low) < hours(total.gap) < hours(total.gap_high)
    assert hours(total.gap) == hours(total.required) - hours(total.scheduled)


# --- without the database --------------------------------------------------------------------------------------------


def test_a_basis_comes_back_as_it_was_and_from_nobody_else(basis: Basis) -> None:
    text = carry(basis, "login")
    assert carried(text, "login") == basis
    assert reckon(carried(text, "login")) == reckon(basis)
    assert len(text) < 8_000
    for wrong in ("", "x.y", text[:-4], text.replace(".", "!"), "0" + text[1:] if text[0] != "0" else "1" + text[1:]):
        with pytest.raises(BadRequest, match="reload it"):
            carried(wrong, "login")
    with pytest.raises(BadRequest, match="reload it"):
        carried(text, "another login")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, by whichever of its connections; also each new connection."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        heard.append(statement)

    def open_(*_given: Any) -> None:
        heard.append("a connection was taken")

    engines = {database.reader, database.writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
        event.listen(engine, "checkout", open_)
    yield heard
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)
        event.remove(engine, "checkout", open_)


@pytest.fixture
def page(client: TestClient, town: Town) -> str:
    """Mia's page of a Monday with three observed hours."""
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    mornings(town, client)
    roster(town, 2)
    answer = town["mia"].browser(client).get(PAGE)
    assert answer.status_code == 200
    shown: str = answer.text
    return shown


def basis_in(page: str) -> str:
    return page.partition('name="basis" value="')[2].partition('"')[0]


def test_a_what_if_sends_no_statement_to_the_database(client: TestClient, town: Town, page: str) -> None:
    mia = town["mia"]
    fields = {
        "token": form_token(mia.cookie),
        "basis": basis_in(page),
        "float_mas": "1",
        "days_asked": "y",
        "day-1": "on",
    }
    browser = mia.browser(client)
    with statements(client.app.state.database) as heard:  # type: ignore[attr-defined]
        answer = browser.post(WHAT_IF, data=fields, headers=HTMX)
    assert answer.status_code == 200
    assert heard == []
    with statements(client.app.state.database) as heard:  # type: ignore[attr-defined]
        browser.get(PAGE)
    assert heard  # the same ears hear what the page reads
    assert "-20.0 h a week" in text_of(answer)  # 4 hours on a Monday that stands for five such days
    assert not is_whole_page(answer)


def test_another_process_answers_too_even_when_the_database_is_gone(
    client: TestClient, town: Town, page: str, settings: Settings
) -> None:
    """Nothing of it is kept in the process that gave the page."""
    gone = Settings(database_url="postgresql://nobody@127.0.0.1:1/nowhere", base_url=settings.base_url)
    mia = town["mia"]
    other = TestClient(create_app(gone), cookies={"timesink": mia.cookie}, headers={"Sec-Fetch-Site": "same-origin"})
    fields = {"token": form_token(mia.cookie), "basis": basis_in(page), "fewer_percent": "10"}
    answer = other.post(WHAT_IF, data=fields, headers=HTMX)
    assert answer.status_code == 200
    assert "With it, a week" in text_of(answer)
    whole = other.post(WHAT_IF, data=fields)  # without htmx it is a page
    assert is_whole_page(whole)


def test_who_was_not_given_the_page_gets_nothing_of_it(client: TestClient, town: Town, page: str) -> None:
    fields = {"basis": basis_in(page), "float_mas": "1"}
    assert submit(client, town["ana"], WHAT_IF, **fields).status_code == 422
    assert submit(client, None, WHAT_IF, **fields).status_code in (303, 401)
    assert town["mia"].browser(client).post(WHAT_IF, data=fields).status_code == 403  # a form of another site


@pytest.mark.parametrize(
    "wrong", [{"float_mas": "100"}, {"fewer_percent": "abc"}, {"surge_from": "25"}, {"held_slots": "1.5"}]
)
def test_a_lever_that_cannot_be_moved_so_far_is_refused_with_a_sentence(
    client: TestClient, town: Town, page: str, wrong: dict[str, str]
) -> None:
    answer = submit(client, town["mia"], WHAT_IF, basis=basis_in(page), **wrong)
    assert answer.status_code == 422
    assert "does not fit" in text_of(answer) or "is no number" in text_of(answer)


# --- with a name -----------------------------------------------------------------------------------------------------


def test_a_plan_is_kept_by_name_shown_with_its_gap_and_deleted(client: TestClient, town: Town, page: str) -> None:
    kept = Levers(float_mas=1, days=(1,)).model_dump_json()
    for _time in range(2):  # the same name again takes its place
        assert submit(client, town["mia"], PLANS, name=" Float  on Mondays ", levers=kept).status_code == 303
    mia = town["mia"].browser(client)
    shown = mia.get(PAGE)
    assert text_of(shown).count("Float on Mondays ·") == 1
    (number,) = set(re.findall(r"plan=(\d+)", shown.text))
    chosen = mia.get(f"{PAGE}&plan={number}")
    assert re.search(r'name="float_mas">.*?<option value="1" selected', chosen.text)
    assert "With it, a week" in text_of(chosen)
    for name, status in (("otto", 403), ("stella", 404), ("ana", 303)):
        assert submit(client, town[name], f"{PLANS}/{number}/delete").status_code == status
    assert "Float on Mondays" not in text_of(mia.get(PAGE))
    assert mia.get(f"{PAGE}&plan={number}").status_code == 404


def test_a_plan_without_a_name_or_a_lever_is_refused(client: TestClient, town: Town) -> None:
    kept = Levers(float_mas=1).model_dump_json()
    for wrong in ({"name": "", "levers": kept}, {"name": "x" * 61, "levers": kept}, {"name": "x", "levers": "{}"}):
        assert submit(client, town["mia"], PLANS, **wrong).status_code == 400
    assert submit(client, town["mia"], PLANS, name="x", levers='{"float_mas":-1}').status_code == 400
    assert submit(client, town["otto"], PLANS, name="x", levers=kept).status_code == 403
