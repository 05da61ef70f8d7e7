"""The page of workload hours and the headline for other pages: for whom, and in every state."""

from fastapi.testclient import TestClient

from app.clinics.models import Clinic
from app.clinics.roster.keep import keep_week
from app.clinics.roster.week import shift
from tests.builders import MONDAY, observed, send
from tests.people import Town
from tests.webpages import HTMX, is_whole_page, statuses_for, text_of
from tests.workload.test_api import day_item

PAGE = f"/clinics/north/workload?from={MONDAY}&to={MONDAY}"
BRIEF = f"/clinics/north/workload/brief?from={MONDAY}&to={MONDAY}"


def mornings(town: Town, client: TestClient, visits: tuple[int, ...] = (4, 5, 3)) -> None:
    """Otto has watched hours in which so many visits were counted."""
    for n, counted in enumerate(visits):
        begin, end = f"{8 + n:02}", f"{9 + n:02}"
        lines = (
            f"{begin}:00 rooming",
            f"{begin}:40 searching",
            f"{begin}:{45 + n} rooming",
            f"{begin}:58 #visits {counted}",
        )
        send(town["otto"].program(client), observed(*lines, f"{end}:00 end"))


def roster(town: Town, mas: int) -> None:
    with town.database.write() as session:
        north = session.get_one(Clinic, town.north.id)
        keep_week(session, north, [shift(range(1, 6), "8:00", "12:00", str(mas))], "2026-01-01", at=0, by=None)


def test_the_page_and_the_headline_are_for_managers_and_admins(client: TestClient, town: Town) -> None:
    expected = {"otto": 403, "olga": 403, "mia": 200, "ana": 200, "ada": 403, "stella": 404}
    for path in (PAGE, BRIEF):
        assert statuses_for(town, client, path) == expected
        assert client.get(path).status_code == 303


def test_each_step_that_is_missing_is_named_with_what_to_do(client: TestClient, town: Town) -> None:
    mia = town["mia"].browser(client)
    assert "no day log says the volumes" in text_of(mia.get(PAGE))
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    assert "nobody was observed, and no time is set" in text_of(mia.get(PAGE))
    send(town["otto"].program(client), observed("09:00 rooming", "10:00 end"))
    page = text_of(mia.get(PAGE))
    assert "no task has both a time for one unit and a volume" in page
    assert "“Visits” was never counted while it was observed" in page
    mornings(town, client)
    assert "How many hours are scheduled is not known yet" in text_of(mia.get(PAGE))
    roster(town, 1)
    page = text_of(mia.get(PAGE))
    assert "The work of these days needs" in page
    assert "Mon morning" in page


def test_one_session_gives_a_hint_and_no_range(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    mornings(town, client, (4,))
    roster(town, 2)
    page = text_of(town["mia"].browser(client).get(PAGE))
    assert "No range can be given yet" in page
    assert "no range yet" in page
    assert "likely" not in page.split("What it is reckoned from")[0]


def test_too_many_scheduled_is_said_as_plainly_as_too_few(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), [day_item(MONDAY, visits=10)])
    mornings(town, client)
    roster(town, 5)
    page = text_of(town["mia"].browser(client).get(PAGE))
    assert "more are scheduled" in page
    assert "h to spare" in page


def test_days_to_come_are_reckoned_from_before_and_say_so(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    mornings(town, client)
    roster(town, 2)
    page = text_of(town["mia"].browser(client).get("/clinics/north/workload?from=2026-11-09&to=2026-11-13"))
    assert "5 of 5 days have no day log" in page
    assert "the weeks before stand for them" in page


def test_the_headline_is_a_fragment_that_leads_to_the_page(client: TestClient, town: Town) -> None:
    send(town["otto"].program(client), [day_item(MONDAY, visits=30)])
    mornings(town, client)
    roster(town, 1)
    answer = town["mia"].browser(client).get(BRIEF, headers=HTMX)
    assert not is_whole_page(answer)
    assert "MA hours are missing of the" in text_of(answer)
    assert f'href="{PAGE.replace("&", "&amp;")}"' in answer.text


def test_bad_days_are_refused_with_a_sentence_and_the_form_keeps_what_was_typed(client: TestClient, town: Town) -> None:
    mia = town["mia"].browser(client)
    for asked in ("from=2026-11-03&to=2026-11-02", "from=tomorrow", "from=2026-01-01&to=2026-11-02"):
        answer = mia.get(f"/clinics/north/workload?{asked}")
        assert answer.status_code == 422
        assert is_whole_page(answer)
        assert "Nothing was changed" in text_of(answer)
        assert not is_whole_page(mia.get(f"/clinics/north/workload?{asked}", headers=HTMX))


def test_htmx_gets_the_figures_alone(client: TestClient, town: Town) -> None:
    answer = town["mia"].browser(client).get(PAGE, headers=HTMX)
    assert answer.status_code == 200
    assert not is_whole_page(answer)
